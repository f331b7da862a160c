/*
 * A storm: a few threads that do random things to the same sockets, asynchronously on an engine
 * with threads and on a driven one and in blocking calls. Meanwhile children are forked, which use
 * and close what they inherit; descriptors are replaced (disconnect for reuse, accept into another
 * socket, connect again after a failure); engines are destroyed while they are busy, by any thread;
 * a listener is stopped and started; and descriptors are short for a while.
 *
 * At the end of each round everything started has completed once, no child has failed or hung, no
 * descriptor and no memory is left, and a connection can be made and used.
 *
 * SENNIT_TEST_REPEAT says how many rounds, SENNIT_STRESS_SEED which ones.
 */
#include "stress/storm.h"

#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/atomic.h"
#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/run.h"

#define ROUNDS 20
/* So many of all threads, each round. */
#define STEPS (STRESS_IS_SANITIZED ? 600u : 3000u)

/* Kills a storm that stands still. */
#define SECONDS_EACH_ROUND 120

/* --- Engines ---------------------------------------------------------------------------------- */

static void *drive(void *engine)
{
    CHECK_OK(sn_engine_run(engine, 0, NULL));
    atomic_store_release(&storm.is_driven, 1u);
    while (atomic_load_acquire(&storm.is_driven))
        CHECK_OK(sn_engine_run(engine, 2, NULL));
    return NULL;
}

/* A driven engine's back-end is made by its first run. That comes before descriptors can be short:
 * who is short may wait for it. */
static void make_engine(int which)
{
    storm.engines[which] = stress_engine(which == ENGINE_DRIVEN ? 0 : 2);
    if (which != ENGINE_DRIVEN)
        return;
    CHECK(pthread_create(&storm.driver, NULL, drive, storm.engines[which]) == 0);
    while (!atomic_load_acquire(&storm.is_driven))
        sched_yield();
}

static void end_engine(int which)
{
    if (which == ENGINE_DRIVEN) {
        atomic_store_release(&storm.is_driven, 0u);
        CHECK(pthread_join(storm.driver, NULL) == 0);
    }
    CHECK_OK(sn_engine_destroy(storm.engines[which]));
    storm.engines[which] = NULL;
    atomic_add_relaxed(&storm_tally.engines, 1u);
}

void storm_replace_engine(struct storm_thread *thread)
{
    int which = (int)random_below(&thread->randomness, ENGINE_COUNT);
    if (pthread_mutex_trylock(&storm.limit_lock) != 0)
        return;
    pthread_rwlock_wrlock(&storm.engines_lock);
    end_engine(which);
    make_engine(which);
    pthread_rwlock_unlock(&storm.engines_lock);
    pthread_mutex_unlock(&storm.limit_lock);
}

/* --- A round ---------------------------------------------------------------------------------- */

static void *run(void *argument)
{
    struct storm_thread *thread = argument;
    while (atomic_add_relaxed(&storm.steps, 1u) < storm.steps_max)
        storm_step(thread);
    return NULL;
}

static void prepare(uint64_t round)
{
    static const pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    memset(&storm, 0, sizeof storm);
    for (int i = 0; i < SLOT_COUNT; i++)
        storm.slots[i].lock = mutex;
    storm.limit_lock = mutex;
    CHECK(pthread_rwlock_init(&storm.engines_lock, NULL) == 0);
    storm.steps_max = STEPS;
    storm.accepting = socket_listening(TCP_IPV4, 64);
    storm.address = local_endpoint(storm.accepting);
    storm.refusing = socket_refusing(TCP_IPV4);
    storm.refused = local_endpoint(storm.refusing);
    /* The port of a listener that is gone: it starts at the same one again and again. */
    sn_socket *other = socket_bound(TCP_IPV4);
    sn_endpoint free_address = local_endpoint(other);
    sn_socket_release(other);
    CHECK_OK(sn_tcp_listener_create(&free_address, &storm.listener));
    for (int i = 0; i < ENGINE_COUNT; i++)
        make_engine(i);
    for (uint64_t i = 0; i < STORM_THREADS; i++)
        storm.threads[i].randomness = randomness_of(1 + round * STORM_THREADS + i);
}

/* What comes at an accept that is being ended is put in a slot. */
static void end_round(struct randomness *randomness)
{
    bool are_engines_first = random_once_in(randomness, 2);
    for (int i = 0; are_engines_first && i < ENGINE_COUNT; i++)
        end_engine(i);
    sn_socket_close(storm.accepting);
    sn_tcp_listener_stop(storm.listener);
    storm_empty_slots();
    for (int i = 0; i < STORM_THREADS; i++)
        for (int k = 0; k < TASK_COUNT; k++) {
            struct task *task = &storm.threads[i].tasks[k];
            while (!task_is_over(task)) {
                sn_operation_cancel(&task->operation); /* its callback may start it again */
                sched_yield();
            }
        }
    storm_empty_slots();
    for (int i = 0; !are_engines_first && i < ENGINE_COUNT; i++)
        end_engine(i);
    sn_socket_release(storm.accepting);
    sn_socket_release(storm.refusing);
    sn_tcp_listener_release(storm.listener);
    CHECK(pthread_rwlock_destroy(&storm.engines_lock) == 0);
}

