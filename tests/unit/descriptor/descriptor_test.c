#include "unit/engine/engines.h"

#include "support/descriptors.h"
#include "support/threads.h"

TEST(closing_gives_the_number_back_at_once_when_nobody_is_inside)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    int handle = bare.descriptor.handle;
    assert_true(descriptor_begin_close(&bare.descriptor));
    assert_true(descriptor_is_open(handle)); /* the closer has a reference */
    descriptor_unref(&bare.descriptor);
    assert_false(descriptor_is_open(handle));
    assert_int_equal(bare.closed, 1);
    assert_int_equal(bare.descriptor.handle, -1);
    bare_close(&bare);
}

TEST(the_last_one_out_closes_the_number)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    int handle = bare.descriptor.handle;
    assert_true(descriptor_ref(&bare.descriptor));
    assert_true(descriptor_ref(&bare.descriptor));
    bare_begin_close(&bare);
    assert_true(descriptor_is_closing(&bare.descriptor));
    descriptor_unref(&bare.descriptor);
    assert_true(descriptor_is_open(handle));
    assert_int_equal(bare.closed, 0);
    descriptor_unref(&bare.descriptor);
    assert_false(descriptor_is_open(handle));
    assert_int_equal(bare.closed, 1);
    bare_close(&bare);
}

TEST(nobody_enters_any_more_once_it_is_closing)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor));
    bare_begin_close(&bare);
    assert_false(descriptor_ref(&bare.descriptor));
    assert_int_equal(bare.closed, 0);
    descriptor_unref(&bare.descriptor);
    /* Who comes too late enters and leaves as well, and is not the last once more. */
    assert_false(descriptor_ref(&bare.descriptor));
    assert_int_equal(bare.closed, 1);
    bare_close(&bare);
}

/* The thread that has given back the last reference has not yet looked at anything else: who closed
 * the handle now could let go of the record under it. */
TEST(who_comes_too_late_leaves_the_close_to_the_last_one)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    int handle = bare.descriptor.handle;
    assert_true(descriptor_ref(&bare.descriptor));
    bare_begin_close(&bare);
    assert_int_equal(atomic_sub_fetch_acq_rel(&bare.descriptor.refs, 1), 0);
    assert_false(descriptor_begin_close(&bare.descriptor));
    assert_false(descriptor_ref(&bare.descriptor));
    assert_false(descriptor_ref_here(&bare.descriptor)); /* two at a time */
    assert_false(descriptor_ref(&bare.descriptor));
    descriptor_unref(&bare.descriptor);
    assert_int_equal(bare.closed, 0);
    assert_true(descriptor_is_open(handle));
    descriptor_close_handle(&bare.descriptor); /* and now it goes on */
    assert_int_equal(bare.closed, 1);
    assert_false(descriptor_is_open(handle));
    bare_close(&bare);
}

/* As when it was the last in its parent, whose threads are none here. */
TEST(in_a_child_the_next_one_closes_what_was_being_closed)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    int handle = bare.descriptor.handle;
    assert_true(descriptor_ref(&bare.descriptor));
    bare_begin_close(&bare);
    atomic_store_relaxed(&bare.descriptor.forks, sys_fork_count() + 1);
    assert_false(descriptor_ref(&bare.descriptor));
    assert_int_equal(bare.closed, 1);
    assert_false(descriptor_is_open(handle));
    assert_false(descriptor_ref(&bare.descriptor));
    assert_int_equal(bare.closed, 1);
    bare_close(&bare);
}

TEST(only_one_begins_the_close)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_begin_close(&bare.descriptor));
    assert_false(descriptor_begin_close(&bare.descriptor));
    assert_false(descriptor_begin_close(&bare.descriptor));
    descriptor_unref(&bare.descriptor);
    assert_int_equal(bare.closed, 1);
    bare_close(&bare);
}

TEST(a_number_that_is_not_owned_stays_open)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    int handle = bare.descriptor.handle;
    bare.descriptor.marks &= ~(uint32_t)DESCRIPTOR_OWNED;
    bare_begin_close(&bare);
    assert_int_equal(bare.closed, 1);
    assert_true(descriptor_is_open(handle));
    close(handle);
    bare_close(&bare);
}

