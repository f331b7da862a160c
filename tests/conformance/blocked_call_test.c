/*
 * What a blocked call gets when its socket is closed or cancelled by another thread, and what is
 * left behind (contract A.9 and A.10; traps 37, 45, 59 and 68). The plain rows, every verb on every
 * kind of socket, stand in close_race_test.c; here is what goes with them.
 */
#include "support/run.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/blocked_calls.h"
#include "support/descriptors.h"
#include "support/verbs.h"

struct receiver {
    sn_socket *socket;
    size_t size, received;
    char data[64];
    struct thread thread;
};

static sn_error receive_run(void *context)
{
    struct receiver *receiver = context;
    return do_receive(receiver->socket, receiver->data, receiver->size, SN_FLAG_NONE,
                      &receiver->received);
}

static void receiver_start(struct receiver *receiver, sn_socket *socket, size_t size)
{
    *receiver = (struct receiver){.socket = socket, .size = size};
    thread_start_blocked(&receiver->thread, receive_run, receiver);
}

/* --- What the peer sees ---------------------------------------------------------------------- */

/* Step 5 of "unblocking other threads" (A.9), trap 59: the peer must not think that all was in
 * order. */
TEST(the_peer_of_a_tcp_socket_that_is_closed_during_a_receive_sees_a_reset)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver;
    receiver_start(&receiver, pair.client, 1);
    sn_socket_close(pair.client);
    assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, thread_join(&receiver.thread));
    assert_receive_fails(pair.server, SN_ERROR_CONNECTION_RESET);
    pair_release(&pair);
}

TEST(the_peer_sees_the_end_when_sending_was_shut_down_before_the_close_during_a_receive)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver;
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    receiver_start(&receiver, pair.client, 1);
    sn_socket_close(pair.client);
    assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, thread_join(&receiver.thread));
    assert_receives_end(pair.server);
    pair_release(&pair);
}

TEST(the_peer_of_a_unix_socket_that_is_closed_during_a_receive_sees_the_end)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver;
    receiver_start(&receiver, pair.client, 1);
    sn_socket_close(pair.client);
    (void)thread_join(&receiver.thread);
    assert_receives_end(pair.server);
    pair_release(&pair);
}

/* --- What a cancel leaves alone -------------------------------------------------------------- */

TEST(after_a_cancel_the_connection_goes_on_as_if_nothing_had_been)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver;
    receiver_start(&receiver, pair.client, 5);
    sn_socket_cancel(pair.client);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&receiver.thread));
    assert_true(sn_socket_is_connected(pair.client));
    send_text(pair.client, "there");
    assert_receives(pair.server, "there");
    receiver_start(&receiver, pair.client, 4);
    send_text(pair.server, "back");
    assert_ok(thread_join(&receiver.thread));
    assert_int_equal(4, receiver.received);
    pair_release(&pair);
}

TEST(a_cancel_while_no_call_is_inside_changes_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct receiver receiver;
    sn_socket_cancel(pair.client);
    receiver_start(&receiver, pair.client, 4);
    send_text(pair.server, "data");
    assert_ok(thread_join(&receiver.thread));
    pair_release(&pair);
}

TEST(a_cancelled_accept_leaves_the_listener_working)
{
    struct blocked_scene scene;
    for (size_t i = 0; i < blocked_call_count; i++) {
        if (blocked_calls[i].verb != BLOCKED_ACCEPT ||
            transport_missing(blocked_calls[i].transport))
            continue;
        blocked_scene_open(&scene, &blocked_calls[i]);
        thread_start_blocked(&scene.thread, blocked_scene_run, &scene);
        sn_socket_cancel(scene.socket);
        assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&scene.thread));
        sn_endpoint address = local_endpoint(scene.socket);
        sn_socket *client = socket_make(blocked_calls[i].transport), *server = NULL;
        assert_ok(do_connect(client, &address));
        assert_ok(do_accept(scene.socket, &server));
        sn_socket_release(client);
        sn_socket_release(server);
        blocked_scene_release(&scene);
    }
}

TEST(cancelling_and_closing_take_null_and_a_closed_socket)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_socket_cancel(NULL);
    sn_socket_close(NULL);
    sn_socket_cancel(socket);
    sn_socket_close(socket);
    sn_socket_cancel(socket);
    sn_socket_close(socket);
    sn_socket_release(socket);
}

/* --- Sends that have moved bytes ------------------------------------------------------------- */

