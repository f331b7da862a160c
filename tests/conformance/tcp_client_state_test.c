/*
 * TcpClient (contract I.2): its stream and its properties, and what is left of it without a socket,
 * closed, and for none.
 */
#include "conformance/tcp_clients.h"
#include "support/clients_support.h"

#include <limits.h>

#include "support/allocations.h"

/* --- The stream ------------------------------------------------------------------------------- */

TEST(there_is_one_stream_and_it_owns_the_socket)
{
    sn_network_stream *stream = NULL, *again = NULL;
    open_client(transport_of(state));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_get_stream(client, NULL));
    assert_ok(sn_tcp_client_get_stream(client, &stream));
    assert_ok(sn_tcp_client_get_stream(client, &again));
    assert_ptr_equal(stream, again);
    assert_ok(sn_network_stream_write(stream, "hello", 5));
    assert_receives(server, "hello");
    sn_network_stream_close(stream);
    assert_receives_end(server);
    assert_false(sn_tcp_client_is_connected(client));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_tcp_client_get_stream(client, &stream));
    close_all();
}

TEST(a_stream_needs_a_connection)
{
    sn_network_stream *stream = NULL;
    assert_ok(sn_tcp_client_create(SN_FAMILY_IPV4, &client));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_tcp_client_get_stream(client, &stream));
    sn_tcp_client_close(client);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_tcp_client_get_stream(client, &stream));
    assert_null(stream);
    close_all();
}

TEST(a_retained_stream_outlives_its_client_as_closed)
{
    sn_network_stream *stream = NULL;
    size_t size;
    char byte;
    open_client(TCP_IPV4);
    assert_ok(sn_tcp_client_get_stream(client, &stream));
    sn_network_stream_retain(stream);
    sn_tcp_client_release(client);
    client = NULL;
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_network_stream_read(stream, &byte, 1, &size));
    sn_network_stream_release(stream);
    close_all();
}

/* --- Properties ------------------------------------------------------------------------------- */

TEST(the_properties_are_those_of_the_socket)
{
    sn_linger_option linger = {true, 3}, linger_read = {false, 0};
    bool truth = false;
    int number = 0;
    sn_milliseconds span = 0;
    size_t size = 0;
    open_client(TCP_IPV4);
    sn_socket *socket = socket_of(client);
    assert_ok(sn_tcp_client_set_no_delay(client, true));
    assert_ok(sn_tcp_client_get_no_delay(client, &truth));
    assert_true(truth);
    assert_ok(sn_socket_get_no_delay(socket, &truth));
    assert_true(truth);
    assert_ok(sn_tcp_client_set_linger_state(client, &linger));
    assert_ok(sn_tcp_client_get_linger_state(client, &linger_read));
    assert_true(linger_read.enabled);
    assert_int_equal(3, linger_read.seconds);
    assert_ok(sn_tcp_client_set_receive_timeout(client, 1234));
    assert_ok(sn_tcp_client_get_receive_timeout(client, &span));
    assert_int_equal(1234, span);
    assert_ok(sn_tcp_client_set_send_timeout(client, 1235));
    assert_ok(sn_tcp_client_get_send_timeout(client, &span));
    assert_int_equal(1235, span);
    assert_ok(sn_tcp_client_set_receive_buffer_size(client, 20000));
    assert_ok(sn_tcp_client_get_receive_buffer_size(client, &number));
    assert_true(number >= 20000);
    assert_ok(sn_tcp_client_set_send_buffer_size(client, 20000));
    assert_ok(sn_tcp_client_get_send_buffer_size(client, &number));
    assert_true(number >= 20000);
    send_text(server, "four");
    wait_readable(socket);
    assert_ok(sn_tcp_client_get_available(client, &size));
    assert_int_equal(4, size);
    assert_error(SN_ERROR_INVALID_OPERATION,
                 sn_tcp_client_set_exclusive_address_use(client, false)); /* bound */
    assert_ok(sn_tcp_client_get_exclusive_address_use(client, &truth));
    assert_true(truth);
    assert_error(SN_ERROR_ARGUMENT,
                 sn_tcp_client_set_linger_state(client, &(sn_linger_option){true, -1}));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_set_linger_state(client, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_get_no_delay(client, NULL));
    close_all();
}

/* As in .NET: they are options there, and the socket's own properties are stricter. */
TEST(sizes_and_time_limits_are_set_without_the_checks_of_the_socket)
{
    sn_milliseconds number;
    open_client(TCP_IPV4);
    sn_socket *socket = socket_of(client);
    assert_ok(sn_tcp_client_set_receive_buffer_size(client, -1));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_set_receive_buffer_size(socket, -1));
    assert_error(SN_ERROR_INVALID_ARGUMENT, sn_tcp_client_set_send_timeout(client, -2));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_set_send_timeout(socket, -2));
    assert_ok(sn_tcp_client_set_send_timeout(client, 300));
    assert_ok(sn_tcp_client_get_send_timeout(client, &number));
    assert_int_equal(300, number);
    assert_ok(sn_tcp_client_set_send_timeout(client, SN_FOREVER)); /* unlike .NET's option */
    assert_ok(sn_tcp_client_get_send_timeout(client, &number));
    assert_int_equal(0, number);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_tcp_client_set_receive_timeout(client, INT_MAX + INT64_C(1)));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_tcp_client_set_receive_timeout(client, INT64_MIN));
    close_all();
}

