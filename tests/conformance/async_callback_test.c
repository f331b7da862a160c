/*
 * What a callback may rely on and what it may do (contract B.14, B.17): it runs once, never inside
 * the starting call, and may start, close and release anything. Traps 56, 101, 102. The stack that
 * stays flat is in async_stack_test.c, misuse in async_misuse_test.c.
 */
#include "support/async.h"

#include <semaphore.h>

/* --- Once, and elsewhere ---------------------------------------------------------------------- */

/* Trap 101, where everything could be done at once. */
TEST(a_callback_never_runs_inside_the_starting_call)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    for (int i = repetitions(100); i > 0; i--) {
        struct pending send, receive;
        char byte = 0;
        pending_init(&send);
        pending_init(&receive);
        sn_socket_send_async(pair.client, "x", 1, SN_FLAG_NONE, &send.operation);
        assert_pending(SN_OK, &send);
        wait_readable(pair.server);
        sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
        assert_pending(SN_OK, &receive);
        assert_int_equal('x', byte);
    }
    pair_release(&pair);
}

/* Trap 102; the record is all zero again only where the program makes it so. */
TEST(one_record_may_be_used_for_different_things_on_different_sockets)
{
    struct socket_pair one = pair_plain(TCP_IPV4), other = pair_plain(UNIX_DATAGRAM);
    struct pending record;
    char byte = 0;
    pending_init(&record);
    for (int i = 1; i <= 30; i += 3) {
        struct socket_pair *pair = i % 2 ? &one : &other;
        sn_socket_send_async(pair->client, "abc", pair == &one ? 1 : 3, SN_FLAG_NONE,
                             &record.operation);
        pending_wait_count(&record, i);
        assert_int_equal(SN_OPERATION_SEND, record.operation.kind);
        sn_socket_receive_async(pair->server, &byte, 1, SN_FLAG_NONE, &record.operation);
        pending_wait_count(&record, i + 1);
        assert_ok(record.operation.error);
        assert_int_equal(SN_OPERATION_RECEIVE, record.operation.kind);
        assert_int_equal(1, record.operation.transferred);
        bool is_cut = pair == &other; /* trap 56: noticed, and gone with the next run */
        assert_int_equal(is_cut ? SN_FLAG_TRUNCATED : SN_FLAG_NONE, record.operation.flags);
        sn_socket_receive_async(pair->server, NULL, 1, SN_FLAG_NONE, &record.operation);
        pending_wait_count(&record, i + 2);
        assert_error(SN_ERROR_ARGUMENT_NULL, record.operation.error);
        assert_int_equal(0, record.operation.transferred);
        assert_int_equal(SN_FLAG_NONE, record.operation.flags);
    }
    assert_int_equal(30, pending_count(&record));
    pair_release(&one);
    pair_release(&other);
}

