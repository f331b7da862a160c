#!/bin/sh
# A file of scenarios that cannot be read fails with the number of its line, and so does a difference that
# nobody has explained.
#
# usage: wrong_files_test.sh PLAYER
set -eu
player=$1
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# refuses LINE TEXT: the second argument is a file, with \n between its lines.
refuses() {
    printf '%b' "$2" >"$folder/wrong.txt"
    if "$player" check "$folder/wrong.txt" >/dev/null 2>"$folder/message"; then
        echo "accepted: $2"
        failed=1
    elif ! grep -q "^$folder/wrong.txt:$1: " "$folder/message"; then
        echo "not line $1: $(cat "$folder/message")"
        failed=1
    fi
}

refuses 1 'create s InterNetwork Stream Tcp\n'
refuses 2 'scenario a\n  creat s InterNetwork Stream Tcp\n'
refuses 3 'scenario a\n\n  create s InterNetwork Stream\n'
refuses 2 'scenario a\n  send s "no end\n'
refuses 2 'scenario a\n  send s "\\q"\n'
refuses 3 'scenario a\n  listen s\nscenario a\n'
refuses 1 'scenario a only=sometimes\n'
refuses 2 'scenario a\n  async one bind s 127.0.0.1:0\n'
refuses 2 'scenario a\n  async one: bind s 127.0.0.1:0\n'

# What is only known while playing: a name that no step gives, a word that is no number.
printf 'scenario a\n  create s InterNetwork Stream Tcp\n  listen s many\n' >"$folder/wrong.txt"
if "$player" play blocking "$folder/wrong.txt" >/dev/null 2>"$folder/message"; then
    echo 'played a word that is no number'
    failed=1
elif ! grep -q "^$folder/wrong.txt:3: " "$folder/message"; then
    echo "not line 3: $(cat "$folder/message")"
    failed=1
fi

# The comparison: one step differs.
printf '== a\nget s Ttl => ok 64\n' >"$folder/theirs"
printf '== a\nget s Ttl => ok 65\n' >"$folder/ours"
compare() {
    awk -v explained="$1" -v title=test -f "$here/compare.awk" role=theirs "$folder/theirs" \
        role=ours "$folder/ours" >"$folder/message"
}
if compare /dev/null; then
    echo 'a difference that is not explained was passed over'
    failed=1
fi
echo 'a | get s Ttl | ok 64 | ok 6* | because' >"$folder/explained"
if ! compare "$folder/explained"; then
    echo 'a difference that is explained was refused'
    failed=1
fi
echo 'a | get s Ttl | ok 64' >"$folder/explained"
if compare "$folder/explained"; then
    echo 'a list with too few fields was accepted'
    failed=1
fi
exit $failed