TEST(another_socket_makes_a_client_neither_active_nor_passive)
{
    sn_socket *passive = socket_make(TCP_IPV4);
    sn_tcp_client *fresh = NULL;
    open_client(TCP_IPV4);
    sn_socket *connected = sn_socket_retain(socket_of(client));
    assert_true(sn_tcp_client_is_active(client));
    assert_ok(sn_tcp_client_set_socket(client, passive));
    assert_true(sn_tcp_client_is_active(client));
    assert_ok(sn_tcp_client_create(SN_FAMILY_IPV4, &fresh));
    assert_ok(sn_tcp_client_set_socket(fresh, connected));
    assert_true(sn_tcp_client_is_connected(fresh));
    assert_false(sn_tcp_client_is_active(fresh));
    sn_tcp_client_release(fresh);
    close_all();
}

/* Functions that need a socket give `expected`; the three that do not have their own answers. */
static void every_member_gives(sn_tcp_client *which, sn_error expected)
{
    sn_linger_option linger = {true, 3};
    sn_network_stream *stream = NULL;
    bool truth = true;
    int number = 7;
    sn_milliseconds span = 7;
    sn_socket *socket = NULL;
    row_error(expected, sn_tcp_client_connect(which, &address));
    row_error(expected, sn_tcp_client_connect(which, NULL));
    row_error(expected, sn_tcp_client_connect_addresses(which, &SN_IPV4_LOOPBACK, 1, -1));
    row_error(expected, sn_tcp_client_connect_host(which, NULL, 9));
    row_async(expected, sn_tcp_client_connect_async(which, &address, operation));
    row_async(expected, sn_tcp_client_connect_addresses_async(which, NULL, 1, 9, operation));
    row_async(expected, sn_tcp_client_connect_host_async(which, "localhost", 9, operation));
    row_error(expected, sn_tcp_client_get_stream(which, &stream));
    row_error(expected, sn_tcp_client_get_no_delay(which, &truth));
    row_error(expected, sn_tcp_client_set_no_delay(which, true));
    row_error(expected, sn_tcp_client_get_linger_state(which, NULL));
    row_error(expected, sn_tcp_client_set_linger_state(which, &linger));
    row_error(expected, sn_tcp_client_get_receive_timeout(which, &span));
    row_error(expected, sn_tcp_client_set_receive_timeout(which, -2));
    row_error(expected, sn_tcp_client_get_send_timeout(which, &span));
    row_error(expected, sn_tcp_client_set_send_timeout(which, 1));
    row_error(expected, sn_tcp_client_get_receive_buffer_size(which, &number));
    row_error(expected, sn_tcp_client_set_receive_buffer_size(which, 1));
    row_error(expected, sn_tcp_client_get_send_buffer_size(which, &number));
    row_error(expected, sn_tcp_client_set_send_buffer_size(which, 1));
    row_equal(7, number);
    row_equal(7, span);
    row_equal(true, truth);
    row_equal(true, stream == NULL);
    row_error(which ? SN_OK : SN_ERROR_ARGUMENT_NULL, sn_tcp_client_get_socket(which, &socket));
    row_equal(true, socket == NULL);
    row_equal(false, sn_tcp_client_is_connected(which));
}

/* Available, ExclusiveAddressUse: what .NET says of a client without a socket. */
static void answers_without_a_socket(sn_tcp_client *which)
{
    size_t available = 7;
    bool truth = true;
    row_error(SN_OK, sn_tcp_client_get_available(which, &available));
    row_equal(0, available);
    row_error(SN_OK, sn_tcp_client_get_exclusive_address_use(which, &truth));
    row_equal(false, truth);
    row_error(SN_OK, sn_tcp_client_set_exclusive_address_use(which, true));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_get_available(which, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_get_exclusive_address_use(which, NULL));
}

TEST(no_client_is_no_crash)
{
    size_t size;
    bool truth;
    row_begin("NULL");
    address = endpoint_of(&SN_IPV4_LOOPBACK, 9);
    every_member_gives(NULL, SN_ERROR_ARGUMENT_NULL);
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_get_available(NULL, &size));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_get_exclusive_address_use(NULL, &truth));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_set_exclusive_address_use(NULL, true));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_set_socket(NULL, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_set_active(NULL, true));
    row_equal(false, sn_tcp_client_is_active(NULL));
    row_equal(true, sn_tcp_client_retain(NULL) == NULL);
    sn_tcp_client_close(NULL);
    sn_tcp_client_release(NULL);
    sn_tcp_client_connect_async(NULL, &address, NULL);
    rows_end();
}

