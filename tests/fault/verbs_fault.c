/*
 * Each blocking verb with the system call under it failing: the error comes out with its native
 * code, nothing is left behind, and the socket can be used as before.
 */
#include "fault/kernel.h"

#include <errno.h>
#include <poll.h>

#include "support/allocations.h"
#include "support/threads.h"
#include "support/transfer_support.h"

static struct socket_pair pair;
static sn_socket *result, *udp, *bound;
static sn_endpoint address;

static void open_room(void)
{
    kernel_reset();
    pair = pair_connected(TCP_IPV4);
    udp = socket_bound(UDP_IPV4);
    bound = socket_bound(TCP_IPV4);
    address = local_endpoint(pair.listener);
}

static void close_room(void)
{
    kernel_reset();
    sn_socket_release(result);
    sn_socket_release(udp);
    sn_socket_release(bound);
    pair_release(&pair);
    result = NULL;
}

/* --- The calls -------------------------------------------------------------------------------- */

static sn_error call_create(void)
{
    return sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &result);
}

static sn_error call_create_ipv6(void)
{
    return sn_socket_create(SN_FAMILY_IPV6, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &result);
}

static sn_error call_pair(void)
{
    sn_socket *ends[2] = {NULL, NULL};
    sn_error error = sn_socket_pair(SN_TYPE_STREAM, ends);
    sn_socket_release(ends[0]);
    sn_socket_release(ends[1]);
    return error;
}

static sn_error call_adopt(void)
{
    return sn_socket_from_handle(sn_socket_get_handle(pair.client), false, &result);
}

static sn_error call_bind(void)
{
    sn_endpoint any = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_error error = sn_socket_bind(socket, &any);
    row_equal(error == SN_OK, sn_socket_is_bound(socket));
    sn_socket_release(socket);
    return error;
}

static sn_error call_listen(void)
{
    return sn_socket_listen(bound, 1);
}

static sn_error call_accept(void)
{
    sn_socket *client = socket_make(TCP_IPV4);
    set_blocking(client, false);
    (void)!sn_socket_connect(client, &address);
    sn_error error = sn_socket_accept(pair.listener, &result);
    sn_socket_release(client);
    return error;
}

static sn_error call_connect(void)
{
    sn_socket *client = socket_make(TCP_IPV4);
    sn_error error = sn_socket_connect(client, &address);
    row_equal(error == SN_OK, sn_socket_is_connected(client));
    sn_socket_release(client);
    return error;
}

static sn_error call_receive(void)
{
    char data[4];
    size_t moved = 77;
    send_text(pair.server, "abcd");
    sn_error error = sn_socket_receive(pair.client, data, sizeof data, SN_FLAG_NONE, &moved);
    row_equal(error ? 77 : 4, moved);
    return error;
}

static sn_error call_receive_from(void)
{
    char data[4];
    size_t moved;
    sn_endpoint from, to = local_endpoint(udp);
    (void)!sn_socket_send_to(udp, "abcd", 4, SN_FLAG_NONE, &to, NULL);
    return sn_socket_receive_from(udp, data, sizeof data, SN_FLAG_NONE, &from, &moved);
}

static sn_error call_send(void)
{
    size_t moved = 77;
    sn_error error = sn_socket_send(pair.client, "abc", 3, SN_FLAG_NONE, &moved);
    row_equal(error ? 77 : 3, moved);
    return error;
}

static sn_error call_send_buffers(void)
{
    char data[4] = "abc";
    const sn_buffer buffers[] = {{data, 2}, {data + 2, 1}};
    return sn_socket_send_buffers(pair.client, buffers, 2, SN_FLAG_NONE, NULL);
}

static sn_error call_send_to(void)
{
    sn_endpoint to = local_endpoint(udp);
    return sn_socket_send_to(udp, "abc", 3, SN_FLAG_NONE, &to, NULL);
}

static sn_error call_shutdown(void)
{
    return sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND);
}

static sn_error call_poll(void)
{
    bool is_ready;
    return sn_socket_poll(pair.client, 0, SN_SELECT_WRITE, &is_ready);
}

static sn_error call_local(void)
{
    sn_endpoint endpoint;
    return sn_socket_get_local_endpoint(bound, &endpoint);
}

static sn_error call_available(void)
{
    size_t bytes;
    return sn_socket_get_available(pair.client, &bytes);
}

