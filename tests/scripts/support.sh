# shellcheck shell=sh
# What the tests of the scripts share: a small project tree in a temporary folder, and two sentences.
#
#     passes 'a room may include a lower one through its door' check-layers
#     fails  'a lower room may not include a higher one' 'higher floor' check-layers
#
# Sourced by *_test.sh; expects PROJECT, the folder of the project under test.
set -eu
: "${PROJECT:?the folder of the project}"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# file PATH: a file of the small tree, from standard input.
file() {
    mkdir -p "$tree/$(dirname "$1")"
    cat >"$tree/$1"
}

# header PATH [LINE]: a C header that compiles.
header() {
    file "$1" <<TEXT
#pragma once
${2:-}
TEXT
}

new_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"
}

run_script() {
    script=$1
    shift
    status=0
    output=$("$PROJECT/scripts/$script" "$tree" "$@" 2>&1) || status=$?
}

wrong() {
    printf 'FAILED: %s\n        status %s, output:\n%s\n' "$1" "$status" "$output"
    failures=$((failures + 1))
}

# passes SENTENCE SCRIPT [ARGS]
passes() {
    sentence=$1
    shift
    run_script "$@"
    if [ "$status" -eq 0 ]; then echo "ok: $sentence"; else wrong "$sentence"; fi
}

# fails SENTENCE EXPECTED-TEXT SCRIPT [ARGS]: with status 1 (2 is bad usage), and says why.
fails() {
    sentence=$1 expected=$2
    shift 2
    run_script "$@"
    case $status:$output in
        1:*"$expected"*) echo "ok: $sentence" ;;
        *) wrong "$sentence" ;;
    esac
}

finish() {
    [ "$failures" -eq 0 ] || exit 1
}
