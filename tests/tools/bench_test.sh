#!/bin/sh
# That the benchmarks run and print their closing lines; how fast they are is not tested.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

run "$program" --rounds 3 --turn 2
expect 'a short run prints ratios' 0 'ratio ' ':raw '
run "$program" --help
expect 'there is a help' 0 'usage: '
run "$program" --rounds 0
expect 'there must be a round' 2 'from 1 to'
run "$program" --rounds
expect 'a value must be given' 2 'needs a value'
run "$program" fast
expect 'nothing else is expected' 2 'not expected here'

finish
