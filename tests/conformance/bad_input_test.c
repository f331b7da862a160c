/*
 * Bad input to every blocking member (contract E.1, B.0): the named error comes back, nothing has
 * changed, no output is written, no descriptor is left open.
 *
 * What concerns closed sockets stands in closed_socket_test.c, option numbers that do not exist in
 * options_test.c, texts in the unit tests of their parsers.
 */
#include "support/descriptors.h"

#include <sennit/dotnet.h>
#include "support/transfer_support.h"

#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- Single mistakes: X(name, the socket's state, error, call) ------------------------------- */

enum scene { FRESH, FRESH_UDP, FRESH_UNIX, BOUND, BOUND_UDP, LISTENING, CONNECTED, CONNECTED_UDP };

/* What is handed to the kernel must be nothing that could be written to. */
static sn_buffer with_null[3] = {{NULL, 0}, {NULL, 1}, {NULL, 0}};
static sn_buffer with_huge[2] = {{outputs.data, 1}, {outputs.data, (size_t)SSIZE_MAX + 1}};
static sn_buffer with_too_much[2] = {{outputs.data, SSIZE_MAX}, {outputs.data, 1}};
static const sn_ip_address no_addresses[2];
static char long_host[400];

#define HUGE_SIZE ((size_t)SSIZE_MAX + 1)

#define TRANSFER_MISTAKES(X, scene)                                                                \
    X(send_null, scene, ARGUMENT_NULL, do_send(socket, NULL, 1, SN_FLAG_NONE, &outputs.size))      \
    X(send_null_huge, scene, ARGUMENT_NULL, do_send(socket, NULL, SIZE_MAX, 0, &outputs.size))     \
    X(send_huge, scene, ARGUMENT_OUT_OF_RANGE,                                                     \
      do_send(socket, outputs.data, HUGE_SIZE, 0, &outputs.size))                                  \
    X(send_size_max, scene, ARGUMENT_OUT_OF_RANGE,                                                 \
      do_send(socket, outputs.data, SIZE_MAX, 0, NULL))                                            \
    X(send_list_null, scene, ARGUMENT_NULL, do_send_buffers(socket, NULL, 1, 0, &outputs.size))    \
    X(send_list_null_0, scene, ARGUMENT_NULL, do_send_buffers(socket, NULL, 0, 0, &outputs.size))  \
    X(send_list_empty, scene, ARGUMENT,                                                            \
      do_send_buffers(socket, given.buffers, 0, 0, &outputs.size))                                 \
    X(send_list_hole, scene, ARGUMENT_NULL,                                                        \
      do_send_buffers(socket, with_null, 3, 0, &outputs.size))                                     \
    X(send_list_huge, scene, ARGUMENT_OUT_OF_RANGE,                                                \
      do_send_buffers(socket, with_huge, 2, 0, &outputs.size))                                     \
    X(send_list_sum, scene, ARGUMENT_OUT_OF_RANGE,                                                 \
      do_send_buffers(socket, with_too_much, 2, 0, &outputs.size))                                 \
    X(send_to_null, scene, ARGUMENT_NULL,                                                          \
      do_send_to(socket, NULL, 1, 0, &given.somewhere, &outputs.size))                             \
    X(send_to_huge, scene, ARGUMENT_OUT_OF_RANGE,                                                  \
      do_send_to(socket, outputs.data, HUGE_SIZE, 0, &given.somewhere, &outputs.size))             \
    X(send_to_nowhere, scene, ARGUMENT_NULL, do_send_to(socket, "x", 1, 0, NULL, &outputs.size))   \
    X(send_to_none, scene, ARGUMENT_NULL,                                                          \
      do_send_to(socket, "x", 1, 0, &given.none, &outputs.size))                                   \
    X(send_to_dns, scene, ARGUMENT, do_send_to(socket, "x", 1, 0, &given.dns, &outputs.size))      \
    X(receive_null, scene, ARGUMENT_NULL, do_receive(socket, NULL, 1, 0, &outputs.size))           \
    X(receive_huge, scene, ARGUMENT_OUT_OF_RANGE,                                                  \
      do_receive(socket, outputs.data, HUGE_SIZE, 0, &outputs.size))                               \
    X(receive_no_output, scene, ARGUMENT_NULL, do_receive(socket, outputs.data, 1, 0, NULL))       \
    X(receive_nothing_no_output, scene, ARGUMENT_NULL, do_receive(socket, NULL, 0, 0, NULL))       \
    X(receive_list_null, scene, ARGUMENT_NULL,                                                     \
      do_receive_buffers(socket, NULL, 1, 0, &outputs.size))                                       \
    X(receive_list_empty, scene, ARGUMENT,                                                         \
      do_receive_buffers(socket, given.buffers, 0, 0, &outputs.size))                              \
    X(receive_list_hole, scene, ARGUMENT_NULL,                                                     \
      do_receive_buffers(socket, with_null, 3, 0, &outputs.size))                                  \
    X(receive_list_huge, scene, ARGUMENT_OUT_OF_RANGE,                                             \
      do_receive_buffers(socket, with_huge, 2, 0, &outputs.size))                                  \
    X(receive_list_sum, scene, ARGUMENT_OUT_OF_RANGE,                                              \
      do_receive_buffers(socket, with_too_much, 2, 0, &outputs.size))                              \
    X(receive_list_no_output, scene, ARGUMENT_NULL,                                                \
      do_receive_buffers(socket, given.buffers, 3, 0, NULL))                                       \
    X(receive_from_null, scene, ARGUMENT_NULL,                                                     \
      do_receive_from(socket, NULL, 1, 0, &outputs.endpoint, &outputs.size))                       \
    X(receive_from_huge, scene, ARGUMENT_OUT_OF_RANGE,                                             \
      do_receive_from(socket, outputs.data, HUGE_SIZE, 0, &outputs.endpoint, &outputs.size))       \
    X(receive_from_no_sender, scene, ARGUMENT_NULL,                                                \
      do_receive_from(socket, outputs.data, 1, 0, NULL, &outputs.size))

