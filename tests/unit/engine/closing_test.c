/* Operations that tell when a close is over: here it waits for a reference that the test has. What
 * a program sees of them is in tests/conformance/async_closing_test.c. */
#include "unit/engine/engines.h"

#include "engine/closing.h"

static void begin(struct bare *bare, sn_operation *operation)
{
    assert_true(operation_begin(operation, SN_OPERATION_CLOSE));
    closing_start(&bare->descriptor, operation);
}

TEST(an_operation_completes_when_the_last_reference_is_given_back)
{
    struct bare bare;
    sn_operation before = {0}, after = {0};
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor));
    begin(&bare, &before);
    bare_begin_close(&bare);
    begin(&bare, &after); /* the close goes on already */
    assert_false(sn_operation_is_completed(&before));
    assert_false(sn_operation_is_completed(&after));
    assert_int_equal(bare.closed, 0);
    descriptor_unref(&bare.descriptor);
    assert_true(sn_operation_is_completed(&before));
    assert_true(sn_operation_is_completed(&after));
    assert_int_equal(bare.closed, 1);
    bare_close(&bare);
}

TEST(one_of_a_descriptor_that_is_closed_completes_at_once)
{
    struct bare bare;
    sn_operation late = {0};
    bare_open(&bare, SOCK_STREAM);
    bare_begin_close(&bare);
    begin(&bare, &late);
    assert_true(sn_operation_is_completed(&late));
    bare_close(&bare);
}

TEST(a_time_limit_and_a_cancel_end_the_operation_and_not_the_close)
{
    struct bare bare;
    sn_cancellation *cancellation = NULL;
    assert_ok(sn_cancellation_create(&cancellation));
    sn_operation timed = {.timeout_ms = 1}, cancelled = {.cancellation = cancellation}, plain = {0};
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor));
    begin(&bare, &timed);
    begin(&bare, &cancelled);
    begin(&bare, &plain);
    bare_begin_close(&bare);
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait(&timed));
    sn_cancellation_cancel(cancellation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&cancelled));
    assert_false(sn_operation_is_completed(&plain));
    assert_int_equal(bare.closed, 0);
    descriptor_unref(&bare.descriptor);
    assert_ok(sn_operation_wait(&plain));
    assert_int_equal(bare.closed, 1);
    sn_cancellation_release(cancellation);
    bare_close(&bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operation_completes_when_the_last_reference_is_given_back),
        cmocka_unit_test(one_of_a_descriptor_that_is_closed_completes_at_once),
        cmocka_unit_test(a_time_limit_and_a_cancel_end_the_operation_and_not_the_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
