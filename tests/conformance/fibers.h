/*
 * For tests of fibers: their start and end on any engine, and each kind of wait that one can be in.
 */
#ifndef TESTS_CONFORMANCE_FIBERS_H
#define TESTS_CONFORMANCE_FIBERS_H

#include <stdlib.h>

#include "support/async.h"
#include "support/run.h"
#include "support/threads.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

static inline sn_engine *engine_with_threads(int threads)
{
    sn_engine *engine = NULL;
    assert_ok(sn_engine_create(&(sn_engine_options){.threads = threads}, &engine));
    return engine;
}

static inline sn_fiber *start(sn_engine *engine, sn_fiber_body body, void *context)
{
    sn_fiber *fiber = NULL;
    assert_ok(sn_fiber_start(engine, body, context, NULL, &fiber));
    assert_non_null(fiber);
    return fiber;
}

/* Its result; the reference is given back. */
static inline sn_error finish(sn_engine *engine, sn_fiber *fiber)
{
    sn_error result = SN_OK;
    while (sn_engine_get_thread_count(engine) == 0 && !sn_fiber_is_over(fiber))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    assert_ok(sn_fiber_join(fiber, SN_FOREVER, &result));
    sn_fiber_release(fiber);
    return result;
}

static inline sn_fiber_state state_of(const sn_fiber *fiber)
{
    sn_fiber_info info = {.size = sizeof info};
    assert_ok(sn_fiber_get_info(fiber, &info));
    return info.state;
}

static inline void wait_until_waiting(const sn_fiber *fiber)
{
    while (state_of(fiber) != SN_FIBER_WAITING)
        give_way();
}

static inline void drive_until_waiting(sn_engine *engine, const sn_fiber *fiber)
{
    while (state_of(fiber) != SN_FIBER_WAITING)
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
}

static inline sn_error sleep_long(void *context)
{
    (void)context;
    return sn_fiber_sleep(SN_FOREVER);
}

/* --- What a fiber can wait in ----------------------------------------------------------------- */

struct wait_scene {
    const struct wait_kind *kind;
    struct socket_pair pair;
    sn_socket *socket; /* what else is needed; or NULL */
    sn_operation operation;
};

struct wait_kind {
    const char *name;
    sn_error (*run)(struct wait_scene *scene); /* until something ends it */
};

static inline sn_error wait_receive(struct wait_scene *scene)
{
    char byte;
    size_t received;
    return sn_socket_receive(scene->pair.client, &byte, 1, SN_FLAG_NONE, &received);
}

static inline sn_error wait_receive_from(struct wait_scene *scene)
{
    char byte;
    size_t received;
    sn_endpoint from;
    return sn_socket_receive_from(scene->socket, &byte, 1, SN_FLAG_NONE, &from, &received);
}

static inline sn_error wait_send(struct wait_scene *scene)
{
    static char bytes[1 << 16];
    sn_error error;
    do {
        error = sn_socket_send(scene->pair.client, bytes, sizeof bytes, SN_FLAG_NONE, NULL);
    } while (!error && !sn_cancellation_check());
    /* A send that has gone in part when it is cancelled is a success. */
    return error ? error : sn_cancellation_check();
}

static inline sn_error wait_accept(struct wait_scene *scene)
{
    sn_socket *accepted;
    return sn_socket_accept(scene->pair.listener, &accepted);
}

static inline sn_error wait_poll(struct wait_scene *scene)
{
    bool is_ready;
    return sn_socket_poll(scene->pair.client, -1, SN_SELECT_READ, &is_ready);
}

static inline sn_error wait_select(struct wait_scene *scene)
{
    sn_socket *sockets[] = {scene->pair.client, scene->pair.server};
    sn_socket_list read = {.sockets = sockets, .count = COUNT_OF(sockets)};
    return sn_socket_select(&read, NULL, NULL, -1);
}

static inline sn_error wait_operation(struct wait_scene *scene)
{
    static char byte;
    scene->operation = (sn_operation){0};
    (void)sn_socket_receive_async(scene->pair.client, &byte, 1, SN_FLAG_NONE, &scene->operation);
    sn_error error = sn_operation_wait(&scene->operation);
    sn_operation_cancel(&scene->operation);
    return error;
}

static inline sn_error wait_operation_any(struct wait_scene *scene)
{
    static char byte;
    size_t index;
    sn_operation *operations[] = {&scene->operation};
    scene->operation = (sn_operation){0};
    (void)sn_socket_receive_async(scene->pair.client, &byte, 1, SN_FLAG_NONE, &scene->operation);
    sn_error error = sn_operation_wait_any(operations, 1, SN_FOREVER, &index);
    sn_operation_cancel(&scene->operation);
    return error;
}

static inline sn_error wait_sleep(struct wait_scene *scene)
{
    (void)scene;
    return sn_fiber_sleep(SN_FOREVER);
}

static const struct wait_kind wait_kinds[] = {
    {"receive", wait_receive},     {"receive_from", wait_receive_from},
    {"send", wait_send},           {"accept", wait_accept},
    {"poll", wait_poll},           {"select", wait_select},
    {"operation", wait_operation}, {"any operation", wait_operation_any},
    {"sleep", wait_sleep},
};
static const size_t wait_kind_count = COUNT_OF(wait_kinds);

static inline void wait_scene_open(struct wait_scene *scene, const struct wait_kind *kind)
{
    *scene = (struct wait_scene){.kind = kind, .pair = pair_plain(TCP_IPV4)};
    scene->socket = socket_bound(UDP_IPV4);
    if (!scene->pair.listener)
        scene->pair.listener = socket_listening(TCP_IPV4, 1);
}

static inline sn_error wait_scene_run(void *scene)
{
    return ((struct wait_scene *)scene)->kind->run(scene);
}

/* An operation that a wait has left behind ends with its socket at the latest. */
static inline void wait_scene_close(struct wait_scene *scene)
{
    sn_socket_release(scene->socket);
    pair_release(&scene->pair);
    while (scene->operation.kind && !sn_operation_is_completed(&scene->operation))
        give_way();
}

#endif