#define MISTAKE_TABLE(X)                                                                           \
    X(local_no_output, BOUND, ARGUMENT_NULL, sn_socket_get_local_endpoint(socket, NULL))           \
    X(remote_no_output, CONNECTED, ARGUMENT_NULL, sn_socket_get_remote_endpoint(socket, NULL))     \
    X(available_no_output, CONNECTED, ARGUMENT_NULL, sn_socket_get_available(socket, NULL))        \
    X(bind_null, FRESH, ARGUMENT_NULL, sn_socket_bind(socket, NULL))                               \
    X(bind_none, FRESH, ARGUMENT_NULL, sn_socket_bind(socket, &given.none))                        \
    X(bind_dns, FRESH, ARGUMENT, sn_socket_bind(socket, &given.dns))                               \
    X(bind_again, BOUND, INVALID_ARGUMENT, sn_socket_bind(socket, &given.free_port))               \
    X(listen_udp, FRESH_UDP, OPERATION_NOT_SUPPORTED, sn_socket_listen(socket, 1))                 \
    X(accept_fresh, FRESH, INVALID_OPERATION, do_accept(socket, &outputs.socket))                  \
    X(accept_bound, BOUND, INVALID_OPERATION, do_accept(socket, &outputs.socket))                  \
    X(accept_connected, CONNECTED, INVALID_OPERATION, do_accept(socket, &outputs.socket))          \
    X(accept_no_output, LISTENING, ARGUMENT_NULL, do_accept(socket, NULL))                         \
    X(connect_null, FRESH, ARGUMENT_NULL, do_connect(socket, NULL))                                \
    X(connect_none, FRESH, ARGUMENT_NULL, do_connect(socket, &given.none))                         \
    X(connect_null_listening, LISTENING, ARGUMENT_NULL, do_connect(socket, NULL))                  \
    X(connect_listening, LISTENING, INVALID_OPERATION, do_connect(socket, &given.somewhere))       \
    X(connect_connected, CONNECTED, IS_CONNECTED, do_connect(socket, &given.somewhere))            \
    X(connect_unix_dns, FRESH_UNIX, NOT_SUPPORTED, do_connect(socket, &given.dns))                 \
    X(connect_dns_of_another_family, FRESH, NOT_SUPPORTED, do_connect(socket, &given.dns_ipv6))    \
    X(host_null, FRESH, ARGUMENT_NULL, do_connect_host(socket, NULL, 9))                           \
    X(host_null_port, FRESH, ARGUMENT_NULL, do_connect_host(socket, NULL, -1))                     \
    X(host_port_negative, FRESH, ARGUMENT_OUT_OF_RANGE, do_connect_host(socket, "localhost", -1))  \
    X(host_port_large, FRESH, ARGUMENT_OUT_OF_RANGE, do_connect_host(socket, "localhost", 65536))  \
    X(host_port_max, FRESH, ARGUMENT_OUT_OF_RANGE, do_connect_host(socket, "localhost", INT_MAX))  \
    X(host_port_min, FRESH, ARGUMENT_OUT_OF_RANGE, do_connect_host(socket, "localhost", INT_MIN))  \
    X(host_long, FRESH, ARGUMENT_OUT_OF_RANGE, do_connect_host(socket, long_host, 9))              \
    X(host_unix, FRESH_UNIX, NOT_SUPPORTED, do_connect_host(socket, "localhost", 9))               \
    X(host_unix_port, FRESH_UNIX, ARGUMENT_OUT_OF_RANGE, do_connect_host(socket, "localhost", -1)) \
    X(addresses_null, FRESH, ARGUMENT_NULL, do_connect_addresses(socket, NULL, 2, 9))              \
    X(addresses_null_0, FRESH, ARGUMENT_NULL, do_connect_addresses(socket, NULL, 0, 9))            \
    X(addresses_empty, FRESH, ARGUMENT, do_connect_addresses(socket, given.loopback, 0, 9))        \
    X(addresses_port, FRESH, ARGUMENT_OUT_OF_RANGE,                                                \
      do_connect_addresses(socket, given.loopback, 2, -1))                                         \
    X(addresses_port_large, FRESH, ARGUMENT_OUT_OF_RANGE,                                          \
      do_connect_addresses(socket, given.loopback, 2, 65536))                                      \
    X(addresses_unix, FRESH_UNIX, NOT_SUPPORTED,                                                   \
      do_connect_addresses(socket, given.loopback, 2, 9))                                          \
    X(addresses_connected, CONNECTED, IS_CONNECTED,                                                \
      do_connect_addresses(socket, given.loopback, 2, 9))                                          \
    X(addresses_none_fits, FRESH, ARGUMENT, do_connect_addresses(socket, no_addresses, 2, 9))      \
    X(shutdown_how, CONNECTED_UDP, INVALID_ARGUMENT, sn_socket_shutdown(socket, (sn_shutdown)3))   \
    X(shutdown_fresh, FRESH, NOT_CONNECTED, sn_socket_shutdown(socket, SN_SHUTDOWN_BOTH))          \
    X(disconnect_fresh, FRESH, NOT_CONNECTED, do_disconnect(socket, true))                         \
    X(poll_no_output, CONNECTED, ARGUMENT_NULL, sn_socket_poll(socket, 0, SN_SELECT_READ, NULL))   \
    X(poll_time, FRESH_UDP, INVALID_ARGUMENT,                                                      \
      sn_socket_poll(socket, -2000, SN_SELECT_READ, &outputs.truth))                               \
    X(io_control_non_blocking, CONNECTED, INVALID_OPERATION,                                       \
      sn_socket_io_control(socket, SN_IO_CONTROL_NON_BLOCKING_IO, NULL, 0, outputs.data, 4,        \
                           &outputs.size))                                                         \
    X(io_control_unknown, CONNECTED, PLATFORM_NOT_SUPPORTED,                                       \
      sn_socket_io_control(socket, 0, NULL, 0, outputs.data, 4, &outputs.size))                    \
    X(io_control_hostile, CONNECTED, PLATFORM_NOT_SUPPORTED,                                       \
      sn_socket_io_control(socket, INT64_MIN, NULL, 0, outputs.data, 4, &outputs.size))            \
    X(io_control_high_bits, CONNECTED, PLATFORM_NOT_SUPPORTED,                                     \
      sn_socket_io_control(socket, SN_IO_CONTROL_DATA_TO_READ | INT64_C(1) << 32, NULL, 0,         \
                           outputs.data, 4, &outputs.size))                                        \
    X(io_control_short, FRESH_UDP, FAULT,                                                          \
      sn_socket_io_control(socket, SN_IO_CONTROL_DATA_TO_READ, NULL, 0, outputs.data, 3,           \
                           &outputs.size))                                                         \
    X(io_control_missing, FRESH_UDP, FAULT,                                                        \
      sn_socket_io_control(socket, SN_IO_CONTROL_DATA_TO_READ, NULL, 0, NULL, 4, &outputs.size))   \
    X(close_within, CONNECTED, ARGUMENT_OUT_OF_RANGE, sn_socket_close_within(socket, -2))          \
    X(close_within_min, CONNECTED, ARGUMENT_OUT_OF_RANGE, sn_socket_close_within(socket, INT_MIN)) \
    X(option_no_output, CONNECTED, ARGUMENT_NULL,                                                  \
      sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, NULL))                   \
    X(linger_null, CONNECTED, ARGUMENT_NULL, sn_socket_set_linger_state(socket, NULL))             \
    X(exclusive_bound, CONNECTED, INVALID_OPERATION,                                               \
      sn_socket_set_exclusive_address_use(socket, true))                                           \
    X(receive_from_unbound, FRESH_UDP, INVALID_OPERATION,                                          \
      do_receive_from(socket, outputs.data, 1, 0, &outputs.endpoint, &outputs.size))               \
    X(receive_from_no_output, BOUND_UDP, ARGUMENT_NULL,                                            \
      do_receive_from(socket, outputs.data, 1, 0, &outputs.endpoint, NULL))                        \
    X(receive_from_connected_no_output, CONNECTED, ARGUMENT_NULL,                                  \
      do_receive_from(socket, outputs.data, 1, 0, &outputs.endpoint, NULL))

