#include "unit/engine/engines.h"

#include "descriptor/lane.h"
#include "support/threads.h"

static struct deadline soon(void)
{
    return (struct deadline){.timeout_ms = 1};
}

static int32_t take(struct bare *bare)
{
    struct deadline deadline = soon();
    return send_lock_acquire(&bare->descriptor, &deadline, bare->descriptor.cancels);
}

TEST(the_turn_is_one_threads_at_a_time)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    assert_true(send_lock_try(&bare.descriptor));
    assert_false(send_lock_try(&bare.descriptor));
    assert_int_equal(take(&bare), OUTCOME_TIMED_OUT);
    send_lock_release(&bare.descriptor);
    assert_int_equal(bare.descriptor.lanes[DIRECTION_OUT], 0);
    assert_int_equal(take(&bare), OUTCOME_SEND_LOCK);
    send_lock_release(&bare.descriptor);
    bare_close(&bare);
}

TEST(who_finds_operations_pending_queues_behind_them)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    lane_add(&bare.descriptor, DIRECTION_OUT);
    assert_true(lane_has_operations(&bare.descriptor, DIRECTION_OUT));
    assert_false(lane_has_operations(&bare.descriptor, DIRECTION_IN));
    assert_false(send_lock_try(&bare.descriptor));
    assert_int_equal(take(&bare), OUTCOME_READY);
    lane_subtract(&bare.descriptor, DIRECTION_OUT);
    assert_int_equal(take(&bare), OUTCOME_SEND_LOCK);
    send_lock_release(&bare.descriptor);
    bare_close(&bare);
}

TEST(nobody_waits_for_the_turn_of_a_descriptor_that_is_closed_or_was_cancelled)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor));
    assert_true(send_lock_try(&bare.descriptor));
    struct deadline deadline = soon();
    uint32_t cancels = bare.descriptor.cancels;
    descriptor_cancel(&bare.descriptor);
    assert_int_equal(send_lock_acquire(&bare.descriptor, &deadline, cancels), OUTCOME_CANCELED);
    bare_begin_close(&bare);
    assert_int_equal(take(&bare), OUTCOME_CLOSED);
    send_lock_release(&bare.descriptor);
    descriptor_unref(&bare.descriptor);
    bare_close(&bare);
}

/* The worker's question marks the lane, so that releasing the lock asks it to go on. */
TEST(the_worker_is_asked_to_go_on_when_the_turn_is_given_back)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    assert_true(lane_is_free_or_wanted(&bare.descriptor, DIRECTION_OUT));
    assert_true(send_lock_try(&bare.descriptor));
    lane_add(&bare.descriptor, DIRECTION_OUT);
    assert_false(lane_is_free_or_wanted(&bare.descriptor, DIRECTION_OUT));
    assert_true(bare.descriptor.lanes[DIRECTION_OUT] & LANE_WANTED);
    send_lock_release(&bare.descriptor);
    assert_true(lane_is_free_or_wanted(&bare.descriptor, DIRECTION_OUT));
    assert_int_equal(bare.descriptor.lanes[DIRECTION_OUT], LANE_ONE);
    lane_subtract(&bare.descriptor, DIRECTION_OUT);
    bare_close(&bare);
}

/* --- Threads in turn -------------------------------------------------------------------------- */

struct taker {
    struct bare *bare;
    struct thread thread;
    uint32_t *turns; /* atomic: how many have had theirs */
    uint32_t place;
    int32_t outcome;
};

static sn_error acquire_send_lock(void *context)
{
    struct taker *taker = context;
    struct deadline none = {.timeout_ms = 0};
    taker->outcome =
        send_lock_acquire(&taker->bare->descriptor, &none, taker->bare->descriptor.cancels);
    if (taker->outcome != OUTCOME_SEND_LOCK)
        return SN_OK;
    taker->place = atomic_add_acq_rel(taker->turns, 1u);
    send_lock_release(&taker->bare->descriptor);
    return SN_OK;
}

enum { TAKERS = 4 };

static void start_takers(struct bare *bare, struct taker *takers, uint32_t *turns)
{
    for (int i = 0; i < TAKERS; i++) {
        takers[i] = (struct taker){.bare = bare, .turns = turns};
        thread_start_blocked(&takers[i].thread, acquire_send_lock, &takers[i]);
    }
}

