-- The letters and messages that a ledger comes with, in French and English, for
-- the three standard strategies. What many letters share stands once, in part:
-- [pay] how to pay, [clash] what if paid or contested, [sign] who writes.
-- A public buyer is not threatened with what cannot be done to it: deliveries
-- go on, and no court orders it to pay on application.

WITH part (name, language, words) AS (VALUES
    ('[pay]', 'fr', $t$Pour votre règlement, merci de rappeler la référence {customer_code} et les numéros de facture.
Virement : IBAN {iban}
BIC : {bic}$t$),
    ('[pay]', 'en', $t$With your payment please quote our reference {customer_code} and the invoice numbers.
Bank transfer to: IBAN {iban}
BIC: {bic}$t$),
    ('[clash]', 'fr', $t$Vous avez à votre crédit, non encore imputés : {credits}. Ils viendront en déduction.
La part que vous contestez, soit {disputed}, ne vous est pas demandée ici.
Si vous avez réglé entre-temps, merci de ne pas tenir compte de ce message et de nous indiquer la date et la référence de votre paiement.
Si vous contestez tout ou partie de ces sommes, merci de nous en indiquer le motif sans attendre : nous l'examinerons.$t$),
    ('[clash]', 'en', $t$Payments and credit notes of yours that we have not matched yet: {credits}. They will be deducted.
The part that you dispute, {disputed}, is not asked for here.
If you have paid in the meantime, please disregard this message and let us know the date and reference of your payment.
If you disagree with any of these amounts, please tell us why without delay: we will look into it.$t$),
    ('[late]', 'fr', $t$Le retard de paiement donne lieu à des pénalités de retard, soit {interest} à ce jour.
Il donne lieu aussi à une indemnité forfaitaire pour frais de recouvrement, soit {indemnity}.$t$),
    ('[late]', 'en', $t$Late payment bears interest: {interest} to date.
It also gives rise to a fixed compensation for recovery costs: {indemnity}.$t$),
    ('[moratory]', 'fr', $t$Le retard de paiement fait courir de plein droit des intérêts moratoires, soit {interest} à ce jour.
Il donne lieu aussi à une indemnité forfaitaire pour frais de recouvrement, soit {indemnity}.$t$),
    ('[moratory]', 'en', $t$Late payment bears interest by operation of law (intérêts moratoires): {interest} to date.
It also gives rise to a fixed compensation for recovery costs: {indemnity}.$t$),
    ('[sign]', 'fr', $t$Nous vous prions d'agréer, Madame, Monsieur, nos salutations distinguées.

{contact_name}
{creditor}
Tél. {contact_phone}
Courriel {contact_email}$t$),
    ('[sign]', 'en', $t$Yours faithfully,

{contact_name}
{creditor}
Phone {contact_phone}
E-mail {contact_email}$t$)
), said (template, language, dunning_level, channels, law, subject, body) AS (VALUES
    -- Letters and e-mails -------------------------------------------------------
    ('letterhead', 'fr', 0, '{letter}', NULL, 'En-tête', $t${creditor}
{creditor_address}

{recipient}
{customer_name}
{recipient_address}

Le {date}

Objet : {subject}$t$),
    ('letterhead', 'en', 0, '{letter}', NULL, 'Letterhead', $t${creditor}
{creditor_address}

{recipient}
{customer_name}
{recipient_address}

{date}

Subject: {subject}$t$),
    ('letterhead', 'fr', 0, '{registered}', NULL, 'En-tête', $t${creditor}
{creditor_address}

LETTRE RECOMMANDÉE AVEC DEMANDE D'AVIS DE RÉCEPTION

{recipient}
{customer_name}
{recipient_address}

Le {date}

Objet : {subject}$t$),
    ('letterhead', 'en', 0, '{registered}', NULL, 'Letterhead', $t${creditor}
{creditor_address}

REGISTERED LETTER WITH ACKNOWLEDGEMENT OF RECEIPT

{recipient}
{customer_name}
{recipient_address}

{date}

Subject: {subject}$t$),

    ('pre_due_courteous', 'fr', 0, '{NULL}', NULL, 'Prochaine échéance le {due_on} : {amount}', $t$Madame, Monsieur,

Nous nous permettons de vous rappeler les échéances à venir de votre compte :

{items}

Vous n'avez rien à faire si leur règlement est déjà prévu. S'il manque une pièce ou si une ligne appelle une remarque, dites-le-nous avant l'échéance : nous y répondrons aussitôt.

[pay]

Avec nos remerciements pour votre confiance,

{contact_name}
{creditor}
Tél. {contact_phone}
Courriel {contact_email}$t$),
    ('pre_due_courteous', 'en', 0, '{NULL}', NULL, 'Payment falling due on {due_on}: {amount}', $t$Dear Sir or Madam,

May we remind you of what falls due on your account:

{items}

There is nothing for you to do if payment is already scheduled. If a document is missing or a line is not clear, please tell us before the due date: we will answer at once.

[pay]

With our thanks for your custom,

{contact_name}
{creditor}
Phone {contact_phone}
E-mail {contact_email}$t$),
    ('pre_due_invoice', 'fr', 0, '{NULL}', NULL, 'Votre facture {invoice_no} arrive à échéance le {due_on}', $t$Madame, Monsieur,

Vous trouverez ci-joint copie de ce qui arrive prochainement à échéance :

{items}

Pouvez-vous vérifier que ces factures ont bien été reçues, validées et mises en paiement ? Si l'une d'elles est bloquée chez vous, indiquez-nous ce qu'il manque.

[pay]

[sign]$t$),
    ('pre_due_invoice', 'en', 0, '{NULL}', NULL, 'Your invoice {invoice_no} falls due on {due_on}', $t$Dear Sir or Madam,

Please find attached a copy of what falls due shortly:

{items}

Could you check that these invoices have been received, approved and scheduled for payment? If one of them is held up on your side, please tell us what is missing.

[pay]

[sign]$t$),
    ('pre_due_list', 'fr', 0, '{NULL}', NULL, 'Échéances à venir : {amount}', $t$Madame, Monsieur,

Voici l'état de ce qui vient à échéance sur votre compte :

{items}

Nous comptons sur un règlement à la date convenue. Notre service vous appellera avant l'échéance pour en convenir du jour et du moyen.

[pay]

[sign]$t$),
    ('pre_due_list', 'en', 0, '{NULL}', NULL, 'Amounts falling due: {amount}', $t$Dear Sir or Madam,

This is the list of what falls due on your account:

{items}

We rely on payment on the agreed date. We will call you before it to settle the day and the means of payment.

[pay]

[sign]$t$),
    ('friendly_reminder', 'fr', 1, '{NULL}', NULL, 'Rappel : {amount} à régler', $t$Madame, Monsieur,

Sauf erreur ou omission de notre part, nous n'avons pas encore reçu le règlement des sommes suivantes :

{items}

Il s'agit sans doute d'un oubli. Nous vous remercions de bien vouloir y remédier dès que possible.

[pay]

[clash]

[sign]$t$),
    ('friendly_reminder', 'en', 1, '{NULL}', NULL, 'Reminder: {amount} to be paid', $t$Dear Sir or Madam,

Unless we are mistaken, we have not yet received payment of the following:

{items}

This is no doubt an oversight. We would be grateful if you could put it right as soon as possible.

[pay]

[clash]

[sign]$t$),
    ('firm_reminder_1', 'fr', 1, '{NULL}', NULL, 'Échéance dépassée : {amount} à régler sans délai', $t$Madame, Monsieur,

Les sommes suivantes sont échues et ne nous sont pas parvenues :

{items}

Nous vous demandons de les régler par retour et de nous confirmer la date de votre paiement. Nous vous appellerons sous peu à ce sujet.

[pay]

[clash]

[sign]$t$),
    ('firm_reminder_1', 'en', 1, '{NULL}', NULL, 'Overdue: {amount} to be paid at once', $t$Dear Sir or Madam,

The following amounts are overdue and have not reached us:

{items}

Please pay them by return and confirm the date of your payment. We will call you about this shortly.

[pay]

[clash]

[sign]$t$),
    ('courteous_firm_statement', 'fr', 2, '{NULL}', NULL, 'Deuxième rappel : {amount} échus depuis le {due_on}', $t$Madame, Monsieur,

Notre précédent rappel est resté sans effet. Vous trouverez ci-joint votre relevé de compte ; restent dues à ce jour :

{items}

Nous sommes certains que vous aurez à cœur de régulariser cette situation et vous remercions de nous indiquer la date de votre règlement.

[late]

[pay]

[clash]

[sign]$t$),
    ('courteous_firm_statement', 'en', 2, '{NULL}', NULL, 'Second reminder: {amount} overdue since {due_on}', $t$Dear Sir or Madam,

Our last reminder has brought no payment. Please find attached your statement of account; the following is overdue today:

{items}

We are confident that you will wish to settle this and would thank you for telling us the date of your payment.

[late]

[pay]

[clash]

[sign]$t$),
    ('firm_statement', 'fr', 2, '{NULL}', NULL, 'Deuxième relance : {amount} impayés', $t$Madame, Monsieur,

Malgré notre rappel et notre appel, les sommes suivantes restent impayées, comme le montre le relevé de compte ci-joint :

{items}

Nous vous demandons de les régler sous huitaine. Sans règlement de votre part, nous serions conduits à revoir les conditions de nos prochaines livraisons.

[late]

[pay]

[clash]

[sign]$t$),
    ('firm_statement', 'en', 2, '{NULL}', NULL, 'Second demand: {amount} unpaid', $t$Dear Sir or Madam,

In spite of our reminder and our call the following amounts are still unpaid, as the attached statement of account shows:

{items}

Please pay them within a week. Without payment we would have to reconsider the terms of our next deliveries.

[late]

[pay]

[clash]

[sign]$t$),
    ('last_reminder', 'fr', 3, '{NULL}', NULL, 'Dernier rappel avant mise en demeure : {amount}', $t$Madame, Monsieur,

Nos relances successives sont restées sans réponse. Les sommes suivantes sont échues depuis {days_overdue} jours pour la plus ancienne :

{items}

Ceci est notre dernier rappel. À défaut de règlement au plus tard le {pay_by}, nous vous adresserons une mise en demeure et nos livraisons pourront être suspendues.

[late]

[pay]

[clash]

[sign]$t$),
    ('last_reminder', 'en', 3, '{NULL}', NULL, 'Last reminder before formal notice: {amount}', $t$Dear Sir or Madam,

Our reminders have remained without an answer. The following amounts are overdue, the oldest for {days_overdue} days:

{items}

This is our last reminder. Failing payment by {pay_by} we will send you a formal notice, and our deliveries may be suspended.

[late]

[pay]

[clash]

[sign]$t$),
    ('last_notice', 'fr', 3, '{NULL}', NULL, 'Dernier avis avant mise en demeure : {amount}', $t$Madame, Monsieur,

Vous ne nous avez pas réglé les sommes suivantes, malgré nos demandes :

{items}

Ceci est notre dernier avis. Nous attendons votre règlement dès réception. À défaut, nous vous mettrons en demeure sans autre rappel, ne livrerons plus que contre paiement d'avance et prendrons les mesures propres à garantir notre créance.

[late]

[pay]

[clash]

[sign]$t$),
    ('last_notice', 'en', 3, '{NULL}', NULL, 'Last notice before formal notice: {amount}', $t$Dear Sir or Madam,

In spite of our demands you have not paid the following amounts:

{items}

This is our last notice. We expect your payment on receipt. Failing that we will give you formal notice without another reminder, deliver against prepayment only and take steps to secure our claim.

[late]

[pay]

[clash]

[sign]$t$),
    ('formal_notice', 'fr', 4, '{NULL}', 'FR', 'MISE EN DEMEURE DE PAYER : {total}', $t$Madame, Monsieur,

Malgré nos relances, les factures suivantes, échues, ne nous ont pas été réglées :

{items}

Par la présente, nous vous mettons en demeure de nous payer, sous {days_to_pay} jours, soit au plus tard le {pay_by}, la somme de {total} :

- principal : {amount}
- pénalités de retard arrêtées au {date} : {interest}
- indemnité forfaitaire pour frais de recouvrement : {indemnity}

Les pénalités de retard sont exigibles de plein droit, sans qu'un rappel soit nécessaire, en application de l'article L. 441-10, II du Code de commerce ; elles courent jusqu'au complet paiement. L'indemnité forfaitaire pour frais de recouvrement, de 40 € par facture, est due en application du même article et de l'article D. 441-5 du même code.

À défaut de paiement intégral dans ce délai, et sans autre avis, nous demanderons au tribunal compétent une injonction de payer et remettrons notre créance au recouvrement.

Vous avez à votre crédit, non encore imputés : {credits}. Ils viendront en déduction.
La part que vous contestez, soit {disputed}, n'est pas comprise dans cette mise en demeure.
Si vous avez réglé entre-temps, la présente est sans objet : indiquez-nous la date et la référence de votre paiement. Si vous contestez tout ou partie de cette créance, faites-nous-en connaître le motif par écrit avant la même date.

[pay]

[sign]$t$),
    ('formal_notice', 'en', 4, '{NULL}', 'FR', 'FORMAL NOTICE TO PAY: {total}', $t$Dear Sir or Madam,

In spite of our reminders the following invoices, which are overdue, have not been paid:

{items}

By this letter we give you formal notice (mise en demeure) to pay us within {days_to_pay} days, by {pay_by} at the latest, the sum of {total}:

- principal: {amount}
- late-payment interest until {date}: {interest}
- fixed compensation for recovery costs: {indemnity}

Late-payment interest is due by operation of law, without a reminder, under article L. 441-10, II of the French Commercial Code; it runs until payment in full. The fixed compensation for recovery costs, 40 euros an invoice, is due under the same article and article D. 441-5 of that code.

Failing payment in full within this time, and without further notice, we will apply to the competent court for an order to pay (injonction de payer) and hand our claim over for collection.

Payments and credit notes of yours that we have not matched yet: {credits}. They will be deducted.
The part that you dispute, {disputed}, is not covered by this notice.
If you have paid in the meantime, this letter is without object: please let us know the date and reference of your payment. If you dispute all or part of this claim, please tell us why in writing before the same date.

[pay]

[sign]$t$),
    ('formal_notice', 'fr', 4, '{NULL}', NULL, 'MISE EN DEMEURE DE PAYER : {total}', $t$Madame, Monsieur,

Malgré nos relances, les factures suivantes, échues, ne nous ont pas été réglées :

{items}

Par la présente, nous vous mettons en demeure de nous payer, sous {days_to_pay} jours, soit au plus tard le {pay_by}, la somme de {total} :

- principal : {amount}
- intérêts de retard arrêtés au {date} : {interest}
- indemnité pour frais de recouvrement : {indemnity}

Les intérêts de retard courent jusqu'au complet paiement.

À défaut de paiement intégral dans ce délai, et sans autre avis, nous engagerons le recouvrement de notre créance par les voies que la loi et le contrat nous ouvrent.

Vous avez à votre crédit, non encore imputés : {credits}. Ils viendront en déduction.
La part que vous contestez, soit {disputed}, n'est pas comprise dans cette mise en demeure.
Si vous avez réglé entre-temps, la présente est sans objet : indiquez-nous la date et la référence de votre paiement. Si vous contestez tout ou partie de cette créance, faites-nous-en connaître le motif par écrit avant la même date.

[pay]

[sign]$t$),
    ('formal_notice', 'en', 4, '{NULL}', NULL, 'FORMAL NOTICE TO PAY: {total}', $t$Dear Sir or Madam,

In spite of our reminders the following invoices, which are overdue, have not been paid:

{items}

By this letter we give you formal notice to pay us within {days_to_pay} days, by {pay_by} at the latest, the sum of {total}:

- principal: {amount}
- late-payment interest until {date}: {interest}
- compensation for recovery costs: {indemnity}

Interest runs until payment in full.

Failing payment in full within this time, and without further notice, we will pursue our claim by the means that law and contract give us.

Payments and credit notes of yours that we have not matched yet: {credits}. They will be deducted.
The part that you dispute, {disputed}, is not covered by this notice.
If you have paid in the meantime, this letter is without object: please let us know the date and reference of your payment. If you dispute all or part of this claim, please tell us why in writing before the same date.

[pay]

[sign]$t$),

    -- To public buyers ----------------------------------------------------------
    ('courteous_firm_statement', 'fr', 2, '{NULL}', 'FR_PUBLIC', 'Deuxième rappel : {amount} échus depuis le {due_on}', $t$Madame, Monsieur,

Notre précédent rappel est resté sans effet. Vous trouverez ci-joint votre relevé de compte ; restent dues à ce jour :

{items}

Nous vous remercions de nous indiquer où en est leur mandatement, et ce qui manquerait pour y procéder.

[moratory]

[pay]

[clash]

[sign]$t$),
    ('courteous_firm_statement', 'en', 2, '{NULL}', 'FR_PUBLIC', 'Second reminder: {amount} overdue since {due_on}', $t$Dear Sir or Madam,

Our last reminder has brought no payment. Please find attached your statement of account; the following is overdue today:

{items}

We would thank you for telling us how far the order for payment (mandatement) has come, and what it may lack.

[moratory]

[pay]

[clash]

[sign]$t$),
    ('firm_statement', 'fr', 2, '{NULL}', 'FR_PUBLIC', 'Deuxième relance : {amount} impayés', $t$Madame, Monsieur,

Malgré notre rappel et notre appel, les sommes suivantes restent impayées, comme le montre le relevé de compte ci-joint :

{items}

Nous vous demandons de les mandater et de les régler sous huitaine. Si le paiement en est suspendu, merci de nous en notifier le motif et les pièces à fournir.

[moratory]

[pay]

[clash]

[sign]$t$),
    ('firm_statement', 'en', 2, '{NULL}', 'FR_PUBLIC', 'Second demand: {amount} unpaid', $t$Dear Sir or Madam,

In spite of our reminder and our call the following amounts are still unpaid, as the attached statement of account shows:

{items}

Please order and make their payment within a week. If payment is suspended, please notify us of the reason and of the documents that are missing.

[moratory]

[pay]

[clash]

[sign]$t$),
    ('last_reminder', 'fr', 3, '{NULL}', 'FR_PUBLIC', 'Dernier rappel avant mise en demeure : {amount}', $t$Madame, Monsieur,

Nos relances successives sont restées sans réponse. Les sommes suivantes sont échues depuis {days_overdue} jours pour la plus ancienne :

{items}

Ceci est notre dernier rappel. À défaut de règlement au plus tard le {pay_by}, nous vous adresserons une mise en demeure. Si le paiement est suspendu, merci de nous en notifier le motif avant cette date.

[moratory]

[pay]

[clash]

[sign]$t$),
    ('last_reminder', 'en', 3, '{NULL}', 'FR_PUBLIC', 'Last reminder before formal notice: {amount}', $t$Dear Sir or Madam,

Our reminders have remained without an answer. The following amounts are overdue, the oldest for {days_overdue} days:

{items}

This is our last reminder. Failing payment by {pay_by} we will send you a formal notice. If payment is suspended, please notify us of the reason before that day.

[moratory]

[pay]

[clash]

[sign]$t$),
    ('last_notice', 'fr', 3, '{NULL}', 'FR_PUBLIC', 'Dernier avis avant mise en demeure : {amount}', $t$Madame, Monsieur,

Vous ne nous avez pas réglé les sommes suivantes, malgré nos demandes :

{items}

Ceci est notre dernier avis. Nous attendons leur mandatement et leur règlement dès réception. À défaut, nous vous mettrons en demeure sans autre rappel.

[moratory]

[pay]

[clash]

[sign]$t$),
    ('last_notice', 'en', 3, '{NULL}', 'FR_PUBLIC', 'Last notice before formal notice: {amount}', $t$Dear Sir or Madam,

In spite of our demands you have not paid the following amounts:

{items}

This is our last notice. We expect their payment on receipt. Failing that we will give you formal notice without another reminder.

[moratory]

[pay]

[clash]

[sign]$t$),
    ('formal_notice', 'fr', 4, '{NULL}', 'FR_PUBLIC', 'MISE EN DEMEURE DE PAYER : {total}', $t$Madame, Monsieur,

Malgré nos relances, les factures suivantes, dont le délai de paiement est expiré, ne nous ont pas été réglées :

{items}

Par la présente, nous vous mettons en demeure de nous payer, sous {days_to_pay} jours, soit au plus tard le {pay_by}, la somme de {total} :

- principal : {amount}
- intérêts moratoires arrêtés au {date} : {interest}
- indemnité forfaitaire pour frais de recouvrement : {indemnity}

Les intérêts moratoires et l'indemnité forfaitaire, de 40 € par facture, sont dus de plein droit et sans autre formalité, en application des articles L. 2192-13, R. 2192-31 et D. 2192-35 du Code de la commande publique ; les intérêts courent jusqu'à la mise en paiement du principal.

À défaut de paiement intégral dans ce délai, nous ferons valoir nos droits par les voies ouvertes contre une personne publique, au besoin devant le juge compétent.

Vous avez à votre crédit, non encore imputés : {credits}. Ils viendront en déduction.
La part que vous contestez, soit {disputed}, n'est pas comprise dans cette mise en demeure.
Si vous avez réglé entre-temps, la présente est sans objet : indiquez-nous la date et la référence de votre paiement. Si vous contestez tout ou partie de cette créance, ou si le paiement en est suspendu, faites-nous-en connaître le motif par écrit avant la même date.

[pay]

[sign]$t$),
    ('formal_notice', 'en', 4, '{NULL}', 'FR_PUBLIC', 'FORMAL NOTICE TO PAY: {total}', $t$Dear Sir or Madam,

In spite of our reminders the following invoices, whose time for payment has run out, have not been paid:

{items}

By this letter we give you formal notice (mise en demeure) to pay us within {days_to_pay} days, by {pay_by} at the latest, the sum of {total}:

- principal: {amount}
- interest (intérêts moratoires) until {date}: {interest}
- fixed compensation for recovery costs: {indemnity}

The interest and the fixed compensation, 40 euros an invoice, are due by operation of law and without any formality under articles L. 2192-13, R. 2192-31 and D. 2192-35 of the French Public Procurement Code; interest runs until the principal is paid.

Failing payment in full within this time, we will pursue our rights by the means that are open against a public body, if need be before the competent court.

Payments and credit notes of yours that we have not matched yet: {credits}. They will be deducted.
The part that you dispute, {disputed}, is not covered by this notice.
If you have paid in the meantime, this letter is without object: please let us know the date and reference of your payment. If you dispute all or part of this claim, or payment is suspended, please tell us why in writing before the same date.

[pay]

[sign]$t$),

    -- Messages ------------------------------------------------------------------
    ('pre_due_courteous', 'fr', 0, '{sms}', NULL, NULL, $t${creditor}
Votre facture {invoice_no} arrive à échéance le {due_on}, {amount} en tout. Merci.$t$),
    ('pre_due_courteous', 'en', 0, '{sms}', NULL, NULL, $t${creditor}
Your invoice {invoice_no} falls due on {due_on}, {amount} in all. Thank you.$t$),
    ('pre_due_invoice', 'fr', 0, '{sms}', NULL, NULL, $t${creditor}
Votre facture {invoice_no} arrive à échéance le {due_on}, {amount} en tout. Merci.$t$),
    ('pre_due_invoice', 'en', 0, '{sms}', NULL, NULL, $t${creditor}
Your invoice {invoice_no} falls due on {due_on}, {amount} in all. Thank you.$t$),
    ('pre_due_list', 'fr', 0, '{sms}', NULL, NULL, $t${creditor}
{amount} à régler, première échéance le {due_on}.
Questions : {contact_phone}$t$),
    ('pre_due_list', 'en', 0, '{sms}', NULL, NULL, $t${creditor}
{amount} to pay, first due on {due_on}.
Questions: {contact_phone}$t$),
    ('friendly_reminder', 'fr', 1, '{sms}', NULL, NULL, $t${creditor}
Sauf erreur, {amount} restent à régler (facture {invoice_no} du compte {customer_code}). Merci.$t$),
    ('friendly_reminder', 'en', 1, '{sms}', NULL, NULL, $t${creditor}
Unless we are mistaken {amount} is overdue (invoice {invoice_no}, account {customer_code}). Thank you.$t$),
    ('firm_reminder_1', 'fr', 1, '{sms}', NULL, NULL, $t${creditor}
{amount} échus depuis le {due_on}, à régler sans délai.
Appelez-nous : {contact_phone}$t$),
    ('firm_reminder_1', 'en', 1, '{sms}', NULL, NULL, $t${creditor}
{amount} overdue since {due_on}, please pay at once.
Call us: {contact_phone}$t$),
    ('courteous_firm_statement', 'fr', 2, '{sms}', NULL, NULL, $t${creditor}
2e rappel, {amount} échus depuis le {due_on}. Merci de régler.
Tél. {contact_phone}$t$),
    ('courteous_firm_statement', 'en', 2, '{sms}', NULL, NULL, $t${creditor}
2nd reminder, {amount} overdue since {due_on}. Please pay.
Phone {contact_phone}$t$),
    ('firm_statement', 'fr', 2, '{sms}', NULL, NULL, $t${creditor}
2e relance, {amount} impayés depuis le {due_on}. Réglez sous huitaine.
Tél. {contact_phone}$t$),
    ('firm_statement', 'en', 2, '{sms}', NULL, NULL, $t${creditor}
2nd demand, {amount} unpaid since {due_on}. Pay within a week.
Phone {contact_phone}$t$),
    ('last_reminder', 'fr', 3, '{sms}', NULL, NULL, $t${creditor}
Dernier rappel avant mise en demeure, {amount} à régler le {pay_by} au plus tard.
Tél. {contact_phone}$t$),
    ('last_reminder', 'en', 3, '{sms}', NULL, NULL, $t${creditor}
Last reminder before formal notice, {amount} to be paid by {pay_by}.
Phone {contact_phone}$t$),
    ('last_notice', 'fr', 3, '{sms}', NULL, NULL, $t${creditor}
Dernier avis avant mise en demeure, {amount} à régler dès réception.
Tél. {contact_phone}$t$),
    ('last_notice', 'en', 3, '{sms}', NULL, NULL, $t${creditor}
Last notice before formal notice, {amount} to be paid on receipt.
Phone {contact_phone}$t$)
)
INSERT INTO dunning_template (template, language, channel, law, dunning_level, subject, body)
SELECT s.template, s.language, k.channel, s.law, s.dunning_level, s.subject,
       replace(replace(replace(replace(replace(s.body, '[pay]', p.words), '[clash]', c.words), '[late]', l.words), '[moratory]', m.words), '[sign]', g.words)
FROM said s CROSS JOIN LATERAL unnest(s.channels::text[]) k (channel)
JOIN part p ON (p.name, p.language) = ('[pay]', s.language) JOIN part c ON (c.name, c.language) = ('[clash]', s.language)
JOIN part l ON (l.name, l.language) = ('[late]', s.language) JOIN part m ON (m.name, m.language) = ('[moratory]', s.language)
JOIN part g ON (g.name, g.language) = ('[sign]', s.language)
ORDER BY s.dunning_level, s.template, s.language, k.channel, s.law;
