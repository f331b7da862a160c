/** The parts of `sennit receive`. */
#ifndef TOOLS_SENNIT_RECEIVE_H
#define TOOLS_SENNIT_RECEIVE_H

#include <stdbool.h>

#include <sennit.h>

#include "arguments/arguments.h"
#include "way.h"

struct receive_choices {
    const char *endpoint;
    const char *folder; /* --into */
    const char *path;   /* --as; NULL: the sender's name, in the folder */
    struct way way;     /* its options are also the listener's */
    long count, limit, idle_ms;
    bool connects; /* to who sends, who waits */
    bool keeps, overwrites, is_quiet, shows_progress, is_json, is_verbose;
};

/**
 * Takes one file from a connection, and tells the outcome.
 *
 * @param socket  borrowed
 * @param peer    borrowed: who sends it
 * @return        EXIT_DONE, or EXIT_FAILED after a report, which names the file that holds what
 * came
 */
int receive_file(sn_socket *socket, const char *peer, const struct receive_choices *choices);

#endif
