#!/bin/sh
# The driver of the fuzz targets, on one that is broken: input that begins with "bug" breaks a requirement.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/../tools/support.sh"
cd "$folder"

mkdir good bad empty
printf 'bag' >good/first
printf '' >good/empty
printf 'bag' >bad/first
printf 'bugs' >bad/second

run "$program" good
expect 'a corpus that holds is counted' 0 '2 inputs of the corpus hold'
run "$program" empty
expect 'a corpus without inputs is no success' 1 'there are no inputs'
run "$program" nowhere
expect 'a corpus that is not there is no success' 1 'nowhere: '
run "$program" --seconds x good
expect 'a mistake in the arguments is explained' 2 'takes a number'

# found SENTENCE TEXT...: the program was ended and has told each text.
found() {
    sentence=$1
    shift
    case $status in
        0 | 2) wrong "$sentence" ;;
        *) expect "$sentence" "$status" "$@" ;;
    esac
}

run "$program" bad
found 'an input of the corpus that fails is named, and what does not hold' \
    'does not hold' memcmp 'bad/second' finding-
same 'its bytes are kept' bad/second "$folder"/finding-*

rm finding-*
run "$program" --seconds 60 --seed 7 good
found 'a changed input that fails is told by its numbers' 'of seed 7' finding-
first=$complaint
case $(cat finding-*) in
    bug*) echo 'ok: the bytes kept are those that fail' ;;
    *) wrong 'the bytes kept are those that fail' ;;
esac
cp finding-* again
run "$program" --seconds 60 --seed 7 good
is_equal 'the same numbers give the same finding' "$first" "$complaint"
run "$program" again
found 'a finding can be run alone' 'the input that failed is again'

if grep -q __asan "$program"; then
    rm finding-*
    mkdir read
    printf 'leave the block' >read/one
    run "$program" read
    found 'what a sanitizer ends is told too' heap-buffer-overflow 'read/one' finding-
    same 'and its bytes are kept' read/one "$folder"/finding-*
else
    echo 'skipped: built without the address sanitizer'
fi

finish
