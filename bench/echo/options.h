/**
 * The command line: what to do, strictly read.
 */
#ifndef BENCH_ECHO_OPTIONS_H
#define BENCH_ECHO_OPTIONS_H

#include "compare.h"

struct options {
    struct plan plan;
    const struct rival *server; /* only serve; NULL: do not */
    int server_port;
    bool only_machine; /* only say what this machine is */
    int load_port;     /* only load the server there; 0: do not */
    uint64_t request_count;
};

/**
 * Reads the arguments; a mistake is explained on standard error.
 *
 * @return ARGUMENTS_GO_ON, or the status to exit with
 */
int options_parse(int argc, char **argv, struct options *out_options);

#endif
