/*
 * Operations whose system calls fail: what the program is told, and that it is told once.
 */
#include "fault/engines.h"
#include "fault/kernel.h"

#include <errno.h>
#include <sched.h>

#include "support/descriptors.h"
#include "support/transfer_support.h"

static sn_engine *epoll_engine(void)
{
    sn_engine *engine = NULL;
    kernel_reset();
    assert_ok(create(SN_ENGINE_BACKEND_EPOLL, 1, &engine));
    return engine;
}

TEST(a_descriptor_that_cannot_be_watched_fails_its_operation)
{
    sn_engine *engine = epoll_engine();
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char byte;
    sn_operation operation = {.timeout_ms = 60000}; /* so it needs the engine */
    assert_ok(sn_socket_set_engine(pair.client, engine));
    kernel_fail_nth(KERNEL_sys_epoll_register, 1, -ENOSPC); /* the limit of watches */
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &operation);
    assert_error(sn_error_from_native(ENOSPC), sn_operation_wait(&operation));
    assert_int_equal(operation.native_error, ENOSPC);
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &operation);
    send_text(pair.server, "x");
    assert_ok(sn_operation_wait(&operation));
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_send_whose_room_cannot_be_waited_for_fails_and_the_next_one_goes_on)
{
    sn_engine *engine = epoll_engine();
    struct socket_pair pair = pair_connected(UNIX_STREAM);
    sn_operation operation = {.timeout_ms = 60000};
    char byte;
    assert_ok(sn_socket_set_engine(pair.client, engine));
    size_t filled = fill_until_full(pair.client);
    kernel_fail_nth(KERNEL_sys_epoll_change, 1, -ENOMEM);
    sn_socket_send_async(pair.client, "x", 1, SN_FLAG_NONE, &operation);
    assert_error(sn_error_from_native(ENOMEM), sn_operation_wait(&operation));
    assert_int_equal(operation.native_error, ENOMEM);
    sn_socket_send_async(pair.client, "y", 1, SN_FLAG_NONE, &operation);
    for (; filled > 0; filled--)
        receive_exactly(pair.server, &byte, 1);
    assert_ok(sn_operation_wait(&operation));
    receive_exactly(pair.server, &byte, 1);
    assert_int_equal(byte, 'y');
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
}

TEST(the_failure_of_an_attempt_is_the_operations)
{
    static const struct {
        int native;
        sn_error error;
    } rows[] = {
        {ECONNRESET, SN_ERROR_CONNECTION_RESET},
        {ETIMEDOUT, SN_ERROR_TIMED_OUT},
        {ENOBUFS, SN_ERROR_NO_BUFFER_SPACE_AVAILABLE},
        {EPIPE, SN_ERROR_SHUTDOWN},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_engine *engine = epoll_engine();
        struct socket_pair pair = pair_connected(TCP_IPV4);
        char byte;
        sn_operation operation = {0};
        assert_ok(sn_socket_set_engine(pair.client, engine));
        kernel_fail_nth(KERNEL_sys_receive, 1, -rows[i].native);
        sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &operation);
        assert_error(rows[i].error, sn_operation_wait(&operation));
        kernel_fail_nth(KERNEL_sys_send, 1, -rows[i].native);
        sn_socket_send_async(pair.client, "x", 1, SN_FLAG_NONE, &operation);
        assert_error(rows[i].error, sn_operation_wait(&operation));
        assert_int_equal(operation.native_error, rows[i].native);
        assert_int_equal(operation.transferred, 0);
        pair_release(&pair);
        assert_ok(sn_engine_destroy(engine));
    }
}

/* Started in a callback of the worker itself, which knows the descriptor already. */
struct failing {
    sn_operation first, send;
    sn_socket *socket;
    int result;
};

static void ignore(sn_operation *operation)
{
    (void)operation;
}

static void send_that_fails(sn_operation *operation)
{
    struct failing *failing = operation->context;
    failing->send = (sn_operation){.completed = ignore};
    kernel_fail_nth(KERNEL_sys_send, 1, failing->result);
    sn_socket_send_async(failing->socket, "x", 1, SN_FLAG_NONE, &failing->send);
    assert_false(sn_operation_is_completed(&failing->send));
}

