/*
 * What is each fiber's own, what a fork inside one leaves, sockets of other workers, and mistakes.
 */
#include "conformance/fibers.h"
#include "conformance/forks.h"

#include <errno.h>
#include <setjmp.h>
#include <string.h>

#include "support/children.h"

/* --- What is a fiber's own -------------------------------------------------------------------- */

struct own {
    int number;
    sn_cancellation *cancellation;
    sn_error scope_error;
    sn_cancellation_scope scope; /* stays longer than the fiber */
};

static sn_error keep_own(void *context)
{
    struct own *own = context;
    for (int i = 0; i < 100; i++) {
        sn_socket *none;
        (void)!sn_socket_from_handle(own->number == 1 ? -1 : 1 << 29, true, &none);
        int native = sn_error_last_native();
        errno = own->number;
        (void)sn_fiber_yield();
        if (errno != own->number || sn_error_last_native() != native)
            return SN_ERROR_FAULT;
    }
    return SN_OK;
}

TEST(errno_and_the_last_native_error_are_a_fiber_s_own)
{
    sn_engine *engine = engine_with_threads(1);
    struct own owns[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    sn_fiber *fibers[3];
    for (int i = 0; i < 3; i++)
        fibers[i] = start(engine, keep_own, &owns[i]);
    for (int i = 0; i < 3; i++)
        assert_ok(finish(engine, fibers[i]));
    assert_ok(sn_engine_destroy(engine));
}

/* Leaves its scope open, which is left for it. */
static sn_error sleep_in_scope(void *context)
{
    struct own *own = context;
    sn_cancellation_scope *scope = &own->scope;
    own->scope_error = sn_cancellation_enter(own->cancellation, scope);
    sn_error error = sn_fiber_sleep(SN_FOREVER);
    if (own->number == 0)
        own->scope_error = sn_cancellation_leave(scope);
    own->number = error == SN_ERROR_TIMED_OUT ? 100 : own->number;
    return error;
}

TEST(scopes_are_a_fiber_s_own)
{
    sn_engine *engine = engine_with_threads(1);
    struct own owns[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
    sn_fiber *fibers[3];
    for (int i = 0; i < 3; i++) {
        assert_ok(sn_cancellation_create(&owns[i].cancellation));
        fibers[i] = start(engine, sleep_in_scope, &owns[i]);
    }
    for (int i = 0; i < 3; i++)
        wait_until_waiting(fibers[i]);
    sn_cancellation_cancel(owns[1].cancellation);
    assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, fibers[1]));
    assert_false(sn_fiber_is_over(fibers[0]));
    assert_false(sn_fiber_is_over(fibers[2]));
    assert_ok(sn_cancellation_cancel_after(owns[0].cancellation, 1));
    assert_error(SN_ERROR_TIMED_OUT, finish(engine, fibers[0]));
    sn_fiber_cancel(fibers[2]);
    assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, fibers[2]));
    for (int i = 0; i < 3; i++) {
        assert_ok(owns[i].scope_error);
        sn_cancellation_release(owns[i].cancellation);
    }
    assert_int_equal(100, owns[0].number);
    assert_ok(sn_engine_destroy(engine));
}

/* Out of several frames, each of which has waited. */
static __attribute__((noinline)) void jump_from(int depth, jmp_buf to, int value)
{
    volatile char room[256];
    room[0] = (char)depth;
    (void)sn_fiber_yield();
    if (depth > 0)
        jump_from(depth - 1, to, value);
    if (room[0] == 0)
        longjmp(to, value);
}

/* The C library's check that a jump goes upward on its stack (CMakeLists.txt asks for it) must not
 * take a fiber's stack for a wrong one. */
static sn_error jump(void *context)
{
    jmp_buf here;
    volatile int jumps = 0;
    (void)context;
    if (setjmp(here) < 3) {
        jumps++;
        jump_from(jumps, here, jumps);
    }
    return jumps == 3 ? SN_OK : SN_ERROR_FAULT;
}

TEST(a_body_may_jump_between_its_own_frames)
{
    sn_engine *engine = engine_with_threads(1);
    sn_fiber *fibers[2] = {start(engine, jump, NULL), start(engine, jump, NULL)};
    assert_ok(finish(engine, fibers[0]));
    assert_ok(finish(engine, fibers[1]));
    assert_ok(sn_engine_destroy(engine));
}

/* --- Its thread ------------------------------------------------------------------------------- */

struct driver {
    sn_engine *engine;
    sn_fiber *fiber;
    sn_error result;
    atomic_bool has_begun, may_end;
};

