/*
 * ReceiveFrom (contract B.9): the datagram and who sent it. Traps 64, 65, 68, 69, 73, 77.
 */
#include "support/threads.h"
#include "support/transfer_support.h"

#include <errno.h>

static sn_endpoint receive_some(sn_socket *socket, size_t size, sn_flags flags,
                                const char *expected)
{
    char data[64] = "";
    sn_endpoint from;
    memset(&from, 0xEE, sizeof from);
    size_t received = 77;
    assert_ok(do_receive_from(socket, data, size, flags, &from, &received));
    assert_int_equal(strlen(expected), received);
    assert_string_equal(expected, data);
    return from;
}

static void send_text_to(sn_socket *socket, const char *text, sn_socket *receiver)
{
    sn_endpoint to = local_endpoint(receiver);
    assert_ok(do_send_to(socket, text, strlen(text), SN_FLAG_NONE, &to, NULL));
}

/* B.9; trap 77: a Unix sender is known by its path */
TEST(each_datagram_comes_with_its_sender)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport);
    sn_socket *senders[3];
    for (int i = 0; i < 3; i++)
        senders[i] = socket_bound(transport);
    for (int i = 0; i < 9; i++)
        send_text_to(senders[i % 3], "hello", receiver);
    for (int i = 0; i < 9; i++) {
        sn_endpoint from = receive_some(receiver, 64, SN_FLAG_NONE, "hello");
        sn_endpoint expected = local_endpoint(senders[i % 3]);
        assert_same_endpoint(&expected, &from);
        /* It can be answered as it is. */
        assert_ok(do_send_to(receiver, "answer", 6, SN_FLAG_NONE, &from, NULL));
        assert_receives(senders[i % 3], "answer");
    }
    for (int i = 0; i < 3; i++)
        sn_socket_release(senders[i]);
    sn_socket_release(receiver);
}

/* Nobody that could be answered. */
static bool is_nobody(const sn_endpoint *from)
{
    size_t size = 0;
    if (sn_endpoint_get_kind(from) == SN_ENDPOINT_UNIX)
        (void)sn_endpoint_get_unix_path(from, &size);
    else if (sn_endpoint_get_kind(from) != SN_ENDPOINT_NONE)
        return false;
    return size == 0;
}

/* B.9 "Unix datagram from an unbound sender": the kernel gives no address. .NET then leaves the end
 * point that the caller passed as it was. */
TEST(a_unix_sender_without_a_path_is_nobody)
{
    sn_socket *receiver = socket_bound(UNIX_DATAGRAM), *sender = socket_make(UNIX_DATAGRAM);
    send_text_to(sender, "hello", receiver);
    sn_endpoint from = receive_some(receiver, 64, SN_FLAG_NONE, "hello");
    assert_true(is_nobody(&from));
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

/* F.7, B.9: an abstract name arrives as it is, zero bytes included */
TEST(a_unix_sender_with_an_abstract_name_is_known_by_it)
{
    static const char name[] = "\0sennit receive_from\0test";
    sn_socket *receiver = socket_bound(UNIX_DATAGRAM), *sender = socket_make(UNIX_DATAGRAM);
    sn_endpoint local;
    assert_ok(sn_endpoint_from_unix_bytes(name, sizeof name - 1, &local));
    assert_ok(sn_socket_bind(sender, &local));
    send_text_to(sender, "hello", receiver);
    sn_endpoint from = receive_some(receiver, 64, SN_FLAG_NONE, "hello");
    assert_true(sn_endpoint_equals(&local, &from));
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

/* B.9 "not bound"; trap 65: the kernel is not asked */
TEST(an_unbound_socket_cannot_receive_from_anybody)
{
    sn_socket *socket = socket_make(transport_of(state));
    char byte = 'u';
    size_t received = 77;
    sn_endpoint from, untouched;
    memset(&from, 0xEE, sizeof from);
    untouched = from;
    assert_error(SN_ERROR_INVALID_OPERATION,
                 do_receive_from(socket, &byte, 1, SN_FLAG_NONE, &from, &received));
    assert_int_equal(0, last_native());
    assert_int_equal(77, received);
    assert_int_equal('u', byte);
    assert_memory_equal(&untouched, &from, sizeof from);
    assert_false(sn_socket_is_bound(socket));
    sn_socket_release(socket);
}

/* A.4: a send binds the socket, and then it can receive */
TEST(a_socket_that_has_sent_can_receive_from)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_make(transport), *other = socket_bound(transport);
    sn_endpoint to = local_endpoint(other), from;
    assert_ok(do_send_to(socket, "ping", 4, SN_FLAG_NONE, &to, NULL));
    from = receive_some(other, 64, SN_FLAG_NONE, "ping");
    assert_ok(do_send_to(other, "pong", 4, SN_FLAG_NONE, &from, NULL));
    from = receive_some(socket, 64, SN_FLAG_NONE, "pong");
    assert_same_endpoint(&to, &from);
    sn_socket_release(socket);
    sn_socket_release(other);
}

/* B.9 "connected TCP": it works, and the kernel supplies no address; trap 64 */
TEST(a_connected_tcp_socket_receives_from_the_wildcard_address)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    send_text(pair.client, "hello");
    sn_endpoint any = endpoint_wildcard(transport);
    sn_endpoint from = receive_some(pair.server, 2, SN_FLAG_NONE, "he");
    assert_same_endpoint(&any, &from);
    from = receive_some(pair.server, 64, SN_FLAG_NONE, "llo");
    assert_same_endpoint(&any, &from);
    sn_socket_close(pair.client);
    receive_some(pair.server, 64, SN_FLAG_NONE, ""); /* the end */
    assert_true(sn_socket_is_connected(pair.server));
    pair_release(&pair);
}

