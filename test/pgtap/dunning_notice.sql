-- Notices: exact texts of each level in French and English, the figures in
-- them, what is frozen, and who receives them.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('said') \g /dev/null
SET LOCAL search_path = said, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
UPDATE creditor SET name = 'Fonderie Mercier SAS', address = E'12 rue des Forges\n69007 Lyon', iban = 'FR76 3000 6000 0112 3456 7890 189', bic = 'AGRIFRPP',
    contact_name = 'Claire Dupont', contact_email = 'compta@mercier.example', contact_phone = '04 72 00 00 00';
INSERT INTO exchange_rate VALUES ('USD', '2025-12-01', 0.9), ('USD', '2026-03-20', 0.9), ('JPY', '2026-01-05', 0.006);
INSERT INTO customer (customer_id, code, name, risk_class, language, country) VALUES
    (1, 'C001', 'Garage Martin', 'C', 'fr', 'FR'), (2, 'C002', 'Smith Ltd', 'C', 'en', 'GB'), (3, 'C003', 'Tokyo KK', 'C', 'ja', 'JP'),
    (4, 'C004', '{amount}', 'C', 'fr', 'FR'), (5, 'C005', 'Mairie de Bron', 'C', 'fr', 'FR'), (6, 'C006', E'Evil\r\nBcc: all@example.com', 'C', 'en', 'FR');
INSERT INTO interest_terms (customer_id, regime) VALUES (5, 'FR_PUBLIC');
INSERT INTO contact (customer_id, contact_id, role, name, email, phone, language) VALUES
    (1, 11, 'director', 'M. Martin', 'director@martin.example', '06 99 00 00 00', NULL), (1, 12, 'accounts_payable', 'Mme Roux', 'compta@martin.example', '06 00 00 00 00', NULL),
    (2, 21, 'accounts_payable', 'J. Smith', 'j@smith.example', '+44 1', NULL), (4, 41, 'accounts_payable', '{iban}', 'x@example.com', NULL, 'en');
INSERT INTO postal_address VALUES (1, E'3 place Bellecour\n69002 Lyon');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, issued_on, due_on, currency) VALUES
    (1, 11, 'F2026-001', 12345.60, '2026-01-05', '2026-02-04', 'EUR'), (1, 12, 'F2026-017', 800, '2026-01-20', '2026-02-19', 'EUR'), (1, 13, 'F2026-030', 500, '2026-03-20', '2026-04-05', 'EUR'),
    (2, 21, 'F2025-900', 1234.50, '2025-12-01', '2026-01-30', 'USD'), (2, 22, 'F2026-040', 99, '2026-03-20', '2026-04-03', 'USD'),
    (3, 31, 'F2026-002', 1234567, '2026-01-05', '2026-02-04', 'JPY'), (4, 41, 'F2026-003', 1000, '2026-01-05', '2026-02-04', 'EUR'),
    (5, 51, 'F2026-004', 1000, '2026-01-05', '2026-02-04', 'EUR'), (6, 61, E'F1\n{iban}', 1000, '2026-01-05', '2026-02-04', 'EUR');
SELECT open_dispute(12, 300, 'damaged') \g /dev/null
INSERT INTO dunning_strategy (strategy_id, code, name, rank) VALUES (900, 'own', 'Own', 9000);
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template) VALUES
    (900, 1, -7, 'e-mail', 0, 'pre_due_invoice'), (900, 2, 2, 'e-mail', 1, 'friendly_reminder'), (900, 3, 8, 'call', 2, 'call_dated_promise'),
    (900, 4, 15, 'e-mail', 2, 'firm_statement'), (900, 5, 22, 'letter', 3, 'last_reminder'), (900, 6, 38, 'registered', 4, 'formal_notice'),
    (900, 7, 38, 'task', 4, 'preventive_measures'), (900, 8, 50, 'task', 5, 'litigation'), (900, 9, 60, 'sms', 2, 'firm_statement'), (900, 10, 50, 'e-mail', 5, 'nothing');
-- No-break spaces stand as ~ here.
CREATE FUNCTION pg_temp.said(customer_id bigint, step_no integer) RETURNS text LANGUAGE sql AS
$$ SELECT translate(concat_ws(E'\n', '[' || concat_ws(', ', r.channel, r.language, r.recipient, replace(r.recipient_address, E'\n', ' / ')) || ']', r.subject, r.body), U&'\00A0', '~')
   FROM said.render_step(customer_id, 900, step_no) r $$;

SELECT is(pg_temp.said(1, 1), $said$[e-mail, fr, Mme Roux, compta@martin.example]
Votre facture F2026-030 arrive à échéance le 5 avril 2026
Madame, Monsieur,

Vous trouverez ci-joint copie de ce qui arrive prochainement à échéance :

Facture    Date        Échéance    Montant dû
F2026-030  20/03/2026  05/04/2026      500,00
Total EUR                              500,00

Pouvez-vous vérifier que ces factures ont bien été reçues, validées et mises en paiement ? Si l'une d'elles est bloquée chez vous, indiquez-nous ce qu'il manque.

Pour votre règlement, merci de rappeler la référence C001 et les numéros de facture.
Virement : IBAN FR76 3000 6000 0112 3456 7890 189
BIC : AGRIFRPP

Nous vous prions d'agréer, Madame, Monsieur, nos salutations distinguées.

Claire Dupont
Fonderie Mercier SAS
Tél. 04 72 00 00 00
Courriel compta@mercier.example$said$, '001-34 the text of level 0, in French');

SELECT is(pg_temp.said(2, 1), $said$[e-mail, en, J. Smith, j@smith.example]
Your invoice F2026-040 falls due on 3 April 2026
Dear Sir or Madam,

Please find attached a copy of what falls due shortly:

Invoice    Date         Due         Amount due
F2026-040  20 Mar 2026  3 Apr 2026       99.00
Total USD                                99.00

Could you check that these invoices have been received, approved and scheduled for payment? If one of them is held up on your side, please tell us what is missing.

With your payment please quote our reference C002 and the invoice numbers.
Bank transfer to: IBAN FR76 3000 6000 0112 3456 7890 189
BIC: AGRIFRPP

Yours faithfully,

Claire Dupont
Fonderie Mercier SAS
Phone 04 72 00 00 00
E-mail compta@mercier.example$said$, '001-34 the text of level 0, in English');