static sn_error sleep_for_ever(void *context)
{
    (void)context;
    return sn_fiber_sleep(SN_FOREVER);
}

static sn_error drive(void *context)
{
    struct driver *driver = context;
    sn_fiber_info info = {.state = SN_FIBER_STARTING};
    while (info.state != SN_FIBER_WAITING) {
        assert_ok(sn_engine_run(driver->engine, 0, NULL));
        assert_ok(sn_fiber_get_info(driver->fiber, &info));
    }
    atomic_store(&driver->has_begun, true);
    while (!atomic_load(&driver->may_end))
        give_way();
    return sn_engine_destroy(driver->engine);
}

TEST(an_engine_with_fibers_is_ended_by_the_thread_that_drives_it)
{
    struct driver driver = {.engine = engine_with_threads(0)};
    struct thread thread;
    driver.fiber = start(driver.engine, sleep_for_ever, NULL);
    thread_start(&thread, drive, &driver);
    while (!atomic_load(&driver.has_begun))
        give_way();
    assert_error(SN_ERROR_INVALID_OPERATION, sn_engine_destroy(driver.engine));
    assert_false(sn_fiber_is_over(driver.fiber));
    atomic_store(&driver.may_end, true);
    assert_ok(thread_join(&thread));
    assert_ok(sn_fiber_join(driver.fiber, 0, &driver.result));
    assert_error(SN_ERROR_OPERATION_ABORTED, driver.result);
    sn_fiber_release(driver.fiber);
}

/* --- Forks ------------------------------------------------------------------------------------ */

struct forker {
    struct socket_pair pair;
    sn_fiber *fiber, *other;
    int status;
};

static sn_error tell_nothing(void *context)
{
    (void)context;
    return sn_fiber_sleep(1) ? SN_ERROR_FAULT : SN_OK;
}

/* On the stack of the parent's fiber. */
static int be_child(void *context)
{
    struct forker *forker = context;
    char byte;
    size_t received;
    sn_fiber *fiber = NULL;
    sn_error result = SN_ERROR_FAULT;
    CHILD_EXPECT(sn_fiber_current() == NULL);
    CHILD_EXPECT(!sn_fiber_yield());
    CHILD_EXPECT(!sn_fiber_sleep(1));
    CHILD_EXPECT(!sn_socket_set_receive_timeout(forker->pair.server, 1));
    CHILD_EXPECT(sn_socket_receive(forker->pair.server, &byte, 1, SN_FLAG_NONE, &received) ==
                 SN_ERROR_TIMED_OUT);
    CHILD_EXPECT(sn_fiber_join(forker->other, SN_FOREVER, NULL) == SN_ERROR_INVALID_OPERATION);
    sn_fiber_cancel(forker->other); /* the parent's: nothing happens */
    CHILD_EXPECT(!sn_cancellation_check());
    CHILD_EXPECT(!sn_fiber_start(NULL, tell_nothing, NULL, NULL, &fiber));
    CHILD_EXPECT(!sn_fiber_join(fiber, SN_FOREVER, &result));
    CHILD_EXPECT(!result);
    sn_fiber_release(fiber);
    return 0;
}

static sn_error fork_inside(void *context)
{
    struct forker *forker = context;
    forker->status = child_run(be_child, forker);
    return sn_fiber_sleep(1);
}

TEST(a_fork_inside_a_fiber_leaves_the_child_a_thread)
{
    for (int threads = 0; threads < 2; threads++) {
        sn_engine *engine = engine_with_threads(threads), *other = engine_with_threads(1);
        struct forker forker = {.pair = pair_plain(TCP_IPV4), .status = -1};
        forker.other = start(other, sleep_long, NULL);
        wait_until_waiting(forker.other);
        assert_ok(finish(engine, start(engine, fork_inside, &forker)));
        assert_int_equal(0, forker.status);
        assert_false(sn_fiber_is_over(forker.other));
        sn_fiber_cancel(forker.other);
        assert_error(SN_ERROR_OPERATION_CANCELED, finish(other, forker.other));
        pair_release(&forker.pair);
        assert_ok(sn_engine_destroy(engine));
        assert_ok(sn_engine_destroy(other));
    }
}

/* --- Others ----------------------------------------------------------------------------------- */

struct exchange {
    sn_socket *from, *to;
    int rounds;
};

