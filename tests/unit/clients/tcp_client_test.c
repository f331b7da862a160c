#include "clients/tcp_client.h"

#include "support/allocations.h"
#include "support/sockets.h"
#include "support/test.h"

static sn_tcp_client *client_around(sn_socket *socket)
{
    sn_tcp_client *client = tcp_client_new(socket, false);
    assert_non_null(client);
    return client;
}

/* As in .NET, where the property Client may be set to null. */
TEST(a_client_without_a_socket_gets_one_when_it_is_used)
{
    sn_tcp_client *client = client_around(NULL);
    sn_socket *used = NULL, *again = NULL;
    assert_true(holder_is_empty(&client->holder));
    assert_ok(tcp_client_use(client, &used));
    assert_ok(tcp_client_use(client, &again));
    assert_ptr_equal(used, again);
    assert_int_equal(SN_TYPE_STREAM, sn_socket_get_socket_type(used));
    assert_int_equal(has_ipv6() ? SN_FAMILY_IPV6 : SN_FAMILY_IPV4,
                     sn_socket_get_address_family(used));
    sn_socket_release(used);
    sn_socket_release(again);
    sn_tcp_client_release(client);
}

TEST(looking_for_the_socket_makes_one_too)
{
    sn_tcp_client *client = client_around(NULL);
    sn_socket *seen = tcp_client_peek(client);
    assert_non_null(seen);
    assert_ptr_equal(seen, holder_borrow(&client->holder));
    sn_socket_release(seen);
    sn_tcp_client_release(client);
}

TEST(a_closed_client_makes_none)
{
    for (int is_filled = 0; is_filled < 2; is_filled++) {
        sn_tcp_client *client = client_around(is_filled ? socket_make(TCP_IPV4) : NULL);
        sn_socket *used = NULL;
        sn_tcp_client_close(client);
        assert_error(SN_ERROR_OBJECT_DISPOSED, tcp_client_use(client, &used));
        assert_null(used);
        assert_null(tcp_client_peek(client));
        sn_tcp_client_release(client);
    }
    sn_socket *used = NULL;
    assert_error(SN_ERROR_ARGUMENT_NULL, tcp_client_use(NULL, &used));
}

TEST(without_memory_for_a_socket_the_client_stays_empty)
{
    sn_tcp_client *client = client_around(NULL);
    sn_socket *used = NULL;
    allocations_begin();
    allocations_fail_all();
    assert_error(SN_ERROR_OUT_OF_MEMORY, tcp_client_use(client, &used));
    assert_null(tcp_client_peek(client));
    assert_null(tcp_client_new(NULL, false));
    allocations_end();
    assert_null(used);
    assert_true(holder_is_empty(&client->holder));
    sn_tcp_client_release(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_without_a_socket_gets_one_when_it_is_used),
        cmocka_unit_test(looking_for_the_socket_makes_one_too),
        cmocka_unit_test(a_closed_client_makes_none),
        cmocka_unit_test(without_memory_for_a_socket_the_client_stays_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
