#include "socket/connect/connect.h"

#include <errno.h>

#include "support/transfer_support.h"

/* What the object remembers, and whether it may connect: the two forms differ, as in .NET. */
TEST(each_state_allows_a_connect_or_says_why_not)
{
    static const struct {
        const char *name;
        enum transport transport;
        uint32_t state;
        sn_error blocking, async;
    } rows[] = {
        {"fresh", TCP_IPV4, 0, SN_OK, SN_OK},
        {"bound", TCP_IPV4, SOCKET_BOUND, SN_OK, SN_OK},
        {"connected", TCP_IPV4, SOCKET_CONNECTED, SN_ERROR_IS_CONNECTED, SN_ERROR_IS_CONNECTED},
        {"connected datagrams", UDP_IPV4, SOCKET_CONNECTED, SN_OK, SN_OK},
        {"listening", TCP_IPV4, SOCKET_LISTENING, SN_ERROR_INVALID_OPERATION,
         SN_ERROR_INVALID_OPERATION},
        {"was connected", TCP_IPV4, SOCKET_DISCONNECTED, SN_ERROR_INVALID_OPERATION, SN_OK},
        {"was connected, connected", TCP_IPV4, SOCKET_DISCONNECTED | SOCKET_CONNECTED,
         SN_ERROR_INVALID_OPERATION, SN_ERROR_IS_CONNECTED},
        {"has ended", TCP_IPV4, SOCKET_ENDED, SN_OK, SN_ERROR_IS_CONNECTED},
        {"datagrams that have ended", UDP_IPV4, SOCKET_ENDED, SN_OK, SN_ERROR_IS_CONNECTED},
        {"listening and ended", TCP_IPV4, SOCKET_LISTENING | SOCKET_ENDED,
         SN_ERROR_INVALID_OPERATION, SN_ERROR_INVALID_OPERATION},
        {"failed before", TCP_IPV4, SOCKET_CONNECT_FAILED, SN_OK, SN_OK},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_socket *socket = socket_make(rows[i].transport);
        socket_set(socket, rows[i].state);
        row_begin("%s", rows[i].name);
        row_error(rows[i].blocking, connect_check_state(socket));
        row_error(rows[i].async, connect_check_async(socket));
        sn_socket_release(socket);
    }
    rows_end();
}

/* An attempt as it ends, with what it leaves of `before`. */
TEST(each_end_of_an_attempt_leaves_its_mark)
{
    enum {
        PENDING = SOCKET_CONNECT_PENDING,
        FAILED = SOCKET_CONNECT_FAILED,
        CONNECTED = SOCKET_CONNECTED
    };
    static const struct {
        sn_error error;
        int native;
        uint32_t before, after;
    } rows[] = {
        {SN_OK, 0, 0, CONNECTED},
        {SN_OK, 0, PENDING | FAILED, CONNECTED},
        {SN_ERROR_WOULD_BLOCK, EINPROGRESS, 0, PENDING},
        {SN_ERROR_WOULD_BLOCK, EAGAIN, 0, 0}, /* a full queue: nothing has begun */
        {SN_ERROR_ALREADY_IN_PROGRESS, EALREADY, PENDING, PENDING},
        {SN_ERROR_ALREADY_IN_PROGRESS, EALREADY, 0, 0},
        {SN_ERROR_CONNECTION_REFUSED, ECONNREFUSED, 0, FAILED},
        {SN_ERROR_CONNECTION_REFUSED, ECONNREFUSED, PENDING, FAILED},
        {SN_ERROR_TIMED_OUT, 0, 0, FAILED},
        {SN_ERROR_OPERATION_CANCELED, 0, PENDING, FAILED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        sn_operation operation = {.error = rows[i].error, .native_error = rows[i].native};
        socket_set(socket, rows[i].before);
        connect_note_attempt(socket, &operation);
        row_begin("%s with errno %d", sn_error_name(rows[i].error), rows[i].native);
        row_equal(rows[i].after,
                  atomic_load_acquire(&socket->state) & (uint32_t)(PENDING | FAILED | CONNECTED));
        sn_socket_release(socket);
    }
    rows_end();
}

/* The operation's time is for all addresses together, the socket's for each. */
TEST(the_earlier_of_two_limits_ends_an_attempt)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_operation operation = {0};
    assert_int_equal(0, connect_deadline(socket, &operation));

    atomic_store_relaxed(&socket->timeouts_ms[TIMEOUT_CONNECT], 1000);
    int64_t first = connect_deadline(socket, &operation);
    assert_true(first > 0);
    assert_true(connect_deadline(socket, &operation) >= first); /* begins anew for each */

    operation.timeout_ms = 10;
    int64_t both = connect_deadline(socket, &operation);
    assert_true(both < first);
    assert_int_equal(both, connect_deadline(socket, &operation)); /* does not */

    operation.timeout_ms = 100000;
    record_of(&operation)->room.connect.until_ns = 0;
    assert_true(connect_deadline(socket, &operation) < deadline_after(50000));

    /* A lookup came first: then the time is counted already. */
    record_of(&operation)->room.connect.until_ns = 0;
    record_of(&operation)->deadline.key = 7;
    assert_int_equal(7, connect_deadline(socket, &operation));
    sn_socket_release(socket);
}

TEST(only_internet_sockets_connect_to_names)
{
    sn_socket *ip = socket_make(TCP_IPV4), *local = socket_make(UNIX_STREAM);
    assert_true(is_ip_socket(ip));
    assert_false(is_ip_socket(local));
    sn_socket_release(ip);
    sn_socket_release(local);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_allows_a_connect_or_says_why_not),
        cmocka_unit_test(each_end_of_an_attempt_leaves_its_mark),
        cmocka_unit_test(the_earlier_of_two_limits_ends_an_attempt),
        cmocka_unit_test(only_internet_sockets_connect_to_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
