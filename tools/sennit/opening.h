/** Sockets that wait for others: how the commands that serve open them, and say where they are. */
#ifndef TOOLS_SENNIT_OPENING_H
#define TOOLS_SENNIT_OPENING_H

#include <stdbool.h>

#include <sennit.h>

#include "arguments/arguments.h"
#include "target.h"

/**
 * Opens, binds, and listens where that kind of socket can. Where it listens is said on standard
 * error if `is_verbose`, on a terminal, and if the system has chosen the port: nobody could connect
 * otherwise.
 *
 * @param options     options of the socket, checked before
 * @param out_socket  owned by the caller
 * @return            EXIT_DONE, or EXIT_FAILED after a report
 */
int opening_listen(const struct target *target, const struct argument_list *options,
                   bool is_verbose, sn_socket **out_socket);

#endif
