/*
 * Shutdown and Disconnect (contract A.8; traps 69, 70, 104 and 105). Rows that depend on the kernel
 * were asked of .NET 10 on Linux.
 */
#include "support/run.h"

#include <limits.h>

#include "support/threads.h"
#include "support/verbs.h"

static void assert_send_fails(sn_socket *socket, sn_error expected)
{
    size_t sent;
    assert_error(expected, do_send(socket, "x", 1, SN_FLAG_NONE, &sent));
}

/* --- Shutdown -------------------------------------------------------------------------------- */

TEST(shutting_sending_down_ends_the_peers_stream_and_leaves_receiving)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "last words");
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    assert_receives(pair.server, "last words");
    assert_receives_end(pair.server);
    assert_receives_end(pair.server);
    assert_send_fails(pair.client, SN_ERROR_SHUTDOWN);
    send_text(pair.server, "answer");
    assert_receives(pair.client, "answer");
    pair_release(&pair);
}

TEST(shutting_receiving_down_ends_the_stream_after_what_is_queued)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.server, "queued");
    wait_readable(pair.client);
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_RECEIVE));
    assert_receives(pair.client, "queued");
    assert_receives_end(pair.client);
    send_text(pair.client, "still sends");
    assert_receives(pair.server, "still sends");
    pair_release(&pair);
}

TEST(shutting_both_directions_down_ends_both)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_BOTH));
    assert_receives_end(pair.client);
    assert_receives_end(pair.server);
    assert_send_fails(pair.client, SN_ERROR_SHUTDOWN);
    pair_release(&pair);
}

TEST(any_shutdown_makes_the_socket_count_as_not_connected)
{
    static const sn_shutdown ways[] = {SN_SHUTDOWN_RECEIVE, SN_SHUTDOWN_SEND, SN_SHUTDOWN_BOTH};
    enum transport transport = transport_of(state);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct socket_pair pair = pair_connected(transport);
        sn_endpoint address = local_endpoint(pair.server);
        assert_ok(sn_socket_shutdown(pair.client, ways[i]));
        assert_false(sn_socket_is_connected(pair.client));
        assert_true(sn_socket_is_bound(pair.client));
        assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_connect(pair.client, &address));
        pair_release(&pair);
    }
}

TEST(a_shutdown_may_be_repeated)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_RECEIVE));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_BOTH));
    pair_release(&pair);
}

/* Trap 70: the kernel says ENOTCONN by then. */
TEST(shutting_down_a_connection_that_has_ended_by_itself_is_no_error)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    assert_receives_end(pair.server);
    assert_ok(sn_socket_shutdown(pair.server, SN_SHUTDOWN_SEND));
    assert_receives_end(pair.client);
    assert_ok(sn_socket_shutdown(pair.server, SN_SHUTDOWN_BOTH));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_BOTH));
    pair_release(&pair);
}

TEST(shutting_down_a_reset_connection_is_no_error)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_close_within(pair.server, 0));
    wait_readable(pair.client);
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_BOTH));
    pair_release(&pair);
}

/* Trap 69 for UDP. A Unix socket has no notion of it in the kernel. */
TEST(shutting_down_a_socket_that_never_was_connected_gives_not_connected)
{
    static const sn_shutdown ways[] = {SN_SHUTDOWN_RECEIVE, SN_SHUTDOWN_SEND, SN_SHUTDOWN_BOTH};
    enum transport transport = transport_of(state);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        sn_socket *fresh = socket_make(transport), *bound = socket_bound(transport);
        assert_error(SN_ERROR_NOT_CONNECTED, sn_socket_shutdown(fresh, ways[i]));
        assert_error(SN_ERROR_NOT_CONNECTED, sn_socket_shutdown(bound, ways[i]));
        sn_socket_release(fresh);
        sn_socket_release(bound);
    }
}

TEST(shutting_down_a_fresh_unix_socket_is_no_error)
{
    sn_socket *fresh = socket_make(transport_of(state));
    assert_ok(sn_socket_shutdown(fresh, SN_SHUTDOWN_BOTH));
    sn_socket_release(fresh);
}

