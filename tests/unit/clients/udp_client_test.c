#include "clients/udp_client.h"

#include "support/sockets.h"
#include "support/test.h"

static bool broadcasts(sn_socket *socket)
{
    bool value = false;
    assert_ok(sn_socket_get_enable_broadcast(socket, &value));
    return value;
}

/* Once for each client: who switches it off afterwards has it off. */
TEST(broadcast_is_switched_on_for_the_broadcast_address_and_once)
{
    static const char *const others[] = {"255.255.255.254", "127.255.255.255", "0.0.0.0",
                                         "::ffff:255.255.255.255"};
    sn_udp_client *client = NULL;
    assert_ok(sn_udp_client_create(SN_FAMILY_IPV4, &client));
    sn_socket *socket = NULL;
    assert_ok(udp_client_use(client, &socket));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        sn_ip_address address;
        assert_ok(sn_ip_address_parse(others[i], &address));
        assert_ok(udp_client_prepare_for(client, socket, &address));
        assert_false(broadcasts(socket));
    }
    assert_ok(udp_client_prepare_for(client, socket, &SN_IPV4_BROADCAST));
    assert_true(broadcasts(socket));
    assert_ok(sn_socket_set_enable_broadcast(socket, false));
    assert_ok(udp_client_prepare_for(client, socket, &SN_IPV4_BROADCAST));
    assert_false(broadcasts(socket));
    sn_socket_release(socket);
    sn_udp_client_release(client);
}

TEST(a_switch_that_failed_is_tried_again)
{
    sn_udp_client *client = NULL;
    sn_socket *socket = NULL, *closed = socket_make(UDP_IPV4);
    assert_ok(sn_udp_client_create(SN_FAMILY_IPV4, &client));
    sn_socket_close(closed);
    assert_error(SN_ERROR_OBJECT_DISPOSED,
                 udp_client_prepare_for(client, closed, &SN_IPV4_BROADCAST));
    assert_ok(udp_client_use(client, &socket));
    assert_ok(udp_client_prepare_for(client, socket, &SN_IPV4_BROADCAST));
    assert_true(broadcasts(socket));
    sn_socket_release(closed);
    sn_socket_release(socket);
    sn_udp_client_release(client);
}

TEST(a_use_needs_a_client_that_is_open)
{
    sn_udp_client *client = NULL;
    sn_socket *socket = NULL;
    assert_error(SN_ERROR_ARGUMENT_NULL, udp_client_use(NULL, &socket));
    assert_ok(sn_udp_client_create(SN_FAMILY_IPV4, &client));
    sn_udp_client_close(client);
    assert_error(SN_ERROR_OBJECT_DISPOSED, udp_client_use(client, &socket));
    assert_null(socket);
    sn_udp_client_release(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broadcast_is_switched_on_for_the_broadcast_address_and_once),
        cmocka_unit_test(a_switch_that_failed_is_tried_again),
        cmocka_unit_test(a_use_needs_a_client_that_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
