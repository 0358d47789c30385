# The reference worker of doc/worker against a ledger: it sends, a sender
# fails, a worker dies, and nobody who has paid gets a letter.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes 'sleep';

my $node = PostgreSQL::Test::Cluster->new('worker');
$node->init;
$node->append_conf('postgresql.conf', slurp_file($ENV{CREDIT_RISK_CONF}));
$node->start;
sub sql { return $node->safe_psql('postgres', $_[0]); }

my $ledger = 'Grand livre';
sql('CREATE ROLE carrier LOGIN; CREATE EXTENSION credit_risk');
sql("SELECT credit_risk.create_ledger('$ledger'), credit_risk.grant_ledger_access('$ledger', 'carrier', 'collector')");
sql(<<~"SQL");
	SET search_path = "$ledger";
	UPDATE ledger SET pinned_date = '2026-03-31';
	INSERT INTO customer (customer_id, code, name, language, risk_class) SELECT i, 'C' || i, 'Hôtel d''Été n° ' || i, 'fr', 'B' FROM generate_series(1, 8) i;
	INSERT INTO contact (customer_id, name, email, phone) SELECT i, 'Comptabilité', 'compta' || i || '\@example.com', '+33 1 23 45 67 8' || i FROM generate_series(1, 8) i;
	INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) SELECT i, i, 'F' || i, '2026-02-01', '2026-03-20', 500 FROM generate_series(1, 8) i;
	SQL
sql("CALL credit_risk.run_daily('$ledger')");
sql(qq(SELECT "$ledger".approve_action(action_id) FROM "$ledger".dunning_action WHERE status = 'proposed'));
is(sql(qq(SELECT string_agg(status || ' ' || customer_id, ', ' ORDER BY customer_id) FROM "$ledger".dunning_action)), join(', ', map "queued $_", 1 .. 8), 'before: eight communications are queued');
my %action = map { split /\|/ } split /\n/, sql(qq(SELECT customer_id, action_id FROM "$ledger".dunning_action));

my $state = PostgreSQL::Test::Utils::tempdir;
my %around = (PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres', PGUSER => 'carrier', CRK_LEDGER => $ledger, CRK_STATE => $state, CRK_BATCH => 3);
sub worker
{
	my %with = (%around, CRK_WORKER => 'first', @_);
	local @ENV{keys %with} = values %with;
	return qx(sh "$ENV{TESTDIR}/doc/worker/worker.sh" once 2>&1);
}
sub statuses { return sql(qq(SELECT string_agg(customer_id || ' ' || status, ', ' ORDER BY customer_id) FROM "$ledger".dunning_action WHERE $_[0])); }
sub again { sql(qq(UPDATE "$ledger".dunning_action SET retry_at = clock_timestamp() WHERE customer_id = $_[0])); return; }

# ---- who has paid, disputes or promised hears nothing --------------------------
sql(<<~"SQL");
	SET search_path = "$ledger";
	INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 1, '2026-03-31', 500), (2, 2, '2026-03-31', 500);
	INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 1, 1, 500);
	SELECT open_dispute(3, 500, 'the price is wrong'), promise_to_pay(4, '2026-04-10');
	SQL
