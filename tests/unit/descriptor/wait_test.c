#include "unit/engine/engines.h"

#include <fcntl.h>
#include <poll.h>

#include "descriptor/wait.h"
#include "support/descriptors.h"
#include "support/threads.h"
#include "sys/sys.h"

static bool is_signalled(int32_t handle)
{
    struct pollfd poll_one = {.fd = handle, .events = POLLIN};
    return poll(&poll_one, 1, 0) == 1;
}

TEST(a_span_becomes_a_point_in_time_once)
{
    struct deadline none = {.timeout_ms = 0}, negative = {.timeout_ms = -1};
    struct deadline soon = {.timeout_ms = 5};
    assert_int_equal(deadline_at(&none), SYS_NEVER);
    assert_int_equal(deadline_at(&negative), SYS_NEVER);
    int64_t before = sys_now();
    int64_t at = deadline_at(&soon);
    assert_true(at >= before + 5000000);
    assert_int_equal(deadline_at(&soon), at);
}

TEST(a_wait_ends_when_the_descriptor_is_ready)
{
    struct bare bare;
    int16_t revents = 0;
    bare_open(&bare, SOCK_STREAM);
    assert_int_equal(descriptor_wait(&bare.descriptor, POLLOUT, SYS_NEVER, 0, &revents),
                     OUTCOME_READY);
    assert_int_equal(revents, POLLOUT);
    assert_int_equal(send(bare.peer, "x", 1, 0), 1);
    assert_int_equal(descriptor_wait(&bare.descriptor, POLLIN, SYS_NEVER, 0, NULL), OUTCOME_READY);
    bare_close(&bare);
}

TEST(a_wait_ends_at_its_deadline)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    assert_int_equal(descriptor_wait(&bare.descriptor, POLLIN, 0, 0, NULL), OUTCOME_TIMED_OUT);
    int64_t at = sys_now() + 2000000;
    assert_int_equal(descriptor_wait(&bare.descriptor, 0, at, 0, NULL), OUTCOME_TIMED_OUT);
    assert_true(sys_now() >= at);
    bare_close(&bare);
}

TEST(a_wait_for_several_handles_ends_with_the_first_of_them)
{
    struct bare bare, others[2];
    bare_open(&bare, SOCK_STREAM);
    for (int i = 0; i < 2; i++)
        bare_open(&others[i], SOCK_STREAM);
    struct sys_poll polls[3];
    for (int i = 0; i < 2; i++)
        polls[i + 1] = (struct sys_poll){.handle = others[i].descriptor.handle, .events = POLLIN};
    assert_int_equal(descriptor_wait_any(&bare.descriptor, polls, 3, 0, 0), OUTCOME_TIMED_OUT);
    assert_int_equal(send(others[1].peer, "x", 1, 0), 1);
    assert_int_equal(descriptor_wait_any(&bare.descriptor, polls, 3, SYS_NEVER, 0), OUTCOME_READY);
    assert_int_equal(polls[1].revents, 0);
    assert_int_equal(polls[2].revents, POLLIN);
    descriptor_cancel(&bare.descriptor);
    assert_int_equal(descriptor_wait_any(&bare.descriptor, polls, 3, SYS_NEVER, 0),
                     OUTCOME_CANCELED);
    for (int i = 0; i < 2; i++)
        bare_close(&others[i]);
    bare_close(&bare);
}

/* Between the begin of a call and its sleep a cancel may have come. */
TEST(who_was_cancelled_before_falls_not_asleep)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    uint32_t cancels = bare.descriptor.cancels;
    descriptor_cancel(&bare.descriptor);
    assert_int_equal(descriptor_wait(&bare.descriptor, POLLIN, SYS_NEVER, cancels, NULL),
                     OUTCOME_CANCELED);
    assert_false(is_signalled(thread_wake()));
    assert_int_equal(descriptor_wait(&bare.descriptor, POLLIN, 0, bare.descriptor.cancels, NULL),
                     OUTCOME_TIMED_OUT);
    bare_close(&bare);
}

