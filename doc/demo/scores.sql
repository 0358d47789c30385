-- Scores, early warning and the watch list, brought to the last day.

SELECT score_customers(ARRAY(SELECT customer_id FROM credit_account), 'demo') \g /dev/null
SELECT settle_alerts(ARRAY(SELECT d FROM early_warning_alerts(NULL, business_date()) d), '{early_warning,delay_degradation,behaviour_degradation}') \g /dev/null
SELECT watch_scores() \g /dev/null
