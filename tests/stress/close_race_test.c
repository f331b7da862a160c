/*
 * Calls that block in one thread while another closes or cancels the socket, at any moment: before
 * the call, during its first attempt, as it falls asleep, in its sleep. Each call returns, with an
 * error that says what happened. Half of the sockets have an asynchronous operation pending, so
 * that the call queues behind it.
 *
 * (tests/conformance/close_race_test.c ends calls that are surely asleep, for every kind of
 * socket.)
 */
#include <pthread.h>
#include <sched.h>

#include "base/atomic.h"
#include "stress/stress.h"
#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/sockets.h"
#include "support/test.h"

/* What the call gets when the socket is closed (contract A.10). */
#define CALL_TABLE(X)                                                                              \
    X(ACCEPT, INTERRUPTED)                                                                         \
    X(CONNECT, NOT_SOCKET)                                                                         \
    X(RECEIVE, CONNECTION_ABORTED)                                                                 \
    X(RECEIVE_FROM, INTERRUPTED)                                                                   \
    X(SEND, CONNECTION_ABORTED)                                                                    \
    X(POLL, INTERRUPTED)

enum call {
#define X(id, at_close) CALL_##id,
    CALL_TABLE(X)
#undef X
        CALL_COUNT
};

static const sn_error errors_at_close[] = {
#define X(id, at_close) SN_ERROR_##at_close,
    CALL_TABLE(X)
#undef X
};

enum { VICTIM_COUNT = 2 };

static sn_engine *engine;
static struct full_listener full;
static char large[1 << 20];

/* One socket, the threads that are blocked in it, and the one that ends them. */
static struct {
    enum call call;
    bool is_close;
    sn_socket *socket, *peer;
    uint32_t delay;
    uint32_t round;                 /* atomic: a new number starts the round; 0 ends the threads */
    uint32_t done;                  /* atomic: how many calls have returned */
    sn_error results[VICTIM_COUNT]; /* valid when done */
    sn_operation pending;
    char pending_data[16];
} scene;

/* --- The calls -------------------------------------------------------------------------------- */

static sn_error make_call(void)
{
    char data[16];
    size_t moved;
    sn_endpoint from;
    sn_socket *accepted = NULL;
    bool is_ready;
    sn_error error = SN_OK;
    switch (scene.call) {
    case CALL_ACCEPT: error = sn_socket_accept(scene.socket, &accepted); break;
    case CALL_CONNECT: error = sn_socket_connect(scene.socket, &full.address); break;
    case CALL_RECEIVE: return sn_socket_receive(scene.socket, data, sizeof data, 0, &moved);
    case CALL_RECEIVE_FROM:
        return sn_socket_receive_from(scene.socket, data, sizeof data, 0, &from, &moved);
    case CALL_SEND: return sn_socket_send(scene.socket, large, sizeof large, 0, &moved);
    case CALL_POLL: return sn_socket_poll(scene.socket, -1, SN_SELECT_READ, &is_ready);
    case CALL_COUNT: break;
    }
    sn_socket_release(accepted);
    return error;
}

static uint32_t next_round(uint32_t round)
{
    uint32_t next;
    while ((next = atomic_load_acquire(&scene.round)) == round)
        sched_yield();
    return next;
}

static void *be_victim(void *argument)
{
    size_t number = (size_t)(uintptr_t)argument;
    uint32_t round = 0;
    while ((round = next_round(round)) != UINT32_MAX) {
        scene.results[number] = make_call();
        atomic_add_acq_rel(&scene.done, 1u);
    }
    return NULL;
}

static bool are_done(void)
{
    return atomic_load_acquire(&scene.done) == VICTIM_COUNT;
}

/* A cancel ends what is going on, and what begins after it goes on: so it is made again. */
static void *be_killer(void *argument)
{
    (void)argument;
    uint32_t round = 0;
    while ((round = next_round(round)) != UINT32_MAX) {
        for (uint32_t i = 0; i < scene.delay; i++)
            sched_yield();
        if (scene.is_close)
            sn_socket_close(scene.socket);
        while (!scene.is_close && !are_done()) {
            sn_socket_cancel(scene.socket);
            sched_yield();
        }
        atomic_add_acq_rel(&scene.done, 1u << 16);
    }
    return NULL;
}

/* --- The scenes ------------------------------------------------------------------------------- */

static sn_socket *connected_pair(sn_socket **out_peer, struct randomness *randomness)
{
    sn_socket *ends[2] = {NULL, NULL};
    if (random_once_in(randomness, 2)) {
        CHECK_OK(sn_socket_pair(SN_TYPE_STREAM, ends));
    } else {
        struct socket_pair pair = pair_connected(TCP_IPV4);
        ends[0] = pair.client;
        ends[1] = pair.server;
        sn_socket_release(pair.listener);
    }
    *out_peer = ends[1];
    return ends[0];
}

