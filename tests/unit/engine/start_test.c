#include "unit/engine/engines.h"

#include "engine/start.h"
#include "socket/object/object.h"
#include "support/threads.h"
#include "support/transfer_support.h"
#include "sys/sys.h"

TEST(without_a_callback_what_can_be_done_at_once_is_done_at_the_start)
{
    sn_engine *engine = engine_of(state, 0); /* nobody drives it */
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char data[8] = "";
    sn_operation send = {0}, receive = {0};
    use_engine(pair.client, engine);
    use_engine(pair.server, engine);
    sn_socket_send_async(pair.client, "abc", 3, SN_FLAG_NONE, &send);
    assert_true(sn_operation_is_completed(&send));
    assert_int_equal(send.transferred, 3);
    wait_readable(pair.server);
    sn_socket_receive_async(pair.server, data, sizeof data, SN_FLAG_NONE, &receive);
    assert_true(sn_operation_is_completed(&receive));
    assert_ok(receive.error);
    assert_string_equal(data, "abc");
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

/* One buffer of a stream, and nothing else asked for; see operation_is_fast(). */
TEST(what_asks_for_more_than_one_buffer_of_a_stream_is_not_fast)
{
    static const struct {
        const char *what;
        enum transport transport;
        size_t size;
        sn_flags flags;
        int64_t timeout_ms;
        bool has_cancellation, is_fast;
    } rows[] = {
        {"tcp", TCP_IPV4, 8, SN_FLAG_NONE, 0, false, true},
        {"unix", UNIX_STREAM, 8, SN_FLAG_NONE, 0, false, true},
        {"datagrams", UDP_IPV4, 8, SN_FLAG_NONE, 0, false, false},
        {"no bytes", TCP_IPV4, 0, SN_FLAG_NONE, 0, false, false},
        {"flags", TCP_IPV4, 8, SN_FLAG_PEEK, 0, false, false},
        {"a time limit", TCP_IPV4, 8, SN_FLAG_NONE, 60000, false, true},
        {"a handle", TCP_IPV4, 8, SN_FLAG_NONE, 0, true, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_engine *engine = engine_of(state, 0);
        struct socket_pair pair = pair_connected(rows[i].transport);
        sn_cancellation *cancellation = NULL;
        uint32_t count = 0;
        char data[8];
        assert_ok(sn_cancellation_create(&cancellation));
        sn_operation operation = {.completed = count_completed,
                                  .context = &count,
                                  .timeout_ms = rows[i].timeout_ms,
                                  .cancellation = rows[i].has_cancellation ? cancellation : NULL};
        use_engine(pair.server, engine);
        sn_socket_receive_async(pair.server, data, rows[i].size, rows[i].flags, &operation);
        if (operation_is_fast(&operation) != rows[i].is_fast)
            fail_msg("%s", rows[i].what);
        /* One that is ended early is fast no more. */
        sn_operation_cancel(&operation);
        assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &operation));
        assert_false(operation_is_fast(&operation));
        assert_int_equal(count, 1);
        sn_cancellation_release(cancellation);
        pair_release(&pair);
        run_ready(engine);
        destroy_engine(engine);
    }
}

/* Four times what the kernel takes at once, and the reader comes late. */
static char plenty[4 << 20];

/* A datagram that was cut off, into the record that a stream's receive gets next. */
static void receive_truncated(sn_operation *operation)
{
    struct socket_pair pair = pair_connected(UDP_IPV4);
    sn_endpoint from;
    char byte;
    send_text(pair.client, "long");
    wait_readable(pair.server);
    *operation = (sn_operation){0};
    sn_socket_receive_from_async(pair.server, &byte, 1, SN_FLAG_NONE, &from, operation);
    assert_ok(sn_operation_wait(operation));
    assert_int_equal(operation->flags, SN_FLAG_TRUNCATED);
    pair_release(&pair);
}

TEST(a_receive_notices_nothing_of_what_the_record_was_used_for_before)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_operation operation;
    uint32_t count = 0;
    char data[8];
    use_engine(pair.server, engine);
    for (int i = 0; i < 3; i++) {
        receive_truncated(&operation);
        operation.completed =
            i == 0 ? NULL : count_completed; /* on this thread, or on the worker */
        operation.context = &count;
        send_text(pair.client, "abc");
        wait_readable(pair.server);
        sn_socket_receive_async(pair.server, data, sizeof data, SN_FLAG_NONE, &operation);
        if (i == 2)
            sn_operation_cancel(&operation); /* too late or not */
        sn_error error = run_until(engine, &operation);
        assert_true(error == SN_OK || (i == 2 && error == SN_ERROR_OPERATION_CANCELED));
        assert_int_equal(operation.flags, SN_FLAG_NONE);
    }
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

