#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

good_tree() {
    new_tree
    printf '%s\t%s\t%s\n' number statement note 1 'a thing is so' '' 2 'another thing' '' \
        3 'a thing of objects' 'there are no objects' 4 'the last thing' '' |
        file docs/dotnet-traps.tsv
    file tests/unit/thing_test.c <<TEXT
/* About things. */
#include "thing.h"

/* Trap 1. */
TEST(a_thing_is_so)
{
    try_another(); /* traps 2 and 4 */
}
TEXT
}

good_tree
passes 'each trap is pinned by a test or has a note' check-traps
case $output in *'3 of 4 traps are tested, 1 cannot apply'*) ;; *) wrong 'the traps are counted' ;; esac

passes 'the table names the test of a trap' check-traps table
# shellcheck disable=SC2016
case $output in
    *'| 2 | another thing | unit/thing_test.c: `a_thing_is_so` |  |'*) ;;
    *) wrong 'the table has a row for each trap' ;;
esac

printf '/* x */\n#include "a.h"\n/* Traps 1 to 4. */\nTEST(all_of_them)\n{\n}\n' | file tests/unit/all_test.c
printf '#include "a.h"\n' | file tests/unit/thing_test.c
passes 'traps may be named as a range' check-traps

good_tree
printf '/* Trap 1. */\n#include "a.h"\nTEST(a)\n{\n    b(); /* trap 2, trap 4 */\n}\n' | file tests/unit/thing_test.c
fails 'the opening comment of a file pins nothing' 'trap 1 has neither a test nor a note: a thing is so' check-traps

good_tree
printf '5\tone more\t\n' >>"$tree/docs/dotnet-traps.tsv"
fails 'a trap without a test or a note is noticed' 'trap 5 has neither' check-traps

good_tree
sed -i '/^2/d' "$tree/docs/dotnet-traps.tsv"
fails 'a trap that was left out of the list is noticed' 'trap 2 is missing' check-traps

good_tree
printf '#include "a.h"\n/* Trap 77. */\nTEST(a)\n{\n}\n' | file tests/conformance/a_test.c
fails 'a number that is no trap is noticed' 'a_test.c:2: there is no trap 77' check-traps

good_tree
printf '#include "a.h"\n/* Trap 4. */\nint nothing;\n' | file tests/conformance/a_test.c
fails 'a trap that stands above no test is noticed' 'a_test.c:2: trap 4 stands above no test' check-traps

finish
