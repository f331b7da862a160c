/*
 * An operation is started in one thread, completes in another, and its program destroys the engine
 * at once: the thread that started it may still be in the start. It touches nothing of the engine
 * any more then.
 */
#include <pthread.h>
#include <sched.h>

#include "base/atomic.h"
#include "stress/stress.h"
#include "support/sockets.h"
#include "support/test.h"

static struct {
    uint32_t round; /* atomic: a new number starts the round; UINT32_MAX ends the thread */
    uint32_t ended; /* atomic: the last round that the starting thread has left */
    uint32_t done;  /* atomic: the last round whose operation has completed */
    bool is_post;
    sn_engine *engine;
    sn_socket *socket;
    char byte;
    sn_operation operation;
} scene;

static cpu_set_t processors; /* all that the program may use */

static void complete(sn_operation *operation)
{
    CHECK_OK(operation->error);
    atomic_store_release(&scene.done, atomic_load_acquire(&scene.round));
}

/* On one processor the thread that is woken runs before the one that has woken it goes on. */
static void pin(uint32_t round)
{
    cpu_set_t chosen = processors;
    for (size_t i = 0; i < CPU_SETSIZE && round / 4 % 2 && CPU_COUNT(&chosen) > 1; i++)
        CPU_CLR(i, &chosen);
    CHECK(sched_setaffinity(0, sizeof chosen, &chosen) == 0);
}

static uint32_t next_round(uint32_t round)
{
    uint32_t next;
    while ((next = atomic_load_acquire(&scene.round)) == round)
        sched_yield();
    return next;
}

static void *be_starter(void *argument)
{
    (void)argument;
    uint32_t round = 0;
    while ((round = next_round(round)) != UINT32_MAX) {
        pin(round);
        if (scene.is_post)
            sn_engine_post_async(scene.engine, &scene.operation);
        else
            sn_socket_receive_async(scene.socket, &scene.byte, 1, 0, &scene.operation);
        atomic_store_release(&scene.ended, round);
    }
    return NULL;
}

static void play_round(uint32_t round, struct socket_pair pair)
{
    int threads = (int)(round / 2 % 2);
    size_t sent;
    pin(round);
    scene.is_post = round % 2;
    scene.engine = stress_engine(threads);
    scene.socket = pair.client;
    scene.operation = (sn_operation){.completed = complete};
    assert_ok(sn_socket_set_engine(pair.client, scene.engine));
    assert_ok(sn_socket_send(pair.server, "x", 1, 0, &sent));
    /* The driver sleeps, or is on the way to its sleep, when the operation comes. */
    atomic_store_release(&scene.round, round);
    while (atomic_load_acquire(&scene.done) != round) {
        if (threads > 0)
            sched_yield();
        else
            assert_ok(sn_engine_run(scene.engine, 1000, NULL));
    }
    assert_ok(sn_engine_destroy(scene.engine));
    while (atomic_load_acquire(&scene.ended) != round)
        sched_yield();
}

TEST(an_engine_may_be_destroyed_as_soon_as_its_operation_has_completed)
{
    uint32_t rounds = (uint32_t)stress_size(4000, 1000);
    pthread_t starter;
    assert_int_equal(sched_getaffinity(0, sizeof processors, &processors), 0);
    assert_int_equal(pthread_create(&starter, NULL, be_starter, NULL), 0);
    for (uint32_t round = 1; round <= rounds; round++) {
        struct socket_pair pair = pair_connected(TCP_IPV4);
        play_round(round, pair);
        pair_release(&pair);
    }
    atomic_store_release(&scene.round, UINT32_MAX);
    assert_int_equal(pthread_join(starter, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_engine_may_be_destroyed_as_soon_as_its_operation_has_completed),
    };
    stress_begin("destroy_race_test");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