TEST(a_direction_that_does_not_exist_is_refused)
{
    static const int wrong[] = {-1, 3, 7, INT_MAX, INT_MIN};
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket *fresh = socket_make(transport_of(state));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_shutdown(fresh, (sn_shutdown)wrong[i]));
        assert_error(SN_ERROR_INVALID_ARGUMENT,
                     sn_socket_shutdown(pair.client, (sn_shutdown)wrong[i]));
    }
    send_text(pair.client, "nothing was shut down");
    assert_receives(pair.server, "nothing was shut down");
    assert_false(sn_socket_is_connected(pair.client)); /* it failed in the system: A.6 */
    sn_socket_release(fresh);
    pair_release(&pair);
}

TEST(a_connected_datagram_socket_can_be_shut_down)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    assert_send_fails(pair.client, SN_ERROR_SHUTDOWN);
    send_text(pair.server, "still received");
    assert_receives(pair.client, "still received");
    pair_release(&pair);
}

struct receiver {
    sn_socket *socket;
    size_t received;
    struct thread thread;
};

static sn_error receive_run(void *context)
{
    struct receiver *receiver = context;
    char byte;
    return do_receive(receiver->socket, &byte, 1, SN_FLAG_NONE, &receiver->received);
}

TEST(shutting_receiving_down_ends_a_blocked_receive_with_the_end_of_the_stream)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver = {.socket = pair.client, .received = 77};
    thread_start_blocked(&receiver.thread, receive_run, &receiver);
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_RECEIVE));
    assert_ok(thread_join(&receiver.thread));
    assert_int_equal(0, receiver.received);
    pair_release(&pair);
}

static sn_error accept_run(void *context)
{
    struct receiver *acceptor = context;
    sn_socket *server = NULL;
    sn_error error = do_accept(acceptor->socket, &server);
    sn_socket_release(server);
    return error;
}

/* As in .NET: nothing is connected, yet the kernel does it, and wakes who waits. */
TEST(shutting_a_listener_down_ends_a_blocked_accept)
{
    struct receiver acceptor = {.socket = socket_listening(transport_of(state), 1)};
    thread_start_blocked(&acceptor.thread, accept_run, &acceptor);
    assert_ok(sn_socket_shutdown(acceptor.socket, SN_SHUTDOWN_BOTH));
    assert_error(SN_ERROR_INVALID_ARGUMENT, thread_join(&acceptor.thread));
    sn_socket_release(acceptor.socket);
}

/* --- Disconnect ------------------------------------------------------------------------------ */

TEST(disconnecting_ends_the_connection_and_forgets_the_peer)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_endpoint before = local_endpoint(pair.client), remote = remote_endpoint(pair.client);
    sn_socket *none = NULL;
    assert_ok(do_disconnect(pair.client, false));
    assert_false(sn_socket_is_connected(pair.client));
    assert_true(sn_socket_is_bound(pair.client));
    assert_receives_end(pair.server);
    sn_endpoint local = local_endpoint(pair.client), forgotten = remote_endpoint(pair.client);
    assert_same_endpoint(&before, &local);
    assert_no_endpoint(&forgotten);
    assert_send_fails(pair.client, SN_ERROR_SHUTDOWN);
    assert_receives_end(pair.client);
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_connect(pair.client, &remote));
    assert_error(SN_ERROR_INVALID_OPERATION, do_accept(pair.client, &none));
    assert_ok(do_disconnect(pair.client, false)); /* it once was connected */
    pair_release(&pair);
}

