# README.md is a promise: all its SQL is run in one session, in order, and
# prints what stands behind it.
use strict;
use warnings;
use Encode;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

open my $readme, '<:encoding(UTF-8)', "$ENV{TESTDIR}/README.md" or die $!;
my $text = do { local $/; <$readme> };
my @blocks;    # [line, sql, what it prints]
while ($text =~ /^```(sql|text)\n(.*?)^```/msg)
{
	my ($kind, $body) = ($1, $2);
	my $line = 1 + (substr($text, 0, $-[0]) =~ tr/\n//);
	if ($kind eq 'sql') { push @blocks, [ $line, $body, undef ]; }
	else                { $blocks[-1][2] = $body; }
}

my $node = PostgreSQL::Test::Cluster->new('readme');
$node->init;
$node->append_conf('postgresql.conf', slurp_file($ENV{CREDIT_RISK_CONF}));
$node->start;

my $script = "\\pset footer off\n\\set VERBOSITY default\n\\set SHOW_CONTEXT never\nSET datestyle = ISO;\n";
$script .= join '', map { "\\echo block $_->[0]\n\\warn block $_->[0]\n$_->[1]" } @blocks;
$script = encode('UTF-8', $script);
my ($out, $err) = ('', '');
IPC::Run::run([ 'psql', '-X', '-q', '-d', $node->connstr('postgres') ], '<', \$script, '>', \$out, '2>', \$err);

($out, $err) = (decode('UTF-8', $out), decode('UTF-8', $err));

sub said { my %said = $_[0] =~ /^block (\d+)\n(.*?)(?=^block \d|\z)/msg; return %said; }
my %out = said($out);
my %err = said($err);
for my $block (@blocks)
{
	my ($line, undef, $expected) = @$block;
	$expected //= '';
	my $printed = ($out{$line} // '') . ($err{$line} // '');
	# An error names the line of standard input; tables end without a blank line.
	$printed =~ s/^(psql:)?<stdin>:\d+: //mg;
	$printed =~ s/^-\[ RECORD \d+ \][-+]*\n//mg;
	s/[ \t]+$//mg, s/\n{2,}/\n/g, s/\A\n+//, s/\n+\z/\n/ for $printed, $expected;
	is($printed, $expected, "README.md line $line") if defined $block->[2] || $err{$line};
}

# The reference is what the comments say (make reference).
IPC::Run::run([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-f', "$ENV{TESTDIR}/doc/reference.sql" ],
	'>', \$out, '2>', \$err);
is($err, '', 'doc/reference.sql runs');
ok($out eq slurp_file("$ENV{TESTDIR}/doc/reference.md"), 'doc/reference.md is what doc/reference.sql prints');
done_testing();
