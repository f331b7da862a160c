/*
 * Dual mode: an IPv6 socket that speaks IPv4 too (contract A.2, A.5, B.1, B.4, B.5, B.8, B.9, C.4).
 * Traps 1, 20, 21, 24, 71, 72, 73, 75. What receive_message_from adds stands in its own test.
 */
#include "support/transfer_support.h"

#define MAPPED_LOOPBACK "::ffff:127.0.0.1"

static sn_socket *dual_make(sn_socket_type type)
{
    sn_socket *socket = NULL;
    assert_ok(sn_socket_create_dual_mode(
        type, type == SN_TYPE_STREAM ? SN_PROTOCOL_TCP : SN_PROTOCOL_UDP, &socket));
    return socket;
}

static bool is_dual(sn_socket *socket)
{
    bool value = false;
    assert_ok(sn_socket_get_dual_mode(socket, &value));
    return value;
}

static void bind_to(sn_socket *socket, const char *text)
{
    sn_endpoint local = endpoint_of_text(text);
    assert_ok(sn_socket_bind(socket, &local));
}

/* The address of the end point is this text, whatever its port. */
static void assert_address(const char *expected, const sn_endpoint *endpoint)
{
    sn_ip_address address;
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    assert_ok(sn_endpoint_get_address(endpoint, &address));
    assert_ok(sn_ip_address_format(&address, text, sizeof text));
    assert_string_equal(expected, text);
}

static sn_endpoint with_port_of(const char *text, sn_socket *socket)
{
    sn_endpoint local = local_endpoint(socket), endpoint = endpoint_of_text(text);
    assert_ok(sn_endpoint_set_port(&endpoint, sn_endpoint_get_port(&local)));
    return endpoint;
}

static void need_ipv6(void)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
}

/* --- The property ---------------------------------------------------------------------------- */

/* A.2; trap 1 */
TEST(a_socket_made_without_a_family_is_dual_mode_and_an_ipv6_socket_is_not)
{
    need_ipv6();
    static const sn_socket_type types[] = {SN_TYPE_STREAM, SN_TYPE_DATAGRAM};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        sn_socket *dual = dual_make(types[i]);
        sn_socket *plain = socket_make(types[i] == SN_TYPE_STREAM ? TCP_IPV6 : UDP_IPV6);
        assert_int_equal(SN_FAMILY_IPV6, sn_socket_get_address_family(dual));
        assert_int_equal(types[i], sn_socket_get_socket_type(dual));
        assert_true(is_dual(dual));
        assert_false(is_dual(plain));
        int v6_only = -1;
        assert_ok(sn_socket_get_option(dual, SN_LEVEL_IPV6, SN_OPTION_IPV6_ONLY, &v6_only));
        assert_int_equal(0, v6_only);
        assert_ok(sn_socket_get_option(plain, SN_LEVEL_IPV6, SN_OPTION_IPV6_ONLY, &v6_only));
        assert_int_equal(1, v6_only);
        sn_socket_release(dual);
        sn_socket_release(plain);
    }
}

/* C.3 IPv6Only: the option and the property are one thing */
TEST(the_option_switches_dual_mode_too)
{
    need_ipv6();
    sn_socket *socket = socket_make(UDP_IPV6);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_IPV6, SN_OPTION_IPV6_ONLY, 0));
    assert_true(is_dual(socket));
    bind_to(socket, "127.0.0.1:0"); /* taken and mapped */
    sn_endpoint local = local_endpoint(socket);
    assert_address(MAPPED_LOOPBACK, &local);
    sn_socket_release(socket);

    socket = dual_make(SN_TYPE_DATAGRAM);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_IPV6, SN_OPTION_IPV6_ONLY, 1));
    assert_false(is_dual(socket));
    sn_endpoint ipv4 = endpoint_of_text("127.0.0.1:0");
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 sn_socket_bind(socket, &ipv4)); /* not mapped any more */
    sn_socket_release(socket);
}

/* C.4 DualMode; trap 72 */
TEST(dual_mode_cannot_be_switched_after_a_bind)
{
    need_ipv6();
    static const char *const locals[] = {"[::1]:0", "[::]:0"};
    for (size_t i = 0; i < COUNT_OF(locals); i++) {
        for (int dual = 0; dual <= 1; dual++) {
            row_begin("%s, dual %d", locals[i], dual);
            sn_socket *socket = dual ? dual_make(SN_TYPE_DATAGRAM) : socket_make(UDP_IPV6);
            bind_to(socket, locals[i]);
            bool before = is_dual(socket);
            row_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_set_dual_mode(socket, true));
            row_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_set_dual_mode(socket, false));
            row_equal(before, is_dual(socket));
            sn_socket_release(socket);
        }
    }
    rows_end();
}

