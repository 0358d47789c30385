# A ledger with attached tables goes through pg_dump and comes back attached,
# also for an owner who is no superuser; a data-only restore into it, with its
# triggers on, writes nothing twice.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('attach');
$node->init;
$node->append_conf('postgresql.conf', slurp_file($ENV{CREDIT_RISK_CONF}));
$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir();
my @keeper = ('-U', 'keeper');

sub sql
{
	my ($db, $sql, $user) = @_;
	return $node->safe_psql($db, $sql, extra_params => [ '-U', $user // 'keeper' ]);
}

$node->safe_psql('postgres', 'CREATE ROLE keeper LOGIN; CREATE ROLE app LOGIN; CREATE DATABASE source OWNER keeper');
sql('source', <<~'SQL');
	SET client_min_messages = warning;
	CREATE EXTENSION credit_risk;
	SELECT credit_risk.create_ledger('receivables');
	UPDATE receivables.ledger SET pinned_date = '2026-03-02';
	-- Names that come before and after the ledger's in a dump.
	CREATE SCHEMA a_shop;
	CREATE SCHEMA z_shop;
	CREATE TABLE a_shop.client (no integer PRIMARY KEY, name text);
	CREATE TABLE z_shop.orders (id integer, placed date, client_no integer, total numeric, hold text, PRIMARY KEY (id, placed)) PARTITION BY RANGE (placed);
	CREATE TABLE z_shop.orders_2026 PARTITION OF z_shop.orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
	CREATE TABLE a_shop.bill (id integer PRIMARY KEY, client_no integer, total numeric, order_id integer);
	CREATE TABLE a_shop.cash (id integer PRIMARY KEY, client_no integer, total numeric);
	CREATE TABLE z_shop.match (id integer PRIMARY KEY, bill integer, cash integer, total numeric);
	GRANT USAGE ON SCHEMA a_shop, z_shop TO app;
	GRANT ALL ON ALL TABLES IN SCHEMA a_shop, z_shop TO app;
	INSERT INTO a_shop.client SELECT i, 'Client ' || i FROM generate_series(1, 20) i;
	INSERT INTO z_shop.orders SELECT i, '2026-02-01', 1 + i % 20, 10 * i FROM generate_series(1, 60) i;
	SELECT credit_risk.attach('receivables', 'customer', 'a_shop.client', '{"name": "name"}'),
	       credit_risk.attach('receivables', 'sales_order', 'z_shop.orders', '{"external_ref": "id", "customer_id": "client_no", "amount": "total", "status_column": "hold"}'),
	       credit_risk.attach('receivables', 'invoice', 'a_shop.bill', '{"customer_id": "client_no", "amount": "total", "order_id": "order_id"}'),
	       credit_risk.attach('receivables', 'payment', 'a_shop.cash', '{"customer_id": "client_no", "amount": "total"}'),
	       credit_risk.attach('receivables', 'allocation', 'z_shop.match', '{"invoice_id": "bill", "payment_id": "cash", "amount": "total"}');
	SQL
sql('source', <<~'SQL', 'app');
	INSERT INTO a_shop.bill SELECT i, 1 + i % 20, 10 * i, i FROM generate_series(1, 40) i;
	INSERT INTO a_shop.cash SELECT i, 1 + i % 20, 8 * i FROM generate_series(1, 30) i;
	INSERT INTO z_shop.match SELECT i, i, i, 8 * i FROM generate_series(1, 30) i;
	UPDATE a_shop.bill SET total = total + 1 WHERE id % 7 = 0;
	DELETE FROM z_shop.match WHERE id % 5 = 0;
	INSERT INTO z_shop.orders SELECT 100 + i, '2026-02-01', i, 5000 FROM generate_series(1, 3) i;
	SQL

# What the ledger says: facts, state, and what is attached.
sub books
{
	return sql(shift, <<~'SQL');
		SELECT relname, (xpath('/row/m/text()', query_to_xml(format('SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), %L)) AS m FROM receivables.%I t', '', relname), false, true, '')))[1]
		FROM pg_class WHERE relnamespace = 'receivables'::regnamespace AND relkind = 'r' ORDER BY relname
		SQL
}
sub triggers
{
	return sql(shift, <<~'SQL');
		SELECT tgrelid::regclass, tgname, pg_get_triggerdef(g.oid) FROM pg_trigger g JOIN pg_proc p ON p.oid = tgfoid
		WHERE proname LIKE 'attached\_%' ORDER BY tgrelid::regclass::text COLLATE "C", tgname COLLATE "C"
		SQL
}
sub disagreement { my $db = shift; return sql($db, "SELECT * FROM receivables.verify()") . sql($db, "SELECT * FROM credit_risk.attachment_check('receivables')"); }

is(disagreement('source'), '', 'both agree before');
is(() = triggers('source') =~ /^\S/mg, 31, 'triggers on the host, one partition included, and in the ledger');
my ($books, $triggers) = (books('source'), triggers('source'));

$node->command_ok([ 'pg_dump', @keeper, '-Fc', '-f', "$dir/dump", 'source' ], 'dump by the owner');
$node->safe_psql('postgres', 'CREATE DATABASE target OWNER keeper');
$node->command_ok([ 'pg_restore', @keeper, '--exit-on-error', '-j2', '-d', 'target', "$dir/dump" ], 'restore by the owner, no superuser');
is(books('target'), $books, 'every row of the ledger is equal');
is(triggers('target'), $triggers, 'every trigger is there');
is(disagreement('target'), '', 'both agree after');
sql('target', "INSERT INTO z_shop.orders VALUES (200, '2026-02-01', 20, 77); UPDATE a_shop.bill SET total = 9 WHERE id = 1; INSERT INTO z_shop.orders VALUES (201, '2026-02-01', 20, 99999)", 'app');
is(sql('target', "SELECT string_agg(hold, ' ' ORDER BY id) FROM z_shop.orders WHERE id >= 200"), 'open held', 'business goes on: judged, and written back');
is(disagreement('target'), '', 'and both agree');

# Renamed there: the attached tables follow.
sql('target', "SELECT credit_risk.rename_ledger('receivables', 'debtors'); SELECT credit_risk.create_ledger('receivables')");
sql('target', "DELETE FROM z_shop.orders WHERE id = 200; INSERT INTO a_shop.cash VALUES (99, 20, 5)", 'app');
is(sql('target', "SELECT count(*) FROM receivables.customer") . sql('target', "SELECT * FROM credit_risk.attachment_check('debtors')") . sql('target', "SELECT * FROM debtors.verify()"), '0', 'a renamed ledger keeps its tables, another of the old name gets none');

# The host's data alone, into tables that are attached and empty.
$node->command_ok([ 'pg_dump', @keeper, '-Fc', '--data-only', '-n', 'a_shop', '-n', 'z_shop', '-f', "$dir/data", 'source' ], 'dump of the host\'s data');
sql('source', 'DELETE FROM z_shop.match; DELETE FROM a_shop.cash; DELETE FROM a_shop.bill; DELETE FROM z_shop.orders');
is(sql('source', 'SELECT sum(exposure) FROM receivables.credit_account'), '0', 'all deleted: nothing is left of it');
is(disagreement('source'), '', 'and both agree');
$node->safe_psql('source', 'DELETE FROM a_shop.client', extra_params => \@keeper);
$node->command_ok([ 'pg_restore', @keeper, '-d', 'source', "$dir/data" ], 'restored with the triggers on');
is(sql('source', 'SELECT * FROM receivables.verify()'), '', 'it is written through them, and exact');
# The bills came before their orders, each table in a transaction of its own.
is(sql('source', "SELECT DISTINCT problem FROM credit_risk.attachment_check('receivables') WHERE attachment = 'invoice_bill' ORDER BY 1"), 'differs', 'what came before its order is listed');
sql('source', "SELECT credit_risk.attach('receivables', kind, relation, mapping) FROM receivables.attachment ORDER BY array_position('{customer,sales_order,delivery,invoice,payment,allocation}', kind)");
is(disagreement('source'), '', 'attached once more, both agree');

done_testing();
