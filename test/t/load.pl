# Eight clients write orders, deliveries, invoices, payments, cancellations,
# limits and more at once, among them to a few hot customers and to groups.
# Nobody is aborted, nothing deadlocks, the state is what the facts say, and no
# order was accepted beyond the limits in force, of its customer and of the
# groups above it.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seconds = $ENV{LOAD_SECONDS} // 60;
my $node = PostgreSQL::Test::Cluster->new('load');
$node->init;
$node->append_conf('postgresql.conf', slurp_file($ENV{CREDIT_RISK_CONF}));
# When a transaction committed is what the proof orders them by.
$node->append_conf('postgresql.conf', "track_commit_timestamp = on\nfsync = off\nmax_connections = 20\nlog_statement = none");
$node->start;

sub sql { my $sql = shift; return $node->safe_psql('postgres', "SET search_path = busy, credit_risk;\n$sql"); }

$node->safe_psql('postgres', q{CREATE EXTENSION credit_risk; SELECT credit_risk.create_ledger('busy')});
# 1 to 5 are heads of groups (4 and 5 stand below 1), 11 to 60 their members.
sql(q{
	UPDATE ledger SET pinned_date = '2026-03-02', log_passes = true;
	INSERT INTO customer (customer_id, code, name, parent_id)
	SELECT i, 'C' || i, 'Customer ' || i, CASE WHEN i IN (4, 5) THEN 1 WHEN i BETWEEN 11 AND 60 THEN 1 + i % 5 END
	FROM generate_series(1, 200) i;
	INSERT INTO credit_limit (customer_id, amount) SELECT i, 1000 * (1 + i % 11) FROM generate_series(1, 190) i;
	INSERT INTO credit_limit (customer_id, level, amount) VALUES (1, 'group', 12000), (2, 'group', 4000), (4, 'group', 4000);
});

# One customer in three transactions is a hot one.
my $customer = <<'PGBENCH';
\set any random(1, 200)
\set hot random(1, 20)
\set which random(1, 3)
\set c case when :which = 1 then :hot else :any end
\set cents random(1000, 60000)
PGBENCH

# Who takes an order away from another client locks its row, as the ledger does: orders before accounts.
my %script = (
	order => [ 12, 'INSERT INTO busy.sales_order (customer_id, amount) VALUES (:c, :cents * 0.01)' ],
	batch => [ 2, q{\set step random(1, 60)
INSERT INTO busy.sales_order (customer_id, amount) SELECT 1 + (:c + k * :step) % 200, (:cents + k) * 0.01 FROM generate_series(1, 5) k} ],
	change => [ 2, q{UPDATE busy.sales_order SET amount = amount + round(:cents * 0.005, 2) WHERE (customer_id, order_id) = (SELECT customer_id, order_id FROM busy.sales_order
 WHERE customer_id = :c AND status = 'open' AND delivered_amount = 0 ORDER BY order_id DESC LIMIT 1 FOR UPDATE SKIP LOCKED)} ],
	cancel => [ 3, q{UPDATE busy.sales_order SET cancelled_on = '2026-03-02' WHERE (customer_id, order_id) = (SELECT customer_id, order_id FROM busy.sales_order
 WHERE customer_id = :c AND status IN ('open', 'held') AND delivered_amount = 0 ORDER BY order_id DESC LIMIT 1 FOR UPDATE SKIP LOCKED)} ],
	deliver => [ 5, q{INSERT INTO busy.delivery (customer_id, order_id, amount) SELECT customer_id, order_id, open_amount FROM busy.sales_order
 WHERE customer_id = :c AND open_amount > 0 AND delivered_amount = 0 ORDER BY order_id LIMIT 1 FOR UPDATE SKIP LOCKED} ],
	invoice => [ 5, q{INSERT INTO busy.invoice (customer_id, invoice_no, order_id, issued_on, amount)
SELECT customer_id, format('I%s-%s', order_id, invoiced_amount), order_id, '2026-01-10', delivered_amount - invoiced_amount FROM busy.sales_order
 WHERE customer_id = :c AND delivered_amount > invoiced_amount ORDER BY order_id LIMIT 1 FOR UPDATE SKIP LOCKED} ],
	# The payment takes the account; what is open then stays open until we are done.
	pay => [ 8, q{BEGIN;
INSERT INTO busy.payment (customer_id, amount) VALUES (:c, :cents * 0.02);
INSERT INTO busy.allocation (customer_id, payment_id, invoice_id, amount)
SELECT customer_id, currval('busy.payment_payment_id_seq'), invoice_id, least(open_amount, :cents * 0.02) FROM busy.open_item
 WHERE customer_id = :c AND kind <> 'credit_note' ORDER BY due_on, invoice_id LIMIT 1;
COMMIT} ],
	credit => [ 1, q{INSERT INTO busy.invoice (customer_id, invoice_no, kind, issued_on, amount) VALUES (:c, gen_random_uuid()::text, 'credit_note', '2026-03-02', round(:cents * 0.0025, 2))} ],
	limit => [ 1, q{INSERT INTO busy.credit_limit (customer_id, amount) VALUES (:c, 1000 + :cents / 10)} ],
	group_limit => [ 1, q{\set head case when :which = 1 then 4 else :which end
INSERT INTO busy.credit_limit (customer_id, level, amount) VALUES (:head, 'group', 3000 + :cents / 10)} ],
	override => [ 1, q{SELECT busy.release_order(order_id, 'load', true) FROM (SELECT order_id FROM busy.sales_order WHERE customer_id = :c AND status = 'held' LIMIT 1 FOR UPDATE SKIP LOCKED) h} ],
	night => [ 1, 'SELECT * FROM busy.run_daily(NULL::date, 5)' ],
	worker => [ 1, q{SELECT count(*) FROM busy.claim_actions('worker', 3)} ]);
