/*
 * A receive of no bytes (contract B.7): what it waits for, and that it takes nothing.
 */
#include "conformance/receives.h"
#include "support/threads.h"
#include "support/transfer_support.h"

/* A receive of no bytes in each of its forms. */
static sn_error receive_nothing(sn_socket *socket, int form)
{
    static const sn_buffer empties[3];
    char untouched = 'u';
    size_t received = 77;
    sn_error error = form == 0   ? do_receive(socket, NULL, 0, SN_FLAG_NONE, &received)
                     : form == 1 ? do_receive(socket, &untouched, 0, SN_FLAG_NONE, &received)
                                 : do_receive_buffers(socket, empties, 3, SN_FLAG_NONE, &received);
    if (!error && (received != 0 || untouched != 'u'))
        return SN_ERROR_FAULT;
    return error;
}

/* trap 49: it does not complete before data arrives, takes nothing, and completes at once when
 * repeated */
TEST(a_receive_of_no_bytes_waits_for_data_and_takes_none)
{
    enum transport transport = transport_of(state);
    for (int as_list = 0; as_list <= 1; as_list++) {
        struct socket_pair pair = pair_connected(transport);
        struct receiver receiver = {.socket = pair.server, .size = 0, .as_list = as_list};
        struct thread thread;
        thread_start_blocked(&thread, receive_once, &receiver);
        send_text(pair.client, "data");
        assert_ok(thread_join(&thread));
        assert_int_equal(0, receiver.received);
        for (int form = 0; form < 3; form++) {
            assert_int_equal(4, available(pair.server));
            assert_ok(receive_nothing(pair.server, form));
        }
        char data[8];
        size_t received = 0;
        assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
        assert_int_equal(4, received);
        assert_memory_equal("data", data, 4);
        pair_release(&pair);
    }
}

TEST(a_receive_of_no_bytes_would_block_where_nothing_is)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_set_blocking(pair.server, false));
    for (int form = 0; form < 3; form++)
        assert_error(SN_ERROR_WOULD_BLOCK, receive_nothing(pair.server, form));
    assert_true(sn_socket_is_connected(pair.server));
    send_text(pair.client, "x");
    wait_readable(pair.server);
    for (int form = 0; form < 3; form++)
        assert_ok(receive_nothing(pair.server, form));
    pair_release(&pair);
}

/* trap 50 */
TEST(a_receive_of_no_bytes_ends_when_the_peer_does)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver = {.socket = pair.server, .size = 0};
    struct thread thread;
    thread_start_blocked(&thread, receive_once, &receiver);
    sn_socket_close(pair.client);
    assert_ok(thread_join(&thread));
    assert_int_equal(0, receiver.received);
    for (int form = 0; form < 3; form++)
        assert_ok(receive_nothing(pair.server, form));
    pair_release(&pair);
}

/* B.7: an empty datagram is there to be received, and is not eaten by looking */
TEST(a_receive_of_no_bytes_leaves_an_empty_datagram)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(do_send(pair.client, NULL, 0, SN_FLAG_NONE, NULL));
    send_text(pair.client, "next");
    wait_readable(pair.server);
    for (int form = 0; form < 3; form++)
        assert_ok(receive_nothing(pair.server, form));
    char data[8];
    size_t received = 77;
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(0, received);
    assert_ok(do_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(4, received);
    pair_release(&pair);
}

/* B.7: a pending error ends it */
TEST(a_receive_of_no_bytes_tells_of_a_reset)
{
    for (int form = 0; form < 3; form++) {
        struct socket_pair pair = pair_connected(TCP_IPV4);
        assert_ok(sn_socket_close_within(pair.server, 0));
        wait_readable(pair.client);
        assert_error(SN_ERROR_CONNECTION_RESET, receive_nothing(pair.client, form));
        assert_false(sn_socket_is_connected(pair.client));
        pair_release(&pair);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(a_receive_of_no_bytes_waits_for_data_and_takes_none),
        ON_ALL_CONNECTED(a_receive_of_no_bytes_would_block_where_nothing_is),
        ON_LISTENERS(a_receive_of_no_bytes_ends_when_the_peer_does),
        ON_DATAGRAMS(a_receive_of_no_bytes_leaves_an_empty_datagram),
        CASE(a_receive_of_no_bytes_tells_of_a_reset),
    };
    return RUN(cases);
}
