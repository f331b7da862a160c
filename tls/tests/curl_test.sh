#!/bin/sh
# curl asks a server of ours.
#
# usage: curl_test.sh ANSWER
set -eu
answer=$1
for command in openssl curl; do
    command -v "$command" >/dev/null || { echo "skipped: there is no $command command"; exit 0; }
done
folder=$(mktemp -d)
processes=''
finish() {
    for process in $processes; do kill -TERM "$process" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap finish EXIT

failed() {
    echo "FAILED: $*"
    cat "$folder"/*.log 2>/dev/null || true
    exit 1
}

# certify NAME: a certificate in NAME.pem, which trusts itself only.
certify() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=here \
        -addext subjectAltName=DNS:localhost -keyout "$folder/$1.key" -out "$folder/$1.pem" >"$folder/req.log" 2>&1 ||
        failed 'no certificate could be made'
}
certify server
certify other

# serve [TRUST]: says where in `site`.
serve() {
    rm -f "$folder/said"
    mkfifo "$folder/said"
    "$answer" "$folder/server.pem" "$folder/server.key" "$@" >"$folder/said" 2>"$folder/answer.log" &
    processes=$!
    read -r address <"$folder/said"
    site=https://$address/
}
stop() {
    kill -TERM "$processes"
    wait "$processes" || failed 'the server does not end well'
    processes=''
}

# expect WHAT PAGE CURL-ARGUMENTS...
expect() {
    what=$1 wanted=$2
    shift 2
    page=$(curl -sS --noproxy '*' --max-time 60 "$@" "$site" 2>"$folder/curl.log") || failed "$what"
    [ "$page" = "$wanted" ] || failed "$what: $page"
    echo "ok: $what"
}
# refuse WHAT TEXT CURL-ARGUMENTS...: curl, or the server, which says the text.
refuse() {
    what=$1 wanted=$2
    shift 2
    if curl -sS --noproxy '*' --max-time 60 "$@" "$site" >"$folder/curl.log" 2>&1; then failed "$what"; fi
    # The server may still be at it.
    tries=0
    until grep -q "$wanted" "$folder/answer.log"; do
        tries=$((tries + 1))
        [ "$tries" -lt 10000 ] || failed "$what: the server says something else"
    done
    echo "ok: $what"
}

serve
expect 'curl over TLS 1.3' 'version 12288 protocol http/1.1 host localhost certificate no' \
    --cacert "$folder/server.pem" --tlsv1.3 --http1.1
expect 'curl over TLS 1.2' 'version 3072 protocol http/1.1 host localhost certificate no' \
    --cacert "$folder/server.pem" --tls-max 1.2 --http1.1
expect 'curl without ALPN' 'version 12288 protocol  host localhost certificate no' \
    --cacert "$folder/server.pem" --tlsv1.3 --no-alpn
refuse 'curl that does not trust the server' 'the peer says: ' --cacert "$folder/other.pem"
stop
serve "$folder/server.pem"
expect 'curl with a certificate' 'version 12288 protocol http/1.1 host localhost certificate yes' \
    --cacert "$folder/server.pem" --cert "$folder/server.pem" --key "$folder/server.key" --tlsv1.3 --http1.1
refuse 'curl without the certificate that is wanted' 'peer did not return a certificate' --cacert "$folder/server.pem" \
    --tlsv1.3 --http1.1
stop
