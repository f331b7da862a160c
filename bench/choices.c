#include "choices.h"

#include <stdio.h>
#include <string.h>

#include "dear.h"

enum { OPTIONS_MAX = 8, HELP_SIZE = 80, QUICK_ROUNDS = 10 };

/* The rows that every benchmark has. */
enum { ROUNDS, TURN, QUICK, COMMON };

/* From here on, if the program is asked for it. */
static int become_dear(const struct choices *choices)
{
    if (make_calls_dear())
        return ARGUMENTS_GO_ON;
    fprintf(stderr, "%s: no filter can be put before the system calls here\n", choices->program);
    return EXIT_FAILED;
}

int choices_parse(int argc, char **argv, struct choices *choices)
{
    char helps[COMMON][HELP_SIZE];
    long quick_rounds = choices->quick_round_count > 0 ? choices->quick_round_count : QUICK_ROUNDS;
    bool is_quick = false, is_dear = false;
    size_t count = COMMON;
    struct argument_option options[OPTIONS_MAX] = {
        [ROUNDS] = {.name = "rounds",
                    .number = &choices->round_count,
                    .minimum = 1,
                    .maximum = 100000,
                    .value = "N",
                    .help = helps[ROUNDS]},
        [TURN] = {.name = "turn",
                  .number = &choices->turn,
                  .minimum = 1,
                  .maximum = 10000,
                  .value = choices->turn_value ? choices->turn_value : "MS",
                  .help = helps[TURN]},
        [QUICK] = {.name = "quick", .flag = &is_quick, .help = helps[QUICK]},
    };
    (void)snprintf(helps[ROUNDS], HELP_SIZE, "how many rounds (%ld)", choices->round_count);
    (void)snprintf(helps[TURN], HELP_SIZE, "%s (%ld)",
                   choices->turn_help ? choices->turn_help : "how long a turn is", choices->turn);
    (void)snprintf(helps[QUICK], HELP_SIZE, "%ld rounds, for a first look", quick_rounds);
    if (choices->can_be_dear)
        options[count++] =
            (struct argument_option){.name = "dear",
                                     .flag = &is_dear,
                                     .help = "make each system call dearer, by about 1 us"};
    if (choices->more_count > OPTIONS_MAX - count)
        return EXIT_FAILED;
    if (choices->more_count > 0)
        memcpy(&options[count], choices->more, choices->more_count * sizeof *options);
    const struct argument_table table = {.program = choices->program,
                                         .about = choices->about,
                                         .options = options,
                                         .count = count + choices->more_count};
    int status = arguments_parse(&table, argc - 1, argv + 1);
    if (is_quick)
        choices->round_count = quick_rounds;
    return is_dear && status == ARGUMENTS_GO_ON ? become_dear(choices) : status;
}