/* Trap 76, the second half: the record keeps nothing of the buffers that it had. */
TEST(a_record_may_change_from_several_buffers_to_one)
{
    sn_socket *receiver = socket_bound(UDP_IPV4), *sender = socket_bound(UDP_IPV4);
    sn_endpoint to = local_endpoint(receiver), expected = local_endpoint(sender), from;
    char parts[2][3], whole[8];
    const sn_buffer buffers[] = {{parts[0], 3}, {parts[1], 3}};
    struct pending record;
    pending_init(&record);
    assert_ok(sn_socket_set_option(receiver, SN_LEVEL_IP, SN_OPTION_PACKET_INFORMATION, 1));
    for (int i = 1; i <= 6; i++) {
        bool is_list = i % 2;
        memset(parts, 0, sizeof parts);
        memset(whole, 0, sizeof whole);
        if (is_list)
            sn_socket_receive_message_from_buffers_async(receiver, buffers, 2, SN_FLAG_NONE, &from,
                                                         &record.operation);
        else
            sn_socket_receive_message_from_async(receiver, whole, sizeof whole, SN_FLAG_NONE, &from,
                                                 &record.operation);
        assert_ok(sn_socket_send_to(sender, "abcdef", 6, SN_FLAG_NONE, &to, NULL));
        pending_wait_count(&record, i);
        assert_ok(record.operation.error);
        assert_int_equal(6, record.operation.transferred);
        assert_memory_equal(is_list ? "abcdef" : "\0\0\0\0\0\0", parts, 6);
        assert_memory_equal(is_list ? "\0\0\0\0\0\0" : "abcdef", whole, 6);
        assert_same_endpoint(&expected, &from);
        assert_true(
            sn_ip_address_equals(&SN_IPV4_LOOPBACK, &record.operation.packet_information.address));
    }
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* Trap 57, the second half: what was asked for is not reported back. */
TEST(the_flags_of_a_record_are_what_came_and_not_what_was_asked_for)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending record;
    char byte;
    pending_init(&record);
    send_plain(pair.client, "x", 1);
    for (int i = 1; i <= 3; i++) { /* the third takes it */
        record.operation.flags = SN_FLAG_PEEK;
        sn_socket_receive_async(pair.server, &byte, 1, i < 3 ? SN_FLAG_PEEK : SN_FLAG_NONE,
                                &record.operation);
        pending_wait_count(&record, i);
        assert_ok(record.operation.error);
        assert_int_equal('x', byte);
        assert_int_equal(SN_FLAG_NONE, record.operation.flags);
        assert_int_equal(i < 3, available(pair.server));
    }
    pair_release(&pair);
}

/* Trap 17, the second half: bound when the call returns, whether the datagram has gone or not. */
TEST(an_asynchronous_send_to_binds_the_socket_from_its_start)
{
    sn_socket *receiver = socket_bound(UDP_IPV4);
    sn_endpoint to = local_endpoint(receiver), local;
    for (int i = repetitions(100); i > 0; i--) {
        sn_socket *sender = socket_make(UDP_IPV4);
        struct pending send;
        pending_init(&send);
        sn_socket_send_to_async(sender, "x", 1, SN_FLAG_NONE, &to, &send.operation);
        assert_true(sn_socket_is_bound(sender));
        assert_ok(sn_socket_get_local_endpoint(sender, &local));
        assert_int_equal(SN_ENDPOINT_IP, sn_endpoint_get_kind(&local));
        assert_pending(SN_OK, &send);
        sn_socket_release(sender);
    }
    sn_socket_release(receiver);
}

static sem_t other_calls;

static void call_another(sn_operation *operation)
{
    (void)operation;
    sem_post(&other_calls);
}

/* Trap 103; the callback is looked at when the operation starts. */
TEST(another_callback_or_none_takes_effect_for_the_next_operation)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending record;
    assert_int_equal(0, sem_init(&other_calls, 0, 0));
    pending_init(&record);
    void (*first)(sn_operation *) = record.operation.completed;
    sn_socket_send_async(pair.client, "a", 1, SN_FLAG_NONE, &record.operation);
    pending_wait_count(&record, 1);
    record.operation.completed = NULL;
    sn_socket_send_async(pair.client, "b", 1, SN_FLAG_NONE, &record.operation);
    assert_ok(sn_operation_wait(&record.operation));
    assert_int_equal(1, pending_count(&record));
    record.operation.completed = call_another;
    sn_socket_send_async(pair.client, "c", 1, SN_FLAG_NONE, &record.operation);
    assert_int_equal(0,
                     sem_wait(&other_calls)); /* a wait for the operation may end before the call */
    record.operation.completed = first;
    sn_socket_send_async(pair.client, "d", 1, SN_FLAG_NONE, &record.operation);
    pending_wait_count(&record, 2);
    int more_calls = -1;
    assert_int_equal(0, sem_getvalue(&other_calls, &more_calls));
    assert_int_equal(0, more_calls);
    char text[4];
    receive_plain(pair.server, text, 4);
    assert_memory_equal("abcd", text, 4);
    pair_release(&pair);
}

/* --- Inside a callback ------------------------------------------------------------------------ */

static void release_socket(struct pending *pending)
{
    sn_socket_release(pending->context);
}

