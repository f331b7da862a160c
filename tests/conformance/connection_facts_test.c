/*
 * What a connection has got of what was asked for: several paths, data with the first packet. On
 * hosts of the test's own, where it may switch the latter on.
 */
#include "support/network_sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

static sn_socket *make(sn_protocol_type protocol)
{
    sn_socket *socket = NULL;
    sn_error error = sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, protocol, &socket);
    if (error == SN_ERROR_PROTOCOL_NOT_SUPPORTED)
        SKIP("this kernel has no Multipath TCP");
    assert_ok(error);
    return socket;
}

static sn_socket *listen_far(sn_protocol_type protocol, int fast_open)
{
    sn_ip_address far = network_address(HOST_FAR, 0, SN_FAMILY_IPV4);
    sn_endpoint at = endpoint_of(&far, PORT);
    network_enter(HOST_FAR);
    sn_socket *listener = make(protocol);
    network_enter(HOST_NEAR);
    assert_ok(sn_socket_bind(listener, &at));
    if (fast_open)
        assert_ok(sn_socket_set_option(listener, SN_LEVEL_TCP, SN_OPTION_FAST_OPEN, fast_open));
    assert_ok(sn_socket_listen(listener, 4));
    return listener;
}

TEST(a_connection_tells_whether_it_has_several_paths)
{
    needs_network();
    static const sn_protocol_type protocols[] = {SN_PROTOCOL_MPTCP, SN_PROTOCOL_TCP};
    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        sn_socket *listener = listen_far(protocols[i], 0), *client = make(SN_PROTOCOL_MPTCP);
        sn_socket *server = NULL;
        sn_endpoint to = local_endpoint(listener);
        sn_multipath multipath = {.paths = 77};
        assert_error(SN_ERROR_NOT_CONNECTED, sn_socket_get_multipath(client, &multipath));
        assert_int_equal(multipath.paths, 77);
        assert_ok(do_connect(client, &to));
        assert_ok(do_accept(listener, &server));
        send_text(client, "hello");
        assert_receives(server, "hello");
        assert_ok(sn_socket_get_multipath(client, &multipath));
        assert_int_equal(multipath.fell_back, protocols[i] == SN_PROTOCOL_TCP);
        assert_true(multipath.paths >= 1);
        if (protocols[i] == SN_PROTOCOL_TCP) {
            assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                         sn_socket_get_multipath(server, &multipath));
        } else {
            assert_ok(sn_socket_get_multipath(server, &multipath));
            assert_false(multipath.fell_back);
        }
        sn_socket_release(server);
        sn_socket_release(client);
        sn_socket_release(listener);
    }
}

TEST(a_client_without_several_paths_is_told_to_its_server)
{
    needs_network();
    sn_socket *listener = listen_far(SN_PROTOCOL_MPTCP, 0), *client = make(SN_PROTOCOL_TCP);
    sn_socket *server = NULL;
    sn_endpoint to = local_endpoint(listener);
    sn_multipath multipath;
    assert_ok(do_connect(client, &to));
    assert_ok(do_accept(listener, &server));
    assert_ok(sn_socket_get_multipath(server, &multipath));
    assert_true(multipath.fell_back);
    assert_int_equal(multipath.paths, 1);
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* Without a cookie, which only a second connection would have. */
static bool switch_fast_open_on(enum host host)
{
    network_enter(host);
    int file = open("/proc/sys/net/ipv4/tcp_fastopen", O_WRONLY | O_CLOEXEC);
    bool is_on = file >= 0 && write(file, "519", 3) == 3; /* 0x207 */
    if (file >= 0)
        close(file);
    network_enter(HOST_NEAR);
    return is_on;
}

TEST(a_connection_tells_whether_its_first_packet_had_data)
{
    needs_network();
    if (!switch_fast_open_on(HOST_NEAR) || !switch_fast_open_on(HOST_FAR))
        SKIP("TCP Fast Open cannot be switched on here");
    for (int opens_fast = 0; opens_fast < 2; opens_fast++) {
        sn_socket *listener = listen_far(SN_PROTOCOL_TCP, 5), *client = make(SN_PROTOCOL_TCP);
        sn_socket *server = NULL;
        sn_endpoint to = local_endpoint(listener);
        bool accepted = true;
        if (opens_fast)
            assert_ok(sn_socket_set_raw_option(client, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &(int){1},
                                               sizeof(int)));
        assert_error(SN_ERROR_NOT_CONNECTED, sn_socket_get_fast_open_accepted(client, &accepted));
        assert_ok(do_connect(client, &to));
        send_text(client, "early");
        assert_ok(do_accept(listener, &server));
        assert_receives(server, "early");
        send_text(server, "answer");
        assert_receives(client, "answer");
        assert_ok(sn_socket_get_fast_open_accepted(client, &accepted));
        assert_int_equal(accepted, opens_fast);
        assert_ok(sn_socket_get_fast_open_accepted(server, &accepted));
        assert_int_equal(accepted, opens_fast);
        sn_socket_release(server);
        sn_socket_release(client);
        sn_socket_release(listener);
    }
}

TEST(others_and_mistakes_are_told)
{
    sn_socket *tcp = socket_make(TCP_IPV4), *udp = socket_make(UDP_IPV4);
    sn_socket *unix_socket = socket_make(UNIX_STREAM);
    sn_multipath multipath;
    bool accepted;
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED, sn_socket_get_multipath(tcp, &multipath));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 sn_socket_get_fast_open_accepted(udp, &accepted));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 sn_socket_get_fast_open_accepted(unix_socket, &accepted));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_multipath(tcp, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_fast_open_accepted(tcp, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_multipath(NULL, &multipath));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_fast_open_accepted(NULL, &accepted));
    sn_socket_close(tcp);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_get_multipath(tcp, &multipath));
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_get_fast_open_accepted(tcp, &accepted));
    sn_socket_release(tcp);
    sn_socket_release(udp);
    sn_socket_release(unix_socket);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_connection_tells_whether_it_has_several_paths),
        CASE(a_client_without_several_paths_is_told_to_its_server),
        CASE(a_connection_tells_whether_its_first_packet_had_data),
        CASE(others_and_mistakes_are_told),
    };
    network_begin();
    int failed = RUN(cases);
    network_end();
    return failed;
}
