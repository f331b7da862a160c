#!/bin/sh
# That servers are compared and what comes of it can be read; how fast they are is not tested.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"
report=$(cd "$(dirname "$0")/../../scripts" && pwd)/report-bench
contenders=$(dirname "$program")/contenders
BENCH_RECORDS=$folder/records
export BENCH_RECORDS

# --- Words ---

run "$program" --help
expect 'there is a help, with scenarios and contenders' 0 'usage: ' pipeline-64-50 sennit-epoll
run "$program" --rounds 0
expect 'there must be a round' 2 '--rounds takes a number from 1'
run "$program" --scenarios echo-50,walk
expect 'a scenario must be known' 2 '--scenarios takes names' 'echo-50,walk'
run "$program" --contenders raw-epoll,nobody
expect 'a contender must be known' 2 '--contenders takes names'
run "$program" --connections 0
expect 'there must be a connection' 2 '--connections takes numbers from 1'
run "$program" --server nobody 0
expect 'a server must be known' 2 '--server takes a name'
run "$program" fast
expect 'nothing else is expected' 2 'not expected here'
is_equal 'wrong words record nothing' no "$([ -e "$BENCH_RECORDS" ] && echo yes || echo no)"

# --- All that is there ---

"$program" --machine >"$BENCH_RECORDS"
run "$program" --connections 3 --rounds 1
expect 'all contenders that are there are compared' 0 'echo-3: ' 'ratio cpu/echo-3/sennit-epoll:raw-epoll '
run "$program" --scenarios pipeline-64-8,echo-16k,short,file,datagram,start --rounds 2 \
    --contenders sennit-epoll,raw-epoll
expect 'each scenario has its table' 0 'pipeline-64-8: ' 'echo-16k: ' 'short: ' 'file: ' 'datagram: ' 'start: ' \
    'ratio rate/short/sennit-epoll:raw-epoll '
run "$program" --scenarios blocking --rounds 1 --contenders sennit-blocking,sennit-waiting,raw-blocking
expect 'calls that block are compared with each other' 0 'ratio cpu/blocking/sennit-blocking:raw-blocking '

run "$report" "$BENCH_RECORDS" "$folder/results"
expect 'a report is made' 0
is_there() {
    is_equal "$1 is one of the results" yes "$([ -s "$folder/results/$1" ] && echo yes || echo no)"
}
is_there results.md
is_there results.json
if command -v gnuplot >/dev/null 2>&1; then is_there echo-16k.svg; fi

# A contender is in the results by its figures, or by the reason for which it is not.
missing=''
for name in $("$program" --help | awk '/^contenders/ { found = 1 } found && /^  [* ] / { print $(NF > 1 && $1 == "*" ? 2 : 1) }'); do
    case $name in *-blocking | *-waiting | *-gather | raw-batch) continue ;; esac
    grep -q "\"contender\": \"$name\"" "$folder/results/results.json" || missing="$missing $name"
done
is_equal 'no contender is passed over' '' "$missing"
if command -v python3 >/dev/null 2>&1; then
    run python3 -c '
import json, sys
results = json.load(open(sys.argv[1]))
names = [scenario["name"] for scenario in results["scenarios"]]
figure = results["scenarios"][names.index("short")]["figures"][0]
assert figure["contender"] == "sennit-epoll" and figure["metric"] == "cpu" and figure["rounds"] == 2, figure
assert figure["p10"] <= figure["median"] <= figure["p90"], figure
assert "raw-epoll" in figure["ratios"] and results["machine"]["kernel"], results["machine"]
' "$folder/results/results.json"
    expect 'the JSON can be read' 0
else
    echo 'skipped: the JSON can be read: there is no python3'
fi
run "$report" "$folder/nowhere" "$folder/results"
expect 'without records there is no report' 1 'nothing is recorded'

# --- One that dies, one that is not there ---

mkdir "$folder/contenders"
ln -s "$contenders/sennit" "$folder/contenders/sennit"
printf '#!/bin/sh\nexec timeout 1 "%s/raw" "$@"\n' "$contenders" >"$folder/contenders/raw"
chmod +x "$folder/contenders/raw"
BENCH_CONTENDERS=$folder/contenders
export BENCH_CONTENDERS
run "$program" --connections 5 --rounds 15 --contenders raw-epoll,sennit-epoll,libuv
expect 'one that dies is named, and the others go on' 1 'echo: raw-epoll in echo-5: ' \
    'not here: libuv: its program is not built' 'sennit-epoll  '

finish
