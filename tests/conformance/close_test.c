/*
 * Close, Close(timeout) and release (contract A.9; traps 96, 97, 106 and 107): what the peer sees,
 * and which times there are. Closing under a blocked call is in blocked_call_test.c and
 * close_race_test.c.
 */
#include "support/run.h"

#include <limits.h>

#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

/* --- What the peer sees ---------------------------------------------------------------------- */

TEST(the_peer_gets_what_was_sent_and_then_the_end)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle handle = sn_socket_get_handle(pair.client);
    send_text(pair.client, "last words");
    sn_socket_close(pair.client);
    engines_settle();
    assert_false(descriptor_is_open(handle));
    assert_receives(pair.server, "last words");
    assert_receives_end(pair.server);
    pair_release(&pair);
}

TEST(minus_one_closes_as_close_does)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "last words");
    assert_ok(sn_socket_close_within(pair.client, SN_FOREVER));
    assert_receives(pair.server, "last words");
    assert_receives_end(pair.server);
    pair_release(&pair);
}

TEST(releasing_the_last_reference_closes)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle handle = sn_socket_get_handle(pair.client);
    sn_socket *other = sn_socket_retain(pair.client);
    assert_ptr_equal(pair.client, other);
    sn_socket_release(pair.client);
    assert_true(descriptor_is_open(handle));
    send_text(other, "through the other reference");
    assert_receives(pair.server, "through the other reference");
    sn_socket_release(other);
    engines_settle();
    assert_false(descriptor_is_open(handle));
    assert_receives_end(pair.server);
    pair.client = NULL;
    pair_release(&pair);
}

TEST(zero_resets_the_connection)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_close_within(pair.client, 0));
    assert_receive_fails(pair.server, SN_ERROR_CONNECTION_RESET);
    pair_release(&pair);
}

TEST(a_linger_time_of_zero_resets_the_connection)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    const sn_linger_option at_once = {.enabled = true, .seconds = 0};
    assert_ok(sn_socket_set_linger_state(pair.client, &at_once));
    sn_socket_close(pair.client);
    assert_receive_fails(pair.server, SN_ERROR_CONNECTION_RESET);
    pair_release(&pair);
}

TEST(closing_with_a_linger_time_delivers_everything)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    const sn_linger_option patient = {.enabled = true, .seconds = 65535};
    assert_ok(sn_socket_set_linger_state(pair.client, &patient));
    send_text(pair.client, "last words");
    sn_socket_close(pair.client);
    assert_receives(pair.server, "last words");
    assert_receives_end(pair.server);
    pair_release(&pair);
}

/* The kernel's own rule: who closes without having read everything tells the peer so. */
TEST(closing_with_unread_data_resets_the_connection)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.server, "unread");
    wait_readable(pair.client);
    sn_socket_close(pair.client);
    assert_receive_fails(pair.server, SN_ERROR_CONNECTION_RESET);
    pair_release(&pair);
}

/* The peer sees the end first (sending was shut down) and then a reset, which the kernel keeps for
 * the next call as EPIPE. */
static void assert_was_reset_after_the_end(sn_socket *peer)
{
    int error = 0;
    assert_receives_end(peer);
    engines_settle();
    assert_ok(sn_socket_get_option(peer, SN_LEVEL_SOCKET, SN_OPTION_ERROR, &error));
    assert_error(SN_ERROR_SHUTDOWN, (sn_error)error);
}

TEST(a_peer_that_does_not_finish_in_time_is_reset)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_close_within(pair.client, 5));
    assert_was_reset_after_the_end(pair.server);
    pair_release(&pair);
}

TEST(a_peer_whose_data_is_left_unread_is_reset)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.server, "unread");
    wait_readable(pair.client);
    assert_ok(sn_socket_close_within(pair.client, INT_MAX));
    assert_was_reset_after_the_end(pair.server);
    pair_release(&pair);
}

static sn_error close_within_run(void *context)
{
    return sn_socket_close_within(context, INT_MAX);
}

/* Waiting for INT_MAX ms would never end, so what ends it is the peer. */
TEST(a_peer_that_finishes_in_time_is_not_reset)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle handle = sn_socket_get_handle(pair.client);
    struct thread thread;
    int error = 0;
    send_text(pair.client, "last words");
    thread_start(&thread, close_within_run, pair.client);
    assert_receives(pair.server, "last words");
    assert_receives_end(pair.server);
    assert_ok(sn_socket_shutdown(pair.server, SN_SHUTDOWN_SEND));
    assert_ok(thread_join(&thread));
    engines_settle();
    assert_false(descriptor_is_open(handle));
    assert_ok(sn_socket_get_option(pair.server, SN_LEVEL_SOCKET, SN_OPTION_ERROR, &error));
    assert_error(SN_OK, (sn_error)error);
    pair_release(&pair);
}

TEST(clients_that_wait_in_the_queue_are_reset_when_the_listener_closes)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 4), *client = socket_make(transport);
    sn_endpoint address = local_endpoint(listener);
    assert_ok(do_connect(client, &address));
    sn_socket_close(listener);
    assert_receive_fails(client, SN_ERROR_CONNECTION_RESET);
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* --- Arguments ------------------------------------------------------------------------------- */

/* Trap 96. */
TEST(minus_one_zero_and_any_time_close_a_fresh_socket)
{
    static const int times[] = {-1, 0, 1, 5};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        sn_socket *socket = socket_make(transport_of(state));
        sn_handle handle = sn_socket_get_handle(socket);
        assert_ok(sn_socket_close_within(socket, times[i]));
        engines_settle();
        assert_false(descriptor_is_open(handle));
        sn_socket_release(socket);
    }
}

/* Trap 96; E.1: also on a closed socket. */
TEST(a_time_below_minus_one_is_refused)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_handle handle = sn_socket_get_handle(socket);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_close_within(socket, -2));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_close_within(socket, INT_MIN));
    assert_true(descriptor_is_open(handle));
    sn_socket_close(socket);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_close_within(socket, -2));
    assert_ok(sn_socket_close_within(socket, SN_FOREVER));
    assert_ok(sn_socket_close_within(socket, 0));
    assert_ok(sn_socket_close_within(socket, 5));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_close_within(NULL, SN_FOREVER));
    sn_socket_release(socket);
}

TEST(closing_twice_and_releasing_null_do_nothing)
{
    sn_socket *socket = socket_make(transport_of(state));
    sn_socket_close(socket);
    sn_socket_close(socket);
    sn_socket_release(socket);
    sn_socket_release(NULL);
    assert_null(sn_socket_retain(NULL));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_LISTENERS(the_peer_gets_what_was_sent_and_then_the_end),
        ON_STREAMS(minus_one_closes_as_close_does),
        ON_LISTENERS(releasing_the_last_reference_closes),
        ON_TCP(zero_resets_the_connection),
        ON_TCP(a_linger_time_of_zero_resets_the_connection),
        ON_TCP(closing_with_a_linger_time_delivers_everything),
        ON_STREAMS(closing_with_unread_data_resets_the_connection),
        ON_TCP(a_peer_that_does_not_finish_in_time_is_reset),
        ON_TCP(a_peer_whose_data_is_left_unread_is_reset),
        ON_STREAMS(a_peer_that_finishes_in_time_is_not_reset),
        ON_STREAMS(clients_that_wait_in_the_queue_are_reset_when_the_listener_closes),
        ON_ALL_CONNECTED(minus_one_zero_and_any_time_close_a_fresh_socket),
        CASE(a_time_below_minus_one_is_refused),
        ON_ALL_CONNECTED(closing_twice_and_releasing_null_do_nothing),
    };
    return RUN(cases);
}