/* C.4 "IPv6Only on Linux": binding to a specific IPv6 address ends dual mode in the kernel */
TEST(binding_decides_whether_dual_mode_lasts)
{
    need_ipv6();
    static const struct {
        const char *local;
        bool is_dual;
        const char *reads;
    } cases[] = {
        {"[::]:0", true, "::"},
        {"[::1]:0", false, "::1"},
        {"[" MAPPED_LOOPBACK "]:0", true, MAPPED_LOOPBACK},
        {"127.0.0.1:0", true, MAPPED_LOOPBACK},
        {"0.0.0.0:0", true, "::ffff:0:0"},
    };
    static const sn_socket_type types[] = {SN_TYPE_STREAM, SN_TYPE_DATAGRAM};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t t = 0; t < COUNT_OF(types); t++) {
            row_begin("%s, type %d", cases[i].local, (int)types[t]);
            sn_socket *socket = dual_make(types[t]);
            bind_to(socket, cases[i].local);
            row_equal(cases[i].is_dual, is_dual(socket));
            sn_endpoint local = local_endpoint(socket);
            assert_address(cases[i].reads, &local);
            sn_socket_release(socket);
        }
    }
    rows_end();
}

/* --- Binding and connecting to a family that does not fit ------------------------------------ */

/* B.1 "conversion" */
TEST(a_bind_to_a_family_that_does_not_fit_gives_the_kernels_error)
{
    need_ipv6();
    static const enum transport kinds[] = {TCP_IPV4, UDP_IPV4, TCP_IPV6, UDP_IPV6};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        bool is_ipv6 = transport_family(kinds[i]) == SN_FAMILY_IPV6;
        row_begin("%s", transport_name(kinds[i]));
        sn_socket *socket = socket_make(kinds[i]);
        sn_endpoint local = endpoint_of_text(is_ipv6 ? "127.0.0.1:0" : "[::1]:0");
        row_error(is_ipv6 ? SN_ERROR_INVALID_ARGUMENT : SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED,
                  sn_socket_bind(socket, &local));
        row_equal(false, sn_socket_is_bound(socket));
        sn_socket_release(socket);
    }
    rows_end();
}

/* B.4, B.5; trap 24: the end point goes to the kernel, an array passes over what does not fit. The
 * datagram row differs from the stream row in .NET too. */
