# Ninety nights, once each of them and once with thirty missing in the middle:
# what was missed is caught up a step at a time, never two communications to a
# customer on a day, nothing skipped and nothing twice.  CATCH_UP_INVOICES=100000
# is the size of a firm; the default is what a run of all tests can spend.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $invoices = $ENV{CATCH_UP_INVOICES} // 3000;
my $node = PostgreSQL::Test::Cluster->new('catch_up');
$node->init;
$node->append_conf('postgresql.conf', slurp_file($ENV{CREDIT_RISK_CONF}));
$node->append_conf('postgresql.conf', "fsync = off\nsynchronous_commit = off\nlog_statement = none\nshared_buffers = 512MB\nmax_wal_size = 4GB\njit = off");
$node->start;
sub sql { return $node->safe_psql('postgres', "SET client_min_messages = warning;\n$_[0]"); }

# Four invoices a customer, a single one of every fifth, three classes; due from
# three weeks before the first night to eight weeks after it.  One in ten is too
# small for a formal notice.
my $first = '2026-01-05';
sql('CREATE EXTENSION credit_risk');
for my $ledger (qw(daily gap))
{
	sql(<<~"SQL");
		SELECT credit_risk.create_ledger('$ledger');
		SET search_path = $ledger, credit_risk;
		UPDATE ledger SET pinned_date = '$first';
		INSERT INTO customer (customer_id, code, name, risk_class)
		SELECT n, 'C' || n, 'Customer ' || n, (ARRAY['A', 'C', 'E'])[1 + n % 3] FROM generate_series(1, $invoices * 5 / 17 + 1) n;
		INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
		SELECT p.customer_id, p.n, 'I' || p.n, date '$first' - 40, date '$first' - 20 + (p.n * 37 % 77)::integer, CASE WHEN p.n % 10 = 0 THEN 100 ELSE 600 + p.n % 400 END
		FROM (SELECT c.customer_id, row_number() OVER (ORDER BY c.customer_id, k) AS n
		      FROM customer c, generate_series(1, 4) k WHERE c.customer_id % 5 <> 0 OR k = 1) p WHERE p.n <= $invoices;
		-- Nights, each followed by its day: formal notices are approved, and all that has its day is carried out, most of it
		-- set-wise, the rest, and what would meet another communication, by the protocol of a worker.
		CREATE PROCEDURE public.${ledger}_nights(from_on date, to_on date) LANGUAGE plpgsql AS \$\$
		DECLARE
		    handed_out bigint;
		BEGIN
		    FOR n IN 0 .. to_on - from_on LOOP
		        UPDATE ledger SET pinned_date = from_on + n;
		        WHILE (SELECT r.customers FROM run_daily(from_on + n, 500) r) > 0 LOOP COMMIT; END LOOP;
		        PERFORM approve_action(d.action_id) FROM dunning_action d WHERE d.status = 'proposed';
		        UPDATE dunning_action d SET status = 'done', done_on = from_on + n, outcome = 'sent'
		        WHERE d.status = 'queued' AND d.due_on <= from_on + n AND d.customer_id % 50 > 0
		          AND (d.internal OR NOT EXISTS (SELECT FROM dunning_action x WHERE x.customer_id = d.customer_id AND x.action_id <> d.action_id
		                                         AND NOT x.internal AND (x.status IN ('queued', 'claimed') OR x.done_on = from_on + n)));
		        LOOP
		            SELECT count(complete_action(c.action_id, c.claim_token)) INTO handed_out FROM claim_actions('worker', 500) c;
		            EXIT WHEN handed_out = 0;
		        END LOOP;
		        COMMIT;
		    END LOOP;
		END \$\$;
		SQL
}
sql('VACUUM ANALYZE');