TEST(a_callback_may_release_its_socket)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending receive;
    char byte;
    pending_init(&receive);
    receive.then = release_socket;
    receive.context = pair.server;
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    pair.server = NULL;
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &receive);
    pair_release(&pair);
}

/* An echo whose callbacks do everything, as a server's would. */
struct echo {
    struct pending receive, send;
    sn_socket *socket; /* released by the callback that sees the end */
    char data[64];
};

static void echo_received(struct pending *pending)
{
    struct echo *echo = pending->context;
    if (pending->operation.error || pending->operation.transferred == 0)
        sn_socket_release(echo->socket);
    else
        sn_socket_send_async(echo->socket, echo->data, pending->operation.transferred, SN_FLAG_NONE,
                             &echo->send.operation);
}

static void echo_sent(struct pending *pending)
{
    struct echo *echo = pending->context;
    sn_socket_receive_async(echo->socket, echo->data, sizeof echo->data, SN_FLAG_NONE,
                            &echo->receive.operation);
}

TEST(a_callback_may_start_the_next_operation)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct echo echo = {.socket = pair.server};
    pair.server = NULL;
    pending_init(&echo.receive);
    pending_init(&echo.send);
    echo.receive.then = echo_received;
    echo.send.then = echo_sent;
    echo.receive.context = echo.send.context = &echo;
    echo_sent(&echo.send);
    for (int i = 0; i < 200; i++) {
        char letter = (char)('a' + i % 26), back = 0;
        send_plain(pair.client, &letter, 1);
        receive_plain(pair.client, &back, 1);
        assert_int_equal(letter, back);
    }
    sn_socket_close(pair.client);
    pending_wait_count(&echo.receive, 201);
    assert_int_equal(200, pending_count(&echo.send));
    pair_release(&pair);
}

/* It would wait for itself, or hold up its engine. */
struct waiting {
    struct pending post;
    sn_operation never; /* pending until the socket is closed */
    sn_error errors[4];
};

static void wait_inside(struct pending *pending)
{
    struct waiting *waiting = pending->context;
    sn_operation *list[] = {&waiting->never};
    size_t index;
    waiting->errors[0] = sn_operation_wait(&waiting->never);
    waiting->errors[1] = sn_operation_wait_for(&waiting->never, 0);
    waiting->errors[2] = sn_operation_wait_any(list, 1, SN_FOREVER, &index);
    waiting->errors[3] = sn_operation_wait_all(list, 1, SN_FOREVER);
}

TEST(a_callback_that_waits_is_refused)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct waiting waiting = {.errors = {SN_OK, SN_OK, SN_OK, SN_OK}};
    char byte;
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &waiting.never);
    pending_init(&waiting.post);
    waiting.post.then = wait_inside;
    waiting.post.context = &waiting;
    sn_engine_post_async(NULL, &waiting.post.operation);
    assert_pending(SN_OK, &waiting.post);
    for (int i = 0; i < 4; i++) {
        row_begin("wait %d", i);
        row_error(SN_ERROR_INVALID_OPERATION, waiting.errors[i]);
    }
    rows_end();
    sn_socket_close(pair.server);
    assert_error(SN_ERROR_OPERATION_ABORTED, sn_operation_wait(&waiting.never));
    pair_release(&pair);
}

/* --- One at a time ---------------------------------------------------------------------------- */

static atomic_int inside;
static atomic_bool have_overlapped;

static void look_around(struct pending *pending)
{
    if (atomic_fetch_add(&inside, 1) > 0)
        atomic_store(&have_overlapped, true);
    for (int i = 0; i < 50; i++)
        (void)sn_socket_is_connected(pending->context);
    atomic_fetch_sub(&inside, 1);
}

