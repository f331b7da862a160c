#include "unit/engine/engines.h"

#include "loop/cancel.h"
#include "support/allocations.h"
#include "support/threads.h"

TEST(beginning_clears_what_the_last_run_left)
{
    int context;
    sn_operation operation = {.context = &context, .timeout_ms = 7};
    operation.error = SN_ERROR_FAULT;
    operation.native_error = 5;
    operation.transferred = 9;
    operation.flags = SN_FLAG_TRUNCATED;
    operation.socket = (sn_socket *)&context;
    operation.packet_information.interface_index = 3;
    record_of(&operation)->marks = 0xff;
    assert_true(operation_begin(&operation, SN_OPERATION_SEND));
    assert_true(operation_is_pending(&operation));
    assert_ok(operation.error);
    assert_int_equal(operation.native_error, 0);
    assert_int_equal(operation.transferred, 0);
    assert_int_equal(operation.flags, SN_FLAG_NONE);
    assert_null(operation.socket);
    assert_int_equal(operation.packet_information.interface_index, 0);
    assert_int_equal(record_of(&operation)->marks, 0);
    assert_int_equal(record_of(&operation)->deadline.place, HEAP_NOWHERE);
    assert_int_equal(operation.kind, SN_OPERATION_SEND);
    /* What is the program's stays. */
    assert_ptr_equal(operation.context, &context);
    assert_int_equal(operation.timeout_ms, 7);
    operation_conclude(&operation, NULL);
}

TEST(a_record_goes_around_from_completed_to_completed)
{
    uint32_t count = 0;
    sn_operation operation = {.completed = count_completed, .context = &count};
    assert_false(sn_operation_is_completed(&operation));
    for (uint32_t i = 1; i <= 3; i++) {
        assert_true(operation_begin(&operation, SN_OPERATION_RECEIVE));
        assert_false(sn_operation_is_completed(&operation));
        operation_conclude(&operation, NULL);
        assert_true(sn_operation_is_completed(&operation));
        assert_int_equal(count, i);
    }
    assert_false(operation_begin(NULL, SN_OPERATION_RECEIVE));
}

/* Only the two phases that the library writes are not idle. */
TEST(a_state_that_the_library_has_not_written_is_idle)
{
    static const uint32_t states[] = {0,          1,          2,          3,
                                      4,          0x01010101, 0xffffffff, 0x80000000,
                                      0x7ffffc03, 0x53000001, 0x00006c02, 0x534e6c00,
                                      0x534e6c03, 0x524e6c01, 0x534e6801, 0x534e6c02};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        sn_operation operation = {0};
        record_of(&operation)->state = states[i];
        assert_int_equal(states[i] == (uint32_t)OPERATION_COMPLETED,
                         sn_operation_is_completed(&operation));
        assert_false(operation_is_pending(&operation));
        assert_true(operation_is_free(&operation));
        assert_true(operation_begin(&operation, SN_OPERATION_POST));
        assert_int_equal(OPERATION_PENDING, record_of(&operation)->state);
        assert_false(operation_is_free(&operation));
        operation_conclude(&operation, NULL);
    }
    assert_false(operation_is_free(NULL));
}

TEST(a_pending_record_is_not_begun_whatever_marks_it_has)
{
    static const uint32_t marks[] = {0,
                                     OPERATION_WAITED,
                                     OPERATION_HANDED | OPERATION_ARRIVED,
                                     OPERATION_LINKED,
                                     OPERATION_CANCEL_EARLY,
                                     0x800000fc};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        sn_operation operation = {.transferred = 5};
        record_of(&operation)->state = OPERATION_PENDING | marks[i];
        assert_false(operation_begin(&operation, SN_OPERATION_POST));
        assert_int_equal(OPERATION_PENDING | marks[i], record_of(&operation)->state);
        assert_int_equal(5, operation.transferred);
    }
}

/* While the operation is pending a cancel looks through it at the descriptor. */
static sn_operation *inside_operation;
static bool was_completed_at_close;

