# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# Wget as a client, which follows links and goes on with what was cut off.
peer Wget
needs wget wget

seen() {
    wget --version
}

get() {
    wget --no-config --no-proxy --no-verbose --tries=2 --timeout=30 "$@" 2>>"$folder/wget.err"
}

quick site client 'a site of 200 pages that refer to each other, recursively'
site() {
    web server http_fibers 0
    get -e robots=off --recursive --level=inf --directory-prefix=site "$url/"
    equal 201 "$(find site -type f | wc -l)"
    lacks "$folder/wget.err" 'ERROR'
    equal 201 "$(grep -rl '<a href="/page/' site | wc -l)"
}

# The first try is cut off in the middle; it goes on where that was.
quick goes_on client 'a large file in two parts, the connection cut off in between'
goes_on() {
    size=$(wc -c <"$payload")
    half=$((size / 2))
    cat >answer <<TEXT
from=0
while read -r line && [ "\$line" != "\$(printf '\r')" ]; do
    case \$line in Range:*) from=\$(echo "\$line" | tr -dc 0-9) ;; esac
done
if [ "\$from" -eq 0 ]; then
    printf 'HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\nContent-Length: $size\r\nConnection: close\r\n\r\n'
    head -c $half '$payload'
else
    printf 'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %s-%s/%s\r\nContent-Length: %s\r\nConnection: close\r\n\r\n' \
        "\$from" $((size - 1)) $size \$(($size - from))
    tail -c +\$((from + 1)) '$payload'
fi
TEXT
    serve server sennit listen --verbose --count 2 --exec "sh '$folder/answer'" 127.0.0.1:0
    get -O got "http://$where/file"
    same "$payload" got
    ended server 0
}

quick is_reset client 'an answer that it does not take to the end, and the server goes on'
is_reset() {
    web server http_callbacks
    for _ in 1 2 3 4 5; do
        wget --no-config --no-proxy -q -O - "$url/1048576" | head -c 10 >part
        equal 10 "$(wc -c <part)"
    done
    get -O got "$url/1048576"
    equal 1048576 "$(wc -c <got)"
}
