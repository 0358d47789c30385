#!/bin/sh
# A worker for the dunning queue of a ledger: claims, hands each communication
# to a command, and reports what came of it.  README.md tells the protocol.
#
#   worker.sh once      # what waits now, then ends
#   worker.sh loop      # for ever, looking again every CRK_WAIT seconds
#
# The connection is that of psql (PGHOST, PGDATABASE, PGUSER ...), as a role
# with the level collector.
set -u

: "${CRK_LEDGER:=receivables}"                  # the ledger
: "${CRK_WORKER:=$(uname -n)-$$}"               # who we are, for dunning_action.worker
: "${CRK_BATCH:=20}"                            # claimed at a time: less than can be sent within the lease
: "${CRK_LEASE:=15 minutes}"
: "${CRK_CHANNELS:=e-mail,sms,letter,registered,portal}"     # calls and tasks are for people
: "${CRK_WAIT:=60}"                             # seconds between two looks
: "${CRK_STATE:=./worker}"                      # what was sent stands here, and the default sender's files
: "${CRK_SEND:=}"                               # the command; empty = write a file
CRK_PID=$$
export CRK_LEDGER CRK_WORKER CRK_STATE CRK_PID
mkdir -p "$CRK_STATE/sent" "$CRK_STATE/out" || exit 1

say() { printf '%s %s\n' "$(date '+%Y-%m-%d %H:%M:%S')" "$*"; }

# Standard input is SQL; more arguments are psql's.
sql() { psql -XAtq -v ON_ERROR_STOP=1 -v ledger="$CRK_LEDGER" "$@"; }

# One line each: identifiers plain, texts in base64.  Columns that a ledger of
# an older release does not return are empty.
claim() {
  sql -F ' ' -v worker="$CRK_WORKER" -v batch="$CRK_BATCH" -v lease="$CRK_LEASE" -v channels="$CRK_CHANNELS" <<'SQL'
SET search_path = :"ledger", pg_temp;
SELECT c.action_id, c.claim_token,
       array_to_string(ARRAY(SELECT '-' || translate(encode(convert_to(coalesce(to_jsonb(c) ->> key, ''), 'UTF8'), 'base64'), E'\n', '')
                             FROM unnest('{channel,language,dunning_level,template,code,name,amount,currency,recipient,recipient_address,subject,body}'::text[])
                                  WITH ORDINALITY k (key, place) ORDER BY place), ' ')
FROM claim_actions(:'worker', :batch, :'lease'::interval, string_to_array(:'channels', ',')) c;
SQL
}

complete() { # ACTION TOKEN
  sql -v id="$1" -v token="$2" <<'SQL'
SET search_path = :"ledger", pg_temp;
SELECT complete_action(:id, :'token', 'sent');
SQL
}

fail() { # ACTION TOKEN REASON
  sql -v id="$1" -v token="$2" -v reason="$3" <<'SQL'
SET search_path = :"ledger", pg_temp;
SELECT fail_action(:id, :'token', :'reason');
SQL
}

text() { printf '%s' "${1#-}" | base64 -d; }

# What the sender finds in its environment; the body comes on its standard input.
send() {
  if [ -n "$CRK_SEND" ]; then
    sh -c "$CRK_SEND"
  else
    {
      printf 'To: %s%s\nSubject: %s\nMessage-ID: <%s.%s@credit-risk>\nChannel: %s, level %s\n\n' \
        "${CRK_RECIPIENT:-$CRK_CODE $CRK_NAME}" "${CRK_ADDRESS:+ <$(printf %s "$CRK_ADDRESS" | tr '\n' ' ')>}" "${CRK_SUBJECT:-$CRK_TEMPLATE}" "$CRK_ACTION_ID" "$CRK_LEDGER" "$CRK_CHANNEL" "$CRK_LEVEL"
      cat
    } >"$CRK_STATE/out/$CRK_ACTION_ID.part" && mv "$CRK_STATE/out/$CRK_ACTION_ID.part" "$CRK_STATE/out/$CRK_ACTION_ID.txt"
  fi
}

work_off() {
  found=0
  claim >"$CRK_STATE/claim.$$" || return 1
  while read -r id token channel language level template code name amount currency recipient address subject body <&3; do
    found=$((found + 1))
    CRK_ACTION_ID=$id CRK_CHANNEL=$(text "$channel") CRK_LANGUAGE=$(text "$language") CRK_LEVEL=$(text "$level")
    CRK_TEMPLATE=$(text "$template") CRK_CODE=$(text "$code") CRK_NAME=$(text "$name") CRK_AMOUNT=$(text "$amount")
    CRK_CURRENCY=$(text "$currency") CRK_RECIPIENT=$(text "$recipient") CRK_ADDRESS=$(text "$address") CRK_SUBJECT=$(text "$subject")
    export CRK_ACTION_ID CRK_CHANNEL CRK_LANGUAGE CRK_LEVEL CRK_TEMPLATE CRK_CODE CRK_NAME CRK_AMOUNT CRK_CURRENCY CRK_RECIPIENT CRK_ADDRESS CRK_SUBJECT
    # At least once: who sent it and died before complete_action left a mark.
    mark=$CRK_STATE/sent/$(printf %s "$CRK_LEDGER" | tr / _).$id       # numbers are those of a ledger
    if [ -e "$mark" ]; then
      say "action $id was sent before: not again"
    elif text "$body" | send 2>"$CRK_STATE/error.$$"; then
      : >"$mark"
    else
      reason=$(tail -n 1 "$CRK_STATE/error.$$" | cut -c 1-200)
      say "action $id failed: ${reason:-the sender ended with an error}, now $(fail "$id" "$token" "${reason:-the sender ended with an error}" 2>&1)"
      continue
    fi
    say "action $id: $(complete "$id" "$token" 2>&1)"
  done 3<"$CRK_STATE/claim.$$"
  rm -f "$CRK_STATE/claim.$$" "$CRK_STATE/error.$$"
}

# Until something is queued (ledger.notify_channel), or CRK_WAIT has passed.
wait_a_while() {
  channel=$(sql <<'SQL'
SELECT to_jsonb(l) ->> 'notify_channel' FROM :"ledger".ledger l;
SQL
  ) || channel=
  if [ -z "$channel" ]; then
    sleep "$CRK_WAIT"
    return
  fi
  {
    printf 'LISTEN :"channel";\n'
    i=0
    while [ "$i" -lt "$CRK_WAIT" ]; do
      sleep 1
      printf 'SELECT;\n' || break     # psql shows what it heard after a statement
      i=$((i + 1))
    done
  } 2>/dev/null | sql -v channel="$channel" | { grep -q 'Asynchronous notification' || :; }
}

case ${1:-once} in
  once)
    while work_off; do [ "$found" -gt 0 ] || exit 0; done
    exit 1
    ;;
  loop)
    while :; do
      if ! work_off; then say 'the ledger is not to be reached'; found=0; fi
      [ "$found" -gt 0 ] || wait_a_while
    done
    ;;
  *) echo "usage: $0 [once | loop]" >&2; exit 2 ;;
esac
