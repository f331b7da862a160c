#!/bin/sh
# Two ends of any kind, joined.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

head -c 3000000 /dev/urandom >"$folder/there"
: >"$folder/empty"

# A server behind each relay that gives everything back.
echo_on() {
    rm -f "$folder/echo"
    "$program" listen --exec cat "$1" 2>"$folder/echo" &
    behind=$!
    case $1 in
        *:0) until grep -qs listening "$folder/echo"; do :; done
             far=$(sed 's/.* //' "$folder/echo") ;;
        *) until [ -S "${1#*://}" ]; do :; done ;;
    esac
}
behind_stopped() {
    kill -TERM "$behind"
    wait "$behind" || true
}

# through SENTENCE A B WHERE: what goes through the relay comes back whole, twice.
through() {
    serve "$folder/empty" "$folder/said-out" relay "$2" "$3"
    there=$4
    case $there in *WHERE) there=${there%WHERE}$where ;; esac
    for _ in 1 2; do
        "$program" connect "$there" <"$folder/there" >"$folder/back" 2>"$folder/errors" || true
        same "$1" "$folder/there" "$folder/back"
    done
    stopped
}

echo_on 127.0.0.1:0
through 'TCP to TCP' 127.0.0.1:0 "$far" WHERE
through 'a Unix stream to TCP' "unix://$folder/near" "$far" "unix://$folder/near"
through 'messages to TCP' "unix-seqpacket://$folder/near" "$far" "unix-seqpacket://$folder/near"
is_equal 'no socket file is left' "$(find "$folder" -type s)" ''
through 'a program' 127.0.0.1:0 "exec:cat" WHERE

# What has moved is told.
serve "$folder/empty" "$folder/empty" relay --once 127.0.0.1:0 "$far"
"$program" connect "$where" <"$folder/there" >"$folder/back"
joined
expect 'one connection and no more, and what has moved' 0 'connection from tcp://127.0.0.1:' \
    "and tcp://$far: 3000000 bytes there, 3000000 back"

# Neither end listens.
printf abc >"$folder/abc"
run sh -c '"$1" relay - "$2" <"$3"' - "$program" "$far" "$folder/abc"
is_equal 'standard input and output' "$status $output" '0 abc'
run "$program" relay --verbose exec:'printf abcd' "$far"
expect 'a program and a server' 0 '4 bytes there, '
run "$program" relay exec:'exit 3' exec:cat
expect 'two programs, of which one fails' 1 'exit 3: the command ended with status 3'
behind_stopped

# The end is passed on: a request until its end, then the whole answer.
serve "$folder/empty" "$folder/empty" relay 127.0.0.1:0 'exec:cat >/dev/null; echo after the end'
output=$("$program" connect "$where" <"$folder/there") || true
is_equal 'the end of sending is passed on' "$output" 'after the end'
stopped

# Two that both connect here.
serve "$folder/empty" "$folder/empty" relay --once "listen:unix://$folder/a" "listen:unix://$folder/b"
"$program" connect "unix://$folder/b" <"$folder/abc" >"$folder/from-a" &
other=$!
"$program" connect "unix://$folder/a" <"$folder/there" >"$folder/from-b"
wait "$other"
joined
same 'both ends can listen' "$folder/abc" "$folder/from-b"
same 'and get what the other one sends' "$folder/there" "$folder/from-a"

# Datagrams: each peer has a way of its own, and what comes back is that peer's.
rm "$folder/echo" # what the one before has said
"$program" listen --exec 'tr a-z A-Z' udp://127.0.0.1:0 2>"$folder/echo" &
behind=$!
until grep -qs listening "$folder/echo"; do :; done
far=$(sed 's/.* //' "$folder/echo")
serve "$folder/empty" "$folder/empty" relay udp://127.0.0.1:0 "udp://$far"
for word in one two; do
    output=$(echo $word | "$program" connect --wait 60000 --answers 1 "udp://$where") || true
    is_equal "the datagram $word is answered through it" "$output" "$(echo $word | tr '[:lower:]' '[:upper:]')"
done
stopped
expect 'each peer is told' 143 "sennit: udp://127.0.0.1:" "and udp://$far"
serve "$folder/empty" "$folder/empty" relay --once --idle 2000 127.0.0.1:0 "udp://$far"
output=$(echo word | "$program" connect "$where") || true
is_equal 'a stream to datagrams' "$output" WORD
joined
is_equal 'which end when nothing moves any more' "$status" 0
behind_stopped

# Failures: the connection fails, the relay goes on.
serve "$folder/empty" "$folder/empty" relay 127.0.0.1:0 127.0.0.1:1
run "$program" connect "$where"
run "$program" connect "$where"
stopped
expect 'an end that nobody listens at is told' 143 'connect 127.0.0.1:1: ConnectionRefused'
serve "$folder/empty" "$folder/empty" relay --once --idle 50 127.0.0.1:0 'exec:cat'
mkfifo "$folder/quiet"
exec 4<>"$folder/quiet"
"$program" connect "$where" <"$folder/quiet" >/dev/null 2>&1 4>&- &
quiet=$!
joined
exec 4>&-
expect 'a connection on which nothing moves is ended' 1 'TimedOut: it lasted, or nothing moved'
wait "$quiet" || true
serve "$folder/empty" "$folder/empty" relay --once --lifetime 50 127.0.0.1:0 'exec:yes'
run "$program" connect "$where"
joined
expect 'and one that lasts too long' 1 'TimedOut: it lasted, or nothing moved'

# mistake SENTENCE TEXT ARGS...
mistake() {
    sentence=$1 text=$2
    shift 2
    run "$program" relay "$@"
    expect "$sentence" 2 "$text" --help
}
mistake 'there are two ends' 'B is missing' 127.0.0.1:1
mistake 'and no more' 'one too many' :1 127.0.0.1:1 127.0.0.1:2
mistake 'one of them may be this program' 'only one of the two' - -
mistake 'the far end needs a host' 'the host is missing' :1 :2
mistake 'a program is a command' 'the command is missing' :1 exec:
mistake 'datagrams come in at the first end' 'B cannot listen' :1 listen:udp://:2
mistake 'datagrams of many go to no program' 'sennit listen --exec' udp://:1 exec:cat
mistake 'datagrams have no connections to count' 'are for connections' --once udp://:1 udp://localhost:1

finish