TEST(who_comes_after_the_close_falls_not_asleep)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor));
    bare_begin_close(&bare);
    assert_int_equal(descriptor_wait(&bare.descriptor, POLLIN, SYS_NEVER, 0, NULL), OUTCOME_CLOSED);
    /* Not even what is ready counts then. */
    assert_int_equal(descriptor_wait(&bare.descriptor, POLLOUT, SYS_NEVER, 0, NULL),
                     OUTCOME_CLOSED);
    descriptor_unref(&bare.descriptor);
    bare_close(&bare);
}

/* --- Sleepers --------------------------------------------------------------------------------- */

struct sleeper {
    struct bare *bare;
    struct thread thread;
    int32_t reason;
    bool was_drained;
};

static sn_error sleep_in(void *context)
{
    struct sleeper *sleeper = context;
    if (!descriptor_ref(&sleeper->bare->descriptor))
        return SN_ERROR_OBJECT_DISPOSED;
    sleeper->reason = descriptor_wait(&sleeper->bare->descriptor, POLLIN, SYS_NEVER,
                                      sleeper->bare->descriptor.cancels, NULL);
    sleeper->was_drained = !is_signalled(thread_wake());
    descriptor_unref(&sleeper->bare->descriptor);
    return SN_OK;
}

static void wake_sleepers(void (*wake)(struct bare *), int32_t reason)
{
    struct bare bare;
    struct sleeper sleepers[3];
    bare_open(&bare, SOCK_STREAM);
    for (size_t i = 0; i < array_count(sleepers); i++) {
        sleepers[i] = (struct sleeper){.bare = &bare};
        thread_start_blocked(&sleepers[i].thread, sleep_in, &sleepers[i]);
    }
    wake(&bare);
    for (size_t i = 0; i < array_count(sleepers); i++) {
        assert_ok(thread_join(&sleepers[i].thread));
        assert_int_equal(sleepers[i].reason, reason);
        assert_true(sleepers[i].was_drained);
    }
    bare_close(&bare);
}

static void cancel(struct bare *bare)
{
    descriptor_cancel(&bare->descriptor);
    descriptor_cancel(&bare->descriptor); /* the first reason stands */
}

static void cancel_and_close(struct bare *bare)
{
    descriptor_cancel(&bare->descriptor);
    bare_begin_close(bare);
}

static void make_ready(struct bare *bare)
{
    assert_int_equal(send(bare->peer, "x", 1, 0), 1);
}

TEST(every_sleeper_is_told_why_it_is_woken)
{
    wake_sleepers(bare_begin_close, OUTCOME_CLOSED);
    wake_sleepers(cancel, OUTCOME_CANCELED);
    wake_sleepers(cancel_and_close, OUTCOME_CANCELED);
    wake_sleepers(make_ready, OUTCOME_READY);
}

static sn_error note_wake(void *context)
{
    *(int32_t *)context = thread_wake();
    bool is_right = thread_wake() == *(int32_t *)context && descriptor_is_open(thread_wake());
    return is_right ? SN_OK : SN_ERROR_FAULT;
}

struct closer {
    struct bare bare;
    struct thread thread;
};

static sn_error wait_closed(void *context)
{
    struct closer *closer = context;
    atomic_store(&closer->thread.is_in_call, true);
    descriptor_wait_closed(&closer->bare.descriptor);
    return SN_OK;
}