SELECT is(pg_temp.said(1, 2), $said$[e-mail, fr, Mme Roux, compta@martin.example]
Rappel : 12~845,60~€ à régler
Madame, Monsieur,

Sauf erreur ou omission de notre part, nous n'avons pas encore reçu le règlement des sommes suivantes :

Facture    Date        Échéance    Retard (j)  Montant dû  Contesté   À régler
F2026-001  05/01/2026  04/02/2026          55   12~345,60      0,00  12~345,60
F2026-017  20/01/2026  19/02/2026          40      800,00    300,00     500,00
Total EUR                                       13~145,60    300,00  12~845,60

Il s'agit sans doute d'un oubli. Nous vous remercions de bien vouloir y remédier dès que possible.

Pour votre règlement, merci de rappeler la référence C001 et les numéros de facture.
Virement : IBAN FR76 3000 6000 0112 3456 7890 189
BIC : AGRIFRPP

La part que vous contestez, soit 300,00~€, ne vous est pas demandée ici.
Si vous avez réglé entre-temps, merci de ne pas tenir compte de ce message et de nous indiquer la date et la référence de votre paiement.
Si vous contestez tout ou partie de ces sommes, merci de nous en indiquer le motif sans attendre : nous l'examinerons.

Nous vous prions d'agréer, Madame, Monsieur, nos salutations distinguées.

Claire Dupont
Fonderie Mercier SAS
Tél. 04 72 00 00 00
Courriel compta@mercier.example$said$, '001-34 the text of level 1, in French');

SELECT is(pg_temp.said(2, 2), $said$[e-mail, en, J. Smith, j@smith.example]
Reminder: USD~1,234.50 to be paid
Dear Sir or Madam,

Unless we are mistaken, we have not yet received payment of the following:

Invoice    Date        Due          Days late  Amount due
F2025-900  1 Dec 2025  30 Jan 2026         60    1,234.50
Total USD                                        1,234.50

This is no doubt an oversight. We would be grateful if you could put it right as soon as possible.

With your payment please quote our reference C002 and the invoice numbers.
Bank transfer to: IBAN FR76 3000 6000 0112 3456 7890 189
BIC: AGRIFRPP

If you have paid in the meantime, please disregard this message and let us know the date and reference of your payment.
If you disagree with any of these amounts, please tell us why without delay: we will look into it.

Yours faithfully,

Claire Dupont
Fonderie Mercier SAS
Phone 04 72 00 00 00
E-mail compta@mercier.example$said$, '001-34 the text of level 1, in English');

SELECT is(pg_temp.said(1, 3), $said$[call, fr, Mme Roux, 06 00 00 00 00]
Appel : Garage Martin, 12~845,60~€, promesse datée
Client : Garage Martin (C001)
Interlocuteur : Mme Roux
Téléphone : 06 00 00 00 00
Classe de risque : C
Encours : 13~645,60~€

Échu et non réglé :
Facture    Date        Échéance    Retard (j)  Montant dû  Contesté   À régler
F2026-001  05/01/2026  04/02/2026          55   12~345,60      0,00  12~345,60
F2026-017  20/01/2026  19/02/2026          40      800,00    300,00     500,00
Total EUR                                       13~145,60    300,00  12~845,60

But de l'appel : une promesse datée d'ici huit jours, par un moyen sûr (virement, carte).
1. Exiger un jour et un montant ; refuser « dans la semaine ».
2. Demander le nom de la personne qui s'engage et l'enregistrer avec la promesse.
3. Prévenir : sans paiement, dernier avis puis mise en demeure ; livraisons contre paiement d'avance.
4. Signaux d'alerte (trésorerie, procédure, départ du dirigeant) : les noter.
À mentionner, pénalités de retard à ce jour : 232,69~€
À mentionner, indemnité forfaitaire : 80,00~€
Contesté, à ne pas réclamer : 300,00~€$said$, '001-34 the text of level 2, a call, in French');

SELECT is(pg_temp.said(2, 3), $said$[call, en, J. Smith, +44 1]
Call: Smith Ltd, USD~1,234.50, dated promise
Customer: Smith Ltd (C002)
Contact: J. Smith
Phone: +44 1
Risk class: C
Exposure: EUR~1,200.15

Overdue and not paid:
Invoice    Date        Due          Days late  Amount due
F2025-900  1 Dec 2025  30 Jan 2026         60    1,234.50
Total USD                                        1,234.50

Aim of the call: a dated promise within eight days, by a safe means (transfer, card).
1. Insist on a day and an amount; do not accept "some time this week".
2. Ask who commits to it and record the name with the promise.
3. Warn: without payment a last notice, then formal notice; deliveries against prepayment.
4. Warning signs (cash, proceedings, a director who leaves): note them.
To be mentioned, interest to date: USD~24.66
To be mentioned, recovery indemnity: USD~44.44$said$, '001-34 the text of level 2, a call, in English');

SELECT is(pg_temp.said(1, 4), $said$[e-mail, fr, Mme Roux, compta@martin.example]
Deuxième relance : 12~845,60~€ impayés
Madame, Monsieur,

Malgré notre rappel et notre appel, les sommes suivantes restent impayées, comme le montre le relevé de compte ci-joint :

Facture    Date        Échéance    Retard (j)  Montant dû  Contesté   À régler
F2026-001  05/01/2026  04/02/2026          55   12~345,60      0,00  12~345,60
F2026-017  20/01/2026  19/02/2026          40      800,00    300,00     500,00
Total EUR                                       13~145,60    300,00  12~845,60

Nous vous demandons de les régler sous huitaine. Sans règlement de votre part, nous serions conduits à revoir les conditions de nos prochaines livraisons.

Le retard de paiement donne lieu à des pénalités de retard, soit 232,69~€ à ce jour.
Il donne lieu aussi à une indemnité forfaitaire pour frais de recouvrement, soit 80,00~€.

Pour votre règlement, merci de rappeler la référence C001 et les numéros de facture.
Virement : IBAN FR76 3000 6000 0112 3456 7890 189
BIC : AGRIFRPP

La part que vous contestez, soit 300,00~€, ne vous est pas demandée ici.
Si vous avez réglé entre-temps, merci de ne pas tenir compte de ce message et de nous indiquer la date et la référence de votre paiement.
Si vous contestez tout ou partie de ces sommes, merci de nous en indiquer le motif sans attendre : nous l'examinerons.

Nous vous prions d'agréer, Madame, Monsieur, nos salutations distinguées.

Claire Dupont
Fonderie Mercier SAS
Tél. 04 72 00 00 00
Courriel compta@mercier.example$said$, '001-34 the text of level 2, in French');

