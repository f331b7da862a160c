/*
 * Fibers that start, wait, are cancelled, closed and joined at random, from threads and fibers, on
 * several engines. What was started has ended in the end, once; nothing is lost, nobody hangs.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include "base/atomic.h"
#include "stress/stress.h"
#include "support/sockets.h"
#include "support/test.h"

#define ENGINES 2
#define SLOTS   32
#define THREADS 2

static struct {
    sn_engine *engines[ENGINES];
    uint64_t started, ended; /* atomic */
    uint64_t left;           /* atomic: how many are still to be started by threads */
    pthread_mutex_t lock;    /* held for a few instructions, never across a wait */
    sn_fiber *slots[SLOTS];  /* under the lock, owned: some of those that were started */
    sn_socket *sockets[SLOTS];
} scene = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct job {
    struct randomness random;
    unsigned depth;
};

static sn_error run_job(void *context);

/* What it replaces is given back. */
static void put_into_slot(uint32_t slot, sn_fiber *fiber)
{
    pthread_mutex_lock(&scene.lock);
    sn_fiber *before = scene.slots[slot];
    scene.slots[slot] = fiber;
    pthread_mutex_unlock(&scene.lock);
    sn_fiber_release(before);
}

static sn_fiber *fiber_in_slot(uint32_t slot)
{
    pthread_mutex_lock(&scene.lock);
    sn_fiber *fiber = sn_fiber_retain(scene.slots[slot]);
    pthread_mutex_unlock(&scene.lock);
    return fiber;
}

static sn_socket *swap_socket(uint32_t slot, sn_socket *socket)
{
    pthread_mutex_lock(&scene.lock);
    sn_socket *before = scene.sockets[slot];
    scene.sockets[slot] = socket;
    pthread_mutex_unlock(&scene.lock);
    return before;
}

static sn_fiber *start_job(struct randomness *random, unsigned depth)
{
    struct job *job = malloc(sizeof *job);
    CHECK(job != NULL);
    job->random =
        (struct randomness){random->state ^ ((uint64_t)random_below(random, 1u << 30) << 20)};
    job->depth = depth;
    sn_engine *engine = scene.engines[random_below(random, ENGINES)];
    const sn_fiber_options options = {.stack_size =
                                          random_once_in(random, 8) ? (size_t)1 << 17 : 0};
    sn_fiber *fiber;
    atomic_add_acq_rel(&scene.started, 1u);
    CHECK_OK(sn_fiber_start(engine, run_job, job, &options, &fiber));
    if (random_once_in(random, 3))
        put_into_slot(random_below(random, SLOTS), sn_fiber_retain(fiber));
    return fiber;
}

/* --- What a fiber does ------------------------------------------------------------------------ */

static sn_error answer(void *context)
{
    sn_socket *socket = context;
    char byte;
    size_t received = 1;
    sn_error error = SN_OK;
    while (!error && received > 0) {
        error = sn_socket_receive(socket, &byte, 1, SN_FLAG_NONE, &received);
        if (!error && received > 0)
            error = sn_socket_send(socket, &byte, 1, SN_FLAG_NONE, NULL);
    }
    sn_socket_release(socket);
    atomic_add_acq_rel(&scene.ended, 1u);
    return error;
}

static void exchange(struct randomness *random)
{
    sn_socket *pair[2];
    sn_fiber *fiber;
    char byte = 'x';
    size_t received;
    sn_error error = SN_OK;
    CHECK_OK(sn_socket_pair(SN_TYPE_STREAM, pair));
    atomic_add_acq_rel(&scene.started, 1u);
    CHECK_OK(sn_fiber_start(scene.engines[random_below(random, ENGINES)], answer, pair[1], NULL,
                            &fiber));
    for (uint32_t i = random_below(random, 8); i > 0 && !error; i--) {
        error = sn_socket_send(pair[0], &byte, 1, SN_FLAG_NONE, NULL);
        if (!error)
            error = sn_socket_receive(pair[0], &byte, 1, SN_FLAG_NONE, &received);
    }
    if (random_once_in(random, 4))
        sn_fiber_cancel(fiber);
    sn_socket_release(pair[0]);
    if (random_once_in(random, 2))
        (void)sn_fiber_join(fiber, SN_FOREVER, NULL); /* ends early where this one is cancelled */
    sn_fiber_release(fiber);
}

/* In a socket that anybody closes. */
static void receive_shared(struct randomness *random)
{
    sn_socket *pair[2];
    char byte;
    size_t received;
    CHECK_OK(sn_socket_pair(SN_TYPE_STREAM, pair));
    (void)!sn_socket_set_receive_timeout(pair[0], (int)random_below(random, 4) + 1);
    sn_socket_release(swap_socket(random_below(random, SLOTS), sn_socket_retain(pair[0])));
    (void)!sn_socket_receive(pair[0], &byte, 1, SN_FLAG_NONE, &received);
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
}

static void poll_a_while(void)
{
    sn_socket *pair[2];
    bool is_ready;
    CHECK_OK(sn_socket_pair(SN_TYPE_STREAM, pair));
    (void)!sn_socket_poll(pair[0], 1000, SN_SELECT_READ, &is_ready);
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
}

/* Its record is this stack's, so it has to be over before. */
static void wait_for_delay(struct randomness *random)
{
    sn_operation delay = {0};
    CHECK(sn_engine_delay_async(scene.engines[random_below(random, ENGINES)],
                                random_below(random, 3), &delay));
    if (random_once_in(random, 3))
        sn_operation_cancel(&delay);
    while (!sn_operation_is_completed(&delay)) {
        if (sn_operation_wait(&delay) && !sn_operation_is_completed(&delay)) {
            sn_operation_cancel(&delay); /* this fiber is cancelled: no wait of it waits */
            (void)sn_fiber_yield();
        }
    }
}