static sn_error call_set_option(void)
{
    return sn_socket_set_no_delay(pair.client, true);
}

static sn_error call_get_option(void)
{
    bool value;
    return sn_socket_get_no_delay(pair.client, &value);
}

/* --- Every call with every failure ------------------------------------------------------------ */

#define KEEPS true
#define ENDS  false /* Connected, as .NET does after an error of the socket */

static const struct fault {
    const char *name;
    sn_error (*call)(void);
    enum kernel_call kernel;
    int native;
    sn_error error;
    bool keeps_connected;
} faults[] = {
    {"create", call_create, KERNEL_sys_socket, EMFILE, SN_ERROR_TOO_MANY_OPEN_SOCKETS, KEEPS},
    {"create", call_create, KERNEL_sys_socket, ENOBUFS, SN_ERROR_NO_BUFFER_SPACE_AVAILABLE, KEEPS},
    {"create", call_create, KERNEL_sys_socket, EACCES, SN_ERROR_ACCESS_DENIED, KEEPS},
    {"create IPv6", call_create_ipv6, KERNEL_sys_set_option, ENOPROTOOPT, SN_ERROR_PROTOCOL_OPTION,
     KEEPS},
    {"pair", call_pair, KERNEL_sys_socket_pair, ENFILE, SN_ERROR_TOO_MANY_OPEN_SOCKETS, KEEPS},
    {"adopt", call_adopt, KERNEL_sys_adopt, EBADF, SN_ERROR_OPERATION_ABORTED, KEEPS},
    {"adopt", call_adopt, KERNEL_sys_is_socket, EBADF, SN_ERROR_NOT_SOCKET, KEEPS},
    {"adopt", call_adopt, KERNEL_sys_is_socket, ENOMEM, SN_ERROR_SOCKET_ERROR, KEEPS},
    {"adopt", call_adopt, KERNEL_sys_get_option, ENOBUFS, SN_ERROR_NO_BUFFER_SPACE_AVAILABLE,
     KEEPS},
    {"adopt", call_adopt, KERNEL_sys_local_name, ENOBUFS, SN_ERROR_NO_BUFFER_SPACE_AVAILABLE,
     KEEPS},
    {"adopt", call_adopt, KERNEL_sys_peer_name, ENOBUFS, SN_ERROR_NO_BUFFER_SPACE_AVAILABLE, KEEPS},
    {"bind", call_bind, KERNEL_sys_bind, EADDRINUSE, SN_ERROR_ADDRESS_ALREADY_IN_USE, KEEPS},
    {"bind", call_bind, KERNEL_sys_bind, EACCES, SN_ERROR_ACCESS_DENIED, KEEPS},
    {"listen", call_listen, KERNEL_sys_listen, EADDRINUSE, SN_ERROR_ADDRESS_ALREADY_IN_USE, KEEPS},
    {"accept", call_accept, KERNEL_sys_accept, EMFILE, SN_ERROR_TOO_MANY_OPEN_SOCKETS, KEEPS},
    {"accept", call_accept, KERNEL_sys_accept, ECONNABORTED, SN_ERROR_CONNECTION_ABORTED, KEEPS},
    {"connect", call_connect, KERNEL_sys_connect, ECONNREFUSED, SN_ERROR_CONNECTION_REFUSED, KEEPS},
    {"connect", call_connect, KERNEL_sys_connect, ENETUNREACH, SN_ERROR_NETWORK_UNREACHABLE, KEEPS},
    {"connect", call_connect, KERNEL_sys_connect, EADDRNOTAVAIL, SN_ERROR_ADDRESS_NOT_AVAILABLE,
     KEEPS},
    {"receive", call_receive, KERNEL_sys_receive, ECONNRESET, SN_ERROR_CONNECTION_RESET, ENDS},
    {"receive", call_receive, KERNEL_sys_receive, ENOBUFS, SN_ERROR_NO_BUFFER_SPACE_AVAILABLE,
     KEEPS},
    {"receive", call_receive, KERNEL_sys_receive, ENOMEM, SN_ERROR_SOCKET_ERROR, ENDS},
    {"receive from", call_receive_from, KERNEL_sys_receive_from, ECONNREFUSED,
     SN_ERROR_CONNECTION_REFUSED, KEEPS},
    {"send", call_send, KERNEL_sys_send, EPIPE, SN_ERROR_SHUTDOWN, ENDS},
    {"send", call_send, KERNEL_sys_send, ECONNRESET, SN_ERROR_CONNECTION_RESET, ENDS},
    {"send", call_send, KERNEL_sys_send, ENOBUFS, SN_ERROR_NO_BUFFER_SPACE_AVAILABLE, KEEPS},
    {"send buffers", call_send_buffers, KERNEL_sys_send_message, EPIPE, SN_ERROR_SHUTDOWN, ENDS},
    {"send to", call_send_to, KERNEL_sys_send_to, EMSGSIZE, SN_ERROR_MESSAGE_SIZE, KEEPS},
    {"send to", call_send_to, KERNEL_sys_send_to, EHOSTUNREACH, SN_ERROR_HOST_UNREACHABLE, KEEPS},
    {"shutdown", call_shutdown, KERNEL_sys_shutdown, EINVAL, SN_ERROR_INVALID_ARGUMENT, ENDS},
    {"poll", call_poll, KERNEL_sys_poll, ENOBUFS, SN_ERROR_NO_BUFFER_SPACE_AVAILABLE, KEEPS},
    {"local end point", call_local, KERNEL_sys_local_name, ENOBUFS,
     SN_ERROR_NO_BUFFER_SPACE_AVAILABLE, KEEPS},
    {"available", call_available, KERNEL_sys_available, ENOTCONN, SN_ERROR_NOT_CONNECTED, ENDS},
    {"set option", call_set_option, KERNEL_sys_set_option, EINVAL, SN_ERROR_INVALID_ARGUMENT, ENDS},
    {"get option", call_get_option, KERNEL_sys_get_option, EINVAL, SN_ERROR_INVALID_ARGUMENT, ENDS},
};