#define X(name, scene, error, call)                                                                \
    static sn_error mistake_##name(sn_socket *socket)                                              \
    {                                                                                              \
        return call;                                                                               \
    }
MISTAKE_TABLE(X)
TRANSFER_MISTAKES(X, CONNECTED)
#undef X

static const struct mistake {
    const char *name;
    enum scene scene;
    sn_error error;
    sn_error (*call)(sn_socket *socket);
} mistakes[] = {
#define X(name, scene, error, call) {#name, scene, SN_ERROR_##error, mistake_##name},
    MISTAKE_TABLE(X) TRANSFER_MISTAKES(X, CONNECTED) TRANSFER_MISTAKES(X, CONNECTED_UDP)
        TRANSFER_MISTAKES(X, FRESH) TRANSFER_MISTAKES(X, BOUND_UDP)
#undef X
};

static struct socket_pair scene_open(enum scene scene)
{
    struct socket_pair pair = {0};
    switch (scene) {
    case FRESH: pair.client = socket_make(TCP_IPV4); break;
    case FRESH_UDP: pair.client = socket_make(UDP_IPV4); break;
    case FRESH_UNIX: pair.client = socket_make(UNIX_STREAM); break;
    case BOUND: pair.client = socket_bound(TCP_IPV4); break;
    case BOUND_UDP: pair.client = socket_bound(UDP_IPV4); break;
    case LISTENING: pair.client = socket_listening(TCP_IPV4, 1); break;
    case CONNECTED: return pair_connected(TCP_IPV4);
    case CONNECTED_UDP: return pair_connected(UDP_IPV4);
    }
    return pair;
}

