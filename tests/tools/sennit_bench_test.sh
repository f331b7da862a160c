#!/bin/sh
# What `sennit bench` measures, and how it tells it.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

: >"$folder/empty"

run "$program" bench --duration 100
expect 'without an end point it has a server of its own' 0 'latency: ' ' round trips of 64 bytes' \
    'min ' 'p50 ' 'p99.9 ' 'max ' ' % |#' 'throughput: ' ' there and back in ' 'Gbit/s, by 1 connection'

# The counts of the histogram are those of the round trips.
run "$program" bench --duration 100 --json --size 1000 --connections 3
expect 'for a script' 0 '"connections":3' '"latency":{"size":1000,' '"throughput":{"seconds":'
trips=$(printf '%s' "$output" | sed 's/.*"round_trips":\([0-9]*\).*/\1/')
counts=$(printf '%s' "$output" | grep -o '"count":[0-9]*' | awk -F: '{ sum += $2 } END { print sum }')
is_equal 'every round trip is in the histogram' "$trips" "$counts"

# against SENTENCE AT: another process at the other end.
against() {
    serve "$folder/empty" "$folder/arrived" echo "$2"
    there=$2
    case $2 in *:0) there=${2%:0}:${where##*:} ;; esac
    shift 2
    run "$program" bench --duration 50 "$@" "$there"
    expect "against $there" 0 'latency: ' ' % |#'
    stopped
}
against TCP tcp://127.0.0.1:0 --latency
against 'a Unix stream' "unix://$folder/s" --option SendBuffer=65536
against 'Unix messages' "unix-seqpacket://$folder/s"
against UDP udp://127.0.0.1:0
serve "$folder/empty" "$folder/arrived" echo 127.0.0.1:0
run "$program" bench --duration 50 --throughput "$where"
case $output in *latency*) wrong 'one of the two' ;; *) expect 'one of the two' 0 'throughput: ' ;; esac
stopped

serve "$folder/empty" "$folder/arrived" listen udp://127.0.0.1:0
run "$program" bench --duration 50 "udp://$where"
expect 'a server that sends nothing back' 1 "bench udp://$where: nothing came back"
stopped
serve "$folder/empty" "$folder/arrived" listen --exec 'exit 0' 127.0.0.1:0
run "$program" bench --duration 50 "$where"
expect 'or that leaves' 1 "bench $where: "
stopped
run "$program" bench --duration 50 127.0.0.1:1
expect 'nobody there' 1 'bench 127.0.0.1:1: ConnectionRefused'
run "$program" bench --throughput udp://127.0.0.1:1
expect 'datagrams have no throughput' 2 'measured on streams'
run "$program" bench --latency --throughput
expect 'both are what it does anyway' 2 'exclude each other'

# A signal ends it at once.
serve "$folder/empty" "$folder/arrived" echo --verbose 127.0.0.1:0
"$program" bench --duration 3600000 "$where" >"$folder/output" 2>&1 3<&- &
measuring=$!
read -r _ <&3 # a connection has come
kill -TERM "$measuring"
status=0
wait "$measuring" || status=$?
is_equal 'a signal ends it' "$status $(cat "$folder/output")" '143 '
stopped

finish