SELECT is(pg_temp.said(2, 4), $said$[e-mail, en, J. Smith, j@smith.example]
Second demand: USD~1,234.50 unpaid
Dear Sir or Madam,

In spite of our reminder and our call the following amounts are still unpaid, as the attached statement of account shows:

Invoice    Date        Due          Days late  Amount due
F2025-900  1 Dec 2025  30 Jan 2026         60    1,234.50
Total USD                                        1,234.50

Please pay them within a week. Without payment we would have to reconsider the terms of our next deliveries.

Late payment bears interest: USD~24.66 to date.
It also gives rise to a fixed compensation for recovery costs: USD~44.44.

With your payment please quote our reference C002 and the invoice numbers.
Bank transfer to: IBAN FR76 3000 6000 0112 3456 7890 189
BIC: AGRIFRPP

If you have paid in the meantime, please disregard this message and let us know the date and reference of your payment.
If you disagree with any of these amounts, please tell us why without delay: we will look into it.

Yours faithfully,

Claire Dupont
Fonderie Mercier SAS
Phone 04 72 00 00 00
E-mail compta@mercier.example$said$, '001-34 the text of level 2, in English');

SELECT is(pg_temp.said(1, 9), $said$[sms, fr, Mme Roux, 06 00 00 00 00]
Fonderie Mercier SAS
2e relance, 12 845,60 € impayés depuis le 04/02/2026. Réglez sous huitaine.
Tél. 04 72 00 00 00$said$, '001-34 the text of level 2, an SMS, in French');

SELECT is(pg_temp.said(2, 9), $said$[sms, en, J. Smith, +44 1]
Fonderie Mercier SAS
2nd demand, USD 1,234.50 unpaid since 30 Jan 2026. Pay within a week.
Phone 04 72 00 00 00$said$, '001-34 the text of level 2, an SMS, in English');

SELECT is(pg_temp.said(1, 5), $said$[letter, fr, Mme Roux, 3 place Bellecour / 69002 Lyon]
Dernier rappel avant mise en demeure : 12~845,60~€
Fonderie Mercier SAS
12 rue des Forges
69007 Lyon

Mme Roux
Garage Martin
3 place Bellecour
69002 Lyon

Le 31 mars 2026

Objet : Dernier rappel avant mise en demeure : 12~845,60~€

Madame, Monsieur,

Nos relances successives sont restées sans réponse. Les sommes suivantes sont échues depuis 55 jours pour la plus ancienne :

Facture    Date        Échéance    Retard (j)  Montant dû  Contesté   À régler
F2026-001  05/01/2026  04/02/2026          55   12~345,60      0,00  12~345,60
F2026-017  20/01/2026  19/02/2026          40      800,00    300,00     500,00
Total EUR                                       13~145,60    300,00  12~845,60

Ceci est notre dernier rappel. À défaut de règlement au plus tard le 8 avril 2026, nous vous adresserons une mise en demeure et nos livraisons pourront être suspendues.

Le retard de paiement donne lieu à des pénalités de retard, soit 232,69~€ à ce jour.
Il donne lieu aussi à une indemnité forfaitaire pour frais de recouvrement, soit 80,00~€.

Pour votre règlement, merci de rappeler la référence C001 et les numéros de facture.
Virement : IBAN FR76 3000 6000 0112 3456 7890 189
BIC : AGRIFRPP

La part que vous contestez, soit 300,00~€, ne vous est pas demandée ici.
Si vous avez réglé entre-temps, merci de ne pas tenir compte de ce message et de nous indiquer la date et la référence de votre paiement.
Si vous contestez tout ou partie de ces sommes, merci de nous en indiquer le motif sans attendre : nous l'examinerons.

Nous vous prions d'agréer, Madame, Monsieur, nos salutations distinguées.

Claire Dupont
Fonderie Mercier SAS
Tél. 04 72 00 00 00
Courriel compta@mercier.example$said$, '001-34 the text of level 3, in French');

SELECT is(pg_temp.said(2, 5), $said$[letter, en, J. Smith]
Last reminder before formal notice: USD~1,234.50
Fonderie Mercier SAS
12 rue des Forges
69007 Lyon

J. Smith
Smith Ltd

31 March 2026

Subject: Last reminder before formal notice: USD~1,234.50

Dear Sir or Madam,

Our reminders have remained without an answer. The following amounts are overdue, the oldest for 60 days:

Invoice    Date        Due          Days late  Amount due
F2025-900  1 Dec 2025  30 Jan 2026         60    1,234.50
Total USD                                        1,234.50

This is our last reminder. Failing payment by 8 April 2026 we will send you a formal notice, and our deliveries may be suspended.

Late payment bears interest: USD~24.66 to date.
It also gives rise to a fixed compensation for recovery costs: USD~44.44.

With your payment please quote our reference C002 and the invoice numbers.
Bank transfer to: IBAN FR76 3000 6000 0112 3456 7890 189
BIC: AGRIFRPP

If you have paid in the meantime, please disregard this message and let us know the date and reference of your payment.
If you disagree with any of these amounts, please tell us why without delay: we will look into it.

Yours faithfully,

Claire Dupont
Fonderie Mercier SAS
Phone 04 72 00 00 00
E-mail compta@mercier.example$said$, '001-34 the text of level 3, in English');