/* B.9: the same for a Unix stream and seqpacket, which have no such address */
TEST(a_connected_unix_socket_receives_from_nobody_in_particular)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "hello");
    sn_endpoint from = receive_some(pair.server, 64, SN_FLAG_NONE, "hello");
    assert_true(is_nobody(&from));
    pair_release(&pair);
}

/* B.9: a connected datagram socket hears its peer only, and names it */
TEST(a_connected_datagram_socket_names_its_peer)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    sn_socket *stranger = socket_bound(transport);
    sn_endpoint to = local_endpoint(pair.server), peer = local_endpoint(pair.client);
    (void)!do_send_to(stranger, "no", 2, SN_FLAG_NONE, &to, NULL);
    send_text(pair.client, "yes");
    sn_endpoint from = receive_some(pair.server, 64, SN_FLAG_NONE, "yes");
    assert_same_endpoint(&peer, &from);
    sn_socket_release(stranger);
    pair_release(&pair);
}

/* B.7, B.9 "too long datagram" */
TEST(what_does_not_fit_is_lost_and_the_sender_is_told)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint expected = local_endpoint(sender);
    send_text_to(sender, "too long", receiver);
    send_text_to(sender, "next", receiver);
    sn_endpoint from = receive_some(receiver, 3, SN_FLAG_NONE, "too");
    assert_same_endpoint(&expected, &from);
    receive_some(receiver, 64, SN_FLAG_NONE, "next");
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* B.7 Peek; trap 57 */
TEST(a_peek_names_the_sender_and_leaves_the_datagram)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint expected = local_endpoint(sender);
    send_text_to(sender, "data", receiver);
    for (int i = 0; i < 3; i++) {
        sn_endpoint from = receive_some(receiver, 64, i < 2 ? SN_FLAG_PEEK : SN_FLAG_NONE, "data");
        assert_same_endpoint(&expected, &from);
    }
    assert_int_equal(0, available(receiver));
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* B.7, B.9, .NET: no bytes wait for a datagram, name its sender, and leave it; trap 49 */
TEST(a_receive_of_no_bytes_names_the_sender_and_leaves_the_datagram)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint expected = local_endpoint(sender);
    send_text_to(sender, "data", receiver);
    for (int i = 0; i < 2; i++) {
        sn_endpoint from = receive_some(receiver, 0, SN_FLAG_NONE, "");
        assert_same_endpoint(&expected, &from);
        assert_int_equal(4, available(receiver));
    }
    receive_some(receiver, 64, SN_FLAG_NONE, "data");

    sn_endpoint from;
    size_t received = 77;
    set_blocking(receiver, false);
    assert_error(SN_ERROR_WOULD_BLOCK,
                 do_receive_from(receiver, NULL, 0, SN_FLAG_NONE, &from, &received));
    assert_int_equal(77, received);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

struct from_thread {
    sn_socket *socket;
    size_t size;
    sn_endpoint from;
    char data[16];
    size_t received;
};

