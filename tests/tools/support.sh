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

# serve INPUT OUTPUT COMMAND ARGS...: starts a command that serves, and waits until it says that it
# listens; $where is what it said, $server its process.
serve() {
    serve_input=$1 serve_output=$2 serve_command=$3
    shift 3
    rm -f "$folder/said"
    mkfifo "$folder/said"
    "$program" "$serve_command" --verbose "$@" <"$serve_input" >"$serve_output" 2>"$folder/said" &
    server=$!
    exec 3<"$folder/said"
    where=''
    read -r where <&3 || true
    where=${where#sennit: listening on }
}

# joined: waits for the server; sets $status and $complaint.
joined() {
    complaint=$(cat <&3)
    exec 3<&-
    status=0
    wait "$server" || status=$?
}

# stopped: the same after a signal.
stopped() {
    kill -TERM "$server"
    joined
}

# has_ipv6: whether ::1 is an address of this machine.
has_ipv6() {
    grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null
}

# prepare_silence: writes "$folder/silent", which runs a program where 192.0.2.2 never answers; false
# where no such network can be made.
prepare_silence() {
    cat >"$folder/silent" <<'TEXT'
ip link add v0 type veth peer name v1 &&
    ip address add 192.0.2.1/24 dev v0 && ip link set v0 up && ip link set v1 up &&
    ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:66 dev v0 && ip link set lo up || exit 99
[ "$1" = true ] || echo ready >&2
exec "$@"
TEXT
    unshare -n sh "$folder/silent" true 2>/dev/null
}

finish() {
    [ "$failures" -eq 0 ] || exit 1
}
