#!/bin/sh
# The examples of TLS: the server and its own client, the server and OpenSSL's client, the client and OpenSSL's server.
#
# usage: tls_test.sh ECHO CLIENT
set -eu
echo=$1 client=$2
command -v openssl >/dev/null || { echo 'skipped: there is no openssl command'; exit 0; }
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

# certificate NAME NAMES: one that speaks for itself.
certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -addext "subjectAltName=$2" -keyout "$folder/$1.key" -out "$folder/$1.pem" >"$folder/req.log" 2>&1 ||
        failed 'no certificate could be made'
}
certificate here DNS:localhost,IP:127.0.0.1
certificate elsewhere DNS:www.example.org

said=$("$echo" "$folder/here.pem" "$folder/here.key" 2>"$folder/echo.log") || failed "the echo of itself: $said"
case $said in
    *'said through TLS'*) echo 'ok: the server answers its own client' ;;
    *) failed "the echo of itself: $said" ;;
esac
if "$echo" "$folder/here.pem" "$folder/elsewhere.key" 2>"$folder/echo.log"; then
    failed 'a key of another certificate is taken'
fi
grep -q 'key values mismatch' "$folder/echo.log" || failed 'it does not say that the key is another one'
echo 'ok: a key of another certificate is refused'

# --- OpenSSL's client ------------------------------------------------------------------------------

mkfifo "$folder/said"
"$echo" "$folder/here.pem" "$folder/here.key" 0 >"$folder/said" 2>"$folder/server.log" &
server=$!
processes=$server
read -r address <"$folder/said"

# hears LINE: whatever comes before it is kept for the case of a failure.
hears() {
    while read -r heard <&4; do
        [ "$heard" != "$1" ] || return 0
        echo "$heard" >>"$folder/s_client.log"
    done
    return 1
}

# Each word is sent when the one before has come back; K asks for new keys, Q ends.
# talk VERSION WORD...
talk() {
    version=$1
    shift
    rm -f "$folder/in" "$folder/out"
    mkfifo "$folder/in" "$folder/out"
    openssl s_client -connect "$address" -servername localhost -CAfile "$folder/here.pem" -verify_hostname localhost \
        -verify_return_error -brief "$version" <"$folder/in" >"$folder/out" 2>&1 &
    exec 3>"$folder/in" 4<"$folder/out"
    for word in "$@"; do
        echo "$word" >&3 2>/dev/null || return 1
        [ "$word" != K ] || word=KEYUPDATE
        hears "$word" || return 1
    done
    echo Q >&3
    exec 3>&- 4<&-
    wait $!
}
talk -tls1_3 one two three || failed 's_client, TLS 1.3'
echo 'ok: s_client and TLS 1.3'
talk -tls1_2 one two || failed 's_client, TLS 1.2'
echo 'ok: s_client and TLS 1.2'
talk -tls1_3 before K after K 'and later' || failed 's_client, new keys'
echo 'ok: s_client and new keys'
if (talk -tls1_1 one); then failed 'TLS 1.1 is spoken'; fi
echo 'ok: s_client and TLS 1.1, which is not spoken'
kill -TERM "$server"
wait "$server" || failed 'the server does not end well'
processes=''

# --- OpenSSL's server ------------------------------------------------------------------------------

# serve CERTIFICATE OPTIONS...: says where in `address`.
serve() {
    name=$1
    shift
    rm -f "$folder/accepts"
    mkfifo "$folder/accepts"
    openssl s_server -accept localhost:0 -cert "$folder/$name.pem" -key "$folder/$name.key" -www "$@" \
        >"$folder/accepts" 2>"$folder/s_server.log" &
    processes=$!
    exec 5<"$folder/accepts"
    while read -r first second <&5; do
        [ "$first" != ACCEPT ] || break
    done
    address=localhost:${second##*:}
}
stop() {
    kill -TERM "$processes"
    wait "$processes" 2>/dev/null || true
    processes=''
    exec 5<&-
}

serve here
"$client" "$address" / "$folder/here.pem" >"$folder/page.log" 2>&1 || failed 'a page of s_server'
grep -q 'TLSv1.3' "$folder/page.log" || failed 'the page of s_server'
echo 'ok: a page of s_server'
if "$client" "$address" / "$folder/elsewhere.pem" >"$folder/page.log" 2>&1; then failed 'anybody is trusted'; fi
grep -q 'Authentication: certificate verify failed: self-signed certificate (host localhost)' "$folder/page.log" ||
    failed 'it is not said who is not trusted'
echo 'ok: who is not trusted is refused, and why is said'
stop
serve elsewhere
if "$client" "$address" / "$folder/elsewhere.pem" >"$folder/page.log" 2>&1; then failed 'another host is taken'; fi
grep -q 'hostname mismatch (host localhost)' "$folder/page.log" || failed 'it is not said that it is another host'
echo 'ok: another host is refused, and why is said'
stop
serve here -tls1_2 -alpn http/1.1
"$client" "$address" / "$folder/here.pem" >"$folder/page.log" 2>&1 || failed 'a page of s_server, TLS 1.2'
grep -q ', http/1.1' "$folder/page.log" || failed 'the protocol that was agreed on'
echo 'ok: a page of s_server over TLS 1.2'
stop
