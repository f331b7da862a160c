#!/bin/sh
# What comes back, and how long that takes.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

: >"$folder/empty"
head -c 3000000 /dev/urandom >"$folder/there"

# echoes SENTENCE AT SCHEME: everything comes back, and pings are answered.
echoes() {
    serve "$folder/empty" "$folder/empty" echo "$2"
    there=$2
    case $2 in *:0) there=${2%%127*}$where ;; esac
    "$program" connect "$there" <"$folder/there" >"$folder/back"
    same "$1: everything comes back" "$folder/there" "$folder/back"
    run "$program" ping --count 3 --interval 1 "$there"
    expect "$1: connecting is measured" 0 "connected to " 'seq=3' ' time=' \
        "--- $there: 3 sent, 3 answered, 0 lost (0 %)" 'round trip min/avg/max'
    stopped
}
echoes 'TCP' 127.0.0.1:0
echoes 'a Unix stream' "unix://$folder/s"
echoes 'Unix messages' "unix-seqpacket://$folder/s"

# pongs SENTENCE AT: datagrams come back.
pongs() {
    serve "$folder/empty" "$folder/empty" echo "$2"
    there=$2
    case $2 in *:0) there=${2%:0}:${where##*:} ;; esac
    shift 2
    run "$program" ping --count 3 --interval 1 --size 1000 "$@" "$there"
    expect "datagrams come back: $there" 0 '1000 bytes from ' 'seq=3' \
        "--- $there: 3 sent, 3 answered, 0 lost (0 %)"
    run "$program" ping --count 2 --interval 1 --size 0 --json "$@" "$there"
    expect "empty ones, told for a script: $there" 0 '{"sequence":2,"milliseconds":' \
        '"sent":2,"answered":2'
    stopped
}
pongs UDP udp://127.0.0.1:0
pongs UDP udp://127.0.0.1:0 --from 127.0.0.9
pongs 'Unix datagrams' "unix-dgram://$folder/d" --from "$folder/own"

serve "$folder/empty" "$folder/empty" echo --count 2 127.0.0.1:0
run "$program" ping --ipv4 --count 2 --interval 1 "localhost:${where##*:}"
expect 'a name is looked up' 0 "PING localhost:${where##*:} (tcp://127.0.0.1:" '2 answered'
joined
expect 'so many connections are served' 0
serve "$folder/empty" "$folder/empty" echo --idle 50 --count 1 127.0.0.1:0
mkfifo "$folder/quiet"
"$program" connect "$where" <"$folder/quiet" >/dev/null 2>&1 4>&- &
quiet=$!
exec 4>"$folder/quiet"
joined
expect 'a connection on which nothing moves is ended' 1 'TimedOut: nothing has moved'
exec 4>&-
wait "$quiet" || true

run "$program" ping --count 2 --interval 1 127.0.0.1:1
expect 'one that refuses' 1 'ping tcp://127.0.0.1:1: seq=1: ConnectionRefused' '2 sent, 0 answered'
run "$program" ping --count 1 udp://127.0.0.1:1
expect 'a refused datagram' 1 'ConnectionRefused' '1 sent, 0 answered'
serve "$folder/empty" "$folder/arrived" listen udp://127.0.0.1:0
run "$program" ping --count 1 --timeout 50 "udp://$where"
expect 'a datagram that does not come back' 1 'seq=1: TimedOut' '1 sent, 0 answered, 1 lost'
stopped
run "$program" ping --count 1 no-such-host.invalid:1
expect 'a name that does not exist' 2 'ping no-such-host.invalid:1: '
run "$program" ping --from 127.0.0.1 127.0.0.1
expect 'a source is for end points' 2 'are for an ENDPOINT'

# A signal, while it waits for the next one to be due.
serve "$folder/empty" "$folder/empty" echo 127.0.0.1:0
mkfifo "$folder/lines"
"$program" ping --interval 60000 "$where" >"$folder/lines" 3<&- &
pinging=$!
{
    read -r _ && read -r first
    kill -TERM "$pinging"
    last=$(cat)
} <"$folder/lines"
status=0
wait "$pinging" || status=$?
output="$first $last" complaint=''
expect 'a signal ends it with the statistics' 0 'seq=1 ' '1 sent, 1 answered'
stopped

finish
