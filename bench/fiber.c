/*
 * What fibers cost: a switch, a life from start to end, and the memory of one that waits. What a
 * server of fibers costs for each request is measured by bench/echo.
 */
#include <stdio.h>

#include "choices.h"
#include "fiber/parts.h"

int main(int argc, char **argv)
{
    long fiber_count = 100000;
    const struct argument_option more[] = {{.name = "fibers",
                                            .number = &fiber_count,
                                            .minimum = 10,
                                            .maximum = 1000000,
                                            .value = "N",
                                            .help = "fibers that wait (100000)"}};
    struct choices choices = {
        .program = "fiber",
        .about = "What fibers cost.\n"
                 "  life    processor time of a switch there and back, and of a start and an end\n"
                 "  memory  of a fiber that waits: the library's part, and its stack\n",
        .round_count = 100,
        .more = more,
        .more_count = 1,
        .quick_round_count = 20,
        .turn_value = "N",
        .turn = 500,
        .turn_help = "how many of each in a row"};
    int status = choices_parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    bool is_ok = memory_measure((size_t)fiber_count);
    is_ok = life_measure((size_t)choices.round_count, (size_t)choices.turn) && is_ok;
    return is_ok ? EXIT_DONE : EXIT_FAILED;
}
