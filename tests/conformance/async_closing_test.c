/* sn_socket_close_async(): everything is over when it completes. */
#include "support/async.h"

#include <errno.h>
#include <fcntl.h>

#include "support/children.h"

static bool is_open(int handle)
{
    return fcntl(handle, F_GETFD) >= 0;
}

static sn_error close_and_wait(sn_socket *socket)
{
    sn_operation close = {0};
    sn_socket_close_async(socket, &close);
    sn_error error = sn_operation_wait(&close);
    assert_int_equal(close.kind, SN_OPERATION_CLOSE);
    return error;
}

TEST(a_close_that_is_told_closes_any_socket)
{
    sn_socket *socket = socket_make(transport_of(state));
    int handle = sn_socket_get_handle(socket);
    assert_ok(close_and_wait(socket));
    assert_false(is_open(handle));
    assert_ok(close_and_wait(socket)); /* again */
    struct pending again;
    pending_init(&again);
    sn_socket_close_async(socket, &again.operation);
    assert_pending(SN_OK, &again);
    sn_socket_release(socket);
}

TEST(without_a_socket_it_says_so)
{
    struct pending pending;
    assert_error(SN_ERROR_ARGUMENT_NULL, close_and_wait(NULL));
    pending_init(&pending);
    sn_socket_close_async(NULL, &pending.operation);
    assert_pending(SN_ERROR_ARGUMENT_NULL, &pending);
    sn_socket_close_async(NULL, NULL);
}

/* Its own callback comes behind all others of the socket. */
TEST(it_completes_when_every_operation_has_and_the_descriptor_is_closed)
{
    enum { COUNT = 3 };
    for (int i = repetitions(50); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending receives[COUNT], close;
        char data[COUNT];
        int handle = sn_socket_get_handle(pair.server);
        pending_init_all(receives, COUNT);
        pending_init(&close);
        places_reset();
        for (int k = 0; k < COUNT; k++)
            sn_socket_receive_async(pair.server, &data[k], 1, SN_FLAG_NONE, &receives[k].operation);
        sn_socket_close_async(pair.server, &close.operation);
        assert_pending(SN_OK, &close);
        assert_false(is_open(handle));
        assert_int_equal(close.place, COUNT + 1);
        for (int k = 0; k < COUNT; k++)
            assert_pending(SN_ERROR_OPERATION_ABORTED, &receives[k]);
        pair_release(&pair);
    }
}

TEST(waiting_for_it_waits_for_all_operations)
{
    for (int i = repetitions(50); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        sn_operation receive = {0};
        char byte;
        sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive);
        assert_ok(close_and_wait(pair.server));
        assert_true(sn_operation_is_completed(&receive));
        assert_error(SN_ERROR_OPERATION_ABORTED, receive.error);
        pair_release(&pair);
    }
}

static void release_in_callback(struct pending *pending)
{
    sn_socket_release(pending->context);
}

TEST(its_callback_may_release_the_socket)
{
    for (int i = repetitions(50); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending receive, close;
        char byte;
        pending_init(&receive);
        pending_init(&close);
        close.then = release_in_callback;
        close.context = pair.server;
        sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
        sn_socket_close_async(pair.server, &close.operation);
        assert_pending(SN_OK, &close);
        assert_pending(SN_ERROR_OPERATION_ABORTED, &receive);
        pair.server = NULL;
        pair_release(&pair);
    }
}

static sn_error block_in_receive(void *socket)
{
    char byte;
    size_t count;
    return sn_socket_receive(socket, &byte, 1, SN_FLAG_NONE, &count);
}

TEST(it_waits_for_blocked_calls_to_leave)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct thread thread;
    int handle = sn_socket_get_handle(pair.server);
    thread_start_blocked(&thread, block_in_receive, pair.server);
    assert_ok(close_and_wait(pair.server));
    assert_false(is_open(handle));
    assert_error(SN_ERROR_CONNECTION_ABORTED, thread_join(&thread));
    pair_release(&pair);
}