/* The one that .NET names otherwise in the asynchronous form (B.5.1, B.5.2). */
static sn_error expected_of(const struct mistake *mistake)
{
    bool fits_none = mistake->call == mistake_addresses_none_fits;
    return fits_none ? style_error(mistake->error, SN_ERROR_NOT_SUPPORTED) : mistake->error;
}

/* E.1, B.0 */
TEST(a_mistake_gets_its_error_and_changes_nothing)
{
    bad_input_begin();
    memset(long_host, 'a', sizeof long_host - 1);
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        const struct mistake *mistake = &mistakes[i];
        row_begin("%s, scene %d", mistake->name, (int)mistake->scene);
        struct socket_pair pair = scene_open(mistake->scene);
        struct snapshot before = snapshot_take(pair.client);
        engines_settle();
        size_t descriptors = descriptors_count();
        outputs_poison();
        row_error(expected_of(mistake), mistake->call(pair.client));
        outputs_compare();
        engines_settle();
        row_equal(descriptors, descriptors_count());
        /* What the kernel was asked and refused counts as an error of the connection (A.6). */
        if (mistake->error != SN_ERROR_INVALID_ARGUMENT)
            snapshot_compare(&before, pair.client);
        pair_release(&pair);
    }
    rows_end();
}

/* E.1 constructors */
TEST(a_constructor_refuses_what_it_cannot_make)
{
    int pipe_ends[2];
    assert_int_equal(0, pipe(pipe_ends));
    assert_int_equal(0, close(pipe_ends[1]));
    engines_settle();
    size_t descriptors = descriptors_count();
    outputs_poison();
    sn_socket *pair[2] = {NULL, NULL};
    row_begin("constructors");
    row_error(SN_ERROR_ARGUMENT_NULL,
              sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL,
              sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_socket_from_handle(pipe_ends[0], true, NULL));
    row_equal(true, descriptor_is_open(pipe_ends[0]));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_socket_pair(SN_TYPE_STREAM, NULL));
    row_error(SN_ERROR_ARGUMENT, sn_socket_from_handle(-1, true, &outputs.socket));
    row_error(SN_ERROR_ARGUMENT, sn_socket_from_handle(INT_MIN, false, &outputs.socket));
    row_error(SN_ERROR_NOT_SOCKET, sn_socket_from_handle(pipe_ends[1], true, &outputs.socket));
    row_error(SN_ERROR_NOT_SOCKET, sn_socket_from_handle(INT_MAX, true, &outputs.socket));
    row_error(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED,
              sn_socket_create((sn_address_family)INT_MIN, (sn_socket_type)INT_MAX,
                               (sn_protocol_type)INT_MIN, &outputs.socket));
    row_error(SN_ERROR_PROTOCOL_TYPE, sn_socket_create(SN_FAMILY_IPV4, (sn_socket_type)INT_MAX,
                                                       (sn_protocol_type)INT_MIN, &outputs.socket));
    row_error(SN_ERROR_PROTOCOL_NOT_SUPPORTED,
              sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, (sn_protocol_type)INT_MIN,
                               &outputs.socket));
    row_error(SN_ERROR_PROTOCOL_TYPE,
              sn_socket_create_dual_mode((sn_socket_type)0, SN_PROTOCOL_TCP, &outputs.socket));
    row_error(SN_ERROR_PROTOCOL_TYPE, sn_socket_pair((sn_socket_type)77, pair));
    row_equal(true, pair[0] == NULL && pair[1] == NULL);
    outputs_compare();
    engines_settle();
    row_equal(descriptors, descriptors_count());
    rows_end();
    assert_int_equal(0, close(pipe_ends[0]));
}