TEST(the_failure_of_what_a_callback_starts_is_told_to_the_next_callback)
{
    static const struct {
        int native, result;
        sn_error error;
    } rows[] = {
        {ECONNRESET, -ECONNRESET, SN_ERROR_CONNECTION_RESET},
        {EPIPE, -EPIPE, SN_ERROR_SHUTDOWN},
        {0, -EINTR, SN_OK}, /* made again */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_engine *engine = NULL;
        struct socket_pair pair = pair_connected(TCP_IPV4);
        struct failing failing = {.socket = pair.client, .result = rows[i].result};
        failing.first = (sn_operation){.completed = send_that_fails, .context = &failing};
        kernel_reset();
        assert_ok(create(SN_ENGINE_BACKEND_EPOLL, 0, &engine));
        assert_ok(sn_socket_set_engine(pair.client, engine));
        sn_socket_send_async(pair.client, "x", 1, SN_FLAG_NONE, &failing.first);
        while (!sn_operation_is_completed(&failing.send))
            assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
        assert_error(rows[i].error, failing.send.error);
        assert_int_equal(failing.send.native_error, rows[i].native);
        assert_int_equal(failing.send.transferred, rows[i].error ? 0 : 1);
        pair_release(&pair);
        kernel_reset();
        assert_ok(sn_engine_destroy(engine));
    }
}

static void send_in_parts(sn_engine_backend backend)
{
    sn_engine *engine = NULL;
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char data[3][12];
    sn_operation operations[3] = {0};
    kernel_reset();
    assert_ok(create(backend, 1, &engine));
    assert_ok(sn_socket_set_engine(pair.client, engine));
    kernel_limit_sends(5);
    for (int i = 0; i < 3; i++)
        sn_socket_send_async(pair.client, "twelve bytes", 12, SN_FLAG_NONE, &operations[i]);
    receive_exactly(pair.server, data, sizeof data);
    for (int i = 0; i < 3; i++) {
        assert_ok(sn_operation_wait(&operations[i]));
        assert_int_equal(operations[i].transferred, 12);
        assert_memory_equal(data[i], "twelve bytes", 12);
    }
    pair_release(&pair);
    kernel_reset();
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_send_that_the_kernel_takes_in_parts_completes_once)
{
    send_in_parts(SN_ENGINE_BACKEND_EPOLL);
    if (has_io_uring())
        send_in_parts(SN_ENGINE_BACKEND_IO_URING);
}

enum { BURST = 64, LARGE = 8 << 20 };

/* Behind a send that fills the kernel's buffer, until the peer has taken everything. `failure` is
 * what the first call for several of them says; 0: what the kernel does. */
static void send_burst(sn_engine_backend backend, int32_t failure)
{
    static char large[LARGE], sink[LARGE + BURST * 8];
    static sn_operation first, sends[BURST];
    sn_engine *engine = NULL;
    struct socket_pair pair = pair_connected(TCP_IPV4);
    kernel_reset();
    assert_ok(create(backend, 1, &engine));
    assert_ok(sn_socket_set_engine(pair.client, engine));
    first = (sn_operation){0};
    assert_ok(sn_socket_set_send_buffer_size(pair.client, 65536));
    sn_socket_send_async(pair.client, large, sizeof large, SN_FLAG_NONE, &first);
    for (int i = 0; i < BURST; i++) {
        sends[i] = (sn_operation){0};
        sn_socket_send_async(pair.client, "12345678", 8, SN_FLAG_NONE, &sends[i]);
    }
    if (failure)
        kernel_fail_nth(KERNEL_sys_send_message, 1, failure);
    receive_exactly(pair.server, sink, sizeof sink);
    assert_ok(sn_operation_wait(&first));
    for (int i = 0; i < BURST; i++) {
        assert_ok(sn_operation_wait(&sends[i]));
        assert_int_equal(sends[i].transferred, 8);
        assert_memory_equal(sink + LARGE + (size_t)i * 8, "12345678", 8);
    }
    assert_true(kernel_count(KERNEL_sys_send_message) > 0); /* a single one is not sent so */
    pair_release(&pair);
    kernel_reset();
    assert_ok(sn_engine_destroy(engine));
}

TEST(sends_that_wait_leave_together)
{
    send_burst(SN_ENGINE_BACKEND_EPOLL, 0);
    if (has_io_uring())
        send_burst(SN_ENGINE_BACKEND_IO_URING, 0);
}

/* It is no operation's result: the first is asked for alone, and the others are gathered anew. */
TEST(a_failure_of_sends_that_leave_together_is_no_ones)
{
    send_burst(SN_ENGINE_BACKEND_EPOLL, -ENOBUFS);
    if (has_io_uring())
        send_burst(SN_ENGINE_BACKEND_IO_URING, -ENOBUFS);
}

/* --- How many calls -------------------------------------------------------------------------- */

struct callback {
    sn_socket *socket;
    sn_operation post, sends[BURST];
    int pending;
};

static void note_sent(sn_operation *operation)
{
    struct callback *callback = operation->context;
    assert_int_equal(operation->transferred, 8);
    callback->pending--;
}

static void start_sends(sn_operation *post)
{
    struct callback *callback = post->context;
    for (int i = 0; i < BURST; i++) {
        callback->sends[i] = (sn_operation){.completed = note_sent, .context = callback};
        sn_socket_send_async(callback->socket, "12345678", 8, SN_FLAG_NONE, &callback->sends[i]);
    }
}