TEST(the_turn_is_handed_over_in_the_order_of_coming)
{
    struct bare bare;
    struct taker takers[TAKERS];
    uint32_t turns = 0;
    bare_open(&bare, SOCK_STREAM);
    assert_true(send_lock_try(&bare.descriptor));
    start_takers(&bare, takers, &turns);
    send_lock_release(&bare.descriptor);
    for (uint32_t i = 0; i < TAKERS; i++) {
        assert_ok(thread_join(&takers[i].thread));
        assert_int_equal(takers[i].outcome, OUTCOME_SEND_LOCK);
        assert_int_equal(takers[i].place, i);
    }
    assert_int_equal(bare.descriptor.lanes[DIRECTION_OUT], 0);
    bare_close(&bare);
}

TEST(a_cancel_ends_the_wait_for_the_turn_and_the_turn_is_not_lost)
{
    struct bare bare;
    struct taker takers[TAKERS];
    uint32_t turns = 0;
    bare_open(&bare, SOCK_STREAM);
    assert_true(send_lock_try(&bare.descriptor));
    start_takers(&bare, takers, &turns);
    descriptor_cancel(&bare.descriptor);
    send_lock_release(&bare.descriptor);
    for (int i = 0; i < TAKERS; i++) {
        assert_ok(thread_join(&takers[i].thread));
        assert_int_equal(takers[i].outcome, OUTCOME_CANCELED);
    }
    assert_int_equal(take(&bare), OUTCOME_SEND_LOCK);
    send_lock_release(&bare.descriptor);
    bare_close(&bare);
}

TEST(who_waits_for_the_turn_queues_behind_an_operation_that_it_is_left_to)
{
    struct bare bare;
    struct taker takers[TAKERS];
    uint32_t turns = 0;
    bare_open(&bare, SOCK_STREAM);
    assert_true(send_lock_try(&bare.descriptor));
    start_takers(&bare, takers, &turns);
    lane_add(&bare.descriptor, DIRECTION_OUT);
    send_lock_hand_over(&bare.descriptor);
    for (int i = 0; i < TAKERS; i++) {
        assert_ok(thread_join(&takers[i].thread));
        assert_int_equal(takers[i].outcome, OUTCOME_READY);
    }
    assert_false(lane_is_free_or_wanted(&bare.descriptor,
                                        DIRECTION_OUT)); /* nor does its worker send anything */
    lane_taken_over(&bare.descriptor, DIRECTION_OUT);
    assert_int_equal(bare.descriptor.lanes[DIRECTION_OUT], LANE_ONE);
    lane_subtract(&bare.descriptor, DIRECTION_OUT);
    bare_close(&bare);
}

/* Nothing inward is submitted meanwhile, and who waited for that is asked to go on. */
TEST(a_kept_operation_has_its_lane_until_it_leaves)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    assert_true(lane_keep(&bare.descriptor, DIRECTION_IN));
    assert_true(lane_has_operations(&bare.descriptor, DIRECTION_IN));
    assert_true(lane_is_taken(&bare.descriptor, DIRECTION_IN));
    assert_false(lane_is_taken(&bare.descriptor, DIRECTION_OUT));
    assert_false(lane_keep(&bare.descriptor, DIRECTION_IN));
    assert_false(lane_is_wanted(&bare.descriptor, DIRECTION_IN));
    assert_false(lane_is_free_or_wanted(&bare.descriptor, DIRECTION_IN));
    assert_true(lane_is_wanted(&bare.descriptor, DIRECTION_IN));
    lane_add(&bare.descriptor, DIRECTION_IN); /* behind it */
    lane_leave_kept(&bare.descriptor, DIRECTION_IN);
    assert_true(lane_is_free_or_wanted(&bare.descriptor, DIRECTION_IN));
    assert_true(lane_has_operations(&bare.descriptor, DIRECTION_IN));
    lane_subtract(&bare.descriptor, DIRECTION_IN);
    assert_false(lane_has_operations(&bare.descriptor, DIRECTION_IN));
    bare_close(&bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_turn_is_one_threads_at_a_time),
        cmocka_unit_test(who_finds_operations_pending_queues_behind_them),
        cmocka_unit_test(nobody_waits_for_the_turn_of_a_descriptor_that_is_closed_or_was_cancelled),
        cmocka_unit_test(the_worker_is_asked_to_go_on_when_the_turn_is_given_back),
        cmocka_unit_test(the_turn_is_handed_over_in_the_order_of_coming),
        cmocka_unit_test(a_cancel_ends_the_wait_for_the_turn_and_the_turn_is_not_lost),
        cmocka_unit_test(who_waits_for_the_turn_queues_behind_an_operation_that_it_is_left_to),
        cmocka_unit_test(a_kept_operation_has_its_lane_until_it_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
