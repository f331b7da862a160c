#!/bin/sh
# Records of names, from a name server that is a command behind `sennit listen`.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

: >"$folder/empty"

# The answer to a question: its number, its own words, and then one record by the type that was
# asked for, which stands behind the name. TTL 300 everywhere; x.test has nothing, y.test is no name.
cat >"$folder/answer" <<'TEXT'
cat >"$0.$$"
trap 'rm -f "$0.$$"' EXIT
name=$(tail -c +13 "$0.$$" | tr '\0' '\n' | head -n 1 | tr -d '\n' | wc -c)
question=$((name + 5))
type=$(tail -c "+$((12 + name + 3))" "$0.$$" | head -c 1 | od -An -tu1 | tr -d ' ')
first=$(tail -c +14 "$0.$$" | head -c 1)
# record TYPE SIZE DATA: a record of the name, as printf reads it.
record() {
    record="\\300\\014\\000\\$1\\000\\001\\000\\000\\001\\054\\000\\$2$3"
}
record='' code=200
case $first$type in
    x*) ;;
    y*) code=203 ;;
    z*) code=205 ;;
    ?1) record 001 004 '\300\000\002\007' ;;
    ?28) record 034 020 '\040\001\015\270\000\000\000\000\000\000\000\000\000\000\000\007' ;;
    ?15) record 017 011 '\000\012\004mail\300\014' ;;
    ?16) record 020 006 '\005a"b\001\134' ;;
    ?33) record 041 010 '\000\001\000\002\037\220\300\014' ;;
    ?2) record 002 005 '\002ns\300\014' ;;
    *12) record 014 006 '\004host\000' ;;
esac
head -c 2 "$0.$$"
printf "\\201\\$code\\000\\001\\000\\00$([ -z "$record" ]; echo $?)\\000\\000\\000\\000"
tail -c +13 "$0.$$" | head -c "$question"
printf "$record"
TEXT
serve "$folder/empty" "$folder/empty" listen --exec "sh '$folder/answer'" udp://127.0.0.1:0
server_at=$where

# asked SENTENCE STATUS TEXT ARGS...
asked() {
    sentence=$1 wanted=$2 text=$3
    shift 3
    run "$program" resolve --server "$server_at" "$@"
    output=$(printf '%s\n' "$output" | tr -s ' ')
    expect "$sentence" "$wanted" "$text"
}
asked 'addresses of both families' 0 "$(printf 'a.test 300 A 192.0.2.7\na.test 300 AAAA 2001:db8::7')" a.test
asked 'one type' 0 'a.test 300 MX 10 mail.a.test' --type mx a.test
asked 'a service' 0 'a.test 300 SRV 1 2 8080 a.test' --type SRV a.test
asked 'a text, with what cannot be printed' 0 'a.test 300 TXT "a\"b\001\\"' --type TXT a.test
asked 'a name server' 0 'a.test 300 NS ns.a.test' --type NS a.test
asked 'the name of an address' 0 '7.2.0.192.in-addr.arpa 300 PTR host' 192.0.2.7
asked 'everything' 0 'a.test 300 SRV' --type all a.test
asked 'for a script' 0 '[{"name":"a.test","type":"MX","ttl":300,"exchange":"mail.a.test","preference":10}]' \
    --json --type MX a.test
asked 'a text for a script' 0 '"strings":["a\"b\u0001\\"]' --json --type TXT a.test
asked 'a service for a script' 0 '"target":"a.test","port":8080,"priority":1,"weight":2' --json --type SRV a.test
asked 'a name without such records' 1 'resolve x.test: no MX records; the name exists' --type MX x.test
asked 'a name that does not exist' 1 'resolve y.test: NxDomain: there is no such name; --system' y.test
asked 'a server that does not want to' 1 'resolve z.test: Refused: the server gave no answer' --type A z.test
asked 'a name that has nothing at all' 1 'no records of any type' --type all x.test
asked 'nothing is a list, too' 1 '[]' --json --type MX x.test
stopped

run "$program" resolve --server 127.0.0.1:1 a.test
expect 'a server that is not there' 1 'resolve a.test: '
run "$program" resolve --system localhost
expect 'as programs get it' 0 127.0.0.1
run "$program" resolve --system --json localhost
expect 'for a script as well' 0 '"127.0.0.1"'

# mistake SENTENCE TEXT ARGS...
mistake() {
    sentence=$1 text=$2
    shift 2
    run "$program" resolve "$@"
    expect "$sentence" 2 "$text" --help
}
mistake 'a type that does not exist' 'no such type' --type FOO a.test
mistake 'a server that is no address' 'not the address of a server' --server example.org a.test
mistake 'the system knows no types' 'excludes' --system --type A a.test
run "$program" resolve 'a..test'
expect 'a name that is none' 1 'resolve a..test: Argument'

finish
