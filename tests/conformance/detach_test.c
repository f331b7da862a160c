/* sn_socket_detach(): the descriptor leaves its object, and nothing happens to it. */
#include "support/handle_verbs.h"
#include "support/run.h"

#include <unistd.h>

#include "support/children.h"
#include "support/descriptors.h"
#include "support/files.h"
#include "support/threads.h"
#include "support/transfer_support.h"

static sn_handle detached(sn_socket *socket, bool blocking)
{
    sn_handle handle = SN_HANDLE_NONE;
    assert_ok(do_detach(socket, blocking, &handle));
    return handle;
}

static sn_socket *adopted(sn_handle handle)
{
    sn_socket *socket = NULL;
    assert_ok(sn_socket_from_handle(handle, true, &socket));
    return socket;
}

TEST(the_number_comes_back_in_the_mode_that_is_asked_for)
{
    for (int blocking = 0; blocking < 2; blocking++) {
        sn_socket *socket = socket_make(transport_of(state));
        sn_handle number = sn_socket_get_handle(socket);
        sn_handle handle = detached(socket, blocking);
        assert_int_equal(handle, number);
        assert_true(descriptor_is_open(handle));
        assert_int_equal(descriptor_is_nonblocking(handle), !blocking);
        assert_true(descriptor_is_close_on_exec(handle));
        sn_socket_release(socket);
        assert_true(descriptor_is_open(handle));
        close(handle);
    }
}

TEST(the_object_is_disposed)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle handle = detached(pair.server, true), again = 77;
    char byte;
    size_t count;
    assert_int_equal(sn_socket_get_handle(pair.server), SN_HANDLE_NONE);
    assert_false(sn_socket_is_connected(pair.server));
    assert_error(SN_ERROR_OBJECT_DISPOSED, do_receive(pair.server, &byte, 1, 0, &count));
    assert_error(SN_ERROR_OBJECT_DISPOSED, do_detach(pair.server, true, &again));
    assert_int_equal(again, 77);
    sn_socket_close(pair.server);
    assert_true(descriptor_is_open(handle));
    close(handle);
    pair_release(&pair);
}

TEST(a_connection_goes_on)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.client, "before");
    assert_receives(pair.server, "before");
    send_text(pair.client, "waiting");
    wait_readable(pair.server);
    sn_socket *other = adopted(detached(pair.server, false));
    assert_receives(other, "waiting");
    send_text(other, "answer");
    assert_receives(pair.client, "answer");
    sn_socket_release(other);
    pair_release(&pair);
}

TEST(a_listener_goes_on)
{
    sn_socket *listener = socket_listening(transport_of(state), 4);
    sn_socket *client = socket_make(transport_of(state)), *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    sn_socket *other = adopted(detached(listener, false));
    assert_ok(do_connect(client, &address));
    assert_ok(do_accept(other, &server));
    send_text(client, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(other);
    sn_socket_release(listener);
}

TEST(the_file_of_a_unix_socket_stays)
{
    struct unix_path path = unix_path_new();
    sn_socket *socket = socket_make(UNIX_STREAM);
    sn_endpoint address = endpoint_of_path(path.text);
    assert_ok(sn_socket_bind(socket, &address));
    sn_handle handle = detached(socket, true);
    sn_socket_release(socket);
    assert_int_equal(access(path.text, F_OK), 0);
    close(handle);
    unlink(path.text);
}

/* It is the caller's already, and left alone but for its mode. */
TEST(a_borrowed_descriptor_is_let_go_of)
{
    struct socket_pair pair = pair_connected(UNIX_STREAM);
    sn_socket *borrower = NULL;
    sn_handle handle = sn_socket_get_handle(pair.server);
    assert_ok(sn_socket_from_handle(handle, false, &borrower));
    assert_int_equal(detached(borrower, true), handle);
    assert_false(descriptor_is_nonblocking(handle));
    sn_socket_release(borrower);
    send_text(pair.client, "still");
    assert_receives(pair.server, "still");
    pair_release(&pair);
}

static sn_error receive_one(void *socket)
{
    char byte;
    size_t count;
    return do_receive(socket, &byte, 1, SN_FLAG_NONE, &count);
}

/* And no reset follows, which a close that has to end something sends. */
TEST(it_ends_the_calls_that_wait_and_not_the_connection)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct thread threads[3];
    for (int i = 0; i < 3; i++) {
        thread_start(&threads[i], receive_one, pair.server);
        assert_true(thread_wait_in_call(&threads[i]));
    }
    sn_socket *other = adopted(detached(pair.server, false));
    for (int i = 0; i < 3; i++) {
        sn_error error = thread_join(&threads[i]);
        if (error != SN_ERROR_OPERATION_ABORTED)
            assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, error);
    }
    send_text(pair.client, "for the other");
    assert_receives(other, "for the other");
    send_text(other, "back");
    assert_receives(pair.client, "back");
    sn_socket_release(other);
    assert_receives_end(pair.client);
    pair_release(&pair);
}

static sn_error accept_one(void *listener)
{
    sn_socket *accepted = NULL;
    return do_accept(listener, &accepted);
}

TEST(an_accept_that_is_ended_takes_no_connection)
{
    sn_socket *listener = socket_listening(transport_of(state), 4);
    sn_socket *client = socket_make(transport_of(state)), *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    struct thread thread;
    thread_start(&thread, accept_one, listener);
    assert_true(thread_wait_in_call(&thread));
    sn_socket *other = adopted(detached(listener, false));
    assert_ended_by_close(SN_ERROR_INTERRUPTED, thread_join(&thread));
    assert_ok(do_connect(client, &address));
    assert_ok(do_accept(other, &server));
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(other);
    sn_socket_release(listener);
}

TEST(without_a_place_for_the_number_nothing_happens)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_handle handle = 77;
    assert_error(SN_ERROR_ARGUMENT_NULL, do_detach(pair.server, true, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_detach(NULL, true, &handle));
    assert_int_equal(handle, 77);
    send_text(pair.client, "well");
    assert_receives(pair.server, "well");
    pair_release(&pair);
}

/* A child's detach is about its own copy. */
static int detach_in_child(void *context)
{
    sn_socket *socket = context;
    sn_handle number = sn_socket_get_handle(socket), handle = SN_HANDLE_NONE;
    CHILD_EXPECT(sn_socket_detach(socket, false, &handle) == SN_OK);
    CHILD_EXPECT(handle == number);
    CHILD_EXPECT(write(handle, "child", 5) == 5);
    return 0;
}

TEST(a_forked_child_detaches_its_copy)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_int_equal(child_run(detach_in_child, pair.server), 0);
    assert_receives(pair.client, "child");
    send_text(pair.server, "parent");
    assert_receives(pair.client, "parent");
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_LISTENERS(the_number_comes_back_in_the_mode_that_is_asked_for),
        ON_UDP(the_number_comes_back_in_the_mode_that_is_asked_for),
        ON_STREAMS(the_object_is_disposed),
        ON_ALL_CONNECTED(a_connection_goes_on),
        ON_LISTENERS(a_listener_goes_on),
        CASE(the_file_of_a_unix_socket_stays),
        CASE(a_borrowed_descriptor_is_let_go_of),
        ON_STREAMS(it_ends_the_calls_that_wait_and_not_the_connection),
        ON_LISTENERS(an_accept_that_is_ended_takes_no_connection),
        CASE(without_a_place_for_the_number_nothing_happens),
        ON_STREAMS(a_forked_child_detaches_its_copy),
    };
    return RUN(cases);
}