static void assert_run_until_closed(sn_engine *engine, sn_operation *close)
{
    size_t count = 0;
    while (!sn_operation_is_completed(close)) {
        assert_ok(sn_engine_run(engine, SN_FOREVER, &count));
        assert_int_not_equal(count, 0);
    }
    assert_ok(close->error);
}

/* Running it without a limit returned for everything but the end of a close, and hung. */
TEST(whoever_drives_an_engine_is_told_of_the_end_of_a_close)
{
    sn_engine *engine = engine_make(0);
    for (int has_pending = 0; has_pending < 2; has_pending++) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        sn_operation receive = {0}, close = {0}, again = {0};
        char byte;
        assert_ok(sn_socket_set_engine(pair.server, engine));
        if (has_pending)
            sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive);
        sn_socket_close_async(pair.server, &close);
        assert_run_until_closed(engine, &close);
        if (has_pending)
            assert_error(SN_ERROR_OPERATION_ABORTED, sn_operation_wait(&receive));
        sn_socket_close_async(pair.server, &again);
        assert_ok(sn_operation_wait(&again)); /* of what is closed nobody has to be told */
        pair_release(&pair);
    }
    engine_destroy(engine);
}

TEST(whoever_drives_an_engine_is_told_of_a_close_that_another_thread_ends)
{
    sn_engine *engine = engine_make(0);
    for (int i = repetitions(50); i > 0; i--) {
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct thread thread;
        sn_operation close = {0};
        assert_ok(sn_socket_set_engine(pair.server, engine));
        thread_start(&thread, block_in_receive, pair.server);
        assert_true(thread_wait_in_call(&thread));
        sn_socket_close_async(pair.server, &close);
        assert_run_until_closed(engine, &close);
        assert_error(SN_ERROR_CONNECTION_ABORTED, thread_join(&thread));
        pair_release(&pair);
    }
    engine_destroy(engine);
}

/* The end of a close was told to an engine that was gone, and to nobody. */
TEST(a_socket_that_outlives_its_engine_tells_the_end_of_a_close_too)
{
    for (int is_closed_before = 0; is_closed_before < 2; is_closed_before++) {
        for (int threads = 0; threads < 2; threads++) {
            sn_engine *engine = engine_make(threads);
            struct socket_pair pair = pair_plain(TCP_IPV4);
            struct pending close;
            assert_ok(sn_socket_set_engine(pair.server, engine));
            if (is_closed_before)
                sn_socket_close(pair.server);
            engine_destroy(engine);
            pending_init(&close);
            sn_socket_close_async(pair.server, &close.operation);
            assert_pending(SN_OK, &close);
            pair_release(&pair);
        }
    }
}

/* A socket that an accept is to use is not closed before that has ended. */
static int close_in_child(void *socket)
{
    sn_operation close = {0};
    int handle = sn_socket_get_handle(socket);
    sn_socket_close_async(socket, &close);
    CHILD_EXPECT(sn_operation_wait(&close) == SN_OK);
    CHILD_EXPECT(!is_open(handle));
    return 0;
}

TEST(a_forked_child_closes_its_copy_so_too)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending receive;
    char byte;
    pending_init(&receive);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    assert_int_equal(child_run(close_in_child, pair.server), 0);
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &receive);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_ON(a_close_that_is_told_closes_any_socket, TCP_IPV4),
        CASE_ON(a_close_that_is_told_closes_any_socket, UDP_IPV4),
        CASE_ON(a_close_that_is_told_closes_any_socket, UNIX_STREAM),
        CASE(without_a_socket_it_says_so),
        CASE(it_completes_when_every_operation_has_and_the_descriptor_is_closed),
        CASE(waiting_for_it_waits_for_all_operations),
        CASE(its_callback_may_release_the_socket),
        CASE(it_waits_for_blocked_calls_to_leave),
        CASE(whoever_drives_an_engine_is_told_of_the_end_of_a_close),
        CASE(whoever_drives_an_engine_is_told_of_a_close_that_another_thread_ends),
        CASE(a_socket_that_outlives_its_engine_tells_the_end_of_a_close_too),
        CASE(a_forked_child_closes_its_copy_so_too),
    };
    return RUN(cases);
}
