/*
 * What a closed socket still answers (contract A.9).
 */
#include "support/run.h"

#include <sennit/dotnet.h>

#include <limits.h>

#include "support/transfer_support.h"

TEST(a_closed_socket_still_says_what_it_was)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    sn_socket_close(pair.client);
    assert_int_equal(transport_family(transport), sn_socket_get_address_family(pair.client));
    assert_int_equal(transport_type(transport), sn_socket_get_socket_type(pair.client));
    assert_int_equal(transport_protocol(transport), sn_socket_get_protocol_type(pair.client));
    assert_true(sn_socket_is_blocking(pair.client));
    assert_true(sn_socket_is_bound(pair.client));
    assert_false(sn_socket_is_connected(pair.client));
    assert_int_equal(SN_HANDLE_NONE, sn_socket_get_handle(pair.client));
    pair_release(&pair);
}

static sn_error call_bind(sn_socket *socket)
{
    return sn_socket_bind(socket, NULL);
}
static sn_error call_listen(sn_socket *socket)
{
    return sn_socket_listen(socket, 1);
}
static sn_error call_accept(sn_socket *socket)
{
    return sn_socket_accept(socket, NULL);
}
static sn_error call_connect(sn_socket *socket)
{
    return sn_socket_connect(socket, NULL);
}
static sn_error call_connect_host(sn_socket *socket)
{
    return sn_socket_connect_host(socket, NULL, -1);
}
static sn_error call_connect_addresses(sn_socket *socket)
{
    return sn_socket_connect_addresses(socket, NULL, 0, 65536);
}
static sn_error call_shutdown(sn_socket *socket)
{
    return sn_socket_shutdown(socket, (sn_shutdown)9);
}
static sn_error call_disconnect(sn_socket *socket)
{
    return sn_socket_disconnect(socket, true);
}
static sn_error call_send(sn_socket *socket)
{
    return sn_socket_send(socket, NULL, 1, 0xFFFFFFFF, NULL);
}
static sn_error call_send_buffers(sn_socket *socket)
{
    return sn_socket_send_buffers(socket, NULL, 0, SN_FLAG_NONE, NULL);
}
static sn_error call_send_to(sn_socket *socket)
{
    return sn_socket_send_to(socket, NULL, 1, SN_FLAG_NONE, NULL, NULL);
}
static sn_error call_receive(sn_socket *socket)
{
    return sn_socket_receive(socket, NULL, 1, 0xFFFFFFFF, NULL);
}
static sn_error call_receive_buffers(sn_socket *socket)
{
    return sn_socket_receive_buffers(socket, NULL, 0, SN_FLAG_NONE, NULL);
}
static sn_error call_receive_from(sn_socket *socket)
{
    return sn_socket_receive_from(socket, NULL, 1, SN_FLAG_NONE, NULL, NULL);
}
static sn_error call_poll(sn_socket *socket)
{
    return sn_socket_poll(socket, INT_MIN, SN_SELECT_READ, NULL);
}
static sn_error call_io_control(sn_socket *socket)
{
    return sn_socket_io_control(socket, SN_IO_CONTROL_NON_BLOCKING_IO, NULL, 0, NULL, 0, NULL);
}
static sn_error call_get_available(sn_socket *socket)
{
    return sn_socket_get_available(socket, NULL);
}
static sn_error call_get_local_endpoint(sn_socket *socket)
{
    return sn_socket_get_local_endpoint(socket, NULL);
}
static sn_error call_get_remote_endpoint(sn_socket *socket)
{
    return sn_socket_get_remote_endpoint(socket, NULL);
}
static sn_error call_set_blocking(sn_socket *socket)
{
    return sn_socket_set_blocking(socket, false);
}
static sn_error call_set_option(sn_socket *socket)
{
    return sn_socket_set_option(socket, (sn_option_level)-1, (sn_option_name)-1, 0);
}
static sn_error call_set_option_bytes(sn_socket *socket)
{
    return sn_socket_set_option_bytes(socket, SN_LEVEL_TCP, SN_OPTION_NO_DELAY, NULL, 4);
}
static sn_error call_get_option(sn_socket *socket)
{
    return sn_socket_get_option(socket, (sn_option_level)-1, (sn_option_name)-1, NULL);
}
static sn_error call_get_option_bytes(sn_socket *socket)
{
    return sn_socket_get_option_bytes(socket, SN_LEVEL_TCP, SN_OPTION_NO_DELAY, NULL, 4, NULL);
}
static sn_error call_set_raw_option(sn_socket *socket)
{
    return sn_socket_set_raw_option(socket, -1, -1, NULL, 4);
}
static sn_error call_get_raw_option(sn_socket *socket)
{
    return sn_socket_get_raw_option(socket, -1, -1, NULL, 4, NULL);
}
static sn_error call_set_multicast_option(sn_socket *socket)
{
    return sn_socket_set_multicast_option(socket, SN_OPTION_NO_DELAY, NULL);
}
static sn_error call_set_ipv6_multicast_option(sn_socket *socket)
{
    return sn_socket_set_ipv6_multicast_option(socket, SN_OPTION_NO_DELAY, NULL);
}
static sn_error call_set_linger_state(sn_socket *socket)
{
    return sn_socket_set_linger_state(socket, NULL);
}
static sn_error call_get_linger_state(sn_socket *socket)
{
    return sn_socket_get_linger_state(socket, NULL);
}
static sn_error call_set_ip_protection_level(sn_socket *socket)
{
    return sn_socket_set_ip_protection_level(socket, SN_PROTECTION_UNSPECIFIED);
}