static void send_in_callback(sn_engine *engine, struct callback *callback)
{
    callback->pending = BURST;
    callback->post = (sn_operation){.completed = start_sends, .context = callback};
    sn_engine_post_async(engine, &callback->post);
    while (callback->pending > 0)
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
}

/* The first round finds out that there are several, and its first one has gone by then. */
static void count_sends(sn_engine_backend backend)
{
    static struct callback callback;
    static char received[2][BURST * 8];
    sn_engine *engine = NULL;
    struct socket_pair pair = pair_connected(TCP_IPV4);
    kernel_reset();
    assert_ok(create(backend, 0, &engine));
    assert_ok(sn_socket_set_engine(pair.client, engine));
    callback.socket = pair.client;
    for (int round = 0; round < 2; round++) {
        send_in_callback(engine, &callback);
        assert_int_equal(kernel_count(KERNEL_sys_send_message), round + 1);
    }
    receive_exactly(pair.server, received, sizeof received);
    pair_release(&pair);
    kernel_reset();
    assert_ok(sn_engine_destroy(engine));
}

TEST(sends_that_one_callback_starts_are_one_call)
{
    count_sends(SN_ENGINE_BACKEND_EPOLL);
    if (has_io_uring())
        count_sends(SN_ENGINE_BACKEND_IO_URING);
}

static void count_receives(sn_engine_backend backend)
{
    static sn_operation receives[BURST];
    static char data[BURST * 8], received[BURST][8];
    size_t sent;
    sn_engine *engine = NULL;
    struct socket_pair pair = pair_connected(TCP_IPV4);
    kernel_reset();
    assert_ok(create(backend, 0, &engine));
    assert_ok(sn_socket_set_engine(pair.client, engine));
    for (int i = 0; i < BURST; i++) {
        receives[i] = (sn_operation){0};
        sn_socket_receive_async(pair.client, received[i], 8, SN_FLAG_NONE, &receives[i]);
    }
    assert_ok(sn_engine_run(engine, 0, NULL)); /* they wait */
    assert_ok(sn_socket_send(pair.server, data, sizeof data, SN_FLAG_NONE, &sent));
    while (!sn_operation_is_completed(&receives[BURST - 1]))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    assert_int_equal(kernel_count(KERNEL_sys_receive_message), 1); /* behind the first one's */
    pair_release(&pair);
    kernel_reset();
    assert_ok(sn_engine_destroy(engine));
}

TEST(receives_that_wait_are_filled_by_one_call)
{
    count_receives(SN_ENGINE_BACKEND_EPOLL);
    if (has_io_uring())
        count_receives(SN_ENGINE_BACKEND_IO_URING);
}

/* The kernel's answer to a receive that met the message and the close behind it; see
 * sys_end_is_doubtful(). */
static void receive_after_end(enum kernel_call call, bool is_closed)
{
    struct socket_pair pair = pair_connected(UNIX_SEQPACKET);
    sn_engine *engine = epoll_engine();
    sn_endpoint from;
    sn_operation operation = {0};
    char data[8];
    size_t received = 9;
    assert_ok(sn_socket_set_engine(pair.client, engine));
    send_text(pair.server, "x");
    if (is_closed)
        sn_socket_close(pair.server);
    kernel_fail_nth(call, 1, 0);
    if (call == KERNEL_sys_receive) {
        assert_ok(sn_socket_receive(pair.client, data, sizeof data, SN_FLAG_NONE, &received));
    } else if (call == KERNEL_sys_receive_from) {
        assert_ok(
            sn_socket_receive_from(pair.client, data, sizeof data, SN_FLAG_NONE, &from, &received));
    } else {
        sn_socket_receive_async(pair.client, data, sizeof data, SN_FLAG_NONE, &operation);
        assert_ok(sn_operation_wait(&operation));
        received = operation.transferred;
    }
    assert_true(kernel_count(call) > 0); /* it was this one that was asked */
    assert_int_equal(received, is_closed ? 1 : 0);
    assert_ok(sn_socket_receive(pair.client, data, sizeof data, SN_FLAG_NONE, &received));
    assert_int_equal(received, is_closed ? 0 : 1);
    pair_release(&pair);
    kernel_reset();
    assert_ok(sn_engine_destroy(engine));
}

TEST(an_end_hides_no_message_that_came_before_it)
{
    static const enum kernel_call calls[] = {KERNEL_sys_receive, KERNEL_sys_receive_from,
                                             KERNEL_sys_receive_message};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        receive_after_end(calls[i], true);
        receive_after_end(calls[i], false); /* a message without bytes, for all that is known */
    }
}