static sn_error receive_from_once(void *context)
{
    struct from_thread *call = context;
    return do_receive_from(call->socket, call->size ? call->data : NULL, call->size, SN_FLAG_NONE,
                           &call->from, &call->received);
}

/* trap 49 on a stream: a receive of no bytes waits there too */
TEST(a_receive_of_no_bytes_waits_for_data_on_a_stream)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct from_thread call = {.socket = pair.server, .size = 0, .received = 77};
    struct thread thread;
    thread_start_blocked(&thread, receive_from_once, &call);
    send_text(pair.client, "data");
    assert_ok(thread_join(&thread));
    assert_int_equal(0, call.received);
    assert_int_equal(4, available(pair.server));
    pair_release(&pair);
}

/* B.9: it waits for the datagram */
TEST(a_receive_from_waits_for_a_datagram)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    struct from_thread call = {.socket = receiver, .size = sizeof call.data};
    struct thread thread;
    thread_start_blocked(&thread, receive_from_once, &call);
    send_text_to(sender, "late", receiver);
    assert_ok(thread_join(&thread));
    assert_int_equal(4, call.received);
    sn_endpoint expected = local_endpoint(sender);
    assert_same_endpoint(&expected, &call.from);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* A.10; trap 68 */
TEST(a_blocked_receive_from_is_interrupted_by_a_close)
{
    sn_socket *receiver = socket_bound(transport_of(state));
    struct from_thread call = {.socket = receiver, .size = sizeof call.data, .received = 77};
    struct thread thread;
    thread_start_blocked(&thread, receive_from_once, &call);
    sn_socket_close(receiver);
    assert_ended_by_close(SN_ERROR_INTERRUPTED, thread_join(&thread));
    assert_int_equal(77, call.received);
    sn_socket_release(receiver);
}

/* B.7 ReceiveTimeout, B.9; trap 62 */
TEST(a_receive_from_that_waits_too_long_times_out)
{
    sn_socket *receiver = socket_bound(transport_of(state));
    assert_ok(sn_socket_set_receive_timeout(receiver, 10));
    char byte = 'u';
    size_t received = 77;
    sn_endpoint from, untouched;
    memset(&from, 0xEE, sizeof from);
    untouched = from;
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_socket_receive_from(receiver, &byte, 1, SN_FLAG_NONE, &from, &received));
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_socket_receive_from(receiver, NULL, 0, SN_FLAG_NONE, &from, &received));
    set_blocking(receiver, false);
    assert_error(SN_ERROR_WOULD_BLOCK,
                 do_receive_from(receiver, &byte, 1, SN_FLAG_NONE, &from, &received));
    assert_int_equal(77, received);
    assert_int_equal('u', byte);
    assert_memory_equal(&untouched, &from, sizeof from);
    sn_socket_release(receiver);
}

