#!/bin/sh
# Files from `sennit send` to `sennit receive`, whole, interrupted and refused.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

: >"$folder/empty"
head -c 3000000 /dev/urandom >"$folder/file"
head -c 1000000 "$folder/file" >"$folder/half"
mkdir "$folder/in"

# receive ARGS...: a receiver into the folder "in"; what it prints is in "received".
receive() {
    serve "$folder/empty" "$folder/received" receive "$@"
}

# offer NAME SIZE [FILE]: what a sender says, and bytes from the start.
offer() {
    printf 'SENNIT-FILE 1\nname: %s\nsize: %s\nchecksum: sha256\n\nfrom: 0\n\n' "$1" "$2"
    if [ $# -gt 2 ]; then cat "$3"; fi
}

# refused SENTENCE TEXT: what the sender is told and the receiver says; the statuses of both.
refused() {
    expect "$1: the sender is told" 1 "$2"
    joined
    expect "$1: the receiver says it" 1 "$2"
}

if "$program" receive --help | grep -q SHA-256 && ldd "$program" | grep -q nettle; then
    has_sums=true
else
    has_sums=false
fi

receive --into "$folder/in" 127.0.0.1:0
run "$program" send "$folder/file" "$where"
expect 'a file is sent' 0 "$folder/file: 3.0 MB sent to tcp://127.0.0.1:" sha256
joined
expect 'and received' 0
expect_text() { case $2 in *"$3"*) echo "ok: $1" ;; *) output=$2; wrong "$1" ;; esac; }
expect_text 'its path is told' "$(cat "$folder/received")" "$folder/in/file: 3.0 MB received from"
same 'it is the same' "$folder/file" "$folder/in/file"

receive --into "$folder/in" 127.0.0.1:0
run "$program" send "$folder/file" "$where"
refused 'a file that is there already' 'it is there already; --overwrite replaces it'
receive --into "$folder/in" --overwrite --json "unix://$folder/s"
run "$program" send --json "$folder/half" --name file "unix://$folder/s"
expect 'it is replaced where that was asked for' 0 '"name":"file"' '"bytes":1000000' '"resumed_at":0'
joined
expect_text 'and told for a script' "$(cat "$folder/received")" "{\"file\":\"$folder/in/file\","
same 'it is the new one' "$folder/half" "$folder/in/file"
rm "$folder/in/file"

receive --into "$folder/in" --count 2 127.0.0.1:0
run "$program" send --progress "$folder/empty" "$where"
expect 'an empty file, too' 0 'empty: 0 bytes sent'
run "$program" send --progress "$folder/half" "$where"
expect 'progress is shown: how far, how fast and how long it will take' 0 'half: ' '%' '/s' ' left'
joined
is_equal 'several files, one after the other' "$status $(cd "$folder/in" && echo *)" '0 empty half'
rm "$folder/in/empty" "$folder/in/half"
receive --as "$folder/in/other" 127.0.0.1:0
run "$program" send --quiet "$folder/half" "$where"
is_equal 'a quiet sender' "$status $output $complaint" '0  '
joined
same 'a name of the receiver' "$folder/half" "$folder/in/other"
rm "$folder/in/other"

# An interrupted transfer names the partial file, and the next one goes on.
part=$folder/in/file.sennit-part
interrupted() {
    receive --into "$folder/in" 127.0.0.1:0
    offer file 3000000 "$1" | "$program" connect "$where" >"$folder/answer"
    joined
}
interrupted "$folder/half"
expect 'a sender that leaves' 1 EndOfStream \
    "1000000 of 3000000 bytes are in $part; sending the file again goes on from there"
same 'what came is kept' "$folder/half" "$part"
receive --into "$folder/in" 127.0.0.1:0
run "$program" send --json "$folder/file" "$where"
if $has_sums; then
    expect 'it goes on from there' 0 '"resumed_at":1000000'
else
    echo 'skipped: going on: there are no checksums'
