#!/bin/sh
# scripts/report-coverage, on counters written by hand.
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

if ! command -v python3 >/dev/null 2>&1; then
    echo 'skipped: no python3'
    exit 0
fi

# report ARGS: runs it in the small tree; sets status and output.
report() {
    status=0
    output=$(cd "$tree" && "$PROJECT/scripts/report-coverage" "$@" 2>&1) || status=$?
}

# says SENTENCE STATUS TEXT...: each text stands in the output, blanks taken together.
says() {
    sentence=$1 wanted=$2
    shift 2
    [ "$status" -eq "$wanted" ] || { wrong "$sentence"; return; }
    for text in "$@"; do
        case $(echo "$output" | tr -s ' ') in *"$text"*) ;; *) wrong "$sentence"; return ;; esac
    done
    echo "ok: $sentence"
}

printf 'first\n    second();\nthird\n' | file src/dns/pool.c
echo 'one' | file src/base/heap.c
file counters.json <<'JSON'
{"files": [
  {"file": "src/dns/pool.c", "lines": [
    {"line_number": 1, "count": 4, "branches": [{"count": 4}, {"count": 0}, {"count": 1}]},
    {"line_number": 2, "count": 0, "branches": []},
    {"line_number": 3, "count": 7, "branches": []},
    {"line_number": 4, "count": 0, "branches": [], "gcovr/noncode": true}]},
  {"file": "src/base/heap.c", "lines": [{"line_number": 1, "count": 1, "branches": []}]}]}
JSON

report counters.json
says 'each folder and all have their shares, rounded down' 0 \
    'src/base 1 100.0 % 0 -' 'src/dns 3 66.6 % 3 66.6 %' 'all 4 75.0 % 3 66.6 %'
says 'files with something left are named' 0 'src/dns/pool.c 1 1'
case $output in *src/base/heap.c*) wrong 'a whole file is not named' ;; esac
report counters.json src/dns
says 'the places of a folder are shown with their text' 0 \
    'src/dns/pool.c:1: 1 of 3 branches: first' 'src/dns/pool.c:2: line: second();'
report counters.json src/base/heap.c
says 'a whole file shows nothing' 0 ''
report counters.json src/dn
says 'a path without code is refused' 1 'no code was counted in src/dn'
echo '{"files": []}' | file counters.json
report counters.json
says 'counters of nothing are refused' 1 'counts no line of src'

finish
