#!/bin/sh
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

# mistake SENTENCE TEXT ARGS...
mistake() {
    sentence=$1 text=$2
    shift 2
    run "$program" ping "$@"
    expect "$sentence" 2 "$text" --help
}
run "$program" ping --help
expect 'the help tells the options and the status' 0 'usage: sennit ping' \
    --count --interval --size --timeout 'Exit status'
mistake 'the host is needed' 'HOST is missing'
mistake 'one host is enough' 'one too many' 127.0.0.1 ::1
mistake 'a count is 1 or more' 'from 1 to' --count 0 127.0.0.1
mistake 'requests have a time between them' 'from 1 to' --interval 0 127.0.0.1
mistake 'a packet has an end' 'from 0 to 65507' --size 65508 127.0.0.1
mistake 'one family or the other' 'exclude each other' --ipv4 --ipv6 localhost

run "$program" ping --count 1 no-such-host.invalid
expect 'a name that does not exist' 2 'sennit: ping no-such-host.invalid: '
run "$program" ping --count 1 --ipv6 127.0.0.1
expect 'an address of the other family' 2 AddressFamilyNotSupported

# pings SENTENCE HOST TEXT...: two requests of another size than usual, both answered.
pings() {
    sentence=$1 host=$2
    shift 2
    run "$program" ping --count 2 --interval 1 --size 100 "$host"
    expect "$sentence" 0 "PING $host ($host): 100 bytes of data" "108 bytes from $host: seq=1 " \
        "108 bytes from $host: seq=2 " "--- $host: 2 sent, 2 answered, 0 lost (0 %)" \
        'round trip min/avg/max' "$@"
}

run "$program" ping --count 1 127.0.0.1
case $complaint in
    *AccessDenied*)
        expect 'without the privilege it says what to do' 2 ping_group_range
        echo 'skipped: neither raw sockets nor echo sockets are permitted'
        finish
        exit
        ;;
esac
pings 'the machine answers over IPv4' 127.0.0.1
if has_ipv6; then
    pings 'and over IPv6' ::1
else
    echo 'skipped: ::1: there is no IPv6 here'
fi
for size in 0 65507; do
    run "$program" ping --count 1 --size "$size" 127.0.0.1
    expect "$size bytes of data come back" 0 "$((size + 8)) bytes from 127.0.0.1: seq=1 "
done

if [ -w /dev/full ]; then
    status=0 output=''
    "$program" ping --count 1 127.0.0.1 >/dev/full 2>"$folder/errors" || status=$?
    complaint=$(cat "$folder/errors")
    expect 'into a full disk it is in trouble' 2 'sennit: writing standard output: '
fi

# Ctrl-C, as soon as the first reply was printed; a background job of sh would ignore it, so TERM.
mkfifo "$folder/lines"
"$program" ping --interval 60000 127.0.0.1 >"$folder/lines" &
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

# In a network of their own: hosts that do not answer, and a user without privileges.
if ! unshare -n true 2>/dev/null || ! command -v ip >/dev/null; then
    echo 'skipped: hosts that do not answer: no network namespace can be made, or there is no ip'
    finish
    exit
fi
cat >"$folder/network" <<'TEXT'
ip link set lo up
ip route add unreachable 192.0.2.0/24
ip address add 198.51.100.1/32 dev lo
echo "$2" >/proc/sys/net/ipv4/icmp_echo_ignore_all
echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
program=$1
shift 2
exec "$@" "$program" ping --count 2 --interval 1 --timeout 100 "$host"
TEXT
# inside HOST IGNORE [PREFIX...]: pings in a network of its own.
inside() {
    host=$1
    shift
    run env "host=$host" unshare -n sh "$folder/network" "$program" "$@"
}
inside 198.51.100.1 1
expect 'a host that does not answer gives status 1' 1 \
    '2 sent, 0 answered, 2 lost (100 %)'
inside 192.0.2.1 0
expect 'a host without a way to it gives its error' 1 'sennit: ping 192.0.2.1: HostUnreachable' \
    '2 sent, 0 answered'
if command -v setpriv >/dev/null && [ "$(id -u)" -eq 0 ]; then
    # The program stands where only its owner may look, and nobody is somebody else.
    chmod 755 "$folder"
    cp "$program" "$folder/sennit"
    libraries=$(dirname "$(ldd "$program" | awk '$1 ~ /libsennit/ { print $3 }')")
    cp "$libraries"/libsennit.so* "$folder"
    chmod -R a+rX "$folder"
    program=$folder/sennit
    inside 198.51.100.1 0 env "LD_LIBRARY_PATH=$folder" \
        setpriv --reuid 65534 --regid 65534 --clear-groups
    expect 'without the privilege of raw sockets an echo socket will do' 0 \
        '2 sent, 2 answered, 0 lost (0 %)'
else
    echo 'skipped: a user without privileges: there is no setpriv, or this is one'
fi

finish
