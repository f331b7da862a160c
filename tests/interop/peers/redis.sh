# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# Redis: its server asked by sennit connect, its clients through a relay. Debian's tools have the server too, under the
# name of another program that it also is; the package of the server would start one for everybody.
peer Redis
needs redis-cli redis-tools
needs redis-benchmark redis-tools
needs redis-check-rdb redis-tools

seen() {
    redis-cli --version
}

# Nothing of it is kept.
redis_on_port() {
    ln -sf "$(command -v redis-server || command -v redis-check-rdb)" "$folder/redis-server"
    start redis "$folder/redis-server" --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$folder" \
        --unixsocket "$folder/redis.socket"
}

# command WORD...: as Redis wants it on the wire
command_of() {
    printf '*%s\r\n' $#
    for word in "$@"; do
        printf '$%s\r\n%s\r\n' "${#word}" "$word"
    done
}

# It takes the end of our sending for the end of everything, so the input stays open until all has come.
ask() {
    held_open asked got "$(wc -c <wanted)" sennit connect "$1"
    same wanted got
}

quick commands server 'its protocol by sennit connect: 1000 commands in one piece, 1000 answers in their order'
commands() {
    on_free_port redis redis_on_port
    for number in $(seq 1 499); do
        command_of SET "key $number" "value $number"
        command_of GET "key $number"
    done >asked
    for number in $(seq 1 499); do
        text="value $number"
        printf '+OK\r\n$%s\r\n%s\r\n' ${#text} "$text"
    done >wanted
    command_of PING >>asked
    command_of QUIT >>asked
    printf '+PONG\r\n+OK\r\n' >>wanted
    ask "$where"
}

quick large_value server 'a large value, set over TCP, and got over a Unix socket'
large_value() {
    on_free_port redis redis_on_port
    size=$(wc -c <"$payload")
    {
        printf '*3\r\n$3\r\nSET\r\n$4\r\ndata\r\n$%s\r\n' "$size"
        cat "$payload"
        printf '\r\n'
    } >asked
    printf '+OK\r\n' >wanted
    ask "$where"
    command_of GET data >asked
    {
        printf '$%s\r\n' "$size"
        cat "$payload"
        printf '\r\n'
    } >wanted
    ask "unix://$folder/redis.socket"
}

quick client client 'redis-cli through a relay, also to a Unix socket: a large value there and back'
client() {
    on_free_port redis redis_on_port
    serve tcp sennit relay --verbose 127.0.0.1:0 "$where"
    tcp_port=$port
    serve unix sennit relay --verbose 127.0.0.1:0 "unix://$folder/redis.socket"
    head -c 1000000 "$payload" >there
    equal OK "$(redis-cli -h 127.0.0.1 -p "$tcp_port" -x SET data <there)"
    redis-cli -h 127.0.0.1 -p "$port" GET data | head -c 1000000 >back
    same there back
}

quick published client 'redis-cli through a relay: what one publishes comes to the others'
published() {
    on_free_port redis redis_on_port
    serve relay sennit relay --verbose 127.0.0.1:0 "$where"
    for number in 1 2 3; do
        start "subscriber$number" redis-cli -h 127.0.0.1 -p "$port" SUBSCRIBE news
    done
    for number in 1 2 3; do
        said "subscriber$number" subscribe
    done
    until [ "$(redis-cli -h 127.0.0.1 -p "$port" PUBSUB NUMSUB news | tail -n 1)" -eq 3 ]; do :; done
    equal 3 "$(redis-cli -h 127.0.0.1 -p "$port" PUBLISH news 'it has come')"
    for number in 1 2 3; do
        said "subscriber$number" 'it has come'
    done
}

quick benchmark client 'redis-benchmark through a relay: 50 connections, 16 commands at a time; every one is answered'
benchmark() {
    on_free_port redis redis_on_port
    serve relay sennit relay --verbose 127.0.0.1:0 "$where"
    redis-benchmark -h 127.0.0.1 -p "$port" -n 20000 -c 50 -P 16 -r 1000 -d 100 -t set,get,incr,lpush,lrange_100 --csv >told
    equal 6 "$(grep -c '^"[A-Z].*,"[0-9.]*",' told)"
    equal 20000 "$(redis-cli -h 127.0.0.1 -p "$port" INFO commandstats | sed -n 's/^cmdstat_set:calls=\([0-9]*\),.*/\1/p')"
}
