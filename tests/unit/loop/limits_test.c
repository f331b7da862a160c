#include "support/test.h"

#include "loop/limits.h"
#include "support/allocations.h"
#include "sys/sys.h"

#define OPERATIONS 40

static struct limits limits;
static sn_operation operations[OPERATIONS];

static int begin(void **state)
{
    (void)state;
    limits = (struct limits){0};
    memset(operations, 0, sizeof operations);
    assert_true(limits_init(&limits));
    return 0;
}

static int end(void **state)
{
    (void)state;
    limits_deinit(&limits);
    return 0;
}

static void assert_takes(int64_t now_ns, sn_operation *operation)
{
    assert_ptr_equal(limits_take(&limits, now_ns), operation);
}

TEST(without_any_there_is_nothing_to_wait_for)
{
    assert_true(limits_next(&limits) == SYS_NEVER);
    assert_takes(INT64_MAX, NULL);
    limits_remove(&limits, &operations[0]); /* harmless */
    assert_true(limits_next(&limits) == SYS_NEVER);
}

TEST(those_of_one_length_end_in_the_order_they_were_set)
{
    for (int i = 0; i < OPERATIONS; i++)
        assert_true(limits_set_span(&limits, &operations[i], 50, 100 + i));
    assert_int_equal(limits.heap.count, 1); /* all of them stand in one queue */
    assert_int_equal(limits_next(&limits), 100);
    assert_takes(99, NULL);
    for (int i = 0; i < OPERATIONS; i++)
        assert_takes(1000, &operations[i]);
    assert_takes(1000, NULL);
    assert_int_equal(limits.heap.count, 0);
}

TEST(any_of_them_may_leave_and_come_again)
{
    for (int i = 0; i < 4; i++)
        assert_true(limits_set_span(&limits, &operations[i], 50, 100 + i));
    limits_remove(&limits, &operations[0]);
    limits_remove(&limits, &operations[2]);
    limits_remove(&limits, &operations[2]); /* harmless */
    assert_true(limits_set_span(&limits, &operations[0], 50, 200));
    assert_takes(100, NULL); /* the first has gone: it wakes for nothing, and looks again */
    assert_int_equal(limits_next(&limits), 101);
    assert_takes(103, &operations[1]);
    assert_takes(103, &operations[3]);
    assert_takes(103, NULL);
    limits_remove(&limits, &operations[0]);
    assert_true(limits_next(&limits) == SYS_NEVER); /* the last one takes the queue with it */
}

/* Where the links of a queue stand until then. */
TEST(what_has_left_a_queue_has_an_empty_result_again)
{
    static const sn_ip_packet_information empty;
    for (int i = 0; i < 3; i++)
        assert_true(limits_set_span(&limits, &operations[i], 50, 100 + i));
    limits_remove(&limits, &operations[1]);
    assert_takes(100, &operations[0]);
    assert_takes(102, &operations[2]);
    for (int i = 0; i < 3; i++)
        assert_memory_equal(&operations[i].packet_information, &empty, sizeof empty);
}

TEST(lengths_and_single_deadlines_are_one_order)
{
    /* More lengths than there are queues; and some that were set by other threads. */
    for (int i = 0; i < 8; i++)
        assert_true(limits_set_span(&limits, &operations[i], 10 * (i + 1), 100 + i));
    for (int i = 8; i < 16; i++)
        assert_true(limits_set(&limits, &operations[i], 100 + 7 - (i - 8)));
    int64_t last_ns = 0;
    for (int i = 0; i < 16; i++) {
        int64_t now_ns = limits_next(&limits);
        sn_operation *operation = limits_take(&limits, now_ns);
        assert_non_null(operation);
        assert_in_range(now_ns, last_ns, 107);
        assert_true(record_of(operation)->deadline.key == now_ns);
        last_ns = now_ns;
    }
    assert_true(limits_next(&limits) == SYS_NEVER);
}

TEST(a_queue_that_is_empty_serves_another_length)
{
    for (int i = 0; i < 100; i++) {
        assert_true(limits_set_span(&limits, &operations[0], i + 1, i));
        assert_int_equal(record_of(&operations[0])->deadline.place, LIMIT_QUEUED);
        limits_remove(&limits, &operations[0]);
    }
}

TEST(without_memory_only_the_heap_refuses)
{
    allocations_begin();
    allocations_fail_all();
    for (size_t i = 0; i < LIMIT_QUEUES; i++)
        assert_true(limits_set_span(&limits, &operations[i], (sn_milliseconds)i + 1, 100));
    while (limits.heap.count < limits.heap.capacity - LIMIT_QUEUES)
        limits.heap.capacity--; /* as if it were full */
    assert_false(limits_set(&limits, &operations[10], 5));
    assert_false(limits_set_span(&limits, &operations[10], 1000, 5)); /* no queue is left */
    assert_true(limits_set_span(&limits, &operations[10], 1, 105));
    assert_int_equal(limits_next(&limits), 100);
    limits_remove(&limits, &operations[10]);
    allocations_end();
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(without_any_there_is_nothing_to_wait_for),
        CASE(those_of_one_length_end_in_the_order_they_were_set),
        CASE(any_of_them_may_leave_and_come_again),
        CASE(what_has_left_a_queue_has_an_empty_result_again),
        CASE(lengths_and_single_deadlines_are_one_order),
        CASE(a_queue_that_is_empty_serves_another_length),
        CASE(without_memory_only_the_heap_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