struct chain {
    sn_socket *socket;
    sn_operation post, sends[2];
};

static void no_more(sn_operation *operation)
{
    (void)operation;
}

static void start_two(sn_operation *operation)
{
    struct chain *chain = operation->context;
    for (size_t i = 0; i < COUNT_OF(chain->sends); i++) {
        chain->sends[i] = (sn_operation){.completed = no_more};
        sn_socket_send_async(chain->socket, plenty + i * sizeof plenty / 2, sizeof plenty / 2,
                             SN_FLAG_NONE, &chain->sends[i]);
    }
}

static sn_error receive_large(void *context)
{
    static char received[sizeof plenty];
    receive_exactly(context, received, sizeof received);
    return memcmp(received, plenty, sizeof plenty) == 0 ? SN_OK : SN_ERROR_SOCKET_ERROR;
}

TEST(what_a_callback_starts_arrives_whole_and_in_order)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    struct chain chain = {.socket = pair.client};
    struct thread thread;
    for (size_t i = 0; i < sizeof plenty; i++)
        plenty[i] = (char)(i * 13 >> 3);
    chain.post = (sn_operation){.completed = start_two, .context = &chain};
    use_engine(pair.client, engine);
    sn_engine_post_async(engine, &chain.post);
    assert_ok(run_until(engine, &chain.post));
    run_ready(engine);
    assert_false(sn_operation_is_completed(&chain.sends[1]));
    thread_start(&thread, receive_large, pair.server);
    for (size_t i = 0; i < COUNT_OF(chain.sends); i++) {
        assert_ok(run_until(engine, &chain.sends[i]));
        assert_int_equal(chain.sends[i].transferred, sizeof plenty / 2);
    }
    assert_ok(thread_join(&thread));
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

static bool is_started; /* still inside the starting call */

static void completed_later(sn_operation *operation)
{
    assert_false(is_started);
    count_completed(operation);
}

TEST(a_callback_never_runs_inside_the_start)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    uint32_t count = 0;
    char data[8];
    sn_operation send = {.completed = completed_later, .context = &count};
    sn_operation receive = send, misuse = send;
    use_engine(pair.client, engine);
    use_engine(pair.server, engine);
    is_started = true;
    sn_socket_send_async(pair.client, "abc", 3, SN_FLAG_NONE, &send);
    sn_socket_receive_async(pair.server, data, sizeof data, SN_FLAG_NONE, &receive);
    is_started = false;
    assert_int_equal(count, 0);
    assert_ok(run_until(engine, &send));
    assert_ok(run_until(engine, &receive));
    assert_int_equal(count, 2);
    /* What cannot start is told there too. */
    sn_socket_receive_async(pair.server, NULL, 8, SN_FLAG_NONE, &misuse);
    assert_int_equal(count, 2);
    assert_error(SN_ERROR_ARGUMENT_NULL, run_until(engine, &misuse));
    assert_int_equal(count, 3);
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

TEST(what_cannot_start_is_complete_at_once_without_a_callback)
{
    sn_operation operation = {0};
    sn_socket_receive_async(NULL, NULL, 0, SN_FLAG_NONE, &operation);
    assert_true(sn_operation_is_completed(&operation));
    assert_error(SN_ERROR_ARGUMENT_NULL, operation.error);
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_socket_close(socket);
    sn_socket_send_async(socket, "x", 1, SN_FLAG_NONE, &operation);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_operation_wait(&operation));
    sn_socket_release(socket);
}

