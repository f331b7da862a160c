#!/bin/sh
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

sum_of() {
    sha256sum "$1" | cut -d ' ' -f 1
}

rows='TCP/IPv4
TCP/IPv6
UDP/IPv4
Unix stream
Unix datagram'

# all_arrive SENTENCE FILE
all_arrive() {
    run "$program" "$2"
    expect "$1" 0 "$(sum_of "$2")"
    for row in $(printf '%s' "$rows" | tr ' \n' '_ '); do
        name=$(printf '%s' "$row" | tr _ ' ')
        line=$(printf '%s\n' "$output" | grep "^$name ") || line=''
        case $line in
            *' ok') echo "ok: $1: $name" ;;
            "TCP/IPv6 "*'not available: '*) echo "skipped: $name: ${line##*available: }" ;;
            *) wrong "$1: $name" ;;
        esac
    done
}

head -c 5000003 /dev/urandom >"$folder/file"
: >"$folder/empty"
TMPDIR=$folder
export TMPDIR
if command -v socat >/dev/null 2>&1 || command -v ncat >/dev/null 2>&1; then
    all_arrive 'a file arrives by every way' "$folder/file"
    all_arrive 'an empty file arrives too' "$folder/empty"
else
    echo 'skipped: neither socat nor ncat is here'
fi
is_equal 'nothing stays behind' "$(find "$folder" -name 'sennit-demo-*')" ''

mkdir "$folder/no_programs"
run env PATH="$folder/no_programs" "$program" "$folder/file"
expect 'without a foreign program the demo says what to install' 1 FAILED 'apt install socat'

# A program of that name that does nothing useful.
printf '#!/bin/sh\nexit 3\n' >"$folder/no_programs/socat"
chmod +x "$folder/no_programs/socat"
run env PATH="$folder/no_programs:$PATH" "$program" "$folder/empty"
expect 'a foreign program that fails makes the demo fail' 1 FAILED 'socat: it ended with status 3'

run "$program"
expect 'the file is needed' 2 'FILE is missing'
run "$program" --help
expect 'there is a help' 0 'usage: sennit-demo'
run "$program" "$folder/nothing"
expect 'a file that does not exist' 1 'cannot read' 'No such file'
run "$program" "$folder"
expect 'a folder' 1 'it is a directory'
run "$program" /dev/zero
expect 'a device' 1 'not a regular file'

finish