/* UseOnlyOverlappedIO is not here: it never fails, closed or not. */
#define BOOL_PROPERTIES(X)                                                                         \
    X(no_delay)                                                                                    \
    X(dual_mode)                                                                                   \
    X(dont_fragment)                                                                               \
    X(enable_broadcast)                                                                            \
    X(exclusive_address_use)                                                                       \
    X(reuse_port)                                                                                  \
    X(reuse_address_only)                                                                          \
    X(multicast_loopback)
/* Each with a value that the setter would refuse. */
#define INT_PROPERTIES(X)                                                                          \
    X(receive_buffer_size)                                                                         \
    X(send_buffer_size)                                                                            \
    X(receive_timeout)                                                                             \
    X(send_timeout)                                                                                \
    X(connect_timeout)                                                                             \
    X(accept_timeout)                                                                              \
    X(ttl)

#define X(property)                                                                                \
    static sn_error call_get_##property(sn_socket *socket)                                         \
    {                                                                                              \
        return sn_socket_get_##property(socket, NULL);                                             \
    }                                                                                              \
    static sn_error call_set_##property(sn_socket *socket)                                         \
    {                                                                                              \
        return sn_socket_set_##property(socket, true);                                             \
    }
BOOL_PROPERTIES(X)
#undef X
#define X(property)                                                                                \
    static sn_error call_get_##property(sn_socket *socket)                                         \
    {                                                                                              \
        return sn_socket_get_##property(socket, NULL);                                             \
    }                                                                                              \
    static sn_error call_set_##property(sn_socket *socket)                                         \
    {                                                                                              \
        return sn_socket_set_##property(socket, INT_MIN);                                          \
    }
INT_PROPERTIES(X)
#undef X

static const struct {
    const char *name;
    sn_error (*call)(sn_socket *socket);
} calls[] = {
#define ROW(name)                                                                                  \
    {                                                                                              \
#name, call_##name                                                                         \
    }
    ROW(bind),
    ROW(listen),
    ROW(accept),
    ROW(connect),
    ROW(connect_host),
    ROW(connect_addresses),
    ROW(shutdown),
    ROW(disconnect),
    ROW(send),
    ROW(send_buffers),
    ROW(send_to),
    ROW(receive),
    ROW(receive_buffers),
    ROW(receive_from),
    ROW(poll),
    ROW(io_control),
    ROW(get_available),
    ROW(get_local_endpoint),
    ROW(get_remote_endpoint),
    ROW(set_blocking),
    ROW(set_option),
    ROW(set_option_bytes),
    ROW(get_option),
    ROW(get_option_bytes),
    ROW(set_raw_option),
    ROW(get_raw_option),
    ROW(set_multicast_option),
    ROW(set_ipv6_multicast_option),
    ROW(set_linger_state),
    ROW(get_linger_state),
    ROW(set_ip_protection_level),
#undef ROW
#define X(property)                                                                                \
    {"get_" #property, call_get_##property}, {"set_" #property, call_set_##property},
    BOOL_PROPERTIES(X) INT_PROPERTIES(X)
#undef X
};

/* Trap 97: the closed socket comes first, whatever else is wrong with the call. */
TEST(every_call_on_a_closed_socket_says_so_before_it_looks_at_anything_else)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket_close(pair.client);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        row_begin("%s", calls[i].name);
        row_error(SN_ERROR_OBJECT_DISPOSED, calls[i].call(pair.client));
        row_equal(0, sn_error_last_native());
    }
    rows_end();
    pair_release(&pair);
}

TEST(every_call_without_a_socket_says_so)
{
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        row_begin("%s", calls[i].name);
        row_error(SN_ERROR_ARGUMENT_NULL, calls[i].call(NULL));
    }
    rows_end();
}

TEST(the_properties_that_never_fail_take_null)
{
    assert_int_equal(SN_FAMILY_UNKNOWN, sn_socket_get_address_family(NULL));
    assert_false(sn_socket_is_bound(NULL));
    assert_false(sn_socket_is_connected(NULL));
    assert_int_equal(SN_HANDLE_NONE, sn_socket_get_handle(NULL));
    (void)sn_socket_get_socket_type(NULL);
    (void)sn_socket_get_protocol_type(NULL);
    (void)sn_socket_is_blocking(NULL);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(a_closed_socket_still_says_what_it_was),
        ON_ALL_CONNECTED(every_call_on_a_closed_socket_says_so_before_it_looks_at_anything_else),
        CASE(every_call_without_a_socket_says_so),
        CASE(the_properties_that_never_fail_take_null),
    };
    return RUN(cases);
}
