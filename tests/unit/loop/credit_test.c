/* A round of sends that is expected to have many: their references are taken in one step
 * (credit.c).
 */
#include "unit/loop/burst.h"

#include "support/children.h"
#include "support/threads.h"

static void assert_has_credit(struct burst *burst)
{
    assert_true(credit_is_left(&burst->pair.client->descriptor));
}

static void assert_nothing_is_owed(struct burst *burst)
{
    run_ready(burst->engine);
    assert_false(credit_is_left(&burst->pair.client->descriptor));
    assert_int_equal(burst->pair.client->descriptor.lanes[DIRECTION_OUT], 0);
    assert_closes(burst->engine, burst->pair.client);
}

TEST(a_round_of_fewer_gives_the_rest_back)
{
    struct burst burst;
    burst_make(&burst, state);
    burst_start(&burst);
    assert_all_sent(&burst);
    burst.count = 10;
    for (int round = 0; round < 3; round++) {
        burst.completed = 0;
        burst.then = round == 0 ? assert_has_credit : NULL;
        burst_start(&burst);
        assert_all_sent(&burst);
        assert_false(credit_is_left(&burst.pair.client->descriptor));
        assert_int_equal(burst.pair.client->descriptor.further, 0);
    }
    assert_nothing_is_owed(&burst);
    burst_end(&burst);
}

TEST(a_round_that_expects_none_doubles_what_it_has)
{
    struct burst burst;
    burst_make(&burst, state);
    burst.then = assert_has_credit; /* 8 behind the tenth, then 17, then 35 */
    burst_start(&burst);
    assert_all_sent(&burst);
    assert_nothing_is_owed(&burst);
    burst_end(&burst);
}

/* The first round is one of all, the next of ten. */
static void burst_fewer(struct burst *burst, void (*then)(struct burst *burst))
{
    burst_start(burst);
    assert_all_sent(burst);
    burst->count = 10;
    burst->completed = 0;
    burst->then = then;
    burst_start(burst);
}

TEST(a_close_and_a_shutdown_in_the_callback_give_the_rest_back)
{
    static void (*const ends[])(struct burst * burst) = {close_client, shut};
    for (size_t i = 0; i < array_count(ends); i++) {
        struct burst burst;
        burst_make(&burst, state);
        burst_fewer(&burst, ends[i]);
        assert_all_sent(&burst);
        assert_end_of_stream(&burst);
        assert_nothing_is_owed(&burst);
        burst_end(&burst);
    }
}

static void cancel_in_callback(struct burst *burst)
{
    sn_operation_cancel(&burst->sends[0]);
    sn_operation_cancel(&burst->sends[5]);
    sn_operation_cancel(&burst->sends[9]);
}

/* What was cancelled before it had to wait, and afterwards. */
TEST(what_finds_no_room_waits_and_can_be_cancelled)
{
    static const bool is_cancelled[10] = {[0] = true, [5] = true, [7] = true, [9] = true};
    struct burst burst;
    burst_make(&burst, state);
    burst_start(&burst);
    assert_all_sent(&burst);
    size_t filled = fill_for_good(burst.pair.client);
    burst.count = 10;
    burst.completed = 0;
    burst.then = cancel_in_callback;
    burst_start(&burst);
    run_ready(burst.engine);
    sn_operation_cancel(&burst.sends[7]);
    run_ready(burst.engine);
    for (size_t i = 0; i < 10; i++) {
        if (is_cancelled[i])
            assert_error(SN_ERROR_OPERATION_CANCELED, run_until(burst.engine, &burst.sends[i]));
        else
            assert_false(sn_operation_is_completed(&burst.sends[i]));
    }
    for (; filled > 0; filled--) {
        char byte;
        receive_exactly(burst.pair.server, &byte, 1);
    }
    for (size_t i = 0; i < 10; i++) {
        if (is_cancelled[i])
            continue;
        assert_ok(run_until(burst.engine, &burst.sends[i]));
        assert_arrives(&burst, i);
    }
    assert_int_equal(burst.completed, 10);
    assert_nothing_is_owed(&burst);
    burst_end(&burst);
}

