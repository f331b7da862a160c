/*
 * A closed socket, and no socket at all (contract B.0, E.1): every member says so before it looks
 * at its arguments, writes no output and leaves no descriptor open. Trap 97.
 */
#include "support/descriptors.h"

#include <sennit/dotnet.h>
#include "support/transfer_support.h"

#include <limits.h>
#include <sys/socket.h>

/* Arguments that are right. */
static const sn_linger_option linger = {true, 1};
static const sn_multicast_option group4 = {.group = {SN_FAMILY_IPV4, 0, {239, 1, 2, 3}},
                                           .interface_index = 1};
static const sn_ipv6_multicast_option group6 = {
    .group = {SN_FAMILY_IPV6, 0, {0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}},
    .interface_index = 1};
static const int one = 1;
static const sn_file_send right_file = {.before = {(void *)(uintptr_t) "x", 1}};
static const sn_file_send wrong_file = {.size = 1,
                                        .kind = (sn_file_kind)9,
                                        .flags = ~0u,
                                        .file = -1,
                                        .offset = -1,
                                        .count = -1,
                                        .before = {NULL, SIZE_MAX}};
/* Not written; the test does not look at them. */
static sn_flags flags;
static sn_ip_packet_information information;

/* --- Every member: X(name, a call that is right, the same with all arguments wrong) ---------- */

