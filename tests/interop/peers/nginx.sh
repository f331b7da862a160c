# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# nginx as a server, and as a client of the servers behind it.
peer nginx
needs nginx nginx

seen() {
    nginx -v 2>&1 | sed 's/^nginx version: //'
}

# configure TEXT: what stands inside of its server; all that it writes stays here.
configure() {
    mkdir -p files
    cat >settings <<TEXT
daemon off;
master_process off;
pid $folder/pid;
error_log stderr info;
events { worker_connections 512; }
http {
    access_log off;
    default_type application/octet-stream;
    client_max_body_size 0;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    $1
}
TEXT
}

# Its port stands in the settings as PORT.
nginx_on_port() {
    sed "s/PORT/$port/" settings >nginx.conf
    start nginx nginx -e stderr -p "$folder" -c "$folder/nginx.conf"
}

# request PATH [close]
request() {
    printf 'GET %s HTTP/1.1\r\nHost: here\r\nConnection: %s\r\n\r\n' "$1" "${2:-keep-alive}"
}

# body FILE: of an answer
body() {
    sed '1,/^\r$/d' "$1"
}

quick file_server server 'a large file to sennit connect'
file_server() {
    configure "server { listen 127.0.0.1:PORT; root $folder/files; }"
    ln -s "$payload" files/payload
    on_free_port nginx nginx_on_port
    # It takes the end of our sending for the end of everything, so the input stays open until all has come.
    mkfifo input
    start_with input client sennit connect "$where"
    exec 5>input
    request /payload close >&5
    until grep -aq "^$(printf '\r')\$" client.out; do is_alive client || wrong 'the connection has ended'; done
    size=$(($(sed '/^\r$/q' client.out | wc -c) + $(wc -c <"$payload")))
    until [ "$(wc -c <client.out)" -ge "$size" ]; do is_alive client || wrong 'the connection has ended'; done
    exec 5>&-
    ended client 0
    holds client.out 'HTTP/1.1 200 OK'
    body client.out >back
    same "$payload" back
}

quick pipelined server '100 requests in one piece, 100 answers in their order'
pipelined() {
    configure "server { listen 127.0.0.1:PORT; location / { return 200 '\$request_uri;'; } }"
    on_free_port nginx nginx_on_port
    for number in $(seq 1 100); do
        request "/$number"
    done >requests
    # The connection stays, so the end of it is not waited for.
    mkfifo input
    start_with input client sennit connect "$where"
    exec 5>input
    cat requests >&5
    until grep -q '/100;' client.out; do is_alive client || wrong 'the connection has ended'; done
    exec 5>&-
    ended client 0
    equal 100 "$(grep -c 'HTTP/1.1 200 OK' client.out)"
    equal "$(seq 1 100 | sed 's|.*|/&;|' | tr -d '\n')" "$(tr -d '\r' <client.out | grep -o '/[0-9]*;' | tr -d '\n')"
}

quick proxy_header server 'the two versions of the PROXY protocol before a request'
proxy_header() {
    configure "server { listen 127.0.0.1:PORT proxy_protocol; location / { return 200 '\$proxy_protocol_addr:\$proxy_protocol_port'; } }"
    on_free_port nginx nginx_on_port
    for version in 1 2; do
        request / close | sennit connect --verbose --proxy-header "$version" "$where" >answer 2>told
        own=$(sed -n 's/.* from tcp:\/\///p' told)
        equal "$own" "$(body answer)"
    done
}

quick refuses server 'a request that is none, and the answer to it'
refuses() {
    configure "server { listen 127.0.0.1:PORT; }"
    on_free_port nginx nginx_on_port
    head -c 5000 "$payload" | sennit connect "$where" >answer 2>told || holds told 'ConnectionReset'
    holds answer '400 Bad Request'
}

# ask URL ARGS...: whoever asks nginx is not what is looked at here.
ask() {
    curl --disable --noproxy '*' --silent --show-error --max-time 50 "$@"
}

quick proxy_of_fibers client 'as a reverse proxy of a server on fibers: 200 pages over a few connections that it keeps'
proxy_of_fibers() {
    web server http_fibers 0
    configure "upstream pages { server $where; keepalive 4; }
        server { listen 127.0.0.1:PORT; location / { proxy_pass http://pages; proxy_http_version 1.1;
            proxy_set_header Connection ''; } }"
    on_free_port nginx nginx_on_port
    ask -o '#1.html' -w '%{http_code}\n' "http://$where/page/[0-199]" >told
    equal 200 "$(grep -c '^200$' told)"
    equal 200 "$(grep -l '<a href="/page/' ./*.html | wc -l)"
    equal 404 "$(ask -o other -w '%{http_code}' "http://$where/nowhere")"
}

quick proxy_of_callbacks client 'as a reverse proxy of a server on callbacks: 1 MiB at a time, 20 times'
proxy_of_callbacks() {
    web server http_callbacks
    configure "server { listen 127.0.0.1:PORT; location / { proxy_pass http://$where; } }"
    on_free_port nginx nginx_on_port
    for _ in $(seq 1 20); do
        equal 1048576 "$(ask "http://$where/1048576" | wc -c)"
    done
}

quick proxy_over_unix client 'as a reverse proxy over a Unix socket, through a relay: a large file taken in, and given'
proxy_over_unix() {
    head_read='while read -r line && [ "$line" != "$(printf "\r")" ]; do :; done'
    start server sennit listen --verbose --count 2 --exec "read -r method rest; $head_read
        if [ \"\$method\" = PUT ]; then
            head -c $(wc -c <"$payload") >'$folder/there'
            printf 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
        else
            printf 'HTTP/1.1 200 OK\r\nContent-Length: %s\r\nConnection: close\r\n\r\n' $(wc -c <"$payload")
            cat '$payload'
        fi" "unix://$folder/behind"
    said server 'listening on '
    start relay sennit relay --verbose "unix://$folder/relay" "unix://$folder/behind"
    said relay 'listening on '
    configure "server { listen 127.0.0.1:PORT; location / { proxy_pass http://unix:$folder/relay; } }"
    on_free_port nginx nginx_on_port
    equal 201 "$(ask -T "$payload" -H 'Expect:' -w '%{http_code}' "http://$where/file")"
    same "$payload" there
    ask -o back "http://$where/file"
    same "$payload" back
    ended server 0
}

quick proxy_of_nobody client 'as a reverse proxy of a server that resets: the gateway is bad, and it goes on'
proxy_of_nobody() {
    serve_reset server
    configure "server { listen 127.0.0.1:PORT; location / { proxy_pass http://$where; proxy_request_buffering off; } }"
    on_free_port nginx nginx_on_port
    equal 502 "$(ask -o answer -w '%{http_code}' "http://$where/")"
    ended server 1
    equal 502 "$(ask -o answer -w '%{http_code}' "http://$where/")"
}