/* --- Select (B.13; trap 78) ------------------------------------------------------------------ */

TEST(select_refuses_lists_that_are_empty_too_long_or_hold_null)
{
    enum { TOO_MANY = 65537 };
    sn_socket *socket = socket_bound(UDP_IPV4), *closed = socket_bound(UDP_IPV4);
    sn_socket_close(closed);
    sn_socket **many = calloc(TOO_MANY, sizeof *many);
    for (size_t i = 0; i < TOO_MANY; i++)
        many[i] = socket;
    sn_socket *with_hole[2] = {socket, NULL}, *with_closed[2] = {socket, closed};
    sn_socket_list empty = {NULL, 0}, missing = {NULL, 3}, hole = {with_hole, 2},
                   disposed = {with_closed, 2}, too_many = {many, TOO_MANY};
    row_begin("select");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(NULL, NULL, NULL, 0));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&empty, &empty, &empty, 0));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&missing, NULL, NULL, 0));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&hole, NULL, NULL, 0));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(NULL, &hole, NULL, 0));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(NULL, NULL, &hole, 0));
    row_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_select(&disposed, NULL, NULL, 0));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_select(&too_many, NULL, NULL, 0));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_select(NULL, &too_many, NULL, 0));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_select(NULL, NULL, &too_many, 0));
    row_equal(2, hole.count);
    row_equal(2, disposed.count);
    row_equal(true, with_closed[0] == socket && with_closed[1] == closed);
    row_equal(TOO_MANY, too_many.count);
    rows_end();
    free(many);
    sn_socket_release(socket);
    sn_socket_release(closed);
}

/* --- Addresses whose bytes are damaged ------------------------------------------------------- */

