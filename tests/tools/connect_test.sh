#!/bin/sh
# What `sennit connect` can be told: where from, with which options, for how long.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

: >"$folder/empty"

# shellcheck disable=SC2016 # the variable is the command's
serve "$folder/empty" "$folder/arrived" listen --exec 'echo "$SENNIT_PEER"' 127.0.0.1:0
run "$program" connect --from 127.0.0.9 "$where"
expect 'it comes from the address that was given' 0 'tcp://127.0.0.9:'
run "$program" connect --from 127.0.0.9 --verbose "localhost:${where##*:}"
expect 'on a socket for both families, too' 0 'tcp://127.0.0.9:' \
    'connected to tcp://127.0.0.1:' ' from tcp://127.0.0.9:'
run "$program" connect --option NoDelay=yes --option sendbuffer=4096 --option Linger=5 "$where"
expect 'options are set' 0 'tcp://127.0.0.1:'
run "$program" connect --ipv4 "localhost:${where##*:}"
expect 'only one family is tried' 0 'tcp://127.0.0.1:'
run "$program" connect --ipv6 "localhost:${where##*:}"
expect 'or only the other' 1 "connect localhost:${where##*:}: "
run "$program" connect --timeout 60000 "$where"
expect 'a time limit that is not reached' 0 'tcp://127.0.0.1:'
stopped

# A service by its name, of which the system has a list.
if grep -q '^tcpmux[[:space:]]*1/tcp' /etc/services 2>/dev/null; then
    run "$program" connect 127.0.0.1:tcpmux
    expect 'a port by name' 1 'connect 127.0.0.1:tcpmux: ConnectionRefused'
else
    echo 'skipped: a port by name: there is no list of services'
fi

# The time limit is for the whole.
if prepare_silence; then
    run unshare -n sh "$folder/silent" "$program" connect --timeout 50 192.0.2.2:80
    expect 'an address that never answers' 1 'connect 192.0.2.2:80: TimedOut'
    unshare -n sh "$folder/silent" "$program" connect 192.0.2.2:80 2>"$folder/errors" </dev/null &
    connecting=$!
    until [ -s "$folder/errors" ] && grep -q sennit "/proc/$connecting/comm"; do :; done
    kill -TERM "$connecting"
    status=0
    wait "$connecting" || status=$?
    is_equal 'a signal ends a connect that waits' "$status $(cat "$folder/errors")" '143 ready'
else
    echo 'skipped: an address that never answers: no such network can be made'
fi

# What moves, as digits.
serve "$folder/empty" "$folder/arrived" listen --once --exec 'head -c 17; exit 0' 127.0.0.1:0
output=$(printf 'exactly 17 bytes\n' | "$program" connect --hex "$where") || true
joined
is_equal 'both directions as digits' "$output" \
    '> 00000000  65 78 61 63 74 6c 79 20  31 37 20 62 79 74 65 73  exactly 17 bytes
> 00000010  0a                                                .
< 00000000  65 78 61 63 74 6c 79 20  31 37 20 62 79 74 65 73  exactly 17 bytes
< 00000010  0a                                                .'

# A peer that says nothing.
serve "$folder/empty" "$folder/arrived" listen --exec cat 127.0.0.1:0
mkfifo "$folder/quiet"
exec 4<>"$folder/quiet"
status=0 output=''
"$program" connect --idle 50 "$where" <"$folder/quiet" 2>"$folder/errors" || status=$?
exec 4>&-
complaint=$(cat "$folder/errors")
expect 'a connection on which nothing moves is ended' 1 \
    "receive tcp://$where: TimedOut: nothing has moved"
stopped
run "$program" connect --idle 50 --wait 60000 udp://127.0.0.1:1
expect 'datagrams that nobody answers, as well' 1 'udp://127.0.0.1:1: TimedOut: nothing has moved'

# Answers to a Unix datagram need an address to come to.
serve "$folder/empty" "$folder/arrived" listen --once --exec 'tr a-z A-Z' "unix-dgram://$folder/asked"
output=$(echo word | "$program" connect --from "$folder/asking" --wait 60000 --answers 1 \
    "unix-dgram://$folder/asked") || true
joined
is_equal 'a Unix datagram is answered' "$output" WORD
is_equal 'no socket file is left' "$(find "$folder" -type s)" ''
run "$program" connect --answers 1 127.0.0.1:1
expect 'a connection has no answers to count' 2 '--answers is for datagrams'

# A file that cannot be read, a closed output.
run "$program" connect "unix://$folder"
expect 'a folder is no socket' 1 "connect unix://$folder: "
serve "$folder/empty" "$folder/arrived" listen --exec 'yes' 127.0.0.1:0
{
    status=0
    "$program" connect "$where" </dev/null 2>"$folder/errors" || status=$?
    echo "$status" >"$folder/status"
} | head -c 1 >/dev/null
status=$(cat "$folder/status") output='' complaint=$(cat "$folder/errors")
expect 'a closed output is told' 1 'writing standard output: Broken pipe'
stopped

finish
