/*
 * Connect to one end point (contract B.4 and B.5.1; traps 22 to 25, 35, 38 and 40). Rows that
 * depend on the kernel were asked of .NET 10 on Linux.
 */
#include "conformance/neighbours.h"
#include "support/run.h"

#include <fcntl.h>
#include <unistd.h>

#include "support/transfer_support.h"
#include "support/verbs.h"

TEST(connecting_connects)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 1), *client = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    assert_ok(do_connect(client, &address));
    assert_true(sn_socket_is_connected(client));
    assert_ok(do_accept(listener, &server));
    send_text(client, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* Trap 22; the peer may be changed. */
TEST(connecting_a_datagram_socket_sets_whom_it_talks_to_and_whom_it_hears)
{
    BLOCKING_ONLY("an asynchronous connect refuses any connected socket");
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport);
    sn_socket *first = socket_bound(transport), *second = socket_bound(transport);
    sn_endpoint here = local_endpoint(socket);
    sn_endpoint to_first = local_endpoint(first), to_second = local_endpoint(second);
    size_t sent;
    assert_ok(do_connect(socket, &to_first));
    assert_true(sn_socket_is_connected(socket));
    send_text(socket, "to the first");
    assert_receives(first, "to the first");
    assert_ok(do_send_to(first, "from the first", 14, SN_FLAG_NONE, &here, &sent));
    assert_receives(socket, "from the first");
    assert_ok(do_connect(socket, &to_second));
    assert_true(sn_socket_is_connected(socket));
    if (transport_is_ip(transport))
        assert_ok(do_send_to(first, "not heard", 9, SN_FLAG_NONE, &here, &sent));
    assert_ok(do_send_to(second, "from the second", 15, SN_FLAG_NONE, &here, &sent));
    assert_receives(socket, "from the second");
    send_text(socket, "to the second");
    assert_receives(second, "to the second");
    sn_socket_release(socket);
    sn_socket_release(first);
    sn_socket_release(second);
}

/* Trap 35. */
TEST(a_refused_connect_leaves_the_socket_unbound_and_unconnected)
{
    sn_socket *refusing = socket_refusing(transport_of(state));
    sn_socket *socket = socket_make(transport_of(state));
    sn_endpoint address = local_endpoint(refusing);
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &address));
    assert_int_not_equal(0, last_native());
    assert_false(sn_socket_is_connected(socket));
    assert_false(sn_socket_is_bound(socket));
    sn_endpoint local = local_endpoint(socket), remote = remote_endpoint(socket);
    assert_no_endpoint(&local);
    assert_no_endpoint(&remote);
    sn_socket_release(socket);
    sn_socket_release(refusing);
}

/* Trap 23. */
TEST(a_connected_stream_does_not_connect_again)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_endpoint address = local_endpoint(pair.listener);
    assert_error(SN_ERROR_IS_CONNECTED, do_connect(pair.client, &address));
    assert_error(SN_ERROR_IS_CONNECTED, do_connect(pair.server, &address));
    assert_true(sn_socket_is_connected(pair.client));
    send_text(pair.client, "still there");
    assert_receives(pair.server, "still there");
    pair_release(&pair);
}

/* Trap 23, the other ways of connecting. */
TEST(a_connected_socket_does_not_connect_to_a_host_or_a_list)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    static const sn_ip_address wrong[] = {{SN_FAMILY_IPV6, 0, {[15] = 1}}};
    assert_error(SN_ERROR_IS_CONNECTED, do_connect_host(pair.client, "127.0.0.1", 1));
    assert_error(SN_ERROR_IS_CONNECTED, do_connect_host(pair.client, "localhost", 1));
    assert_error(SN_ERROR_IS_CONNECTED, do_connect_addresses(pair.client, &SN_IPV4_LOOPBACK, 1, 1));
    assert_error(SN_ERROR_IS_CONNECTED, do_connect_addresses(pair.client, wrong, 1, 1));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, do_connect_addresses(pair.client, wrong, 1, -1));
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

TEST(a_listening_socket_does_not_connect)
{
    sn_socket *listener = socket_listening(transport_of(state), 1);
    sn_endpoint address = local_endpoint(listener);
    assert_error(SN_ERROR_INVALID_OPERATION, do_connect(listener, &address));
    if (transport_is_tcp(transport_of(state))) {
        assert_error(SN_ERROR_INVALID_OPERATION,
                     do_connect_addresses(listener,
                                          sn_socket_get_address_family(listener) == SN_FAMILY_IPV6
                                              ? &SN_IPV6_LOOPBACK
                                              : &SN_IPV4_LOOPBACK,
                                          1, 1));
    }
    sn_socket_release(listener);
}

TEST(a_missing_end_point_is_refused)
{
    sn_socket *socket = socket_make(transport_of(state));
    static const sn_endpoint none;
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect(socket, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect(socket, &none));
    sn_socket_release(socket);
}

enum where { V4, V6, BROADCAST, PORT_0, ABSENT_PATH, ABSENT_NAME, FILE_PATH, STREAM_PATH };

