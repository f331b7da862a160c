#include "unit/engine/engines.h"

#include "support/allocations.h"

static sn_cancellation *make_cancellation(void)
{
    sn_cancellation *cancellation = NULL;
    assert_ok(sn_cancellation_create(&cancellation));
    return cancellation;
}

TEST(a_handle_is_made_asked_and_released)
{
    sn_cancellation *cancellation = NULL;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_cancellation_create(NULL));
    allocations_begin();
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_cancellation_create(&cancellation));
    assert_null(cancellation);
    cancellation = make_cancellation();
    assert_false(sn_cancellation_is_canceled(cancellation));
    sn_cancellation_cancel(cancellation);
    sn_cancellation_cancel(cancellation);
    assert_true(sn_cancellation_is_canceled(cancellation));
    sn_cancellation_release(cancellation);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
    sn_cancellation_cancel(NULL);
    sn_cancellation_release(NULL);
    assert_false(sn_cancellation_is_canceled(NULL));
}

enum { MANY = 20 };

TEST(every_operation_of_the_handle_is_cancelled_and_no_other)
{
    sn_engine *engine = engine_of(state, 1);
    sn_cancellation *cancellation = make_cancellation();
    sn_operation operations[MANY] = {0};
    for (int i = 0; i < MANY; i++) {
        operations[i].cancellation = i % 2 ? cancellation : NULL;
        sn_engine_delay_async(engine, 100000, &operations[i]);
    }
    sn_cancellation_cancel(cancellation);
    for (int i = 1; i < MANY; i += 2)
        assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&operations[i]));
    for (int i = 0; i < MANY; i += 2) {
        assert_false(sn_operation_is_completed(&operations[i]));
        sn_operation_cancel(&operations[i]);
        assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&operations[i]));
    }
    sn_cancellation_release(cancellation);
    destroy_engine(engine);
}

TEST(what_is_started_with_a_cancelled_handle_is_cancelled_too)
{
    sn_engine *engine = engine_of(state, 1);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_cancellation *cancellation = make_cancellation();
    uint32_t count = 0;
    char data[8];
    sn_operation receive = {.cancellation = cancellation};
    sn_operation delay = receive, post = receive;
    sn_operation told = {
        .cancellation = cancellation, .completed = count_completed, .context = &count};
    use_engine(pair.server, engine);
    sn_cancellation_cancel(cancellation);
    send_text(pair.client, "x"); /* not even what could be had at once */
    sn_socket_receive_async(pair.server, data, sizeof data, SN_FLAG_NONE, &receive);
    sn_socket_receive_async(pair.server, data, sizeof data, SN_FLAG_NONE, &told);
    sn_engine_delay_async(engine, 100000, &delay);
    sn_engine_post_async(engine, &post);
    sn_cancellation_release(cancellation); /* none of them has a reference to it */
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&receive));
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&delay));
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&post));
    wait_for_count(&count, 1);
    assert_error(SN_ERROR_OPERATION_CANCELED, told.error);
    assert_receives(pair.server, "x");
    pair_release(&pair);
    destroy_engine(engine);
}

TEST(a_connect_to_several_addresses_with_a_cancelled_handle_tries_none)
{
    sn_engine *engine = engine_of(state, 1);
    sn_socket *listener = socket_listening(TCP_IPV4, 4), *socket = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(listener);
    const sn_ip_address addresses[] = {SN_IPV4_LOOPBACK, SN_IPV4_LOOPBACK, SN_IPV4_LOOPBACK};
    sn_cancellation *cancellation = make_cancellation();
    sn_operation operation = {.cancellation = cancellation};
    use_engine(socket, engine);
    sn_cancellation_cancel(cancellation);
    sn_socket_connect_addresses_async(socket, addresses, 3, sn_endpoint_get_port(&address),
                                      &operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&operation));
    assert_false(sn_socket_is_connected(socket));
    sn_cancellation_release(cancellation);
    sn_socket_release(socket);
    sn_socket_release(listener);
    destroy_engine(engine);
}