# The nights of both at once: the ledgers have nothing in common.
sub nights
{
	my %wanted = @_;
	my $started = time;
	my @runs = map {
		my ($ledger, $nights) = ($_, $wanted{$_});
		my ($out, $err) = ('', '');
		my @calls = ('-c', "SET search_path = $ledger, credit_risk, public", map { ('-c', "CALL ${ledger}_nights('$first'::date + $_->[0], '$first'::date + $_->[1])", '-c', "VACUUM (ANALYZE) $ledger.open_item, $ledger.dunning_action, $ledger.dunning_action_item") } @$nights);
		{ out => \$out, err => \$err, run => IPC::Run::start([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), @calls ], '<', '/dev/null', '>', \$out, '2>', \$err) };
	} sort keys %wanted;
	for (@runs)
	{
		IPC::Run::finish($_->{run});
		is(${ $_->{err} }, '', 'the nights run');
	}
	return time - $started;
}
sub weeks { my ($from, $to) = @_; return [ map { [ $_, $_ + 9 > $to ? $to : $_ + 9 ] } grep { ($_ - $from) % 10 == 0 } $from .. $to ]; }

my $seconds = nights(daily => weeks(0, 89), gap => weeks(0, 29));
sql('CREATE TABLE public.before_gap AS SELECT customer_id, invoice_id, instalment_no, strategy_id, step_no, dunning_level FROM gap.open_item');

# ---- the catch-up run ----------------------------------------------------------
my $resumed = "('$first'::date + 60)";
$seconds += nights(gap => [ [ 60, 60 ] ]);
my $communications = sql("SELECT count(*) FROM gap.dunning_action WHERE run_on = $resumed AND NOT internal");
cmp_ok($communications, '>', $invoices / 10, "the night after thirty days without one: $communications communications");
is(sql("SELECT customer_id, count(*) FROM gap.dunning_action WHERE run_on > '$first'::date + 29 AND NOT internal GROUP BY 1 HAVING count(*) > 1"), '',
	'at most one to a customer');
my $next_step = <<~'SQL';
	(SELECT min(s.step_no) FROM gap.dunning_step s, gap.open_item o
	 WHERE s.strategy_id = b.strategy_id AND s.step_no > b.step_no AND (o.customer_id, o.invoice_id) = (b.customer_id, b.invoice_id)
	   AND (s.offset_days >= 0 OR o.due_on >= d.run_on))
	SQL
is(sql(<<~"SQL"), '', 'each item by its next step, whatever it has missed');
	SELECT i.invoice_id, b.step_no, i.step_no FROM gap.dunning_action d JOIN gap.dunning_action_item i USING (customer_id, action_id) JOIN public.before_gap b USING (customer_id, invoice_id)
	WHERE d.run_on = $resumed AND NOT d.internal AND i.step_no IS NOT NULL AND i.step_no IS DISTINCT FROM $next_step
	SQL
is(sql('SELECT count(*) FROM gap.verify()'), '0', 'verify() after it');

# ---- and the daily runs after it -------------------------------------------------
$seconds += nights(gap => weeks(61, 119));
my $history = <<~'SQL';
	(SELECT i.*, d.run_on, d.done_on, d.internal FROM %1$s.dunning_action_item i JOIN %1$s.dunning_action d USING (customer_id, action_id)
	 WHERE i.step_no IS NOT NULL AND NOT i.dropped AND d.status = 'done')
	SQL
my %history = map { $_ => sprintf($history, $_) } qw(daily gap);
for my $ledger (qw(daily gap))
{
	my $taken = $history{$ledger};
	is(sql("SELECT customer_id, done_on FROM $ledger.dunning_action WHERE NOT internal AND status = 'done' GROUP BY 1, 2 HAVING count(*) > 1"), '',
		"$ledger: never two communications to one customer on one day");
	is(sql("SELECT invoice_id, step_no FROM $taken h GROUP BY 1, 2 HAVING count(*) > 1"), '', "$ledger: no step twice");
	is(sql(<<~"SQL"), '', "$ledger: no step skipped, but those before the due date once it is past");
		SELECT t.invoice_id, t.former, t.step_no
		FROM (SELECT h.*, coalesce(lag(h.step_no) OVER (PARTITION BY h.invoice_id ORDER BY h.action_id), 0) AS former FROM $taken h) t
		JOIN $ledger.open_item o USING (customer_id, invoice_id)
		WHERE t.step_no <= t.former OR EXISTS (SELECT FROM $ledger.dunning_step s WHERE s.strategy_id = t.strategy_id AND s.step_no > t.former AND s.step_no < t.step_no
		                                       AND (s.offset_days >= 0 OR o.due_on >= t.run_on))
		SQL
	is(sql("SELECT count(*) FROM $ledger.dunning_action WHERE status = 'obsolete'"), '0', "$ledger: nothing in vain, for nobody paid");
	is(sql("SELECT count(*) FROM $ledger.open_item WHERE next_action_on <= (SELECT pinned_date FROM $ledger.ledger)"), '0', "$ledger: nothing due is left");
	is(sql("SELECT count(*) FROM $ledger.verify()"), '0', "$ledger: verify() is empty");
}