struct sender {
    sn_socket *socket;
    size_t sent;
    struct thread thread;
};

static const char large[8 << 20];

static sn_error send_large_run(void *context)
{
    struct sender *sender = context;
    return do_send(sender->socket, large, sizeof large, SN_FLAG_NONE, &sender->sent);
}

/* Much more than all buffers hold, so it blocks in the middle. */
static void sender_start(struct sender *sender, sn_socket *socket)
{
    *sender = (struct sender){.socket = socket};
    assert_ok(sn_socket_set_send_buffer_size(socket, 65536));
    thread_start_blocked(&sender->thread, send_large_run, sender);
}

static size_t drain(sn_socket *socket)
{
    static char sink[65536];
    size_t total = 0, received = 0;
    do {
        assert_ok(do_receive(socket, sink, sizeof sink, SN_FLAG_NONE, &received));
        total += received;
    } while (received > 0);
    return total;
}

TEST(a_cancelled_send_that_has_moved_bytes_succeeds_with_their_count)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct sender sender;
    sender_start(&sender, pair.client);
    sn_socket_cancel(pair.client);
    assert_ok(thread_join(&sender.thread));
    assert_in_range(sender.sent, 1, sizeof large - 1);
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    assert_int_equal(sender.sent, drain(pair.server));
    pair_release(&pair);
}

TEST(a_send_that_is_closed_in_the_middle_is_aborted)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct sender sender;
    sender_start(&sender, pair.client);
    sn_socket_close(pair.client);
    assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, thread_join(&sender.thread));
    pair_release(&pair);
}

/* The second and third wait for their turn, not for the kernel. */
struct three_senders {
    struct socket_pair pair;
    struct blocked_scene scenes[3];
};

static void three_senders_start(struct three_senders *three, enum transport transport)
{
    static const struct blocked_call call = {"SEND", BLOCKED_SEND, TCP_IPV4, SN_OK};
    three->pair = pair_connected(transport);
    (void)fill_until_full(three->pair.client);
    for (int i = 0; i < 3; i++) {
        three->scenes[i] = (struct blocked_scene){.call = &call, .socket = three->pair.client};
        thread_start_blocked(&three->scenes[i].thread, blocked_scene_run, &three->scenes[i]);
    }
}

TEST(closing_ends_the_sends_that_wait_behind_another_send)
{
    struct three_senders three;
    three_senders_start(&three, transport_of(state));
    sn_socket_close(three.pair.client);
    for (int i = 0; i < 3; i++)
        assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, thread_join(&three.scenes[i].thread));
    pair_release(&three.pair);
}

TEST(cancelling_ends_the_sends_that_wait_behind_another_send)
{
    struct three_senders three;
    unsigned successes[3];
    three_senders_start(&three, transport_of(state));
    for (int i = 0; i < 3; i++)
        successes[i] = blocked_scene_successes(&three.scenes[i]);
    sn_socket_cancel(three.pair.client);
    for (int i = 0; i < 3; i++)
        assert_error(SN_ERROR_OPERATION_CANCELED,
                     blocked_scene_join_cancelled(&three.scenes[i], successes[i]));
    pair_release(&three.pair);
}

/* --- Several threads ------------------------------------------------------------------------- */

/* Trap 45. */
TEST(closing_a_listener_ends_every_accept)
{
    static const struct blocked_call call = {"ACCEPT", BLOCKED_ACCEPT, TCP_IPV4, SN_OK};
    struct blocked_scene scenes[4];
    sn_socket *listener = socket_listening(transport_of(state), 4);
    for (int i = 0; i < 4; i++) {
        scenes[i] = (struct blocked_scene){.call = &call, .socket = listener};
        thread_start_blocked(&scenes[i].thread, blocked_scene_run, &scenes[i]);
    }
    sn_socket_close(listener);
    for (int i = 0; i < 4; i++)
        assert_ended_by_close(SN_ERROR_INTERRUPTED, thread_join(&scenes[i].thread));
    sn_socket_release(listener);
}

struct selection {
    sn_socket *sockets[3];
    struct thread thread;
};

static sn_error select_run(void *context)
{
    struct selection *selection = context;
    sn_socket_list read = {selection->sockets, 3};
    return sn_socket_select(&read, NULL, NULL, -1);
}