static sn_error play(void *context)
{
    struct exchange *exchange = context;
    char byte = 'x';
    size_t moved;
    sn_error error = SN_OK;
    for (int i = 0; i < exchange->rounds && !error; i++) {
        error = sn_socket_send(exchange->to, &byte, 1, SN_FLAG_NONE, NULL);
        if (!error)
            error = sn_socket_receive(exchange->from, &byte, 1, SN_FLAG_NONE, &moved);
    }
    return error;
}

/* The sockets belong to the worker of the fiber that used them first. */
TEST(a_socket_of_another_worker_works)
{
    sn_engine *engine = engine_with_threads(2), *other = engine_with_threads(1);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    assert_ok(sn_socket_set_engine(pair.client, other));
    assert_ok(sn_socket_set_engine(pair.server, engine));
    struct exchange there = {pair.client, pair.client, 200}, here = {pair.server, pair.server, 200};
    sn_fiber *fibers[2] = {start(engine, play, &there), start(other, play, &here)};
    assert_ok(finish(engine, fibers[0]));
    assert_ok(finish(other, fibers[1]));
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
    assert_ok(sn_engine_destroy(other));
}

/* --- Whose a socket becomes ------------------------------------------------------------------- */

enum { MUCH = 8 << 20 }; /* more than a connection keeps on its way */

static sn_error send_much(void *context)
{
    static char data[MUCH];
    return sn_socket_send(context, data, sizeof data, SN_FLAG_NONE, NULL);
}

static sn_error receive_much(void *context)
{
    static char data[1 << 16];
    sn_error error = SN_OK;
    for (size_t got = 0, size = 1; got < MUCH && size > 0 && !error; got += size)
        error = sn_socket_receive(context, data, sizeof data, SN_FLAG_NONE, &size);
    return error;
}

static void note_thread(sn_operation *operation)
{
    *(pthread_t *)operation->context = pthread_self();
}

/* Also where its first use there is a send that cannot go at once. */
TEST(a_socket_that_was_nobody_s_is_the_fiber_s_worker_s)
{
    sn_engine *engine = engine_with_threads(0);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_fiber *fibers[] = {start(engine, send_much, pair.client),
                          start(engine, receive_much, pair.server)};
    assert_ok(finish(engine, fibers[0]));
    assert_ok(finish(engine, fibers[1]));
    sn_socket *both[] = {pair.client, pair.server};
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        char byte;
        pthread_t thread = {0};
        sn_operation receive = {.completed = note_thread, .context = &thread};
        send_plain(both[1 - i], "x", 1);
        assert_true(sn_socket_receive_async(both[i], &byte, 1, SN_FLAG_NONE, &receive));
        while (!sn_operation_is_completed(&receive))
            assert_ok(sn_engine_run(engine, 1, NULL));
        assert_true(pthread_equal(thread, pthread_self()));
    }
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
}

static void callback_waits(sn_operation *operation)
{
    sn_fiber *fiber = operation->context;
    operation->context = (void *)(intptr_t)sn_fiber_join(fiber, SN_FOREVER, NULL);
}

static sn_error wait_for_oneself(void *context)
{
    (void)context;
    return sn_fiber_join(sn_fiber_current(), SN_FOREVER, NULL);
}

TEST(who_would_wait_for_itself_is_told_so)
{
    sn_engine *engine = engine_with_threads(1), *driven = engine_with_threads(0);
    assert_error(SN_ERROR_INVALID_OPERATION, finish(engine, start(engine, wait_for_oneself, NULL)));
    sn_fiber *fiber = start(engine, sleep_long, NULL);
    sn_operation post = {.completed = callback_waits, .context = fiber};
    assert_true(sn_engine_post_async(driven, &post));
    assert_ok(sn_engine_run(driven, SN_FOREVER, NULL));
    assert_error(SN_ERROR_INVALID_OPERATION, (sn_error)(intptr_t)post.context);
    sn_fiber *mine = start(driven, sleep_long, NULL);
    assert_error(SN_ERROR_INVALID_OPERATION, sn_fiber_join(mine, SN_FOREVER, NULL));
    sn_fiber_cancel(mine);
    assert_error(SN_ERROR_OPERATION_CANCELED, finish(driven, mine));
    sn_fiber_cancel(fiber);
    assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, fiber));
    assert_ok(sn_engine_destroy(engine));
    assert_ok(sn_engine_destroy(driven));
}

static void callback_sleeps(sn_operation *operation)
{
    operation->context = (void *)(intptr_t)sn_fiber_sleep(1);
}

