/** The parts of `sennit listen`. */
#ifndef TOOLS_SENNIT_LISTEN_H
#define TOOLS_SENNIT_LISTEN_H

#include <sennit.h>

#include "arguments/arguments.h"
#include "target.h"

struct listen_choices {
    const char *endpoint;
    const char *command; /* --exec; NULL: none */
    struct argument_list options;
    bool keeps, is_once, is_hex, is_verbose;
    long count; /* connections or datagrams; 0: without an end */
    long limit; /* at the same time; 0: as many as there are */
    long idle_ms;
};

/**
 * Prints each datagram that arrives, and sends standard input to whoever sent the last one; or has
 * a command answer each.
 *
 * @param socket  borrowed: bound
 * @return        EXIT_DONE, or EXIT_FAILED after a report
 */
int listen_to_datagrams(sn_socket *socket, const struct target *target,
                        const struct listen_choices *choices);

#endif