/* Trap 122, the second half. */
TEST(a_closed_client_has_no_socket)
{
    open_client(transport_of(state));
    sn_tcp_client_close(client);
    sn_tcp_client_close(client);
    assert_receives_end(server);
    row_begin("closed");
    every_member_gives(client, SN_ERROR_OBJECT_DISPOSED);
    answers_without_a_socket(client);
    row_error(SN_ERROR_OBJECT_DISPOSED, sn_tcp_client_set_socket(client, NULL));
    rows_end();
    close_all();
}

TEST(another_socket_can_be_set)
{
    struct socket_pair pair = pair_unbound(TCP_IPV4);
    open_client(TCP_IPV4);
    assert_ok(sn_tcp_client_set_socket(client, pair.client));
    assert_ptr_equal(pair.client, socket_of(client));
    pair.client = NULL;
    assert_receives_end(server); /* nobody else had the old one */
    assert_ok(sn_tcp_client_set_socket(client, NULL));
    assert_receives_end(pair.server);
    assert_false(sn_tcp_client_is_connected(client));
    pair_release(&pair);
    close_all();
}

/* .NET's tests pin it. The family that the client was made with does not matter then. */
TEST(a_client_whose_socket_was_taken_away_makes_another)
{
    bool truth = true;
    sn_milliseconds number = 7;
    open_client(TCP_IPV4);
    assert_ok(sn_tcp_client_set_socket(client, NULL));
    row_begin("without a socket");
    row_error(SN_OK, sn_tcp_client_set_exclusive_address_use(client, false));
    row_error(SN_OK, sn_tcp_client_get_exclusive_address_use(client, &truth));
    row_equal(false, truth);
    assert_ok(sn_tcp_client_set_socket(client, NULL));
    row_error(SN_OK, sn_tcp_client_get_no_delay(client, &truth));
    row_equal(false, truth);
    assert_ok(sn_tcp_client_set_socket(client, NULL));
    row_error(SN_OK, sn_tcp_client_get_receive_timeout(client, &number));
    row_equal(0, number);
    rows_end();
    assert_ok(sn_tcp_client_set_socket(client, NULL));
    sn_socket *made = NULL;
    allocations_begin();
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_tcp_client_get_socket(client, &made));
    allocations_fail_nth(0);
    allocations_end();
    assert_null(made);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_get_socket(client, NULL));
    made = socket_of(client);
    assert_non_null(made);
    assert_ptr_equal(made, socket_of(client));
    assert_int_equal(has_ipv6() ? SN_FAMILY_IPV6 : SN_FAMILY_IPV4,
                     sn_socket_get_address_family(made));
    close_all();
}

static sn_error connect_way(int way)
{
    sn_operation operation = {0};
    int port = port_of(&address);
    switch (way) {
    case 0: return sn_tcp_client_connect(client, &address);
    case 1: return sn_tcp_client_connect_host(client, "127.0.0.1", port);
    case 2: return sn_tcp_client_connect_addresses(client, &SN_IPV4_LOOPBACK, 1, port);
    case 3: sn_tcp_client_connect_async(client, &address, &operation); break;
    case 4: sn_tcp_client_connect_host_async(client, "127.0.0.1", port, &operation); break;
    default: sn_tcp_client_connect_addresses_async(client, &SN_IPV4_LOOPBACK, 1, port, &operation);
    }
    return completed(&operation);
}

TEST(a_client_whose_socket_was_taken_away_connects)
{
    for (int way = 0; way < 6; way++) {
        open_client(TCP_IPV4);
        sn_socket_release(server);
        server = NULL;
        assert_ok(sn_tcp_client_set_socket(client, NULL));
        assert_ok(connect_way(way));
        accept_server();
        assert_true(sn_tcp_client_is_connected(client));
        send_text(socket_of(client), "x");
        assert_receives(server, "x");
        close_all();
    }
}

TEST(a_shared_client_lives_until_its_last_reference)
{
    open_client(TCP_IPV4);
    assert_ptr_equal(client, sn_tcp_client_retain(client));
    sn_tcp_client_release(client);
    send_text(socket_of(client), "x");
    assert_receives(server, "x");
    close_all();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_TCP(there_is_one_stream_and_it_owns_the_socket),
        CASE(a_stream_needs_a_connection),
        CASE(a_retained_stream_outlives_its_client_as_closed),
        CASE(the_properties_are_those_of_the_socket),
        CASE(no_client_is_no_crash),
        ON_TCP(a_closed_client_has_no_socket),
        CASE(another_socket_can_be_set),
        CASE(a_client_whose_socket_was_taken_away_makes_another),
        CASE(a_client_whose_socket_was_taken_away_connects),
        CASE(another_socket_makes_a_client_neither_active_nor_passive),
        CASE(sizes_and_time_limits_are_set_without_the_checks_of_the_socket),
        CASE(a_shared_client_lives_until_its_last_reference),
    };
    clients_begin();
    return RUN(cases);
}