static sn_error wait_closed(void *context)
{
    descriptor_wait_closed(&((struct bare *)context)->descriptor);
    return SN_OK;
}

TEST(who_waits_for_the_close_waits_for_the_last_one)
{
    struct bare bare;
    struct thread waiter;
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor));
    bare_begin_close(&bare);
    thread_start(&waiter, wait_closed, &bare);
    for (int i = 0; i < 100; i++)
        sched_yield();
    assert_false(thread_is_done(&waiter));
    descriptor_unref(&bare.descriptor);
    assert_ok(thread_join(&waiter));
    assert_int_equal(bare.closed, 1);
    bare_close(&bare);
}

TEST(an_aborted_call_makes_the_close_of_a_tcp_stream_abortive)
{
    static const struct {
        uint32_t marks;
        enum direction direction;
        bool is_abortive;
    } rows[] = {
        {DESCRIPTOR_STREAM_TCP, DIRECTION_IN, true},
        {DESCRIPTOR_STREAM_TCP, DIRECTION_OUT, true},
        /* The peer was told already. */
        {DESCRIPTOR_STREAM_TCP | DESCRIPTOR_SEND_SHUT, DIRECTION_IN, false},
        {0, DIRECTION_OUT, false},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        struct bare bare;
        bare_open(&bare, SOCK_STREAM);
        bare.descriptor.marks |= rows[i].marks;
        descriptor_note_aborted(&bare.descriptor, rows[i].direction);
        assert_int_equal((bare.descriptor.marks & DESCRIPTOR_ABORTIVE) != 0, rows[i].is_abortive);
        assert_int_equal((bare.descriptor.marks & DESCRIPTOR_SEND_CUT) != 0,
                         rows[i].direction == DIRECTION_OUT);
        bare_close(&bare);
    }
}

/* --- Many threads ----------------------------------------------------------------------------- */

static struct {
    struct bare bare;
    uint32_t entered; /* atomic */
} crowd;

static sn_error come_and_go(void *context)
{
    (void)context;
    while (descriptor_ref(&crowd.bare.descriptor)) {
        atomic_add_relaxed(&crowd.entered, 1u);
        int handle = crowd.bare.descriptor.handle;
        bool is_open = handle >= 0 && descriptor_is_open(handle);
        descriptor_unref(&crowd.bare.descriptor);
        if (!is_open)
            return SN_ERROR_FAULT;
    }
    return SN_OK;
}

TEST(nobody_inside_ever_meets_a_closed_number)
{
    for (int i = 0; i < 200; i++) {
        struct thread threads[3];
        bare_open(&crowd.bare, SOCK_STREAM);
        crowd.entered = 0;
        for (int j = 0; j < 3; j++)
            thread_start(&threads[j], come_and_go, NULL);
        wait_for_count(&crowd.entered, 10);
        bare_begin_close(&crowd.bare);
        for (int j = 0; j < 3; j++)
            assert_ok(thread_join(&threads[j]));
        assert_int_equal(crowd.bare.closed, 1);
        bare_close(&crowd.bare);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closing_gives_the_number_back_at_once_when_nobody_is_inside),
        cmocka_unit_test(the_last_one_out_closes_the_number),
        cmocka_unit_test(nobody_enters_any_more_once_it_is_closing),
        cmocka_unit_test(who_comes_too_late_leaves_the_close_to_the_last_one),
        cmocka_unit_test(in_a_child_the_next_one_closes_what_was_being_closed),
        cmocka_unit_test(only_one_begins_the_close),
        cmocka_unit_test(a_number_that_is_not_owned_stays_open),
        cmocka_unit_test(who_waits_for_the_close_waits_for_the_last_one),
        cmocka_unit_test(an_aborted_call_makes_the_close_of_a_tcp_stream_abortive),
        cmocka_unit_test(nobody_inside_ever_meets_a_closed_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
