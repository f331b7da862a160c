#include "support/test.h"

#include "clients/holder.h"
#include "support/descriptors.h"
#include "support/sockets.h"

TEST(the_host_is_looked_at_before_the_port_and_the_port_before_anybody_is_asked)
{
    sn_ip_address addresses[NAME_ADDRESSES_MAX];
    size_t count = 77;
    assert_error(SN_ERROR_ARGUMENT_NULL, resolve_host(NULL, -1, addresses, &count));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, resolve_host("", -1, addresses, &count));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, resolve_host("a host", 65536, addresses, &count));
    assert_int_equal(77, count);
    assert_ok(resolve_host("127.0.0.1", 0, addresses, &count));
    assert_int_equal(1, count);
    assert_ok(resolve_host("127.0.0.1", 65535, addresses, &count));
}

TEST(a_bind_of_a_new_socket_takes_an_address_and_leaves_nothing_behind)
{
    sn_endpoint none = {0}, name, path = endpoint_of_path("/tmp/x"), taken;
    sn_socket *made = NULL, *other = socket_listening(TCP_IPV4, 1);
    assert_ok(sn_endpoint_from_dns("localhost", 1, SN_FAMILY_UNSPECIFIED, &name));
    taken = local_endpoint(other);
    size_t before = descriptors_count();
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 bind_new_socket(SN_TYPE_STREAM, SN_PROTOCOL_TCP, NULL, &made));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 bind_new_socket(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &none, &made));
    assert_error(SN_ERROR_ARGUMENT, bind_new_socket(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &name, &made));
    assert_error(SN_ERROR_ARGUMENT, bind_new_socket(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &path, &made));
    assert_error(SN_ERROR_ADDRESS_ALREADY_IN_USE,
                 bind_new_socket(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &taken, &made));
    assert_null(made);
    assert_int_equal(before, descriptors_count());
    sn_socket_release(other);
}

/* The same failure has another name here than in the socket, which says SN_ERROR_ARGUMENT. */
TEST(a_host_without_an_address_of_the_sockets_family_is_not_connected)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_error(SN_ERROR_NOT_CONNECTED, connect_to_host(socket, "::1", 1));
    sn_socket_release(socket);
}

TEST(the_last_failure_of_a_new_socket_is_told_and_nothing_is_left)
{
    sn_socket *refusing = socket_refusing(TCP_IPV4), *made = NULL;
    sn_endpoint address = local_endpoint(refusing);
    int port = sn_endpoint_get_port(&address);
    size_t before = descriptors_count();
    assert_error(SN_ERROR_CONNECTION_REFUSED,
                 connect_new_socket(SN_TYPE_STREAM, SN_PROTOCOL_TCP, "127.0.0.1", port, &made));
    assert_null(made);
    assert_int_equal(before, descriptors_count());
    sn_socket_release(refusing);
}

TEST(an_ipv4_address_in_ipv6_is_reached_over_ipv4)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    sn_socket *listener = socket_listening(TCP_IPV4, 1), *made = NULL;
    sn_endpoint address = local_endpoint(listener);
    bool is_dual = false;
    assert_ok(connect_new_socket(SN_TYPE_STREAM, SN_PROTOCOL_TCP, "::ffff:127.0.0.1",
                                 sn_endpoint_get_port(&address), &made));
    assert_int_equal(SN_FAMILY_IPV6, sn_socket_get_address_family(made));
    assert_ok(sn_socket_get_dual_mode(made, &is_dual));
    assert_true(is_dual);
    sn_socket_release(made);
    sn_socket_release(listener);
}

/* Its wake event is a thread's for good, and is made at the first wait. */
static int wait_once(void **state)
{
    (void)state;
    struct socket_pair pair = pair_connected(TCP_IPV4);
    send_text(pair.client, "x");
    wait_readable(pair.server);
    bool is_ready;
    assert_receives(pair.server, "x");
    assert_ok(sn_socket_poll(pair.server, 1, SN_SELECT_READ, &is_ready));
    pair_release(&pair);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_host_is_looked_at_before_the_port_and_the_port_before_anybody_is_asked),
        cmocka_unit_test(a_bind_of_a_new_socket_takes_an_address_and_leaves_nothing_behind),
        cmocka_unit_test(a_host_without_an_address_of_the_sockets_family_is_not_connected),
        cmocka_unit_test_setup(the_last_failure_of_a_new_socket_is_told_and_nothing_is_left,
                               wait_once),
        cmocka_unit_test(an_ipv4_address_in_ipv6_is_reached_over_ipv4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
