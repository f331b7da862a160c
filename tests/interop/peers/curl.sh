# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# curl as a client of HTTP servers on fibers and on callbacks, and of whatever a shell command makes of a connection.
peer curl
needs curl curl

seen() {
    curl --version
}

# fetch ARGS...: without what a user's own file or environment says.
fetch() {
    curl --disable --noproxy '*' --silent --show-error --max-time 50 "$@"
}

quick pages client '100 pages of a server on fibers, over one connection'
pages() {
    web server http_fibers 0
    fetch -o '#1.html' -w '%{http_code} %{num_connects}\n' "$url/page/[0-99]" >"$folder/told"
    equal 1 "$(grep -c '^200 1$' "$folder/told")"
    equal 99 "$(grep -c '^200 0$' "$folder/told")"
    equal 100 "$(grep -l '<a href="/page/' "$folder"/*.html | wc -l)"
}

quick sizes client 'pages of 0 bytes to 1 MiB of a server on callbacks, over one connection'
sizes() {
    web server http_callbacks
    fetch -o '#1' -w '%{http_code} %{num_connects} %{size_download}\n' \
        "$url/{0,1,1000,65536,1048576}" >"$folder/told"
    equal '200 1 0 200 0 1 200 0 1000 200 0 65536 200 0 1048576' "$(tr '\n' ' ' <"$folder/told" | sed 's/ $//')"
}

# What a shell can be of an HTTP server: `read` takes the head of a request, byte by byte, and leaves the rest.
head_read='while read -r line && [ "$line" != "$(printf "\\r")" ]; do :; done'

quick download client 'a large file, as the answer of a shell command'
download() {
    serve server sennit listen --verbose --once --exec "$head_read
        printf 'HTTP/1.1 200 OK\r\nContent-Length: %s\r\nConnection: close\r\n\r\n' $(wc -c <"$payload")
        cat '$payload'" 127.0.0.1:0
    fetch -o got "http://$where/"
    same "$payload" got
    ended server 0
}

# The answer comes when all of it is there.
quick upload client 'a large file, taken in by a shell command'
upload() {
    serve server sennit listen --verbose --once --exec "$head_read
        head -c $(wc -c <"$payload") >'$folder/got'
        printf 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'" 127.0.0.1:0
    equal 201 "$(fetch -T "$payload" -H 'Expect:' -w '%{http_code}' "http://$where/file")"
    same "$payload" "$folder/got"
    ended server 0
}

quick unix_socket client 'a page through a relay from a Unix socket'
unix_socket() {
    web server http_fibers 0
    start relay sennit relay --verbose "unix://$folder/web" "$where"
    said relay 'listening on '
    fetch --unix-socket "$folder/web" -o page http://localhost/page/1
    holds page '<a href="/page/'
}

quick leaves_early client 'connections that it leaves in the middle of an answer, and whole ones after them'
leaves_early() {
    web server http_callbacks
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        fetch "$url/1048576" 2>/dev/null | head -c 100 >part || true
        equal 100 "$(wc -c <part)"
    done
    equal 1048576 "$(fetch "$url/1048576" | wc -c)"
}

quick cut_off client 'answers that are cut off, and it says so'
cut_off() {
    serve server sennit listen --verbose --count 2 \
        --exec "$head_read"'; printf "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"' 127.0.0.1:0
    fails 18 fetch -o part "http://$where/"
    equal 'five!' "$(cat part)"
    fails 18 fetch -o part "http://$where/"
    ended server 0
}