/* A send goes out in part at the start; the worker sends the rest, and nothing comes between. */
TEST(the_rest_of_a_begun_send_goes_before_what_is_started_later)
{
    static char first[1 << 20], second[1000], received[sizeof first + sizeof second];
    sn_engine *engine = engine_of(state, 1);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_operation operations[2] = {0};
    memset(first, 'a', sizeof first);
    memset(second, 'b', sizeof second);
    use_engine(pair.client, engine);
    assert_ok(sn_socket_set_send_buffer_size(pair.client, 4096));
    sn_socket_send_async(pair.client, first, sizeof first, SN_FLAG_NONE, &operations[0]);
    sn_socket_send_async(pair.client, second, sizeof second, SN_FLAG_NONE, &operations[1]);
    assert_false(sn_operation_is_completed(&operations[1]));
    for (size_t place = 0, moved; place < sizeof received; place += moved)
        assert_ok(sn_socket_receive(pair.server, received + place, sizeof received - place,
                                    SN_FLAG_NONE, &moved));
    assert_ok(sn_operation_wait(&operations[0]));
    assert_ok(sn_operation_wait(&operations[1]));
    assert_int_equal(operations[0].transferred, sizeof first);
    for (size_t i = 0; i < sizeof received; i++)
        if (received[i] != (i < sizeof first ? 'a' : 'b'))
            fail_msg("byte %zu is another one", i);
    pair_release(&pair);
    destroy_engine(engine);
}

static bool has_send_lock(sn_socket *socket)
{
    return (atomic_load_acquire(&socket->descriptor.lanes[DIRECTION_OUT]) & LANE_TAKEN) != 0;
}

/* While the rest of it is on its way, the worker has not put it in front yet; whoever sent now
 * would send into the middle of it. */
TEST(a_begun_send_has_the_turn_until_its_worker_has_the_rest)
{
    static char large[4 << 20];
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(UNIX_STREAM);
    sn_operation operation = {0};
    use_engine(pair.client, engine);
    sn_socket_send_async(pair.client, large, sizeof large, SN_FLAG_NONE, &operation);
    assert_false(sn_operation_is_completed(&operation));
    assert_true(has_send_lock(pair.client));
    run_ready(engine);
    assert_false(has_send_lock(pair.client));
    sn_operation_cancel(&operation);
    assert_ok(run_until(engine, &operation)); /* a part has moved */
    assert_int_equal(pair.client->descriptor.lanes[DIRECTION_OUT], 0);
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

TEST(the_turn_comes_back_from_a_begun_send_that_no_engine_takes)
{
    static char large[4 << 20];
    struct bare bare;
    sn_operation operation = {0};
    record_of(&operation)->action = ACTION_SEND;
    record_of(&operation)->marks = MARK_ALL;
    record_of(&operation)->buffer = (sn_buffer){.data = large, .size = sizeof large};
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor)); /* the operation's */
    assert_true(descriptor_ref(&bare.descriptor));
    bare_begin_close(&bare);
    atomic_store_relaxed(&record_of(&operation)->state, (uint32_t)OPERATION_PENDING);
    operation_start(&bare.descriptor, &operation, DIRECTION_OUT);
    assert_true(sn_operation_is_completed(&operation));
    assert_int_equal(record_of(&operation)->native_result, OUTCOME_CLOSED);
    assert_int_equal(bare.descriptor.lanes[DIRECTION_OUT], 0);
    descriptor_unref(&bare.descriptor);
    bare_close(&bare);
}

static pthread_t starter;

static void completed_elsewhere(sn_operation *operation)
{
    assert_false(pthread_equal(pthread_self(), starter));
    count_completed(operation);
}

/* The close came between the call's look at the socket and the choice of a worker. */
TEST(no_callback_runs_inside_the_start_on_a_descriptor_that_closes_meanwhile)
{
    struct bare bare;
    char data[8];
    uint32_t count = 0;
    sn_operation operation = {.completed = completed_elsewhere, .context = &count};
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor)); /* the operation's */
    bare_begin_close(&bare);
    starter = pthread_self();
    assert_true(operation_begin(&operation, SN_OPERATION_RECEIVE));
    record_of(&operation)->action = ACTION_RECEIVE;
    record_of(&operation)->buffer = (sn_buffer){.data = data, .size = sizeof data};
    operation_start(&bare.descriptor, &operation, DIRECTION_IN);
    assert_int_equal(bare.closed, 1); /* no reference is left */
    wait_for_count(&count, 1);
    assert_error(SN_ERROR_SOCKET_ERROR, operation.error);
    bare_close(&bare);
}

/* --- Posts and delays ------------------------------------------------------------------------- */

TEST(a_delay_completes_when_its_time_has_passed)
{
    sn_engine *engine = engine_of(state, 1);
    sn_operation operation = {0};
    int64_t before = sys_now();
    sn_engine_delay_async(engine, 3, &operation);
    assert_ok(sn_operation_wait(&operation));
    assert_true(sys_now() - before >= 3000000);
    sn_engine_delay_async(engine, 0, &operation);
    assert_ok(sn_operation_wait(&operation));
    assert_int_equal(operation.kind, SN_OPERATION_DELAY);
    destroy_engine(engine);
}

