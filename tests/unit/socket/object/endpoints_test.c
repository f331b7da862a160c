#include "socket/object/object.h"
#include "support/sockets.h"
#include "support/test.h"

TEST(a_socket_talks_to_its_family_and_a_dual_mode_one_to_ipv4_too)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    sn_socket *ipv4 = socket_make(TCP_IPV4), *ipv6 = socket_make(TCP_IPV6);
    assert_true(socket_can_try(ipv4, SN_FAMILY_IPV4));
    assert_false(socket_can_try(ipv4, SN_FAMILY_IPV6));
    assert_true(socket_can_try(ipv6, SN_FAMILY_IPV6));
    assert_false(socket_can_try(ipv6, SN_FAMILY_IPV4));
    socket_set(ipv6, SOCKET_DUAL_MODE);
    assert_true(socket_can_try(ipv6, SN_FAMILY_IPV6));
    assert_true(socket_can_try(ipv6, SN_FAMILY_IPV4));
    assert_false(socket_can_try(ipv6, SN_FAMILY_UNIX));
    sn_socket_release(ipv4);
    sn_socket_release(ipv6);
}

TEST(an_end_point_must_be_an_address_of_a_size_that_there_is)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_endpoint none = {0}, name, long_one = endpoint_of_path("/tmp/x"), converted;
    assert_ok(sn_endpoint_from_dns("localhost", 1, SN_FAMILY_UNSPECIFIED, &name));
    memset(&converted, 0x55, sizeof converted);
    const sn_endpoint untouched = converted;
    long_one.size = SN_SOCKADDR_SIZE_MAX + 1; /* by a program that fills the record itself */
    assert_error(SN_ERROR_ARGUMENT_NULL, socket_convert_endpoint(socket, NULL, &converted));
    assert_error(SN_ERROR_ARGUMENT_NULL, socket_convert_endpoint(socket, &none, &converted));
    assert_error(SN_ERROR_ARGUMENT, socket_convert_endpoint(socket, &name, &converted));
    assert_error(SN_ERROR_ARGUMENT, socket_convert_endpoint(socket, &long_one, &converted));
    assert_memory_equal(&untouched, &converted, sizeof converted);
    long_one.size = SN_SOCKADDR_SIZE_MAX;
    assert_ok(socket_convert_endpoint(socket, &long_one, &converted));
    sn_socket_release(socket);
}

TEST(ipv4_is_mapped_for_a_dual_mode_socket_alone)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    sn_socket *socket = socket_make(TCP_IPV6);
    sn_endpoint ipv4 = endpoint_of_text("127.0.0.1:7"),
                mapped = endpoint_of_text("[::ffff:127.0.0.1]:7"),
                ipv6 = endpoint_of_text("[::1]:7"), converted;
    assert_ok(socket_convert_endpoint(socket, &ipv4, &converted));
    assert_same_endpoint(&ipv4, &converted); /* the kernel says what it thinks of that */
    socket_set(socket, SOCKET_DUAL_MODE);
    assert_ok(socket_convert_endpoint(socket, &ipv4, &converted));
    assert_same_endpoint(&mapped, &converted);
    assert_ok(socket_convert_endpoint(socket, &ipv6, &converted));
    assert_same_endpoint(&ipv6, &converted);
    sn_socket_release(socket);
}

/* With a connection the kernel chooses a concrete address; the port it keeps. */
TEST(a_connection_forgets_the_local_end_point_if_it_was_the_wildcard)
{
    for (int is_wildcard = 0; is_wildcard < 2; is_wildcard++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        sn_endpoint address = is_wildcard ? endpoint_wildcard(TCP_IPV4) : endpoint_free(TCP_IPV4),
                    remembered;
        assert_ok(sn_socket_bind(socket, &address));
        (void)local_endpoint(socket);
        assert_true(endpoint_cache_get(&socket->rare->local, &remembered));
        socket_set(socket, SOCKET_DISCONNECTED | SOCKET_CONNECT_PENDING | SOCKET_CONNECT_FAILED |
                               SOCKET_BOUND_BY_SEND);
        socket_set_connected(socket);
        assert_true(endpoint_cache_get(&socket->rare->local, &remembered) == !is_wildcard);
        assert_true(socket_is(socket, SOCKET_CONNECTED));
        assert_false(socket_is(socket, SOCKET_DISCONNECTED | SOCKET_CONNECT_PENDING |
                                           SOCKET_CONNECT_FAILED | SOCKET_BOUND_BY_SEND));
        sn_socket_release(socket);
    }
}

/* A connect that failed is known from the moment that somebody looks. */
TEST(whoever_asks_for_the_state_finds_out_how_a_connect_has_ended)
{
    sn_socket *listener = socket_listening(TCP_IPV4, 4), *refusing = socket_refusing(TCP_IPV4);
    for (int is_refused = 0; is_refused < 2; is_refused++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        sn_endpoint to = local_endpoint(is_refused ? refusing : listener);
        set_blocking(socket, false);
        assert_error(SN_ERROR_WOULD_BLOCK, sn_socket_connect(socket, &to));
        assert_true(socket_is(socket, SOCKET_CONNECT_PENDING));
        wait_writable(socket);
        assert_true(sn_socket_is_connected(socket) == !is_refused);
        assert_false(socket_is(socket, SOCKET_CONNECT_PENDING));
        assert_true(socket_is(socket, SOCKET_CONNECT_FAILED) == (is_refused != 0));
        sn_socket_release(socket);
    }
    sn_socket_release(listener);
    sn_socket_release(refusing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_talks_to_its_family_and_a_dual_mode_one_to_ipv4_too),
        cmocka_unit_test(an_end_point_must_be_an_address_of_a_size_that_there_is),
        cmocka_unit_test(ipv4_is_mapped_for_a_dual_mode_socket_alone),
        cmocka_unit_test(a_connection_forgets_the_local_end_point_if_it_was_the_wildcard),
        cmocka_unit_test(whoever_asks_for_the_state_finds_out_how_a_connect_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