#define PROPERTY(X, name, type, value, wrong)                                                      \
    X(get_##name, sn_socket_get_##name(socket, &outputs.type), sn_socket_get_##name(socket, NULL)) \
    X(set_##name, sn_socket_set_##name(socket, value), sn_socket_set_##name(socket, wrong))

#define MEMBER_TABLE(X)                                                                            \
    X(set_blocking, sn_socket_set_blocking(socket, true), sn_socket_set_blocking(socket, false))   \
    X(get_local_endpoint, sn_socket_get_local_endpoint(socket, &outputs.endpoint),                 \
      sn_socket_get_local_endpoint(socket, NULL))                                                  \
    X(get_remote_endpoint, sn_socket_get_remote_endpoint(socket, &outputs.endpoint),               \
      sn_socket_get_remote_endpoint(socket, NULL))                                                 \
    X(get_available, sn_socket_get_available(socket, &outputs.size),                               \
      sn_socket_get_available(socket, NULL))                                                       \
    X(bind, sn_socket_bind(socket, &given.somewhere), sn_socket_bind(socket, NULL))                \
    X(listen, sn_socket_listen(socket, 1), sn_socket_listen(socket, INT_MIN))                      \
    X(accept, do_accept(socket, &outputs.socket), do_accept(socket, NULL))                         \
    X(connect, do_connect(socket, &given.somewhere), do_connect(socket, NULL))                     \
    X(connect_dns, do_connect(socket, &given.dns), do_connect(socket, &given.none))                \
    X(connect_host, do_connect_host(socket, "127.0.0.1", 9), do_connect_host(socket, NULL, -1))    \
    X(connect_addresses, do_connect_addresses(socket, given.loopback, 2, 9),                       \
      do_connect_addresses(socket, NULL, 0, 65536))                                                \
    X(shutdown, sn_socket_shutdown(socket, SN_SHUTDOWN_BOTH),                                      \
      sn_socket_shutdown(socket, (sn_shutdown)77))                                                 \
    X(disconnect, do_disconnect(socket, false), do_disconnect(socket, true))                       \
    X(poll, sn_socket_poll(socket, 0, SN_SELECT_READ, &outputs.truth),                             \
      sn_socket_poll(socket, INT_MIN, (sn_select_mode)77, NULL))                                   \
    X(io_control,                                                                                  \
      sn_socket_io_control(socket, SN_IO_CONTROL_DATA_TO_READ, NULL, 0, outputs.data, 4,           \
                           &outputs.size),                                                         \
      sn_socket_io_control(socket, SN_IO_CONTROL_NON_BLOCKING_IO, NULL, 9, NULL, 9, NULL))         \
    X(send, do_send(socket, "x", 1, SN_FLAG_NONE, &outputs.size),                                  \
      do_send(socket, NULL, SIZE_MAX, ~0u, NULL))                                                  \
    X(send_buffers, do_send_buffers(socket, given.buffers, 3, SN_FLAG_NONE, &outputs.size),        \
      do_send_buffers(socket, NULL, 0, ~0u, NULL))                                                 \
    X(send_to, do_send_to(socket, "x", 1, SN_FLAG_NONE, &given.somewhere, &outputs.size),          \
      do_send_to(socket, NULL, SIZE_MAX, ~0u, NULL, NULL))                                         \
    X(receive, do_receive(socket, outputs.data, 4, SN_FLAG_NONE, &outputs.size),                   \
      do_receive(socket, NULL, SIZE_MAX, ~0u, NULL))                                               \
    X(receive_buffers, do_receive_buffers(socket, given.buffers, 3, SN_FLAG_NONE, &outputs.size),  \
      do_receive_buffers(socket, NULL, 0, ~0u, NULL))                                              \
    X(receive_from,                                                                                \
      do_receive_from(socket, outputs.data, 4, SN_FLAG_NONE, &outputs.endpoint, &outputs.size),    \
      do_receive_from(socket, NULL, SIZE_MAX, ~0u, NULL, NULL))                                    \
    X(receive_message_from,                                                                        \
      do_receive_message_from(socket, outputs.data, 4, &flags, &outputs.endpoint, &information,    \
                              &outputs.size),                                                      \
      do_receive_message_from(socket, NULL, SIZE_MAX, NULL, NULL, NULL, NULL))                     \
    X(receive_message_from_buffers,                                                                \
      do_receive_message_from_buffers(socket, given.buffers, 3, &flags, &outputs.endpoint,         \
                                      &information, &outputs.size),                                \
      do_receive_message_from_buffers(socket, NULL, 0, NULL, NULL, NULL, NULL))                    \
    X(send_file, do_send_file(socket, &right_file, &outputs.size),                                 \
      do_send_file(socket, &wrong_file, NULL))                                                     \
    X(send_no_file, do_send_file(socket, &(sn_file_send){0}, &outputs.size),                       \
      do_send_file(socket, NULL, NULL))                                                            \
    X(send_packets, do_send_packets(socket, NULL, 0, 0, &outputs.size),                            \
      do_send_packets(socket, NULL, 1, ~0u, NULL))                                                 \
    X(set_option, sn_socket_set_option(socket, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, 1),          \
      sn_socket_set_option(socket, (sn_option_level)-1, (sn_option_name)-1, INT_MIN))              \
    X(set_option_bytes,                                                                            \
      sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, &one, 4),          \
      sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, NULL, SIZE_MAX))   \
    X(get_option,                                                                                  \
      sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, &outputs.number),        \
      sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, NULL))                   \
    X(get_option_bytes,                                                                            \
      sn_socket_get_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, outputs.data, 4,   \
                                 &outputs.size),                                                   \
      sn_socket_get_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, NULL, SIZE_MAX,    \
                                 NULL))                                                            \
    X(set_raw_option, sn_socket_set_raw_option(socket, SOL_SOCKET, SO_KEEPALIVE, &one, 4),         \
      sn_socket_set_raw_option(socket, -1, -1, NULL, SIZE_MAX))                                    \
    X(get_raw_option,                                                                              \
      sn_socket_get_raw_option(socket, SOL_SOCKET, SO_KEEPALIVE, outputs.data, 4, &outputs.size),  \
      sn_socket_get_raw_option(socket, -1, -1, NULL, SIZE_MAX, NULL))                              \
    X(set_multicast_option,                                                                        \
      sn_socket_set_multicast_option(socket, SN_OPTION_ADD_MEMBERSHIP, &group4),                   \
      sn_socket_set_multicast_option(socket, SN_OPTION_LINGER, NULL))                              \
    X(set_ipv6_multicast_option,                                                                   \
      sn_socket_set_ipv6_multicast_option(socket, SN_OPTION_ADD_MEMBERSHIP, &group6),              \
      sn_socket_set_ipv6_multicast_option(socket, SN_OPTION_LINGER, NULL))                         \
    PROPERTY(X, no_delay, truth, true, false)                                                      \
    PROPERTY(X, dual_mode, truth, true, false)                                                     \
    PROPERTY(X, dont_fragment, truth, true, false)                                                 \
    PROPERTY(X, enable_broadcast, truth, true, false)                                              \
    PROPERTY(X, exclusive_address_use, truth, true, false)                                         \
    PROPERTY(X, reuse_port, truth, true, false)                                                    \
    PROPERTY(X, reuse_address_only, truth, true, false)                                            \
    PROPERTY(X, linger_state, linger, &linger, NULL)                                               \
    PROPERTY(X, multicast_loopback, truth, true, false)                                            \
    PROPERTY(X, receive_buffer_size, number, 8192, -1)                                             \
    PROPERTY(X, send_buffer_size, number, 8192, -1)                                                \
    PROPERTY(X, receive_timeout, span, 5, -2)                                                      \
    PROPERTY(X, send_timeout, span, 5, -2)                                                         \
    PROPERTY(X, connect_timeout, span, 5, -2)                                                      \
    PROPERTY(X, accept_timeout, span, 5, -2)                                                       \
    PROPERTY(X, ttl, number, 5, 256)                                                               \
    X(set_ip_protection_level,                                                                     \
      sn_socket_set_ip_protection_level(socket, SN_PROTECTION_RESTRICTED),                         \
      sn_socket_set_ip_protection_level(socket, SN_PROTECTION_UNSPECIFIED))

