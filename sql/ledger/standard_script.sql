-- The scripts that a ledger comes with, in French and English, for the calls
-- and tasks of the three standard strategies: what a collector should know, ask
-- and obtain. They are never sent. What all of them say stands once, in part:
-- [who] whom it is about, [also] what not to ask for.

WITH part (name, language, words) AS (VALUES
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

Objet de la mise en demeure :
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

Subject of the formal notice:
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

Objet de la mise en demeure :
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

Subject of the formal notice:
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
       replace(replace(s.body, '[who]', w.words), '[also]', a.words)
FROM said s CROSS JOIN LATERAL unnest(s.channels::text[]) k (channel)
JOIN part w ON (w.name, w.language) = ('[who]', s.language) JOIN part a ON (a.name, a.language) = ('[also]', s.language)
ORDER BY s.dunning_level, s.template, s.language, k.channel, s.law;
