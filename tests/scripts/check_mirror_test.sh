#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

header src/base/list.h
file src/base/heap.c </dev/null
file tests/unit/base/heap_test.c </dev/null
passes 'a source file with its test is in order' check-mirror

file tests/unit/base/list_test.c </dev/null
passes 'a header may have a test' check-mirror

file src/sys/linux/create.c </dev/null
fails 'a source file without a test is noticed' 'src/sys/linux/create.c: has no' check-mirror

echo 'src/sys/*  one system call each, tested on the real kernel' | file scripts/mirror-exceptions
passes 'a file may be excused with a reason' check-mirror

echo 'src/sys/*' | file scripts/mirror-exceptions
fails 'an excuse without a reason does not count' 'gives no reason' check-mirror

printf '%s\n' 'src/sys/*  reason' 'src/base/heap.c  reason' | file scripts/mirror-exceptions
fails 'an excuse for a file that has a test is out of date' 'heap.c excuses no file' check-mirror

echo 'src/sys/*  see tests/fault/sys_test.c for it' | file scripts/mirror-exceptions
fails 'a test that an excuse names must exist' 'there is no tests/fault/sys_test.c' check-mirror
file tests/fault/sys_test.c </dev/null
passes 'an excuse may name the test that stands in' check-mirror

echo 'src/sys/*  reason' | file scripts/mirror-exceptions
file tests/unit/base/gone_test.c </dev/null
fails 'a test whose source is gone is noticed' 'gone_test.c: mirrors neither' check-mirror

finish
