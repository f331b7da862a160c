# shellcheck shell=sh
# What these tests share: a temporary folder, sentences, and commands whose output is shown when they fail.
set -eu
: "${PROJECT:?the folder of the project}" "${BUILD:?the folder of a build}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

# holds SENTENCE COMMAND...
holds() {
    sentence=$1
    shift
    if "$@" >"$folder/said" 2>&1; then
        echo "ok: $sentence"
    else
        echo "FAILED: $sentence"
        sed 's/^/        /' "$folder/said"
        failures=$((failures + 1))
    fi
}

# logged COMMAND...: stops at a failure, since nothing that follows could succeed.
logged() {
    "$@" >"$folder/log" 2>&1 || { echo "FAILED: $*"; cat "$folder/log"; exit 1; }
}

finish() {
    [ "$failures" -eq 0 ] || exit 1
}
