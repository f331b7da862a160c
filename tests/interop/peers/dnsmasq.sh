# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# dnsmasq as a name server, for Sennit's resolver.
peer dnsmasq
needs dnsmasq dnsmasq-base

seen() {
    dnsmasq --version | sed 's/  *Copyright.*//'
}

# It knows what it is told here and asks nobody.
dnsmasq_on_port() {
    set -- --no-daemon --no-resolv --no-hosts --conf-file=/dev/null --listen-address=127.0.0.1 --bind-interfaces \
        --port="$port" --pid-file --local=/test/ --local-ttl=60
    for number in 1 2 3; do
        set -- "$@" --host-record="host.test,192.0.2.$number,2001:db8::$number"
    done
    set -- "$@" --mx-host=test,mail.test,10 --srv-host=_sip._tcp.test,host.test,5060,1,2 --ptr-record=7.2.0.192.in-addr.arpa,host.test
    for number in $(seq 1 60); do
        set -- "$@" --txt-record="large.test,text $number $(printf '%0100d' "$number")"
    done
    [ "$(id -u)" -ne 0 ] || set -- "$@" --user=root
    start dnsmasq dnsmasq "$@"
}

quick records server 'records of all types to sennit resolve'
records() {
    on_free_port dnsmasq dnsmasq_on_port
    equal '192.0.2.1 192.0.2.2 192.0.2.3' "$(sennit resolve --server "$where" --type A host.test | awk '{ print $NF }' | sort | tr '\n' ' ' | sed 's/ $//')"
    equal 3 "$(sennit resolve --server "$where" --type AAAA host.test | grep -c '2001:db8::[123]$')"
    sennit resolve --server "$where" --type MX test >mx
    holds mx mail.test
    sennit resolve --server "$where" --type SRV _sip._tcp.test >srv
    holds srv host.test
    holds srv 5060
    sennit resolve --server "$where" 192.0.2.7 >ptr
    holds ptr host.test
    fails 1 sennit resolve --server "$where" nobody.test
    holds failed.err NxDomain
}

quick cut_off server 'an answer that is too long for a datagram, asked for again over TCP'
cut_off() {
    on_free_port dnsmasq dnsmasq_on_port
    sennit resolve --server "$where" --type TXT large.test >texts
    equal 60 "$(grep -c 'text [0-9]* 0*[0-9]*' texts)"
}
