/*
 * A thread that waits for something inside the scope of a handle.
 */
#ifndef TESTS_CONFORMANCE_SCOPES_H
#define TESTS_CONFORMANCE_SCOPES_H

#include <string.h>

#include "conformance/forks.h"

struct scene {
    struct socket_pair pair;
    sn_cancellation *cancellation;
    sn_operation first;
    sn_socket *made;
    char data[8];
    size_t count;
};

struct waiting_call {
    const char *name;
    sn_error (*call)(struct scene *scene);
    enum transport transport;
};

static inline sn_error call_receive(struct scene *scene)
{
    return sn_socket_receive(scene->pair.server, scene->data, 1, SN_FLAG_NONE, &scene->count);
}

static inline sn_error call_accept(struct scene *scene)
{
    return sn_socket_accept(scene->pair.listener, &scene->made);
}

static inline void start(struct scene *scene, sn_milliseconds limit_ms)
{
    scene->first = (sn_operation){.timeout_ms = limit_ms};
    sn_socket_receive_async(scene->pair.server, scene->data, 1, SN_FLAG_NONE, &scene->first);
}

static inline sn_error call_wait_handed(struct scene *scene)
{
    start(scene, 600000);
    return sn_operation_wait(&scene->first);
}

static inline void scene_open(struct scene *scene, enum transport transport)
{
    memset(scene, 0, sizeof *scene);
    scene->pair = pair_plain(transport);
    assert_ok(sn_cancellation_create(&scene->cancellation));
}

/* What waited for the operation has ended; that has not. */
static inline void scene_close(struct scene *scene)
{
    sn_operation_cancel(&scene->first);
    (void)!sn_operation_wait(&scene->first);
    sn_socket_release(scene->made);
    pair_release(&scene->pair);
    sn_cancellation_release(scene->cancellation);
}

struct inside {
    struct scene *scene;
    const struct waiting_call *call;
};

/* For a thread. */
static inline sn_error call_inside(void *context)
{
    struct inside *inside = context;
    sn_cancellation_scope scope;
    sn_error error = sn_cancellation_enter(inside->scene->cancellation, &scope);
    if (!error)
        error = inside->call->call(inside->scene);
    sn_error left = sn_cancellation_leave(&scope);
    return left ? SN_ERROR_FAULT : error;
}

#endif
