#!/bin/sh
# Through proxies, and what a server is told of who is there. The proxies are commands behind
# `sennit listen`, which carry on by `sennit connect`.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

: >"$folder/empty"
head -c 300000 /dev/urandom >"$folder/there"

# The server that is wanted, behind all of it.
"$program" echo 127.0.0.1:0 2>"$folder/echo" &
behind=$!
until grep -qs listening "$folder/echo"; do :; done
far=$(sed 's/.* //' "$folder/echo")
far_port=${far##*:}

# SOCKS 5, which writes down what was asked of it.
cat >"$folder/socks" <<'TEXT'
bytes() { head -c "$1" | od -An -tx1 -v | tr -d ' \n'; }
greeting=$(bytes 3)
echo "$greeting" >"$folder/asked"
if [ "$greeting" = 050102 ]; then
    printf '\005\002'
    bytes 2 >>"$folder/asked"
    head -c 3 >>"$folder/asked" # the user, "ann"
    bytes 1 >>"$folder/asked"
    head -c 4 >>"$folder/asked" # the password
    echo >>"$folder/asked"
    printf '\001\000'
else
    printf '\005\000'
fi
kind=$(bytes 4)
echo "$kind" >>"$folder/asked"
case $kind in
    05010001) bytes 4 ;;
    05010003) size=$(bytes 1); head -c "$(printf '%d' "0x$size")" ;;
    05010004) bytes 16 ;;
esac >>"$folder/asked"
port=$(printf '%d' "0x$(bytes 2)")
echo " $port" >>"$folder/asked"
[ -z "$refusal" ] || { printf "\\005\\00$refusal\\000\\001\\000\\000\\000\\000\\000\\000"; exit; }
printf '\005\000\000\003\004host\000\120'
exec "$program" connect "127.0.0.1:$port"
TEXT
cat >"$folder/http" <<'TEXT'
read -r method place version
echo "$method $place" >"$folder/asked"
while read -r line; do
    line=$(printf '%s' "$line" | tr -d '\r')
    [ -n "$line" ] || break
    echo "$line" >>"$folder/asked"
done
[ -z "$refusal" ] || { printf 'HTTP/1.1 %s\r\n\r\n' "$refusal"; exit; }
printf 'HTTP/1.1 200 It is there\r\nVia: test\r\n\r\n'
exec "$program" connect "127.0.0.1:${place##*:}"
TEXT
export folder program
refusal=''
export refusal

# through SENTENCE PROXY ENDPOINT ASKED: everything goes there and comes back.
through() {
    sentence=$1 proxy=$2 endpoint=$3 asked=$4
    "$program" connect --via "$proxy" "$endpoint" <"$folder/there" >"$folder/back" 2>"$folder/errors" || true
    same "$sentence" "$folder/there" "$folder/back"
    is_equal "$sentence: what was asked for" "$(cat "$folder/asked")" "$asked"
}
proxy_begin() {
    serve "$folder/empty" "$folder/arrived" listen --exec "sh '$folder/$1'" 127.0.0.1:0
}

proxy_begin socks
through 'SOCKS, by address' "socks5://$where" "$far" "$(printf '050100\n05010001\n7f000001 %s' "$far_port")"
through 'SOCKS, by name' "socks5://localhost:${where##*:}" "no.such.host.invalid:$far_port" \
    "$(printf '050100\n05010003\nno.such.host.invalid %s' "$far_port")"
through 'SOCKS, over IPv6' "socks5://$where/" "[2001:db8::1]:$far_port" \
    "$(printf '050100\n05010004\n20010db8000000000000000000000001 %s' "$far_port")"
through 'SOCKS, with a password' "socks5://ann:pass@$where" "$far" \
    "$(printf '050102\n0103ann04pass\n05010001\n7f000001 %s' "$far_port")"
run "$program" check --via "socks5://$where" "no.such.host.invalid:$far_port"
expect 'what can be reached by it' 0 "no.such.host.invalid:$far_port: reachable"
stopped
refusal=5
proxy_begin socks
run "$program" connect --via "socks5://ann:pass@$where" "$far"
expect 'SOCKS refuses, and no password is told' 1 \
    "connect $far via $where: the proxy was refused: nobody listens there"
stopped
refusal=''

proxy_begin http
through 'HTTP, by name' "http://$where" "tcp://no.such.host.invalid:$far_port" \
    "$(printf 'CONNECT no.such.host.invalid:%s\nHost: no.such.host.invalid:%s' "$far_port" "$far_port")"