SELECT is(pg_temp.said(1, 6), $said$[registered, fr, Mme Roux, 3 place Bellecour / 69002 Lyon]
MISE EN DEMEURE DE PAYER : 13~158,29~€
Fonderie Mercier SAS
12 rue des Forges
69007 Lyon

LETTRE RECOMMANDÉE AVEC DEMANDE D'AVIS DE RÉCEPTION

Mme Roux
Garage Martin
3 place Bellecour
69002 Lyon

Le 31 mars 2026

Objet : MISE EN DEMEURE DE PAYER : 13~158,29~€

Madame, Monsieur,

Malgré nos relances, les factures suivantes, échues, ne nous ont pas été réglées :

Facture    Date        Échéance    Retard (j)  Montant dû  Contesté   À régler
F2026-001  05/01/2026  04/02/2026          55   12~345,60      0,00  12~345,60
F2026-017  20/01/2026  19/02/2026          40      800,00    300,00     500,00
Total EUR                                       13~145,60    300,00  12~845,60

Par la présente, nous vous mettons en demeure de nous payer, sous 8 jours, soit au plus tard le 8 avril 2026, la somme de 13~158,29~€ :

- principal : 12~845,60~€
- pénalités de retard arrêtées au 31 mars 2026 : 232,69~€
- indemnité forfaitaire pour frais de recouvrement : 80,00~€

Les pénalités de retard sont exigibles de plein droit, sans qu'un rappel soit nécessaire, en application de l'article L. 441-10, II du Code de commerce ; elles courent jusqu'au complet paiement. L'indemnité forfaitaire pour frais de recouvrement, de 40 € par facture, est due en application du même article et de l'article D. 441-5 du même code.

À défaut de paiement intégral dans ce délai, et sans autre avis, nous demanderons au tribunal compétent une injonction de payer et remettrons notre créance au recouvrement.

La part que vous contestez, soit 300,00~€, n'est pas comprise dans cette mise en demeure.
Si vous avez réglé entre-temps, la présente est sans objet : indiquez-nous la date et la référence de votre paiement. Si vous contestez tout ou partie de cette créance, faites-nous-en connaître le motif par écrit avant la même date.

Pour votre règlement, merci de rappeler la référence C001 et les numéros de facture.
Virement : IBAN FR76 3000 6000 0112 3456 7890 189
BIC : AGRIFRPP

Nous vous prions d'agréer, Madame, Monsieur, nos salutations distinguées.

Claire Dupont
Fonderie Mercier SAS
Tél. 04 72 00 00 00
Courriel compta@mercier.example$said$, '001-34 the text of level 4, in French, by French law');

SELECT is(pg_temp.said(2, 6), $said$[registered, en, J. Smith]
FORMAL NOTICE TO PAY: USD~1,303.60
Fonderie Mercier SAS
12 rue des Forges
69007 Lyon

REGISTERED LETTER WITH ACKNOWLEDGEMENT OF RECEIPT

J. Smith
Smith Ltd

31 March 2026

Subject: FORMAL NOTICE TO PAY: USD~1,303.60

Dear Sir or Madam,

In spite of our reminders the following invoices, which are overdue, have not been paid:

Invoice    Date        Due          Days late  Amount due
F2025-900  1 Dec 2025  30 Jan 2026         60    1,234.50
Total USD                                        1,234.50

By this letter we give you formal notice to pay us within 8 days, by 8 April 2026 at the latest, the sum of USD~1,303.60:

- principal: USD~1,234.50
- late-payment interest until 31 March 2026: USD~24.66
- compensation for recovery costs: USD~44.44

Interest runs until payment in full.

Failing payment in full within this time, and without further notice, we will pursue our claim by the means that law and contract give us.

If you have paid in the meantime, this letter is without object: please let us know the date and reference of your payment. If you dispute all or part of this claim, please tell us why in writing before the same date.

With your payment please quote our reference C002 and the invoice numbers.
Bank transfer to: IBAN FR76 3000 6000 0112 3456 7890 189
BIC: AGRIFRPP

Yours faithfully,

Claire Dupont
Fonderie Mercier SAS
Phone 04 72 00 00 00
E-mail compta@mercier.example$said$, '001-34 the text of level 4, in English, abroad');

SELECT is(pg_temp.said(1, 7), $said$[task, fr, Mme Roux, 06 00 00 00 00]
Mesures conservatoires : Garage Martin, 12~845,60~€
Client : Garage Martin (C001)
Interlocuteur : Mme Roux
Téléphone : 06 00 00 00 00
Classe de risque : C
Encours : 13~645,60~€

Objet de la mise en demeure :
Facture    Date        Échéance    Retard (j)  Montant dû  Contesté   À régler
F2026-001  05/01/2026  04/02/2026          55   12~345,60      0,00  12~345,60
F2026-017  20/01/2026  19/02/2026          40      800,00    300,00     500,00
Total EUR                                       13~145,60    300,00  12~845,60

À faire sans attendre la fin du délai de la mise en demeure (interne, rien au client) :
1. Réserve de propriété : la clause est-elle acceptée avant livraison ? Inventorier la marchandise encore chez le client, revendiquer si besoin.
2. Garanties : vérifier leur échéance et les appeler avant elle.
3. Saisie conservatoire : réunir factures, bons de livraison et preuve du risque ; consulter l'avocat sur l'autorisation du juge.
4. Assureur-crédit : vérifier le délai de déclaration.
Principal, pénalités et indemnité : 13~158,29~€
Contesté, à ne pas réclamer : 300,00~€$said$, '001-34 the text of level 4, preventive measures, in French');

SELECT is(pg_temp.said(2, 7), $said$[task, en, J. Smith, +44 1]
Preventive measures: Smith Ltd, USD~1,234.50
Customer: Smith Ltd (C002)
Contact: J. Smith
Phone: +44 1
Risk class: C
Exposure: EUR~1,200.15

Subject of the formal notice:
Invoice    Date        Due          Days late  Amount due
F2025-900  1 Dec 2025  30 Jan 2026         60    1,234.50
Total USD                                        1,234.50

To be done without waiting for the end of the notice (internal, nothing to the customer):
1. Retention of title: does the clause hold in the customer's country? List the goods still there.
2. Guarantees: check when they end and call them before.
3. Protective measures: ask the lawyer what the applicable law allows.
4. Credit insurer: check the notification date.
Principal, interest and indemnity: USD~1,303.60$said$, '001-34 the text of level 4, preventive measures, in English');

