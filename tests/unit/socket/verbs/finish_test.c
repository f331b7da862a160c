/* What every verb's end has in common, and what its row decides. */
#include "support/test.h"

#include <errno.h>
#include <sys/socket.h>

#include "socket/object/object.h"
#include "support/sockets.h"
#include "telemetry/telemetry.h"

static sn_error everything_is_refused(int native)
{
    (void)native;
    return SN_ERROR_CONNECTION_REFUSED;
}

static const struct verb receives = {.kind = SN_OPERATION_RECEIVE, .transfers = TRANSFERS_IN};
static const struct verb sends = {
    .kind = SN_OPERATION_SEND, .direction = DIRECTION_OUT, .transfers = TRANSFERS_OUT};
static const struct verb peculiar = {.kind = SN_OPERATION_ACCEPT,
                                     .error_at_close = SN_ERROR_INTERRUPTED,
                                     .error_of = everything_is_refused};

static sn_error finish(sn_socket *socket, const struct verb *verb, int64_t result, size_t moved)
{
    sn_operation operation;
    verb_begin(&operation, verb);
    record_of(&operation)->native_result = result;
    operation.transferred = moved;
    sn_error error = socket_finish(socket, &operation);
    assert_int_equal(error, operation.error);
    return error;
}

TEST(what_a_verb_moves_is_counted_as_its_row_says)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_metrics before, after;
    sn_metrics_get(&before, sizeof before);
    assert_ok(finish(socket, &receives, 3, 3));
    assert_ok(finish(socket, &sends, 5, 5));
    assert_ok(finish(socket, &peculiar, 7, 7));
    sn_metrics_get(&after, sizeof after);
    assert_int_equal(after.bytes_received - before.bytes_received, 3);
    assert_int_equal(after.bytes_sent - before.bytes_sent, 5);
    sn_socket_release(socket);
}

TEST(bytes_that_have_moved_before_a_cancel_are_a_success)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_metrics before, after;
    sn_metrics_get(&before, sizeof before);
    assert_ok(finish(socket, &sends, OUTCOME_CANCELED, 5));
    assert_error(SN_ERROR_OPERATION_CANCELED, finish(socket, &sends, OUTCOME_CANCELED, 0));
    sn_metrics_get(&after, sizeof after);
    assert_int_equal(after.bytes_sent - before.bytes_sent, 5);
    sn_socket_release(socket);
}

/* The row's own answer, or else what the type of the socket says. */
TEST(a_close_ends_a_blocked_call_with_the_verbs_error)
{
    sn_socket *stream = socket_make(TCP_IPV4), *datagrams = socket_make(UDP_IPV4);
    assert_error(SN_ERROR_INTERRUPTED, finish(stream, &peculiar, OUTCOME_CLOSED, 0));
    assert_error(SN_ERROR_CONNECTION_ABORTED, finish(stream, &receives, OUTCOME_CLOSED, 0));
    assert_error(SN_ERROR_INTERRUPTED, finish(datagrams, &receives, OUTCOME_CLOSED, 0));
    sn_socket_release(stream);
    sn_socket_release(datagrams);
}

TEST(what_the_kernel_says_means_what_the_row_says)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_error(SN_ERROR_CONNECTION_REFUSED, finish(socket, &peculiar, -EPROTO, 0));
    assert_error(SN_ERROR_CONNECTION_RESET, finish(socket, &receives, -ECONNRESET, 0));
    assert_int_equal(sn_error_last_native(), ECONNRESET);
    assert_error(SN_ERROR_OUT_OF_MEMORY, finish(socket, &receives, OUTCOME_NO_MEMORY, 0));
    assert_error(SN_ERROR_WOULD_BLOCK, finish(socket, &sends, -EINPROGRESS, 0));
    sn_socket_release(socket);
}

/* A fast operation has no row in it. */
TEST(an_operation_without_a_row_is_a_plain_transfer)
{
    sn_operation operation = {0};
    record_of(&operation)->direction = DIRECTION_OUT;
    assert_int_equal(verb_of(&operation)->kind, SN_OPERATION_SEND);
    assert_int_equal(verb_of(&operation)->transfers, TRANSFERS_OUT);
    record_of(&operation)->direction = DIRECTION_IN;
    assert_int_equal(verb_of(&operation)->kind, SN_OPERATION_RECEIVE);
    assert_int_equal(verb_of(&operation)->transfers, TRANSFERS_IN);
    record_of(&operation)->verb = &peculiar;
    assert_ptr_equal(verb_of(&operation), &peculiar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_verb_moves_is_counted_as_its_row_says),
        cmocka_unit_test(bytes_that_have_moved_before_a_cancel_are_a_success),
        cmocka_unit_test(a_close_ends_a_blocked_call_with_the_verbs_error),
        cmocka_unit_test(what_the_kernel_says_means_what_the_row_says),
        cmocka_unit_test(an_operation_without_a_row_is_a_plain_transfer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
