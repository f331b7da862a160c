/**
 * The contenders, by name: the program that each of them is, and what it takes part in.
 */
#ifndef BENCH_ECHO_RIVAL_H
#define BENCH_ECHO_RIVAL_H

#include <stdbool.h>
#include <stddef.h>

#include "scenario.h"

/* One contender. */
struct rival {
    const char *name;
    const char *about;
    const char *command; /* found in PATH; NULL: the program is one of ours */
    const char *program; /* in the folder of the contenders */
    const char *style;
    unsigned extras; /* enum scenario_extras: takes part only there; NONE: everywhere */
};

enum { RIVALS_MAX = 32 };
extern const struct rival rivals[];
extern const size_t rival_count;

/** The contender of that name, `size` characters long, or NULL. */
const struct rival *rival_find(const char *name, size_t size);

/** Whether it takes part when nobody is named. */
bool rival_takes_part(const struct rival *rival, const struct scenario *scenario, bool is_quick);

enum { RIVAL_WORDS_MAX = 12, RIVAL_TEXT_SIZE = 4096 };

/* A command line that starts a contender. */
struct rival_command {
    char *words[RIVAL_WORDS_MAX];
    char program[RIVAL_TEXT_SIZE];
    char port[16], message_size[16], buffer_size[16];
};

/**
 * The command that serves a scenario.
 *
 * @param port  0: any that is free
 * @return false if the program is not there
 */
bool rival_prepare(const struct rival *rival, const struct scenario *scenario, int port,
                   struct rival_command *out_command);

#endif
