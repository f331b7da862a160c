/* The channel: order, room, its close, and who waits in it. */
#include <sennit/sync.h>

#include "support/allocations.h"
#include "unit/fiber/actors.h"

struct step {
    sn_channel *channel;
    int element;
    sn_milliseconds timeout_ms;
};

static sn_error send_it(void *context)
{
    const struct step *step = context;
    return sn_channel_send(step->channel, &step->element, step->timeout_ms);
}

static sn_error receive_it(void *context)
{
    struct step *step = context;
    return sn_channel_receive(step->channel, &step->element, step->timeout_ms);
}

static sn_channel *channel_of(size_t capacity)
{
    sn_channel *channel;
    assert_ok(sn_channel_create(capacity, sizeof(int), &channel));
    return channel;
}

/* Starts it, and comes back once it waits; a plain thread is seen to be asleep. */
static void start_waiting(struct actor *actor, enum actor_kind kind, thread_function run,
                          struct step *step)
{
    actor_start(actor, kind, run, step);
    sn_fiber_info info = {0};
    while (actor->fiber && strcmp(info.waits_for ? info.waits_for : "", "Channel") != 0) {
        assert_ok(sn_fiber_get_info(actor->fiber, &info));
        sched_yield();
    }
}

static void expect_received(sn_channel *channel, int expected)
{
    int element = -1;
    assert_ok(sn_channel_receive(channel, &element, SN_FOREVER));
    assert_int_equal(expected, element);
}

/* --- Without waiting -------------------------------------------------------------------------- */

TEST(elements_come_in_the_order_of_sending)
{
    sn_channel *channel = channel_of(3);
    int next = 0, wanted = 0;
    for (int i = 0; i < 10; i++) { /* round the ring several times */
        for (; next - wanted < 3; next++)
            assert_ok(sn_channel_send(channel, &next, SN_FOREVER));
        assert_error(SN_ERROR_TIMED_OUT, sn_channel_send(channel, &next, 0));
        assert_int_equal(3, sn_channel_get_count(channel));
        expect_received(channel, wanted++);
        expect_received(channel, wanted++);
    }
    expect_received(channel, wanted);
    assert_error(SN_ERROR_TIMED_OUT, sn_channel_receive(channel, &next, 0));
    assert_error(SN_ERROR_TIMED_OUT, sn_channel_receive(channel, &next, 2));
    sn_channel_release(channel);
}

TEST(an_element_of_any_size_stays_whole)
{
    static const size_t sizes[] = {1, 3, 8, 100, 4096};
    for (size_t i = 0; i < array_count(sizes); i++) {
        unsigned char sent[4096], received[4097];
        sn_channel *channel;
        assert_ok(sn_channel_create(2, sizes[i], &channel));
        for (int round = 0; round < 3; round++) {
            memset(sent, round + 1, sizeof sent);
            memset(received, 0x55, sizeof received);
            assert_ok(sn_channel_send(channel, sent, 0));
            assert_ok(sn_channel_receive(channel, received, 0));
            assert_memory_equal(sent, received, sizes[i]);
            assert_int_equal(0x55, received[sizes[i]]);
        }
        sn_channel_release(channel);
    }
}

TEST(after_the_close_what_is_there_is_received_and_nothing_sent)
{
    sn_channel *channel = channel_of(2);
    int element = 7;
    assert_ok(sn_channel_send(channel, &element, 0));
    assert_false(sn_channel_is_closed(channel));
    sn_channel_close(channel);
    sn_channel_close(channel);
    assert_true(sn_channel_is_closed(channel));
    assert_error(SN_ERROR_SHUTDOWN, sn_channel_send(channel, &element, SN_FOREVER));
    assert_error(SN_ERROR_SHUTDOWN, sn_channel_send(channel, &element, 0));
    expect_received(channel, 7);
    element = 1;
    assert_error(SN_ERROR_END_OF_STREAM, sn_channel_receive(channel, &element, SN_FOREVER));
    assert_error(SN_ERROR_END_OF_STREAM, sn_channel_receive(channel, &element, 0));
    assert_int_equal(1, element); /* written on success only */
    sn_channel_release(channel);
}

