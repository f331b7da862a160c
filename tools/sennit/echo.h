/** The echo server, for the commands that have one. */
#ifndef TOOLS_SENNIT_ECHO_H
#define TOOLS_SENNIT_ECHO_H

#include "arguments/arguments.h"
#include "service.h"

struct echo_choices {
    const char *endpoint;
    struct argument_list options;
    long count, limit, idle_ms;
    bool is_verbose;
};

/** Sends back what comes on a connection; the service's context is a struct echo_choices. */
int echo_serve(sn_socket *socket, const char *peer, struct service *service);

#endif