static void play(const struct fault *fault)
{
    row_begin("%s: %s", fault->name, strerror(fault->native));
    open_room();
    kernel_fail_nth(fault->kernel, 1, -fault->native);
    row_error(fault->error, fault->call());
    row_equal(fault->native, sn_error_last_native());
    row_equal(true, result == NULL);
    row_equal(fault->keeps_connected, sn_socket_is_connected(pair.client));
    close_room();
}

/* The same call once more, with nothing in its way. */
static void play_again(const struct fault *fault)
{
    row_begin("%s after %s", fault->name, strerror(fault->native));
    open_room();
    kernel_fail_nth(fault->kernel, 1, -fault->native);
    (void)fault->call();
    row_error(SN_OK, fault->call());
    close_room();
}

/* What accept(2) lists as the new connection's: a loop of accepts goes on. */
TEST(an_error_that_an_accept_is_told_of_a_connection_passes)
{
    static const int natives[] = {ENETDOWN,     EPROTO,     ENOPROTOOPT, EHOSTDOWN,    ENONET,
                                  EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, ECONNABORTED, EMFILE,
                                  ENFILE,       ENOBUFS,    ENOMEM};
    for (size_t i = 0; i < COUNT_OF(natives); i++) {
        row_begin("%s", strerror(natives[i]));
        open_room();
        kernel_fail_nth(KERNEL_sys_accept, 1, -natives[i]);
        row_equal(true, sn_error_is_transient(call_accept()));
        row_equal(natives[i], sn_error_last_native());
        row_error(SN_OK, call_accept());
        close_room();
    }
    rows_end();
}

TEST(a_failure_of_the_kernel_comes_out_and_leaves_nothing)
{
    allocations_begin();
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        play(&faults[i]);
    rows_end();
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

TEST(after_a_failure_the_call_can_be_made_again)
{
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        play_again(&faults[i]);
    rows_end();
}

/* --- Sends in parts --------------------------------------------------------------------------- */

TEST(a_send_that_the_kernel_takes_in_parts_arrives_whole)
{
    static const size_t limits[] = {1, 2, 3, 7, 11};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        char data[12] = "";
        size_t moved = 0;
        open_room();
        kernel_limit_sends(limits[i]);
        assert_ok(sn_socket_send(pair.client, "twelve bytes", 12, SN_FLAG_NONE, &moved));
        assert_int_equal(moved, 12);
        assert_int_equal(kernel_count(KERNEL_sys_send), (12 + limits[i] - 1) / limits[i]);
        receive_exactly(pair.server, data, 12);
        assert_memory_equal(data, "twelve bytes", 12);
        close_room();
    }
}

