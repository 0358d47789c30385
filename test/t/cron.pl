# The real pg_cron runs the daily call: scheduled by a plain owner, run within
# the minute, its result there; renamed, dropped, refused with the way out.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $libraries = `pg_config --pkglibdir`;
chomp $libraries;
plan skip_all => 'pg_cron is not installed on this machine' unless -e "$libraries/pg_cron.so" || -e "$libraries/pg_cron.dylib";

my $node = PostgreSQL::Test::Cluster->new('cron');
$node->init;
$node->append_conf('postgresql.conf', slurp_file($ENV{CREDIT_RISK_CONF}));
$node->append_conf('postgresql.conf', <<~'CONF');
	shared_preload_libraries = 'pg_cron'
	cron.database_name = 'postgres'
	cron.use_background_workers = on
	CONF
$node->start;

sub sql { my ($sql, $database) = @_; return $node->safe_psql($database // 'postgres', $sql); }
sub told { my ($sql, $database) = @_; my ($out, $err); $node->psql($database // 'postgres', "\\set VERBOSITY verbose\n$sql", stdout => \$out, stderr => \$err); return $err; }
my $mine = 'SET ROLE keeper;';
my $jobs = 'SELECT jobname, schedule, command, database, username, active FROM cron.job ORDER BY jobid';

sql('CREATE ROLE keeper LOGIN; CREATE ROLE stranger LOGIN; CREATE ROLE colleague LOGIN IN ROLE keeper; CREATE ROLE firm; GRANT CREATE ON DATABASE postgres TO keeper, firm; CREATE EXTENSION credit_risk');
sql("$mine SELECT credit_risk.create_ledger('books')");

# ---- before it can be -------------------------------------------------------
like(told("$mine SELECT credit_risk.schedule('books')"), qr/55000: pg_cron (is loaded, and not installed in this database.*HINT:  As a superuser: CREATE EXTENSION pg_cron|keeps its jobs in another database)/s, 'loaded and not installed: refused, with the way');
is(sql('SELECT * FROM credit_risk.scheduled()'), '', 'and nothing is scheduled');
sql('CREATE EXTENSION pg_cron');
like(told("$mine SELECT credit_risk.schedule('books')"), qr/42501: the schema of pg_cron is not open to role "keeper".*GRANT USAGE ON SCHEMA cron TO keeper/s, 'a role without its schema: refused, with the grant');
sql('GRANT USAGE ON SCHEMA cron TO keeper, stranger, colleague');

# ---- the call runs ----------------------------------------------------------
sql(<<~"SQL");
	$mine SET search_path = books;
	UPDATE ledger SET pinned_date = '2026-03-31';
	INSERT INTO customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, 'C' FROM generate_series(1, 3) i;
	INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) SELECT i, 'F' || i, '2026-01-20', '2026-02-20', 500 FROM generate_series(1, 3) i;
	INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (3, 3, '2026-03-30', 500);
	INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) SELECT 3, 3, invoice_id, 500 FROM invoice WHERE customer_id = 3;
	SQL
is(sql('SELECT count(*) FROM books.dunning_action'), '0', '001-52 before: nothing is queued');
my $job = sql("$mine SELECT credit_risk.schedule('books', '* * * * *')");
like($job, qr/^\d+$/, '001-52 schedule() returns the job of pg_cron');
is(sql($jobs), q{credit_risk books|* * * * *|CALL credit_risk.run_daily('books')|postgres|keeper|t}, '001-52 named after the ledger, as its owner');
ok($node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM cron.job_run_details WHERE jobid = $job AND status IN ('succeeded', 'failed'))"), '001-52 within the minute it has run')
  or diag(slurp_file($node->logfile));
is(sql("SELECT DISTINCT status FROM cron.job_run_details WHERE jobid = $job AND status IN ('succeeded', 'failed')"), 'succeeded', '001-52 and succeeded, COMMITs and all');
is(sql('SELECT customer_id, run_on, status FROM books.dunning_action ORDER BY 1'), "1|2026-03-31|queued\n2|2026-03-31|queued", '001-52 the result is there: who owes is queued, who paid is not');
is(sql("$mine SELECT ledger, schedule, run_as, active, status, started_at IS NOT NULL AND ended_at IS NOT NULL FROM credit_risk.scheduled()"), 'books|* * * * *|keeper|t|succeeded|t', '001-52 scheduled() tells the last run and what came of it');
is(sql('SELECT * FROM books.verify()'), '', '001-52 verify() is empty');
sql("$mine CALL credit_risk.run_daily('books')");
is(sql('SELECT count(*) FROM books.dunning_action'), '2', '001-52 a call beside the job changes nothing');

# ---- again, by others, under another name ------------------------------------
is(sql("$mine SELECT credit_risk.schedule('books')"), $job, 'called again: the same job');
is(sql($jobs), q{credit_risk books|5 0 * * *|CALL credit_risk.run_daily('books')|postgres|keeper|t}, 'with the new schedule, five past midnight by default');
is(sql("SELECT credit_risk.schedule('books', '10 1 * * *')"), $job, 'a superuser changes the same one: it still runs as the owner');
is(sql($jobs), q{credit_risk books|10 1 * * *|CALL credit_risk.run_daily('books')|postgres|keeper|t}, 'not as a superuser, whom the functions of the owner would serve');
my $superuser = sql('SELECT current_user');     # whoever runs the test
like(told("SELECT credit_risk.schedule('books', run_as => '$superuser')"), qr/42501: the job of ledger "books" cannot run as the superuser "$superuser"/, 'not even when asked');
like(told("SET ROLE stranger; SELECT credit_risk.schedule('books')"), qr/42501: must be owner of ledger "books"/, 'a stranger schedules nothing');
is(sql("SET ROLE stranger; SELECT credit_risk.unschedule('books'); SELECT count(*) FROM credit_risk.scheduled()"), "f\n0", 'sees nothing and ends nothing');
like(told("SET ROLE colleague; SELECT credit_risk.schedule('books')"), qr/42501: only a superuser can schedule a job of role "keeper".*SET ROLE keeper first, or run_as => 'colleague'/s, 'a member of the owner is told how');
like(told("SELECT credit_risk.schedule('books', run_as => 'stranger')"), qr/42501: role "stranger" may not run ledger "books"/, 'a role without rights cannot run it');
like(told("SELECT credit_risk.schedule('books', 'every night')"), qr/ERROR:.*invalid schedule/, 'a schedule that is none');
like(told("SELECT credit_risk.schedule('books', NULL)"), qr/22023: argument "schedule" is empty/, 'no schedule');
like(told("SELECT credit_risk.schedule('cooks')"), qr/3F000: ledger "cooks" does not exist/, 'no such ledger');
sql("GRANT keeper TO colleague; SELECT credit_risk.schedule('books', '15 1 * * *', 'colleague')");
is(sql($jobs), q{credit_risk books|15 1 * * *|CALL credit_risk.run_daily('books')|postgres|colleague|t}, 'as another role that may: one job, not two');
sql("SELECT credit_risk.schedule('books', '10 1 * * *')");
sql("$mine SELECT credit_risk.rename_ledger('books', 'Grand livre d''Aix')");
is(sql($jobs), q{credit_risk Grand livre d'Aix|10 1 * * *|CALL credit_risk.run_daily('Grand livre d''Aix')|postgres|keeper|t}, 'a renamed ledger takes its job along, its name quoted');
sql(q{ALTER SCHEMA "Grand livre d'Aix" RENAME TO shop});
is(sql($jobs), q{credit_risk shop|10 1 * * *|CALL credit_risk.run_daily('shop')|postgres|keeper|t}, 'also by ALTER SCHEMA of a superuser, for whom it stays the job of the owner');
my $long = 'l' x 62;
sql("$mine SELECT credit_risk.create_ledger('$long' || x), credit_risk.schedule('$long' || x) FROM unnest('{a,b}'::text[]) x");
is(sql('SELECT count(*) FROM credit_risk.scheduled()'), '3', 'two long names that differ in their last letter are two jobs');
is(sql("$mine SELECT credit_risk.unschedule('${long}a'), credit_risk.unschedule('${long}a')"), 't|f', 'unschedule() ends one, and says when there is none');
is(told("$mine SELECT credit_risk.drop_ledger('${long}b')"), '', 'a ledger is dropped');
is(sql('SELECT ledger FROM credit_risk.scheduled()'), 'shop', 'and its job with it');
sql(q{SET ROLE firm; SELECT credit_risk.create_ledger('firm')});
like(told("SELECT credit_risk.schedule('firm')"), qr/55000: role "firm" cannot log in.*ALTER ROLE firm LOGIN, or run_as/s, 'an owner who cannot log in');

# ---- a job that is somebody else's ---------------------------------------------
sql("GRANT firm TO colleague; SELECT credit_risk.schedule('firm', run_as => 'colleague')");
is(sql("SET ROLE firm; SELECT credit_risk.drop_ledger('firm'); RESET ROLE; SELECT ledger, run_as, command FROM credit_risk.scheduled() WHERE ledger IS NULL"), "\n|colleague|CALL credit_risk.run_daily('firm')", 'the job of a role that the dropper does not see is left, and scheduled() shows that it has no ledger');
is(sql("SELECT credit_risk.unschedule('firm')"), 't', 'a superuser ends it');

# ---- a ledger in another database -----------------------------------------------
sql('CREATE DATABASE shop');
sql("CREATE EXTENSION credit_risk; SELECT credit_risk.create_ledger('books'); UPDATE books.ledger SET pinned_date = '2026-03-31'; INSERT INTO books.customer (customer_id, code, name) VALUES (1, 'A', 'A'); INSERT INTO books.invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (1, 'F', '2026-01-01', '2026-02-01', 500)", 'shop');
my $refusal = told("SELECT credit_risk.schedule('books', '* * * * *')", 'shop');
like($refusal, qr/55000: pg_cron keeps its jobs in database "postgres"/, 'pg_cron in another database: refused');
like(told("SELECT credit_risk.unschedule('books')", 'shop'), qr/There: SELECT cron.unschedule\(jobid\) FROM cron.job WHERE database = 'shop'/, 'and unschedule() says what to run there');
my ($statement) = $refusal =~ /There, as a superuser: (SELECT cron\.schedule_in_database\(.*?\);)/;
my $there = sql($statement);
like($there, qr/^\d+$/, 'with the statement to run there, which runs');
ok($node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM cron.job_run_details WHERE jobid = $there AND status = 'succeeded')"), 'and its job succeeds');
is(sql('SELECT count(*) FROM books.dunning_action', 'shop'), '1', 'in the other database');
$node->stop;

# ---- without pg_cron ---------------------------------------------------------------
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->start;
my $help = told("SELECT credit_risk.schedule('books')", 'shop');
like($help, qr/55000: this server does not run pg_cron.*crontab: 5 0 \* \* \* psql -Xqd shop -c "CALL credit_risk.run_daily\('books'\)".*OnCalendar/s, 'without pg_cron: the crontab line and the timer');
is(sql("SELECT credit_risk.unschedule('books'), (SELECT count(*) FROM credit_risk.scheduled())", 'shop'), 'f|0', 'and nothing is scheduled');
is(told("SELECT credit_risk.rename_ledger('books', 'cooks'), credit_risk.drop_ledger('cooks')", 'shop'), '', 'ledgers live without it');
$node->stop;
done_testing();