static void set_scene(enum call call, struct randomness *randomness)
{
    scene.call = call;
    scene.is_close = random_once_in(randomness, 2);
    scene.delay =
        random_once_in(randomness, 4) ? random_below(randomness, 40) : random_below(randomness, 4);
    scene.peer = NULL;
    switch (call) {
    case CALL_ACCEPT: scene.socket = socket_listening(TCP_IPV4, 4); return;
    case CALL_CONNECT: scene.socket = socket_make(UNIX_STREAM); return;
    case CALL_RECEIVE:
    case CALL_POLL: scene.socket = connected_pair(&scene.peer, randomness); return;
    case CALL_SEND:
        scene.socket = connected_pair(&scene.peer, randomness);
        (void)fill_until_full(scene.socket);
        return;
    case CALL_RECEIVE_FROM: scene.socket = socket_bound(UDP_IPV4); return;
    case CALL_COUNT: break;
    }
}

/* Something for the call to queue behind. */
static void start_pending(void)
{
    scene.pending = (sn_operation){0};
    CHECK_OK(sn_socket_set_engine(scene.socket, engine));
    switch (scene.call) {
    case CALL_ACCEPT: sn_socket_accept_async(scene.socket, NULL, &scene.pending); break;
    case CALL_SEND:
        sn_socket_send_async(scene.socket, large, sizeof large, SN_FLAG_NONE, &scene.pending);
        break;
    case CALL_CONNECT: sn_socket_connect_async(scene.socket, &full.address, &scene.pending); break;
    case CALL_RECEIVE:
    case CALL_RECEIVE_FROM:
    case CALL_POLL:
        sn_socket_receive_async(scene.socket, scene.pending_data, sizeof scene.pending_data,
                                SN_FLAG_NONE, &scene.pending);
        break;
    case CALL_COUNT: break;
    }
}

static void check_pending(void)
{
    sn_error error = sn_operation_wait(&scene.pending);
    if (scene.is_close)
        CHECK(error == SN_ERROR_OPERATION_ABORTED);
    else
        CHECK(error == SN_ERROR_OPERATION_CANCELED || error == SN_OK);
    CHECK(scene.pending.socket == NULL);
}

/* A send that was cancelled has succeeded if a part had gone out; and two connects on one socket
 * stand in each other's way. */
static void check_result(sn_error error)
{
    bool is_connect = scene.call == CALL_CONNECT;
    bool is_right = scene.is_close
                        ? error == errors_at_close[scene.call] || error == SN_ERROR_OBJECT_DISPOSED
                        : error == SN_ERROR_OPERATION_CANCELED;
    if (scene.call == CALL_SEND && !scene.is_close)
        is_right |= error == SN_OK;
    if (is_connect)
        is_right |= error == SN_ERROR_ALREADY_IN_PROGRESS || error == SN_ERROR_IS_CONNECTED;
    if (is_right)
        return;
    fprintf(stderr, "call %d, %s: %s\n", (int)scene.call, scene.is_close ? "close" : "cancel",
            sn_error_name(error));
    CHECK(is_right);
}

static void play(uint32_t round, struct randomness *randomness)
{
    set_scene((enum call)(round % CALL_COUNT), randomness);
    bool has_pending = random_once_in(randomness, 2);
    if (has_pending)
        start_pending();
    atomic_store_relaxed(&scene.done, 0u);
    atomic_store_release(&scene.round, round + 1);
    while (atomic_load_acquire(&scene.done) != VICTIM_COUNT + (1u << 16))
        sched_yield();
    if (has_pending && !scene.is_close)
        sn_operation_cancel(&scene.pending);
    if (has_pending)
        check_pending();
    for (int i = 0; i < VICTIM_COUNT; i++)
        check_result(scene.results[i]);
    sn_socket_release(scene.socket);
    sn_socket_release(scene.peer);
}

static void make_own_wake_event(void)
{
    sn_socket *listener = socket_listening(TCP_IPV4, 1);
    bool is_ready;
    CHECK_OK(sn_socket_poll(listener, 1000, SN_SELECT_READ, &is_ready));
    sn_socket_release(listener);
}

TEST(a_blocked_call_always_returns_when_another_thread_ends_it)
{
    stress_skip_without_engine();
    make_own_wake_event();
    size_t descriptors_before = descriptors_count();
    allocations_begin();
    uint32_t rounds = (uint32_t)stress_size(20000, 20000);
    struct randomness randomness = randomness_of(1);
    pthread_t victims[VICTIM_COUNT], killer;
    full = full_listener_make(UNIX_STREAM);
    engine = stress_engine(2);
    for (uintptr_t i = 0; i < VICTIM_COUNT; i++)
        CHECK(pthread_create(&victims[i], NULL, be_victim, (void *)i) == 0);
    CHECK(pthread_create(&killer, NULL, be_killer, NULL) == 0);
    for (uint32_t i = 0; i < rounds; i++)
        play(i, &randomness);
    atomic_store_release(&scene.round, UINT32_MAX);
    for (int i = 0; i < VICTIM_COUNT; i++)
        CHECK(pthread_join(victims[i], NULL) == 0);
    CHECK(pthread_join(killer, NULL) == 0);
    full_listener_release(&full);
    CHECK_OK(sn_engine_destroy(engine));
    print_message("%u calls, each in %d threads\n", rounds, VICTIM_COUNT);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
    assert_int_equal(descriptors_count(), descriptors_before);
}

int main(void)
{
    stress_begin("close_race_test");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_call_always_returns_when_another_thread_ends_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