fi
joined
same 'and is the same file in the end' "$folder/file" "$folder/in/file"
rm "$folder/in/file"
tr '\0' x <"$folder/half" | tail -c +2 >"$folder/other"
interrupted "$folder/other"
receive --into "$folder/in" 127.0.0.1:0
run "$program" send --json "$folder/file" "$where"
expect 'what is not its beginning is not gone on from' 0 '"resumed_at":0'
joined
same 'so that it is right' "$folder/file" "$folder/in/file"
rm "$folder/in/file"

# A signal.
receive --into "$folder/in" 127.0.0.1:0
mkfifo "$folder/slow"
"$program" connect "$where" <"$folder/slow" >/dev/null 2>&1 4>&- &
slow=$!
exec 4>"$folder/slow"
offer file 3000000 "$folder/half" >&4
until [ "$(wc -c <"$part" 2>/dev/null || echo 0)" -gt 0 ]; do :; done
run "$program" send "$folder/file" "$where" # the receiver takes one only
stopped
exec 4>&-
wait "$slow" || true
expect 'a receiver that is ended names the file' 143 "bytes are in $part; sending the file again"
rm "$part"
# stalled FIFO: a receiver that takes nothing before the pipe is opened and closed.
stalled() {
    mkfifo "$folder/$1"
    serve "$folder/empty" "$folder/empty" listen \
        --exec "printf 'have: 0\nchecksum: none\n\n'; cat '$folder/$1'; cat >/dev/null" 127.0.0.1:0
}
stalled go
truncate -s 64000000 "$folder/large"
"$program" send "$folder/large" "$where" 2>"$folder/errors" >"$folder/said-by-sender" &
sending=$!
exec 4>"$folder/go"
kill -TERM "$sending"
status=0
wait "$sending" || status=$?
complaint=$(cat "$folder/errors") output=''
expect 'a sender that is ended says how far it was' 143 ' of 64000000 bytes were sent'
exec 4>&-
stopped

# A file that changes on the way, or is none.
stalled again
"$program" send "$folder/large" "$where" 2>"$folder/errors" >"$folder/said-by-sender" &
sending=$!
exec 4>"$folder/again"
truncate -s 0 "$folder/large"
exec 4>&-
status=0
wait "$sending" || status=$?
complaint=$(cat "$folder/errors")
expect 'a file that becomes shorter' 1 "send $folder/large: the file has become shorter"
stopped
run "$program" send "$folder/nothing" 127.0.0.1:1
expect 'a file that is not there' 1 "$folder/nothing: No such file"
run "$program" send "$folder" 127.0.0.1:1
expect 'a folder' 1 "send $folder: a folder; pack it first"
run "$program" send "$folder/go" 127.0.0.1:1
expect 'a pipe' 1 "send $folder/go: no file with a size"
run "$program" send "$folder/file" 127.0.0.1:1
expect 'nobody there' 1 'send to 127.0.0.1:1: ConnectionRefused'

# Others than a sender and a receiver.
receive --into "$folder/in" 127.0.0.1:0
run sh -c 'echo hello | "$1" connect "$2"' - "$program" "$where"
expect 'somebody else: is told' 0 "error: the file: who connected is not 'sennit send'"
joined
expect 'somebody else: is reported' 1 "who connected is not 'sennit send'"
serve "$folder/empty" "$folder/empty" listen --once --exec 'echo hello' 127.0.0.1:0
run "$program" send "$folder/half" "$where"
expect 'a server that is no receiver' 1 "who listens there is not 'sennit receive'"
joined
for name in ../up .hidden a/b '' "$(printf 'a\001b')" "$(printf '%0300d' 0)"; do
    receive --into "$folder/in" 127.0.0.1:0
    offer "$name" 3 "$folder/empty" | "$program" connect "$where" >"$folder/answer"
    joined
    expect "a name that reaches elsewhere or is none: '$name'" 1 "is no name for a file"
