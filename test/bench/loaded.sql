-- One open item for each invoice, with the same sums, posted to the accounts.
SET search_path = receivables, credit_risk;
SELECT (SELECT (count(*), sum(amount)) FROM invoice) = (SELECT (count(*), sum(open_amount)) FROM open_item)
   AND (SELECT sum(amount) FROM invoice) = (SELECT sum(receivable) FROM credit_account)
   AND (SELECT count(*) FROM invoice) = :invoices;