static void note_closed(struct descriptor *descriptor)
{
    (void)descriptor;
    was_completed_at_close = sn_operation_is_completed(inside_operation);
}

TEST(an_operation_leaves_its_descriptor_when_it_has_completed_and_not_before)
{
    static const struct descriptor_class class = {.on_closed = note_closed};
    struct descriptor descriptor;
    sn_operation operation = {0};
    inside_operation = &operation;
    descriptor_init(&descriptor, -1, 0, &class);
    assert_true(descriptor_ref(&descriptor));
    assert_true(descriptor_begin_close(&descriptor));
    descriptor_unref(&descriptor);
    assert_true(operation_begin(&operation, SN_OPERATION_RECEIVE));
    operation_conclude(&operation, &descriptor);
    assert_true(was_completed_at_close);
    descriptor_deinit(&descriptor);
}

/* --- Waiting ---------------------------------------------------------------------------------- */

TEST(waiting_refuses_what_makes_no_sense)
{
    sn_operation idle = {0}, pending = {0}, *list[] = {&pending, &idle}, *hole[] = {&pending, NULL};
    size_t index = 7;
    assert_true(operation_begin(&pending, SN_OPERATION_POST));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(NULL));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait(&idle));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_operation_wait_for(&idle, -2));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait_any(NULL, 1, 0, &index));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait_any(hole, 2, 0, &index));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait_any(list, 1, 0, NULL));
    assert_error(SN_ERROR_ARGUMENT, sn_operation_wait_any(list, 0, 0, &index));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_operation_wait_any(list, 1, -2, &index));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait_any(list, 2, 0, &index));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait_all(list, 2, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait_all(hole, 2, 0));
    assert_ok(sn_operation_wait_all(list, 0, 0));
    assert_int_equal(index, 7);
    operation_conclude(&pending, NULL);
}

TEST(waiting_ends_at_its_limit_and_the_operation_goes_on)
{
    sn_operation operation = {0}, *list[] = {&operation};
    size_t index = 7;
    assert_true(operation_begin(&operation, SN_OPERATION_POST));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(&operation, 0));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_for(&operation, 1));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_any(list, 1, 1, &index));
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait_all(list, 1, 1));
    assert_true(operation_is_pending(&operation));
    operation.error = SN_ERROR_FAULT;
    operation_conclude(&operation, NULL);
    assert_error(SN_ERROR_FAULT, sn_operation_wait(&operation));
    assert_ok(sn_operation_wait_all(list, 1, SN_FOREVER)); /* each keeps its own error */
    assert_int_equal(index, 7);
}

TEST(of_several_completed_ones_the_lowest_is_told)
{
    sn_operation operations[4] = {0}, *list[4];
    size_t index = 9;
    for (size_t i = 0; i < 4; i++) {
        list[i] = &operations[i];
        assert_true(operation_begin(&operations[i], SN_OPERATION_POST));
    }
    operation_conclude(&operations[3], NULL);
    operation_conclude(&operations[1], NULL);
    assert_ok(sn_operation_wait_any(list, 4, SN_FOREVER, &index));
    assert_int_equal(index, 1);
    operation_conclude(&operations[0], NULL);
    operation_conclude(&operations[2], NULL);
}

static sn_error wait_one(void *context)
{
    return sn_operation_wait(context);
}

static sn_error wait_any(void *context)
{
    size_t index = 9;
    sn_error error = sn_operation_wait_any(context, 2, SN_FOREVER, &index);
    return error ? error : index == 1 ? SN_OK : SN_ERROR_FAULT;
}

static sn_error wait_all(void *context)
{
    return sn_operation_wait_all(context, 2, SN_FOREVER);
}

