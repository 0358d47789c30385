-- Every order passed and stands in its customer's account; nothing was held.
SELECT (SELECT count(*) > 0 AND bool_and(status = 'open') FROM receivables.sales_order)
   AND NOT EXISTS (
        SELECT FROM receivables.credit_account a
        LEFT JOIN (SELECT customer_id, sum(open_amount_base) AS ordered FROM receivables.sales_order GROUP BY 1) o USING (customer_id)
        WHERE a.open_orders <> coalesce(o.ordered, 0));
