/* TcpClient (contract I.2; trap 122). */
#include "support/clients_support.h"

#include <limits.h>

#include "support/allocations.h"
#include "support/hosts.h"

static sn_tcp_client *client;
static sn_socket *listener, *server;
static sn_endpoint address;

static void listen_on(enum transport transport)
{
    listener = socket_listening(transport, 4);
    address = local_endpoint(listener);
}

static void accept_server(void)
{
    assert_ok(sn_socket_accept(listener, &server));
}

static void open_client(enum transport transport)
{
    listen_on(transport);
    assert_ok(sn_tcp_client_create(SN_FAMILY_UNSPECIFIED, &client));
    assert_ok(sn_tcp_client_connect(client, &address));
    accept_server();
}

static void close_all(void)
{
    sn_tcp_client_release(client);
    sn_socket_release(server);
    sn_socket_release(listener);
    client = NULL;
    server = listener = NULL;
    settle();
}

static int port_of(const sn_endpoint *endpoint)
{
    return sn_endpoint_get_port(endpoint);
}

/* --- Making ------------------------------------------------------------------------------------
 */

/* Trap 122, the first half. */
TEST(a_client_is_ipv4_or_ipv6_or_both)
{
    static const struct {
        sn_address_family family;
        sn_error expected;
        bool is_dual_mode;
    } rows[] = {
        {SN_FAMILY_IPV4, SN_OK, false},
        {SN_FAMILY_IPV6, SN_OK, false},
        {SN_FAMILY_UNSPECIFIED, SN_OK, true},
        {SN_FAMILY_UNIX, SN_ERROR_ARGUMENT, false},
        {SN_FAMILY_UNKNOWN, SN_ERROR_ARGUMENT, false},
        {SN_FAMILY_PACKET, SN_ERROR_ARGUMENT, false},
        {(sn_address_family)INT_MAX, SN_ERROR_ARGUMENT, false},
        {(sn_address_family)INT_MIN, SN_ERROR_ARGUMENT, false},
    };
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool is_dual_mode = false;
        row_begin("family %d", (int)rows[i].family);
        row_error(rows[i].expected, sn_tcp_client_create(rows[i].family, &client));
        if (client) {
            sn_socket *socket = socket_of(client);
            row_error(SN_OK, sn_socket_get_dual_mode(socket, &is_dual_mode));
            row_equal(SN_TYPE_STREAM, sn_socket_get_socket_type(socket));
            row_equal(false, sn_tcp_client_is_connected(client));
            row_equal(false, sn_tcp_client_is_active(client));
        }
        row_equal(rows[i].is_dual_mode, is_dual_mode);
        close_all();
    }
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_create(SN_FAMILY_IPV4, NULL));
    rows_end();
}

TEST(a_client_can_be_bound_before_it_connects)
{
    enum transport transport = transport_of(state);
    sn_endpoint local = endpoint_free(transport), none = {0}, name;
    listen_on(transport);
    assert_ok(sn_tcp_client_create_bound(&local, &client));
    sn_endpoint expected = local_endpoint(socket_of(client));
    assert_ok(sn_tcp_client_connect(client, &address));
    accept_server();
    sn_endpoint actual = remote_endpoint(server);
    assert_same_endpoint(&expected, &actual);
    assert_ok(sn_endpoint_from_dns("localhost", 0, SN_FAMILY_UNSPECIFIED, &name));
    sn_endpoint path = endpoint_of_path("/nowhere");
    sn_tcp_client *another = NULL;
    row_begin("bad input");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_create_bound(NULL, &another));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_create_bound(&none, &another));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_create_bound(&local, NULL));
    row_error(SN_ERROR_ARGUMENT, sn_tcp_client_create_bound(&name, &another));
    row_error(SN_ERROR_ARGUMENT, sn_tcp_client_create_bound(&path, &another));
    row_error(SN_ERROR_ADDRESS_ALREADY_IN_USE, sn_tcp_client_create_bound(&address, &another));
    rows_end();
    assert_null(another);
    close_all();
}

TEST(a_client_made_for_a_host_has_a_socket_of_the_host_s_family)
{
    enum transport transport = transport_of(state);
    const char *host = transport == TCP_IPV4 ? "127.0.0.1" : "::1";
    listen_on(transport);
    assert_ok(sn_tcp_client_create_connected(host, port_of(&address), &client));
    accept_server();
    assert_int_equal(transport_family(transport), sn_socket_get_address_family(socket_of(client)));
    assert_true(sn_tcp_client_is_connected(client));
    assert_true(sn_tcp_client_is_active(client));
    send_text(server, "x");
    assert_receives(socket_of(client), "x");
    close_all();
}

TEST(a_client_reaches_an_ipv4_address_in_its_ipv6_form)
{
    static const char mapped[] = "::ffff:127.0.0.1";
    bool is_dual = false;
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    listen_on(TCP_IPV4);
    assert_ok(sn_tcp_client_create_connected(mapped, port_of(&address), &client));
    accept_server();
    assert_ok(sn_socket_get_dual_mode(socket_of(client), &is_dual));
    assert_true(is_dual);
    close_all();
    listen_on(TCP_IPV4);
    assert_ok(sn_tcp_client_create(SN_FAMILY_UNSPECIFIED, &client));
    assert_ok(sn_tcp_client_connect_host(client, mapped, port_of(&address)));
    accept_server();
    close_all();
}

