# shellcheck shell=sh disable=SC2154 # the words of tests/interop/pair
# What pairs share: programs that are started and waited for, and sentences about what came. The first one that does
# not hold ends the pair. `sennit`, `http_fibers`, `http_callbacks`, `name_server` and `embed_curl` are commands, on
# the back-end that is being tried.
#
#     folder, payload, logs    where the pair is alone, much data, what all pairs share

pids=''

wrong() {
    echo "wrong: $*" >&2
    for file in "$folder"/*.err; do
        if [ -s "$file" ]; then printf -- '--- %s\n' "${file##*/}" >&2; tail -n 5 "$file" >&2; fi
    done
    exit 1
}

# unfit REASON: the pair, or in prepare the peer, cannot take part on this machine.
unfit() {
    echo "$*"
    exit 77
}

# start NAME COMMAND...: runs behind, with nothing to read; what it prints goes to NAME.out and NAME.err.
start() {
    start_with /dev/null "$@"
}

# start_with INPUT NAME COMMAND...
start_with() {
    input=$1 started=$2
    shift 2
    : >"$folder/$started.out" && : >"$folder/$started.err" # there at once, for those who look into them
    "$@" <"$input" >"$folder/$started.out" 2>"$folder/$started.err" &
    eval "pid_$started=$!"
    pids="$pids $!"
}

# ended NAME STATUS: waits for one that ends by itself.
ended() {
    eval "ended_pid=\$pid_$1"
    ended_status=0
    wait "$ended_pid" || ended_status=$?
    [ "$ended_status" -eq "$2" ] || wrong "$1 ended with status $ended_status, not $2"
}

# stopped NAME
stopped() {
    eval "kill -TERM \$pid_$1"
    eval "wait \$pid_$1" || true
}

end_all() {
    for pid in $pids; do
        kill -TERM "$pid" 2>/dev/null || true
    done
    for pid in $pids; do
        wait "$pid" 2>/dev/null || true
    done
}

is_alive() {
    eval "kill -0 \$pid_$1" 2>/dev/null
}

# said NAME PATTERN: waits until it has printed such a line; sets $line. The pair's time limit ends it.
said() {
    until line=$(cat "$folder/$1.out" "$folder/$1.err" | grep -m 1 -e "$2"); do
        is_alive "$1" || line=$(cat "$folder/$1.out" "$folder/$1.err" | grep -m 1 -e "$2") || wrong "$1 has ended and not said $2"
    done
}

# serve NAME COMMAND...: starts one that says where it listens; sets $where (host:port, or a path) and $port.
serve() {
    serve_with /dev/null "$@"
}

serve_with() {
    start_with "$@"
    said "$2" 'listening on '
    where=${line##*listening on }
    port=${where##*:}
}

# web NAME COMMAND...: the same for one that prints its URL, which $url is then, without the slash at the end.
web() {
    start "$@"
    said "$1" '^http://'
    url=${line%/}
    where=${url#http://}
    port=${where##*:}
}

# For those that cannot listen on port 0 and tell which one it is. What the system gives away by itself is not in the
# way of these numbers.
any_port() {
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    where=127.0.0.1:$port
}

# on_free_port NAME FUNCTION: the function starts NAME on $port, which changes until somebody listens there.
on_free_port() {
    for _ in 1 2 3 4 5; do
        any_port
        ! sennit check --timeout 1000 "$where" >/dev/null 2>&1 || continue
        "$2"
        until sennit check --timeout 1000 "$where" >/dev/null 2>&1; do
            is_alive "$1" || break
        done
        ! is_alive "$1" || return 0
    done
    wrong "$1 does not listen"
}

# on_free_number NAME FUNCTION PATTERN: the same for one that says such a line when it is ready.
on_free_number() {
    for _ in 1 2 3 4 5; do
        any_port
        "$2"
        until cat "$folder/$1.out" "$folder/$1.err" | grep -q -e "$3"; do
            is_alive "$1" || break
        done
        ! is_alive "$1" || return 0
    done
    wrong "$1 does not listen"
}

has_ipv6() {
    grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null
}

# held_open INPUT OUTPUT SIZE COMMAND...: for peers that end with the first end that they see: the input of the command
# stays open until so many bytes have come out of it.
held_open() {
    held_input=$1 held_output=$2 held_size=$3
    shift 3
    rm -f "$folder/held"
    mkfifo "$folder/held"
    start_with "$folder/held" held "$@"
    exec 5>"$folder/held"
    cat "$held_input" >&5
    until [ "$(wc -c <"$folder/held.out")" -ge "$held_size" ]; do
        is_alive held || wrong 'it has ended'
    done
    exec 5>&-
    ended held 0
    mv "$folder/held.out" "$held_output"
}

# serve_reset NAME: takes one connection, says nothing, and resets it.
serve_reset() {
    rm -f "$folder/silence"
    mkfifo "$folder/silence"
    exec 6<>"$folder/silence"
    serve_with "$folder/silence" "$1" sennit listen --verbose --once --idle 100 --option Linger=0 127.0.0.1:0
    exec 6>&-
}

# --- Sentences -----------------------------------------------------------------------------------------

# same WANTED GOT: two files
same() {
    cmp "$1" "$2" >&2 || wrong "$(wc -c <"$1") bytes were wanted, $(wc -c <"$2") came"
}

# equal WANTED GOT: two words
equal() {
    [ "$1" = "$2" ] || wrong "'$1' was wanted, '$2' came"
}

# holds FILE TEXT
holds() {
    grep -qF -e "$2" "$1" || wrong "no '$2' in ${1##*/}: $(head -c 300 "$1")"
}

# lacks FILE TEXT
lacks() {
    ! grep -qF -e "$2" "$1" || wrong "'$2' is in ${1##*/}"
}

# fails STATUS COMMAND...: its output goes to failed.out and failed.err
fails() {
    fails_status=$1 fails_got=0
    shift
    "$@" >"$folder/failed.out" 2>"$folder/failed.err" </dev/null || fails_got=$?
    [ "$fails_got" -eq "$fails_status" ] || wrong "$1 ended with status $fails_got, not $fails_status"
}