/* Its reason is the cancel, which came first. The close waited for ever, as if nobody had left. */
TEST(a_close_waits_for_the_last_sleeper_whatever_that_was_woken_for)
{
    struct closer closer;
    struct bare *bare = &closer.bare;
    int32_t native;
    bare_open(bare, SOCK_STREAM);
    sn_engine *engine = engine_with((sn_engine_options){.threads = 1});
    assert_true(descriptor_ref(&bare->descriptor));
    assert_non_null(descriptor_bind(&bare->descriptor, engine, &native));
    struct waiter waiter = {.wake_handle = thread_wake()};
    assert_int_equal(waiter_enlist(&bare->descriptor, &waiter, 0), 0);
    descriptor_cancel(&bare->descriptor);
    bare_begin_close(bare);
    thread_start(&closer.thread, wait_closed, &closer);
    assert_true(thread_wait_in_call(&closer.thread));
    assert_int_equal(waiter_delist(&bare->descriptor, &waiter), OUTCOME_CANCELED);
    assert_ok(thread_join(&closer.thread));
    descriptor_unref(&bare->descriptor);
    wait_for_count(&bare->closed, 1); /* by the worker, for whom nobody waits */
    bare_close(bare);
    destroy_engine(engine);
}

static void expect_order(const struct descriptor *descriptor, const struct waiter *waiters,
                         const char *order)
{
    const struct waiter *waiter = NULL;
    for (; *order; order++) {
        waiter = waiter_after(descriptor, waiter);
        assert_ptr_equal(waiter, &waiters[*order - '0']);
    }
    assert_null(waiter ? waiter_after(descriptor, waiter) : descriptor->waiters);
}

TEST(an_outcome_fits_a_byte)
{
    for (int32_t outcome = OUTCOME_TIMED_OUT; outcome >= OUTCOME_RECALLED; outcome--) {
        assert_int_not_equal(outcome_pack(outcome), 0);
        assert_int_equal(outcome_unpack(outcome_pack(outcome)), outcome);
    }
    assert_int_equal(outcome_pack(0), 0);
    assert_int_equal(outcome_unpack(0), 0);
}

/* Who has waited longest for the send lock gets it. */
TEST(sleepers_stay_in_the_order_in_which_they_came)
{
    static const struct {
        char who;
        const char *order;
    } steps[] = {
        {'0', "0"},   {'0', ""},   {'0', "0"},   {'1', "01"}, {'2', "012"}, {'1', "02"},
        {'1', "021"}, {'1', "02"}, {'1', "021"}, {'0', "21"}, {'2', "1"},   {'1', ""},
    };
    struct waiter waiters[3] = {{.wake_handle = thread_wake()},
                                {.wake_handle = thread_wake()},
                                {.wake_handle = thread_wake()}};
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    for (size_t i = 0; i < array_count(steps); i++) {
        struct waiter *waiter = &waiters[steps[i].who - '0'];
        if (waiter->next)
            assert_int_equal(waiter_delist(&bare.descriptor, waiter), 0);
        else
            assert_int_equal(waiter_enlist(&bare.descriptor, waiter, 0), 0);
        expect_order(&bare.descriptor, waiters, steps[i].order);
    }
    bare_begin_close(&bare);
    bare_close(&bare);
}

TEST(a_thread_has_one_wake_event_and_closes_it_when_it_ends)
{
    size_t before = descriptors_count();
    struct thread thread;
    int32_t handle = -1;
    thread_start(&thread, note_wake, &handle);
    assert_ok(thread_join(&thread));
    assert_true(handle >= 0);
    assert_int_equal(descriptors_count(), before);
}

int main(void)
{
    (void)thread_wake();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_becomes_a_point_in_time_once),
        cmocka_unit_test(a_wait_ends_when_the_descriptor_is_ready),
        cmocka_unit_test(a_wait_ends_at_its_deadline),
        cmocka_unit_test(a_wait_for_several_handles_ends_with_the_first_of_them),
        cmocka_unit_test(who_was_cancelled_before_falls_not_asleep),
        cmocka_unit_test(who_comes_after_the_close_falls_not_asleep),
        cmocka_unit_test(every_sleeper_is_told_why_it_is_woken),
        cmocka_unit_test(a_close_waits_for_the_last_sleeper_whatever_that_was_woken_for),
        cmocka_unit_test(an_outcome_fits_a_byte),
        cmocka_unit_test(sleepers_stay_in_the_order_in_which_they_came),
        cmocka_unit_test(a_thread_has_one_wake_event_and_closes_it_when_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
