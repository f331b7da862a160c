/* sn_socket_detach_async(): what is pending, callbacks, and who else wants the socket. */
#include "support/async.h"

#include <sys/socket.h>
#include <unistd.h>

#include "support/descriptors.h"
#include "support/threads.h"

static void start_detach(sn_socket *socket, sn_handle *handle, struct pending *detach)
{
    *handle = SN_HANDLE_NONE;
    assert_true(sn_socket_detach_async(socket, false, handle, &detach->operation));
}

static sn_socket *adopted(sn_handle handle)
{
    sn_socket *socket = NULL;
    assert_ok(sn_socket_from_handle(handle, true, &socket));
    return socket;
}

TEST(it_completes_behind_every_operation_of_the_socket)
{
    enum { COUNT = 3 };
    for (int i = repetitions(50); i > 0; i--) {
        struct socket_pair pair = pair_plain(transport_of(state));
        struct pending receives[COUNT], detach;
        char data[COUNT];
        sn_handle handle;
        pending_init_all(receives, COUNT);
        pending_init(&detach);
        places_reset();
        for (int k = 0; k < COUNT; k++)
            sn_socket_receive_async(pair.server, &data[k], 1, SN_FLAG_NONE, &receives[k].operation);
        start_detach(pair.server, &handle, &detach);
        assert_pending(SN_OK, &detach);
        assert_int_equal(detach.place, COUNT + 1);
        assert_int_equal(detach.operation.kind, SN_OPERATION_DETACH);
        for (int k = 0; k < COUNT; k++)
            assert_pending(SN_ERROR_OPERATION_ABORTED, &receives[k]);
        sn_socket *other = adopted(handle);
        send_plain(pair.client, "x", 1);
        receive_plain(other, data, 1); /* nobody else takes it */
        sn_socket_release(other);
        pair_release(&pair);
    }
}

/* What a ring has taken on is ended before: the datagram is for whoever has the number. */
TEST(nothing_pending_takes_what_comes_afterwards)
{
    for (int i = repetitions(50); i > 0; i--) {
        struct socket_pair pair = pair_plain(transport_of(state));
        sn_operation receive = {0}, detach = {0};
        char before, after = 0;
        sn_handle handle = SN_HANDLE_NONE;
        sn_socket_receive_async(pair.server, &before, 1, SN_FLAG_NONE, &receive);
        assert_false(sn_operation_is_completed(&receive)); /* a worker has it now */
        sn_socket_detach_async(pair.server, true, &handle, &detach);
        assert_ok(sn_operation_wait(&detach));
        assert_true(sn_operation_is_completed(&receive));
        assert_error(SN_ERROR_OPERATION_ABORTED, receive.error);
        send_plain(pair.client, "y", 1);
        assert_int_equal(recv(handle, &after, 1, 0), 1);
        assert_int_equal(after, 'y');
        close(handle);
        pair_release(&pair);
    }
}

/* It tells how much of it went, and the peer gets that and what comes through the number. */
TEST(a_send_that_is_cut_leaves_the_connection_as_it_is)
{
    enum { SIZE = 8 << 20 };
    static unsigned char data[SIZE], received[SIZE];
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending send, detach;
    sn_handle handle;
    pending_init(&send);
    pending_init(&detach);
    fill_pattern(data, SIZE, 0);
    sn_socket_send_async(pair.client, data, SIZE, SN_FLAG_NONE, &send.operation);
    wait_readable(pair.server);
    start_detach(pair.client, &handle, &detach);
    assert_pending(SN_OK, &detach);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &send);
    size_t sent = send.operation.transferred;
    assert_in_range(sent, 1, SIZE - 1);
    receive_plain(pair.server, received, sent);
    assert_true(is_pattern(received, sent, 0));
    sn_socket *other = adopted(handle);
    send_plain(other, "rest", 4);
    receive_plain(pair.server, received, 4);
    assert_memory_equal(received, "rest", 4);
    sn_socket_release(other);
    assert_receives_end(pair.server);
    pair_release(&pair);
}

/* --- Callbacks -------------------------------------------------------------------------------- */

static void release_in_callback(struct pending *pending)
{
    sn_socket_release(pending->context);
}

TEST(its_callback_may_release_the_socket)
{
    for (int i = repetitions(50); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending receive, detach;
        sn_handle handle;
        char byte;
        pending_init(&receive);
        pending_init(&detach);
        detach.then = release_in_callback;
        detach.context = pair.server;
        sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
        start_detach(pair.server, &handle, &detach);
        assert_pending(SN_OK, &detach);
        assert_pending(SN_ERROR_OPERATION_ABORTED, &receive);
        close(handle);
        pair.server = NULL;
        pair_release(&pair);
    }
}

struct in_callback {
    sn_socket *socket;
    sn_error blocking;
    struct pending detach;
    sn_handle handle;
};

static void detach_in_callback(struct pending *pending)
{
    struct in_callback *here = pending->context;
    sn_handle ignored;
    here->blocking = sn_socket_detach(here->socket, false, &ignored);
    sn_socket_detach_async(here->socket, false, &here->handle, &here->detach.operation);
}

TEST(in_a_callback_the_number_comes_by_an_operation_alone)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct in_callback here = {.socket = pair.server, .handle = SN_HANDLE_NONE};
    struct pending first, second;
    char data[2];
    pending_init(&here.detach);
    pending_init(&first);
    pending_init(&second);
    first.then = detach_in_callback;
    first.context = &here;
    sn_socket_receive_async(pair.server, &data[0], 1, SN_FLAG_NONE, &first.operation);
    sn_socket_receive_async(pair.server, &data[1], 1, SN_FLAG_NONE, &second.operation);
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &first);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &second);
    assert_pending(SN_OK, &here.detach);
    assert_error(SN_ERROR_INVALID_OPERATION, here.blocking);
    assert_true(descriptor_is_open(here.handle));
    close(here.handle);
    pair_release(&pair);
}

