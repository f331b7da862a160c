#!/bin/sh
# The pages have names in backticks.
# shellcheck disable=SC2016
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

good_tree() {
    new_tree
    printf '# B. Operations\n\n## B.7 Receive\n\nSee B.7. [\\[closed-first\\]](../differences.md)\n' |
        file docs/contract/b-operations.md
    file docs/differences.md <<'TEXT'
# Differences

**[closed-first]** Closed is told first, not-last. *closed-…, closed-get, random
scenarios.*
TEXT
    printf 'scenario closed-get\n' | file tests/differential/scenarios/closed.txt
    printf '%s\t%s\t%s\n' number statement note 1 'a thing is so' '' | file docs/dotnet-traps.tsv
    printf '# Held by `a_thing_is_so_at_last`\n' | file docs/decisions/0001-a-thing-is-so.md
    printf 'See [the decision](docs/decisions/0001-a-thing-is-so.md) and `src/thing`.\n' | file README.md
    printf 'TEST(a_thing_is_so_at_last)\n{\n}\n' | file tests/unit/thing_test.c
    printf 'int sn_thing_do(void);\n' | file src/thing/thing.h
    file src/thing/thing.c <<'TEXT'
/* Does the thing (contract B, B.7 DontFragment and
 * B.7; trap 1), see thing.h, thing/thing.h and <netinet/in.h>. It calls sn_thing_do(), as decision
 * 0001 says; a_thing_is_so_at_last shows it. The thread contract: none. Not sn_thing_… nor src/a/b.c. */
const char *text = "/* decision 0007, gone.c */"; // no io_uring_prep_of_it
TEXT
}

# bad COMMENT: the comment in a source file.
bad() {
    good_tree
    printf '/* Fine. */\nint x; /* %s */\n' "$1" | file src/thing/thing.c
}

good_tree
passes 'what exists may be referred to' check-references
case $output in *' references lead somewhere'*) ;; *) wrong 'the references are counted' ;; esac

bad 'contract B.8'
fails 'a section that is not in the contract' 'src/thing/thing.c:2: there is no section B.8' check-references
bad 'contract B.7, B.9'
fails 'the second of two sections' 'there is no section B.9' check-references
bad 'contract A.1 to B.7'
fails 'the first of a range of sections' 'there is no section A.1' check-references
good_tree
printf '/* The contract (contract\n * C.4). */\n' | file src/thing/thing.c
fails 'a section on the next line' 'src/thing/thing.c:2: there is no section C.4' check-references
good_tree
printf 'As in B.8.\n' >>"$tree/docs/contract/b-operations.md"
fails 'a section that a page of the contract names' 'b-operations.md:6: there is no section B.8' check-references

bad 'decision 0002'
fails 'a decision that does not exist' 'there is no decision 0002' check-references
bad 'Traps 1 and 2.'
fails 'a trap that does not exist' 'there is no trap 2' check-references
bad 'see other.c'
fails 'a file that does not exist' 'there is no file other.c' check-references
bad 'see other/thing.h'
fails 'a file that is elsewhere' 'there is no file other/thing.h' check-references
bad 'tests/stress'
fails 'a folder that does not exist' 'there is no tests/stress' check-references
bad 'sn_thing_undo()'
fails 'a public function that does not exist' 'nothing is called sn_thing_undo' check-references
bad 'thing_undo() is called'
fails 'a function that does not exist' 'nothing is called thing_undo' check-references
bad 'held by a_thing_is_not_so'
fails 'a test that does not exist' 'nothing is called a_thing_is_not_so' check-references

good_tree
printf '\nSee [it](docs/gone.md).\n' >>"$tree/README.md"
fails 'a link of a page that leads nowhere' 'README.md:3: this link leads nowhere: docs/gone.md' check-references
good_tree
printf '[\\[one-cancel\\]](../differences.md)\n' >>"$tree/docs/contract/b-operations.md"
fails 'a reason that is not among the differences' 'differences.md has no [one-cancel]' check-references

good_tree
printf 'More. *closed-get,\nclosed-set.*\n' >>"$tree/docs/differences.md"
fails 'a scenario that is not played' 'differences.md:6: there is no scenario closed-set' check-references

good_tree
printf '# Old\n\n**Status**: accepted\n\nHeld by `a_thing_of_long_ago`.\n' | file docs/decisions/0002-old.md
fails 'a decision that names a test that has gone' '0002-old.md:5: nothing is called' check-references
printf '# Old\n\n**Status**: replaced by 0001\n\nHeld by `a_thing_of_long_ago`.\n' |
    file docs/decisions/0002-old.md
passes 'a decision that was replaced may name what has gone' check-references

finish
