#!/bin/sh
# The runner with peers of its own: a pair that works, and every way in which one does not.
#
# usage: runner_test.sh BUILD
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/peers"
export INTEROP_PEERS="$folder/peers" INTEROP_SIZE=1000
failures=0

# run ARGS...: sets $status and $output
run() {
    status=0
    output=$("$here/run" "$@" 2>&1) || status=$?
}

# expect SENTENCE STATUS TEXT...
expect() {
    sentence=$1 good=true
    [ "$status" -eq "$2" ] || good=false
    shift 2
    for text in "$@"; do
        case $output in *"$text"*) ;; *) good=false ;; esac
    done
    if $good; then
        echo "ok: $sentence"
    else
        printf 'FAILED: %s\nstatus %s:\n%s\n' "$sentence" "$status" "$output"
        failures=$((failures + 1))
    fi
}

cat >"$folder/peers/good.sh" <<'TEXT'
peer Good
needs sh dash
quick echoed client 'bytes there and back'
echoed() {
    serve server sennit echo --verbose --count 1 127.0.0.1:0
    sennit connect "$where" <"$payload" >back
    ended server 0
    same "$payload" back
}
pair long client 'what a quick run leaves out'
long() { equal 1 1; }
TEXT
run --logs "$folder/logs" "$build" Good
expect 'a pair runs on every back-end, and is counted' 0 'ok: Good, client: bytes there and back: ' ' forbidden' \
    '2 of 2 pairs' '0 pairs skipped'
[ -z "$(find "$folder/logs" -name back)" ] || { echo 'FAILED: what worked is left behind' && failures=1; }
run --quick "$build"
expect 'a quick run leaves out the others' 0 '1 of 1 pairs'
run --list
expect 'the list has the peer, the function, the role and what moves' 0 "Good	echoed	client	bytes there and back"
run --has dash
expect 'what a peer wants is looked for by its package' 0
run --has castle
expect 'no peer wants that' 2
run "$build" castle
expect 'no pair is called so' 1 'no pair is called so'
run --logs "$folder/logs" --table "$folder/table" "$build"
table=$(cat "$folder/table" 2>/dev/null || echo none)
case $output in
    *'skipped: io_uring: '* | *'skipped: forbidden: '*) expect 'without a back-end there is no table' 0 'is left as it is' ;;
    *)
        output=$table
        expect 'a whole run writes the table' 0 '| Good | client | bytes there and back | yes | yes | yes |' '2 pairs with 1 peers'
        run --table -
        [ "$output" = "$table" ] || { echo 'FAILED: the table is another one than was foretold' && failures=1; }
        ;;
esac

cat >"$folder/peers/missing.sh" <<'TEXT'
peer Missing
needs no-such-command no-such-package
quick never client 'nothing'
never() { false; }
TEXT
cat >"$folder/peers/unfit.sh" <<'TEXT'
peer Unfit
needs sh dash
quick never client 'nothing at all'
never() { unfit 'not on this day'; }
TEXT
rm "$folder/table" 2>/dev/null || true
run --table "$folder/table" "$build"
expect 'a peer that is not here is skipped, with the reason, and is no failure' 0 \
    "skipped: Missing: there is no no-such-command (Debian's package no-such-package)" \
    'skipped: Unfit, nothing at all: not on this day' '2 of 2 pairs' '2 pairs skipped' 'is left as it is'
[ ! -e "$folder/table" ] || { echo 'FAILED: a table without all pairs' && failures=1; }

cat >"$folder/peers/bad.sh" <<'TEXT'
peer Bad
needs sh dash
quick differs client 'other bytes'
differs() { echo other >back; same "$payload" back; }
quick hangs client 'nothing, for ever'
hangs() {
    serve server sennit echo --verbose 127.0.0.1:0
    echo "$pid_server" >"$logs/pid"
    cat "$folder/never" & pids="$pids $!"
    until [ -e never ]; do :; done
}
quick silent server 'no word of where it listens'
silent() { serve server true; }
TEXT
INTEROP_LIMIT=2 run --logs "$folder/logs" "$build" 'Good echoed|Bad'
expect 'what fails is told, with its last words, where its log is, and the status' 1 'FAILED: Bad, client: other bytes: ' \
    'bytes were wanted' "(no: $folder/logs/Bad-differs-epoll/log)" 'not over after 2 s' 'and not said listening on' '1 of 4 pairs'
[ -s "$folder/logs/Bad-differs-epoll/log" ] || { echo 'FAILED: the log was not kept' && failures=1; }
! kill -0 "$(cat "$folder/logs/pid")" 2>/dev/null || { echo 'FAILED: what hung is still there' && failures=1; }

[ "$failures" -eq 0 ]
