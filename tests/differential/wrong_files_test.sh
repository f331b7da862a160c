#!/bin/sh
# A file of scenarios that cannot be read fails with the number of its line, and so does a difference that
# nobody has explained, and a member of .NET that nobody plays.
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

# The members: one that no row answers, a step that nobody plays, a step that is played in one form only.
root=$folder/root
mkdir -p "$root/tests/differential/scenarios" "$root/scripts" "$root/docs"
printf 'type\tkind\tmember\nSocket\tmethod\tvoid Bind(EndPoint e)\nSocket\tmethod\tvoid Listen()\n' \
    >"$root/docs/dotnet-members.tsv"
echo 'Socket.Finalize  no garbage here' >"$root/scripts/dotnet-not-applicable"
# members EXPECTED ROWS SCENARIOS: the second and third argument are files, with \n between their lines.
members() {
    printf '%b' "$2" >"$root/tests/differential/members.txt"
    printf '%b' "$3" >"$root/tests/differential/scenarios/all.txt"
    status=0
    "$here/check-members" "$root" >"$folder/message" || status=$?
    if [ "$status" -eq 0 ] && [ "$1" != fine ]; then
        echo "passed over: $1"
        failed=1
    elif [ "$1" != fine ] && ! grep -qF "$1" "$folder/message" || [ "$1" = fine ] && [ "$status" -ne 0 ]; then
        echo "expected: $1, got: $(cat "$folder/message")"
        failed=1
    fi
}
played='scenario a\n  bind s x\n  listen s\n'
members fine 'Socket.Bind | bind\nSocket.Listen | listen\n' "$played"
members 'Socket.Listen: no scenario shows it' 'Socket.Bind | bind\n' "$played"
members 'Socket.Bind: no scenario plays "tie"' 'Socket.Bind | tie\nSocket.Listen | listen\n' "$played"
members 'Socket.Listen: no scenario plays' 'Socket.Bind | bind\nSocket.Listen | listen\n' \
    'scenario a\n  bind s x\nscenario b only=async\n  listen s\n'
members 'members.txt:3: no member' 'Socket.Bind | bind\nSocket.Listen | listen\nSocket.Sing | bind\n' "$played"
exit $failed