TEST(bad_arguments_are_told)
{
    sn_channel *channel = NULL;
    int element = 0;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_channel_create(1, 1, NULL));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_channel_create(1, 0, &channel));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_channel_create(1, 4097, &channel));
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_channel_create(SIZE_MAX, 4096, &channel));
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_channel_create(SIZE_MAX / 4, 4, &channel));
    assert_null(channel);
    channel = channel_of(1);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_channel_send(NULL, &element, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_channel_send(channel, NULL, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_channel_receive(NULL, &element, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_channel_receive(channel, NULL, 0));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_channel_send(channel, &element, -2));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_channel_receive(channel, &element, -2));
    assert_int_equal(0, sn_channel_get_count(channel));
    assert_int_equal(0, sn_channel_get_count(NULL));
    assert_true(sn_channel_is_closed(NULL));
    sn_channel_close(NULL);
    assert_null(sn_channel_retain(NULL));
    sn_channel_release(NULL);
    assert_ptr_equal(channel, sn_channel_retain(channel));
    sn_channel_release(channel);
    sn_channel_release(channel);
}

TEST(without_memory_there_is_no_channel)
{
    sn_channel *channel = NULL;
    allocations_begin();
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_channel_create(4, 4, &channel));
    allocations_end();
    assert_null(channel);
}

/* --- Waiting ---------------------------------------------------------------------------------- */

TEST(without_room_of_its_own_a_send_waits_for_its_receiver)
{
    for (int kind = 0; kind < ACTOR_KINDS; kind++) {
        sn_channel *channel = channel_of(0);
        struct step step = {channel, 5, SN_FOREVER};
        struct actor actor;
        assert_error(SN_ERROR_TIMED_OUT, sn_channel_send(channel, &step.element, 0));
        start_waiting(&actor, (enum actor_kind)kind, send_it, &step);
        expect_received(channel, 5);
        assert_ok(actor_end(&actor));
        step.element = 0;
        start_waiting(&actor, (enum actor_kind)kind, receive_it, &step);
        int element = 6;
        assert_ok(sn_channel_send(channel, &element, SN_FOREVER));
        assert_ok(actor_end(&actor));
        assert_int_equal(6, step.element);
        assert_int_equal(0, sn_channel_get_count(channel));
        sn_channel_release(channel);
    }
}

TEST(those_who_wait_to_send_come_in_their_order_behind_what_is_there)
{
    sn_channel *channel = channel_of(2);
    struct actor actors[2];
    struct step steps[] = {{channel, 2, SN_FOREVER}, {channel, 3, SN_FOREVER}};
    for (int i = 0; i < 2; i++)
        assert_ok(sn_channel_send(channel, &i, 0));
    start_waiting(&actors[0], A_FIBER, send_it, &steps[0]);
    start_waiting(&actors[1], A_FIBER_ELSEWHERE, send_it, &steps[1]);
    for (int i = 0; i < 4; i++)
        expect_received(channel, i);
    assert_ok(actor_end(&actors[0]));
    assert_ok(actor_end(&actors[1]));
    sn_channel_release(channel);
}

TEST(those_who_wait_to_receive_are_served_in_their_order)
{
    sn_channel *channel = channel_of(2);
    struct actor actors[2];
    struct step steps[] = {{channel, -1, SN_FOREVER}, {channel, -1, SN_FOREVER}};
    start_waiting(&actors[0], A_FIBER, receive_it, &steps[0]);
    start_waiting(&actors[1], A_FIBER_ELSEWHERE, receive_it, &steps[1]);
    for (int i = 0; i < 2; i++)
        assert_ok(sn_channel_send(channel, &i, 0));
    for (int i = 0; i < 2; i++) {
        assert_ok(actor_end(&actors[i]));
        assert_int_equal(i, steps[i].element);
    }
    sn_channel_release(channel);
}