my @files;
for my $name (sort keys %script)
{
	my ($weight, $statement) = @{ $script{$name} };
	my $file = $node->basedir . "/$name.sql";
	append_to_file($file, "$customer$statement;\n");
	push @files, '-f', "$file\@$weight";
}

my ($out, $err) = ('', '');
my $ended = IPC::Run::run([ 'pgbench', '-n', '-c', 8, '-j', 2, '-T', $seconds, '--random-seed=1', '--failures-detailed', @files, $node->connstr('postgres') ],
	'>', \$out, '2>', \$err);
ok($ended, 'pgbench ends well') or diag $err;
unlike($err, qr/abort/, 'no client is aborted');
like($out, qr/^number of failed transactions: 0 /m, 'no transaction fails') or diag $out;
my $log = slurp_file($node->logfile);
unlike($log, qr/deadlock detected|ERROR:|PANIC:|FATAL:/, 'no error and no deadlock in the server log');

# All of it counted from the tables.
my $accepted = sql(q{SELECT count(*) FROM sales_order o WHERE NOT EXISTS
	(SELECT FROM credit_decision d WHERE (d.customer_id, d.order_id) = (o.customer_id, o.order_id) AND d.outcome = 'held')});
my $held = sql(q{SELECT count(DISTINCT (customer_id, order_id)) FROM credit_decision WHERE outcome = 'held'});
my $least = $seconds / 150;     # a slow machine is no fault
cmp_ok($accepted, '>=', 1000 * $least, "$accepted orders were accepted, each at once");
cmp_ok($held, '>=', 200 * $least, "$held orders were held");
note "$1 transactions" if $out =~ /actually processed: (\d+)/;
for my $kind (qw(delivery invoice payment allocation credit_limit dunning_action))
{
	my $count = sql("SELECT count(*) FROM $kind");
	cmp_ok($count, '>', 0, "$count rows of $kind");
}
cmp_ok(sql(q{SELECT count(*) FROM order_event WHERE event = 'cancelled'}), '>', 0, 'orders were cancelled');
cmp_ok(sql(q{SELECT count(*) FROM dunning_action WHERE status = 'claimed'}), '>', 0, 'reminders were claimed');

is(sql('SELECT * FROM verify()'), '', 'the state is what the facts say');
is(sql(q{SELECT count(*) FROM (SELECT customer_id, not_due, d1_30, d31_60, d61_90, over_90, total, unapplied FROM ageing_by_customer
	EXCEPT SELECT customer_id, not_due, d1_30, d31_60, d61_90, over_90, total, unapplied FROM ageing_as_of('2026-03-02')) x}), 0,
	'the aged balance is that of the facts');