/* Trap 104: the new descriptor is for an asynchronous connect. */
TEST(disconnecting_for_reuse_gives_a_new_descriptor_that_a_blocking_connect_refuses)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_endpoint remote = remote_endpoint(pair.client), free = endpoint_free(transport_of(state));
    sn_socket *none = NULL;
    bool no_delay = false;
    assert_ok(sn_socket_set_no_delay(pair.client, true));
    assert_ok(do_disconnect(pair.client, true));
    assert_receives_end(pair.server);
    assert_false(sn_socket_is_connected(pair.client));
    assert_true(sn_socket_is_bound(pair.client));
    sn_endpoint local = local_endpoint(pair.client), forgotten = remote_endpoint(pair.client);
    assert_int_equal(0, sn_endpoint_get_port(&local));
    assert_no_endpoint(&forgotten);
    assert_ok(sn_socket_get_no_delay(pair.client, &no_delay));
    assert_true(no_delay);
    assert_receive_fails(pair.client, SN_ERROR_NOT_CONNECTED);
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_connect(pair.client, &remote));
    assert_ok(sn_socket_bind(pair.client, &free));
    assert_ok(sn_socket_listen(pair.client, 1));
    assert_error(SN_ERROR_INVALID_OPERATION, do_accept(pair.client, &none));
    pair_release(&pair);
}

TEST(disconnecting_for_reuse_may_be_repeated)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(do_disconnect(pair.client, true));
    assert_ok(do_disconnect(pair.client, true));
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_BOTH));
    pair_release(&pair);
}

/* Trap 105. */
TEST(disconnecting_a_socket_that_never_was_connected_gives_not_connected)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        sn_socket *fresh = socket_make(transport_of(state));
        assert_error(SN_ERROR_NOT_CONNECTED, do_disconnect(fresh, reuse));
        sn_socket_release(fresh);
    }
}

TEST(disconnecting_a_datagram_socket_ends_its_connection)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        struct socket_pair pair = pair_connected(transport_of(state));
        sn_endpoint address = local_endpoint(pair.server);
        assert_ok(do_disconnect(pair.client, reuse));
        assert_false(sn_socket_is_connected(pair.client));
        assert_true(sn_socket_is_bound(pair.client));
        sn_endpoint remote = remote_endpoint(pair.client);
        assert_no_endpoint(&remote);
        assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_connect(pair.client, &address));
        pair_release(&pair);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_LISTENERS(shutting_sending_down_ends_the_peers_stream_and_leaves_receiving),
        ON_LISTENERS(shutting_receiving_down_ends_the_stream_after_what_is_queued),
        ON_LISTENERS(shutting_both_directions_down_ends_both),
        ON_ALL_CONNECTED(any_shutdown_makes_the_socket_count_as_not_connected),
        ON_ALL_CONNECTED(a_shutdown_may_be_repeated),
        ON_LISTENERS(shutting_down_a_connection_that_has_ended_by_itself_is_no_error),
        ON_TCP(shutting_down_a_reset_connection_is_no_error),
        ON_TCP(shutting_down_a_socket_that_never_was_connected_gives_not_connected),
        ON_UDP(shutting_down_a_socket_that_never_was_connected_gives_not_connected),
        CASE_ON(shutting_down_a_fresh_unix_socket_is_no_error, UNIX_STREAM),
        CASE_ON(shutting_down_a_fresh_unix_socket_is_no_error, UNIX_DATAGRAM),
        ON_ALL_CONNECTED(a_direction_that_does_not_exist_is_refused),
        ON_UDP(a_connected_datagram_socket_can_be_shut_down),
        CASE_ON(a_connected_datagram_socket_can_be_shut_down, UNIX_DATAGRAM),
        ON_LISTENERS(shutting_receiving_down_ends_a_blocked_receive_with_the_end_of_the_stream),
        ON_TCP(shutting_a_listener_down_ends_a_blocked_accept),
        ON_LISTENERS(disconnecting_ends_the_connection_and_forgets_the_peer),
        ON_TCP(disconnecting_for_reuse_gives_a_new_descriptor_that_a_blocking_connect_refuses),
        CASE(disconnecting_for_reuse_may_be_repeated),
        ON_TCP(disconnecting_a_socket_that_never_was_connected_gives_not_connected),
        ON_UDP(disconnecting_a_socket_that_never_was_connected_gives_not_connected),
        ON_UDP(disconnecting_a_datagram_socket_ends_its_connection),
    };
    return RUN(cases);
}