/* Also when the first part went out on the starting thread. */
TEST(a_begun_send_that_fails_tells_the_failure)
{
    sn_engine *engine = epoll_engine();
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_operation operation = {0};
    assert_ok(sn_socket_set_engine(pair.client, engine));
    kernel_limit_sends(5);
    kernel_fail_nth(KERNEL_sys_send, 2, -EAGAIN); /* handed over */
    sn_socket_send_async(pair.client, "twelve bytes", 12, SN_FLAG_NONE, &operation);
    assert_ok(sn_operation_wait(&operation));
    assert_int_equal(operation.transferred, 12);
    kernel_fail_nth(KERNEL_sys_send, 2, -ECONNRESET);
    sn_socket_send_async(pair.client, "twelve bytes", 12, SN_FLAG_NONE, &operation);
    assert_error(SN_ERROR_CONNECTION_RESET, sn_operation_wait(&operation));
    assert_receives(pair.server, "twelve bytestwelv");
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
}

/* Everything has gone by then, and is told. */
TEST(packets_whose_disconnect_fails_tell_what_was_sent)
{
    sn_engine *engine = epoll_engine();
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_operation operation = {0};
    assert_ok(sn_socket_set_engine(pair.client, engine));
    kernel_fail_nth(KERNEL_sys_shutdown, 1, -ENOBUFS);
    const sn_file_send send = {
        .flags = SN_TRANSMIT_DISCONNECT, .before = {"pre", 3}, .after = {"post", 4}};
    sn_socket_send_file_async(pair.client, &send, &operation);
    assert_error(SN_ERROR_NO_BUFFER_SPACE_AVAILABLE, sn_operation_wait(&operation));
    assert_int_equal(operation.native_error, ENOBUFS);
    assert_int_equal(operation.transferred, 7);
    assert_receives(pair.server, "prepost");
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
}

/* The socket that a connect makes is IPv4 at first; for another address it gets a descriptor. */
TEST(a_connect_whose_next_descriptor_cannot_be_made_tells_it)
{
    sn_operation operation = {0};
    sn_endpoint remote = {0};
    kernel_reset();
    assert_ok(sn_endpoint_from_dns("::1", 9, SN_FAMILY_UNSPECIFIED, &remote));
    (void)sn_socket_os_supports_ipv4(); /* which is found out once, with a socket */
    sn_engine *engine;
    assert_ok(sn_engine_default(&engine));
    int before = (int)descriptors_count();
    kernel_fail_nth(KERNEL_sys_socket, 2, -EMFILE);
    sn_socket_create_connected_async(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &remote, &operation);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, sn_operation_wait(&operation));
    assert_null(operation.socket);
    while ((int)descriptors_count() > before) /* its worker closes what was made */
        sched_yield();
}

TEST(an_accept_without_descriptors_tells_it_and_the_listener_goes_on)
{
    sn_engine *engine = epoll_engine();
    sn_socket *listener = socket_listening(TCP_IPV4, 4), *client = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(listener);
    sn_operation operation = {0};
    assert_ok(sn_socket_set_engine(listener, engine));
    assert_ok(sn_socket_connect(client, &address));
    for (int i = 0; i < 3; i++) {
        kernel_fail_nth(KERNEL_sys_accept, 1, -EMFILE);
        sn_socket_accept_async(listener, NULL, &operation);
        assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, sn_operation_wait(&operation));
        assert_null(operation.socket);
    }
    sn_socket_accept_async(listener, NULL, &operation);
    assert_ok(sn_operation_wait(&operation));
    sn_socket_release(operation.socket);
    sn_socket_release(client);
    sn_socket_release(listener);
    assert_ok(sn_engine_destroy(engine));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_descriptor_that_cannot_be_watched_fails_its_operation),
        CASE(a_send_whose_room_cannot_be_waited_for_fails_and_the_next_one_goes_on),
        CASE(the_failure_of_an_attempt_is_the_operations),
        CASE(the_failure_of_what_a_callback_starts_is_told_to_the_next_callback),
        CASE(a_send_that_the_kernel_takes_in_parts_completes_once),
        CASE(sends_that_wait_leave_together),
        CASE(a_failure_of_sends_that_leave_together_is_no_ones),
        CASE(sends_that_one_callback_starts_are_one_call),
        CASE(receives_that_wait_are_filled_by_one_call),
        CASE(an_end_hides_no_message_that_came_before_it),
        CASE(a_begun_send_that_fails_tells_the_failure),
        CASE(packets_whose_disconnect_fails_tell_what_was_sent),
        CASE(a_connect_whose_next_descriptor_cannot_be_made_tells_it),
        CASE(an_accept_without_descriptors_tells_it_and_the_listener_goes_on),
    };
    /* It stays, and so do its descriptors: they are not what a case leaves behind. */
    sn_engine *engine;
    if (sn_engine_default(&engine))
        return 1;
    return RUN(cases);
}
