#!/bin/sh
# The crawler on the site of the HTTP server: all of it, a page that is missing, and one that takes too long.
#
# usage: crawler_test.sh SERVER CRAWLER
set -eu
server=$1 crawler=$2
folder=$(mktemp -d)
process=''
finish() {
    [ -z "$process" ] || kill -TERM "$process" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

# expect WHAT STATUS TEXT TARGET [MILLISECONDS]
expect() {
    what=$1 wanted=$2 text=$3
    shift 3
    status=0
    said=$("$crawler" "$@" 2>&1) || status=$?
    case $said in
        *"$text"*) [ "$status" -ne "$wanted" ] || { echo "ok: $what"; return 0; } ;;
    esac
    echo "FAILED: $what: status $status: $said"
    exit 1
}

# Its first line comes through a pipe, so that nobody has to wait for it in turns.
mkfifo "$folder/said"
"$server" 0 >"$folder/said" &
process=$!
read -r address <"$folder/said"
site=${address#http://}

expect 'every page is found once' 0 '201 of 201 pages' "$site"
expect 'a failure is the end' 1 'Not Found' "${site}page/999"
expect 'so is the time limit' 1 'TimedOut' "${site}slow" 100
expect 'the site has an address' 2 'usage: ' nowhere

kill -TERM "$process"
wait "$process" || { echo 'FAILED: the server does not end well'; exit 1; }
process=''
expect 'nobody is there any more' 1 'ConnectionRefused' "$site"
