#!/bin/sh
# What serves: many connections, commands, datagrams with answers, and their ends.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

: >"$folder/empty"

# ask WHERE TEXT: $output is what comes back.
ask() {
    output=$(printf '%s' "$2" | "$program" connect "$1" 2>"$folder/errors") || true
}

upper() { echo "$1" | tr '[:lower:]' '[:upper:]'; }

# A command for each connection.
# shellcheck disable=SC2016 # the variable is the command's
serve "$folder/empty" "$folder/arrived" listen --exec 'echo "$SENNIT_PEER"; tr a-z A-Z' 127.0.0.1:0
for word in one two; do
    ask "$where" "$word"
    case $output in
        "tcp://127.0.0.1:"*"$(upper $word)") echo "ok: a command answers $word" ;;
        *) wrong "a command answers $word" ;;
    esac
done
stopped
is_equal 'Ctrl-C and SIGTERM end it with their own status' "$status" 143

# The command's standard input ends where the peer's sending does, so several can run at once.
mkfifo "$folder/silence"
serve "$folder/empty" "$folder/arrived" listen --exec 'cat' 127.0.0.1:0
"$program" connect "$where" <"$folder/silence" >"$folder/late" &
silent=$!
exec 4>"$folder/silence"
ask "$where" early
is_equal 'one connection waits for no other' "$output" early
echo last >&4
exec 4>&-
wait "$silent"
is_equal 'and is served all the same' "$(cat "$folder/late")" last
stopped

serve "$folder/empty" "$folder/arrived" listen --once --exec 'cat; exit 3' "unix://$folder/once"
ask "unix://$folder/once" text
joined
expect 'a command that fails is reported' 1 'cat; exit 3: the command ended with status 3'
is_equal 'what it printed has come' "$output" text
is_equal 'no socket file is left' "$(find "$folder" -type s)" ''
serve "$folder/empty" "$folder/arrived" listen --once --exec 'kill -KILL $$' 127.0.0.1:0
ask "$where" text
joined
expect 'a command that was killed, too' 1 'was ended by signal 9'

# ended_with_it SENTENCE COMMAND: what the command has started is gone when the program is.
ended_with_it() {
    rm -f "$folder/process"
    serve "$folder/empty" "$folder/arrived" listen --exec "$2" 127.0.0.1:0
    "$program" connect "$where" <"$folder/empty" >"$folder/answer" &
    asking=$!
    until [ -s "$folder/process" ]; do :; done
    stopped
    wait "$asking" || true
    is_equal "$1: the status is the signal's" "$status" 143
    # It may not have been collected yet, by whoever has it now.
    state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$(cat "$folder/process")/status" 2>/dev/null || true)
    case $state in '' | Z) echo "ok: $1" ;; *) output=$state; wrong "$1" ;; esac
}
ended_with_it 'a signal ends a command, and what that has started' \
    "sh -c 'echo \$\$ >\"$folder/process\"; exec sleep 1000'; true"
ended_with_it 'one that does not want to end is killed' \
    "trap '' TERM; sh -c 'echo \$\$ >\"$folder/process\"; exec sleep 1000'; sleep 1000"

# At the same time, but no more than the limit.
serve "$folder/empty" "$folder/arrived" listen --keep --limit 1 127.0.0.1:0
mkfifo "$folder/first"
"$program" connect "$where" <"$folder/first" >/dev/null &
first=$!
exec 4>"$folder/first"
echo first >&4
until [ "$(cat "$folder/arrived")" = first ]; do :; done
echo second | "$program" connect "$where" >/dev/null 4>&- &
second=$!
echo third >&4
until [ "$(wc -l <"$folder/arrived")" -eq 2 ]; do :; done
exec 4>&-
wait "$first" "$second"
stopped
is_equal 'beyond the limit they wait' "$(cat "$folder/arrived")" "$(printf 'first\nthird\nsecond')"

serve "$folder/empty" "$folder/arrived" listen --count 2 127.0.0.1:0
for word in one two; do echo $word | "$program" connect "$where" >/dev/null; done
joined
is_equal 'it ends after so many' "$status $(sort "$folder/arrived")" "$(printf '0 one\ntwo')"

# Datagrams: answers by a command, and by standard input.
serve "$folder/empty" "$folder/arrived" listen --count 2 --exec 'tr a-z A-Z' udp://127.0.0.1:0
for word in one two; do
    output=$(echo $word | "$program" connect --wait 60000 --answers 1 "udp://$where") || true
    is_equal "a command answers the datagram $word" "$output" "$(upper $word)"
done
joined
is_equal 'and so many are enough' "$status" 0
serve "$folder/empty" "$folder/arrived" listen --once --exec 'head -c 70000 /dev/zero' udp://127.0.0.1:0
echo x | "$program" connect --wait 0 "udp://$where"
joined
expect 'an answer that fits into no datagram is told' 0 'Message too long'
echo reply >"$folder/reply"
serve "$folder/reply" "$folder/arrived" listen udp://127.0.0.1:0
output=$(echo question | "$program" connect --wait 60000 --answers 1 "udp://$where") || true
is_equal 'standard input is the answer to who has asked' "$output" reply
is_equal 'the question was printed' "$(cat "$folder/arrived")" question
stopped
is_equal 'a signal ends it' "$status" 143
serve "$folder/empty" "$folder/arrived" listen --once --hex udp://127.0.0.1:0
printf 'a\001z' | "$program" connect --wait 0 "udp://$where"
joined
expect 'a datagram as digits' 0
is_equal 'with an offset and what can be printed' "$(cat "$folder/arrived")" \
    '< 00000000  61 01 7a                                          a.z'

# A peer that says nothing for long.
serve "$folder/empty" "$folder/arrived" listen --idle 50 127.0.0.1:0
mkfifo "$folder/quiet"
"$program" connect "$where" <"$folder/quiet" >/dev/null 2>&1 &
quiet=$!
exec 4>"$folder/quiet"
joined
expect 'a connection on which nothing moves is ended' 1 'TimedOut: nothing has moved' 'tcp://127.0.0.1:'
exec 4>&-
wait "$quiet" || true

# Whoever reads the output goes away: that is told, and nothing is left behind.
{
    "$program" listen --keep "unix://$folder/closed" 2>"$folder/errors" && echo 0 >"$folder/status"
    echo $? >"$folder/status"
} | head -c 1 >"$folder/one" &
until [ -S "$folder/closed" ]; do :; done
until [ -s "$folder/status" ]; do
    echo more | "$program" connect "unix://$folder/closed" >/dev/null 2>&1 || true
done
wait
status=$(cat "$folder/status") output='' complaint=$(cat "$folder/errors")
expect 'a closed output is told' 1 'writing standard output: Broken pipe; who was to read it has gone'
is_equal 'and leaves no socket file' "$(find "$folder" -type s)" ''

finish
