-- One run of run_daily over the whole ledger in its batches, on vacuumed
-- tables: night, items that were due, blocks read (cached or not).
VACUUM (ANALYZE) open_item, credit_account, dunning_action, dunning_action_item;
SELECT count(*) AS items FROM open_item WHERE next_action_on <= date '2026-01-05' + 14 * (:night - 1) \gset
SELECT pg_stat_force_next_flush() AS flushed \gset
SELECT blks_hit + blks_read AS before FROM pg_stat_database WHERE datname = current_database() \gset
CALL credit_risk.run_daily('receivables', date '2026-01-05' + 14 * (:night - 1), 500);
SELECT pg_stat_force_next_flush() AS flushed \gset
SELECT :night, :items - (SELECT count(*) FROM open_item WHERE next_action_on <= date '2026-01-05' + 14 * (:night - 1)),
       blks_hit + blks_read - :before FROM pg_stat_database WHERE datname = current_database();