TEST(callbacks_of_one_socket_never_overlap)
{
    enum { COUNT = 8 };
    sn_engine *engine = engine_make(2);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    assert_ok(sn_socket_set_engine(pair.server, engine));
    for (int round = 0; round < 50; round++) {
        struct pending receives[COUNT], sends[COUNT];
        char data[COUNT];
        pending_init_all(receives, COUNT);
        pending_init_all(sends, COUNT);
        for (int i = 0; i < COUNT; i++) {
            receives[i].then = sends[i].then = look_around;
            receives[i].context = sends[i].context = pair.server;
            sn_socket_receive_async(pair.server, &data[i], 1, SN_FLAG_NONE, &receives[i].operation);
            sn_socket_send_async(pair.server, "x", 1, SN_FLAG_NONE, &sends[i].operation);
        }
        send_plain(pair.client, "12345678", COUNT);
        for (int i = 0; i < COUNT; i++) {
            assert_pending(SN_OK, &receives[i]);
            assert_pending(SN_OK, &sends[i]);
        }
        receive_plain(pair.client, data, COUNT);
    }
    assert_false(atomic_load(&have_overlapped));
    pair_release(&pair);
    engine_destroy(engine);
}

/* --- Beside a callback ------------------------------------------------------------------------ */

static void wait_for_the_gate(struct pending *pending)
{
    pthread_mutex_t *gate = pending->context;
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
}

struct receiver {
    sn_socket *socket;
    struct thread thread;
};

static sn_error receive_a_byte(void *context)
{
    struct receiver *receiver = context;
    char byte;
    size_t received;
    return sn_socket_receive(receiver->socket, &byte, 1, SN_FLAG_NONE, &received);
}

/* Trap 61: every descriptor is non-blocking, and these belong to an engine whose only thread is
 * held up in a callback for as long as they wait. */
TEST(many_blocked_receives_end_without_a_thread_of_their_engine)
{
    enum { COUNT = 32 };
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    sn_engine *engine = engine_make(1);
    struct socket_pair pairs[COUNT];
    struct receiver receivers[COUNT];
    struct pending first, busy;
    char byte;
    for (int i = 0; i < COUNT; i++) {
        pairs[i] = pair_plain(i % 2 ? TCP_IPV4 : UDP_IPV4);
        receivers[i].socket = pairs[i].server;
        assert_ok(sn_socket_set_engine(pairs[i].server, engine));
        pending_init(&first);
        sn_socket_receive_async(pairs[i].server, &byte, 1, SN_FLAG_NONE, &first.operation);
        send_plain(pairs[i].client, "x", 1);
        assert_pending(SN_OK, &first);
    }
    pthread_mutex_lock(&gate);
    pending_init(&busy);
    busy.then = wait_for_the_gate;
    busy.context = &gate;
    sn_engine_post_async(engine, &busy.operation);
    for (int i = 0; i < COUNT; i++)
        thread_start_blocked(&receivers[i].thread, receive_a_byte, &receivers[i]);
    for (int i = 0; i < COUNT; i++)
        send_plain(pairs[i].client, "y", 1);
    for (int i = 0; i < COUNT; i++)
        assert_ok(thread_join(&receivers[i].thread));
    assert_int_equal(0, pending_count(&busy));
    pthread_mutex_unlock(&gate);
    assert_pending(SN_OK, &busy);
    for (int i = 0; i < COUNT; i++)
        pair_release(&pairs[i]);
    engine_destroy(engine);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(a_callback_never_runs_inside_the_starting_call),
        CASE(one_record_may_be_used_for_different_things_on_different_sockets),
        ON_ALL_CONNECTED(a_callback_may_release_its_socket),
        ON_STREAMS(a_callback_may_start_the_next_operation),
        CASE(a_callback_that_waits_is_refused),
        CASE(callbacks_of_one_socket_never_overlap),
        ON_ALL_CONNECTED(the_flags_of_a_record_are_what_came_and_not_what_was_asked_for),
        CASE(a_record_may_change_from_several_buffers_to_one),
        CASE(an_asynchronous_send_to_binds_the_socket_from_its_start),
        CASE(another_callback_or_none_takes_effect_for_the_next_operation),
        CASE(many_blocked_receives_end_without_a_thread_of_their_engine),
    };
    return RUN(cases);
}
