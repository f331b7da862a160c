/*
 * Connect to a host or to a list of addresses (contract B.5.1).
 */
#include "conformance/neighbours.h"
#include "support/hosts.h"
#include "support/run.h"

#include <limits.h>
#include <netdb.h>
#include <sys/socket.h>

#include "support/transfer_support.h"
#include "support/verbs.h"

/* --- Lists of addresses ---------------------------------------------------------------------- */

/* Traps 21 and 26. */
TEST(the_first_address_that_answers_is_taken)
{
    struct neighbours there = neighbours_make();
    const sn_ip_address refusing = address_of_text("127.0.0.2");
    const sn_ip_address lists[][3] = {
        {SN_IPV4_LOOPBACK, refusing, refusing},
        {refusing, SN_IPV4_LOOPBACK, refusing},
        {refusing, refusing, SN_IPV4_LOOPBACK},
        {SN_IPV6_LOOPBACK, SN_IPV4_LOOPBACK, refusing}, /* passed over: an IPv4 socket */
        {SN_IPV6_ANY, refusing, SN_IPV4_LOOPBACK},
    };
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        sn_socket *socket = socket_make(TCP_IPV4), *server = NULL;
        row_begin("list %zu", i);
        row_error(SN_OK, do_connect_addresses(socket, lists[i], 3, there.port));
        row_equal(true, sn_socket_is_connected(socket));
        row_error(SN_OK, do_accept(there.listener, &server));
        sn_socket_release(server);
        sn_socket_release(socket);
    }
    rows_end();
    neighbours_release(&there);
}

TEST(a_dual_mode_socket_tries_both_families_in_the_given_order)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    struct neighbours there = neighbours_make();
    const sn_ip_address list[] = {SN_IPV6_LOOPBACK, SN_IPV4_LOOPBACK};
    sn_socket *socket = NULL;
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    assert_ok(do_connect_addresses(socket, list, 2, there.port));
    bool is_dual = false;
    assert_ok(sn_socket_get_dual_mode(socket, &is_dual));
    assert_true(is_dual);
    sn_socket_release(socket);
    neighbours_release(&there);
}

TEST(when_all_addresses_fail_the_last_failure_is_reported)
{
    struct neighbours there = neighbours_make();
    const sn_ip_address refusing = address_of_text("127.0.0.2");
    const sn_ip_address list[] = {SN_IPV4_LOOPBACK, refusing};
    sn_socket *socket = socket_make(TCP_IPV4);
    const sn_ip_address twice[] = {refusing, refusing};
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect_addresses(socket, twice, 2, there.port));
    assert_false(sn_socket_is_connected(socket));
    assert_ok(do_connect_addresses(socket, list, 2, there.port)); /* and it can be used again */
    sn_socket_release(socket);
    neighbours_release(&there);
}

/* Trap 24. */
TEST(a_list_in_which_no_address_fits_is_refused)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    const sn_ip_address list[] = {SN_IPV6_LOOPBACK, SN_IPV6_ANY};
    assert_error(style_error(SN_ERROR_ARGUMENT, SN_ERROR_NOT_SUPPORTED),
                 do_connect_addresses(socket, list, 2, 1));
    sn_socket_release(socket);
    if (!has_ipv6())
        return;
    socket = socket_make(TCP_IPV6);
    assert_error(style_error(SN_ERROR_ARGUMENT, SN_ERROR_NOT_SUPPORTED),
                 do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, 1));
    sn_socket_release(socket);
}

/* E.1, in the order of the checks. */
TEST(a_bad_list_or_port_is_refused)
{
    sn_socket *socket = socket_make(TCP_IPV4), *local = socket_make(UNIX_STREAM);
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect_addresses(socket, NULL, 1, 1));
    assert_error(SN_ERROR_ARGUMENT, do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 0, 65536));
    static const int ports[] = {-1, 65536, INT_MAX, INT_MIN};
    for (size_t i = 0; i < COUNT_OF(ports); i++) {
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                     do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, ports[i]));
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                     do_connect_addresses(local, &SN_IPV4_LOOPBACK, 1, ports[i]));
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                     do_connect_host(socket, "localhost", ports[i]));
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, do_connect_host(local, "localhost", ports[i]));
    }
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect_addresses(local, &SN_IPV4_LOOPBACK, 1, 1));
    sn_socket_release(socket);
    sn_socket_release(local);
}

TEST(a_datagram_socket_connects_to_a_list_too)
{
    BLOCKING_ONLY("an asynchronous connect refuses any connected socket");
    sn_socket *socket = socket_make(UDP_IPV4), *peer = socket_bound(UDP_IPV4);
    sn_endpoint address = local_endpoint(peer);
    int port = sn_endpoint_get_port(&address);
    assert_ok(do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, port));
    assert_ok(do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, port));
    send_text(socket, "there");
    assert_receives(peer, "there");
    sn_socket_release(socket);
    sn_socket_release(peer);
}

