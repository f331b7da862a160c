/*
 * The Blocking property (contract A.7; trap 46): a wish kept in the object. The descriptor is
 * non-blocking for life, whatever the property says.
 */
#include "support/run.h"

#include "support/descriptors.h"
#include "support/threads.h"
#include "support/verbs.h"

TEST(a_socket_blocks_at_first)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_true(sn_socket_is_blocking(pair.client));
    assert_true(sn_socket_is_blocking(pair.server));
    pair_release(&pair);
}

TEST(a_non_blocking_receive_takes_what_is_there_or_gives_would_block)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char data[8];
    size_t received = 77;
    sn_endpoint from;
    sn_buffer piece = {data, sizeof data};
    set_blocking(pair.client, false);
    assert_false(sn_socket_is_blocking(pair.client));
    assert_error(SN_ERROR_WOULD_BLOCK,
                 do_receive(pair.client, data, sizeof data, SN_FLAG_NONE, &received));
    assert_error(SN_ERROR_WOULD_BLOCK,
                 do_receive_buffers(pair.client, &piece, 1, SN_FLAG_NONE, &received));
    assert_error(SN_ERROR_WOULD_BLOCK,
                 do_receive_from(pair.client, data, sizeof data, SN_FLAG_NONE, &from, &received));
    assert_error(SN_ERROR_WOULD_BLOCK, do_receive(pair.client, NULL, 0, SN_FLAG_NONE, &received));
    assert_int_equal(77, received); /* outputs are written on success only */
    send_text(pair.server, "data");
    wait_readable(pair.client);
    assert_ok(do_receive(pair.client, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(4, received);
    pair_release(&pair);
}

struct receiver {
    sn_socket *socket;
    struct thread thread;
};

static sn_error receive_run(void *context)
{
    struct receiver *receiver = context;
    char data[8];
    size_t received;
    return do_receive(receiver->socket, data, sizeof data, SN_FLAG_NONE, &received);
}

TEST(a_socket_that_was_non_blocking_blocks_again)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver = {.socket = pair.client};
    set_blocking(pair.client, false);
    assert_receive_fails(pair.client, SN_ERROR_WOULD_BLOCK);
    set_blocking(pair.client, true);
    assert_true(sn_socket_is_blocking(pair.client));
    thread_start_blocked(&receiver.thread, receive_run, &receiver);
    send_text(pair.server, "data");
    assert_ok(thread_join(&receiver.thread));
    pair_release(&pair);
}

TEST(the_receive_timeout_is_for_blocking_calls_only)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_set_receive_timeout(pair.client, 5));
    assert_receive_fails(pair.client, SN_ERROR_TIMED_OUT);
    set_blocking(pair.client, false);
    assert_receive_fails(pair.client, SN_ERROR_WOULD_BLOCK);
    pair_release(&pair);
}

TEST(a_non_blocking_send_takes_what_fits_then_gives_would_block)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    static char sink[65536];
    size_t sent = 77, received = 0;
    (void)fill_until_full(pair.client);
    set_blocking(pair.client, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_send(pair.client, "x", 1, SN_FLAG_NONE, &sent));
    assert_int_equal(77, sent);
    set_blocking(pair.server, false);
    while (!sn_socket_receive(pair.server, sink, sizeof sink, SN_FLAG_NONE, &received))
        ;
    wait_writable(pair.client);
    assert_ok(do_send(pair.client, "x", 1, SN_FLAG_NONE, &sent));
    assert_int_equal(1, sent);
    pair_release(&pair);
}

/* Trap 46. */
TEST(a_non_blocking_accept_gives_would_block_until_a_client_comes)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 4), *client = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    set_blocking(listener, false);
    for (int i = 0; i < 3; i++)
        assert_error(SN_ERROR_WOULD_BLOCK, do_accept(listener, &server));
    assert_null(server);
    assert_ok(do_connect(client, &address));
    wait_readable(listener);
    assert_ok(do_accept(listener, &server));
    assert_error(SN_ERROR_WOULD_BLOCK, do_accept(listener, &client));
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

TEST(an_accepted_socket_blocks_as_its_listener_does)
{
    enum transport transport = transport_of(state);
    for (int blocking = 0; blocking < 2; blocking++) {
        sn_socket *listener = socket_listening(transport, 4), *client = socket_make(transport);
        sn_socket *server = NULL;
        sn_endpoint address = local_endpoint(listener);
        set_blocking(listener, blocking);
        assert_ok(do_connect(client, &address));
        wait_readable(listener);
        assert_ok(do_accept(listener, &server));
        assert_int_equal(blocking, sn_socket_is_blocking(server));
        assert_true(sn_socket_is_blocking(client));
        sn_socket_release(server);
        sn_socket_release(client);
        sn_socket_release(listener);
    }
}

TEST(the_descriptor_is_non_blocking_whatever_the_property_says)
{
    sn_socket *socket = socket_make(transport_of(state));
    sn_handle handle = sn_socket_get_handle(socket);
    assert_true(descriptor_is_nonblocking(handle));
    set_blocking(socket, false);
    assert_true(descriptor_is_nonblocking(handle));
    set_blocking(socket, true);
    assert_true(descriptor_is_nonblocking(handle));
    sn_socket_release(socket);
}

TEST(a_closed_socket_still_says_whether_it_blocked)
{
    for (int blocking = 0; blocking < 2; blocking++) {
        sn_socket *socket = socket_make(UDP_IPV4);
        set_blocking(socket, blocking);
        sn_socket_close(socket);
        assert_int_equal(blocking, sn_socket_is_blocking(socket));
        assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_set_blocking(socket, !blocking));
        assert_int_equal(blocking, sn_socket_is_blocking(socket));
        sn_socket_release(socket);
    }
}

/* The wish is read when a call starts: a thread that is blocked stays so. */
TEST(a_blocked_call_is_not_touched_when_the_property_changes)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver = {.socket = pair.client};
    thread_start_blocked(&receiver.thread, receive_run, &receiver);
    set_blocking(pair.client, false);
    assert_true(thread_wait_blocked(&receiver.thread));
    send_text(pair.server, "data");
    assert_ok(thread_join(&receiver.thread));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(a_socket_blocks_at_first),
        ON_ALL_CONNECTED(a_non_blocking_receive_takes_what_is_there_or_gives_would_block),
        ON_ALL_CONNECTED(a_socket_that_was_non_blocking_blocks_again),
        ON_ALL_CONNECTED(the_receive_timeout_is_for_blocking_calls_only),
        ON_LISTENERS(a_non_blocking_send_takes_what_fits_then_gives_would_block),
        CASE_ON(a_non_blocking_send_takes_what_fits_then_gives_would_block, UNIX_DATAGRAM),
        ON_LISTENERS(a_non_blocking_accept_gives_would_block_until_a_client_comes),
        ON_LISTENERS(an_accepted_socket_blocks_as_its_listener_does),
        ON_ALL_CONNECTED(the_descriptor_is_non_blocking_whatever_the_property_says),
        CASE(a_closed_socket_still_says_whether_it_blocked),
        ON_ALL_CONNECTED(a_blocked_call_is_not_touched_when_the_property_changes),
    };
    return RUN(cases);
}
