# Thousands of random events, in random order, back-dated, reversed and in five
# currencies, while other sessions write too. After each batch the state is
# what the facts say and the control check holds on past days; what was answered
# about a closed period is answered again the same.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $batches = $ENV{PROPERTY_BATCHES} // 10;
my $node = PostgreSQL::Test::Cluster->new('property');
$node->init;
$node->append_conf('postgresql.conf', slurp_file($ENV{CREDIT_RISK_CONF}));
$node->append_conf('postgresql.conf', "fsync = off\nmax_connections = 20\nlog_statement = none");
$node->start;

my $path = 'SET search_path = books, credit_risk, public; SET client_min_messages = warning;';
sub sql { return $node->safe_psql('postgres', "$path\n$_[0]"); }

$node->safe_psql('postgres', q{CREATE EXTENSION credit_risk; SELECT credit_risk.create_ledger('books')});
sql(slurp_file("$ENV{TESTDIR}/test/t/property.sql"));

# The day moves on, and a period of the past is closed beside the writers.
sub close_a_period
{
	my $day = sql("SELECT pinned_date - play.pick(60) FROM ledger");
	my $known = sql("SELECT close_period('$day', random() < 0.6)");
	sql("INSERT INTO play.answer SELECT '$day', '$known', d.* FROM play.digest('$day', '$known') d");
}

for my $batch (1 .. $batches)
{
	my @writers = map {
		my ($in, $out, $err) = ("$path SELECT setseed(0.$batch$_) \\g /dev/null\nCALL play.acts(150, 'writer $_');\n", '', '');
		{ out => \$out, err => \$err, run => IPC::Run::start([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$out, '2>', \$err) };
	} 1 .. 2;
	sql("SELECT setseed(0.4$batch) \\g /dev/null\nCALL play.acts(100, 'main')");
	close_a_period();
	sql("CALL play.acts(100, 'main')");
	close_a_period();
	for (@writers) { ok($_->{run}->finish, "batch $batch: a writer beside it ends well") or diag ${ $_->{err} }; }

	sql("UPDATE ledger SET pinned_date = pinned_date + play.pick(12)");
	sql("SELECT * FROM run_daily()");
	is(sql('SELECT * FROM verify() LIMIT 10'), '', "batch $batch: the state is what the facts say");
	my $days = join ', ', map { "date '2025-10-01' + play.pick(200)" } 1 .. 3;
	is(sql("SELECT d, c.* FROM unnest(ARRAY[$days, (SELECT pinned_date FROM ledger)]) d, control_account_check(d) c WHERE c.difference <> 0"), '',
		"batch $batch: buckets, open items and facts add up on four days");
	is(sql("SELECT d, count(DISTINCT t.total) FROM unnest(ARRAY[$days]) d
		CROSS JOIN LATERAL (SELECT sum(amount) AS total FROM unnest('{due,agreed,issued}'::text[]) b, unnest('{separate,oldest_first,own_date}'::text[]) c,
		LATERAL aged_balance(d, 'infinity', '{15,45}', b, c) GROUP BY b, c) t GROUP BY d HAVING count(DISTINCT t.total) > 1"), '',
		"batch $batch: the aged balance has one total, however it is aged");
	is(sql("SELECT d, o.* FROM unnest(ARRAY[$days]) d, open_item_as_of(d) o WHERE (o.open_amount < 0) <> (o.kind = 'credit_note')"), '',
		"batch $batch: nothing was ever open beyond its amount");
	is(sql("SELECT d, u.* FROM unnest(ARRAY[$days]) d, unapplied_as_of(d) u WHERE u.unapplied_amount < 0"), '', "batch $batch: nor was more matched than was paid");
	is(sql('SELECT a.as_of, a.known_at, a.question FROM play.answer a WHERE a.digest IS DISTINCT FROM (SELECT d.digest FROM play.digest(a.as_of, a.known_at) d WHERE d.question = a.question)'),
		'', "batch $batch: every earlier answer about a closed period is the same");
}

# Today's views and the past of today are one, where nothing is dated later.
is(sql(q{
	SELECT count(*) FROM (TABLE ageing_by_customer) v FULL JOIN ageing_as_of((SELECT max(d) FROM (SELECT max(issued_on) AS d FROM invoice UNION ALL SELECT max(received_on) FROM payment
	UNION ALL SELECT max(effective_on) FROM allocation UNION ALL SELECT pinned_date FROM ledger) m)) a USING (customer_id)
	WHERE (v.total, v.unapplied) IS DISTINCT FROM (a.total, a.unapplied)}), '0', 'the views of today are the past of today');

# It was a real test: many events of every kind, some refused, answers that would differ today.
cmp_ok(sql('SELECT count(*) FROM play.act'), '>=', 300 * $batches, 'thousands of events');
is(sql(q{SELECT count(DISTINCT what) FROM play.act WHERE refused IS NULL}), sql(q{SELECT count(DISTINCT w) FROM regexp_matches(pg_get_functiondef('play.act(bigint, text)'::regprocedure), '\n    WHEN ''([^'']+)'' THEN', 'g') w}),
	'of every kind some were written') or diag sql('SELECT what, count(*), string_agg(DISTINCT refused, $$,$$) FROM play.act GROUP BY 1 ORDER BY 1');
cmp_ok(sql('SELECT count(*) FROM play.act WHERE refused IS NOT NULL'), '>', 100, 'and many refused');
cmp_ok(sql('SELECT count(*) FROM play.answer'), '>=', 8 * $batches, 'two periods closed in each batch');
cmp_ok(sql(q{SELECT count(*) FROM play.answer a WHERE a.digest <> (SELECT d.digest FROM play.digest(a.as_of, 'infinity') d WHERE d.question = a.question)}), '>', $batches,
	'what is known by now gives another answer: back-dated events did come');
cmp_ok(sql('SELECT count(DISTINCT currency) FROM invoice'), '==', 5, 'in five currencies');

$node->stop;
done_testing();