TEST(bad_input_is_an_error_and_changes_nothing)
{
    sn_engine *engine = engine_with_threads(1);
    sn_fiber *fiber = NULL;
    char name[65] = {0};
    memset(name, 'x', 64);
    struct {
        sn_fiber_options known;
        char more[8];
    } later = {{.size = sizeof later}, "\1"};
    static const sn_fiber_options bad[] = {
        {.stack_size = 1}, {.stack_size = 16383}, {.stack_size = (size_t)1 << 31}, {.size = 4}};
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_fiber_start(engine, NULL, NULL, NULL, &fiber));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                     sn_fiber_start(engine, jump, NULL, &bad[i], &fiber));
    assert_error(SN_ERROR_ARGUMENT,
                 sn_fiber_start(engine, jump, NULL, &(sn_fiber_options){.name = name}, &fiber));
    assert_error(SN_ERROR_NOT_SUPPORTED, sn_fiber_start(engine, jump, NULL, &later.known, &fiber));
    assert_null(fiber);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_fiber_join(NULL, 0, NULL));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_fiber_sleep(-2));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_fiber_get_info(NULL, &(sn_fiber_info){0}));
    sn_fiber_cancel(NULL);
    sn_fiber_release(NULL);
    assert_null(sn_fiber_retain(NULL));
    assert_true(sn_fiber_is_over(NULL));
    assert_ok(sn_fiber_yield()); /* no fiber: nothing */
    sn_operation post = {.completed = callback_sleeps};
    assert_true(sn_engine_post_async(engine, &post));
    fiber = start(engine, jump, NULL);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_fiber_join(fiber, -2, NULL));
    assert_ok(finish(engine, fiber));
    assert_ok(sn_engine_destroy(engine));
    assert_error(SN_ERROR_INVALID_OPERATION, (sn_error)(intptr_t)post.context);
}

TEST(a_thread_sleeps_too_and_a_scope_ends_it)
{
    sn_cancellation *cancellation;
    sn_cancellation_scope scope;
    assert_ok(sn_fiber_sleep(0));
    assert_ok(sn_fiber_sleep(1));
    assert_ok(sn_cancellation_create(&cancellation));
    assert_ok(sn_cancellation_enter(cancellation, &scope));
    assert_ok(sn_cancellation_cancel_after(cancellation, 1));
    assert_error(SN_ERROR_TIMED_OUT, sn_fiber_sleep(SN_FOREVER));
    assert_ok(sn_cancellation_leave(&scope));
    sn_cancellation_release(cancellation);
}

TEST(a_fiber_can_be_looked_at)
{
    sn_engine *engine = engine_with_threads(0);
    struct wait_scene scene;
    wait_scene_open(&scene, &wait_kinds[0]);
    sn_fiber *fiber = start(engine, wait_scene_run, &scene);
    sn_fiber_info info = {.size = sizeof info};
    assert_ok(sn_fiber_get_info(fiber, &info));
    assert_int_equal(SN_FIBER_STARTING, info.state);
    assert_int_equal(0, info.switches);
    drive_until_waiting(engine, fiber);
    assert_ok(sn_fiber_get_info(fiber, &info));
    assert_int_equal(SN_FIBER_WAITING, info.state);
    assert_string_equal("Receive", info.waits_for);
    assert_int_equal(sn_socket_get_handle(scene.pair.client), info.handle);
    assert_true(info.switches >= 1);
    info.size = 4;
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_fiber_get_info(fiber, &info));
    sn_fiber_cancel(fiber);
    sn_fiber *held = sn_fiber_retain(fiber);
    assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, fiber));
    info.size = sizeof info;
    assert_ok(sn_fiber_get_info(held, &info));
    assert_int_equal(SN_FIBER_OVER, info.state);
    assert_string_equal("", info.waits_for);
    sn_fiber_release(held);
    wait_scene_close(&scene);
    assert_ok(sn_engine_destroy(engine));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(errno_and_the_last_native_error_are_a_fiber_s_own),
        CASE(scopes_are_a_fiber_s_own),
        CASE(a_body_may_jump_between_its_own_frames),
        CASE(an_engine_with_fibers_is_ended_by_the_thread_that_drives_it),
        CASE(a_fork_inside_a_fiber_leaves_the_child_a_thread),
        CASE(a_socket_of_another_worker_works),
        CASE(a_socket_that_was_nobody_s_is_the_fiber_s_worker_s),
        CASE(who_would_wait_for_itself_is_told_so),
        CASE(bad_input_is_an_error_and_changes_nothing),
        CASE(a_thread_sleeps_too_and_a_scope_ends_it),
        CASE(a_fiber_can_be_looked_at),
    };
    return RUN(cases);
}
