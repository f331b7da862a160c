#include "unit/engine/engines.h"

#include "backends/retry.h"
#include "sys/sys.h"

enum { COUNT = 4 };

static void make_due(struct retry_list *list)
{
    list->at_ns = sys_now();
}

static size_t take_all(struct retry_list *list, sn_operation *operations, bool *was_taken)
{
    size_t count = 0;
    sn_operation *operation;
    for (int i = 0; i < COUNT; i++)
        was_taken[i] = false;
    make_due(list);
    while ((operation = retry_take(list)) != NULL) {
        assert_false(record_of(operation)->marks & MARK_RETRYING); /* in no list any more */
        assert_int_equal(record_of(operation)->native_result, 0);  /* where its link stood */
        was_taken[operation - operations] = true;
        count++;
    }
    assert_null(list->first);
    return count;
}

TEST(what_is_to_be_tried_again_comes_when_its_time_has_come)
{
    struct retry_list list = {NULL, 0};
    sn_operation operations[COUNT] = {0};
    bool was_taken[COUNT];
    assert_null(retry_take(&list));
    int64_t before = sys_now();
    for (int i = 0; i < COUNT; i++)
        retry_add(&list, &operations[i]);
    assert_true(list.at_ns > before);
    list.at_ns = SYS_NEVER;
    assert_null(retry_take(&list));
    assert_int_equal(take_all(&list, operations, was_taken), COUNT);
}

TEST(the_next_try_is_a_deadline_like_others)
{
    struct retry_list list = {NULL, 0};
    sn_operation operation = {0};
    assert_int_equal(retry_deadline(&list, 5), 5);
    assert_int_equal(retry_deadline(&list, SYS_NEVER), SYS_NEVER);
    retry_add(&list, &operation);
    assert_int_equal(retry_deadline(&list, SYS_NEVER), list.at_ns);
    assert_int_equal(retry_deadline(&list, 5), 5);
    assert_true(retry_remove(&list, &operation));
    assert_int_equal(retry_deadline(&list, SYS_NEVER), SYS_NEVER);
}

TEST(any_operation_can_leave_the_list)
{
    for (int leaving = 0; leaving < COUNT; leaving++) {
        struct retry_list list = {NULL, 0};
        sn_operation operations[COUNT] = {0};
        bool was_taken[COUNT];
        for (int i = 0; i < COUNT; i++)
            retry_add(&list, &operations[i]);
        assert_true(retry_remove(&list, &operations[leaving]));
        assert_false(retry_remove(&list, &operations[leaving])); /* harmless */
        assert_int_equal(take_all(&list, operations, was_taken), COUNT - 1);
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(was_taken[i], i != leaving);
    }
}

/* --- In an engine ----------------------------------------------------------------------------- */

/* No event tells when the queue of another Unix socket has room again. */
TEST(a_datagram_to_a_full_unix_socket_goes_out_when_there_is_room)
{
    sn_engine *engine = engine_of(state, 1);
    sn_socket *sender = socket_bound(UNIX_DATAGRAM), *full = socket_bound(UNIX_DATAGRAM);
    sn_socket *other = socket_bound(UNIX_DATAGRAM);
    sn_endpoint to_full = local_endpoint(full), to_other = local_endpoint(other);
    uint32_t count = 0;
    sn_operation operations[3];
    use_engine(sender, engine);
    set_blocking(sender, false);
    while (sn_socket_send_to(sender, "x", 1, SN_FLAG_NONE, &to_full, NULL) == SN_OK)
        ;
    for (int i = 0; i < 3; i++) {
        operations[i] = (sn_operation){.completed = count_completed, .context = &count};
        sn_socket_send_to_async(sender, "y", 1, SN_FLAG_NONE, i < 2 ? &to_full : &to_other,
                                &operations[i]);
    }
    sn_operation_cancel(&operations[0]);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&operations[0]));
    assert_false(sn_operation_is_completed(&operations[1]));
    assert_false(sn_operation_is_completed(&operations[2])); /* in the order of starting */
    assert_receives(full, "x");
    wait_for_count(&count, 3);
    assert_ok(operations[1].error);
    assert_ok(operations[2].error);
    assert_receives(other, "y");
    sn_socket_release(sender);
    sn_socket_release(full);
    sn_socket_release(other);
    destroy_engine(engine);
}

TEST(a_connect_to_a_full_unix_listener_gets_through_when_there_is_room)
{
    sn_engine *engine = engine_of(state, 1);
    struct full_listener full = full_listener_make(UNIX_STREAM);
    sn_socket *client = socket_make(UNIX_STREAM), *accepted = NULL;
    sn_operation operation = {0};
    use_engine(client, engine);
    sn_socket_connect_async(client, &full.address, &operation);
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(&operation, 2));
    while (!sn_operation_is_completed(&operation)) {
        assert_ok(sn_socket_accept(full.listener, &accepted));
        sn_socket_release(accepted);
        (void)!sn_operation_wait_for(&operation, 50);
    }
    assert_ok(operation.error);
    sn_socket_release(client);
    full_listener_release(&full);
    destroy_engine(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_to_be_tried_again_comes_when_its_time_has_come),
        cmocka_unit_test(the_next_try_is_a_deadline_like_others),
        cmocka_unit_test(any_operation_can_leave_the_list),
        ON_BOTH(a_datagram_to_a_full_unix_socket_goes_out_when_there_is_room),
        ON_BOTH(a_connect_to_a_full_unix_listener_gets_through_when_there_is_room),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
