/*
 * A connect that does not wait, and one that waits only so long (contract B.4).
 */
#include "conformance/neighbours.h"
#include "support/run.h"

#include "support/verbs.h"

/* --- Without waiting ------------------------------------------------------------------------- */

TEST(a_non_blocking_connect_is_on_its_way_and_another_one_must_wait)
{
    struct full_listener full = full_listener_make(transport_of(state));
    sn_socket *socket = socket_make(transport_of(state));
    size_t size;
    char byte;
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, &full.address));
    assert_error(SN_ERROR_ALREADY_IN_PROGRESS, do_connect(socket, &full.address));
    assert_error(SN_ERROR_WOULD_BLOCK, do_send(socket, "x", 1, SN_FLAG_NONE, &size));
    assert_error(SN_ERROR_WOULD_BLOCK, do_receive(socket, &byte, 1, SN_FLAG_NONE, &size));
    assert_error(SN_ERROR_ALREADY_IN_PROGRESS, do_connect(socket, &full.address));
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    full_listener_release(&full);
}

TEST(a_non_blocking_connect_that_has_finished_is_connected)
{
    sn_socket *listener = socket_listening(transport_of(state), 1);
    sn_socket *socket = socket_make(transport_of(state)), *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, &address));
    wait_writable(socket);
    assert_true(sn_socket_is_connected(socket));
    assert_error(SN_ERROR_IS_CONNECTED, do_connect(socket, &address));
    assert_ok(do_accept(listener, &server));
    send_text(socket, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(socket);
    sn_socket_release(listener);
}

/* The Unix kernel connects at once or refuses for now. */
TEST(a_non_blocking_connect_to_a_unix_listener_succeeds_at_once)
{
    sn_socket *listener = socket_listening(transport_of(state), 1);
    sn_socket *socket = socket_make(transport_of(state));
    sn_endpoint address = local_endpoint(listener);
    set_blocking(socket, false);
    assert_ok(do_connect(socket, &address));
    assert_true(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    sn_socket_release(listener);
}

/* Unlike TCP nothing is on its way then: the program tries again. */
TEST(a_non_blocking_connect_to_a_full_unix_queue_is_made_again)
{
    enum transport transport = transport_of(state);
    struct full_listener full = full_listener_make(transport);
    sn_socket *socket = socket_make(transport), *first = NULL, *second = NULL;
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, &full.address));
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, &full.address));
    assert_ok(do_accept(full.listener, &first));
    assert_ok(do_connect(socket, &full.address));
    assert_true(sn_socket_is_connected(socket));
    assert_ok(do_accept(full.listener, &second));
    send_text(socket, "there");
    assert_receives(second, "there");
    sn_socket_release(first);
    sn_socket_release(second);
    sn_socket_release(socket);
    full_listener_release(&full);
}

TEST(a_blocking_connect_follows_a_non_blocking_one_that_failed)
{
    struct neighbours there = neighbours_make();
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_endpoint refused = refused_of(&there), good = good_of(&there);
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, &refused));
    wait_writable(socket);
    assert_false(sn_socket_is_connected(socket));
    set_blocking(socket, true);
    /* The kernel may say once more that the last one came to nothing; see B.5.4, point 1: a connect
     * that gave WouldBlock does not mark the socket. */
    sn_error error = do_connect(socket, &good);
    if (error) {
        assert_error(SN_ERROR_CONNECTION_ABORTED, error);
        assert_ok(do_connect(socket, &good));
    }
    assert_true(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    neighbours_release(&there);
}

/* --- A time limit ---------------------------------------------------------------------------- */

TEST(the_connect_timeout_reads_back_and_minus_one_means_none)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_milliseconds value = -1;
    assert_ok(sn_socket_get_connect_timeout(socket, &value));
    assert_int_equal(0, value);
    assert_ok(sn_socket_set_connect_timeout(socket, 1234));
    assert_ok(sn_socket_get_connect_timeout(socket, &value));
    assert_int_equal(1234, value);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_set_connect_timeout(socket, -2));
    assert_ok(sn_socket_get_connect_timeout(socket, &value));
    assert_int_equal(1234, value);
    assert_ok(sn_socket_set_connect_timeout(socket, -1));
    assert_ok(sn_socket_get_connect_timeout(socket, &value));
    assert_int_equal(0, value);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_connect_timeout(socket, NULL));
    sn_socket_release(socket);
}