SELECT is(pg_temp.said(1, 8), $said$[task, fr, Mme Roux, 06 00 00 00 00]
Contentieux : Garage Martin, 12~611,63~€
Client : Garage Martin (C001)
Interlocuteur : Mme Roux
Téléphone : 06 00 00 00 00
Classe de risque : C
Encours : 13~645,60~€

La mise en demeure est restée sans effet :
Facture    Date        Échéance    Retard (j)  Montant dû
F2026-001  05/01/2026  04/02/2026          55   12~345,60
Total EUR                                       12~345,60

Décider de la voie et ouvrir le dossier contentieux :
1. Réunir les pièces : contrat ou conditions acceptées, commande, bon de livraison, facture, relances, mise en demeure et son avis de réception.
2. Créance assurée : remettre le dossier à l'assureur-crédit dans son délai.
3. Créance ni assurée ni contestée : requête en injonction de payer au tribunal compétent, ou société de recouvrement.
4. Créance contestée sans motif sérieux : référé-provision, avec l'avocat.
5. Bloquer les commandes en cours ; vérifier garanties et réserve de propriété.
Pénalités de retard à ce jour : 226,03~€
Indemnité forfaitaire : 40,00~€$said$, '001-34 the text of level 5, in French');

SELECT is(pg_temp.said(2, 8), $said$[task, en, J. Smith, +44 1]
Litigation: Smith Ltd, USD~1,303.60
Customer: Smith Ltd (C002)
Contact: J. Smith
Phone: +44 1
Risk class: C
Exposure: EUR~1,200.15

The formal notice had no effect:
Invoice    Date        Due          Days late  Amount due
F2025-900  1 Dec 2025  30 Jan 2026         60    1,234.50
Total USD                                        1,234.50

Decide on the way and open the litigation file:
1. Gather the documents: contract or accepted terms, order, delivery note, invoice, reminders, formal notice and its acknowledgement of receipt.
2. Insured claim: hand the file to the credit insurer within its time.
3. Otherwise: a collection agency or a lawyer, by the law that holds for this debtor (public buyer, foreign debtor).
4. Block open orders; check guarantees and retention of title.
Interest to date: USD~24.66
Recovery indemnity: USD~44.44$said$, '001-34 the text of level 5, in English');

-- Every step of the shipped strategies, on its day ----------------------------------------------
INSERT INTO customer (customer_id, code, name, language, country) VALUES (71, 'C071', 'Boulangerie Petit', 'fr', 'FR'), (72, 'C072', 'Brown Ltd', 'en', 'FR');
INSERT INTO contact (customer_id, role, name, email, phone) VALUES (71, 'accounts_payable', 'M. Petit', 'petit@example.com', '06 22 22 22 22'), (72, 'accounts_payable', 'Ms Brown', 'brown@example.com', '+44 2');
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (71, 'F71', 1000, '2025-12-16', '2026-01-15'), (72, 'F72', 1000, '2025-12-16', '2026-01-15');
CREATE TEMPORARY TABLE told AS
SELECT s.code, k.step_no, c.language AS asked, n.*
FROM dunning_strategy s JOIN dunning_step k USING (strategy_id) CROSS JOIN customer c
CROSS JOIN LATERAL render_step(c.customer_id, s.strategy_id, k.step_no, date '2026-01-15' + k.offset_days) n
WHERE s.status = 'active' AND s.code IN ('low', 'moderate', 'high') AND c.customer_id IN (71, 72);
SELECT is((SELECT count(*) FROM told), 46::bigint, '001-32 the 23 steps of the three shipped strategies speak French and English');
SELECT is_empty('SELECT code, step_no, asked, language FROM told WHERE language <> asked', '001-32 each in the language of the customer');
SELECT is_empty($$SELECT code, step_no, asked FROM told WHERE concat(subject, body) ~ '[{}]|\[[a-z]+\]' OR body ~ E'\n\n\n' OR body !~ 'F7[12]'$$, '001-32 with every placeholder filled, and the invoice named');
SELECT is_empty($$SELECT code, step_no, asked FROM told WHERE (dunning_level >= 2 AND template <> 'preventive_measures') <> (body ~ '40[,.]00') OR (dunning_level >= 3) <> (pay_by IS NOT NULL)$$,
  '001-32 interest and indemnity from level 2 on, a day to pay by from level 3');
SELECT is_empty($$SELECT code, step_no, asked FROM told WHERE channel IN ('e-mail', 'letter', 'registered') AND body !~ 'entre-temps|in the meantime' AND dunning_level > 0$$, '001-32 each reminder says what if paid meanwhile');
SELECT is_empty($$SELECT code, step_no, asked FROM told WHERE channel NOT IN ('call', 'task') AND body ~ 'Classe de risque|Risk class|Encours|Exposure'$$, '001-32 and nothing of what we think of the customer');
SELECT results_eq($$SELECT code, step_no, channel, attachments[1], translate(subject, U&'\00A0', '~') FROM told WHERE asked = 'fr' ORDER BY array_position('{low,moderate,high}', code), step_no$$, $fr$VALUES
    ('low', 1, 'e-mail'::text, NULL::text, 'Prochaine échéance le 15 janvier 2026 : 1~000,00~€'),
    ('low', 2, 'e-mail', NULL, 'Rappel : 1~000,00~€ à régler'),
    ('low', 3, 'e-mail', 'statement', 'Deuxième rappel : 1~000,00~€ échus depuis le 15 janvier 2026'),
    ('low', 4, 'call', NULL, 'Appel : Boulangerie Petit, 1~000,00~€ en retard'),
    ('low', 5, 'letter', NULL, 'Dernier rappel avant mise en demeure : 1~000,00~€'),
    ('low', 6, 'registered', NULL, 'MISE EN DEMEURE DE PAYER : 1~058,31~€'),
    ('low', 7, 'task', NULL, 'Contentieux : Boulangerie Petit, 1~063,30~€'),
    ('moderate', 1, 'e-mail', 'invoice', 'Votre facture F71 arrive à échéance le 15 janvier 2026'),
    ('moderate', 2, 'e-mail', NULL, 'Rappel : 1~000,00~€ à régler'),
    ('moderate', 3, 'call', NULL, 'Appel : Boulangerie Petit, 1~000,00~€, date ou litige'),
    ('moderate', 4, 'e-mail', 'statement', 'Deuxième relance : 1~000,00~€ impayés'),
    ('moderate', 5, 'letter', NULL, 'Dernier rappel avant mise en demeure : 1~000,00~€'),
    ('moderate', 6, 'call', NULL, 'Appel du responsable crédit : Boulangerie Petit, 1~000,00~€'),
    ('moderate', 7, 'registered', NULL, 'MISE EN DEMEURE DE PAYER : 1~052,65~€'),
    ('moderate', 8, 'task', NULL, 'Contentieux : Boulangerie Petit, 1~056,64~€'),
    ('high', 1, 'e-mail', 'list', 'Échéances à venir : 1~000,00~€'),
    ('high', 2, 'call', NULL, 'Appel avant échéance : Boulangerie Petit, 1~000,00~€'),
    ('high', 3, 'e-mail', NULL, 'Échéance dépassée : 1~000,00~€ à régler sans délai'),
    ('high', 4, 'call', NULL, 'Appel : Boulangerie Petit, 1~000,00~€, promesse datée'),
    ('high', 5, 'letter', NULL, 'Dernier avis avant mise en demeure : 1~000,00~€'),
    ('high', 6, 'registered', NULL, 'MISE EN DEMEURE DE PAYER : 1~043,99~€'),
    ('high', 7, 'task', NULL, 'Mesures conservatoires : Boulangerie Petit, 1~000,00~€'),
    ('high', 8, 'task', NULL, 'Contentieux : Boulangerie Petit, 1~046,99~€')$fr$, '001-32 their channels and subjects in French');