static void have_children(struct randomness *random, unsigned depth)
{
    sn_fiber *children[3];
    for (int i = 0; i < 3; i++)
        children[i] = start_job(random, depth - 1);
    sn_fiber_cancel(children[random_below(random, 3)]);
    for (int i = 0; i < 3; i++) {
        (void)sn_fiber_join(children[i], random_once_in(random, 2) ? SN_FOREVER : 1, NULL);
        sn_fiber_release(children[i]);
    }
}

static void disturb(struct randomness *random)
{
    if (random_once_in(random, 2)) {
        sn_fiber *fiber = fiber_in_slot(random_below(random, SLOTS));
        if (fiber != sn_fiber_current())
            sn_fiber_cancel(fiber);
        sn_fiber_release(fiber);
    } else {
        sn_socket *socket = swap_socket(random_below(random, SLOTS), NULL);
        sn_socket_close(socket);
        sn_socket_release(socket);
    }
}

static sn_error run_job(void *context)
{
    struct job *job = context;
    switch (random_below(&job->random, job->depth > 0 ? 8 : 7)) {
    case 0: (void)sn_fiber_sleep(random_below(&job->random, 3)); break;
    case 1:
        for (uint32_t i = random_below(&job->random, 20); i > 0; i--)
            (void)sn_fiber_yield();
        break;
    case 2: exchange(&job->random); break;
    case 3: receive_shared(&job->random); break;
    case 4: poll_a_while(); break;
    case 5: wait_for_delay(&job->random); break;
    case 6: disturb(&job->random); break;
    default: have_children(&job->random, job->depth); break;
    }
    free(job);
    atomic_add_acq_rel(&scene.ended, 1u);
    return SN_OK;
}

/* --- The threads ------------------------------------------------------------------------------ */

#define AT_ONCE 64

static bool take_one(void)
{
    uint64_t left = atomic_load_acquire(&scene.left);
    while (left > 0)
        if (atomic_replace_acq_rel(&scene.left, &left, left - 1))
            return true;
    return false;
}

static void *start_and_join(void *argument)
{
    struct randomness random = randomness_of((uint64_t)(uintptr_t)argument);
    sn_fiber *fibers[AT_ONCE];
    size_t count;
    do {
        for (count = 0; count < AT_ONCE && take_one(); count++)
            fibers[count] = start_job(&random, 2);
        for (size_t i = 0; i < count; i++) {
            if (random_once_in(&random, 4))
                disturb(&random);
            CHECK_OK(sn_fiber_join(fibers[i], SN_FOREVER, NULL));
            sn_fiber_release(fibers[i]);
        }
    } while (count > 0);
    return NULL;
}

TEST(what_was_started_has_ended)
{
    pthread_t threads[THREADS];
    stress_skip_without_engine();
    stress_begin("fibers");
    for (int i = 0; i < ENGINES; i++)
        scene.engines[i] = stress_engine(i + 1);
    atomic_store_release(&scene.left, stress_size(20000, 2000));
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(0, pthread_create(&threads[i], NULL, start_and_join, (void *)(i + 1)));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(0, pthread_join(threads[i], NULL));
    for (int i = 0; i < ENGINES; i++)
        assert_ok(sn_engine_destroy(scene.engines[i])); /* waits for those that nobody has joined */
    for (uint32_t i = 0; i < SLOTS; i++) {
        put_into_slot(i, NULL);
        sn_socket_release(swap_socket(i, NULL));
    }
    assert_int_equal(atomic_load_acquire(&scene.started), atomic_load_acquire(&scene.ended));
}

/* --- Switches under signals ------------------------------------------------------------------- */

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

static sn_error yield_often(void *context)
{
    volatile double sum = 1;
    for (uint64_t i = *(uint64_t *)context; i > 0; i--) {
        sum = sum * 1.5;
        (void)sn_fiber_yield();
        sum = sum / 1.5;
    }
    return sum == 1.0 ? SN_OK : SN_ERROR_FAULT;
}

TEST(a_million_switches_with_a_signal_each_millisecond)
{
    const struct itimerval each = {{0, 1000}, {0, 1000}}, none = {{0, 0}, {0, 0}};
    struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART}, before;
    sn_engine *engine;
    sn_fiber *fibers[2];
    uint64_t count = stress_size(500000, 100000);
    stress_skip_without_engine();
    engine = stress_engine(0);
    assert_int_equal(0, sigaction(SIGALRM, &action, &before));
    assert_int_equal(0, setitimer(ITIMER_REAL, &each, NULL));
    for (int i = 0; i < 2; i++)
        assert_ok(sn_fiber_start(engine, yield_often, &count, NULL, &fibers[i]));
    while (!sn_fiber_is_over(fibers[0]) || !sn_fiber_is_over(fibers[1]))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    assert_int_equal(0, setitimer(ITIMER_REAL, &none, NULL));
    assert_int_equal(0, sigaction(SIGALRM, &before, NULL));
    for (int i = 0; i < 2; i++) {
        sn_error result = SN_ERROR_FAULT;
        assert_ok(sn_fiber_join(fibers[i], 0, &result));
        assert_ok(result);
        sn_fiber_release(fibers[i]);
    }
    assert_true(signals > 0);
    assert_ok(sn_engine_destroy(engine));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_started_has_ended),
        cmocka_unit_test(a_million_switches_with_a_signal_each_millisecond),
    };
    return cmocka_run_group_tests_name("stress/fiber", tests, NULL, NULL);
}