/* --- Driven engines --------------------------------------------------------------------------- */

TEST(whoever_drives_an_engine_detaches_by_an_operation)
{
    sn_engine *engine = engine_make(0);
    for (int has_pending = 0; has_pending < 2; has_pending++) {
        struct socket_pair pair = pair_plain(transport_of(state));
        sn_operation receive = {0}, detach = {0};
        sn_handle handle = SN_HANDLE_NONE;
        char byte;
        size_t count;
        assert_ok(sn_socket_set_engine(pair.server, engine));
        if (has_pending)
            sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive);
        assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_detach(pair.server, true, &handle));
        sn_socket_detach_async(pair.server, true, &handle, &detach);
        while (!sn_operation_is_completed(&detach))
            assert_ok(sn_engine_run(engine, SN_FOREVER, &count));
        assert_ok(detach.error);
        if (has_pending)
            assert_error(SN_ERROR_OPERATION_ABORTED, sn_operation_wait(&receive));
        assert_true(descriptor_is_open(handle));
        close(handle);
        pair_release(&pair);
    }
    engine_destroy(engine);
}

TEST(a_socket_that_outlives_its_engine_is_detached_too)
{
    for (int threads = 0; threads < 2; threads++) {
        sn_engine *engine = engine_make(threads);
        struct socket_pair pair = pair_plain(TCP_IPV4);
        sn_handle handle = SN_HANDLE_NONE;
        assert_ok(sn_socket_set_engine(pair.server, engine));
        engine_destroy(engine);
        assert_ok(sn_socket_detach(pair.server, true, &handle));
        assert_true(descriptor_is_open(handle));
        close(handle);
        pair_release(&pair);
    }
}

/* --- Who else wants it ------------------------------------------------------------------------ */

static sn_error close_it(void *socket)
{
    sn_socket_close(socket);
    return SN_OK;
}

/* One of the two has it. */
TEST(a_close_at_the_same_time_closes_it_or_leaves_it_alone)
{
    for (int i = repetitions(200); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending receive, detach;
        struct thread thread;
        sn_handle handle;
        char byte;
        pending_init(&receive);
        pending_init(&detach);
        sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
        thread_start(&thread, close_it, pair.server);
        start_detach(pair.server, &handle, &detach);
        pending_wait(&detach);
        assert_ok(thread_join(&thread));
        if (detach.operation.error) {
            assert_error(SN_ERROR_OBJECT_DISPOSED, detach.operation.error);
            assert_int_equal(handle, SN_HANDLE_NONE);
        } else {
            assert_true(descriptor_is_open(handle));
            close(handle);
        }
        assert_pending(SN_ERROR_OPERATION_ABORTED, &receive);
        pair_release(&pair);
    }
}

TEST(of_two_detaches_one_gets_the_number)
{
    for (int i = repetitions(50); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending receive, first, second;
        sn_handle handle, none;
        char byte;
        pending_init(&receive);
        pending_init(&first);
        pending_init(&second);
        sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
        start_detach(pair.server, &handle, &first);
        start_detach(pair.server, &none, &second);
        assert_pending(SN_OK, &first);
        assert_pending(SN_ERROR_OBJECT_DISPOSED, &second);
        assert_int_equal(none, SN_HANDLE_NONE);
        close(handle);
        assert_pending(SN_ERROR_OPERATION_ABORTED, &receive);
        pair_release(&pair);
    }
}

/* The number is the program's or closed, and never both or neither. */
TEST(a_cancel_at_the_same_time_closes_it_or_comes_too_late)
{
    for (int i = repetitions(200); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending receive, detach;
        sn_handle handle;
        char byte;
        pending_init(&receive);
        pending_init(&detach);
        sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
        start_detach(pair.server, &handle, &detach);
        sn_operation_cancel(&detach.operation);
        pending_wait(&detach);
        if (detach.operation.error) {
            assert_error(SN_ERROR_OPERATION_CANCELED, detach.operation.error);
            assert_int_equal(handle, SN_HANDLE_NONE);
        } else {
            close(handle);
        }
        assert_pending(SN_ERROR_OPERATION_ABORTED, &receive);
        pair_release(&pair); /* whoever leaks one is found by the check behind each case */
    }
}

TEST(without_an_idle_record_nothing_happens)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_operation receive = {0};
    sn_handle handle = 77;
    char byte;
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive);
    assert_false(sn_socket_detach_async(pair.server, true, &handle, &receive));
    assert_false(sn_socket_detach_async(pair.server, true, &handle, NULL));
    send_plain(pair.client, "x", 1);
    assert_ok(sn_operation_wait(&receive));
    assert_int_equal(handle, 77);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(it_completes_behind_every_operation_of_the_socket),
        ON_ALL_CONNECTED(nothing_pending_takes_what_comes_afterwards),
        ON_STREAMS(a_send_that_is_cut_leaves_the_connection_as_it_is),
        CASE(its_callback_may_release_the_socket),
        ON_STREAMS(in_a_callback_the_number_comes_by_an_operation_alone),
        ON_STREAMS(whoever_drives_an_engine_detaches_by_an_operation),
        CASE(a_socket_that_outlives_its_engine_is_detached_too),
        CASE(a_close_at_the_same_time_closes_it_or_leaves_it_alone),
        CASE(of_two_detaches_one_gets_the_number),
        CASE(a_cancel_at_the_same_time_closes_it_or_comes_too_late),
        CASE(without_an_idle_record_nothing_happens),
    };
    return RUN(cases);
}