TEST(a_close_ends_those_who_wait)
{
    for (int kind = 0; kind < ACTOR_KINDS; kind++) {
        sn_channel *channel = channel_of(1);
        struct step send = {channel, 9, SN_FOREVER}, receive = {channel, 0, SN_FOREVER};
        struct actor actor;
        int element = 8;
        assert_ok(sn_channel_send(channel, &element, 0));
        start_waiting(&actor, (enum actor_kind)kind, send_it, &send);
        sn_channel_close(channel);
        assert_error(SN_ERROR_SHUTDOWN, actor_end(&actor));
        expect_received(channel, 8);
        assert_error(SN_ERROR_END_OF_STREAM, sn_channel_receive(channel, &element, 0));
        sn_channel_release(channel);
        channel = receive.channel = channel_of(1);
        start_waiting(&actor, (enum actor_kind)kind, receive_it, &receive);
        sn_channel_close(channel);
        assert_error(SN_ERROR_END_OF_STREAM, actor_end(&actor));
        sn_channel_release(channel);
    }
}

TEST(one_that_is_cancelled_has_moved_nothing)
{
    static const enum actor_kind kinds[] = {A_FIBER, A_FIBER_ELSEWHERE, A_THREAD_IN_SCOPE};
    for (size_t k = 0; k < array_count(kinds); k++) {
        sn_channel *channel = channel_of(0);
        struct step step = {channel, 9, SN_FOREVER};
        struct actor actor;
        int element = 8;
        start_waiting(&actor, kinds[k], send_it, &step);
        actor_cancel(&actor);
        assert_error(SN_ERROR_OPERATION_CANCELED, actor_end(&actor));
        assert_error(SN_ERROR_TIMED_OUT, sn_channel_receive(channel, &element, 0));
        start_waiting(&actor, kinds[k], receive_it, &step);
        actor_cancel(&actor);
        assert_error(SN_ERROR_OPERATION_CANCELED, actor_end(&actor));
        assert_error(SN_ERROR_TIMED_OUT, sn_channel_send(channel, &element, 0));
        sn_channel_release(channel);
    }
}

TEST(a_deadline_ends_the_wait)
{
    for (int kind = 0; kind < ACTOR_KINDS; kind++) {
        sn_channel *channel = channel_of(0);
        struct step step = {channel, 9, 2};
        struct actor actor;
        actor_start(&actor, (enum actor_kind)kind, send_it, &step);
        assert_error(SN_ERROR_TIMED_OUT, actor_end(&actor));
        actor_start(&actor, (enum actor_kind)kind, receive_it, &step);
        assert_error(SN_ERROR_TIMED_OUT, actor_end(&actor));
        assert_int_equal(9, step.element);
        sn_channel_release(channel);
    }
}

TEST(nothing_is_left_at_the_end)
{
    actors_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_come_in_the_order_of_sending),
        cmocka_unit_test(an_element_of_any_size_stays_whole),
        cmocka_unit_test(after_the_close_what_is_there_is_received_and_nothing_sent),
        cmocka_unit_test(bad_arguments_are_told),
        cmocka_unit_test(without_memory_there_is_no_channel),
        cmocka_unit_test(without_room_of_its_own_a_send_waits_for_its_receiver),
        cmocka_unit_test(those_who_wait_to_send_come_in_their_order_behind_what_is_there),
        cmocka_unit_test(those_who_wait_to_receive_are_served_in_their_order),
        cmocka_unit_test(a_close_ends_those_who_wait),
        cmocka_unit_test(one_that_is_cancelled_has_moved_nothing),
        cmocka_unit_test(a_deadline_ends_the_wait),
        cmocka_unit_test(nothing_is_left_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