done
receive --into "$folder/in" 127.0.0.1:0
offer file x "$folder/empty" | "$program" connect "$where" >"$folder/answer"
joined
expect 'a size that is none' 1 'is not'
if $has_sums; then
    receive --into "$folder/in" 127.0.0.1:0
    { offer file 1000000 "$folder/half" && echo 'checksum: 00'; } |
        "$program" connect "$where" >"$folder/answer"
    joined
    expect 'bytes that are not what was sent' 1 "$folder/in/file: its checksum is another"
    expect_text 'the sender is told' "$(cat "$folder/answer")" 'error: file: its checksum is another'
fi
is_equal 'nothing of all that is left' "$(ls "$folder/in")" ''

# Two at once, of one name.
receive --into "$folder/in" --count 2 127.0.0.1:0
"$program" connect "$where" <"$folder/slow" >/dev/null 2>&1 4>&- &
slow=$!
exec 4>"$folder/slow"
offer file 3000000 "$folder/half" >&4
until [ "$(wc -c <"$part" 2>/dev/null || echo 0)" -gt 0 ]; do :; done
run "$program" send "$folder/file" "$where"
expect 'a second sender of that name' 1 'another transfer writes it'
exec 4>&-
wait "$slow" || true
joined
expect 'is refused, and one that failed counts' 1 'another transfer writes it'
rm "$part"

# A disk that takes no more.
cat >"$folder/limited" <<'TEXT'
trap '' XFSZ
ulimit -f 200
exec "$@"
TEXT
rm -f "$folder/said"
mkfifo "$folder/said"
sh "$folder/limited" "$program" receive --verbose --into "$folder/in" 127.0.0.1:0 2>"$folder/said" &
server=$!
exec 3<"$folder/said"
read -r where <&3
run "$program" send "$folder/file" "${where##* }"
refused 'a disk that is full' 'File too large'
expect 'it names the partial file' 1 " of 3000000 bytes are in $part"
rm "$part"

# A sender that says nothing.
receive --into "$folder/in" --idle 50 127.0.0.1:0
"$program" connect "$where" <"$folder/slow" >/dev/null 2>&1 4>&- &
slow=$!
exec 4>"$folder/slow"
joined
expect 'a sender that says nothing' 1 'receive from tcp://127.0.0.1:' TimedOut
exec 4>&-
wait "$slow" || true

# Who sends waits, and who receives comes.
serve "$folder/empty" "$folder/sent" send --listen "$folder/half" 127.0.0.1:0
run "$program" receive --connect --from 127.0.0.9 --into "$folder/in" --overwrite "$where"
expect 'the receiver connects' 0 "$folder/in/half: 1.0 MB received from tcp://127.0.0.1:"
joined
expect 'to a sender that waits' 0
expect_text 'which knows who has come' "$(cat "$folder/sent")" 'sent to tcp://127.0.0.9:'
same 'and it is the same file' "$folder/half" "$folder/in/half"
run "$program" receive --connect --into "$folder/in" "unix://$folder/nobody"
expect 'nobody sends there' 1 "receive from unix://$folder/nobody: "

# mistake SENTENCE TEXT ARGS...
mistake() {
    sentence=$1 text=$2
    shift 2
    run "$program" "$@"
    expect "$sentence" 2 "$text" --help
}
mistake 'a file has to be named' 'FILE is missing' send
mistake 'and where it goes' 'ENDPOINT is missing' send x
mistake 'a file needs a stream' 'needs a stream' send x udp://localhost:1
mistake 'to be received, too' 'needs a stream' receive udp://:1
mistake 'a name for others is none of its own folder' 'give one with --name' send . 127.0.0.1:1
mistake 'a name is for one file' 'for one file' receive --as x --keep :1
mistake 'who waits goes no way' 'not for listening' send --listen --ipv4 x 127.0.0.1:0
mistake 'nor does a receiver that waits' 'not for listening' receive --from 127.0.0.1 127.0.0.1:0
mistake 'who connects fetches one' 'fetches one file' receive --connect --keep 127.0.0.1:1
mistake 'a path or a folder' 'exclude each other' receive --as x --into y :1
run "$program" receive --into "$folder/nowhere" :0
expect 'a folder that is not there' 1 "$folder/nowhere: No such file"

finish
