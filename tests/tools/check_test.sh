#!/bin/sh
# What can be reached, by which address.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

: >"$folder/empty"

serve "$folder/empty" "$folder/empty" echo 127.0.0.1:0
port=${where##*:}
run "$program" check "$where"
expect 'an address that answers' 0 '127.0.0.1' connected "$where: reachable, tcp://$where in "
run "$program" check --json "localhost:$port"
expect 'for a script' 0 "{\"endpoint\":\"localhost:$port\",\"outcome\":\"reachable\"" \
    "\"peer\":\"tcp://$where\"" '"address":"127.0.0.1","outcome":"connected"'
# The server listens at one of the addresses that the name may have.
run "$program" check --each --ipv4 "localhost:$port"
expect 'every address by itself' 0 "connected" reachable
if has_ipv6; then
    run "$program" check --each --ipv6 "[::1]:$port"
    expect 'an address without a listener' 1 "[::1]:$port: ConnectionRefused" 'not reachable'
fi
stopped
run "$program" check --json 127.0.0.1:1
expect 'one that refuses' 1 '"outcome":"unreachable","peer":null' '"outcome":"ConnectionRefused"' \
    'sennit: check 127.0.0.1:1: ConnectionRefused: nobody listens'
run "$program" check "unix://$folder/nothing"
expect 'a socket file that is not there' 1 AddressNotAvailable 'not reachable'
run "$program" check no-such-host.invalid:80
expect 'a name that does not exist' 1 'check no-such-host.invalid:80: ' 'not reachable'
serve "$folder/empty" "$folder/empty" echo "unix://$folder/s"
run "$program" check "unix://$folder/s"
expect 'a Unix socket' 0 "unix://$folder/s: reachable"
stopped

# Datagrams.
run "$program" check udp://127.0.0.1:1
expect 'a refused datagram' 1 ConnectionRefused 'not reachable'
serve "$folder/empty" "$folder/empty" echo udp://127.0.0.1:0
run "$program" check "udp://$where"
expect 'an answered datagram' 0 "udp://$where: reachable"
stopped
serve "$folder/empty" "$folder/arrived" listen udp://127.0.0.1:0
run "$program" check "udp://$where"
expect 'a datagram that nobody says anything of' 3 "udp://$where: not known"
stopped

if prepare_silence; then
    run unshare -n sh "$folder/silent" "$program" check --timeout 50 --json 192.0.2.2:80
    expect 'one that never answers' 1 'check 192.0.2.2:80: TimedOut' '"address":"192.0.2.2"'
else
    echo 'skipped: one that never answers: no such network can be made'
fi

run "$program" check --each "unix://$folder/s"
expect 'a path is one address' 2 '--each is for hosts'

finish
