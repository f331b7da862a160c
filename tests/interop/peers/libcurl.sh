# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# libcurl inside of a program of ours: its sockets are Sennit's, and what it waits for comes from Sennit's engine. The
# program is examples/embed_curl.c.
peer libcurl
needs curl curl

prepare() {
    [ -x "$INTEROP_BUILD/examples/embed_curl" ] || unfit "it was not there when this was built (Debian's package libcurl4-openssl-dev)"
}

seen() {
    curl --version | sed -n 's/.*\(libcurl\/[^ ]*\).*/\1/p'
}

quick crowd client '200 transfers at the same time, on one thread'
crowd() {
    web server http_fibers 0
    for number in $(seq 0 199); do
        set -- "$@" "$url/page/$number" "page$number"
    done
    embed_curl "$@" >told
    equal 200 "$(grep -c '^200 ' told)"
    equal 200 "$(grep -l '<a href="/page/' page* | wc -l)"
}

quick large client 'large files, four at the same time'
large() {
    head_read='while read -r line && [ "$line" != "$(printf "\r")" ]; do :; done'
    serve server sennit listen --verbose --count 4 --exec "$head_read
        printf 'HTTP/1.1 200 OK\r\nContent-Length: %s\r\nConnection: close\r\n\r\n' $(wc -c <"$payload")
        cat '$payload'" 127.0.0.1:0
    embed_curl "http://$where/" 1 "http://$where/" 2 "http://$where/" 3 "http://$where/" 4
    for number in 1 2 3 4; do
        same "$payload" "$number"
    done
    ended server 0
}

# The lookup is on a thread of libcurl's own, whose descriptor the engine watches as well.
quick named client 'a name that is looked up on the way'
named() {
    grep -qE '^127\.0\.0\.1.*[[:space:]]localhost([[:space:]]|$)' /etc/hosts 2>/dev/null || unfit '/etc/hosts does not have localhost as 127.0.0.1'
    web server http_callbacks
    embed_curl "http://localhost:$port/1000" page >told
    equal 1000 "$(wc -c <page)"
}

quick trouble client 'a server that resets, one that answers too little and nobody at all, each of which it is told'
trouble() {
    serve_reset resets
    resets=$where
    serve short sennit listen --verbose --once --exec 'read -r line; printf "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"' 127.0.0.1:0
    fails 1 embed_curl "http://$resets/" 1 "http://$where/" 2 http://127.0.0.1:1/ 3
    equal 3 "$(grep -c '^http://127' failed.err)"
    holds failed.err "Couldn't connect"
    ended resets 1
}
