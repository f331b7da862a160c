/*
 * What the asynchronous half costs a thread that is not the engine's: waiting for an operation,
 * starting one, and the memory of one that is pending.
 */
#include <stdio.h>

#include "choices.h"
#include "wait/parts.h"

int main(int argc, char **argv)
{
    long connection_count = 10000;
    const struct argument_option more[] = {{.name = "connections",
                                            .number = &connection_count,
                                            .minimum = 1,
                                            .maximum = 1000000,
                                            .value = "N",
                                            .help = "idle connections (10000)"}};
    struct choices choices = {
        .program = "wait",
        .about = "What asynchronous operations cost a thread that is not the engine's.\n"
                 "  wait    one-byte ping-pong on one processor: raw blocking calls, blocking\n"
                 "          calls, and a receive that is started and waited for\n"
                 "  start   processor time to start an operation while the engine is awake\n"
                 "  memory  of an idle connection with a pending receive, without the buffer\n",
        .round_count = 120,
        .turn = 25,
        .more = more,
        .more_count = 1,
        .quick_round_count = 20,
        .turn_help = "how long a turn of the ping-pong is"};
    int status = choices_parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    bool is_ok = memory_measure((size_t)connection_count);
    is_ok = start_measure((size_t)choices.round_count) && is_ok;
    is_ok = ping_measure((size_t)choices.round_count, choices.turn) && is_ok;
    return is_ok ? EXIT_DONE : EXIT_FAILED;
}
