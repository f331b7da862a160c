#include "socket/connect/connect.h"

#include <errno.h>

#include "support/sockets.h"
#include "support/test.h"

TEST(an_attempt_is_written_down_when_it_begins_and_when_it_ends)
{
    sn_connect_attempt attempts[2];
    sn_connect_log log = {.attempts = attempts, .capacity = 2};
    assert_int_equal(0, connect_log_begin(&log, &SN_IPV4_LOOPBACK));
    assert_int_equal(1, connect_log_begin(&log, &SN_IPV6_LOOPBACK));
    assert_int_equal(2, log.count);
    assert_error(SN_ERROR_IN_PROGRESS, attempts[0].error);
    assert_true(attempts[0].start_ns > 0);
    assert_int_equal(0, attempts[0].end_ns);
    connect_log_end(&log, 0, SN_ERROR_CONNECTION_REFUSED, ECONNREFUSED);
    connect_log_end(&log, 1, SN_OK, 0);
    connect_log_end(&log, 0, SN_ERROR_OPERATION_CANCELED, 0); /* it has ended */
    assert_true(sn_ip_address_equals(&SN_IPV4_LOOPBACK, &attempts[0].address));
    assert_error(SN_ERROR_CONNECTION_REFUSED, attempts[0].error);
    assert_int_equal(ECONNREFUSED, attempts[0].native_error);
    assert_true(attempts[0].end_ns >= attempts[0].start_ns);
    assert_true(sn_ip_address_equals(&SN_IPV6_LOOPBACK, &attempts[1].address));
    assert_ok(attempts[1].error);
}

TEST(without_room_attempts_are_counted_and_without_a_log_not_even_that)
{
    sn_connect_log none = {.capacity = 7};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(i, connect_log_begin(&none, &SN_IPV4_LOOPBACK));
    connect_log_end(&none, 2, SN_OK, 0);
    assert_int_equal(3, none.count);
    assert_int_equal(0, connect_log_begin(NULL, &SN_IPV4_LOOPBACK));
    connect_log_end(NULL, 0, SN_OK, 0);
}

/* A program that sets the count back does so between two connects; one that does it meanwhile gets
 * no more than it has room for. */
TEST(what_was_taken_out_of_a_log_is_not_written_to)
{
    sn_connect_attempt attempt;
    sn_connect_log log = {.attempts = &attempt, .capacity = 1};
    size_t place = connect_log_begin(&log, &SN_IPV4_LOOPBACK);
    log.count = 0;
    connect_log_end(&log, place, SN_OK, 0);
    assert_error(SN_ERROR_IN_PROGRESS, attempt.error);
}

TEST(a_socket_writes_to_the_log_that_it_was_given)
{
    sn_connect_attempt attempts[2];
    sn_connect_log log = {.attempts = attempts, .capacity = 2};
    sn_connect_options options = {.log = &log};
    sn_endpoint ip = endpoint_of(&SN_IPV4_LOOPBACK, 1), unix_one;
    sn_socket *socket = socket_make(TCP_IPV4);
    connect_log_begin_only(socket, &ip); /* it has none */
    connect_log_end_only(socket, SN_OK, 0);
    assert_null(connect_log_of(socket));

    assert_ok(connect_options_set(socket, &options));
    assert_ptr_equal(&log, connect_log_of(socket));
    connect_log_end_only(socket, SN_OK, 0); /* nothing has begun */
    assert_ok(sn_endpoint_from_unix("/nowhere", &unix_one));
    connect_log_begin_only(socket, &unix_one);
    assert_int_equal(0, log.count);
    connect_log_begin_only(socket, &ip);
    connect_log_end_only(socket, SN_ERROR_CONNECTION_REFUSED, ECONNREFUSED);
    assert_int_equal(1, log.count);
    assert_error(SN_ERROR_CONNECTION_REFUSED, attempts[0].error);
    sn_socket_release(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attempt_is_written_down_when_it_begins_and_when_it_ends),
        cmocka_unit_test(without_room_attempts_are_counted_and_without_a_log_not_even_that),
        cmocka_unit_test(what_was_taken_out_of_a_log_is_not_written_to),
        cmocka_unit_test(a_socket_writes_to_the_log_that_it_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
