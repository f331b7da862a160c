/*
 * Close, Close(timeout) and release (contract A.9; traps 96, 97, 106 and 107): what the peer sees,
 * what becomes of the descriptor and of a Unix socket's file, and what a closed socket still
 * answers. Closing under a blocked call is in blocked_call_test.c and close_race_test.c.
 */
#include "support/run.h"

#include <sennit/dotnet.h>

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

static bool file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

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

/* --- A closed socket ------------------------------------------------------------------------- */

TEST(a_closed_socket_still_says_what_it_was)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    sn_socket_close(pair.client);
    assert_int_equal(transport_family(transport), sn_socket_get_address_family(pair.client));
    assert_int_equal(transport_type(transport), sn_socket_get_socket_type(pair.client));
    assert_int_equal(transport_protocol(transport), sn_socket_get_protocol_type(pair.client));
    assert_true(sn_socket_is_blocking(pair.client));
    assert_true(sn_socket_is_bound(pair.client));
    assert_false(sn_socket_is_connected(pair.client));
    assert_int_equal(SN_HANDLE_NONE, sn_socket_get_handle(pair.client));
    pair_release(&pair);
}

static sn_error call_bind(sn_socket *socket)
{
    return sn_socket_bind(socket, NULL);
}
static sn_error call_listen(sn_socket *socket)
{
    return sn_socket_listen(socket, 1);
}
static sn_error call_accept(sn_socket *socket)
{
    return sn_socket_accept(socket, NULL);
}
static sn_error call_connect(sn_socket *socket)
{
    return sn_socket_connect(socket, NULL);
}
static sn_error call_connect_host(sn_socket *socket)
{
    return sn_socket_connect_host(socket, NULL, -1);
}
static sn_error call_connect_addresses(sn_socket *socket)
{
    return sn_socket_connect_addresses(socket, NULL, 0, 65536);
}
static sn_error call_shutdown(sn_socket *socket)
{
    return sn_socket_shutdown(socket, (sn_shutdown)9);
}
static sn_error call_disconnect(sn_socket *socket)
{
    return sn_socket_disconnect(socket, true);
}
static sn_error call_send(sn_socket *socket)
{
    return sn_socket_send(socket, NULL, 1, 0xFFFFFFFF, NULL);
}
static sn_error call_send_buffers(sn_socket *socket)
{
    return sn_socket_send_buffers(socket, NULL, 0, SN_FLAG_NONE, NULL);
}
static sn_error call_send_to(sn_socket *socket)
{
    return sn_socket_send_to(socket, NULL, 1, SN_FLAG_NONE, NULL, NULL);
}
static sn_error call_receive(sn_socket *socket)
{
    return sn_socket_receive(socket, NULL, 1, 0xFFFFFFFF, NULL);
}
static sn_error call_receive_buffers(sn_socket *socket)
{
    return sn_socket_receive_buffers(socket, NULL, 0, SN_FLAG_NONE, NULL);
}
static sn_error call_receive_from(sn_socket *socket)
{
    return sn_socket_receive_from(socket, NULL, 1, SN_FLAG_NONE, NULL, NULL);
}
static sn_error call_poll(sn_socket *socket)
{
    return sn_socket_poll(socket, INT_MIN, SN_SELECT_READ, NULL);
}
static sn_error call_io_control(sn_socket *socket)
{
    return sn_socket_io_control(socket, SN_IO_CONTROL_NON_BLOCKING_IO, NULL, 0, NULL, 0, NULL);
}
static sn_error call_get_available(sn_socket *socket)
{
    return sn_socket_get_available(socket, NULL);
}
static sn_error call_get_local_endpoint(sn_socket *socket)
{
    return sn_socket_get_local_endpoint(socket, NULL);
}
static sn_error call_get_remote_endpoint(sn_socket *socket)
{
    return sn_socket_get_remote_endpoint(socket, NULL);
}
static sn_error call_set_blocking(sn_socket *socket)
{
    return sn_socket_set_blocking(socket, false);
}
static sn_error call_set_option(sn_socket *socket)
{
    return sn_socket_set_option(socket, (sn_option_level)-1, (sn_option_name)-1, 0);
}
static sn_error call_set_option_bytes(sn_socket *socket)
{
    return sn_socket_set_option_bytes(socket, SN_LEVEL_TCP, SN_OPTION_NO_DELAY, NULL, 4);
}
static sn_error call_get_option(sn_socket *socket)
{
    return sn_socket_get_option(socket, (sn_option_level)-1, (sn_option_name)-1, NULL);
}
static sn_error call_get_option_bytes(sn_socket *socket)
{
    return sn_socket_get_option_bytes(socket, SN_LEVEL_TCP, SN_OPTION_NO_DELAY, NULL, 4, NULL);
}
static sn_error call_set_raw_option(sn_socket *socket)
{
    return sn_socket_set_raw_option(socket, -1, -1, NULL, 4);
}
static sn_error call_get_raw_option(sn_socket *socket)
{
    return sn_socket_get_raw_option(socket, -1, -1, NULL, 4, NULL);
}
static sn_error call_set_multicast_option(sn_socket *socket)
{
    return sn_socket_set_multicast_option(socket, SN_OPTION_NO_DELAY, NULL);
}
static sn_error call_set_ipv6_multicast_option(sn_socket *socket)
{
    return sn_socket_set_ipv6_multicast_option(socket, SN_OPTION_NO_DELAY, NULL);
}
static sn_error call_set_linger_state(sn_socket *socket)
{
    return sn_socket_set_linger_state(socket, NULL);
}
static sn_error call_get_linger_state(sn_socket *socket)
{
    return sn_socket_get_linger_state(socket, NULL);
}
static sn_error call_set_ip_protection_level(sn_socket *socket)
{
    return sn_socket_set_ip_protection_level(socket, SN_PROTECTION_UNSPECIFIED);
}

