#!/bin/sh
# What `listen --exec` runs, where there is a terminal or where its parent is an unusual one.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

: >"$folder/empty"

# What ignores the ends of its own children, as some supervisors do, hands that down.
told=$program program=$folder/unheeding
printf '#!/bin/sh\nexec env --ignore-signal=CHLD "%s" "$@"\n' "$told" >"$program"
chmod +x "$program"
serve "$folder/empty" "$folder/arrived" listen --once --exec 'exit 3' 127.0.0.1:0
program=$told
"$program" connect "$where" <"$folder/empty" >/dev/null
joined
expect 'how a command has ended is known where SIGCHLD was ignored' 1 'the command ended with status 3'

if ! command -v script >/dev/null; then
    echo 'skipped: no terminal can be made, since the program script is not installed'
    finish
    exit
fi

# serve_on_terminal COMMAND: as serve, on a terminal of its own, whose keys are written to fd 5. The
# shell ignores some signals in what it starts in the background; and no core is left.
serve_on_terminal() {
    rm -f "$folder/keys" "$folder/said"
    mkfifo "$folder/keys" "$folder/said"
    SHELL=/bin/sh env --default-signal=INT,QUIT prlimit --core=0 \
        script -qec "exec '$program' listen --verbose --exec '$1' 127.0.0.1:0" /dev/null \
        <"$folder/keys" >"$folder/said" &
    server=$!
    exec 5>"$folder/keys" 3<"$folder/said"
    read -r where <&3 || true
    where=$(printf '%s' "${where#sennit: listening on }" | tr -d '\r')
}

# A command that asked a terminal for something would be stopped, in the background as it is.
serve_on_terminal 'if (: </dev/tty) 2>/dev/null; then echo terminal; else echo none; fi'
output=$("$program" connect "$where" <"$folder/empty")
is_equal 'a command has no terminal' "$output" none
printf '\003' >&5
joined
exec 5>&-

# ended_by SENTENCE KEY STATUS
ended_by() {
    rm -f "$folder/process"
    serve_on_terminal "echo \$\$ >$folder/process; exec sleep 1000"
    "$program" connect "$where" <"$folder/empty" >/dev/null &
    asking=$!
    until [ -s "$folder/process" ]; do :; done
    # shellcheck disable=SC2059 # the key is an escape
    printf "$2" >&5
    joined
    exec 5>&-
    is_equal "$1" "$status" "$3"
    process=$(cat "$folder/process")
    # It may not have been collected yet, by whoever has it now.
    state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$process/status" 2>/dev/null || true)
    case $state in
        '' | Z) echo "ok: $1, and the command is gone" ;;
        *)
            kill -KILL "$process"
            output=$state
            wrong "$1, and the command is gone"
            ;;
    esac
    wait "$asking" || true
}
ended_by 'Ctrl-C ends the program' '\003' 130
ended_by 'Ctrl-\ ends the program' '\034' 131

finish