/* The default engine closes what has belonged to it, which may take it a few turns more. */
static void settle(size_t descriptors_before)
{
    for (int i = 0; i < 1000 && descriptors_count() > descriptors_before; i++) {
        sn_operation post = {0};
        sn_engine_post_async(NULL, &post);
        CHECK_OK(sn_operation_wait(&post));
    }
    if (descriptors_count() != descriptors_before)
        descriptors_print();
    assert_int_equal(descriptors_count(), descriptors_before);
}

static void assert_all_is_well(void)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_engine *engine = stress_engine(1);
    sn_operation receive = {0}, send = {0};
    char data[4] = "";
    CHECK_OK(sn_socket_set_engine(pair.client, engine));
    CHECK_OK(sn_socket_set_engine(pair.server, engine));
    sn_socket_receive_async(pair.server, data, 3, SN_FLAG_NONE, &receive);
    sn_socket_send_async(pair.client, "abc", 3, SN_FLAG_NONE, &send);
    assert_ok(sn_operation_wait(&send));
    assert_ok(sn_operation_wait(&receive));
    assert_string_equal(data, "abc");
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
}

static void play(uint64_t round)
{
    struct randomness randomness = randomness_of(1000000 + round);
    alarm(SECONDS_EACH_ROUND);
    prepare(round);
    for (int i = 0; i < STORM_THREADS; i++)
        CHECK(pthread_create(&storm.threads[i].id, NULL, run, &storm.threads[i]) == 0);
    for (int i = 0; i < STORM_THREADS; i++)
        CHECK(pthread_join(storm.threads[i].id, NULL) == 0);
    end_round(&randomness);
}

static void prepare_process(void)
{
    sn_socket *listener = socket_listening(TCP_IPV4, 1);
    bool is_ready;
    CHECK_OK(sn_socket_poll(listener, 1000, SN_SELECT_READ, &is_ready)); /* makes a wake event */
    sn_socket_release(listener);
    sn_operation first = {0};
    sn_engine_post_async(NULL, &first); /* makes the default engine */
    CHECK_OK(sn_operation_wait(&first));
}

/* See storm_child.c. */
static void tell_what_was_left_out(void)
{
    if (HAS_ADDRESS_SANITIZER)
        print_message("skipped: in %u children all that allocates: the address sanitizer's "
                      "allocator does not survive a fork while another thread is inside\n",
                      storm_tally.forks);
#ifdef __SANITIZE_THREAD__
    print_message("skipped: in %u children engines with threads: the thread sanitizer knows a "
                  "child's thread by its parent's number, and stops\n",
                  storm_tally.forks);
#endif
}

TEST(a_storm_leaves_nothing_behind)
{
    stress_skip_without_engine();
    prepare_process();
    size_t descriptors_before = descriptors_count();
    allocations_begin();
    for (int round = 0, rounds = repetitions(ROUNDS); round < rounds; round++) {
        play((uint64_t)round);
        settle(descriptors_before);
        assert_int_equal(allocations_outstanding(), 0);
        assert_all_is_well();
    }
    alarm(0);
    allocations_end();
    print_message("%u operations (%u failed), %u children, %u engines destroyed, %u descriptors "
                  "replaced, %u listeners stopped, %u times short of descriptors\n",
                  storm_tally.started, storm_tally.failed, storm_tally.forks, storm_tally.engines,
                  storm_tally.renewals, storm_tally.stops, storm_tally.shortages);
    tell_what_was_left_out();
    assert_int_equal(storm_tally.started, storm_tally.completed + storm_tally.failed);
}

const char *__tsan_default_options(void) __attribute__((visibility("default")));
const char *__tsan_default_options(void)
{
    /* Children make system calls, and engines that they drive. */
    return "die_after_fork=0:history_size=7";
}

#ifdef __SANITIZE_THREAD__
/* The sanitizer takes a connect for the making of the descriptor, and a send or receive beside it
 * for a race. That is what the storm is about, and the kernel's business alone; so the kernel is
 * asked past the sanitizer. (To suppress the report it would have to name the function, which it
 * cannot while descriptors are short.) */
int connect(int handle, const struct sockaddr *address, socklen_t size)
{
    return (int)syscall(SYS_connect, handle, address, size);
}
#endif

int main(void)
{
    stress_begin("storm_test");
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_storm_leaves_nothing_behind)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