SELECT results_eq($$SELECT code, step_no, channel, attachments[1], translate(subject, U&'\00A0', '~') FROM told WHERE asked = 'en' ORDER BY array_position('{low,moderate,high}', code), step_no$$, $en$VALUES
    ('low', 1, 'e-mail'::text, NULL::text, 'Payment falling due on 15 January 2026: EUR~1,000.00'),
    ('low', 2, 'e-mail', NULL, 'Reminder: EUR~1,000.00 to be paid'),
    ('low', 3, 'e-mail', 'statement', 'Second reminder: EUR~1,000.00 overdue since 15 January 2026'),
    ('low', 4, 'call', NULL, 'Call: Brown Ltd, EUR~1,000.00 overdue'),
    ('low', 5, 'letter', NULL, 'Last reminder before formal notice: EUR~1,000.00'),
    ('low', 6, 'registered', NULL, 'FORMAL NOTICE TO PAY: EUR~1,058.31'),
    ('low', 7, 'task', NULL, 'Litigation: Brown Ltd, EUR~1,063.30'),
    ('moderate', 1, 'e-mail', 'invoice', 'Your invoice F72 falls due on 15 January 2026'),
    ('moderate', 2, 'e-mail', NULL, 'Reminder: EUR~1,000.00 to be paid'),
    ('moderate', 3, 'call', NULL, 'Call: Brown Ltd, EUR~1,000.00, date or dispute'),
    ('moderate', 4, 'e-mail', 'statement', 'Second demand: EUR~1,000.00 unpaid'),
    ('moderate', 5, 'letter', NULL, 'Last reminder before formal notice: EUR~1,000.00'),
    ('moderate', 6, 'call', NULL, 'Call by the credit manager: Brown Ltd, EUR~1,000.00'),
    ('moderate', 7, 'registered', NULL, 'FORMAL NOTICE TO PAY: EUR~1,052.65'),
    ('moderate', 8, 'task', NULL, 'Litigation: Brown Ltd, EUR~1,056.64'),
    ('high', 1, 'e-mail', 'list', 'Amounts falling due: EUR~1,000.00'),
    ('high', 2, 'call', NULL, 'Call before the due date: Brown Ltd, EUR~1,000.00'),
    ('high', 3, 'e-mail', NULL, 'Overdue: EUR~1,000.00 to be paid at once'),
    ('high', 4, 'call', NULL, 'Call: Brown Ltd, EUR~1,000.00, dated promise'),
    ('high', 5, 'letter', NULL, 'Last notice before formal notice: EUR~1,000.00'),
    ('high', 6, 'registered', NULL, 'FORMAL NOTICE TO PAY: EUR~1,043.99'),
    ('high', 7, 'task', NULL, 'Preventive measures: Brown Ltd, EUR~1,000.00'),
    ('high', 8, 'task', NULL, 'Litigation: Brown Ltd, EUR~1,046.99')$en$, '001-32 and in English');

-- Other currencies, names that look like placeholders, other law ------------------------
SELECT matches(pg_temp.said(3, 2), E'^\\[e-mail, en, Tokyo KK\\]\nReminder: JPY~1,234,567 to be paid\n.*\nInvoice    Date        Due         Days late  Amount due\nF2026-002  5 Jan 2026  4 Feb 2026         55   1,234,567\nTotal JPY                                      1,234,567\n',
  'yen have no decimals; a language without texts is told in English');
SELECT is((render_step(4, 900, 2)).language, 'en', 'the contact''s language comes before the customer''s');
SELECT save_template('call_dated_promise', 'fr', '{customer_name} doit {amount}', E'Appeler {customer_name} ({customer_code}).\nDemander {recipient}.', 'call', 2) \g /dev/null
UPDATE contact SET language = NULL, phone = '06 11 11 11 11' WHERE contact_id = 41;
SELECT is(pg_temp.said(4, 3), E'[call, fr, {iban}, 06 11 11 11 11]\n{amount} doit 1~000,00~€\nAppeler {amount} (C004).\nDemander {iban}.', 'a customer called {amount} stays {amount}');
SELECT is((SELECT concat_ws(' ', r.template, r.version) FROM render_step(4, 900, 3) r), 'call_dated_promise 2', 'by the second version of the text');
SELECT unalike((render_step(6, 900, 3)).subject, E'%\n%', 'a name with a line break adds no line to a subject');
SELECT is((render_step(6, 900, 2)).recipient, 'Evil Bcc: all@example.com', 'nor a header');
SELECT alike((render_step(6, 900, 2)).body, '%F1 {iban}%', 'nor a number of an invoice');
SELECT doesnt_match((render_step(5, 900, 6)).body, 'L\. 441|injonction', '001-35 a public buyer is told nothing of the Commercial Code, nor of an order that no court gives against it');
SELECT matches((render_step(5, 900, 6)).body, 'intérêts moratoires arrêtés au 31 mars 2026 : 15,29', 'but of its interest');
UPDATE customer SET country = 'BE' WHERE customer_id = 4;
SELECT unalike((render_step(4, 900, 6)).body, '%article%', 'nor is a foreign one');
UPDATE customer SET country = NULL WHERE customer_id = 4;
SELECT alike((render_step(4, 900, 6)).body, '%L. 441-10, II du Code de commerce%', 'without a country it is a French one');
UPDATE creditor SET iban = NULL, bic = NULL, contact_phone = NULL, name = NULL;
SELECT is(pg_temp.said(4, 9), E'[sms, fr, {iban}, 06 11 11 11 11]\n2e relance, 1 000,00 € impayés depuis le 04/02/2026. Réglez sous huitaine.', 'what is not known of us leaves no empty words');
SELECT unalike((render_step(4, 900, 2)).body, '%IBAN%', 'nor in a letter');
UPDATE creditor SET name = 'Fonderie Mercier SAS';

