/* sn_socket_duplicate(): two objects, one open file. */
#include "support/handle_verbs.h"
#include "support/run.h"

#include <sys/resource.h>
#include <unistd.h>

#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"

static sn_socket *duplicated(sn_socket *socket)
{
    sn_socket *copy = NULL;
    assert_ok(sn_socket_duplicate(socket, &copy));
    assert_int_not_equal(sn_socket_get_handle(copy), sn_socket_get_handle(socket));
    assert_true(descriptor_is_close_on_exec(sn_socket_get_handle(copy)));
    return copy;
}

TEST(either_of_the_two_sends_and_receives)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket *copy = duplicated(pair.server);
    send_text(pair.client, "one");
    assert_receives(copy, "one");
    send_text(pair.client, "two");
    assert_receives(pair.server, "two");
    send_text(copy, "back");
    assert_receives(pair.client, "back");
    sn_socket_release(copy);
    pair_release(&pair);
}

TEST(the_copy_knows_what_the_first_one_knows)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_milliseconds timeout_ms = 0;
    sn_endpoint remote = remote_endpoint(pair.server), local = local_endpoint(pair.server);
    assert_ok(sn_socket_set_receive_timeout(pair.server, 1234));
    set_blocking(pair.server, false);
    sn_socket *copy = duplicated(pair.server);
    assert_int_equal(sn_socket_get_address_family(copy), transport_family(transport_of(state)));
    assert_int_equal(sn_socket_get_socket_type(copy), transport_type(transport_of(state)));
    assert_int_equal(sn_socket_get_protocol_type(copy), transport_protocol(transport_of(state)));
    assert_true(sn_socket_is_bound(copy));
    assert_true(sn_socket_is_connected(copy));
    assert_false(sn_socket_is_blocking(copy));
    assert_ok(sn_socket_get_receive_timeout(copy, &timeout_ms));
    assert_int_equal(timeout_ms, 1234);
    sn_endpoint copied = remote_endpoint(copy);
    assert_same_endpoint(&remote, &copied);
    copied = local_endpoint(copy);
    assert_same_endpoint(&local, &copied);
    sn_socket_release(copy);
    pair_release(&pair);
}

/* Its log is lent to that one's connects. */
TEST(how_the_first_one_connects_is_its_own)
{
    sn_connect_log log = {.capacity = 0};
    sn_connect_options options = {.algorithm = SN_CONNECT_PARALLEL, .log = &log};
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_ok(sn_socket_set_connect_options(socket, &options));
    sn_socket *copy = duplicated(socket);
    assert_ok(sn_socket_get_connect_options(copy, &options, sizeof options));
    assert_int_equal(options.algorithm, SN_CONNECT_DEFAULT);
    assert_null(options.log);
    sn_socket_release(copy);
    sn_socket_release(socket);
}

TEST(a_close_of_one_leaves_the_other_open)
{
    for (int closes_copy = 0; closes_copy < 2; closes_copy++) {
        struct socket_pair pair = pair_connected(transport_of(state));
        sn_socket *copy = duplicated(pair.server);
        sn_socket *closed = closes_copy ? copy : pair.server;
        sn_socket *open = closes_copy ? pair.server : copy;
        sn_socket_close(closed);
        assert_true(sn_socket_is_connected(open));
        send_text(pair.client, "still");
        assert_receives(open, "still");
        sn_socket_release(copy);
        pair_release(&pair);
    }
}

static sn_error receive_one(void *socket)
{
    char byte;
    size_t count;
    return do_receive(socket, &byte, 1, SN_FLAG_NONE, &count);
}

/* A close that has to end something resets its connection, which is the other's too: neither that
 * close nor the other's does so. */
TEST(a_close_that_ends_a_call_does_not_reset_the_connection)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket *copy = duplicated(pair.server);
    struct thread thread;
    thread_start(&thread, receive_one, pair.server);
    assert_true(thread_wait_in_call(&thread));
    sn_socket_close(pair.server);
    sn_error error = thread_join(&thread);
    if (error != SN_ERROR_OPERATION_ABORTED)
        assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, error);
    send_text(copy, "on it goes");
    assert_receives(pair.client, "on it goes");
    sn_socket_release(copy);
    assert_receives_end(pair.client);
    pair_release(&pair);
}

TEST(both_accept_from_one_queue)
{
    sn_socket *listener = socket_listening(transport_of(state), 4), *copy = duplicated(listener);
    sn_endpoint address = local_endpoint(listener);
    for (int i = 0; i < 4; i++) {
        sn_socket *client = socket_make(transport_of(state)), *server = NULL;
        assert_ok(do_connect(client, &address));
        assert_ok(do_accept(i % 2 ? copy : listener, &server));
        send_text(client, "there");
        assert_receives(server, "there");
        sn_socket_release(server);
        sn_socket_release(client);
    }
    sn_socket_release(listener);
    sn_socket_release(copy);
}

/* The file goes with the one that was bound, and never with the copy. */
TEST(a_file_is_removed_by_the_first_one)
{
    struct unix_path path = unix_path_new();
    sn_socket *socket = socket_make(UNIX_STREAM);
    sn_endpoint address = endpoint_of_path(path.text);
    assert_ok(sn_socket_bind(socket, &address));
    sn_socket *copy = duplicated(socket);
    sn_socket_release(copy);
    assert_int_equal(access(path.text, F_OK), 0);
    sn_socket_release(socket);
    assert_int_not_equal(access(path.text, F_OK), 0);
}

TEST(what_is_no_socket_is_duplicated_too)
{
    int ends[2];
    sn_socket *reader = NULL;
    assert_int_equal(pipe(ends), 0);
    assert_ok(sn_socket_from_handle(ends[0], true, &reader));
    sn_socket *copy = duplicated(reader);
    sn_socket_release(reader);
    assert_int_equal(write(ends[1], "pipe", 4), 4);
    assert_receives(copy, "pipe");
    sn_socket_release(copy);
    close(ends[1]);
}

TEST(one_that_cannot_be_made_changes_nothing)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    struct rlimit limit, none;
    sn_socket *copy = NULL;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_duplicate(pair.server, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_duplicate(NULL, &copy));
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    int next = dup(STDERR_FILENO);
    close(next);
    none = limit;
    none.rlim_cur = (rlim_t)next; /* nothing below is free */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    sn_error error = sn_socket_duplicate(pair.server, &copy);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, error);
    allocations_begin();
    allocations_fail_nth(1);
    error = sn_socket_duplicate(pair.server, &copy);
    allocations_end();
    assert_error(SN_ERROR_OUT_OF_MEMORY, error);
    assert_null(copy);
    assert_true(sn_socket_is_connected(pair.server));
    sn_socket_close(pair.server);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_duplicate(pair.server, &copy));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(either_of_the_two_sends_and_receives),
        ON_ALL_CONNECTED(the_copy_knows_what_the_first_one_knows),
        ON_ALL_CONNECTED(a_close_of_one_leaves_the_other_open),
        ON_STREAMS(a_close_that_ends_a_call_does_not_reset_the_connection),
        ON_LISTENERS(both_accept_from_one_queue),
        CASE(how_the_first_one_connects_is_its_own),
        CASE(a_file_is_removed_by_the_first_one),
        CASE(what_is_no_socket_is_duplicated_too),
        CASE(one_that_cannot_be_made_changes_nothing),
    };
    return RUN(cases);
}
