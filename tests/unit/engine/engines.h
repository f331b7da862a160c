/* For the tests of this folder: engines on each back-end, and small descriptors of the room alone.
 */
#ifndef TESTS_UNIT_ENGINE_ENGINES_H
#define TESTS_UNIT_ENGINE_ENGINES_H

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/engine.h"
#include "descriptor/lane.h"
#include "socket/object/object.h"
#include "support/sockets.h"
#include "support/test.h"

/* A test of an engine runs once on each back-end. */
#define ON_EPOLL(test)                                                                             \
    {                                                                                              \
#test " [epoll]", test, NULL, NULL, (void *)(intptr_t)SN_ENGINE_BACKEND_EPOLL              \
    }
#define ON_IO_URING(test)                                                                          \
    {                                                                                              \
#test " [io_uring]", test, NULL, NULL, (void *)(intptr_t)SN_ENGINE_BACKEND_IO_URING        \
    }
#define ON_BOTH(test) ON_EPOLL(test), ON_IO_URING(test)

static inline sn_engine *engine_with(sn_engine_options options)
{
    sn_engine *engine = NULL;
    sn_error error = sn_engine_create(&options, &engine);
    if (error == SN_ERROR_PLATFORM_NOT_SUPPORTED)
        SKIP("%s does not work here", sn_engine_backend_name(options.backend));
    assert_ok(error);
    return engine;
}

/* On the back-end that the test runs on. */
static inline sn_engine *engine_of(void **state, int threads)
{
    sn_engine_backend backend = (sn_engine_backend)(intptr_t)*state;
    return engine_with((sn_engine_options){.threads = threads, .backend = backend});
}

/* Drives the engine until the operation has completed. */
static inline sn_error run_until(sn_engine *engine, sn_operation *operation)
{
    while (!sn_operation_is_completed(operation))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    return operation->error;
}

/* Drives it until there is nothing to do any more but to wait. */
static inline void run_ready(sn_engine *engine)
{
    size_t count = 0;
    sn_milliseconds timeout_ms = 0;
    do {
        assert_ok(sn_engine_run(engine, 0, &count));
        assert_ok(sn_engine_get_timeout(engine, &timeout_ms));
    } while (count > 0 || timeout_ms == 0);
}

static inline void use_engine(sn_socket *socket, sn_engine *engine)
{
    assert_ok(sn_socket_set_engine(socket, engine));
}

/* Nothing uses it: no reference to it has been forgotten. */
static inline void assert_closes(sn_engine *engine, sn_socket *socket)
{
    sn_socket_close(socket);
    run_ready(engine);
    assert_true(descriptor_is_closed(&socket->descriptor));
}

static inline void destroy_engine(sn_engine *engine)
{
    assert_ok(sn_engine_destroy(engine));
}

/* Counts its calls in what `context` points at. */
static inline void count_completed(sn_operation *operation)
{
    atomic_add_acq_rel((uint32_t *)operation->context, 1u);
}

static inline void wait_for_count(const uint32_t *count, uint32_t wanted)
{
    while (atomic_load_acquire(count) < wanted)
        sched_yield();
}

/* --- A descriptor that is no socket object's -------------------------------------------------- */

struct bare {
    struct descriptor descriptor;
    uint32_t closed, finished; /* how often its class was told */
    int peer;                  /* the other end of the pair */
};

static inline void bare_closed(struct descriptor *descriptor)
{
    closing_finish(descriptor);
    atomic_add_acq_rel(&container_of(descriptor, struct bare, descriptor)->closed, 1u);
}

static inline bool bare_finish(struct descriptor *descriptor, sn_operation *operation)
{
    container_of(descriptor, struct bare, descriptor)->finished++;
    operation->error = record_of(operation)->native_result < 0 ? SN_ERROR_SOCKET_ERROR : SN_OK;
    return true;
}

static inline void bare_open(struct bare *bare, int type)
{
    static const struct descriptor_class class = {
        .request = worker_request,
        .on_closed = bare_closed,
        .on_finish = bare_finish,
        .carry = carry_on,
        .hand_over = carry_hand_over,
        .end_kept = carry_end,
    };
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    *bare = (struct bare){.peer = pair[1]};
    uint32_t marks = DESCRIPTOR_OWNED | (type == SOCK_STREAM ? 0 : DESCRIPTOR_MESSAGES);
    descriptor_init(&bare->descriptor, pair[0], marks, &class);
}

static inline void bare_begin_close(struct bare *bare)
{
    if (descriptor_begin_close(&bare->descriptor))
        descriptor_unref(&bare->descriptor);
}

static inline void bare_close(struct bare *bare)
{
    if (!descriptor_is_closing(&bare->descriptor))
        bare_begin_close(bare);
    descriptor_wait_closed(&bare->descriptor);
    descriptor_deinit(&bare->descriptor);
    close(bare->peer);
}

#endif
