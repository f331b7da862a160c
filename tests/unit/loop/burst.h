/* For the tests of this folder: many sends of one stream, started in one callback. */
#ifndef TESTS_UNIT_LOOP_BURST_H
#define TESTS_UNIT_LOOP_BURST_H

#include "unit/engine/engines.h"

#include <string.h>

#include "socket/object/object.h"
#include "support/transfer_support.h"

enum { SENDS = 64, LARGE = 8 << 20 };

struct burst {
    sn_engine *engine;
    struct socket_pair pair;
    sn_operation post, sends[SENDS];
    char data[SENDS][8];
    size_t sizes[SENDS];
    uint32_t count, completed;
    void (*then)(struct burst *burst); /* in the callback that has started them; or NULL */
    int order[SENDS];                  /* in which they completed */
};

static inline void note_completed(sn_operation *operation)
{
    struct burst *burst = operation->context;
    burst->order[burst->completed++] = (int)(operation - burst->sends);
}

static inline void start_one(struct burst *burst, size_t i)
{
    burst->sends[i].completed = note_completed;
    burst->sends[i].context = burst;
    assert_true(sn_socket_send_async(burst->pair.client, burst->data[i], burst->sizes[i],
                                     SN_FLAG_NONE, &burst->sends[i]));
}

static inline void start_all(sn_operation *post)
{
    struct burst *burst = post->context;
    for (size_t i = 0; i < burst->count; i++)
        start_one(burst, i);
    if (burst->then)
        burst->then(burst);
}

static inline void burst_make_on(struct burst *burst, sn_engine *engine)
{
    memset(burst, 0, sizeof *burst);
    burst->engine = engine;
    burst->pair = pair_connected(TCP_IPV4);
    use_engine(burst->pair.client, burst->engine);
    burst->count = SENDS;
    for (size_t i = 0; i < SENDS; i++) {
        burst->sizes[i] = 1 + i % 7;
        memset(burst->data[i], 'a' + (int)(i % 26), sizeof burst->data[i]);
    }
}

static inline void burst_make(struct burst *burst, void **state)
{
    burst_make_on(burst, engine_of(state, 0));
}

static inline void burst_start(struct burst *burst)
{
    burst->post = (sn_operation){.completed = start_all, .context = burst};
    sn_engine_post_async(burst->engine, &burst->post);
    assert_ok(run_until(burst->engine, &burst->post));
}

static inline void burst_end(struct burst *burst)
{
    pair_release(&burst->pair);
    run_ready(burst->engine);
    destroy_engine(burst->engine);
}

static inline void assert_arrives(struct burst *burst, size_t i)
{
    char received[8];
    receive_exactly(burst->pair.server, received, burst->sizes[i]);
    assert_memory_equal(received, burst->data[i], burst->sizes[i]);
}

/* In the order of their starts. */
static inline void assert_all_sent(struct burst *burst)
{
    for (size_t i = 0; i < burst->count; i++) {
        assert_ok(run_until(burst->engine, &burst->sends[i]));
        assert_int_equal(burst->sends[i].transferred, burst->sizes[i]);
        assert_int_equal(burst->order[i], i);
        assert_arrives(burst, i);
    }
}

static inline void assert_end_of_stream(struct burst *burst)
{
    char byte;
    size_t received = 1;
    assert_ok(sn_socket_receive(burst->pair.server, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal(received, 0);
}

/* These two for a callback. */
static inline void shut(struct burst *burst)
{
    assert_ok(sn_socket_shutdown(burst->pair.client, SN_SHUTDOWN_SEND));
}

static inline void close_client(struct burst *burst)
{
    sn_socket_close(burst->pair.client);
}

#endif