TEST(a_client_made_for_a_host_tries_every_address)
{
    NEED_LOCALHOST();
    listen_on(TCP_IPV4); /* "localhost" may be ::1 as well, where nobody listens */
    assert_ok(sn_tcp_client_create_connected("localhost", port_of(&address), &client));
    accept_server();
    close_all();
}

TEST(a_client_cannot_be_made_for_a_bad_host)
{
    sn_socket *refusing = socket_refusing(TCP_IPV4);
    sn_endpoint refused = local_endpoint(refusing);
    static const struct {
        const char *host;
        int port;
        sn_error expected;
    } rows[] = {
        {NULL, 9, SN_ERROR_ARGUMENT_NULL},
        {NULL, -1, SN_ERROR_ARGUMENT_NULL},
        {"localhost", -1, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"localhost", 65536, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"localhost", INT_MIN, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"0.0.0.0", 9, SN_ERROR_ARGUMENT},
        {"::", 9, SN_ERROR_ARGUMENT},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("%s %d", rows[i].host ? rows[i].host : "NULL", rows[i].port);
        row_error(rows[i].expected,
                  sn_tcp_client_create_connected(rows[i].host, rows[i].port, &client));
    }
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_create_connected("localhost", 9, NULL));
    row_error(SN_ERROR_CONNECTION_REFUSED,
              sn_tcp_client_create_connected("127.0.0.1", port_of(&refused), &client));
    rows_end();
    assert_null(client);
    sn_socket_release(refusing);
}

TEST(a_client_of_a_socket_adopts_it)
{
    struct socket_pair pair = pair_unbound(transport_of(state));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_from_socket(NULL, &client));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_from_socket(pair.client, NULL));
    assert_ok(sn_tcp_client_from_socket(pair.client, &client));
    assert_true(sn_tcp_client_is_active(client));
    send_text(socket_of(client), "x");
    assert_receives(pair.server, "x");
    pair.client = NULL;
    close_all();
    assert_receives_end(pair.server);
    pair_release(&pair);
}

TEST(a_lack_of_memory_leaves_nothing_behind)
{
    struct socket_pair pair = pair_unbound(TCP_IPV4);
    sn_endpoint local = endpoint_free(TCP_IPV4);
    allocations_begin();
    row_begin("no memory");
    for (size_t nth = 1; nth <= 2; nth++) {
        allocations_fail_nth(nth);
        row_error(SN_ERROR_OUT_OF_MEMORY, sn_tcp_client_create(SN_FAMILY_IPV4, &client));
        allocations_fail_nth(nth);
        row_error(SN_ERROR_OUT_OF_MEMORY, sn_tcp_client_create_bound(&local, &client));
    }
    allocations_fail_nth(1);
    row_error(SN_ERROR_OUT_OF_MEMORY, sn_tcp_client_from_socket(pair.client, &client));
    row_equal(0, allocations_outstanding());
    allocations_end();
    rows_end();
    assert_null(client);
    send_text(pair.client, "x"); /* still the caller's */
    assert_receives(pair.server, "x");
    pair_release(&pair);
}

/* --- Connecting --------------------------------------------------------------------------------
 */

TEST(a_client_of_both_families_connects_to_either)
{
    open_client(transport_of(state));
    assert_true(sn_tcp_client_is_connected(client));
    assert_true(sn_tcp_client_is_active(client));
    send_text(server, "x");
    assert_receives(socket_of(client), "x");
    close_all();
}

TEST(connecting_by_host_or_by_addresses)
{
    NEED_LOCALHOST();
    const sn_ip_address addresses[] = {SN_IPV6_LOOPBACK, SN_IPV4_LOOPBACK};
    for (int way = 0; way < 3; way++) {
        listen_on(TCP_IPV4);
        assert_ok(sn_tcp_client_create(way == 2 ? SN_FAMILY_UNSPECIFIED : SN_FAMILY_IPV4, &client));
        if (way == 0)
            assert_ok(sn_tcp_client_connect_host(client, "127.0.0.1", port_of(&address)));
        else if (way == 1)
            assert_ok(sn_tcp_client_connect_addresses(client, addresses, 2, port_of(&address)));
        else
            assert_ok(sn_tcp_client_connect_host(client, "localhost", port_of(&address)));
        accept_server();
        assert_true(sn_tcp_client_is_active(client));
        close_all();
    }
}