/* A file of ours that is no socket. */
static sn_endpoint endpoint_of_file(void)
{
    struct unix_path path = unix_path_new();
    int handle = open(path.text, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(handle >= 0);
    close(handle);
    return endpoint_of_path(path.text);
}

static sn_endpoint target_of(enum where where, const sn_endpoint *stream_path)
{
    sn_endpoint abstract;
    switch (where) {
    case V4: return endpoint_of_text("127.0.0.1:9");
    case V6: return endpoint_of_text("[::1]:9");
    case BROADCAST: return endpoint_of_text("127.255.255.255:9");
    case PORT_0: return endpoint_of_text("127.0.0.1:0");
    case ABSENT_PATH: return endpoint_free(UNIX_STREAM);
    case ABSENT_NAME:
        assert_ok(sn_endpoint_from_unix_bytes("\0sennit-nobody", 14, &abstract));
        return abstract;
    case FILE_PATH: return endpoint_of_file();
    case STREAM_PATH: return *stream_path;
    }
    return (sn_endpoint){0};
}

/* Traps 24, 25 and 40: asynchronously, an end point of another family is looked at before the
 * kernel is asked. */
TEST(an_end_point_that_does_not_fit_gets_the_kernels_error)
{
    static const struct {
        enum transport transport;
        enum where where;
        sn_error expected;
    } rows[] = {
        {TCP_IPV6, V4, SN_ERROR_INVALID_ARGUMENT},
        {TCP_IPV4, V6, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UDP_IPV4, V6, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UDP_IPV6, V4, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {TCP_IPV4, ABSENT_PATH, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UNIX_STREAM, V4, SN_ERROR_INVALID_ARGUMENT},
        {UDP_IPV4, BROADCAST, SN_ERROR_ACCESS_DENIED},
        {TCP_IPV4, PORT_0, SN_ERROR_CONNECTION_REFUSED},
        {UNIX_STREAM, ABSENT_PATH, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {UNIX_DATAGRAM, ABSENT_PATH, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {UNIX_SEQPACKET, ABSENT_PATH, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {UNIX_STREAM, ABSENT_NAME, SN_ERROR_CONNECTION_REFUSED},
        {UNIX_STREAM, FILE_PATH, SN_ERROR_CONNECTION_REFUSED},
        {UNIX_DATAGRAM, STREAM_PATH, SN_ERROR_PROTOCOL_TYPE},
        {UNIX_SEQPACKET, STREAM_PATH, SN_ERROR_PROTOCOL_TYPE},
    };
    sn_socket *listener = socket_listening(UNIX_STREAM, 1);
    sn_endpoint stream_path = local_endpoint(listener);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (transport_missing(rows[i].transport)) {
            print_message("skipped row: %s\n", transport_missing(rows[i].transport));
            continue;
        }
        sn_socket *socket = socket_make(rows[i].transport);
        sn_endpoint target = target_of(rows[i].where, &stream_path);
        row_begin("%s, end point %d", transport_name(rows[i].transport), (int)rows[i].where);
        bool fits = sn_endpoint_get_family(&target) == transport_family(rows[i].transport);
        row_error(fits ? rows[i].expected : style_error(rows[i].expected, SN_ERROR_NOT_SUPPORTED),
                  do_connect(socket, &target));
        row_equal(false, sn_socket_is_connected(socket));
        sn_socket_release(socket);
    }
    rows_end();
    sn_socket_release(listener);
}

/* B.4: no family check of its own, so the socket is not spoiled beyond what a failed connect does.
 */
TEST(after_the_wrong_family_the_right_one_connects)
{
    struct neighbours there = neighbours_make();
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_endpoint wrong = endpoint_of(&SN_IPV6_LOOPBACK, there.port), good = good_of(&there);
    assert_error(style_error(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED, SN_ERROR_NOT_SUPPORTED),
                 do_connect(socket, &wrong));
    assert_ok(do_connect(socket, &good));
    assert_true(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    neighbours_release(&there);
}

TEST(a_dual_mode_socket_connects_to_an_ipv4_end_point)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    struct neighbours there = neighbours_make();
    sn_socket *socket = NULL;
    sn_endpoint good = good_of(&there);
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    assert_ok(do_connect(socket, &good));
    sn_socket_release(socket);
    neighbours_release(&there);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_LISTENERS(connecting_connects),
        ON_UDP(connecting_a_datagram_socket_sets_whom_it_talks_to_and_whom_it_hears),
        CASE_ON(connecting_a_datagram_socket_sets_whom_it_talks_to_and_whom_it_hears,
                UNIX_DATAGRAM),
        ON_LISTENERS(a_refused_connect_leaves_the_socket_unbound_and_unconnected),
        ON_STREAMS(a_connected_stream_does_not_connect_again),
        CASE(a_connected_socket_does_not_connect_to_a_host_or_a_list),
        ON_LISTENERS(a_listening_socket_does_not_connect),
        ON_ALL_CONNECTED(a_missing_end_point_is_refused),
        CASE(an_end_point_that_does_not_fit_gets_the_kernels_error),
        CASE(after_the_wrong_family_the_right_one_connects),
        CASE(a_dual_mode_socket_connects_to_an_ipv4_end_point),
    };
    return RUN(cases);
}
