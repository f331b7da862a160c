# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# socat, which has nearly every kind of socket.
peer socat
needs socat socat

seen() {
    socat -V | sed -n 's/^socat version/socat/p'
}

# It says where it listens as "listening on AF=2 127.0.0.1:PORT".
serve_socat() {
    start "$@"
    said "$1" 'listening on AF='
    where=${line##* }
    port=${where##*:}
}

quick echo_client client 'everything there and back at once, the end passed on'
echo_client() {
    serve server sennit echo --verbose --count 1 127.0.0.1:0
    socat -t 60 - "TCP4:$where" <"$payload" >back
    same "$payload" back
    ended server 0
}

quick echo_server server 'everything there and back at once, the end passed on'
echo_server() {
    serve_socat server socat -d -d -t 60 TCP4-LISTEN:0,bind=127.0.0.1 EXEC:cat
    sennit connect "$where" <"$payload" >back
    same "$payload" back
    ended server 0
}

quick one_way_server server 'everything to it, and everything from it'
one_way_server() {
    serve_socat server socat -d -d -u TCP4-LISTEN:0,bind=127.0.0.1 "CREATE:$folder/there"
    sennit connect "$where" <"$payload" >nothing
    ended server 0
    same "$payload" there
    equal 0 "$(wc -c <nothing)"
    serve_socat server socat -d -d -u "OPEN:$payload" TCP4-LISTEN:0,bind=127.0.0.1
    sennit connect "$where" </dev/null >back
    ended server 0
    same "$payload" back
}

quick unix_stream both 'everything there and back over Unix streams, one of them without a file'
unix_stream() {
    start server sennit echo --verbose --count 1 "unix://$folder/sennit"
    said server 'listening on '
    socat -t 60 - "UNIX-CONNECT:$folder/sennit" <"$payload" >back
    same "$payload" back
    ended server 0
    start server socat -d -d -t 60 "ABSTRACT-LISTEN:$folder/socat" EXEC:cat
    said server 'listening on '
    sennit connect "unix://@$folder/socat" <"$payload" >back
    same "$payload" back
    ended server 0
}

quick messages client 'messages over a Unix seqpacket socket, there and back'
messages() {
    start server sennit echo --verbose --count 1 "unix-seqpacket://$folder/messages"
    said server 'listening on '
    head -c 200000 "$payload" >there
    socat -b 1000 -t 60 - "UNIX-CONNECT:$folder/messages,type=5" <there >back
    same there back
    ended server 0
}

quick datagrams both 'datagrams there and back'
datagrams() {
    serve server sennit echo --verbose --count 1 udp://127.0.0.1:0
    head -c 1400 "$payload" >there
    held_open there back 1400 socat - "UDP4:$where"
    same there back
    ended server 0
    on_free_number server receiver 'receiving on AF='
    sennit connect --wait 20000 --answers 1 "udp://$where" <there >back
    same there back
    ended server 0
}
receiver() { start server socat -d -d "UDP4-RECVFROM:$port,bind=127.0.0.1" EXEC:cat; }

quick ipv6 both 'everything there and back over IPv6'
ipv6() {
    has_ipv6 || unfit 'there is no address ::1 here'
    serve server sennit echo --verbose --count 1 '[::1]:0'
    socat -t 60 - "TCP6:$where" <"$payload" >back
    same "$payload" back
    ended server 0
    serve_socat server socat -d -d -t 60 'TCP6-LISTEN:0,bind=[::1]' EXEC:cat
    sennit connect "[::1]:$port" <"$payload" >back
    same "$payload" back
}
