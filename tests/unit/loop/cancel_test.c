#include "unit/engine/engines.h"

#include "loop/cancel.h"
#include "support/threads.h"

TEST(cancelling_what_is_not_pending_is_harmless)
{
    sn_engine *engine = engine_of(state, 1);
    sn_operation operation = {0};
    sn_operation_cancel(NULL);
    sn_operation_cancel(&operation);
    sn_engine_post_async(engine, &operation);
    assert_ok(sn_operation_wait(&operation)); /* the cancel before the start means nothing */
    sn_operation_cancel(&operation);
    sn_operation_cancel(&operation);
    assert_true(sn_operation_is_completed(&operation));
    assert_ok(operation.error);
    destroy_engine(engine);
}

TEST(a_pending_operation_ends_at_once)
{
    sn_engine *engine = engine_of(state, 1);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char data[8];
    sn_operation operation = {0};
    use_engine(pair.server, engine);
    sn_socket_receive_async(pair.server, data, sizeof data, SN_FLAG_NONE, &operation);
    sn_operation_cancel(&operation);
    sn_operation_cancel(&operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&operation));
    send_text(pair.client, "later");
    assert_receives(pair.server, "later");
    pair_release(&pair);
    destroy_engine(engine);
}

/* The one that is cancelled while it waits for its turn does not wait for those before it. */
TEST(an_operation_behind_others_is_cancelled_alone)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char data[3][4];
    uint32_t count = 0;
    sn_operation operations[3];
    use_engine(pair.server, engine);
    for (int i = 0; i < 3; i++) {
        operations[i] = (sn_operation){.completed = count_completed, .context = &count};
        sn_socket_receive_async(pair.server, data[i], 1, SN_FLAG_NONE, &operations[i]);
    }
    run_ready(engine);
    sn_operation_cancel(&operations[1]);
    run_ready(engine);
    assert_int_equal(count, 1);
    assert_error(SN_ERROR_OPERATION_CANCELED, operations[1].error);
    send_text(pair.client, "ab");
    assert_ok(run_until(engine, &operations[2]));
    assert_ok(operations[0].error);
    assert_int_equal(data[0][0], 'a');
    assert_int_equal(data[2][0], 'b');
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

/* Whether the back-end withdraws it at once or tells its end later, the next one goes on. */
TEST(what_was_behind_a_cancelled_operation_goes_on)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char data[3];
    uint32_t count = 0;
    sn_operation operations[3];
    use_engine(pair.server, engine);
    for (int i = 0; i < 3; i++) {
        operations[i] = (sn_operation){.completed = count_completed, .context = &count};
        operations[i].timeout_ms = i == 1 ? 5 : 0;
        sn_socket_receive_async(pair.server, &data[i], 1, SN_FLAG_NONE, &operations[i]);
    }
    run_ready(engine);
    sn_operation_cancel(&operations[0]);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &operations[0]));
    assert_error(SN_ERROR_TIMED_OUT, run_until(engine, &operations[1]));
    send_text(pair.client, "x");
    assert_ok(run_until(engine, &operations[2]));
    assert_int_equal(data[2], 'x');
    assert_int_equal(count, 3);
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

/* Cancelled after its start and before its worker has taken it out of the inbox. */
TEST(an_operation_that_has_not_arrived_yet_is_cancelled_when_it_does)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char data[8];
    uint32_t count = 0;
    sn_operation first = {.completed = count_completed, .context = &count}, second = first;
    use_engine(pair.server, engine);
    sn_socket_receive_async(pair.server, data, 1, SN_FLAG_NONE, &first);
    run_ready(engine);
    sn_socket_receive_async(pair.server, data, 1, SN_FLAG_NONE, &second);
    sn_operation_cancel(&second);
    run_ready(engine);
    assert_int_equal(count, 1);
    assert_error(SN_ERROR_OPERATION_CANCELED, second.error);
    /* The mark that a cancel between the claim and the hand-over leaves. */
    assert_true(operation_begin(&second, SN_OPERATION_RECEIVE));
    sn_operation_cancel(&second);
    assert_true(record_of(&second)->state & OPERATION_CANCEL_EARLY);
    operation_conclude(&second, NULL);
    sn_operation_cancel(&first);
    run_ready(engine);
    assert_int_equal(count, 3);
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

static void cancel_itself(sn_operation *operation)
{
    sn_operation_cancel(operation);
    count_completed(operation);
}

TEST(a_callback_may_cancel_its_own_operation)
{
    sn_engine *engine = engine_of(state, 1);
    uint32_t count = 0;
    sn_operation operation = {.completed = cancel_itself, .context = &count};
    for (uint32_t i = 1; i <= 100; i++) {
        sn_engine_post_async(engine, &operation);
        wait_for_count(&count, i);
        assert_ok(operation.error);
    }
    destroy_engine(engine);
}

/* --- Races: the record is gone right after the completion ------------------------------------- */

struct hunter {
    sn_operation *target; /* atomic: NULL between two hunts */
    bool is_over;         /* atomic */
    uint32_t shots;       /* atomic */
};

static sn_error hunt(void *context)
{
    struct hunter *hunter = context;
    while (!atomic_load_acquire(&hunter->is_over)) {
        sn_operation *target = atomic_load_acquire(&hunter->target);
        if (!target)
            continue;
        sn_operation_cancel(target);
        atomic_store_release(&hunter->target, (sn_operation *)NULL);
        atomic_add_relaxed(&hunter->shots, 1u);
    }
    return SN_OK;
}

/* The socket is released while the cancel is made, so its descriptor may go as soon as the
 * operation has completed. */
TEST(a_cancel_meets_a_completion_and_the_end_of_its_socket)
{
    sn_engine *engine = engine_of(state, 1);
    struct hunter hunter = {0};
    struct thread thread;
    thread_start(&thread, hunt, &hunter);
    for (int i = 0; i < 3000; i++) {
        sn_socket *pair[2];
        char data[8];
        sn_operation operation = {0};
        assert_ok(sn_socket_pair(SN_TYPE_STREAM, pair));
        use_engine(pair[0], engine);
        sn_socket_receive_async(pair[0], data, sizeof data, SN_FLAG_NONE, &operation);
        atomic_store_release(&hunter.target, &operation);
        if (i % 3 == 0)
            send_text(pair[1], "x");
        sn_socket_release(pair[0]);
        sn_error error = sn_operation_wait(&operation);
        assert_true(error == SN_OK || error == SN_ERROR_OPERATION_CANCELED ||
                    error == SN_ERROR_OPERATION_ABORTED);
        while (atomic_load_acquire(&hunter.target))
            sched_yield(); /* the record must exist for the whole call */
        sn_socket_release(pair[1]);
    }
    atomic_store_release(&hunter.is_over, true);
    assert_ok(thread_join(&thread));
    assert_int_equal(hunter.shots, 3000);
    destroy_engine(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(cancelling_what_is_not_pending_is_harmless),
        ON_BOTH(a_pending_operation_ends_at_once),
        ON_BOTH(an_operation_behind_others_is_cancelled_alone),
        ON_BOTH(what_was_behind_a_cancelled_operation_goes_on),
        ON_BOTH(an_operation_that_has_not_arrived_yet_is_cancelled_when_it_does),
        ON_BOTH(a_callback_may_cancel_its_own_operation),
        ON_BOTH(a_cancel_meets_a_completion_and_the_end_of_its_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