/* UseOnlyOverlappedIO is not here: it never fails, closed or not. */
#define BOOL_PROPERTIES(X)                                                                         \
    X(no_delay)                                                                                    \
    X(dual_mode)                                                                                   \
    X(dont_fragment)                                                                               \
    X(enable_broadcast)                                                                            \
    X(exclusive_address_use)                                                                       \
    X(reuse_port)                                                                                  \
    X(reuse_address_only)                                                                          \
    X(multicast_loopback)
/* Each with a value that the setter would refuse. */
#define INT_PROPERTIES(X)                                                                          \
    X(receive_buffer_size)                                                                         \
    X(send_buffer_size)                                                                            \
    X(receive_timeout)                                                                             \
    X(send_timeout)                                                                                \
    X(connect_timeout)                                                                             \
    X(accept_timeout)                                                                              \
    X(ttl)

#define X(property)                                                                                \
    static sn_error call_get_##property(sn_socket *socket)                                         \
    {                                                                                              \
        return sn_socket_get_##property(socket, NULL);                                             \
    }                                                                                              \
    static sn_error call_set_##property(sn_socket *socket)                                         \
    {                                                                                              \
        return sn_socket_set_##property(socket, true);                                             \
    }
BOOL_PROPERTIES(X)
#undef X
#define X(property)                                                                                \
    static sn_error call_get_##property(sn_socket *socket)                                         \
    {                                                                                              \
        return sn_socket_get_##property(socket, NULL);                                             \
    }                                                                                              \
    static sn_error call_set_##property(sn_socket *socket)                                         \
    {                                                                                              \
        return sn_socket_set_##property(socket, INT_MIN);                                          \
    }
INT_PROPERTIES(X)
#undef X

static const struct {
    const char *name;
    sn_error (*call)(sn_socket *socket);
} calls[] = {
#define ROW(name)                                                                                  \
    {                                                                                              \
#name, call_##name                                                                         \
    }
    ROW(bind),
    ROW(listen),
    ROW(accept),
    ROW(connect),
    ROW(connect_host),
    ROW(connect_addresses),
    ROW(shutdown),
    ROW(disconnect),
    ROW(send),
    ROW(send_buffers),
    ROW(send_to),
    ROW(receive),
    ROW(receive_buffers),
    ROW(receive_from),
    ROW(poll),
    ROW(io_control),
    ROW(get_available),
    ROW(get_local_endpoint),
    ROW(get_remote_endpoint),
    ROW(set_blocking),
    ROW(set_option),
    ROW(set_option_bytes),
    ROW(get_option),
    ROW(get_option_bytes),
    ROW(set_raw_option),
    ROW(get_raw_option),
    ROW(set_multicast_option),
    ROW(set_ipv6_multicast_option),
    ROW(set_linger_state),
    ROW(get_linger_state),
    ROW(set_ip_protection_level),
#undef ROW
#define X(property)                                                                                \
    {"get_" #property, call_get_##property}, {"set_" #property, call_set_##property},
    BOOL_PROPERTIES(X) INT_PROPERTIES(X)
#undef X
};

/* Trap 97: the closed socket comes first, whatever else is wrong with the call. */
TEST(every_call_on_a_closed_socket_says_so_before_it_looks_at_anything_else)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket_close(pair.client);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        row_begin("%s", calls[i].name);
        row_error(SN_ERROR_OBJECT_DISPOSED, calls[i].call(pair.client));
        row_equal(0, sn_error_last_native());
    }
    rows_end();
    pair_release(&pair);
}

