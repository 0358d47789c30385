-- The triggers of a ledger, in C: they are declared on its tables by the
-- ledger's own files and act as the owner of its credit_account.

CREATE FUNCTION credit_risk.acting_role() RETURNS text
AS 'MODULE_PATHNAME', 'crk_acting_role' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION credit_risk.acting_role() IS
'The role that acts for the user: the one of SET ROLE, else the session''s; not the owner of a function that runs as its owner.';

CREATE FUNCTION credit_risk.ledger_changed() RETURNS trigger
AS 'MODULE_PATHNAME', 'crk_ledger_changed' LANGUAGE C;
COMMENT ON FUNCTION credit_risk.ledger_changed() IS 'Trigger of the table ledger: every session reads the settings again.';

CREATE FUNCTION credit_risk.document_before() RETURNS trigger
AS 'MODULE_PATHNAME', 'crk_document_before' LANGUAGE C;
COMMENT ON FUNCTION credit_risk.document_before() IS
'Trigger before a document is written: business date, currency, rate, base amount, instant and author; guards the columns that only the ledger writes (CR010). CR006 without a rate.';

CREATE FUNCTION credit_risk.order_written() RETURNS trigger
AS 'MODULE_PATHNAME', 'crk_order_written' LANGUAGE C;
COMMENT ON FUNCTION credit_risk.order_written() IS
'Trigger after a statement on sales_order: posts the change to credit_account, keeps order_event, and judges what grew: CR001, hold or warning as the ledger says.';

CREATE FUNCTION credit_risk.delivery_written() RETURNS trigger
AS 'MODULE_PATHNAME', 'crk_delivery_written' LANGUAGE C;
COMMENT ON FUNCTION credit_risk.delivery_written() IS 'Trigger after deliveries: what was ordered becomes delivered and not yet invoiced.';

CREATE FUNCTION credit_risk.invoice_written() RETURNS trigger
AS 'MODULE_PATHNAME', 'crk_invoice_written' LANGUAGE C;
COMMENT ON FUNCTION credit_risk.invoice_written() IS 'Trigger after invoices: moves the order, posts the receivable, opens items; a reversal closes them (CR003 if something is allocated).';

CREATE FUNCTION credit_risk.payment_written() RETURNS trigger
AS 'MODULE_PATHNAME', 'crk_payment_written' LANGUAGE C;
COMMENT ON FUNCTION credit_risk.payment_written() IS 'Trigger after payments: posts unapplied cash, and what is not final yet to the exposure; refuses the reversal of an allocated payment (CR003).';

CREATE FUNCTION credit_risk.payment_final_written() RETURNS trigger
AS 'MODULE_PATHNAME', 'crk_payment_final_written' LANGUAGE C;
COMMENT ON FUNCTION credit_risk.payment_final_written() IS 'Trigger after payments became final: they leave the exposure.';

CREATE FUNCTION credit_risk.allocation_written() RETURNS trigger
AS 'MODULE_PATHNAME', 'crk_allocation_written' LANGUAGE C;
COMMENT ON FUNCTION credit_risk.allocation_written() IS 'Trigger after allocations: moves receivable, unapplied cash and open items; more than is open or was paid is refused (CR003).';