TEST(a_connect_to_a_family_that_does_not_fit_is_refused)
{
    need_ipv6();
    static const struct {
        enum transport transport;
        sn_error endpoint_error;
    } cases[] = {
        {TCP_IPV6, SN_ERROR_INVALID_ARGUMENT},
        {UDP_IPV6, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {TCP_IPV4, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UDP_IPV4, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        row_begin("%s", transport_name(cases[i].transport));
        bool is_ipv6 = transport_family(cases[i].transport) == SN_FAMILY_IPV6;
        sn_ip_address wrong = is_ipv6 ? SN_IPV4_LOOPBACK : SN_IPV6_LOOPBACK;
        sn_ip_address both[2] = {wrong, wrong};
        sn_endpoint endpoint = endpoint_of(&wrong, 9);
        sn_socket *socket = socket_make(cases[i].transport);
        row_error(style_error(cases[i].endpoint_error, SN_ERROR_NOT_SUPPORTED),
                  do_connect(socket, &endpoint));
        row_equal(false, sn_socket_is_connected(socket));
        sn_socket_release(socket);

        socket = socket_make(cases[i].transport);
        row_error(style_error(SN_ERROR_ARGUMENT, SN_ERROR_NOT_SUPPORTED),
                  do_connect_addresses(socket, both, 2, 9));
        row_equal(false, sn_socket_is_connected(socket));
        sn_socket_release(socket);
    }
    rows_end();
}

/* B.5.1 "those that are not CanTry are skipped silently"; traps 21, 26 */
TEST(an_array_of_addresses_connects_to_the_first_that_fits_and_answers)
{
    need_ipv6();
    sn_socket *ipv4 = socket_listening(TCP_IPV4, 16);
    sn_endpoint there = local_endpoint(ipv4);
    int port = sn_endpoint_get_port(&there);
    static const struct {
        bool is_dual;
        const char *remote;
    } cases[] = {{false, "127.0.0.1"}, {true, MAPPED_LOOPBACK}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        /* Nobody listens on [::1] at this port: a dual-mode socket tries it, an IPv4 one does not.
         */
        sn_ip_address addresses[2] = {SN_IPV6_LOOPBACK, SN_IPV4_LOOPBACK};
        sn_socket *socket = cases[i].is_dual ? dual_make(SN_TYPE_STREAM) : socket_make(TCP_IPV4);
        sn_socket *accepted = NULL;
        assert_ok(do_connect_addresses(socket, addresses, 2, port));
        assert_true(sn_socket_is_connected(socket));
        sn_endpoint local = local_endpoint(socket), remote = remote_endpoint(socket);
        assert_address(cases[i].remote, &local);
        assert_address(cases[i].remote, &remote);
        assert_int_equal(port, sn_endpoint_get_port(&remote));
        if (cases[i].is_dual)
            assert_true(is_dual(socket)); /* also the descriptor that replaced the first */
        assert_ok(do_accept(ipv4, &accepted));
        sn_socket_release(accepted);
        sn_socket_release(socket);
    }
    sn_socket_release(ipv4);
}

/* --- Talking --------------------------------------------------------------------------------- */

/* B.3, A.5; trap 20 */
TEST(a_dual_mode_listener_accepts_both_families_as_ipv6)
{
    need_ipv6();
    sn_socket *listener = dual_make(SN_TYPE_STREAM);
    bind_to(listener, "[::]:0");
    assert_ok(sn_socket_listen(listener, 4));
    static const struct {
        const char *to; /* as the client spells it */
        bool is_dual;   /* the client */
        const char *client_reads, *server_reads;
    } cases[] = {
        {"127.0.0.1:0", false, "127.0.0.1", MAPPED_LOOPBACK},
        {"127.0.0.1:0", true, MAPPED_LOOPBACK, MAPPED_LOOPBACK},
        {"[" MAPPED_LOOPBACK "]:0", true, MAPPED_LOOPBACK, MAPPED_LOOPBACK},
        {"[::1]:0", true, "::1", "::1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        sn_socket *client = cases[i].is_dual ? dual_make(SN_TYPE_STREAM) : socket_make(TCP_IPV4);
        sn_socket *server = NULL;
        sn_endpoint to = with_port_of(cases[i].to, listener);
        assert_ok(do_connect(client, &to));
        assert_ok(do_accept(listener, &server));
        assert_int_equal(SN_FAMILY_IPV6, sn_socket_get_address_family(server));
        assert_true(is_dual(server)); /* as the kernel says */
        sn_endpoint near = local_endpoint(server), far = remote_endpoint(server);
        assert_address(cases[i].server_reads, &near);
        assert_address(cases[i].server_reads, &far);
        near = local_endpoint(client);
        far = remote_endpoint(client);
        assert_address(cases[i].client_reads, &near);
        assert_address(cases[i].client_reads, &far);
        send_text(client, "hello");
        assert_receives(server, "hello");
        sn_socket_release(client);
        sn_socket_release(server);
    }
    sn_socket_release(listener);
}

/* B.8, B.9; trap 73 */
TEST(a_dual_mode_socket_hears_ipv4_senders_as_mapped_addresses)
{
    need_ipv6();
    sn_socket *receiver = dual_make(SN_TYPE_DATAGRAM);
    bind_to(receiver, "[::]:0");
    sn_socket *senders[4] = {socket_bound(UDP_IPV4), socket_bound(UDP_IPV6),
                             dual_make(SN_TYPE_DATAGRAM), dual_make(SN_TYPE_DATAGRAM)};
    static const char *const to[4] = {"127.0.0.1:0", "[::1]:0", "127.0.0.1:0", "[::1]:0"};
    static const char *const seen[4] = {MAPPED_LOOPBACK, "::1", MAPPED_LOOPBACK, "::1"};
    for (int i = 0; i < 4; i++) {
        sn_endpoint address = with_port_of(to[i], receiver), from;
        char data[8] = "";
        size_t received = 0;
        assert_ok(do_send_to(senders[i], "hello", 5, SN_FLAG_NONE, &address, NULL));
        assert_ok(do_receive_from(receiver, data, sizeof data, SN_FLAG_NONE, &from, &received));
        assert_int_equal(5, received);
        assert_int_equal(SN_FAMILY_IPV6, sn_endpoint_get_family(&from));
        assert_address(seen[i], &from);
        sn_endpoint local = local_endpoint(senders[i]);
        assert_int_equal(sn_endpoint_get_port(&local), sn_endpoint_get_port(&from));
        /* The answer goes back to it. */
        assert_ok(do_send_to(receiver, "answer", 6, SN_FLAG_NONE, &from, NULL));
        assert_receives(senders[i], "answer");
        sn_socket_release(senders[i]);
    }
    sn_socket_release(receiver);
}

/* B.9 "dual-mode with an IPv4 remoteEP": a connected one too */
TEST(a_connected_dual_mode_datagram_socket_shows_its_ipv4_peer_mapped)
{
    need_ipv6();
    sn_socket *peer = socket_bound(UDP_IPV4), *socket = dual_make(SN_TYPE_DATAGRAM);
    sn_endpoint there = local_endpoint(peer), from;
    assert_ok(do_connect(socket, &there));
    sn_endpoint local = local_endpoint(socket), remote = remote_endpoint(socket);
    assert_address(MAPPED_LOOPBACK, &local);
    assert_address(MAPPED_LOOPBACK, &remote);
    send_text(socket, "ping");
    char data[8];
    size_t received = 0;
    assert_ok(do_receive_from(peer, data, sizeof data, SN_FLAG_NONE, &from, &received));
    assert_address("127.0.0.1", &from);
    assert_ok(do_send_to(peer, "pong", 4, SN_FLAG_NONE, &from, NULL));
    assert_ok(do_receive_from(socket, data, sizeof data, SN_FLAG_NONE, &from, &received));
    assert_address(MAPPED_LOOPBACK, &from);
    sn_socket_release(peer);
    sn_socket_release(socket);
}

/* B.8; trap 75: a dual-mode socket bound to [::1] speaks IPv6 only. The wish is remembered and the
 * address mapped, and the kernel finds no way. */
TEST(a_dual_mode_socket_bound_to_an_ipv6_address_cannot_reach_ipv4)
{
    need_ipv6();
    sn_socket *socket = dual_make(SN_TYPE_DATAGRAM), *peer = socket_bound(UDP_IPV4);
    bind_to(socket, "[::1]:0");
    sn_endpoint to = local_endpoint(peer);
    size_t sent = 77;
    assert_error(SN_ERROR_NETWORK_UNREACHABLE,
                 do_send_to(socket, "x", 1, SN_FLAG_NONE, &to, &sent));
    assert_int_equal(77, sent);
    assert_false(is_readable(peer));
    sn_socket_release(socket);
    sn_socket_release(peer);
}

/* trap 71: an IPv6-only socket maps nothing */
TEST(an_ipv6_only_socket_cannot_reach_ipv4)
{
    need_ipv6();
    sn_socket *socket = socket_make(UDP_IPV6), *peer = socket_bound(UDP_IPV4);
    sn_endpoint to = local_endpoint(peer);
    assert_error(SN_ERROR_NETWORK_UNREACHABLE, do_send_to(socket, "x", 1, SN_FLAG_NONE, &to, NULL));
    assert_false(sn_socket_is_bound(socket));
    sn_socket_release(socket);
    socket = socket_make(UDP_IPV6);
    assert_ok(sn_socket_set_dual_mode(socket, true));
    assert_ok(do_send_to(socket, "x", 1, SN_FLAG_NONE, &to, NULL));
    assert_receives(peer, "x");
    sn_socket_release(socket);
    sn_socket_release(peer);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_socket_made_without_a_family_is_dual_mode_and_an_ipv6_socket_is_not),
        CASE(the_option_switches_dual_mode_too),
        CASE(dual_mode_cannot_be_switched_after_a_bind),
        CASE(binding_decides_whether_dual_mode_lasts),
        CASE(a_bind_to_a_family_that_does_not_fit_gives_the_kernels_error),
        CASE(a_connect_to_a_family_that_does_not_fit_is_refused),
        CASE(an_array_of_addresses_connects_to_the_first_that_fits_and_answers),
        CASE(a_dual_mode_listener_accepts_both_families_as_ipv6),
        CASE(a_dual_mode_socket_hears_ipv4_senders_as_mapped_addresses),
        CASE(a_connected_dual_mode_datagram_socket_shows_its_ipv4_peer_mapped),
        CASE(a_dual_mode_socket_bound_to_an_ipv6_address_cannot_reach_ipv4),
        CASE(an_ipv6_only_socket_cannot_reach_ipv4),
    };
    return RUN(cases);
}