through 'HTTP, with a password' "http://Aladdin:open sesame@$where" "$far" \
    "$(printf 'CONNECT %s\nHost: %s\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' "$far" "$far")"
stopped
refusal='403 Not for you'
proxy_begin http
run "$program" connect --via "http://$where" "$far"
expect 'HTTP refuses' 1 "connect $far via $where: the proxy answers: 403 Not for you"
stopped

# What is no proxy.
serve "$folder/empty" "$folder/arrived" listen --exec 'echo Hello, who are you; cat >/dev/null' 127.0.0.1:0
run "$program" connect --via "socks5://$where" "$far"
expect 'no SOCKS server' 1 'is no SOCKS 5 server'
stopped
serve "$folder/empty" "$folder/arrived" listen --exec "printf 'SSH-2.0\r\n\r\n'; cat >/dev/null" 127.0.0.1:0
run "$program" connect --via "http://$where" "$far"
expect 'no HTTP proxy' 1 'is no HTTP proxy'
stopped
serve "$folder/empty" "$folder/arrived" listen --exec 'cat >/dev/null' 127.0.0.1:0
run "$program" connect --timeout 50 --via "socks5://$where" "$far"
expect 'a proxy that says nothing' 1 "connect $far via $where: TimedOut"
stopped
run "$program" connect --via socks5://127.0.0.1:1 "$far"
expect 'a proxy that is not there' 1 "connect $far via 127.0.0.1:1: ConnectionRefused"
run "$program" connect --via ftp://127.0.0.1:1 "$far"
expect 'an unknown kind' 2 'ftp://127.0.0.1:1: unknown kind of proxy'
run "$program" connect --via socks5://127.0.0.1 "$far"
expect 'a proxy without a port' 2 'the port is missing'
run "$program" connect --via socks5://127.0.0.1:1 "unix://$folder/s"
expect 'a proxy is for TCP' 2 '--via is for TCP'

# The PROXY protocol: first words of text, or bytes.
serve "$folder/empty" "$folder/arrived" listen --exec 'cat' 127.0.0.1:0
output=$(echo text | "$program" connect --from 127.0.0.9:0 --proxy-header 1 "$where" | tr -d '\r') || true
case $output in
    "PROXY TCP4 127.0.0.9 127.0.0.1 "*" ${where##*:}
text") echo 'ok: a line of text, version 1' ;;
    *) wrong 'a line of text, version 1' ;;
esac
output=$(echo text | "$program" connect --proxy-header 2 "$where" | od -An -tx1 -v | tr -d ' \n') || true
case $output in
    0d0a0d0a000d0a515549540a2111000c7f0000017f000001????$(printf '%04x' "${where##*:}")746578740a)
        echo 'ok: bytes, version 2' ;;
    *) wrong 'bytes, version 2' ;;
esac
inner=$where inner_server=$server
exec 6<&3
serve "$folder/empty" "$folder/arrived" relay --proxy-header 1 127.0.0.1:0 "$inner"
output=$("$program" connect --from 127.0.0.8 "$where" </dev/null | tr -d '\r') || true
case $output in
    "PROXY TCP4 127.0.0.8 127.0.0.1 "*" ${where##*:}") echo 'ok: a relay tells who its client is' ;;
    *) wrong 'a relay tells who its client is' ;;
esac
stopped
kill -TERM "$inner_server"
wait "$inner_server" || true
exec 6<&-
if has_ipv6; then
    serve "$folder/empty" "$folder/arrived" listen --exec 'cat' '[::1]:0'
    output=$("$program" connect --proxy-header 1 "$where" </dev/null | tr -d '\r') || true
    case $output in
        "PROXY TCP6 ::1 ::1 "*" ${where##*:}") echo 'ok: over IPv6' ;;
        *) wrong 'over IPv6' ;;
    esac
    stopped
fi
serve "$folder/empty" "$folder/arrived" listen --exec 'cat' "unix://$folder/s"
output=$("$program" connect --proxy-header 1 "unix://$folder/s" </dev/null | tr -d '\r') || true
is_equal 'where there are no addresses' "$output" 'PROXY UNKNOWN'
stopped
run "$program" connect --proxy-header 1 udp://127.0.0.1:1
expect 'datagrams have no first words' 2 '--proxy-header is for streams'
run "$program" connect --proxy-header 3 127.0.0.1:1
expect 'there are two versions' 2 'from 1 to 2'

kill -TERM "$behind"
wait "$behind" || true
finish