# Every step that the uninterrupted run took within its ninety nights is taken
# after the gap too, and when.
sql(<<~"SQL");
	CREATE TABLE public.lateness AS
	SELECT h.customer_id, h.invoice_id, h.dunning_level, h.step_no, g.done_on - h.done_on AS days, h.done_on AS daily_on, g.done_on AS gap_on
	FROM $history{daily} h LEFT JOIN $history{gap} g USING (customer_id, invoice_id, step_no)
	SQL
is(sql("SELECT count(*) FROM public.lateness l JOIN daily.dunning_step s USING (step_no) JOIN daily.open_item o USING (customer_id, invoice_id, strategy_id) WHERE l.days IS NULL AND s.offset_days >= 0"),
	'0', 'every step of the uninterrupted run is taken after the gap too, save reminders before a due date that is past');
is(sql('SELECT count(*) FROM daily.open_item d JOIN gap.open_item g USING (customer_id, invoice_id, instalment_no) WHERE g.dunning_level < d.dunning_level'), '0',
	'every item reaches the level where the uninterrupted run left it');
cmp_ok(sql("SELECT count(*) FROM daily.open_item WHERE dunning_level = 5"), '>', $invoices / 3, 'which is litigation for many');
# One customer hears of all its items in turn: a late step is late by the gaps
# alone when it follows the communication before it as soon as its gap allows,
# which may end on a weekend or at Easter.
is(sql(<<~"SQL"), '', 'a step that is late comes when the gap of the communication before it is over');
	SELECT l.invoice_id, l.step_no, l.daily_on, l.gap_on
	FROM public.lateness l JOIN gap.open_item o USING (customer_id, invoice_id) JOIN gap.dunning_step s ON (s.strategy_id, s.step_no) = (o.strategy_id, l.step_no)
	WHERE l.days > 0 AND s.channel <> 'task' AND l.gap_on > $resumed + 4 AND NOT EXISTS (
	    SELECT FROM gap.dunning_action d WHERE d.customer_id = l.customer_id AND NOT d.internal AND d.done_on < l.gap_on AND d.done_on >= l.gap_on - s.min_gap_days - 4)
	SQL
note(sql("SELECT format('late: %s of %s steps, half of them by at most %s days, the latest by %s', count(*) FILTER (WHERE days > 0), count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE days > 0), max(days)) FROM public.lateness"));
# A customer with a single invoice waits for the gaps of the steps it has missed,
# and each time perhaps for a Monday.
is(sql(<<~"SQL"), '', 'an item alone is late by no more than the gaps of the steps missed');
	SELECT l.invoice_id, l.step_no, l.gap_on, l.daily_on
	FROM public.lateness l JOIN gap.open_item o USING (customer_id, invoice_id)
	WHERE l.customer_id % 5 = 0 AND l.gap_on > greatest(l.daily_on, $resumed)
	    + (SELECT coalesce(sum(greatest(s.min_gap_days, 1) + 4), 0)::integer FROM gap.dunning_step s
	       WHERE s.strategy_id = o.strategy_id AND s.step_no <= l.step_no AND s.step_no > coalesce((SELECT b.step_no FROM public.before_gap b WHERE b.invoice_id = l.invoice_id), 0))
	SQL
my $actions = sql('SELECT (SELECT count(*) FROM daily.dunning_action) + (SELECT count(*) FROM gap.dunning_action)');
note(sprintf('%d invoices twice, %d communications in %.0f s of nights: %.2f ms each with its sending', $invoices, $actions, $seconds, 1000 * $seconds / $actions));
$node->stop;
done_testing();
