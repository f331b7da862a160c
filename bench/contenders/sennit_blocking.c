/*
 * A thread for each connection: with blocking calls, or with operations that it starts and waits
 * for.
 */
#include "sennit.h"

#include <pthread.h>
#include <stdlib.h>

struct talk {
    sn_socket *socket; /* owned */
    size_t size;
    char buffer[];
};

static bool receive_blocking(struct talk *talk, size_t *out_size)
{
    return !sn_socket_receive(talk->socket, talk->buffer, talk->size, SN_FLAG_NONE, out_size) &&
           *out_size > 0;
}

static bool receive_waiting(struct talk *talk, size_t *out_size)
{
    sn_operation operation = {.completed = NULL};
    sn_socket_receive_async(talk->socket, talk->buffer, talk->size, SN_FLAG_NONE, &operation);
    if (sn_operation_wait(&operation) || operation.error || operation.transferred == 0)
        return false;
    *out_size = operation.transferred;
    return true;
}

static void run(struct talk *talk, bool (*receive)(struct talk *talk, size_t *out_size))
{
    size_t size = 0;
    while (receive(talk, &size) &&
           !sn_socket_send(talk->socket, talk->buffer, size, SN_FLAG_NONE, NULL))
        continue;
    sn_socket_release(talk->socket);
    free(talk);
}

static void *run_blocking(void *talk)
{
    run(talk, receive_blocking);
    return NULL;
}

static void *run_waiting(void *talk)
{
    run(talk, receive_waiting);
    return NULL;
}

static void start(sn_socket *socket, const struct service *service, void *(*body)(void *))
{
    struct talk *talk = calloc(1, sizeof *talk + service->buffer_size);
    pthread_t thread;
    if (talk && !sn_socket_set_no_delay(socket, true)) {
        talk->socket = socket;
        talk->size = service->buffer_size;
        if (pthread_create(&thread, NULL, body, talk) == 0) {
            (void)pthread_detach(thread);
            return;
        }
    }
    free(talk);
    sn_socket_release(socket);
}

static const char *serve(const struct service *service, void *(*body)(void *))
{
    sn_socket *listener, *socket;
    sn_error error = sennit_listen(service, NULL, &listener);
    while (!error || sn_error_is_transient(error)) {
        error = sn_socket_accept(listener, &socket);
        if (!error)
            start(socket, service, body);
    }
    return sn_error_message(error);
}

const char *sennit_serve_blocking(const struct service *service)
{
    return serve(service, run_blocking);
}

const char *sennit_serve_waiting(const struct service *service)
{
    return serve(service, run_waiting);
}
