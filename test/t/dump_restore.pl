# A ledger goes through pg_dump and comes back whole: as a superuser's plain,
# custom and parallel dump, as its owner's own, as a schema alone; and DROP
# EXTENSION takes no data along.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('dump');
$node->init;
$node->append_conf('postgresql.conf', slurp_file($ENV{CREDIT_RISK_CONF}));
$node->start;
# The superuser of a test server is whoever runs the test.
$node->safe_psql('postgres', q{SELECT 'CREATE ROLE postgres SUPERUSER LOGIN' WHERE to_regrole('postgres') IS NULL \gexec});
my $dir = PostgreSQL::Test::Utils::tempdir();
my $sample = slurp_file("$ENV{TESTDIR}/test/t/sample.sql");
my @ledgers = ('receivables', 'Export "2"');

# Run SQL as a user; its output, or the test ends.
sub sql
{
	my ($db, $sql, $user) = @_;
	return $node->safe_psql($db, $sql, extra_params => [ '-U', $user // 'keeper' ]);
}

sub quoted { my $name = shift; $name =~ s/"/""/g; return "\"$name\""; }

# What the rows are: one line a table, all columns of all rows.
sub rows
{
	my ($db, $ledger) = @_;
	return sql($db, <<~"SQL", 'postgres');
		SET DateStyle = ISO; SET TimeZone = 'UTC'; SET search_path = pg_catalog;
		SELECT format('SELECT %L, count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM %s t', relname, oid::regclass)
		FROM pg_class WHERE relnamespace = \$\$@{[quoted($ledger)]}\$\$::regnamespace AND relkind = 'r' ORDER BY relname \\gexec
		SELECT format('SELECT %L, last_value, is_called FROM %s', relname, oid::regclass)
		FROM pg_class WHERE relnamespace = \$\$@{[quoted($ledger)]}\$\$::regnamespace AND relkind = 'S' ORDER BY relname \\gexec
		SQL
}

# The columns of every table, and where an expression of theirs comes from.
sub columns
{
	my ($db, $ledger) = @_;
	return sql($db, <<~"SQL", 'postgres');
		SET search_path = pg_catalog;
		SELECT c.relname, a.attnum - (SELECT count(*) FROM pg_attribute x WHERE x.attrelid = c.oid AND x.attnum BETWEEN 1 AND a.attnum AND x.attisdropped),
		       a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = \$\$@{[quoted($ledger)]}\$\$::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped
		ORDER BY c.relname COLLATE "C", 2
		SQL
}

# Everything else that a ledger is.
sub definitions
{
	my ($db, $ledger) = @_;
	return sql($db, <<~"SQL", 'postgres');
		SET search_path = pg_catalog;
		WITH ledger AS (SELECT \$\$@{[quoted($ledger)]}\$\$::regnamespace AS schema)
		SELECT translate(line, chr(10), ' ') FROM ledger CROSS JOIN LATERAL (
		    SELECT format('trigger %s %s', tgenabled, pg_get_triggerdef(g.oid)) FROM pg_trigger g JOIN pg_class c ON c.oid = tgrelid
		    WHERE relnamespace = schema AND NOT tgisinternal
		    UNION ALL SELECT format('constraint on %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = schema
		    UNION ALL SELECT pg_get_indexdef(oid) FROM pg_class WHERE relnamespace = schema AND relkind = 'i'
		    UNION ALL SELECT format('view %s %s', oid::regclass, pg_get_viewdef(oid)) FROM pg_class WHERE relnamespace = schema AND relkind = 'v'
		    UNION ALL SELECT format('default of %s %s %s', adrelid::regclass, attname, pg_get_expr(adbin, adrelid)) FROM pg_attrdef d JOIN pg_class c ON c.oid = adrelid JOIN pg_attribute a ON (a.attrelid, a.attnum) = (adrelid, adnum)
		    WHERE relnamespace = schema
		    UNION ALL SELECT format('%s %s owner %s acl %s', relkind, oid::regclass, pg_get_userbyid(relowner), (SELECT array_agg(x::text ORDER BY x::text) FROM unnest(relacl) x)) FROM pg_class WHERE relnamespace = schema AND relkind IN ('r', 'v', 'S')
		    UNION ALL SELECT format('%s owner %s acl %s', pg_get_functiondef(oid), pg_get_userbyid(proowner), (SELECT array_agg(x::text ORDER BY x::text) FROM unnest(proacl) x)) FROM pg_proc WHERE pronamespace = schema
		    UNION ALL SELECT format('comment %s %s', pg_describe_object(classoid, objoid, objsubid), description) FROM pg_description
		    WHERE pg_describe_object(classoid, objoid, objsubid) LIKE '%' || schema || '.%' OR pg_describe_object(classoid, objoid, objsubid) = 'schema ' || schema
		    UNION ALL SELECT format('storage %s %s %s', oid::regclass, reloptions, relrowsecurity) FROM pg_class WHERE relnamespace = schema AND relkind IN ('r', 'v')
		    UNION ALL SELECT format('policy %s on %s %s %s %s %s', policyname, tablename, cmd, roles, qual, with_check) FROM pg_policies WHERE schemaname = \$\$@{[$ledger]}\$\$) o (line)
		ORDER BY line COLLATE "C"
		SQL
}

# Equal line by line; what is not is shown, and no more.
sub same
{
	my ($got, $expected, $name) = @_;
	my %got = map { $_ => 1 } split /\n/, $got;
	my %expected = map { $_ => 1 } split /\n/, $expected;
	my @more = map { "more: $_" } grep { !$expected{$_} } sort keys %got;
	my @less = map { "less: $_" } grep { !$got{$_} } sort keys %expected;
	return ok($got eq $expected, $name) || diag(join "\n", @more, @less);
}

sub differences { my ($db, $ledger) = @_; return sql($db, "SELECT * FROM " . quoted($ledger) . ".verify()", 'postgres'); }

# New business in a restored ledger is posted, and posted there.
sub business
{
	my ($db, $ledger, $mark) = @_;
	return sql($db, <<~"SQL");
		SET client_min_messages = warning;
		SET search_path = @{[quoted($ledger)]};
		INSERT INTO customer (code, name) VALUES ('$mark', 'New') RETURNING customer_id \\gset
		INSERT INTO credit_limit (customer_id, amount) VALUES (:customer_id, 500);
		SELECT order_id, status FROM place_order(:customer_id, 400, 'new 1') \\gset first_
		SELECT status FROM place_order(:customer_id, 200, 'new 2') \\gset second_
		INSERT INTO delivery (customer_id, order_id, amount) VALUES (:customer_id, :first_order_id, 300);
		INSERT INTO invoice (customer_id, order_id, invoice_no, amount) VALUES (:customer_id, :first_order_id, 'new', 250) RETURNING invoice_id \\gset
		INSERT INTO payment (customer_id, amount) VALUES (:customer_id, 100) RETURNING payment_id \\gset
		INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (:customer_id, :payment_id, :invoice_id, 60);
		UPDATE ledger SET pinned_date = pinned_date + 45;
		SELECT concat_ws(' ', :'first_status', :'second_status', receivable, unbilled, open_orders, unapplied,
		                 (SELECT actions > 0 FROM run_daily()), (SELECT count(*) FROM verify()))
		FROM credit_account WHERE customer_id = :customer_id;
		SQL
}

# ---- the source: two ledgers of one shape, of an owner who is no superuser ----
$node->safe_psql('postgres', 'CREATE ROLE keeper LOGIN; CREATE ROLE reader; CREATE ROLE clerk; CREATE DATABASE source OWNER keeper');
sql('source', 'CREATE EXTENSION credit_risk');
for my $i (0 .. 1)
{
	my $schema = quoted($ledgers[$i]);
	sql('source', "SELECT credit_risk.create_ledger(\$\$$ledgers[$i]\$\$)");
	sql('source', "\\set seed $i\nSET search_path = $schema;\n$sample");
	sql('source', <<~"SQL");
		SET search_path = $schema;
		SELECT credit_risk.grant_ledger_access(\$\$$ledgers[$i]\$\$, 'reader', 'reader'), credit_risk.grant_ledger_access(\$\$$ledgers[$i]\$\$, 'clerk', 'clerk');
		ALTER TABLE invoice ADD COLUMN sales_channel text DEFAULT 'shop';
		ALTER TABLE invoice DISABLE TRIGGER credit_risk_fact;
		UPDATE invoice SET sales_channel = 'web' WHERE invoice_id % 3 = 0;
		ALTER TABLE invoice ENABLE TRIGGER credit_risk_fact;
		ALTER TABLE sales_order ADD COLUMN gone integer, ADD COLUMN basket jsonb;
		ALTER TABLE sales_order DROP COLUMN gone;
		CREATE INDEX my_index ON invoice (sales_channel, issued_on);
		CREATE VIEW my_view AS SELECT code, exposure, credit_risk.payment_due_date(date '2026-01-31', 'net 30') FROM exposure WHERE available < 0;
		CREATE TABLE my_table (customer_id bigint REFERENCES customer, note text);
		INSERT INTO my_table VALUES (3, 'call on Mondays');
		SQL
	sql('source', "SELECT credit_risk.enable_agency_security(\$\$$ledgers[$i]\$\$)") if $i == 1;
}
is(sql('source', "SELECT count(*) FROM credit_risk.ledgers"), '2', 'two ledgers of one shape');

my (%rows, %columns, %definitions);
for my $ledger (@ledgers)
{
	$rows{$ledger} = rows('source', $ledger);
	$columns{$ledger} = columns('source', $ledger);
	$definitions{$ledger} = definitions('source', $ledger);
	unlike($rows{$ledger}, qr/\|0\|$/m, "$ledger: no table is empty");
	is(differences('source', $ledger), '', "$ledger: verify() is empty");
	is(() = $definitions{$ledger} =~ /^trigger O /mg, sql('source', "SELECT count(*) FROM pg_trigger g JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = \$\$@{[quoted($ledger)]}\$\$::regnamespace AND NOT tgisinternal"), "$ledger: all triggers are on");
}
isnt($rows{ $ledgers[0] }, $rows{ $ledgers[1] }, 'the two differ');

# ---- there and back --------------------------------------------------------
sub compare
{
	my ($db, $way, @which) = @_;
	for my $ledger (@which)
	{
		same(rows($db, $ledger), $rows{$ledger}, "$way: every table and sequence of $ledger is equal");
		same(columns($db, $ledger), $columns{$ledger}, "$way: column for column");
		same(definitions($db, $ledger), $definitions{$ledger}, "$way: triggers, keys, checks, views, functions, rights, comments");
		is(differences($db, $ledger), '', "$way: verify() is empty");
	}
	for my $ledger (@which)
	{
		is(business($db, $ledger, "after $way"), 'open held 190 50 300 40 t 0', "$way: business goes on in $ledger");
	}
	is(sql($db, "SELECT string_agg(name, ', ' ORDER BY name COLLATE \"C\") FROM credit_risk.ledgers"), join(', ', sort @which), "$way: the view ledgers");
}

my @admin = ('-U', 'postgres');
my @keeper = ('-U', 'keeper');
$node->command_ok([ 'pg_dump', @admin, '-f', "$dir/plain.sql", 'source' ], 'plain dump');
$node->command_ok([ 'pg_dump', @admin, '-Fc', '-f', "$dir/custom", 'source' ], 'custom dump');
$node->command_ok([ 'pg_dump', @admin, '-Fd', '-j2', '-f', "$dir/directory", 'source' ], 'directory dump, two jobs');
$node->command_ok([ 'pg_dump', @keeper, '-Fc', '-f', "$dir/owner", 'source' ], 'dump by the owner');
$node->command_ok([ 'pg_dump', @keeper, '-Fp', '-n', $ledgers[0], '-f', "$dir/schema.sql", 'source' ], 'dump of one schema');

$node->safe_psql('postgres', "CREATE DATABASE $_ OWNER keeper") for qw(plain custom directory owner schema);
$node->command_ok([ 'psql', @admin, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'plain', '-f', "$dir/plain.sql" ], 'plain restore');
compare('plain', 'plain', @ledgers);
$node->command_ok([ 'pg_restore', @admin, '--exit-on-error', '-d', 'custom', "$dir/custom" ], 'custom restore');
compare('custom', 'custom', @ledgers);
$node->command_ok([ 'pg_restore', @admin, '--exit-on-error', '-j2', '-d', 'directory', "$dir/directory" ], 'directory restore, two jobs');
compare('directory', 'directory -j2', @ledgers);
# The extension is trusted, so the owner of the database brings it along.
$node->command_ok([ 'pg_restore', @keeper, '--exit-on-error', '-j2', '-d', 'owner', "$dir/owner" ], 'restore by the owner, no superuser');
compare('owner', 'owner', @ledgers);
sql('schema', 'CREATE EXTENSION credit_risk');
$node->command_ok([ 'psql', @keeper, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'schema', '-f', "$dir/schema.sql" ], 'restore of one schema beside the extension');
compare('schema', 'schema', $ledgers[0]);

# ---- without the extension ---------------------------------------------------
my ($status, undef, $stderr) = $node->psql('source', 'DROP EXTENSION credit_risk', extra_params => \@keeper);
isnt($status, 0, 'DROP EXTENSION is refused');
like($stderr, qr/cannot drop extension credit_risk because other objects depend on it/, 'the server says so');
# The message names a hundred of them; whether triggers are among all is asked of the catalogue.
is(sql('source', q{SELECT count(*) FROM pg_depend d JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
	JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'credit_risk' AND g.tgrelid = 'receivables.sales_order'::regclass AND d.deptype = 'n'}), '4',
	'it is held by the triggers on the ledger\'s tables');
my %table_columns;
for my $ledger (@ledgers)
{
	$table_columns{$ledger} = sql('source', table_columns($ledger), 'postgres');
}
sub table_columns
{
	my $schema = quoted(shift);
	return <<~"SQL";
		SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = \$\$$schema\$\$::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
		ORDER BY c.relname COLLATE "C", a.attnum
		SQL
}
sql('source', 'SET client_min_messages = warning; DROP EXTENSION credit_risk CASCADE');
for my $ledger (@ledgers)
{
	same(rows('source', $ledger), $rows{$ledger}, "DROP EXTENSION CASCADE: every table and sequence of $ledger is equal");
	is(sql('source', table_columns($ledger), 'postgres'), $table_columns{$ledger}, 'and has all its columns');
}
is(sql('source', "SELECT count(*) FROM pg_trigger g JOIN pg_proc p ON p.oid = tgfoid JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'credit_risk'"), '0', 'our triggers have gone');
is(sql('source', "SELECT count(*) FROM pg_namespace WHERE nspname = 'credit_risk'"), '0', 'and our schema');
is(sql('source', 'INSERT INTO receivables.my_table VALUES (4, \'still here\') RETURNING note'), 'still here', 'the tables go on as tables');

$node->stop;
done_testing();