static void end_select_of_three(void (*end)(sn_socket *), int which, sn_error expected)
{
    struct socket_pair pairs[3] = {pair_connected(UDP_IPV4), pair_connected(TCP_IPV4),
                                   pair_connected(UNIX_STREAM)};
    struct selection selection = {.sockets = {pairs[0].server, pairs[1].server, pairs[2].server}};
    thread_start_blocked(&selection.thread, select_run, &selection);
    end(pairs[which].server);
    assert_error(expected, thread_join(&selection.thread));
    for (int i = 0; i < 3; i++)
        pair_release(&pairs[i]);
}

TEST(closing_or_cancelling_any_one_socket_ends_a_select_of_three)
{
    for (int which = 0; which < 3; which++) {
        end_select_of_three(sn_socket_close, which, SN_ERROR_INTERRUPTED);
        end_select_of_three(sn_socket_cancel, which, SN_ERROR_OPERATION_CANCELED);
    }
}

/* --- Descriptors of others ------------------------------------------------------------------- */

/* .NET leaves the thread blocked here; ending the call is what the object's own close promises. */
TEST(closing_a_socket_that_does_not_own_its_descriptor_ends_the_call_and_leaves_the_descriptor)
{
    int handles[2];
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, handles));
    sn_socket *borrowing = NULL;
    struct receiver receiver;
    assert_ok(sn_socket_from_handle(handles[0], false, &borrowing));
    receiver_start(&receiver, borrowing, 1);
    sn_socket_close(borrowing);
    assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, thread_join(&receiver.thread));
    assert_true(descriptor_is_open(handles[0]));
    assert_int_equal(1, write(handles[1], "x", 1)); /* nor was the connection shut down */
    assert_int_equal(1, recv(handles[0], receiver.data, 1, 0));
    sn_socket_release(borrowing);
    close(handles[0]);
    close(handles[1]);
}

TEST(a_receive_from_a_pipe_ends_at_close_and_at_cancel)
{
    int handles[2];
    assert_int_equal(0, pipe2(handles, O_CLOEXEC));
    sn_socket *reader = NULL;
    struct receiver receiver;
    assert_ok(sn_socket_from_handle(handles[0], true, &reader));
    receiver_start(&receiver, reader, 1);
    sn_socket_cancel(reader);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&receiver.thread));
    receiver_start(&receiver, reader, 1);
    sn_socket_close(reader);
    assert_ended_by_close(SN_ERROR_INTERRUPTED, thread_join(&receiver.thread));
    assert_false(descriptor_is_open(handles[0]));
    sn_socket_release(reader);
    close(handles[1]);
}

/* --- Connecting to a full queue -------------------------------------------------------------- */

/* The kernel tells nobody when a Unix listener has room again. */
TEST(a_connect_to_a_full_queue_succeeds_once_there_is_room)
{
    enum transport transport = transport_of(state);
    static const struct blocked_call call = {"CONNECT", BLOCKED_CONNECT, UNIX_STREAM, SN_OK};
    struct full_listener full = full_listener_make(transport);
    struct blocked_scene scene = {
        .call = &call, .socket = socket_make(transport), .address = full.address};
    thread_start_blocked(&scene.thread, blocked_scene_run, &scene);
    sn_socket *accepted[2] = {0};
    assert_ok(do_accept(full.listener, &accepted[0]));
    assert_ok(thread_join(&scene.thread));
    assert_true(sn_socket_is_connected(scene.socket));
    assert_ok(do_accept(full.listener, &accepted[1]));
    send_text(scene.socket, "there");
    assert_receives(accepted[1], "there");
    sn_socket_release(accepted[0]);
    sn_socket_release(accepted[1]);
    sn_socket_release(scene.socket);
    full_listener_release(&full);
}

TEST(a_cancelled_connect_can_be_made_again)
{
    enum transport transport = transport_of(state);
    static const struct blocked_call call = {"CONNECT", BLOCKED_CONNECT, TCP_IPV4, SN_OK};
    struct full_listener full = full_listener_make(transport);
    struct blocked_scene scene = {
        .call = &call, .socket = socket_make(transport), .address = full.address};
    thread_start_blocked(&scene.thread, blocked_scene_run, &scene);
    sn_socket_cancel(scene.socket);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&scene.thread));
    assert_false(sn_socket_is_connected(scene.socket));
    sn_socket *listener = socket_listening(transport, 1), *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    assert_ok(do_connect(scene.socket, &address));
    assert_ok(do_accept(listener, &server));
    send_text(scene.socket, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(listener);
    sn_socket_release(scene.socket);
    full_listener_release(&full);
}