TEST(every_call_without_a_socket_says_so)
{
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        row_begin("%s", calls[i].name);
        row_error(SN_ERROR_ARGUMENT_NULL, calls[i].call(NULL));
    }
    rows_end();
}

TEST(the_properties_that_never_fail_take_null)
{
    assert_int_equal(SN_FAMILY_UNKNOWN, sn_socket_get_address_family(NULL));
    assert_false(sn_socket_is_bound(NULL));
    assert_false(sn_socket_is_connected(NULL));
    assert_int_equal(SN_HANDLE_NONE, sn_socket_get_handle(NULL));
    (void)sn_socket_get_socket_type(NULL);
    (void)sn_socket_get_protocol_type(NULL);
    (void)sn_socket_is_blocking(NULL);
}

/* --- The file of a Unix socket --------------------------------------------------------------- */

TEST(the_file_of_a_bound_unix_socket_disappears_when_it_is_closed)
{
    enum transport transport = transport_of(state);
    static void (*const ends[])(sn_socket *) = {sn_socket_close, sn_socket_release};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct unix_path path = unix_path_new();
        sn_endpoint endpoint = endpoint_of_path(path.text);
        sn_socket *socket = socket_make(transport);
        assert_ok(sn_socket_bind(socket, &endpoint));
        assert_true(file_exists(path.text));
        sn_socket *other = i == 0 ? socket : NULL;
        ends[i](socket);
        assert_false(file_exists(path.text));
        sn_socket_release(other);
    }
}

static sn_error accept_run(void *context)
{
    sn_socket *accepted;
    return sn_socket_accept(context, &accepted);
}

/* The thread that is blocked leaves last, so it is the one that closes the number. */
TEST(the_file_is_gone_when_a_close_returns_that_has_ended_a_blocked_call)
{
    for (int i = repetitions(200); i > 0; i--) {
        struct unix_path path = unix_path_new();
        sn_endpoint endpoint = endpoint_of_path(path.text);
        sn_socket *socket = socket_make(UNIX_STREAM);
        struct thread thread;
        assert_ok(sn_socket_bind(socket, &endpoint));
        assert_ok(sn_socket_listen(socket, 1));
        thread_start_blocked(&thread, accept_run, socket);
        sn_socket_close(socket);
        assert_false(file_exists(path.text));
        assert_error(SN_ERROR_INTERRUPTED, thread_join(&thread));
        sn_socket_release(socket);
    }
}

/* Trap 106. */
TEST(the_file_disappears_even_if_the_path_was_relative_and_the_directory_changed)
{
    struct unix_path path = unix_path_new();
    char directory[sizeof path.text], before[PATH_MAX];
    const char *name = strrchr(path.text, '/') + 1;
    snprintf(directory, sizeof directory, "%.*s", (int)(name - path.text), path.text);
    sn_socket *socket = socket_make(UNIX_STREAM);
    sn_endpoint relative = endpoint_of_path(name);
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(0, chdir(directory));
    sn_error error = sn_socket_bind(socket, &relative);
    assert_int_equal(0, chdir(before));
    assert_ok(error);
    assert_true(file_exists(path.text));
    sn_socket_close(socket);
    assert_false(file_exists(path.text));
    sn_socket_release(socket);
}

TEST(a_connection_does_not_remove_its_listeners_file)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    sn_endpoint address = local_endpoint(pair.listener);
    size_t size;
    const char *path = sn_endpoint_get_unix_path(&address, &size);
    sn_socket_close(pair.client);
    sn_socket_close(pair.server);
    assert_true(file_exists(path));
    sn_socket_close(pair.listener);
    engines_settle();
    assert_false(file_exists(path));
    pair_release(&pair);
}