# ---- a sender that fails for one ------------------------------------------------
my $log = worker(CRK_SEND => qq(if [ "\$CRK_CODE" = C5 ]; then echo "mailbox full" >&2; exit 1; fi; mkdir -p "\$CRK_STATE/post"; { printf '%s|%s|%s|%s|%s|%s\\n' "\$CRK_ACTION_ID" "\$CRK_NAME" "\$CRK_CHANNEL" "\$CRK_LEVEL" "\$CRK_AMOUNT" "\$CRK_CURRENCY"; cat; } >"\$CRK_STATE/post/\$CRK_CODE"));
ok(-e "$state/sent/$ledger.$action{6}" && !-e "$state/sent/$action{6}", 'the mark names the ledger too: numbers are those of a ledger');
is(statuses('customer_id > 5'), '6 done, 7 done, 8 done', 'what is owed is sent and reported') or diag($log);
is(statuses('customer_id < 5'), '1 obsolete, 2 obsolete, 3 obsolete, 4 obsolete', 'who has paid, disputes or promised gets no letter');
is(join(' ', map { s/.*\///r } sort glob("$state/post/*")), 'C6 C7 C8', 'there are three letters, and no more');
is((split /\n/, slurp_file("$state/post/C6"))[0], "$action{6}|Hôtel d'Été n° 6|e-mail|1|500|EUR", 'with what the sender needs to know, accents and quotes as they are');
is(sql(qq(SELECT status, attempts, outcome, retry_at > clock_timestamp() + interval '4 minutes' FROM "$ledger".dunning_action WHERE customer_id = 5)), 'queued|1|mailbox full|t', 'a failure is on record, and waits');
worker(CRK_SEND => ': >"$CRK_STATE/post/$CRK_CODE"');
ok(!-e "$state/post/C5", 'until its time has come nobody gets it');
for my $attempt (2 .. 5)
{
	again(5);
	worker(CRK_SEND => 'echo "mailbox full" >&2; false');
}
is(sql(qq(SELECT status, attempts, outcome FROM "$ledger".dunning_action WHERE customer_id = 5)), 'failed|5|mailbox full', 'the fifth failure is the last: a dead letter');
again(5);
is(worker(), '', 'that no worker gets');

# ---- a worker dies ------------------------------------------------------------------
sub queue_again
{
	my $customer = shift;
	sql(<<~"SQL");
		SET search_path = "$ledger";
		INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES ($customer, $customer * 10, 'G$customer', '2026-02-01', '2026-03-20', 800);
		UPDATE ledger SET pinned_date = pinned_date + 14;
		SQL
	sql("CALL credit_risk.run_daily('$ledger')");
	sql(qq(UPDATE "$ledger".dunning_action SET status = 'queued' WHERE status = 'proposed'));
	return sql(qq(SELECT max(action_id) FROM "$ledger".dunning_action WHERE customer_id = $customer AND status = 'queued'));
}
my $id = queue_again(6);
like($id, qr/^\d+$/, 'another one is queued');
worker(CRK_SEND => '[ "$CRK_CODE" = C6 ] || exit 0; : >"$CRK_STATE/post/died"; kill -9 "$CRK_PID"; sleep 0.2', CRK_LEASE => '3 seconds', CRK_BATCH => 50);
ok(-e "$state/post/died", 'a worker is killed while it sends');
is(sql(qq(SELECT status, worker, attempts FROM "$ledger".dunning_action WHERE action_id = $id)), 'claimed|first|1', 'what it had claimed stays its own');
my $token = sql(qq(SELECT claim_token FROM "$ledger".dunning_action WHERE action_id = $id));
worker(CRK_WORKER => 'second');
ok(!-e "$state/out/$id.txt", 'as long as the lease lasts');
sleep 3.2;
worker(CRK_WORKER => 'second');
ok(-e "$state/out/$id.txt", 'then another takes the same action');
is(sql(qq(SELECT status, worker, attempts FROM "$ledger".dunning_action WHERE action_id = $id)), 'done|second|2', 'and completes it at the second attempt');
my ($out, $err);
$node->psql('postgres', qq(SELECT "$ledger".complete_action($id, '$token')), stdout => \$out, stderr => \$err);
like($err, qr/action $id is not yours/, 'the token of the dead one is worth nothing');
like(slurp_file("$state/out/$id.txt"), qr/^To: Comptabilité <compta6\@example\.com>\nSubject: .+\nMessage-ID: <$id\.\Q$ledger\E\@credit-risk>\n/, 'without a command a letter is a file with its key');

# ---- sent, and died before it said so --------------------------------------------------
my $other = queue_again(7);
append_to_file("$state/sent/$ledger.$other", '');
is(sql(qq(SELECT channel FROM "$ledger".dunning_action WHERE action_id = $other)), 'call', 'a call');
worker();
is(sql(qq(SELECT status FROM "$ledger".dunning_action WHERE action_id = $other)), 'queued', 'is for people: the worker leaves it, unless it is told');
like(worker(CRK_CHANNELS => 'e-mail,call'), qr/action $other was sent before: not again/, 'a repetition is recognised by its action_id');
ok(!-e "$state/out/$other.txt", 'it is not sent again');
is(sql(qq(SELECT status FROM "$ledger".dunning_action WHERE action_id = $other)), 'done', 'and completed');

# ---- the loop ---------------------------------------------------------------------------
{
	my $loop;
	{
		local @ENV{keys %around, qw(CRK_WORKER CRK_WAIT)} = (values %around, 'loop', 1);
		$loop = IPC::Run::start(['sh', "$ENV{TESTDIR}/doc/worker/worker.sh", 'loop'], '>', \my $said, '2>', \my $moaned);
	}
	my $third = queue_again(8);
	ok($node->poll_query_until('postgres', qq(SELECT status = 'done' AND worker = 'loop' FROM "$ledger".dunning_action WHERE action_id = $third)), 'in a loop it finds what comes');
	$loop->kill_kill;
}
is(sql(qq(SELECT count(*) FROM "$ledger".dunning_action_item i JOIN "$ledger".dunning_action a USING (customer_id, action_id) WHERE a.status = 'done' AND customer_id < 3)), '0', 'nobody who had paid got a letter');
# ---- whoever listens hears of alerts, once a transaction, at its COMMIT -----------
sub heard { return () = sql(qq(SET search_path = "$ledger"; LISTEN credit; UPDATE ledger SET notify_channel = $_[0]; BEGIN;) .
	q( SELECT raise_alert(8, 'collective_proceeding', i::text, NULL, 'x', 'x') FROM generate_series(1, 2) i; SELECT raise_alert(NULL, 'concentration_top10', '', NULL, 'x', 'x');) . "$_[1]; SELECT clear_alert(NULL, 'concentration_top10')") =~ /notification "credit" with payload "alert"/g; }
is(heard("'credit'", 'ROLLBACK'), 0, '000-05 an alert that is taken back is not told');
is(heard('NULL', 'COMMIT'), 0, '000-05 nor is one where nobody is to be told');
sql(qq(SELECT "$ledger".clear_alert(8, 'collective_proceeding', i::text) FROM generate_series(1, 2) i));
is(heard("'credit'", 'COMMIT'), 1, '000-05 three alerts of a transaction are told once');
is(sql(qq(SELECT * FROM "$ledger".verify())), '', 'verify() is empty');
worker(PGUSER => 'nobody_at_all');
isnt($?, 0, 'a ledger that is not to be reached is an error');
$node->stop;
done_testing();