TEST(a_connect_that_takes_too_long_times_out_and_can_be_made_again)
{
    enum transport transport = transport_of(state);
    struct full_listener full = full_listener_make(transport);
    sn_socket *listener = socket_listening(transport, 1), *socket = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    assert_ok(sn_socket_set_connect_timeout(socket, 5));
    assert_error(SN_ERROR_TIMED_OUT, do_connect(socket, &full.address));
    assert_false(sn_socket_is_connected(socket));
    assert_error(SN_ERROR_TIMED_OUT, do_connect(socket, &full.address));
    assert_ok(sn_socket_set_connect_timeout(socket, 0));
    assert_ok(do_connect(socket, &address));
    assert_ok(do_accept(listener, &server));
    send_text(socket, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(socket);
    sn_socket_release(listener);
    full_listener_release(&full);
}

/* .NET has no such limit, and its SendTimeout is not one (B.4). */
TEST(the_send_timeout_does_not_end_a_connect)
{
    enum transport transport = TCP_IPV4;
    struct full_listener full = full_listener_make(transport);
    sn_socket *socket = socket_make(transport);
    assert_ok(sn_socket_set_send_timeout(socket, 1));
    assert_ok(sn_socket_set_connect_timeout(socket, 20));
    assert_error(SN_ERROR_TIMED_OUT, do_connect(socket, &full.address));
    sn_socket_release(socket);
    full_listener_release(&full);
}

/* "For each address tried". */
/* The kernel calls a connecting socket hung up for ever when it was shut down before. */
TEST(a_connect_after_a_shutdown_keeps_its_time_limit_too)
{
    struct full_listener full = full_listener_make(TCP_IPV4);
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_error(SN_ERROR_NOT_CONNECTED, sn_socket_shutdown(socket, SN_SHUTDOWN_BOTH));
    assert_ok(sn_socket_set_connect_timeout(socket, 20));
    assert_error(SN_ERROR_TIMED_OUT, do_connect(socket, &full.address));
    sn_socket_release(socket);
    full_listener_release(&full);
}

TEST(the_connect_timeout_holds_for_each_address)
{
    BLOCKING_ONLY(
        "here the limit becomes the operation's, for all addresses: async_connect_wait_test.c");
    struct full_listener full = full_listener_make(TCP_IPV4);
    sn_socket *socket = socket_make(TCP_IPV4), *listener = socket_make(TCP_IPV4);
    int port = sn_endpoint_get_port(&full.address);
    const sn_ip_address addresses[] = {SN_IPV4_LOOPBACK, address_of_text("127.0.0.3")};
    sn_endpoint other = endpoint_of(&addresses[1], port);
    if (sn_socket_bind(listener, &other) != SN_OK) {
        sn_socket_release(socket);
        sn_socket_release(listener);
        full_listener_release(&full);
        SKIP("another program has the port");
    }
    assert_ok(sn_socket_listen(listener, 1));
    assert_ok(sn_socket_set_connect_timeout(socket, 5));
    assert_ok(do_connect_addresses(socket, addresses, 2, port));
    sn_endpoint remote = remote_endpoint(socket);
    assert_same_endpoint(&other, &remote);
    sn_socket_release(socket);
    sn_socket_release(listener);
    full_listener_release(&full);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_TCP(a_non_blocking_connect_is_on_its_way_and_another_one_must_wait),
        ON_TCP(a_non_blocking_connect_that_has_finished_is_connected),
        CASE_ON(a_non_blocking_connect_to_a_unix_listener_succeeds_at_once, UNIX_STREAM),
        CASE_ON(a_non_blocking_connect_to_a_unix_listener_succeeds_at_once, UNIX_SEQPACKET),
        CASE_ON(a_non_blocking_connect_to_a_full_unix_queue_is_made_again, UNIX_STREAM),
        CASE_ON(a_non_blocking_connect_to_a_full_unix_queue_is_made_again, UNIX_SEQPACKET),
        CASE(a_blocking_connect_follows_a_non_blocking_one_that_failed),
        CASE(the_connect_timeout_reads_back_and_minus_one_means_none),
        ON_LISTENERS(a_connect_that_takes_too_long_times_out_and_can_be_made_again),
        CASE(the_send_timeout_does_not_end_a_connect),
        CASE(a_connect_after_a_shutdown_keeps_its_time_limit_too),
        CASE(the_connect_timeout_holds_for_each_address),
    };
    return RUN(cases);
}
