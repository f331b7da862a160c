# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# iperf3 between two of its own, with a relay in between. Not there and back at once (--bidir): which connection is for
# which way goes by the order in which they come, and a relay does not keep that.
peer iperf3
needs iperf3 iperf3

seen() {
    iperf3 --version
}

iperf3_on_port() {
    start iperf3 iperf3 --server --bind 127.0.0.1 --port "$port" --forceflush
}

# number NAME: of the result, the last one of that name
number() {
    python3 -c 'import json, sys
value = json.load(open("result"))["end"]
for word in sys.argv[1].split("."):
    value = value[word]
print(value)' "$1"
}

# through ARGS...: from one to the other and to the end.
through() {
    iperf3 --client 127.0.0.1 --port "$port" --json "$@" >result || wrong "$(sed -n 's/.*"error"://p' result)"
}

size_of_payload() { wc -c <"$payload"; }

quick there both 'TCP there, by 4 connections'
there() {
    begin_tcp
    through --bytes "$(size_of_payload)" --parallel 4
    [ "$(number sum_received.bytes)" -gt 0 ] || wrong 'nothing came'
}

quick back both 'TCP back, by 4 connections'
back() {
    begin_tcp
    through --bytes "$(size_of_payload)" --parallel 4 --reverse
    [ "$(number sum_received.bytes)" -gt 0 ] || wrong 'nothing came'
}

# It controls a measurement over TCP, on the port of the same number.
quick datagrams_there both 'UDP there, with the connection that controls it'
datagrams_there() {
    begin_both
    through --udp --bytes 2000000 --bitrate 20M --length 1400
    [ "$(number sum.packets)" -gt 1000 ] || wrong "only $(number sum.packets) datagrams were sent"
    [ "$(($(number sum.packets) - $(number sum.lost_packets)))" -gt 1000 ] || wrong "$(number sum.lost_packets) datagrams were lost"
}

quick datagrams_back both 'UDP back, with the connection that controls it'
datagrams_back() {
    begin_both
    through --udp --bytes 2000000 --bitrate 20M --length 1400 --reverse
    [ "$(number sum.packets)" -gt 1000 ] || wrong "only $(number sum.packets) datagrams came"
}

# At its end it closes its connections without a look at what is still under way, so what came is less than what went.
begin_tcp() {
    on_free_port iperf3 iperf3_on_port
    far=$where
    serve relay sennit relay --verbose 127.0.0.1:0 "$where"
}

# Two relays on ports of one number.
begin_both() {
    begin_tcp
    serve datagrams sennit relay --verbose "udp://127.0.0.1:$port" "udp://$far"
}