TEST(a_time_that_makes_no_sense_is_refused)
{
    sn_operation operation = {0};
    static const sn_milliseconds delays[] = {SN_FOREVER - 1, INT64_MIN};
    for (size_t i = 0; i < array_count(delays); i++) {
        sn_engine_delay_async(NULL, delays[i], &operation);
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_operation_wait(&operation));
    }
}

/* Each is longer than what the kernel counts in, and none ends early. */
TEST(no_delay_is_too_long)
{
    sn_engine *engine = engine_of(state, 0);
    static const int64_t delays[] = {
        INT64_MAX, INT64_MAX / 1000000,    INT64_MAX / 2000000, 9200000000001,
        INT32_MAX, 2 * (int64_t)INT32_MAX, UINT32_MAX,
    };
    sn_operation operations[array_count(delays)] = {0}, shortest = {0};
    for (size_t i = 0; i < array_count(delays); i++)
        sn_engine_delay_async(engine, delays[i], &operations[i]);
    sn_engine_delay_async(engine, 2, &shortest);
    assert_ok(run_until(engine, &shortest));
    for (size_t i = 0; i < array_count(delays); i++)
        assert_false(sn_operation_is_completed(&operations[i]));
    assert_ok(sn_engine_run(engine, 1, NULL)); /* with the longest only */
    sn_milliseconds timeout_ms = 0;
    assert_ok(sn_engine_get_timeout(engine, &timeout_ms));
    assert_true(timeout_ms > INT32_MAX / 2);
    for (size_t i = 0; i < array_count(delays); i++) {
        sn_operation_cancel(&operations[i]);
        assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &operations[i]));
    }
    destroy_engine(engine);
}

TEST(delays_end_in_the_order_of_their_times)
{
    sn_engine *engine = engine_of(state, 0);
    uint32_t count = 0;
    sn_operation operations[5];
    static const int64_t delays[] = {40, 10, 30, 0, 20};
    static const int order[] = {3, 1, 4, 2, 0};
    for (int i = 0; i < 5; i++) {
        operations[i] = (sn_operation){.completed = count_completed, .context = &count};
        sn_engine_delay_async(engine, delays[i], &operations[i]);
    }
    for (uint32_t i = 0; i < 5; i++) {
        assert_ok(run_until(engine, &operations[order[i]]));
        for (uint32_t j = i + 1; j < 5 && count == i + 1; j++)
            assert_false(sn_operation_is_completed(&operations[order[j]]));
    }
    destroy_engine(engine);
}

TEST(a_post_can_be_given_to_the_default_engine)
{
    uint32_t count = 0;
    sn_operation operation = {.completed = count_completed, .context = &count};
    sn_engine_post_async(NULL, &operation);
    wait_for_count(&count, 1);
    assert_ok(operation.error);
    sn_engine_post_async(NULL, NULL); /* nothing to start */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(without_a_callback_what_can_be_done_at_once_is_done_at_the_start),
        ON_BOTH(what_asks_for_more_than_one_buffer_of_a_stream_is_not_fast),
        ON_BOTH(a_receive_notices_nothing_of_what_the_record_was_used_for_before),
        ON_BOTH(what_a_callback_starts_arrives_whole_and_in_order),
        ON_BOTH(a_callback_never_runs_inside_the_start),
        cmocka_unit_test(what_cannot_start_is_complete_at_once_without_a_callback),
        ON_BOTH(the_rest_of_a_begun_send_goes_before_what_is_started_later),
        ON_BOTH(a_begun_send_has_the_turn_until_its_worker_has_the_rest),
        cmocka_unit_test(the_turn_comes_back_from_a_begun_send_that_no_engine_takes),
        cmocka_unit_test(no_callback_runs_inside_the_start_on_a_descriptor_that_closes_meanwhile),
        ON_BOTH(a_delay_completes_when_its_time_has_passed),
        cmocka_unit_test(a_time_that_makes_no_sense_is_refused),
        ON_BOTH(no_delay_is_too_long),
        ON_BOTH(delays_end_in_the_order_of_their_times),
        cmocka_unit_test(a_post_can_be_given_to_the_default_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