static int send_in_child(void *context)
{
    struct burst *burst = context;
    CHILD_EXPECT(sn_socket_send(burst->pair.client, "child", 5, SN_FLAG_NONE, NULL) == SN_OK);
    CHILD_EXPECT(!credit_is_left(&burst->pair.client->descriptor));
    return 0;
}

static int status_of_child;

static void run_child(struct burst *burst)
{
    assert_has_credit(burst);
    status_of_child = child_run(send_in_child, burst);
}

TEST(a_child_has_none_of_it)
{
    struct burst burst;
    char received[5];
    burst_make(&burst, state);
    burst_fewer(&burst, run_child);
    assert_int_equal(status_of_child, 0);
    receive_exactly(burst.pair.server, received, sizeof received);
    assert_memory_equal(received, "child", 5);
    assert_all_sent(&burst);
    assert_nothing_is_owed(&burst);
    burst_end(&burst);
}

static void start_one_again(struct burst *burst)
{
    assert_has_credit(burst);
    assert_false(sn_socket_send_async(burst->pair.client, "x", 1, SN_FLAG_NONE, &burst->sends[8]));
}

TEST(a_record_that_runs_is_left_alone_on_credit_too)
{
    struct burst burst;
    burst_make(&burst, state);
    burst_fewer(&burst, start_one_again);
    assert_all_sent(&burst);
    assert_nothing_is_owed(&burst);
    burst_end(&burst);
}

static struct thread closer;

static sn_error close_elsewhere(void *context)
{
    sn_socket_close(context);
    return SN_OK;
}

static void start_one_behind_a_close(struct burst *burst)
{
    thread_start(&closer, close_elsewhere, burst->pair.client);
    while (!descriptor_is_closing(&burst->pair.client->descriptor))
        sched_yield();
    assert_has_credit(burst);
    start_one(burst, 10);
}

TEST(behind_a_close_of_another_thread_it_is_refused)
{
    struct burst burst;
    burst_make(&burst, state);
    burst_fewer(&burst, start_one_behind_a_close);
    for (size_t i = 0; i < 10; i++) /* they are held, and the close is first */
        assert_error(SN_ERROR_OPERATION_ABORTED, run_until(burst.engine, &burst.sends[i]));
    assert_error(SN_ERROR_OBJECT_DISPOSED, run_until(burst.engine, &burst.sends[10]));
    assert_ok(thread_join(&closer));
    assert_nothing_is_owed(&burst);
    burst_end(&burst);
}

static void assert_no_credit(struct burst *burst)
{
    assert_false(credit_is_left(&burst->pair.client->descriptor));
}

TEST(while_a_thread_sends_by_itself_there_is_none)
{
    struct burst burst;
    burst_make(&burst, state);
    struct descriptor *descriptor = &burst.pair.client->descriptor;
    burst_start(&burst);
    assert_all_sent(&burst);
    assert_true(send_lock_try(descriptor)); /* as a thread does */
    burst.count = 10;
    burst.completed = 0;
    burst.then = assert_no_credit;
    burst_start(&burst);
    run_ready(burst.engine);
    assert_int_equal(burst.completed, 0);
    for (size_t i = 0; i < burst.count; i++)
        assert_true(record_of(&burst.sends[i])->state & OPERATION_ARRIVED);
    send_lock_release(descriptor);
    assert_all_sent(&burst);
    assert_nothing_is_owed(&burst);
    burst_end(&burst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_round_of_fewer_gives_the_rest_back),
        ON_BOTH(a_round_that_expects_none_doubles_what_it_has),
        ON_BOTH(a_close_and_a_shutdown_in_the_callback_give_the_rest_back),
        ON_BOTH(what_finds_no_room_waits_and_can_be_cancelled),
        ON_BOTH(a_child_has_none_of_it),
        ON_BOTH(while_a_thread_sends_by_itself_there_is_none),
        ON_BOTH(a_record_that_runs_is_left_alone_on_credit_too),
        ON_BOTH(behind_a_close_of_another_thread_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