TEST(the_file_stays_when_the_bind_was_somebody_elses)
{
    struct unix_path path = unix_path_new();
    sn_endpoint endpoint = endpoint_of_path(path.text);
    sn_socket *binder = socket_make(UNIX_STREAM), *late = socket_make(UNIX_STREAM), *adopted = NULL;
    assert_ok(sn_socket_bind(binder, &endpoint));
    assert_error(SN_ERROR_ADDRESS_ALREADY_IN_USE, sn_socket_bind(late, &endpoint));
    sn_socket_release(late);
    assert_true(file_exists(path.text));
    assert_ok(sn_socket_from_handle(sn_socket_get_handle(binder), false, &adopted));
    sn_socket_release(adopted);
    assert_true(file_exists(path.text));
    sn_socket_release(binder);
    assert_false(file_exists(path.text));
}

/* "Whether or not the handle is owned" (A.9). */
TEST(the_file_disappears_also_when_the_descriptor_is_not_owned)
{
    struct unix_path path = unix_path_new();
    sn_endpoint endpoint = endpoint_of_path(path.text);
    sn_socket *owner = socket_make(UNIX_STREAM), *borrower = NULL;
    assert_ok(sn_socket_from_handle(sn_socket_get_handle(owner), false, &borrower));
    assert_ok(sn_socket_bind(borrower, &endpoint));
    sn_socket_close(borrower);
    assert_false(file_exists(path.text));
    sn_socket_release(borrower);
    sn_socket_release(owner);
}

/* Trap 107; there is no file to remove. */
TEST(an_abstract_name_is_seen_by_the_peer_and_is_free_again_after_a_close)
{
    char name[32];
    size_t size = (size_t)snprintf(name, sizeof name, "%csennit-%ld", '\0', (long)getpid());
    sn_endpoint abstract, listening = endpoint_free(UNIX_STREAM);
    assert_ok(sn_endpoint_from_unix_bytes(name, size, &abstract));
    for (int i = 0; i < 2; i++) {
        sn_socket *listener = socket_make(UNIX_STREAM), *client = socket_make(UNIX_STREAM);
        sn_socket *server = NULL;
        assert_ok(sn_socket_bind(listener, &listening));
        assert_ok(sn_socket_listen(listener, 1));
        assert_ok(sn_socket_bind(client, &abstract));
        assert_ok(do_connect(client, &listening));
        assert_ok(do_accept(listener, &server));
        sn_endpoint remote = remote_endpoint(server);
        assert_same_endpoint(&abstract, &remote);
        char text[SN_ENDPOINT_TEXT_SIZE];
        assert_ok(sn_endpoint_format(&remote, text, sizeof text));
        assert_int_equal('@', text[0]);
        sn_socket_release(client);
        sn_socket_release(server);
        sn_socket_release(listener);
        engines_settle();
    }
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
        ON_ALL_CONNECTED(a_closed_socket_still_says_what_it_was),
        ON_ALL_CONNECTED(every_call_on_a_closed_socket_says_so_before_it_looks_at_anything_else),
        CASE(every_call_without_a_socket_says_so),
        CASE(the_properties_that_never_fail_take_null),
        CASE_ON(the_file_of_a_bound_unix_socket_disappears_when_it_is_closed, UNIX_STREAM),
        CASE_ON(the_file_of_a_bound_unix_socket_disappears_when_it_is_closed, UNIX_DATAGRAM),
        CASE(the_file_is_gone_when_a_close_returns_that_has_ended_a_blocked_call),
        CASE(the_file_disappears_even_if_the_path_was_relative_and_the_directory_changed),
        CASE_ON(a_connection_does_not_remove_its_listeners_file, UNIX_STREAM),
        CASE_ON(a_connection_does_not_remove_its_listeners_file, UNIX_SEQPACKET),
        CASE(the_file_stays_when_the_bind_was_somebody_elses),
        CASE(the_file_disappears_also_when_the_descriptor_is_not_owned),
        CASE(an_abstract_name_is_seen_by_the_peer_and_is_free_again_after_a_close),
    };
    return RUN(cases);
}
