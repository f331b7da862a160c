#!/bin/sh
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

# row SENTENCE WORD...: one line of the output consists of these words.
row() {
    sentence=$1
    shift
    if printf '%s\n' "$output" | tr -s ' ' | sed 's/ $//' | grep -qx "$*"; then
        echo "ok: $sentence"
    else
        wrong "$sentence"
    fi
}

run "$program" probe
expect 'probe has its tables' 0 FAMILY 'LEVEL' ENGINE RING
row 'TCP works' InterNetwork Stream yes Unspecified 'Tcp.*'
row 'a type that TCP does not have' InterNetwork Rdm no SocketNotSupported
row 'Unix streams work' Unix Stream yes Unspecified
row 'an option that can be read and written' Tcp NoDelay yes yes
row 'an option that can only be read' Socket AcceptConnection yes ProtocolOption
row 'an option that does not exist here' Socket UseLoopback OperationNotSupported \
    OperationNotSupported
row 'a group can be joined' IP AddMembership '[A-Za-z]*' yes
row 'a group can be left' IP DropMembership '[A-Za-z]*' yes
row 'a source can be blocked' IP BlockSource '[A-Za-z]*' yes

row 'epoll works' epoll yes 'epoll.*'
row 'the ring, or why there is none' '\(Receive yes\|Receive no .*\|io_uring no .*\)'

run "$program" probe --engines
case $output in *LEVEL* | *FAMILY*) wrong 'only the engines' ;; *) echo 'ok: only the engines' ;; esac
run "$program" probe --options
case $output in *FAMILY*) wrong 'only the options' ;; *) echo 'ok: only the options' ;; esac
run "$program" probe --sockets
case $output in *LEVEL*) wrong 'only the sockets' ;; *) echo 'ok: only the sockets' ;; esac

run "$program" probe --json
expect 'all of it for a script' 0 '{"version":"0.' '"sockets":[{"family":' \
    '{"family":"InterNetwork","type":"Stream","works":true,' '"missing_families":[' \
    '{"level":"Tcp","option":"NoDelay","read":true,"write":true}' \
    '{"name":"epoll","works":true,"detail":"epoll' '"ring":[{"name":"'
if command -v python3 >/dev/null; then
    printf '%s' "$output" >"$folder/json"
    run python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$folder/json"
    expect 'which others can read' 0
else
    echo 'skipped: whether others can read it: there is no python3'
fi

finish
