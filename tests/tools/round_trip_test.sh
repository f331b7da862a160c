#!/bin/sh
# What one `sennit connect` sends is what one `sennit listen` prints, and the other way round.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

# 3 MB: more than all buffers on the way, so that both directions must really run at once.
head -c 3000000 /dev/urandom >"$folder/there"
head -c 2000001 /dev/urandom >"$folder/back"
: >"$folder/empty"

# listen INPUT ARGS...: a listener that prints into the file "arrived".
listen() {
    input=$1
    shift
    serve "$input" "$folder/arrived" listen "$@"
}

# both_ways SENTENCE TO-LISTEN-AT TO-CONNECT-TO: WHERE in the last one stands for what was printed.
both_ways() {
    listen "$folder/back" "$2"
    there=$3
    case $there in
        *WHERE) there=${there%WHERE}$where ;;
        *PORT) there=${there%PORT}${where##*:} ;;
    esac
    status=0
    "$program" connect "$there" <"$folder/there" >"$folder/answered" 2>"$folder/errors" || status=$?
    # A listener that nobody came to would wait for ever.
    [ "$status" -eq 0 ] || kill -TERM "$server"
    is_equal "$1: connect succeeds" "$status $(cat "$folder/errors")" '0 '
    joined
    is_equal "$1: listen succeeds" "$status" 0
    same "$1: everything arrives" "$folder/there" "$folder/arrived"
    same "$1: everything comes back" "$folder/back" "$folder/answered"
}

both_ways 'TCP over IPv4' tcp://127.0.0.1:0 tcp://WHERE
both_ways 'TCP without its name' 127.0.0.1:0 WHERE
both_ways 'TCP on every address, by name' tcp://:0 localhost:PORT
both_ways 'TCP at a name' tcp://localhost:0 localhost:PORT
if has_ipv6; then
    both_ways 'TCP over IPv6' 'tcp://[::1]:0' tcp://WHERE
else
    echo 'skipped: TCP over IPv6: this machine has no IPv6'
fi
both_ways 'a Unix stream' "unix://$folder/stream" "unix://$folder/stream"
both_ways 'an abstract name' "unix://@sennit-test-$$" "unix://@sennit-test-$$"
both_ways 'Unix messages' "unix-seqpacket://$folder/messages" "unix-seqpacket://$folder/messages"
is_equal 'no socket file stays behind' "$(find "$folder" -type s)" ''

# The end of input is only the end of one direction.
listen "$folder/back" tcp://127.0.0.1:0
"$program" connect "tcp://$where" <"$folder/empty" >"$folder/answered"
joined
same 'a client that sends nothing still receives everything' "$folder/back" "$folder/answered"

# One connection after another.
listen "$folder/empty" --keep tcp://127.0.0.1:0
for word in one two three; do
    echo $word | "$program" connect "tcp://$where" >"$folder/answered"
done
kill -TERM "$server"
joined
is_equal 'a kept listener dies of the signal' "$status" 143
is_equal 'a kept listener takes one connection after another' "$(cat "$folder/arrived")" \
    "$(printf 'one\ntwo\nthree')"

# A connection that says nothing keeps nobody else waiting.
listen "$folder/empty" --keep tcp://127.0.0.1:0
mkfifo "$folder/silence"
"$program" connect "tcp://$where" <"$folder/silence" >"$folder/answered" &
silent=$!
exec 4>"$folder/silence"
echo early >&4
until [ "$(cat "$folder/arrived")" = early ]; do :; done
for word in one two; do
    echo $word | "$program" connect "tcp://$where" >"$folder/answered"
done
until [ "$(wc -l <"$folder/arrived")" -eq 3 ]; do :; done
echo late >&4
exec 4>&-
wait "$silent"
until [ "$(wc -l <"$folder/arrived")" -eq 4 ]; do :; done
kill -TERM "$server"
joined
is_equal 'a kept listener serves several connections at once' "$(sort "$folder/arrived")" \
    "$(printf 'early\nlate\none\ntwo')"

# Datagrams: the listener counts, since they have no end.
datagrams() {
    listen "$folder/empty" --count 2 "$2"
    there=$3
    case $there in *WHERE) there=${there%WHERE}$where ;; esac
    echo first | "$program" connect --wait 0 "$there"
    echo second | "$program" connect --wait 0 "$there"
    joined
    is_equal "$1: both arrive" "$status $(cat "$folder/arrived")" "$(printf '0 first\nsecond')"
}
datagrams 'UDP' udp://127.0.0.1:0 udp://WHERE
datagrams 'UDP on every address' udp://127.0.0.1:0 "udp://WHERE"
datagrams 'Unix datagrams' "unix-dgram://$folder/datagrams" "unix-dgram://$folder/datagrams"

# A killed listener removes its socket file.
listen "$folder/empty" "unix://$folder/stale"
kill -TERM "$server"
joined
is_equal 'a killed listener leaves no socket file' "$(find "$folder" -type s)" ''

# What cannot be written is said.
if [ -w /dev/full ]; then
    listen "$folder/back" tcp://127.0.0.1:0
    status=0
    "$program" connect "tcp://$where" </dev/zero >/dev/full 2>"$folder/errors" || status=$?
    complaint=$(cat "$folder/errors")
    expect 'a full disk is reported' 1 'writing standard output'
    joined
    # It has left much unread, which resets the connection.
    expect 'a failure names the peer that it is about' 1 ' tcp://127.0.0.1:'
    case $complaint in
        *"tcp://$where"*) wrong 'and not the address that was listened at' ;;
        *) echo 'ok: and not the address that was listened at' ;;
    esac
    rm -f "$folder/said"
    mkfifo "$folder/said"
    "$program" listen --keep --verbose tcp://127.0.0.1:0 >/dev/full 2>"$folder/said" &
    server=$!
    exec 3<"$folder/said"
    read -r where <&3
    "$program" connect "tcp://${where##* }" <"$folder/back" >/dev/null 2>&1 || true
    joined
    expect 'it ends a kept listener' 1 'writing standard output'
fi

# Descriptors that the caller closed are not given to sockets.
listen "$folder/back" tcp://127.0.0.1:0
status=0
"$program" connect "tcp://$where" <&- >"$folder/answered" 2>"$folder/errors" || status=$?
complaint=$(cat "$folder/errors")
expect 'a closed standard input is an empty one' 0
joined
same 'with it everything still comes back' "$folder/back" "$folder/answered"
same 'and nothing is sent' "$folder/empty" "$folder/arrived"
listen "$folder/back" tcp://127.0.0.1:0
status=0
"$program" connect "tcp://$where" <"$folder/there" >&- 2>"$folder/errors" || status=$?
complaint=$(cat "$folder/errors")
expect 'what a closed standard output does not take is told' 1 'writing standard output'
joined
status=0
"$program" connect tcp://127.0.0.1:1 <&- >&- 2>&- || status=$?
complaint=''
expect 'without any of the three a program still fails as it should' 1

finish