#define X(name, right, wrong)                                                                      \
    static sn_error right_##name(sn_socket *socket)                                                \
    {                                                                                              \
        return right;                                                                              \
    }                                                                                              \
    static sn_error wrong_##name(sn_socket *socket)                                                \
    {                                                                                              \
        return wrong;                                                                              \
    }
MEMBER_TABLE(X)
#undef X

static const struct member {
    const char *name;
    sn_error (*right)(sn_socket *socket), (*wrong)(sn_socket *socket);
} members[] = {
#define X(name, right, wrong) {#name, right_##name, wrong_##name},
    MEMBER_TABLE(X)
#undef X
};

/* B.0, E; trap 97: closed comes before every other check */
TEST(every_member_of_a_closed_socket_says_so_before_it_looks_at_its_arguments)
{
    sn_socket *socket = socket_make(transport_of(state));
    bad_input_begin();
    sn_socket_close(socket);
    size_t descriptors = descriptors_count();
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        row_begin("%s", members[i].name);
        outputs_poison();
        row_error(SN_ERROR_OBJECT_DISPOSED, members[i].right(socket));
        row_error(SN_ERROR_OBJECT_DISPOSED, members[i].wrong(socket));
        outputs_compare();
    }
    row_begin("all of them");
    row_equal(descriptors, descriptors_count());
    rows_end();
    sn_socket_release(socket);
}

/* The one property that .NET answers on a closed socket as on an open one */
TEST(use_only_overlapped_io_is_false_after_a_close_too)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    bool value = true;
    sn_socket_close(socket);
    assert_ok(sn_socket_set_use_only_overlapped_io(socket, true));
    assert_ok(sn_socket_get_use_only_overlapped_io(socket, &value));
    assert_false(value);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_use_only_overlapped_io(socket, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_use_only_overlapped_io(NULL, &value));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_set_use_only_overlapped_io(NULL, true));
    sn_socket_release(socket);
}

/* <sennit/socket.h> "SN_ERROR_ARGUMENT_NULL for a NULL socket" */
TEST(every_member_refuses_a_null_socket)
{
    bad_input_begin();
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        row_begin("%s", members[i].name);
        outputs_poison();
        row_error(SN_ERROR_ARGUMENT_NULL, members[i].right(NULL));
        row_error(SN_ERROR_ARGUMENT_NULL, members[i].wrong(NULL));
        outputs_compare();
    }
    rows_end();
}

/* A.10: members that stay usable; A.9: close is idempotent */
TEST(a_closed_socket_still_knows_what_it_is)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_socket_close(pair.client);
    sn_socket_close(pair.client);
    assert_ok(sn_socket_close_within(pair.client, SN_FOREVER));
    assert_ok(sn_socket_close_within(pair.client, 0));
    assert_ok(sn_socket_close_within(pair.client, 1));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_close_within(pair.client, -2));
    sn_socket_cancel(pair.client);
    assert_int_equal(SN_FAMILY_IPV4, sn_socket_get_address_family(pair.client));
    assert_int_equal(SN_TYPE_STREAM, sn_socket_get_socket_type(pair.client));
    assert_int_equal(SN_PROTOCOL_TCP, sn_socket_get_protocol_type(pair.client));
    assert_true(sn_socket_is_bound(pair.client));
    assert_true(sn_socket_is_blocking(pair.client));
    assert_false(sn_socket_is_connected(pair.client));
    assert_int_equal(SN_HANDLE_NONE, sn_socket_get_handle(pair.client));
    pair_release(&pair);
}

/* The members that have no error to give */
TEST(null_is_no_socket_for_the_members_that_cannot_fail)
{
    sn_socket_close(NULL);
    sn_socket_cancel(NULL);
    sn_socket_release(NULL);
    assert_null(sn_socket_retain(NULL));
    assert_int_equal(SN_FAMILY_UNKNOWN, sn_socket_get_address_family(NULL));
    assert_int_equal(SN_TYPE_UNKNOWN, sn_socket_get_socket_type(NULL));
    assert_int_equal(SN_PROTOCOL_UNKNOWN, sn_socket_get_protocol_type(NULL));
    assert_false(sn_socket_is_bound(NULL));
    assert_false(sn_socket_is_connected(NULL));
    (void)sn_socket_is_blocking(NULL);
    assert_int_equal(SN_HANDLE_NONE, sn_socket_get_handle(NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_close_within(NULL, 0));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(every_member_of_a_closed_socket_says_so_before_it_looks_at_its_arguments),
        CASE(use_only_overlapped_io_is_false_after_a_close_too),
        CASE(every_member_refuses_a_null_socket),
        CASE(a_closed_socket_still_knows_what_it_is),
        CASE(null_is_no_socket_for_the_members_that_cannot_fail),
    };
    return RUN(cases);
}
