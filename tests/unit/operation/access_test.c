#include "unit/engine/engines.h"

#include "loop/cancel.h"
#include "support/allocations.h"
#include "support/threads.h"

TEST(a_record_is_made_and_destroyed)
{
    sn_operation *operation = NULL;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_create(NULL));
    allocations_begin();
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_operation_create(&operation));
    assert_null(operation);
    assert_ok(sn_operation_create(&operation));
    assert_true(operation_begin(operation, SN_OPERATION_SEND));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_destroy(operation));
    operation_conclude(operation, NULL);
    assert_int_equal(sn_operation_get_kind(operation), SN_OPERATION_SEND);
    assert_ok(sn_operation_destroy(operation));
    assert_ok(sn_operation_destroy(NULL));
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

TEST(a_record_that_is_none_can_be_asked)
{
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_get_error(NULL));
    assert_int_equal(sn_operation_get_native_error(NULL), 0);
    assert_int_equal(sn_operation_get_kind(NULL), SN_OPERATION_NONE);
    assert_int_equal(sn_operation_get_transferred(NULL), 0);
    assert_int_equal(sn_operation_get_flags(NULL), SN_FLAG_NONE);
    assert_null(sn_operation_get_socket(NULL));
    assert_false(sn_operation_is_completed(NULL));
}

static void never_called(sn_operation *operation)
{
    (void)operation;
    fail();
}

TEST(what_a_program_sets_is_set_and_told_by_functions)
{
    sn_operation operation = {0};
    int context;
    sn_cancellation *cancellation = NULL;
    assert_ok(sn_cancellation_create(&cancellation));
    assert_ok(sn_operation_set_completed(&operation, never_called));
    assert_ok(sn_operation_set_context(&operation, &context));
    assert_ok(sn_operation_set_timeout(&operation, 5000));
    assert_ok(sn_operation_set_cancellation(&operation, cancellation));
    assert_true(operation.completed == never_called);
    assert_ptr_equal(operation.context, &context);
    assert_ptr_equal(sn_operation_get_context(&operation), &context);
    assert_int_equal(sn_operation_get_timeout(&operation), 5000);
    assert_ptr_equal(sn_operation_get_cancellation(&operation), cancellation);
    sn_cancellation_release(cancellation);
}

TEST(a_record_in_progress_is_not_changed)
{
    sn_operation operation = {0};
    assert_true(operation_begin(&operation, SN_OPERATION_SEND));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_set_completed(&operation, never_called));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_set_context(&operation, &operation));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_set_timeout(&operation, 1));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_set_cancellation(&operation, NULL));
    assert_true(operation.completed == NULL);
    assert_null(sn_operation_get_context(&operation));
    assert_int_equal(sn_operation_get_timeout(&operation), 0);
    operation_conclude(&operation, NULL);
    assert_ok(sn_operation_set_timeout(&operation, 1));
}

TEST(a_record_that_is_none_cannot_be_set)
{
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_set_completed(NULL, never_called));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_set_context(NULL, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_set_timeout(NULL, 1));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_set_cancellation(NULL, NULL));
    assert_null(sn_operation_get_context(NULL));
    assert_null(sn_operation_get_cancellation(NULL));
    assert_int_equal(sn_operation_get_timeout(NULL), 0);
}

TEST(sizes_are_told)
{
    assert_int_equal(sn_operation_size(), sizeof(sn_operation));
    assert_int_equal(sn_endpoint_size(), sizeof(sn_endpoint));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_made_and_destroyed),
        cmocka_unit_test(a_record_that_is_none_can_be_asked),
        cmocka_unit_test(what_a_program_sets_is_set_and_told_by_functions),
        cmocka_unit_test(a_record_in_progress_is_not_changed),
        cmocka_unit_test(a_record_that_is_none_cannot_be_set),
        cmocka_unit_test(sizes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