# The proof. It uses nothing that the check itself used or wrote. Whoever
# changes the exposure or the limit of a customer holds the row lock of its
# account until after the commit is stamped, so the commit stamps put a
# customer's transactions in the order in which they had the account. Along
# that order the exposure is summed up from the facts alone (order events,
# invoices, payments; allocations move nothing between exposure and the rest),
# each fact belonging to the transaction that its xmin names, and the limit in
# force is that of the decision with the highest number before it: two decisions
# at once may commit in the other order. A transaction of the load does
# one thing, so that after one that left an order with more open than before,
# the exposure reached must be within the limit of that moment.
sql(q{
	CREATE TABLE proof AS
	WITH fact AS (
		SELECT customer_id, xmin::text AS xid, open_amount_base + unbilled_base AS change, open_amount_base + unbilled_base AS ordered FROM order_event
		UNION ALL SELECT customer_id, xmin::text, CASE kind WHEN 'credit_note' THEN -amount_base ELSE amount_base END, 0 FROM invoice
		UNION ALL SELECT customer_id, xmin::text, -amount_base, 0 FROM payment
	), step AS (
		SELECT customer_id, xid, sum(change) AS change, sum(ordered) AS ordered, NULL::bigint AS credit_limit_id FROM fact GROUP BY 1, 2
		UNION ALL SELECT customer_id, xmin::text, 0, 0, credit_limit_id FROM credit_limit WHERE level = 'customer'
	), placed AS (
		SELECT customer_id, xid, pg_xact_commit_timestamp(xid::xid) AS committed_at, ordered,
			sum(change) OVER w AS exposure, max(credit_limit_id) OVER w AS credit_limit_id
		FROM step WINDOW w AS (PARTITION BY customer_id ORDER BY pg_xact_commit_timestamp(xid::xid))
	)
	SELECT customer_id, xid, committed_at, ordered, exposure, coalesce(l.amount, (SELECT default_limit FROM ledger)) AS credit_limit
	FROM placed LEFT JOIN credit_limit l USING (customer_id, credit_limit_id);
});
my $answered = q{EXISTS (SELECT FROM credit_decision d WHERE d.customer_id = p.customer_id AND d.xmin::text = p.xid AND d.outcome = 'overridden')};
my $proved = sql("SELECT count(*) FROM proof p WHERE ordered > 0 AND NOT $answered");
cmp_ok($proved, '>=', 1000 * $least, "$proved transactions accepted an order");
is(sql("SELECT * FROM proof p WHERE ordered > 0 AND exposure > credit_limit AND NOT $answered"), '',
	'none of them took its customer beyond the limit in force');
cmp_ok(sql("SELECT count(*) FROM proof p WHERE exposure > credit_limit"), '>', 0,
	'beyond a limit are only those whose limit was cut or overridden');
is(sql(q{SELECT count(*) FROM (SELECT DISTINCT ON (customer_id) customer_id, exposure FROM proof ORDER BY customer_id, committed_at DESC) p
	JOIN credit_account a USING (customer_id) WHERE a.exposure <> p.exposure}), 0, 'the last exposure of each customer is that of its account');