-- Who receives it
SELECT is((SELECT r.contact_id || r.recipient_address FROM render_step(1, 900, 2) r), '12compta@martin.example', 'accounts payable first');
UPDATE contact SET bounced_on = '2026-03-01' WHERE contact_id = 12;
SELECT is((SELECT r.contact_id || r.recipient_address FROM render_step(1, 900, 2) r), '11director@martin.example', 'whose address fails is passed over');
SELECT is((SELECT r.recipient FROM render_step(1, 900, 5) r), 'Mme Roux', 'but not for a letter');
UPDATE contact SET bounced_on = NULL WHERE contact_id = 12;
SELECT is((SELECT r.channel || ' ' || coalesce(r.recipient_address, 'none') FROM render_step(5, 900, 2) r), 'e-mail none', 'where no contacts are kept, the customer');

-- Errors
SELECT throws_ok(s, e, NULL, s) FROM (VALUES
    ('SELECT render_step(1, 900, 10)', 'CR007'), ('SELECT render_step(1, 900, 99)', 'CR007'), ('SELECT render_step(1, NULL, 1)', 'CR007'), ('SELECT render_step(5, 900, 1)', 'CR012'),
    ('SELECT render_step(99, 900, 2)', 'CR012'), ('SELECT preview_notice(99)', 'CR007'), ('SELECT preview_notice(NULL)', 'CR007'),
    ('SELECT write_notice(1, 99, 1, ''{11}'', ''{1}'', ''{1}'')', 'CR007'), ('SELECT record_receipt(99, ''2026-03-31'')', 'CR007')) v (s, e);

-- What is written stays ---------------------------------------------------------------------
INSERT INTO dunning_action (customer_id, action_id, run_on, due_on, currency, language, channel, dunning_level, template, status, items, amount, lead_invoice_id, strategy_id, step_no, internal)
VALUES (1, 501, '2026-03-31', '2026-03-31', 'EUR', 'fr', 'registered', 4, 'formal_notice', 'proposed', 2, 12845.60, 11, 900, 6, false),
       (2, 502, '2026-03-31', '2026-03-31', 'USD', 'en', 'e-mail', 1, 'friendly_reminder', 'queued', 1, 1234.50, 21, 900, 2, false);
INSERT INTO dunning_action_item (customer_id, action_id, invoice_id, instalment_no, cycle, strategy_id, step_no, dunning_level, open_amount)
VALUES (1, 501, 11, 1, 1, NULL, NULL, 4, 12345.60), (1, 501, 12, 1, 1, NULL, NULL, 4, 500), (2, 502, 21, 1, 1, NULL, NULL, 1, 1234.50);
CREATE TEMPORARY TABLE before AS SELECT * FROM preview_notice(501);
SELECT is((SELECT (body, amount, interest, indemnity) FROM before), (SELECT (r.body, r.amount, r.interest, r.indemnity) FROM render_step(1, 900, 6) r), 'the preview of a proposed notice is what its step says');
SELECT is_empty('SELECT * FROM dunning_notice', 'and is not kept');
CREATE TEMPORARY TABLE written AS SELECT * FROM write_notice(1, 501, 1, '{11,12,13}', '{1,1,1}', '{12345.60,500,0}');
SELECT is((SELECT body FROM written), (SELECT body FROM before), 'what is handed out is what was approved');
SELECT results_eq($$SELECT attempt, template, version, language, channel, dunning_level, recipient, recipient_address, items, amount, interest, indemnity, pay_by, rendered_on, sent_on, attachments FROM dunning_notice$$,
  $$VALUES (1, 'formal_notice', 1, 'fr', 'registered', 4, 'Mme Roux', E'3 place Bellecour\n69002 Lyon', 2, 12845.60, 232.69, 80::numeric, date '2026-04-08', date '2026-03-31', NULL::date, NULL::text[])$$, 'the notice is kept with its figures');
SELECT results_eq('SELECT invoice_id, invoice_no, due_on, days_overdue, open_amount, disputed_amount, asked_amount, interest, indemnity FROM dunning_notice_item ORDER BY 1',
  $$VALUES (11::bigint, 'F2026-001', date '2026-02-04', 55, 12345.60, 0::numeric, 12345.60, 226.03, 40::numeric), (12, 'F2026-017', '2026-02-19', 40, 800, 300, 500, 6.66, 40)$$, 'and its items, without what is not asked for');
SELECT is((SELECT sum(asked_amount) || ' ' || sum(interest) || ' ' || sum(indemnity) FROM dunning_notice_item), (SELECT amount || ' ' || interest || ' ' || indemnity FROM dunning_notice), 'they add up');
SELECT is((SELECT claimed.interest + claimed.indemnity FROM (SELECT sum(c.interest) AS interest, sum(c.indemnity) AS indemnity FROM interest_to_claim(1) c) claimed),
  (SELECT interest + indemnity FROM dunning_notice), 'the notice claims what a note of interest would');
SELECT alike((SELECT p.subject FROM preview_notice(502) p), 'Reminder: USD%1,234.50 to be paid', 'the preview of a queued one');
SELECT open_dispute(21, 1234.50, 'all of it') \g /dev/null
SELECT throws_ok('SELECT preview_notice(502)', 'CR012', NULL, 'once all of it is disputed there is nothing to say');

