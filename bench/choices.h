/**
 * The command line that all benchmarks of a few contenders share: how many rounds, how long a turn,
 * and a quick run for a first look.
 */
#ifndef BENCH_CHOICES_H
#define BENCH_CHOICES_H

#include "arguments/arguments.h"

/* What a benchmark says of itself, with what it takes when nothing is given; and what is chosen. */
struct choices {
    const char *program;
    const char *about;                  /* lines, each ended */
    const char *turn_value;             /* what the help calls the length of a turn; NULL: "MS" */
    const char *turn_help;              /* NULL: "how long a turn is" */
    const struct argument_option *more; /* options of this benchmark alone; NULL: none */
    size_t more_count;
    bool
        can_be_dear; /* has an option --dear, which is carried out by choices_parse(): see dear.h */
    long round_count;
    long quick_round_count; /* 0: 10 */
    long turn;              /* in milliseconds, unless turn_value says otherwise */
};

/**
 * Reads the arguments into `choices`; a mistake is explained on standard error.
 *
 * @return ARGUMENTS_GO_ON, or the status to exit with
 */
int choices_parse(int argc, char **argv, struct choices *choices);

#endif