TEST(the_handle_lives_as_long_as_an_operation_has_it)
{
    sn_engine *engine = engine_of(state, 1);
    allocations_begin();
    sn_cancellation *cancellation = make_cancellation();
    sn_operation operations[2] = {{.cancellation = cancellation}, {.cancellation = cancellation}};
    sn_engine_delay_async(engine, 100000, &operations[0]);
    sn_engine_delay_async(engine, 100000, &operations[1]);
    sn_cancellation_release(cancellation);
    assert_int_equal(allocations_outstanding(), 1);
    for (int i = 0; i < 2; i++) {
        sn_operation_cancel(&operations[i]);
        assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&operations[i]));
    }
    destroy_engine(engine); /* after which the worker has let go of it */
    allocations_end();
}

/* --- After a time ----------------------------------------------------------------------------- */

static sn_operation *start_long(sn_engine *engine, sn_operation *operation,
                                sn_cancellation *cancellation)
{
    *operation = (sn_operation){.cancellation = cancellation};
    sn_engine_delay_async(engine, 100000, operation);
    return operation;
}

TEST(a_handle_cancels_after_a_time)
{
    sn_engine *engine = engine_of(state, 1);
    sn_cancellation *cancellation = make_cancellation();
    sn_operation operation;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_cancellation_cancel_after(NULL, 1));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_cancellation_cancel_after(cancellation, -2));
    start_long(engine, &operation, cancellation);
    assert_ok(sn_cancellation_cancel_after(cancellation, 1));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait(&operation));
    assert_true(sn_cancellation_is_canceled(cancellation));
    sn_cancellation_release(cancellation);
    destroy_engine(engine);
}

TEST(a_later_time_replaces_an_earlier_one)
{
    sn_engine *engine = engine_of(state, 1);
    sn_cancellation *cancellation = make_cancellation();
    sn_operation operation;
    start_long(engine, &operation, cancellation);
    assert_ok(sn_cancellation_cancel_after(cancellation, 100000));
    assert_ok(sn_cancellation_cancel_after(cancellation, SN_FOREVER));
    assert_ok(sn_cancellation_cancel_after(cancellation, 100000));
    assert_ok(sn_cancellation_cancel_after(cancellation, 2));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait(&operation));
    sn_cancellation_release(cancellation);

    cancellation = make_cancellation();
    start_long(engine, &operation, cancellation);
    assert_ok(sn_cancellation_cancel_after(cancellation, 100000));
    assert_ok(sn_cancellation_cancel_after(cancellation, 0)); /* at once */
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait(&operation));
    assert_ok(sn_cancellation_cancel_after(cancellation, 1)); /* nothing more to cancel */
    sn_cancellation_release(cancellation);
    destroy_engine(engine);
}

TEST(a_handle_with_a_running_timer_can_be_released_at_any_time)
{
    sn_engine *engine = engine_of(state, 1);
    for (int i = 0; i < 300; i++) {
        sn_cancellation *cancellation = make_cancellation();
        assert_ok(sn_cancellation_cancel_after(cancellation, i % 3 ? 1 : 100000));
        for (int j = 0; j < i % 40; j++)
            sched_yield();
        if (i % 5 == 0)
            assert_ok(sn_cancellation_cancel_after(cancellation, 1 + i % 2));
        sn_cancellation_release(cancellation);
    }
    destroy_engine(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handle_is_made_asked_and_released),
        ON_BOTH(every_operation_of_the_handle_is_cancelled_and_no_other),
        ON_BOTH(what_is_started_with_a_cancelled_handle_is_cancelled_too),
        ON_BOTH(a_connect_to_several_addresses_with_a_cancelled_handle_tries_none),
        ON_BOTH(the_handle_lives_as_long_as_an_operation_has_it),
        ON_BOTH(a_handle_cancels_after_a_time),
        ON_BOTH(a_later_time_replaces_an_earlier_one),
        ON_BOTH(a_handle_with_a_running_timer_can_be_released_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
