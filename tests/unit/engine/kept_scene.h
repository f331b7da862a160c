/* A connected pair on whose server's side a receive is kept. */
#ifndef TESTS_UNIT_ENGINE_KEPT_SCENE_H
#define TESTS_UNIT_ENGINE_KEPT_SCENE_H

#include "unit/engine/engines.h"

#include "socket/object/object.h"
#include "support/threads.h"
#include "support/transfer_support.h"

struct scene {
    struct socket_pair pair;
    sn_operation receive;
    char data[8];
};

static inline bool is_kept(const struct scene *scene)
{
    return scene->pair.server->descriptor.kept == &scene->receive;
}

static inline bool has_worker(const struct scene *scene)
{
    return scene->pair.server->descriptor.worker != NULL;
}

static inline void start_into(sn_socket *socket, sn_operation *operation, char *data, size_t size)
{
    *operation = (sn_operation){0};
    assert_true(sn_socket_receive_async(socket, data, size, SN_FLAG_NONE, operation));
}

/* A receive is kept on the server's side, which belongs to an engine if there is one. */
static inline void open_scene_of(struct scene *scene, enum transport transport, sn_engine *engine)
{
    *scene = (struct scene){.pair = pair_connected(transport)};
    if (engine)
        use_engine(scene->pair.server, engine);
    start_into(scene->pair.server, &scene->receive, scene->data, sizeof scene->data);
    assert_true(is_kept(scene));
}

static inline void open_scene(struct scene *scene, enum transport transport)
{
    open_scene_of(scene, transport, NULL);
}

/* Nothing is left of it in its lane. */
static inline void close_scene(struct scene *scene)
{
    assert_null(scene->pair.server->descriptor.kept);
    assert_int_equal(scene->pair.server->descriptor.lanes[DIRECTION_IN], 0);
    pair_release(&scene->pair);
}

static inline sn_error wait_for_it(void *context)
{
    struct scene *scene = context;
    return sn_operation_wait(&scene->receive);
}

static inline sn_error send_abc(void *context)
{
    struct scene *scene = context;
    size_t sent;
    return sn_socket_send(scene->pair.client, "abc", 3, SN_FLAG_NONE, &sent);
}

static inline void expect_abc(struct scene *scene)
{
    assert_ok(scene->receive.error);
    assert_int_equal(scene->receive.transferred, 3);
    assert_memory_equal(scene->data, "abc", 3);
}

#endif