# The same for the groups: every posting of a member takes the account of the
# head first, so that the commits of the whole group stand in one order.
sql(q{
	CREATE TABLE group_proof AS
	WITH member AS (
		SELECT h.head, a.customer_id FROM credit_account a CROSS JOIN LATERAL unnest(coalesce(a.group_path, ARRAY[a.customer_id])) h (head)
		WHERE h.head IN (1, 2, 4)
	), fact AS (
		SELECT customer_id, xmin::text AS xid, open_amount_base + unbilled_base AS change, open_amount_base + unbilled_base AS ordered FROM order_event
		UNION ALL SELECT customer_id, xmin::text, CASE kind WHEN 'credit_note' THEN -amount_base ELSE amount_base END, 0 FROM invoice
		UNION ALL SELECT customer_id, xmin::text, -amount_base, 0 FROM payment
	), step AS (
		SELECT head, xid, sum(change) AS change, sum(greatest(ordered, 0)) AS ordered, NULL::bigint AS credit_limit_id
		FROM member JOIN (SELECT customer_id, xid, sum(change) AS change, sum(ordered) AS ordered FROM fact GROUP BY 1, 2) f USING (customer_id) GROUP BY 1, 2
		UNION ALL SELECT customer_id, xmin::text, 0, 0, credit_limit_id FROM credit_limit WHERE level = 'group'
	), placed AS (
		SELECT head, xid, ordered, sum(change) OVER w AS exposure, max(credit_limit_id) OVER w AS credit_limit_id
		FROM step WINDOW w AS (PARTITION BY head ORDER BY pg_xact_commit_timestamp(xid::xid))
	)
	SELECT p.head, p.xid, p.ordered, p.exposure, l.amount AS credit_limit
	FROM placed p JOIN credit_limit l ON (l.customer_id, l.credit_limit_id) = (p.head, p.credit_limit_id);
});
my $group_answered = q{EXISTS (SELECT FROM credit_decision d WHERE d.xmin::text = p.xid AND d.outcome = 'overridden')};
my $group_proved = sql("SELECT count(*) FROM group_proof p WHERE ordered > 0 AND NOT $group_answered");
cmp_ok($group_proved, '>=', 500 * $least, "$group_proved transactions accepted an order of a group's member");
is(sql("SELECT * FROM group_proof p WHERE ordered > 0 AND exposure > credit_limit AND NOT $group_answered"), '',
	'none of them took its group beyond the limit in force');
cmp_ok(sql(q{SELECT count(*) FROM credit_decision WHERE outcome = 'held' AND 'group_limit_exceeded' = ANY (reasons)}), '>', 0, 'some were held by the limit of their group');
cmp_ok(sql(q{SELECT count(*) FROM credit_decision WHERE outcome = 'held' AND reasons = '{group_limit_exceeded}'}), '>', 0, 'and by nothing else');
is(sql(q{SELECT count(*) FROM (SELECT head, sum(exposure) AS exposure FROM (SELECT DISTINCT unnest(coalesce(group_path, ARRAY[customer_id])) AS head, customer_id, exposure FROM credit_account) m GROUP BY 1) g
	JOIN credit_account a ON a.customer_id = g.head WHERE a.group_exposure <> g.exposure}), 0, 'the exposure of each group is that of its members');

# Who exceeds his limit without an order, by a cut, is noticed; who no longer does is not.
is(sql(q{(SELECT customer_id, kind, key FROM limit_alert WHERE recent AND kind IN ('limit_exceeded', 'utilization')
	EXCEPT SELECT customer_id, kind, key FROM alert WHERE closed_on IS NULL)
	UNION ALL (SELECT customer_id, kind, key FROM alert WHERE closed_on IS NULL AND kind IN ('limit_exceeded', 'utilization') EXCEPT SELECT customer_id, kind, key FROM limit_alert)}), '',
	'every excess has its alert open, and no other is');
cmp_ok(sql(q{SELECT count(*) FROM alert WHERE kind = 'limit_exceeded' AND figures->>'excess_kind' = 'passive'}), '>', 0, 'there were passive ones');

# And the decisions kept tell the same story.
is(sql(q{SELECT count(*) FROM credit_decision WHERE outcome = 'passed' AND NOT exposure_after <= credit_limit}), 0, 'what passed was within the limit');
is(sql(q{SELECT count(*) FROM credit_decision WHERE outcome = 'held' AND NOT (exposure_after > credit_limit OR 'group_limit_exceeded' = ANY (reasons))}), 0, 'what was held was beyond it');
is(sql(q{SELECT count(*) FROM replay_decisions('2026-03-02', '2026-03-02')}), 0, 'and judged again they are the same');
is(sql(q{SELECT count(*) FROM credit_decision d JOIN proof p ON p.customer_id = d.customer_id AND p.xid = d.xmin::text
	WHERE d.outcome = 'passed' AND d.decision_id = (SELECT max(l.decision_id) FROM credit_decision l WHERE l.customer_id = d.customer_id AND l.xmin::text = p.xid)
	AND (d.exposure_after, d.credit_limit) IS DISTINCT FROM (p.exposure, p.credit_limit)}), 0, 'with the exposure and the limit that the facts give');
is(sql(q{SELECT count(*) FROM sales_order o WHERE NOT EXISTS (SELECT FROM credit_decision d WHERE (d.customer_id, d.order_id) = (o.customer_id, o.order_id))}), 0,
	'there is a decision about every order');

$node->stop;
done_testing();