/* --- Sending to a full receiver -------------------------------------------------------------- */

struct to_sender {
    sn_socket *socket;
    sn_endpoint address;
    struct thread thread;
};

static sn_error send_to_run(void *context)
{
    struct to_sender *sender = context;
    size_t sent;
    return do_send_to(sender->socket, "last", 4, SN_FLAG_NONE, &sender->address, &sent);
}

/* An unconnected Unix datagram socket polls as writable even while its receiver is full. */
TEST(a_send_to_a_full_unix_receiver_waits_until_there_is_room)
{
    struct to_sender sender = {.socket = socket_make(UNIX_DATAGRAM)};
    sn_socket *receiver = socket_bound(UNIX_DATAGRAM);
    sender.address = local_endpoint(receiver);
    set_blocking(sender.socket, false);
    size_t sent, count = 0, received = 0;
    char data[8];
    while (!sn_socket_send_to(sender.socket, "x", 1, SN_FLAG_NONE, &sender.address, &sent))
        count++;
    set_blocking(sender.socket, true);
    thread_start_blocked(&sender.thread, send_to_run, &sender);
    for (; count > 0; count--)
        assert_ok(do_receive(receiver, data, sizeof data, SN_FLAG_NONE, &received));
    assert_ok(thread_join(&sender.thread));
    assert_ok(do_receive(receiver, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(4, received);
    sn_socket_release(sender.socket);
    sn_socket_release(receiver);
}

static sn_error send_to_until_it_fails(void *context)
{
    sn_error error;
    do {
        error = send_to_run(context);
    } while (!error);
    return error;
}

TEST(the_send_timeout_ends_a_send_to_a_full_unix_receiver)
{
    struct to_sender sender = {.socket = socket_make(UNIX_DATAGRAM)};
    sn_socket *receiver = socket_bound(UNIX_DATAGRAM);
    sender.address = local_endpoint(receiver);
    assert_ok(sn_socket_set_send_timeout(sender.socket, 5));
    thread_start(&sender.thread, send_to_until_it_fails, &sender);
    (void)thread_wait_blocked(&sender.thread); /* or done already, but not spinning */
    assert_error(SN_ERROR_TIMED_OUT, thread_join(&sender.thread));
    sn_socket_release(sender.socket);
    sn_socket_release(receiver);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_TCP(the_peer_of_a_tcp_socket_that_is_closed_during_a_receive_sees_a_reset),
        ON_STREAMS(
            the_peer_sees_the_end_when_sending_was_shut_down_before_the_close_during_a_receive),
        CASE_ON(the_peer_of_a_unix_socket_that_is_closed_during_a_receive_sees_the_end,
                UNIX_STREAM),
        CASE_ON(the_peer_of_a_unix_socket_that_is_closed_during_a_receive_sees_the_end,
                UNIX_SEQPACKET),
        ON_ALL_CONNECTED(after_a_cancel_the_connection_goes_on_as_if_nothing_had_been),
        ON_ALL_CONNECTED(a_cancel_while_no_call_is_inside_changes_nothing),
        CASE(a_cancelled_accept_leaves_the_listener_working),
        CASE(cancelling_and_closing_take_null_and_a_closed_socket),
        ON_STREAMS(a_cancelled_send_that_has_moved_bytes_succeeds_with_their_count),
        ON_STREAMS(a_send_that_is_closed_in_the_middle_is_aborted),
        ON_STREAMS(closing_ends_the_sends_that_wait_behind_another_send),
        ON_STREAMS(cancelling_ends_the_sends_that_wait_behind_another_send),
        ON_LISTENERS(closing_a_listener_ends_every_accept),
        CASE(closing_or_cancelling_any_one_socket_ends_a_select_of_three),
        CASE(
            closing_a_socket_that_does_not_own_its_descriptor_ends_the_call_and_leaves_the_descriptor),
        CASE(a_receive_from_a_pipe_ends_at_close_and_at_cancel),
        CASE_ON(a_connect_to_a_full_queue_succeeds_once_there_is_room, UNIX_STREAM),
        CASE_ON(a_connect_to_a_full_queue_succeeds_once_there_is_room, UNIX_SEQPACKET),
        ON_LISTENERS(a_cancelled_connect_can_be_made_again),
        CASE(a_send_to_a_full_unix_receiver_waits_until_there_is_room),
        CASE(the_send_timeout_ends_a_send_to_a_full_unix_receiver),
    };
    return RUN(cases);
}
