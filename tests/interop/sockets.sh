# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# The pairs of a language's own sockets. Its file has a function `speak`, which becomes a program with these commands:
#
#     serve-echo COUNT        sends back what comes, on COUNT connections, each until its end
#     serve-late FILE OUT     takes everything until the end into OUT; then sends FILE
#     serve-reset             takes a byte and resets the connection
#     serve-datagrams COUNT   sends so many datagrams back
#     talk PORT FILE OUT      sends FILE and shuts down sending, while what comes goes into OUT, until the end
#     reset PORT              sends a byte, takes one and resets the connection
#     await-reset PORT        sends a byte, which comes back; ends well if the connection is reset then
#     datagrams PORT COUNT    sends datagrams of many sizes, each of which has to come back
#     many PORT COUNT         so many connections at the same time, on each of which a line comes back
#
# What serves, on a free port of 127.0.0.1, prints "listening on 127.0.0.1:PORT".

quick echo_client client 'everything there and back at once, the end passed on'
quick late_client client 'everything, and after its end the answer'
quick relay_client client 'everything through a relay to a server of its own, and back'
quick reset_client client 'a connection that it resets, which Sennit tells'
quick reset_taken client 'a connection that Sennit resets, which it is told'
quick datagram_client client '100 datagrams, to 65507 bytes, there and back'
quick many_client client '500 connections at the same time'
quick echo_server server 'everything there and back at once, the end passed on'
quick late_server server 'everything, and after its end the answer'
quick reset_server server 'a connection that it resets, which Sennit tells'
quick datagram_server server '13 datagrams of sennit connect, there and back'
pair measured_server server '50 connections of sennit bench at the same time'

echo_client() {
    serve server sennit echo --verbose --count 1 127.0.0.1:0
    (speak talk "$port" "$payload" "$folder/back")
    ended server 0
    same "$payload" "$folder/back"
}

late_client() {
    serve server sennit listen --verbose --once --exec "cat >'$folder/there'; cat '$payload'" 127.0.0.1:0
    (speak talk "$port" "$payload" "$folder/back")
    ended server 0
    same "$payload" "$folder/there"
    same "$payload" "$folder/back"
}

relay_client() {
    serve server speak serve-echo 1
    serve relay sennit relay --verbose --once 127.0.0.1:0 "$where"
    (speak talk "$port" "$payload" "$folder/back")
    ended relay 0
    ended server 0
    same "$payload" "$folder/back"
    holds "$folder/relay.err" "$(($(wc -c <"$payload"))) bytes there, $(($(wc -c <"$payload"))) back"
}

reset_client() {
    serve server sennit echo --verbose --count 1 127.0.0.1:0
    (speak reset "$port")
    ended server 1
    holds "$folder/server.err" 'ConnectionReset: the peer reset the connection'
}

reset_taken() {
    serve server sennit echo --verbose --count 1 --idle 100 --option Linger=0 127.0.0.1:0
    (speak await-reset "$port")
    ended server 1
    holds "$folder/server.err" 'TimedOut: '
}

datagram_client() {
    serve server sennit echo --verbose --count 100 udp://127.0.0.1:0
    (speak datagrams "$port" 100)
    ended server 0
}

many_client() {
    serve server sennit echo --verbose --count 500 127.0.0.1:0
    (speak many "$port" 500)
    ended server 0
    equal 500 "$(grep -c 'connection from' "$folder/server.err")"
}

echo_server() {
    serve server speak serve-echo 1
    sennit connect "$where" <"$payload" >"$folder/back"
    ended server 0
    same "$payload" "$folder/back"
}

late_server() {
    serve server speak serve-late "$payload" "$folder/there"
    sennit connect "$where" <"$payload" >"$folder/back"
    ended server 0
    same "$payload" "$folder/there"
    same "$payload" "$folder/back"
}

# The input stays open, so that it is the reset which ends the connection.
reset_server() {
    serve server speak serve-reset
    mkfifo "$folder/input"
    exec 5<>"$folder/input"
    echo x >&5
    reset_status=0
    sennit connect "$where" <"$folder/input" >"$folder/connect.out" 2>"$folder/connect.err" || reset_status=$?
    exec 5>&-
    equal 1 "$reset_status"
    holds "$folder/connect.err" 'ConnectionReset: the peer reset the connection'
    ended server 0
}

datagram_server() {
    serve server speak serve-datagrams 13
    for count in 1 2 10; do
        head -c "$((1400 * count - 1))" "$payload" >"$folder/there"
        sennit connect --wait 20000 --answers "$count" "udp://$where" <"$folder/there" >"$folder/back"
        same "$folder/there" "$folder/back"
    done
    ended server 0
}

# Two measurements of 50 each.
measured_server() {
    serve server speak serve-echo 100
    sennit bench --duration 300 --connections 50 --json "$where" >"$folder/figures"
    ended server 0
}