/* F.4, F.6: bytes that end too early. An end point is a plain struct, so it can be cut by hand. */
TEST(a_truncated_end_point_is_refused)
{
    for (uint32_t size = 0; size < sizeof(struct sockaddr_in); size++) {
        for (int is_dual = 0; is_dual <= 1; is_dual++) {
            if (is_dual && !has_ipv6())
                continue;
            row_begin("size %u, dual %d", size, is_dual);
            sn_endpoint cut = endpoint_of(&SN_IPV4_LOOPBACK, 9);
            cut.size = size;
            sn_socket *socket = NULL;
            if (is_dual)
                assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket));
            else
                socket = socket_make(UDP_IPV4);
            engines_settle();
            size_t descriptors = descriptors_count();
            row_equal(true, sn_socket_bind(socket, &cut) != SN_OK);
            row_equal(true, do_connect(socket, &cut) != SN_OK);
            row_equal(true, do_send_to(socket, "x", 1, SN_FLAG_NONE, &cut, NULL) != SN_OK);
            row_equal(false, sn_socket_is_bound(socket));
            row_equal(false, sn_socket_is_connected(socket));
            engines_settle();
            row_equal(descriptors, descriptors_count());
            sn_socket_release(socket);
        }
    }
    rows_end();
}

/* Nothing is read or written past the end of the struct, whatever its fields say. */
TEST(an_end_point_with_senseless_fields_does_no_harm)
{
    static const uint32_t kinds[] = {SN_ENDPOINT_NONE,
                                     SN_ENDPOINT_IP,
                                     SN_ENDPOINT_DNS,
                                     SN_ENDPOINT_UNIX,
                                     SN_ENDPOINT_OTHER,
                                     5,
                                     77,
                                     UINT32_MAX};
    static const uint32_t sizes[] = {0, 1, 2, 3, 27, SN_SOCKADDR_SIZE_MAX + 1, 300, UINT32_MAX};
    static const uint16_t families[] = {AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, 0xFFFF};
    for (size_t i = 0; i < COUNT_OF(kinds) * COUNT_OF(sizes) * COUNT_OF(families); i++) {
        sn_endpoint *senseless = malloc(sizeof *senseless); /* a sanitizer watches its borders */
        memset(senseless, 0x41, sizeof *senseless);
        senseless->kind = kinds[i % COUNT_OF(kinds)];
        senseless->size = sizes[i / COUNT_OF(kinds) % COUNT_OF(sizes)];
        uint16_t family = families[i / COUNT_OF(kinds) / COUNT_OF(sizes)];
        memcpy(senseless->as.sockaddr, &family, sizeof family);
        senseless->as.dns.host[SN_HOST_SIZE_MAX] = 0;
        if (senseless->kind == SN_ENDPOINT_DNS) /* resolves to nothing, without a name server */
            memcpy(senseless->as.dns.host, "256.256.256.256.", 17);

        char text[SN_ENDPOINT_TEXT_SIZE];
        size_t size;
        sn_ip_address address;
        (void)!sn_endpoint_format(senseless, text, sizeof text);
        (void)!sn_endpoint_format_sockaddr(senseless, text, sizeof text);
        (void)!sn_endpoint_get_address(senseless, &address);
        (void)sn_endpoint_get_port(senseless);
        (void)sn_endpoint_get_family(senseless);
        (void)sn_endpoint_get_host(senseless);
        (void)sn_endpoint_get_unix_path(senseless, &size);
        (void)sn_endpoint_hash(senseless);
        sn_endpoint *copy = malloc(sizeof *copy);
        *copy = *senseless;
        (void)sn_endpoint_equals(senseless, copy);
        free(copy);

        static const enum transport transports[] = {UDP_IPV4, UNIX_DATAGRAM};
        for (size_t t = 0; t < COUNT_OF(transports); t++) {
            sn_socket *socket = socket_make(transports[t]);
            (void)!sn_socket_bind(socket, senseless);
            if (senseless->kind != SN_ENDPOINT_DNS)
                (void)!do_connect(socket, senseless);
            (void)!do_send_to(socket, "x", 1, SN_FLAG_NONE, senseless, NULL);
            sn_socket_release(socket);
        }
        free(senseless);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_mistake_gets_its_error_and_changes_nothing),
        CASE(a_constructor_refuses_what_it_cannot_make),
        CASE(select_refuses_lists_that_are_empty_too_long_or_hold_null),
        CASE(a_truncated_end_point_is_refused),
        CASE(an_end_point_with_senseless_fields_does_no_harm),
    };
    return RUN(cases);
}