TEST(every_waiting_thread_is_woken)
{
    for (int i = 0; i < 200; i++) {
        sn_operation operations[2] = {0}, *list[] = {&operations[0], &operations[1]};
        struct thread threads[4];
        assert_true(operation_begin(list[0], SN_OPERATION_POST));
        assert_true(operation_begin(list[1], SN_OPERATION_POST));
        thread_start(&threads[0], wait_any, list);
        thread_start(&threads[1], wait_one, list[1]);
        thread_start(&threads[2], wait_one, list[1]);
        thread_start(&threads[3], wait_all, list);
        for (int j = 0; j < i % 20; j++)
            sched_yield();
        operation_conclude(list[1], NULL);
        assert_ok(thread_join(&threads[0]));
        assert_ok(thread_join(&threads[1]));
        assert_ok(thread_join(&threads[2]));
        operation_conclude(list[0], NULL);
        assert_ok(thread_join(&threads[3]));
    }
}

/* --- Queues ----------------------------------------------------------------------------------- */

static void expect_order(struct operation_queue *queue, sn_operation *const *expected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sn_operation *first = queue_first(queue);
        assert_ptr_equal(first, expected[i]);
        queue_remove_front(queue, first);
    }
    assert_null(queue_first(queue));
    assert_null(queue->last);
}

TEST(a_queue_gives_first_what_came_first)
{
    struct operation_queue queue = {NULL};
    sn_operation a = {0}, b = {0}, c = {0};
    assert_null(queue_first(&queue));
    queue_append(&queue, &a);
    queue_append(&queue, &b);
    queue_prepend(&queue, &c);
    expect_order(&queue, (sn_operation *[]){&c, &a, &b}, 3);
    queue_prepend(&queue, &b);
    queue_append(&queue, &a);
    expect_order(&queue, (sn_operation *[]){&b, &a}, 2);
}

TEST(a_list_is_taken_as_a_whole_and_can_be_filled_meanwhile)
{
    struct operation_list list;
    sn_operation a = {0}, b = {0}, c = {0};
    operation_list_init(&list);
    assert_true(operation_list_is_empty(&list));
    assert_null(operation_list_take(&list));
    operation_list_append(&list, &a);
    operation_list_append(&list, &b);
    assert_false(operation_list_is_empty(&list));
    sn_operation *first = operation_list_take(&list);
    assert_true(operation_list_is_empty(&list));
    operation_list_append(&list, &c);
    assert_ptr_equal(first, &a);
    assert_ptr_equal(record_of(&a)->next, &b);
    assert_null(record_of(&b)->next);
    assert_ptr_equal(operation_list_take(&list), &c);
    assert_null(record_of(&c)->next);
}

TEST(any_operation_can_leave_a_queue)
{
    for (size_t leaving = 0; leaving < 4; leaving++) {
        struct operation_queue queue = {NULL};
        sn_operation operations[4] = {0}, *rest[3];
        for (size_t i = 0, place = 0; i < 4; i++) {
            queue_append(&queue, &operations[i]);
            if (i != leaving)
                rest[place++] = &operations[i];
        }
        queue_remove(&queue, &operations[leaving]);
        expect_order(&queue, rest, 3);
    }
    struct operation_queue queue = {NULL};
    sn_operation only = {0};
    queue_append(&queue, &only);
    queue_remove(&queue, &only);
    expect_order(&queue, NULL, 0);
}

/* --- Records made by a function --------------------------------------------------------------- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beginning_clears_what_the_last_run_left),
        cmocka_unit_test(a_record_goes_around_from_completed_to_completed),
        cmocka_unit_test(a_state_that_the_library_has_not_written_is_idle),
        cmocka_unit_test(a_pending_record_is_not_begun_whatever_marks_it_has),
        cmocka_unit_test(an_operation_leaves_its_descriptor_when_it_has_completed_and_not_before),
        cmocka_unit_test(waiting_refuses_what_makes_no_sense),
        cmocka_unit_test(waiting_ends_at_its_limit_and_the_operation_goes_on),
        cmocka_unit_test(of_several_completed_ones_the_lowest_is_told),
        cmocka_unit_test(every_waiting_thread_is_woken),
        cmocka_unit_test(a_queue_gives_first_what_came_first),
        cmocka_unit_test(a_list_is_taken_as_a_whole_and_can_be_filled_meanwhile),
        cmocka_unit_test(any_operation_can_leave_a_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
