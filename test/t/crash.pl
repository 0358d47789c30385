# A server dies amid a posting and amid the nightly run, by stop and by kill -9:
# what was committed is there whole, what was not is not there at all, and the
# run goes on.  A standby shows the same figures and takes over.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', slurp_file($ENV{CREDIT_RISK_CONF}));
$primary->append_conf('postgresql.conf', "restart_after_crash = on\nautovacuum = off");
$primary->start;
my $sample = slurp_file("$ENV{TESTDIR}/test/t/sample.sql");

sub sql { my ($sql, $node) = @_; return ($node // $primary)->safe_psql('postgres', $sql); }

# The same ledger twice: one suffers, the other is what it must be like.
sql('CREATE EXTENSION credit_risk');
for my $ledger (qw(receivables reference))
{
	sql("SELECT credit_risk.create_ledger('$ledger')");
	sql("\\set seed 0\nSET search_path = $ledger;\n$sample");
}
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "hot_standby_feedback = on");
$standby->start;

# Every table of the ledger in one line.
sub state_of
{
	return sql(<<~'SQL');
		SET search_path = pg_catalog;
		SELECT format('SELECT %L, count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM %s t', relname, oid::regclass)
		FROM pg_class WHERE relnamespace = 'receivables'::regnamespace AND relkind = 'r' ORDER BY relname \gexec
		SQL
}

# What the run did, apart from the numbers that sequences gave.
sub run_of
{
	my $ledger = shift;
	return sql(<<~"SQL");
		SET search_path = $ledger;
		SELECT customer_id, invoice_id, instalment_no, step_no, dunning_level, cycle, next_action_on, parked_until FROM open_item ORDER BY 1, 2, 3;
		SELECT i.customer_id, invoice_id, instalment_no, i.step_no, cycle, dropped, run_on, due_on, done_on, currency, channel, a.dunning_level, items, amount, lead_invoice_id, status
		FROM dunning_action_item i JOIN dunning_action a USING (customer_id, action_id) ORDER BY 1, 2, 3, 4, 5, 7, 8, 11, 12;
		SELECT customer_id, run_on, count(*) FROM dunning_action GROUP BY 1, 2 ORDER BY 1, 2
		SQL
}

sub stop_at_once { $primary->stop('immediate'); return $primary->start; }

# Kill one server process; the postmaster restarts all of them by itself.
sub kill_backend
{
	my $pid = shift;
	my $before = sql('SELECT pg_postmaster_start_time()');
	my $mark = -s $primary->logfile;
	kill 'KILL', $pid;
	for (1 .. 600)
	{
		last if slurp_file($primary->logfile, $mark) =~ /database system is ready to accept connections/;
		select undef, undef, undef, 0.1;
	}
	$primary->poll_query_until('postgres', 'SELECT true');
	return is(sql('SELECT pg_postmaster_start_time()'), $before, 'kill -9: the postmaster lived on');
}

# A session that is not asked to end well.
sub leave { my $session = shift; return eval { $session->{run}->kill_kill(grace => 1); 1 }; }

# ---- amid a posting ---------------------------------------------------------
my $posting = <<~'SQL';
	BEGIN;
	SET search_path = receivables;
	INSERT INTO customer (code, name) VALUES ('LATE', 'Too late');
	INSERT INTO credit_limit (customer_id, amount) SELECT customer_id, 50 * customer_id FROM customer WHERE payer_id IS NULL;
	INSERT INTO sales_order (customer_id, amount) SELECT customer_id, 10 FROM customer WHERE payer_id IS NULL;
	INSERT INTO delivery (customer_id, order_id, amount, currency) SELECT customer_id, order_id, 5, currency FROM sales_order WHERE status = 'open' AND NOT is_authorization;
	INSERT INTO invoice (customer_id, invoice_no, amount) SELECT customer_id, 'late', 20 FROM customer WHERE payer_id IS NULL;
	INSERT INTO payment (customer_id, payment_no, amount) SELECT customer_id, 'late', 20 FROM customer WHERE payer_id IS NULL;
	INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
	SELECT customer_id, payment_id, invoice_id, 5 FROM payment p JOIN invoice i USING (customer_id) WHERE payment_no = 'late' AND invoice_no = 'late';
	SELECT count(*) > 0 FROM claim_actions('late', 100);
	SQL
for my $way ('stop immediate', 'kill -9')
{
	sql("SET search_path = receivables; INSERT INTO payment (customer_id, payment_no, amount) VALUES (5, '$way', 7)");
	my $before = state_of();
	my $session = $primary->background_psql('postgres');
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	$session->query_safe($posting);
	my $payers = 1 + sql('SELECT count(*) FROM receivables.customer WHERE payer_id IS NULL');
	is($session->query_safe("SELECT count(*) FROM receivables.invoice WHERE invoice_no = 'late'"), $payers, "$way: a transaction has posted to every payer");
	sql('CHECKPOINT');    # so that recovery meets pages which hold it
	if ($way eq 'kill -9') { kill_backend($pid); }
	else                   { stop_at_once(); }
	leave($session);
	is(state_of(), $before, "$way amid a posting: every table is as before, what was committed just before included");
	is(sql('SELECT * FROM receivables.verify()'), '', "$way: verify() is empty");
}

# ---- amid the nightly run -----------------------------------------------------
my $day = '2026-04-03';
for my $way ('stop immediate', 'kill -9')
{
	sql("UPDATE $_.ledger SET pinned_date = '$day'") for qw(receivables reference);
	my $waiting = sql("SELECT count(DISTINCT customer_id) FROM receivables.open_item WHERE next_action_on <= '$day'");
	my $actions_before = sql("SELECT count(*) FROM receivables.dunning_action WHERE run_on = '$day'");
	is($actions_before, '0', "$way: nothing is queued yet on $day");
	cmp_ok($waiting, '>', 5, "$way: and there are customers to look at");

	# Somebody holds the account of the customer that comes in the middle.
	my $middle = sql("SELECT customer_id FROM (SELECT customer_id, min(next_action_on) AS first FROM receivables.open_item WHERE next_action_on <= '$day' GROUP BY 1 ORDER BY 2, 1) d OFFSET $waiting / 2 LIMIT 1");
	my $holder = $primary->background_psql('postgres');
	$holder->query_safe("BEGIN; SELECT FROM receivables.credit_account WHERE customer_id = $middle FOR UPDATE");
	my $runner = $primary->background_psql('postgres');
	my $pid = $runner->query_safe('SELECT pg_backend_pid()');
	$runner->query_until(qr/begun/, "\\echo begun\nCALL credit_risk.run_daily('receivables', batch_size => 1);\n");
	$primary->poll_query_until('postgres', "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $pid");
	my $queued = sql("SELECT count(*) FROM receivables.dunning_action WHERE run_on = '$day'");
	if ($way eq 'kill -9') { kill_backend($pid); }
	else                   { stop_at_once(); }
	leave($_) for $holder, $runner;

	my $left = sql("SELECT count(DISTINCT customer_id) FROM receivables.open_item WHERE next_action_on <= '$day'");
	ok($queued > 0 && $left > 0 && $left < $waiting, "$way between batches: $queued queued, $left of $waiting customers left");
	is(sql("SELECT count(*) FROM receivables.dunning_action WHERE run_on = '$day'"), $queued, "$way: what the finished batches queued is there");
	is(sql('SELECT * FROM receivables.verify()'), '', "$way: verify() is empty");

	sql("CALL credit_risk.run_daily('receivables', batch_size => 7)");
	is(sql("SELECT count(*) FROM receivables.open_item WHERE next_action_on <= '$day'"), '0', "$way: the next call goes on to the end");
	sql("CALL credit_risk.run_daily('reference')");
	is(run_of('receivables'), run_of('reference'), "$way: no action is lost, none doubled: all as without the crash");
	is(sql('SELECT * FROM receivables.verify()'), '', "$way: verify() is still empty");
	# What waits is carried out, so that its items can go on to their next step.
	sql("SET search_path = $_; SELECT approve_action(action_id) FROM dunning_action WHERE status = 'proposed'; SELECT complete_action(action_id, claim_token) FROM claim_actions('worker', 1000)") for qw(receivables reference);
	is(run_of('receivables'), run_of('reference'), "$way: carried out alike");
	$day = '2026-04-20';
}

# ---- a worker that dies after its claim ----------------------------------------
sql("UPDATE receivables.ledger SET pinned_date = '2026-05-04'; CALL credit_risk.run_daily('receivables')");
sql("SET search_path = receivables; SELECT approve_action(action_id) FROM dunning_action WHERE status = 'proposed'");
my $claims = "SELECT customer_id, action_id, status, worker, claim_token, claimed_until, attempts FROM receivables.dunning_action WHERE worker = 'first' ORDER BY 2";
my $notices = "SELECT n.action_id, n.attempt, md5(n.body), n.sent_on FROM receivables.dunning_notice n JOIN receivables.dunning_action a USING (customer_id, action_id) WHERE a.worker = 'first' ORDER BY 1, 2";
my $worker = $primary->background_psql('postgres');
my $pid = $worker->query_safe('SELECT pg_backend_pid()');
is($worker->query_safe("SET search_path = receivables; SELECT count(*) FROM claim_actions('first', 3, '1 hour')"), '3', 'a worker claims three communications');
my ($claimed, $written) = (sql($claims), sql($notices));
$worker->query_safe("BEGIN; SELECT count(*) FROM claim_actions('first', 2, '1 hour')");
kill_backend($pid);
leave($worker);
is(sql($claims), $claimed, 'it dies by kill -9: what it has claimed is claimed, what it was claiming is not');
is(sql($notices), $written, 'and the texts handed out are on record, once');
stop_at_once();
is(sql($claims), $claimed, 'a claim survives an immediate shutdown');
my $ids = sql("SELECT string_agg(action_id::text, ',' ORDER BY action_id) FROM receivables.dunning_action WHERE worker = 'first'");
is(sql("SELECT count(*) FROM receivables.claim_actions('second', 1000) WHERE action_id IN ($ids)"), '0', 'while the lease lasts nobody else gets it');
my ($id, $token) = split /\|/, sql("SELECT action_id, claim_token FROM receivables.dunning_action WHERE worker = 'first' ORDER BY 1 LIMIT 1");
sql("UPDATE receivables.dunning_action SET claimed_until = clock_timestamp() - interval '1 second' WHERE worker = 'first'");
is(sql("SELECT string_agg(action_id::text || ' attempt ' || attempt, ',' ORDER BY action_id) FROM receivables.claim_actions('third', 1000)"),
	join(',', map { "$_ attempt 2" } split /,/, $ids), 'the lease has passed: the same three, a second time');
is(sql("SELECT count(*) FROM receivables.claim_actions('fourth', 1000)"), '0', 'and to one worker only');
my ($out, $err);
$primary->psql('postgres', "SELECT receivables.complete_action($id, '$token')", stdout => \$out, stderr => \$err);
like($err, qr/action $id is not yours/, 'the token of the dead worker is worth nothing');
is(sql("SET search_path = receivables; SELECT DISTINCT complete_action(action_id, claim_token) FROM dunning_action WHERE worker = 'third'"), 'done', 'that of the third one is');
is(sql("SELECT count(*) FROM (SELECT FROM receivables.dunning_action_item WHERE step_no IS NOT NULL AND NOT dropped GROUP BY customer_id, invoice_id, instalment_no, cycle, strategy_id, step_no HAVING count(*) > 1) twice"), '0', 'no step is queued twice');
is(sql('SELECT * FROM receivables.verify()'), '', 'verify() is empty after it');

# ---- the standby ----------------------------------------------------------------
sql("SET search_path = receivables; SELECT status FROM place_order(5, 99)");
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
for my $query (
	'ageing_by_customer ORDER BY customer_id', 'ageing_total', 'exposure ORDER BY customer_id', 'dso_by_month ORDER BY month',
	'overdue_item ORDER BY 1, 2, 3', 'dunning_queue ORDER BY action_id', "ageing_as_of('2025-12-31') ORDER BY customer_id", 'check_order(5, 250)')
{
	my $there = sql("SET search_path = receivables; SELECT * FROM $query", $standby);
	my ($name) = split / ORDER/, $query;
	ok($there ne '' && $there eq sql("SET search_path = receivables; SELECT * FROM $query"), "the standby shows the same $name, as text");
}
is(sql('SELECT * FROM receivables.verify()', $standby), '', 'verify() is empty on the standby');
$primary->stop('immediate');
$standby->promote;
is(sql("SET search_path = receivables; SELECT status FROM place_order(5, 1); SELECT count(*) FROM verify()", $standby), "open\n0", 'it takes over, and business goes on');
$standby->stop;
done_testing();
