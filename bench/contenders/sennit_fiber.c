/*
 * A fiber for each connection, on an engine that this program drives: the calls that block, as in
 * docs/guide/fibers.md. Its buffer is on its stack in most programs; here its size is known only
 * when it runs.
 */
#include "sennit.h"

#include <stdlib.h>

struct talk {
    sn_socket *socket; /* owned */
    size_t size;
    char buffer[];
};

static sn_error talk_run(void *context)
{
    struct talk *talk = context;
    size_t size = 0;
    sn_error error;
    do {
        error = sn_socket_receive(talk->socket, talk->buffer, talk->size, SN_FLAG_NONE, &size);
        if (!error && size > 0)
            error = sn_socket_send(talk->socket, talk->buffer, size, SN_FLAG_NONE, NULL);
    } while (!error && size > 0);
    sn_socket_release(talk->socket);
    free(talk);
    return error;
}

static void start(sn_socket *socket, const struct service *service)
{
    struct talk *talk = calloc(1, sizeof *talk + service->buffer_size);
    if (talk && !sn_socket_set_no_delay(socket, true)) {
        talk->socket = socket;
        talk->size = service->buffer_size;
        if (!sn_fiber_start(NULL, talk_run, talk, NULL, NULL))
            return;
    }
    free(talk);
    sn_socket_release(socket);
}

static sn_error accept_all(void *context)
{
    const struct service *service = context;
    sn_socket *listener, *socket;
    sn_error error = sennit_listen(service, NULL, &listener);
    while (!error || sn_error_is_transient(error)) {
        error = sn_socket_accept(listener, &socket);
        if (!error)
            start(socket, service);
    }
    return error;
}

const char *sennit_serve_fiber(const struct service *service, const sn_engine_options *options)
{
    struct service own = *service;
    sn_engine *engine = NULL;
    sn_fiber *acceptor = NULL;
    sn_error error = sn_engine_create(options, &engine);
    if (!error)
        error = sn_fiber_start(engine, accept_all, &own, NULL, &acceptor);
    while (!error && !sn_fiber_is_over(acceptor))
        error = sn_engine_run(engine, SN_FOREVER, NULL);
    if (!error)
        (void)sn_fiber_join(acceptor, 0, &error);
    return sn_error_message(error);
}
