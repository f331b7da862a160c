/*
 * What the asynchronous half costs a thread that is not the engine's: waiting for an operation,
 * starting one, and the memory of one that is pending.
 */
#include <stdio.h>

#include "arguments/arguments.h"
#include "wait/parts.h"

struct choices {
    long round_count;
    long turn_ms;
    long connection_count;
    bool is_quick;
};

static int parse(int argc, char **argv, struct choices *choices)
{
    const struct argument_option options[] = {
        {.name = "rounds",
         .number = &choices->round_count,
         .minimum = 1,
         .maximum = 100000,
         .value = "N",
         .help = "how many rounds (120)"},
        {.name = "turn",
         .number = &choices->turn_ms,
         .minimum = 1,
         .maximum = 10000,
         .value = "MS",
         .help = "how long a turn of the ping-pong is (25)"},
        {.name = "connections",
         .number = &choices->connection_count,
         .minimum = 1,
         .maximum = 1000000,
         .value = "N",
         .help = "idle connections (10000)"},
        {.name = "quick", .flag = &choices->is_quick, .help = "20 rounds, for a first look"},
    };
    const struct argument_table table = {
        .program = "wait",
        .about = "What asynchronous operations cost a thread that is not the engine's.\n"
                 "  wait    one-byte ping-pong on one processor: raw blocking calls, blocking\n"
                 "          calls, and a receive that is started and waited for\n"
                 "  start   processor time to start an operation while the engine is awake\n"
                 "  memory  of an idle connection with a pending receive, without the buffer\n",
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    int status = arguments_parse(&table, argc - 1, argv + 1);
    if (choices->is_quick)
        choices->round_count = 20;
    return status;
}

int main(int argc, char **argv)
{
    struct choices choices = {.round_count = 120, .turn_ms = 25, .connection_count = 10000};
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    bool is_ok = memory_measure((size_t)choices.connection_count);
    is_ok = start_measure((size_t)choices.round_count) && is_ok;
    is_ok = ping_measure((size_t)choices.round_count, choices.turn_ms) && is_ok;
    return is_ok ? EXIT_DONE : EXIT_FAILED;
}