/* B.7: unconnected and listening streams */
TEST(a_bound_stream_without_a_peer_says_so)
{
    static const struct {
        enum transport transport;
        sn_error error;
    } cases[] = {
        {TCP_IPV4, SN_ERROR_NOT_CONNECTED},
        {UNIX_STREAM, SN_ERROR_INVALID_ARGUMENT},
        {UNIX_SEQPACKET, SN_ERROR_NOT_CONNECTED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (int listening = 0; listening <= 1; listening++) {
            for (int size = 0; size <= 1; size++) {
                row_begin("%s, listening %d, size %d", transport_name(cases[i].transport),
                          listening, size);
                sn_socket *socket = listening ? socket_listening(cases[i].transport, 1)
                                              : socket_bound(cases[i].transport);
                char byte;
                size_t received = 77;
                sn_endpoint from;
                row_error(cases[i].error, do_receive_from(socket, &byte, (size_t)size, SN_FLAG_NONE,
                                                          &from, &received));
                row_equal(77, received);
                sn_socket_release(socket);
            }
        }
    }
    rows_end();
}

/* B.7 "connected UDP, peer port closed" */
TEST(a_datagram_that_nobody_took_is_told_to_the_next_receive_from)
{
    sn_socket *socket = socket_make(transport_of(state));
    sn_endpoint nobody = deserted_endpoint(sn_socket_get_address_family(socket)), from;
    assert_ok(do_connect(socket, &nobody));
    char byte;
    size_t received = 77;
    for (size_t size = 0; size <= 1; size++) {
        assert_ok(do_send(socket, "x", 1, SN_FLAG_NONE, NULL));
        wait_error(socket);
        assert_error(SN_ERROR_CONNECTION_REFUSED,
                     do_receive_from(socket, &byte, size, SN_FLAG_NONE, &from, &received));
    }
    assert_int_equal(77, received);
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
}

/* D.5 */
TEST(a_flag_that_cannot_be_given_to_a_receive_from_is_refused)
{
    for (int bit = 0; bit < 32; bit++) {
        sn_flags flag = (sn_flags)1 << bit;
        if (flag & (SN_FLAG_DONT_WAIT | SN_FLAG_MORE | SN_FLAG_TRUNCATE | SN_FLAG_WAIT_ALL))
            continue; /* none of .NET's: native_flags_test.c */
        bool is_accepted = flag & (SN_FLAG_OUT_OF_BAND | SN_FLAG_PEEK | SN_FLAG_DONT_ROUTE |
                                   SN_FLAG_TRUNCATED | SN_FLAG_CONTROL_DATA_TRUNCATED);
        row_begin("flag 0x%x", flag);
        sn_socket *receiver = socket_bound(UDP_IPV4), *sender = socket_bound(UDP_IPV4);
        send_text_to(sender, "data", receiver);
        wait_readable(receiver);
        char data[8];
        size_t received = 77;
        sn_endpoint from;
        row_error(is_accepted ? SN_OK : SN_ERROR_OPERATION_NOT_SUPPORTED,
                  do_receive_from(receiver, data, sizeof data, flag, &from, &received));
        row_equal(is_accepted ? 4 : 77, received);
        sn_socket_release(receiver);
        sn_socket_release(sender);
    }
    rows_end();
}

/* A.8; trap 69 */
TEST(shutdown_of_an_unconnected_udp_socket_fails)
{
    static const sn_shutdown hows[] = {SN_SHUTDOWN_RECEIVE, SN_SHUTDOWN_SEND, SN_SHUTDOWN_BOTH};
    for (int bound = 0; bound <= 1; bound++) {
        sn_socket *socket =
            bound ? socket_bound(transport_of(state)) : socket_make(transport_of(state));
        for (size_t i = 0; i < COUNT_OF(hows); i++) {
            row_begin("bound %d, how %d", bound, (int)hows[i]);
            row_error(SN_ERROR_NOT_CONNECTED, sn_socket_shutdown(socket, hows[i]));
        }
        sn_socket_release(socket);
    }
    rows_end();
}

#define ON_DATAGRAM_SOCKETS(test) ON_UDP(test), CASE_ON(test, UNIX_DATAGRAM)

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_DATAGRAM_SOCKETS(each_datagram_comes_with_its_sender),
        CASE(a_unix_sender_without_a_path_is_nobody),
        CASE(a_unix_sender_with_an_abstract_name_is_known_by_it),
        ON_ALL_CONNECTED(an_unbound_socket_cannot_receive_from_anybody),
        ON_UDP(a_socket_that_has_sent_can_receive_from),
        ON_TCP(a_connected_tcp_socket_receives_from_the_wildcard_address),
        CASE_ON(a_connected_unix_socket_receives_from_nobody_in_particular, UNIX_STREAM),
        CASE_ON(a_connected_unix_socket_receives_from_nobody_in_particular, UNIX_SEQPACKET),
        ON_DATAGRAM_SOCKETS(a_connected_datagram_socket_names_its_peer),
        ON_DATAGRAM_SOCKETS(what_does_not_fit_is_lost_and_the_sender_is_told),
        ON_DATAGRAM_SOCKETS(a_peek_names_the_sender_and_leaves_the_datagram),
        ON_DATAGRAM_SOCKETS(a_receive_of_no_bytes_names_the_sender_and_leaves_the_datagram),
        ON_LISTENERS(a_receive_of_no_bytes_waits_for_data_on_a_stream),
        ON_DATAGRAM_SOCKETS(a_receive_from_waits_for_a_datagram),
        ON_DATAGRAM_SOCKETS(a_blocked_receive_from_is_interrupted_by_a_close),
        ON_DATAGRAM_SOCKETS(a_receive_from_that_waits_too_long_times_out),
        CASE(a_bound_stream_without_a_peer_says_so),
        ON_UDP(a_datagram_that_nobody_took_is_told_to_the_next_receive_from),
        CASE(a_flag_that_cannot_be_given_to_a_receive_from_is_refused),
        ON_UDP(shutdown_of_an_unconnected_udp_socket_fails),
    };
    return RUN(cases);
}