TEST(a_send_that_fails_in_the_middle_tells_the_failure)
{
    size_t moved = 77;
    open_room();
    kernel_limit_sends(3);
    kernel_fail_nth(KERNEL_sys_send, 3, -ECONNRESET);
    assert_error(SN_ERROR_CONNECTION_RESET,
                 sn_socket_send(pair.client, "twelve bytes", 12, SN_FLAG_NONE, &moved));
    assert_int_equal(moved, 6);
    /* Where nothing went out, nothing is told. */
    moved = 77;
    kernel_fail_nth(KERNEL_sys_send, 1, -ECONNRESET);
    assert_error(SN_ERROR_CONNECTION_RESET,
                 sn_socket_send(pair.client, "twelve bytes", 12, SN_FLAG_NONE, &moved));
    assert_int_equal(moved, 77);
    assert_receives(pair.server, "twelve");
    close_room();
}

/* --- Waiting ---------------------------------------------------------------------------------- */

static sn_error receive_first(void *context)
{
    char byte;
    size_t moved;
    kernel_fail_nth(KERNEL_sys_wake_open, 1, -EMFILE);
    sn_error error = sn_socket_receive(context, &byte, 1, SN_FLAG_NONE, &moved);
    return error;
}

/* A thread makes its wake event when it sleeps for the first time. */
TEST(a_thread_without_a_wake_event_does_not_wait)
{
    struct thread thread;
    open_room();
    for (int i = 0; i < 2; i++) {
        thread_start(&thread, receive_first, pair.client);
        assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, thread_join(&thread));
    }
    send_text(pair.server, "x");
    assert_receives(pair.client, "x");
    close_room();
}

static sn_error select_first(void *context)
{
    sn_socket *sockets[] = {context};
    sn_socket_list list = {.sockets = sockets, .count = 1};
    kernel_fail_nth(KERNEL_sys_wake_open, 1, -EMFILE);
    return sn_socket_select(&list, NULL, NULL, -1);
}

static sn_error send_large(void *context)
{
    static const char large[8 << 20];
    size_t sent;
    return sn_socket_send(context, large, sizeof large, SN_FLAG_NONE, &sent);
}

static sn_error send_behind(void *context)
{
    kernel_fail_nth(KERNEL_sys_wake_open, 1, -EMFILE);
    return sn_socket_send(context, "x", 1, SN_FLAG_NONE, NULL);
}

TEST(a_thread_without_a_wake_event_waits_neither_for_several_nor_for_another_send)
{
    struct thread thread, sender;
    open_room();
    thread_start(&thread, select_first, pair.client);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, thread_join(&thread));
    thread_start_blocked(&sender, send_large, pair.client);
    thread_start(&thread, send_behind, pair.client);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, thread_join(&thread));
    sn_socket_cancel(pair.client);
    assert_ok(thread_join(&sender)); /* a part has gone */
    close_room();
}

TEST(a_poll_that_fails_ends_the_call)
{
    char byte;
    size_t moved;
    open_room();
    kernel_fail_nth(KERNEL_sys_poll, 1, -ENOBUFS);
    assert_error(SN_ERROR_NO_BUFFER_SPACE_AVAILABLE,
                 sn_socket_receive(pair.client, &byte, 1, SN_FLAG_NONE, &moved));
    send_text(pair.server, "x");
    assert_receives(pair.client, "x");
    close_room();
}

/* Readiness is a hint: somebody else may have been quicker. */
TEST(a_call_that_finds_nothing_after_all_waits_again)
{
    open_room();
    send_text(pair.server, "x");
    kernel_fail_nth(KERNEL_sys_receive, 1, -EAGAIN);
    assert_receives(pair.client, "x");
    assert_int_equal(kernel_count(KERNEL_sys_receive), 2);
    close_room();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(an_error_that_an_accept_is_told_of_a_connection_passes),
        CASE(a_failure_of_the_kernel_comes_out_and_leaves_nothing),
        CASE(after_a_failure_the_call_can_be_made_again),
        CASE(a_send_that_the_kernel_takes_in_parts_arrives_whole),
        CASE(a_send_that_fails_in_the_middle_tells_the_failure),
        CASE(a_thread_without_a_wake_event_does_not_wait),
        CASE(a_thread_without_a_wake_event_waits_neither_for_several_nor_for_another_send),
        CASE(a_poll_that_fails_ends_the_call),
        CASE(a_call_that_finds_nothing_after_all_waits_again),
    };
    return RUN(cases);
}
