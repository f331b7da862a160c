/*
 * Disconnecting asynchronously, and connecting again (contract B.5.4).
 */
#include "conformance/places.h"
#include "support/async.h"

#include <stdlib.h>

/* Trap 104, the first half. */
TEST(a_socket_that_was_disconnected_for_reuse_connects_again)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct place place = place_make();
    struct pending disconnect, connect;
    pending_init(&disconnect);
    pending_init(&connect);
    sn_socket_disconnect_async(pair.client, true, &disconnect.operation);
    assert_pending(SN_OK, &disconnect);
    assert_false(sn_socket_is_connected(pair.client));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_connect(pair.client, &place.good));
    sn_socket_connect_async(pair.client, &place.good, &connect.operation);
    assert_pending(SN_OK, &connect);
    assert_connected(pair.client, &place);
    place_release(&place);
    pair_release(&pair);
}

/* It ends as aborted, or as what the shutdown has told it before; in .NET too it depends on the
 * moment. Nothing of it is left over for the next peer. */
TEST(what_is_pending_when_a_socket_is_disconnected_for_reuse_ends)
{
    enum { LARGE = 8000000 };
    unsigned char *large = calloc(1, LARGE);
    struct place place = place_make();
    for (int i = repetitions(20); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending receive, send, connect, next;
        char old[4] = "", fresh[4] = "";
        pending_init(&receive);
        pending_init(&send);
        pending_init(&connect);
        pending_init(&next);
        sn_socket_receive_async(pair.client, old, 3, SN_FLAG_NONE, &receive.operation);
        sn_socket_send_async(pair.client, large, LARGE, SN_FLAG_NONE, &send.operation);
        assert_ok(sn_socket_disconnect(pair.client, true));
        sn_socket_connect_async(pair.client, &place.good, &connect.operation);
        pending_wait(&receive);
        pending_wait(&send);
        sn_error received = receive.operation.error, sent = send.operation.error;
        assert_true(received == SN_OK || received == SN_ERROR_OPERATION_ABORTED);
        assert_int_equal(receive.operation.transferred, 0);
        assert_true(sent == SN_ERROR_SHUTDOWN || sent == SN_ERROR_OPERATION_ABORTED);
        assert_true(send.operation.transferred < LARGE);
        assert_pending(SN_OK, &connect);
        sn_socket *peer = NULL;
        assert_ok(sn_socket_accept(place.listener, &peer));
        send_text(peer, "new");
        sn_socket_receive_async(pair.client, fresh, 3, SN_FLAG_NONE, &next.operation);
        assert_pending(SN_OK, &next);
        assert_string_equal(fresh, "new");
        assert_string_equal(old, "");
        sn_socket_release(peer);
        pair_release(&pair);
    }
    place_release(&place);
    free(large);
}

/* Trap 104, the second half; trap 105. */
TEST(a_socket_that_was_disconnected_for_good_does_not_connect_again)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_endpoint address = local_endpoint(pair.listener);
    sn_socket *fresh = socket_make(TCP_IPV4);
    struct pending disconnect, connect, never;
    pending_init(&disconnect);
    pending_init(&connect);
    pending_init(&never);
    sn_socket_disconnect_async(pair.client, false, &disconnect.operation);
    assert_pending(SN_OK, &disconnect);
    sn_socket_connect_async(pair.client, &address, &connect.operation);
    assert_pending(SN_ERROR_IS_CONNECTED, &connect);
    sn_socket_disconnect_async(fresh, false, &never.operation);
    assert_pending(SN_ERROR_NOT_CONNECTED, &never);
    sn_socket_release(fresh);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_socket_that_was_disconnected_for_reuse_connects_again),
        CASE(what_is_pending_when_a_socket_is_disconnected_for_reuse_ends),
        CASE(a_socket_that_was_disconnected_for_good_does_not_connect_again),
    };
    return RUN(cases);
}
