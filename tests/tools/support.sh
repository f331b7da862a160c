# shellcheck shell=sh
# What the tests of the programs share: a temporary folder, and sentences about runs of a program.
#
#     run PROGRAM [ARGS]                  sets $status, $output (of standard output) and $complaint
#     expect 'a sentence' 2 'some text'   the status, and a piece of the complaint or the output
#     same 'a sentence' FILE FILE         two files are equal
#
# Sourced by *_test.sh, whose first argument is the program under test.
set -eu
# shellcheck disable=SC2034 # for the tests
program=${1:?the program under test}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
status=0 output='' complaint=''

run() {
    status=0
    "$@" >"$folder/run.output" 2>"$folder/run.complaint" </dev/null || status=$?
    output=$(cat "$folder/run.output")
    complaint=$(cat "$folder/run.complaint")
}

wrong() {
    printf 'FAILED: %s\n        status %s, output:\n%s\n        complaint:\n%s\n' \
        "$1" "$status" "$output" "$complaint"
    failures=$((failures + 1))
}

# expect SENTENCE STATUS [TEXT]...
expect() {
    sentence=$1
    if [ "$status" -ne "$2" ]; then
        wrong "$sentence"
        return
    fi
    shift 2
    for text in "$@"; do
        case "$output$complaint" in
            *"$text"*) ;;
            *)
                wrong "$sentence (no '$text')"
                return
                ;;
        esac
    done
    echo "ok: $sentence"
}

same() {
    if cmp -s "$2" "$3"; then
        echo "ok: $1"
    else
        output="$(wc -c <"$2") and $(wc -c <"$3") bytes"
        wrong "$1"
    fi
}

is_equal() {
    if [ "$2" = "$3" ]; then
        echo "ok: $1"
    else
        output="'$2' and '$3'"
        wrong "$1"
    fi
}

# has_ipv6: whether ::1 is an address of this machine.
has_ipv6() {
    grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null
}

finish() {
    [ "$failures" -eq 0 ] || exit 1
}
