-- The texts that a ledger comes with, in French and English, for the steps of
-- the three standard strategies. What many letters share stands once, in part:
-- [pay] how to pay, [clash] what if paid or contested, [sign] who writes.

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
    ('[sign]', 'fr', $t$Nous vous prions d'agréer, Madame, Monsieur, nos salutations distinguées.

{contact_name}
{creditor}
Tél. {contact_phone}
Courriel {contact_email}$t$),
    ('[sign]', 'en', $t$Yours faithfully,

{contact_name}
{creditor}
Phone {contact_phone}
E-mail {contact_email}$t$),
    ('[who]', 'fr', $t$Client : {customer_name} ({customer_code})
Interlocuteur : {recipient}
Téléphone : {recipient_phone}
Classe de risque : {risk_class}
Encours : {exposure}
Promesses non tenues en 90 jours : {broken_promises}$t$),
    ('[who]', 'en', $t$Customer: {customer_name} ({customer_code})
Contact: {recipient}
Phone: {recipient_phone}
Risk class: {risk_class}
Exposure: {exposure}
Promises not kept in 90 days: {broken_promises}$t$),
    ('[also]', 'fr', $t$À son crédit, non imputés (à lettrer d'abord) : {credits}
Contesté, à ne pas réclamer : {disputed}$t$),
    ('[also]', 'en', $t$To its credit, not matched (match first): {credits}
Disputed, not to be asked for: {disputed}$t$)
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
    ('courteous_firm_statement', 'fr', 2, '{NULL}', NULL, 'Deuxième rappel : {amount} échus au {due_on} et après', $t$Madame, Monsieur,

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

Ceci est notre dernier avis. Nous attendons votre règlement au plus tard le {pay_by}. Passé cette date, nous vous mettrons en demeure sans autre rappel, ne livrerons plus que contre paiement d'avance et prendrons les mesures propres à garantir notre créance.

[late]

[pay]

[clash]

[sign]$t$),
    ('last_notice', 'en', 3, '{NULL}', NULL, 'Last notice before formal notice: {amount}', $t$Dear Sir or Madam,

In spite of our demands you have not paid the following amounts:

{items}

This is our last notice. We expect your payment by {pay_by}. After that day we will give you formal notice without another reminder, deliver against prepayment only and take steps to secure our claim.

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
Dernier avis avant mise en demeure, {amount} à régler le {pay_by} au plus tard.
Tél. {contact_phone}$t$),
    ('last_notice', 'en', 3, '{sms}', NULL, NULL, $t${creditor}
Last notice before formal notice, {amount} to be paid by {pay_by}.
Phone {contact_phone}$t$),

    -- Calls and tasks -------------------------------------------------------------
    ('pre_due_call', 'fr', 0, '{call,task}', NULL, 'Appel avant échéance : {customer_name}, {amount}', $t$[who]

À venir :
{items}

But de l'appel : obtenir la date et le moyen de paiement avant l'échéance.
1. Les factures sont-elles reçues et validées ? Manque-t-il une pièce ?
2. Quel jour seront-elles payées, et par quel moyen ?
3. Noter la date donnée comme promesse, au nom de la personne.
[also]$t$),
    ('pre_due_call', 'en', 0, '{call,task}', NULL, 'Call before the due date: {customer_name}, {amount}', $t$[who]

Falling due:
{items}

Aim of the call: a date and a means of payment before the due date.
1. Have the invoices been received and approved? Is a document missing?
2. On which day will they be paid, and how?
3. Record the date as a promise, with the name of the person.
[also]$t$),
    ('call_reason_date', 'fr', 2, '{call,task}', NULL, 'Appel : {customer_name}, {amount} en retard', $t$[who]

Échu et non réglé :
{items}

But de l'appel : connaître la raison du retard et une date de paiement. Ton courtois : bon client.
1. Pourquoi le règlement n'est-il pas parti : oubli, validation, pièce manquante, trésorerie ?
2. Quel jour partira-t-il ? Le noter comme promesse.
3. S'il y a un désaccord, ouvrir un litige pour la part contestée ; le reste se paie.
À mentionner, pénalités de retard à ce jour : {interest}
À mentionner, indemnité forfaitaire : {indemnity}
[also]$t$),
    ('call_reason_date', 'en', 2, '{call,task}', NULL, 'Call: {customer_name}, {amount} overdue', $t$[who]

Overdue and not paid:
{items}

Aim of the call: the reason for the delay, and a date of payment. Courteous tone: a good customer.
1. Why has payment not left: oversight, approval, missing document, cash?
2. On which day will it leave? Record it as a promise.
3. If they disagree, open a dispute for the part they contest; the rest is to be paid.
To be mentioned, interest to date: {interest}
To be mentioned, recovery indemnity: {indemnity}
[also]$t$),
    ('call_date_or_dispute', 'fr', 2, '{call,task}', NULL, 'Appel : {customer_name}, {amount}, date ou litige', $t$[who]

Échu et non réglé :
{items}

But de l'appel : une date ou un litige, rien d'autre.
1. Quel jour ces factures seront-elles payées ? Le noter comme promesse.
2. Sinon, qu'est-ce qui est contesté, et de combien ? Ouvrir le litige pendant l'appel.
3. Confirmer par courriel ce qui a été dit.
À mentionner, pénalités de retard à ce jour : {interest}
À mentionner, indemnité forfaitaire : {indemnity}
[also]$t$),
    ('call_date_or_dispute', 'en', 2, '{call,task}', NULL, 'Call: {customer_name}, {amount}, date or dispute', $t$[who]

Overdue and not paid:
{items}

Aim of the call: a date or a dispute, nothing else.
1. On which day will these invoices be paid? Record it as a promise.
2. If not: what is disputed, and how much of it? Open the dispute during the call.
3. Confirm by e-mail what was said.
To be mentioned, interest to date: {interest}
To be mentioned, recovery indemnity: {indemnity}
[also]$t$),
    ('call_dated_promise', 'fr', 2, '{call,task}', NULL, 'Appel : {customer_name}, {amount}, promesse datée', $t$[who]

Échu et non réglé :
{items}

But de l'appel : une promesse datée d'ici huit jours, par un moyen sûr (virement, carte).
1. Exiger un jour et un montant ; refuser « dans la semaine ».
2. Demander le nom de la personne qui s'engage et l'enregistrer avec la promesse.
3. Prévenir : sans paiement, dernier avis puis mise en demeure ; livraisons contre paiement d'avance.
4. Signaux d'alerte (trésorerie, procédure, départ du dirigeant) : les noter.
À mentionner, pénalités de retard à ce jour : {interest}
À mentionner, indemnité forfaitaire : {indemnity}
[also]$t$),
    ('call_dated_promise', 'en', 2, '{call,task}', NULL, 'Call: {customer_name}, {amount}, dated promise', $t$[who]

Overdue and not paid:
{items}

Aim of the call: a dated promise within eight days, by a safe means (transfer, card).
1. Insist on a day and an amount; do not accept "some time this week".
2. Ask who commits to it and record the name with the promise.
3. Warn: without payment a last notice, then formal notice; deliveries against prepayment.
4. Warning signs (cash, proceedings, a director who leaves): note them.
To be mentioned, interest to date: {interest}
To be mentioned, recovery indemnity: {indemnity}
[also]$t$),
    ('call_by_manager', 'fr', 3, '{call,task}', NULL, 'Appel du responsable crédit : {customer_name}, {amount}', $t$[who]

Échu et non réglé, {days_overdue} jours pour le plus ancien :
{items}

Appel du responsable crédit au dirigeant ou au directeur financier.
1. Rappeler les relances restées sans effet et le dernier rappel.
2. Obtenir un règlement pour le {pay_by}, ou un échéancier écrit (et le saisir comme plan).
3. Annoncer la suite : mise en demeure, suspension des livraisons.
À mentionner, pénalités de retard à ce jour : {interest}
À mentionner, indemnité forfaitaire : {indemnity}
[also]$t$),
    ('call_by_manager', 'en', 3, '{call,task}', NULL, 'Call by the credit manager: {customer_name}, {amount}', $t$[who]

Overdue and not paid, the oldest for {days_overdue} days:
{items}

Call by the credit manager to the managing or finance director.
1. Recall the reminders that had no effect, and the last one.
2. Obtain payment by {pay_by}, or a written payment plan (and enter it as a plan).
3. Say what follows: formal notice, deliveries suspended.
To be mentioned, interest to date: {interest}
To be mentioned, recovery indemnity: {indemnity}
[also]$t$),
    ('preventive_measures', 'fr', 4, '{call,task}', 'FR', 'Mesures conservatoires : {customer_name}, {amount}', $t$[who]

Mis en demeure de payer :
{items}

À faire sans attendre la fin du délai de la mise en demeure (interne, rien au client) :
1. Réserve de propriété : la clause est-elle acceptée avant livraison ? Inventorier la marchandise encore chez le client, revendiquer si besoin.
2. Garanties : vérifier leur échéance et les appeler avant elle.
{guarantees}
3. Saisie conservatoire : réunir factures, bons de livraison et preuve du risque ; consulter l'avocat sur l'autorisation du juge.
4. Assureur-crédit : vérifier le délai de déclaration.
Principal, pénalités et indemnité : {total}
[also]$t$),
    ('preventive_measures', 'en', 4, '{call,task}', 'FR', 'Preventive measures: {customer_name}, {amount}', $t$[who]

Given formal notice of:
{items}

To be done without waiting for the end of the notice (internal, nothing to the customer):
1. Retention of title: was the clause accepted before delivery? List the goods still with the customer, reclaim them if need be.
2. Guarantees: check when they end and call them before.
{guarantees}
3. Protective attachment (saisie conservatoire): gather invoices, delivery notes and evidence of the risk; ask the lawyer about the judge's leave.
4. Credit insurer: check the notification date.
Principal, interest and indemnity: {total}
[also]$t$),
    ('preventive_measures', 'fr', 4, '{call,task}', NULL, 'Mesures conservatoires : {customer_name}, {amount}', $t$[who]

Mis en demeure de payer :
{items}

À faire sans attendre la fin du délai de la mise en demeure (interne, rien au client) :
1. Réserve de propriété : la clause vaut-elle dans le pays du client ? Inventorier la marchandise encore chez lui.
2. Garanties : vérifier leur échéance et les appeler avant elle.
{guarantees}
3. Mesures conservatoires : voir avec l'avocat ce que permet le droit applicable.
4. Assureur-crédit : vérifier le délai de déclaration.
Principal, pénalités et indemnité : {total}
[also]$t$),
    ('preventive_measures', 'en', 4, '{call,task}', NULL, 'Preventive measures: {customer_name}, {amount}', $t$[who]

Given formal notice of:
{items}

To be done without waiting for the end of the notice (internal, nothing to the customer):
1. Retention of title: does the clause hold in the customer's country? List the goods still there.
2. Guarantees: check when they end and call them before.
{guarantees}
3. Protective measures: ask the lawyer what the applicable law allows.
4. Credit insurer: check the notification date.
Principal, interest and indemnity: {total}
[also]$t$),
    ('litigation', 'fr', 5, '{call,task}', 'FR', 'Contentieux : {customer_name}, {total}', $t$[who]

La mise en demeure est restée sans effet :
{items}

Décider de la voie et ouvrir le dossier contentieux :
1. Réunir les pièces : contrat ou conditions acceptées, commande, bon de livraison, facture, relances, mise en demeure et son avis de réception.
2. Créance assurée : remettre le dossier à l'assureur-crédit dans son délai.
3. Créance ni assurée ni contestée : requête en injonction de payer au tribunal compétent, ou société de recouvrement.
4. Créance contestée sans motif sérieux : référé-provision, avec l'avocat.
5. Bloquer les commandes en cours ; vérifier garanties et réserve de propriété.
{guarantees}
Pénalités de retard à ce jour : {interest}
Indemnité forfaitaire : {indemnity}
[also]$t$),
    ('litigation', 'en', 5, '{call,task}', 'FR', 'Litigation: {customer_name}, {total}', $t$[who]

The formal notice had no effect:
{items}

Decide on the way and open the litigation file:
1. Gather the documents: contract or accepted terms, order, delivery note, invoice, reminders, formal notice and its acknowledgement of receipt.
2. Insured claim: hand the file to the credit insurer within its time.
3. Neither insured nor disputed: apply to the competent court for an order to pay (injonction de payer), or place it with an agency.
4. Disputed without a serious ground: summary proceedings (référé-provision), with the lawyer.
5. Block open orders; check guarantees and retention of title.
{guarantees}
Interest to date: {interest}
Recovery indemnity: {indemnity}
[also]$t$),
    ('litigation', 'fr', 5, '{call,task}', NULL, 'Contentieux : {customer_name}, {total}', $t$[who]

La mise en demeure est restée sans effet :
{items}

Décider de la voie et ouvrir le dossier contentieux :
1. Réunir les pièces : contrat ou conditions acceptées, commande, bon de livraison, facture, relances, mise en demeure et son avis de réception.
2. Créance assurée : remettre le dossier à l'assureur-crédit dans son délai.
3. Sinon : société de recouvrement ou avocat, selon le droit applicable à ce débiteur (acheteur public, débiteur étranger).
4. Bloquer les commandes en cours ; vérifier garanties et réserve de propriété.
{guarantees}
Intérêts de retard à ce jour : {interest}
Indemnité de recouvrement : {indemnity}
[also]$t$),
    ('litigation', 'en', 5, '{call,task}', NULL, 'Litigation: {customer_name}, {total}', $t$[who]

The formal notice had no effect:
{items}

Decide on the way and open the litigation file:
1. Gather the documents: contract or accepted terms, order, delivery note, invoice, reminders, formal notice and its acknowledgement of receipt.
2. Insured claim: hand the file to the credit insurer within its time.
3. Otherwise: a collection agency or a lawyer, by the law that holds for this debtor (public buyer, foreign debtor).
4. Block open orders; check guarantees and retention of title.
{guarantees}
Interest to date: {interest}
Recovery indemnity: {indemnity}
[also]$t$)
)
INSERT INTO dunning_template (template, language, channel, law, dunning_level, subject, body)
SELECT s.template, s.language, k.channel, s.law, s.dunning_level, s.subject,
       replace(replace(replace(replace(replace(replace(s.body, '[pay]', p.words), '[clash]', c.words), '[late]', l.words), '[sign]', g.words), '[who]', w.words), '[also]', a.words)
FROM said s CROSS JOIN LATERAL unnest(s.channels::text[]) k (channel)
JOIN part p ON (p.name, p.language) = ('[pay]', s.language) JOIN part c ON (c.name, c.language) = ('[clash]', s.language)
JOIN part l ON (l.name, l.language) = ('[late]', s.language) JOIN part g ON (g.name, g.language) = ('[sign]', s.language)
JOIN part w ON (w.name, w.language) = ('[who]', s.language) JOIN part a ON (a.name, a.language) = ('[also]', s.language)
ORDER BY s.dunning_level, s.template, s.language, k.channel, s.law;