TEST(connecting_asynchronously)
{
    enum transport transport = transport_of(state);
    const sn_ip_address addresses[] = {SN_IPV4_LOOPBACK, SN_IPV6_LOOPBACK};
    const char *host = transport == TCP_IPV4 ? "127.0.0.1" : "::1";
    for (int way = 0; way < 3; way++) {
        sn_operation operation = {0};
        listen_on(transport);
        assert_ok(sn_tcp_client_create(transport_family(transport), &client));
        if (way == 0)
            sn_tcp_client_connect_async(client, &address, &operation);
        else if (way == 1)
            sn_tcp_client_connect_addresses_async(client, addresses, 2, port_of(&address),
                                                  &operation);
        else
            sn_tcp_client_connect_host_async(client, host, port_of(&address), &operation);
        assert_ok(completed(&operation));
        accept_server();
        assert_true(sn_tcp_client_is_connected(client));
        assert_true(sn_tcp_client_is_active(client));
        assert_error(SN_ERROR_IS_CONNECTED,
                     sn_tcp_client_connect_host(client, host, port_of(&address)));
        close_all();
    }
}

TEST(a_client_that_was_connected_refuses_another_host)
{
    open_client(TCP_IPV4);
    assert_error(SN_ERROR_IS_CONNECTED, sn_tcp_client_connect_host(client, "localhost", 9));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect_host(client, NULL, 9));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_tcp_client_connect_host(client, "a", -1));
    assert_error(SN_ERROR_IS_CONNECTED, sn_tcp_client_connect(client, &address));
    assert_ok(sn_socket_shutdown(socket_of(client), SN_SHUTDOWN_BOTH));
    assert_false(sn_tcp_client_is_connected(client));
    assert_true(sn_tcp_client_is_active(client)); /* once connected, always active */
    assert_error(SN_ERROR_INVALID_OPERATION, sn_tcp_client_connect_host(client, "localhost", 9));
    assert_ok(sn_tcp_client_set_active(client, false));
    assert_false(sn_tcp_client_is_active(client));
    close_all();
}

TEST(a_failed_connect_leaves_a_client_that_can_connect)
{
    NEED_LOCALHOST();
    sn_socket *refusing = socket_refusing(TCP_IPV4);
    sn_endpoint refused = local_endpoint(refusing);
    listen_on(TCP_IPV4);
    assert_ok(sn_tcp_client_create(SN_FAMILY_IPV4, &client));
    row_begin("failures");
    row_error(SN_ERROR_CONNECTION_REFUSED, sn_tcp_client_connect(client, &refused));
    row_error(SN_ERROR_CONNECTION_REFUSED,
              sn_tcp_client_connect_host(client, "127.0.0.1", port_of(&refused)));
    row_error(SN_ERROR_CONNECTION_REFUSED,
              sn_tcp_client_connect_addresses(client, &SN_IPV4_LOOPBACK, 1, port_of(&refused)));
    row_error(SN_ERROR_NOT_SUPPORTED, sn_tcp_client_connect_host(client, "::1", port_of(&refused)));
    row_error(SN_ERROR_CONNECTION_REFUSED,
              sn_tcp_client_connect_host(client, "localhost", port_of(&refused)));
    row_error(SN_ERROR_CONNECTION_REFUSED,
              sn_tcp_client_connect_host(client, "0.0.0.0", port_of(&refused)));
    row_async(SN_ERROR_NOT_SUPPORTED,
              sn_tcp_client_connect_host_async(client, "::1", port_of(&refused), operation));
    row_error(SN_ERROR_ARGUMENT, sn_tcp_client_connect_addresses(client, &SN_IPV6_LOOPBACK, 1, 9));
    row_error(SN_ERROR_ARGUMENT, sn_tcp_client_connect_addresses(client, &SN_IPV4_LOOPBACK, 0, 9));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect_addresses(client, NULL, 1, 9));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect(client, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect_host(client, NULL, 9));
    row_async(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect_async(client, NULL, operation));
    row_async(SN_ERROR_ARGUMENT_NULL, sn_tcp_client_connect_host_async(client, NULL, 9, operation));
    row_async(SN_ERROR_ARGUMENT, sn_tcp_client_connect_host_async(client, "", 9, operation));
    row_async(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_tcp_client_connect_addresses_async(client, &SN_IPV4_LOOPBACK, 1, -1, operation));
    row_equal(false, sn_tcp_client_is_active(client));
    rows_end();
    assert_ok(sn_tcp_client_connect(client, &address));
    accept_server();
    sn_socket_release(refusing);
    close_all();
}

/* --- The stream --------------------------------------------------------------------------------
 */

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

/* --- Properties --------------------------------------------------------------------------------
 */

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
        CASE(a_client_is_ipv4_or_ipv6_or_both),
        ON_TCP(a_client_can_be_bound_before_it_connects),
        ON_TCP(a_client_made_for_a_host_has_a_socket_of_the_host_s_family),
        CASE(a_client_reaches_an_ipv4_address_in_its_ipv6_form),
        CASE(a_client_made_for_a_host_tries_every_address),
        CASE(a_client_cannot_be_made_for_a_bad_host),
        ON_TCP(a_client_of_a_socket_adopts_it),
        CASE(a_lack_of_memory_leaves_nothing_behind),
        ON_TCP(a_client_of_both_families_connects_to_either),
        CASE(connecting_by_host_or_by_addresses),
        ON_TCP(connecting_asynchronously),
        CASE(a_client_that_was_connected_refuses_another_host),
        CASE(a_failed_connect_leaves_a_client_that_can_connect),
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