/* --- Hosts ----------------------------------------------------------------------------------- */

TEST(a_host_may_be_an_address_or_a_name)
{
    NEED_LOCALHOST();
    static const char *const hosts[] = {"127.0.0.1", "localhost", "0x7f.1", "2130706433"};
    struct neighbours there = neighbours_make();
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        row_begin("%s", hosts[i]);
        row_error(SN_OK, do_connect_host(socket, hosts[i], there.port));
        row_equal(true, sn_socket_is_connected(socket));
        sn_socket_release(socket);
    }
    rows_end();
    neighbours_release(&there);
}

TEST(a_host_of_the_wrong_family_is_refused)
{
    sn_socket *socket = socket_make(TCP_IPV4), *local = socket_make(UNIX_STREAM);
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect_host(socket, "::1", 1));
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect_host(local, "localhost", 1));
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect_host(local, "127.0.0.1", 1));
    sn_socket_release(local);
    sn_socket_release(socket);
    if (!has_ipv6())
        return;
    socket = socket_make(TCP_IPV6);
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect_host(socket, "127.0.0.1", 1));
    sn_socket_release(socket);
}

TEST(a_dual_mode_socket_connects_to_a_name)
{
    NEED_LOCALHOST();
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    struct neighbours there = neighbours_make();
    static const char *const hosts[] = {"localhost", "127.0.0.1", "::ffff:127.0.0.1"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        sn_socket *socket = NULL;
        assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
        row_begin("%s", hosts[i]);
        row_error(SN_OK, do_connect_host(socket, hosts[i], there.port));
        sn_socket_release(socket);
    }
    rows_end();
    neighbours_release(&there);
}

TEST(a_host_end_point_is_resolved)
{
    NEED_LOCALHOST();
    struct neighbours there = neighbours_make();
    static const sn_address_family wishes[] = {SN_FAMILY_UNSPECIFIED, SN_FAMILY_IPV4};
    sn_endpoint endpoint;
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        assert_ok(sn_endpoint_from_dns("localhost", there.port, wishes[i], &endpoint));
        assert_ok(do_connect(socket, &endpoint));
        sn_socket_release(socket);
    }
    sn_socket *socket = socket_make(TCP_IPV4), *local = socket_make(UNIX_STREAM);
    assert_ok(sn_endpoint_from_dns("localhost", there.port, SN_FAMILY_IPV6, &endpoint));
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect(socket, &endpoint));
    assert_ok(sn_endpoint_from_dns("localhost", there.port, SN_FAMILY_UNSPECIFIED, &endpoint));
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect(local, &endpoint));
    sn_socket_release(socket);
    sn_socket_release(local);
    neighbours_release(&there);
}

TEST(a_missing_or_too_long_name_is_refused)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    char name[301];
    memset(name, 'a', sizeof name);
    name[300] = '\0';
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect_host(socket, NULL, 1));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect_host(socket, NULL, -1));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, do_connect_host(socket, name, 1));
    name[256] = '\0';
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, do_connect_host(socket, name, 1));
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
}

/* D.1: what the resolver says, in .NET's words. */
static sn_error error_of_resolver(int code)
{
    switch (code) {
    case EAI_AGAIN: return SN_ERROR_TRY_AGAIN;
    case EAI_FAIL: return SN_ERROR_NO_RECOVERY;
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
        return SN_ERROR_HOST_NOT_FOUND;
    default: return SN_ERROR_SOCKET_ERROR;
    }
}

/* Trap 30. No name server is asked for: a machine without one answers in its own way, which is
 * asked of the resolver itself. */
TEST(an_unknown_host_gives_the_resolvers_error)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int code = getaddrinfo("no-such-host.invalid", NULL, &hints, &found);
    if (code == 0) {
        freeaddrinfo(found);
        SKIP("this machine's resolver knows every name");
    }
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_error error = do_connect_host(socket, "no-such-host.invalid", 1);
    assert_error(error_of_resolver(code), error);
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_first_address_that_answers_is_taken),
        CASE(a_dual_mode_socket_tries_both_families_in_the_given_order),
        CASE(when_all_addresses_fail_the_last_failure_is_reported),
        CASE(a_list_in_which_no_address_fits_is_refused),
        CASE(a_bad_list_or_port_is_refused),
        CASE(a_datagram_socket_connects_to_a_list_too),
        CASE(a_host_may_be_an_address_or_a_name),
        CASE(a_host_of_the_wrong_family_is_refused),
        CASE(a_dual_mode_socket_connects_to_a_name),
        CASE(a_host_end_point_is_resolved),
        CASE(a_missing_or_too_long_name_is_refused),
        CASE(an_unknown_host_gives_the_resolvers_error),
    };
    return RUN(cases);
}
