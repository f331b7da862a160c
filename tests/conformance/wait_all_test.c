/* SN_FLAG_WAIT_ALL: a receive of a stream that goes on until its buffer is full. */
#include <string.h>

#include "support/threads.h"
#include "support/transfer_support.h"

enum { SIZE = 300000 };

static char large[SIZE], got[SIZE];

struct receiver {
    sn_socket *socket;
    size_t size, received;
    sn_flags flags;
    struct thread thread;
};

static sn_error receive_all(void *context)
{
    struct receiver *receiver = context;
    return do_receive(receiver->socket, got, receiver->size, SN_FLAG_WAIT_ALL, &receiver->received);
}

static void receiver_start(struct receiver *receiver, sn_socket *socket, size_t size)
{
    *receiver = (struct receiver){.socket = socket, .size = size, .received = 77};
    memset(got, '#', sizeof got);
    thread_start_blocked(&receiver->thread, receive_all, receiver);
}

static bool has_taken(sn_socket *socket)
{
    return available(socket) == 0;
}

TEST(it_waits_until_the_buffer_is_full)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver;
    receiver_start(&receiver, pair.server, 6);
    send_text(pair.client, "ab");
    while (!has_taken(pair.server))
        (void)thread_is_done(&receiver.thread);
    assert_false(thread_is_done(&receiver.thread));
    send_text(pair.client, "cdefgh");
    assert_ok(thread_join(&receiver.thread));
    assert_int_equal(receiver.received, 6);
    assert_memory_equal(got, "abcdef##", 8);
    assert_receives(pair.server, "gh");
    pair_release(&pair);
}

TEST(a_large_buffer_takes_several_calls)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver;
    size_t sent = 0;
    for (size_t i = 0; i < SIZE; i++)
        large[i] = (char)(i * 13 >> 4);
    receiver_start(&receiver, pair.server, SIZE);
    for (size_t done = 0; done < SIZE; done += SIZE / 100)
        assert_ok(sn_socket_send(pair.client, large + done, SIZE / 100, SN_FLAG_NONE, &sent));
    assert_ok(thread_join(&receiver.thread));
    assert_int_equal(receiver.received, SIZE);
    assert_memory_equal(got, large, SIZE);
    pair_release(&pair);
}

TEST(the_end_of_the_stream_gives_what_came)
{
    for (int has_data = 0; has_data < 2; has_data++) {
        struct socket_pair pair = pair_connected(transport_of(state));
        struct receiver receiver;
        receiver_start(&receiver, pair.server, 6);
        if (has_data)
            send_text(pair.client, "abc");
        assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
        assert_ok(thread_join(&receiver.thread));
        assert_int_equal(receiver.received, has_data ? 3 : 0);
        assert_memory_equal(got, has_data ? "abc#" : "####", 4);
        pair_release(&pair);
    }
}

TEST(a_limit_gives_what_came)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t count = 77;
    assert_ok(sn_socket_set_receive_timeout(pair.server, 5));
    assert_error(SN_ERROR_TIMED_OUT, do_receive(pair.server, got, 6, SN_FLAG_WAIT_ALL, &count));
    assert_int_equal(count, 77);
    send_text(pair.client, "abc");
    wait_readable(pair.server);
    assert_ok(do_receive(pair.server, got, 6, SN_FLAG_WAIT_ALL, &count));
    assert_int_equal(count, 3);
    pair_release(&pair);
}

TEST(a_cancel_gives_what_came)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver;
    receiver_start(&receiver, pair.server, 6);
    send_text(pair.client, "ab");
    while (!has_taken(pair.server))
        (void)thread_is_done(&receiver.thread);
    sn_socket_cancel(pair.server);
    sn_error error = thread_join(&receiver.thread);
    assert_ok(error);
    assert_int_equal(receiver.received, 2);
    send_text(pair.client, "goes on");
    assert_receives(pair.server, "goes on");
    pair_release(&pair);
}

TEST(a_close_ends_it)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    struct receiver receiver;
    receiver_start(&receiver, pair.server, 6);
    sn_socket_close(pair.server);
    assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, thread_join(&receiver.thread));
    pair_release(&pair);
}

TEST(without_waiting_it_takes_what_is_there)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t count = 77;
    const sn_flags flags = SN_FLAG_WAIT_ALL | SN_FLAG_DONT_WAIT;
    assert_error(SN_ERROR_WOULD_BLOCK, sn_socket_receive(pair.server, got, 6, flags, &count));
    send_text(pair.client, "abc");
    wait_readable(pair.server);
    assert_ok(sn_socket_receive(pair.server, got, 6, flags, &count));
    assert_int_equal(count, 3);
    pair_release(&pair);
}

TEST(what_cannot_wait_for_all_says_so)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    size_t count = 77;
    sn_buffer buffer = {got, 4};
    sn_endpoint from;
    send_text(pair.client, "data");
    wait_readable(pair.server);
    if (!transport_is_stream(transport))
        assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                     do_receive(pair.server, got, 4, SN_FLAG_WAIT_ALL, &count));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 do_receive(pair.server, got, 4, SN_FLAG_WAIT_ALL | SN_FLAG_PEEK, &count));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 do_receive_buffers(pair.server, &buffer, 1, SN_FLAG_WAIT_ALL, &count));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 do_receive_from(pair.server, got, 4, SN_FLAG_WAIT_ALL, &from, &count));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 do_send(pair.client, got, 4, SN_FLAG_WAIT_ALL, NULL));
    assert_int_equal(count, 77);
    assert_true(sn_socket_is_connected(pair.server));
    assert_receives(pair.server, "data");
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(it_waits_until_the_buffer_is_full),
        ON_STREAMS(a_large_buffer_takes_several_calls),
        ON_STREAMS(the_end_of_the_stream_gives_what_came),
        ON_STREAMS(a_limit_gives_what_came),
        ON_STREAMS(a_cancel_gives_what_came),
        ON_STREAMS(a_close_ends_it),
        ON_STREAMS(without_waiting_it_takes_what_is_there),
        ON_STREAMS(what_cannot_wait_for_all_says_so),
        ON_UDP(what_cannot_wait_for_all_says_so),
    };
    return RUN(cases);
}
