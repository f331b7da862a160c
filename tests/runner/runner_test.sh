#!/bin/sh
# What a failed test leaves behind does not reach the next one (tests/support/runner.h).
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/../tools/support.sh"

export RUNNER_FOLDER="$folder"
export SENNIT_TEST_EXCEPTIONS="$folder/exceptions"
cat >"$folder/exceptions" <<TEXT
another.program::* not this one
runner.failing::is_left_* no machine carries this
TEXT
run "$program"
all=$(printf '%s\n%s\n' "$output" "$complaint")
printf '%s\n' "$all" >"$folder/all"

# count SENTENCE NUMBER PATTERN: so many lines are like that.
count() {
    is_equal "$1" "$2" "$(grep -c -e "$3" "$folder/all")"
}

is_equal 'the status is the number of tests that failed' 4 "$status"
for test in looks_at_the_process finds_a_process_like_the_first_and_the_port_free runs_in_the_same_process \
    runs_in_another_process fails_in_a_forked_child_alone comes_after_the_child; do
    count "$test passes, once" 1 "^\[ *OK \] $test\$"
done
for test in fails_with_everything_open is_ended_by_a_signal; do
    count "$test fails, and says so" 1 "^\[  FAILED  \] $test\$"
done
count 'what fails in the last process stands in its list too' 2 '^\[  FAILED  \] fails_as_the_last$'
count 'what a test has left open is told' 1 '1 descriptors were left open'
count 'a skipped test is skipped once' 1 '^skipped: nothing is spoiled by that$'
count 'a case that a file names is skipped with its reason' 2 '^skipped: no machine carries this$'
count 'at the end there is a word of the processes before' 1 '3 before that, each of which ended its process'
finish
