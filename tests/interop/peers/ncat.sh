# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# Ncat of the Nmap project, which is also a small proxy.
peer Ncat
needs ncat ncat

seen() {
    ncat --version 2>&1
}

quick echo_client client 'everything there and back at once, the end passed on'
echo_client() {
    serve server sennit echo --verbose --count 1 127.0.0.1:0
    ncat 127.0.0.1 "$port" <"$payload" >back
    same "$payload" back
    ended server 0
}

quick one_way_client client 'everything to a Sennit server, and everything from one'
one_way_client() {
    serve server sennit listen --verbose --once 127.0.0.1:0
    ncat --send-only 127.0.0.1 "$port" <"$payload"
    ended server 0
    same "$payload" server.out
    serve_with "$payload" server sennit listen --verbose --once 127.0.0.1:0
    ncat --recv-only 127.0.0.1 "$port" >back
    ended server 0
    same "$payload" back
}

quick one_way_server server 'everything to it, and everything from it'
one_way_server() {
    on_free_number server taker 'Listening on'
    sennit connect "$where" <"$payload"
    ended server 0
    same "$payload" server.out
    on_free_number server giver 'Listening on'
    sennit connect "$where" </dev/null >back
    ended server 0
    same "$payload" back
}
taker() { start server ncat -v --listen 127.0.0.1 "$port" --recv-only; }
giver() { start_with "$payload" server ncat -v --listen 127.0.0.1 "$port" --send-only; }

# With a command behind it, it ends at the first end that it sees, as its proxy does, and stands still with more than
# the pipes between the two hold.
quick echo_server server '60000 bytes to a command behind it, and back'
echo_server() {
    head -c 60000 "$payload" >there
    on_free_number server listener 'Listening on'
    held_open there back 60000 sennit connect "$where"
    same there back
}
listener() { start server ncat -v --keep-open --listen 127.0.0.1 "$port" --exec /bin/cat; }

quick proxy server 'everything there and back, through it as an HTTP proxy'
proxy() {
    on_free_number proxy proxying 'Listening on'
    proxy=$where
    serve server sennit echo --verbose --count 1 127.0.0.1:0
    held_open "$payload" back "$(wc -c <"$payload")" sennit connect --via "http://$proxy" "$where"
    same "$payload" back
    ended server 0
    fails 1 sennit connect --via "http://$proxy" 127.0.0.1:1
}
proxying() { start proxy ncat -v --listen 127.0.0.1 "$port" --proxy-type http --allow 127.0.0.1; }

quick datagrams both 'datagrams there and back'
datagrams() {
    serve server sennit echo --verbose --count 1 udp://127.0.0.1:0
    head -c 1000 "$payload" >there
    # It goes on until somebody ends it.
    held_open there back 1000 ncat --udp 127.0.0.1 "$port"
    same there back
    ended server 0
    on_free_number answerer datagram_listener 'Listening on'
    sennit connect --wait 20000 --answers 1 "udp://$where" <there >back
    same there back
}
datagram_listener() { start answerer ncat -v --udp --listen 127.0.0.1 "$port" --exec /bin/cat; }

quick unix_stream server '60000 bytes over a Unix stream to a command behind it, and back'
unix_stream() {
    start server ncat -v --listen --unixsock "$folder/ncat" --exec /bin/cat
    said server 'Listening on'
    head -c 60000 "$payload" >there
    held_open there back 60000 sennit connect "unix://$folder/ncat"
    same there back
}