INSERT INTO payment (customer_id, payment_id, payment_no, amount, received_on) VALUES (1, 71, 'P1', 12345.60, '2026-03-31');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 71, 11, 12345.60);
UPDATE customer SET name = 'Another name' WHERE customer_id = 1;
SELECT save_template('formal_notice', 'fr', 'Autre objet', 'Autre texte {amount}', dunning_level => 4, law => 'FR') \g /dev/null
SELECT is((SELECT (n.body, n.amount, n.version) FROM dunning_notice n), (SELECT (body, amount, 1) FROM written), 'a later payment, name or text changes nothing in it');
SELECT is((SELECT body FROM write_notice(1, 501, 1, '{12}', '{1}', '{500}')), (SELECT body FROM written), 'the same attempt gives the same notice');
SELECT is((SELECT (n.version, n.items, n.amount, n.body ~ 'Autre texte 500,00') FROM write_notice(1, 501, 2, '{11,12}', '{1,1}', '{12345.60,500}') n), (2, 1, 500.00, true), 'another attempt says what is so now: one is paid, the text is new');
SELECT throws_ok($$SELECT write_notice(1, 501, 3, '{11}', '{1}', '{12345.60}')$$, 'CR012', NULL, 'nobody is asked for what he paid');
SELECT throws_ok($$SELECT write_notice(1, 501, 3, NULL, NULL, NULL)$$, 'CR012', NULL, 'nor for nothing');
SELECT is((SELECT asked_amount FROM dunning_notice_item WHERE attempt = 2), 500::numeric, 'at most what is open is asked for');

-- Cash that is not matched is told.
INSERT INTO payment (customer_id, payment_no, amount, received_on) VALUES (1, 'P2', 120, '2026-03-31');
INSERT INTO invoice (customer_id, invoice_no, kind, amount, issued_on) VALUES (1, 'A1', 'credit_note', 30, '2026-03-31');
SELECT is((SELECT n.credits || ' ' || translate(substring(n.body FROM 'Vous avez à votre crédit[^.]*'), U&'\00A0', '~') FROM render_step(1, 900, 2) n), '150.00 Vous avez à votre crédit, non encore imputés : 150,00~€', 'with open credit notes');

-- Sent, received: once.
SELECT throws_ok(s, e, NULL, s) FROM (VALUES
    ('SELECT record_receipt(501, ''2026-03-31'')', 'CR012'), ('UPDATE dunning_notice SET body = ''other''', 'CR010'), ('UPDATE dunning_notice SET amount = 1', 'CR010'), ('DELETE FROM dunning_notice', 'CR010'),
    ('UPDATE dunning_notice_item SET asked_amount = 1', 'CR010'), ('DELETE FROM dunning_notice_item', 'CR010'), ('TRUNCATE dunning_notice CASCADE', 'CR010'), ('TRUNCATE dunning_notice_item', 'CR010'),
    ('UPDATE dunning_notice SET received_on = ''2026-03-31''', '23514'), ('UPDATE dunning_notice SET sent_on = ''2026-03-30''', '23514')) v (s, e);
UPDATE dunning_notice SET sent_on = '2026-03-31', tracking_no = 'RK 1234', outcome = 'sent' WHERE attempt = 2;
SELECT throws_ok('UPDATE dunning_notice SET sent_on = NULL WHERE attempt = 2', 'CR010', NULL, 'what was sent was sent');
SELECT throws_ok('UPDATE dunning_notice SET tracking_no = ''RK 9'' WHERE attempt = 2', 'CR010', NULL, 'its number stays');
UPDATE ledger SET pinned_date = '2026-04-03';
SELECT throws_ok(s, 'CR003', NULL, s) FROM unnest(ARRAY['SELECT record_receipt(501, ''2026-03-30'')', 'SELECT record_receipt(501, ''2026-04-04'')', 'SELECT record_receipt(501, NULL)',
    'SELECT record_receipt(501, ''2026-04-02'', ''RK 9'')']) s;
SELECT is(record_receipt(501, '2026-04-02', 'RK 1234'), '2026-04-02'::date, 'received');
SELECT results_eq('SELECT attempt, sent_on, tracking_no, received_on FROM dunning_notice ORDER BY 1', $$VALUES (1, NULL::date, NULL, NULL::date), (2, '2026-03-31', 'RK 1234', '2026-04-02')$$, 'the attempt that was sent');
SELECT throws_ok('SELECT record_receipt(501, ''2026-04-02'')', 'CR012', NULL, 'once');
SELECT results_eq($$SELECT event, detail FROM customer_timeline(1) WHERE object = 'dunning_notice'$$,
  $$VALUES ('notice_level_4', 'registered formal_notice 12845.60 EUR attempt 1'), ('notice_level_4', 'registered formal_notice 500 EUR attempt 2')$$, '001-50 the timeline has them');

-- In a collective proceeding the administrator is asked for what came after the judgment.
SELECT open_proceeding(6, 'safeguard', '2026-03-01', '2026-03-10', 'Lyon', 'RG 1', 'Me Leclerc', 'leclerc@example.com', E'1 quai Sarrail\n69006 Lyon') \g /dev/null
SELECT throws_ok('SELECT render_step(6, 900, 2)', 'CR012', NULL, '001-35 what was owed before the judgment is not asked for');
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (6, 'AFTER', 70, '2026-03-05', '2026-03-25');
SELECT results_eq('SELECT recipient, recipient_address, contact_id, amount FROM render_step(6, 900, 2)', $$VALUES ('Me Leclerc', 'leclerc@example.com', NULL::bigint, 70::numeric)$$, '001-35 the administrator is, for what came later');
SELECT alike((SELECT body FROM render_step(6, 900, 5)), E'%Me Leclerc\nEvil Bcc: all@example.com\n1 quai Sarrail\n69006 Lyon%', '001-35 by letter at the administrator''s address');

-- Where a rate is not known, nothing is said of interest, and the letter goes all the same.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, amount, issued_on, due_on) VALUES (5, 52, 'OLD', 'opening_balance', 10, '1990-01-01', '1990-01-31');
INSERT INTO dunning_action (customer_id, action_id, run_on, due_on, currency, language, channel, dunning_level, template, items, amount, lead_invoice_id, strategy_id, step_no, internal)
VALUES (5, 503, '2026-03-31', '2026-03-31', 'EUR', 'fr', 'e-mail', 2, 'firm_statement', 1, 10, 52, 900, 4, false);
SELECT throws_ok('SELECT render_step(5, 900, 4)', '22023', NULL, 'the preview says that a rate is missing');
SELECT is((SELECT concat_ws('/', n.amount, n.interest, n.body ~ 'pénalités') FROM write_notice(5, 503, 1, '{52}', '{1}', '{10}') n), '10/f', 'the notice goes out without');
SELECT is_empty('SELECT * FROM verify()', 'verify() finds nothing');

SELECT * FROM finish();
ROLLBACK;
