#include "socket/object/object.h"
#include "support/sockets.h"
#include "support/test.h"

/* The object knows both ends, as after somebody has asked for them. */
static struct socket_pair pair_known(void)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    (void)local_endpoint(pair.client);
    (void)remote_endpoint(pair.client);
    return pair;
}

static bool is_peer_remembered(sn_socket *socket)
{
    sn_endpoint endpoint;
    return endpoint_cache_get(&socket->remote, &endpoint) ||
           endpoint_cache_get(&socket->rare->local, &endpoint);
}

TEST(a_disconnect_for_good_forgets_both_ends_and_keeps_the_descriptor)
{
    struct socket_pair pair = pair_known();
    assert_true(is_peer_remembered(pair.client));
    assert_ok(socket_disconnect(pair.client, false));
    assert_false(is_peer_remembered(pair.client));
    assert_true(socket_is(pair.client, SOCKET_ENDED));
    assert_true(socket_is(pair.client, SOCKET_DISCONNECTED));
    assert_false(socket_is(pair.client, SOCKET_CONNECTED));
    assert_true(pair.client->descriptor.marks & DESCRIPTOR_SEND_SHUT);
    assert_receives_end(pair.server);
    pair_release(&pair);
}

/* It still counts as disconnected, so that a blocking connect refuses, as in .NET. */
TEST(a_disconnect_for_reuse_gives_a_descriptor_that_was_never_connected)
{
    struct socket_pair pair = pair_known();
    int32_t number = socket_handle(pair.client);
    assert_ok(socket_disconnect(pair.client, true));
    assert_int_equal(number, socket_handle(pair.client));
    assert_false(socket_is(pair.client, SOCKET_ENDED));
    assert_true(socket_is(pair.client, SOCKET_DISCONNECTED));
    assert_false(pair.client->descriptor.marks & DESCRIPTOR_SEND_SHUT);
    assert_receives_end(pair.server);
    pair_release(&pair);
}

/* A connect would not do that: it minds the options that are lost. */
TEST(a_descriptor_of_its_own_is_renewed_even_if_others_know_it)
{
    struct socket_pair pair = pair_known();
    (void)sn_socket_get_handle(pair.client);
    assert_ok(socket_disconnect(pair.client, true));
    pair_release(&pair);
}

TEST(a_descriptor_of_somebody_elses_is_not_renewed)
{
    struct socket_pair pair = pair_known();
    sn_socket *borrowed = NULL;
    sn_handle handle = sn_socket_get_handle(pair.client);
    assert_ok(sn_socket_from_handle(handle, false, &borrowed));
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED, socket_disconnect(borrowed, true));
    assert_int_equal(handle, socket_handle(borrowed));
    assert_receives_end(pair.server); /* but it was shut down */
    sn_socket_release(borrowed);
    pair_release(&pair);
}

TEST(what_cannot_be_shut_down_is_left_as_it_is)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_error(SN_ERROR_NOT_CONNECTED, socket_disconnect(socket, true));
    assert_false(socket_is(socket, SOCKET_ENDED | SOCKET_DISCONNECTED));
    assert_false(socket->descriptor.marks & DESCRIPTOR_SEND_SHUT);
    sn_socket_release(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disconnect_for_good_forgets_both_ends_and_keeps_the_descriptor),
        cmocka_unit_test(a_disconnect_for_reuse_gives_a_descriptor_that_was_never_connected),
        cmocka_unit_test(a_descriptor_of_its_own_is_renewed_even_if_others_know_it),
        cmocka_unit_test(a_descriptor_of_somebody_elses_is_not_renewed),
        cmocka_unit_test(what_cannot_be_shut_down_is_left_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
