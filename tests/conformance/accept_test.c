/*
 * Accept (contract B.3; traps 41, 42 and 46), its time limit, and what happens when descriptors or
 * memory run out.
 */
#include "support/run.h"

#include <limits.h>
#include <sys/resource.h>

#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/threads.h"
#include "support/verbs.h"

/* Trap 41. */
TEST(accepting_needs_a_bound_and_listening_socket)
{
    enum transport transport = transport_of(state);
    sn_socket *fresh = socket_make(transport), *bound = socket_bound(transport), *server = NULL;
    assert_error(SN_ERROR_INVALID_OPERATION, do_accept(fresh, &server));
    assert_error(SN_ERROR_INVALID_OPERATION, do_accept(bound, &server));
    assert_error(SN_ERROR_INVALID_OPERATION, do_accept(bound, NULL));
    assert_int_equal(0, last_native());
    assert_null(server);
    sn_socket_release(fresh);
    sn_socket_release(bound);
}

TEST(accepting_on_a_connected_socket_is_refused)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket *server = NULL;
    assert_error(SN_ERROR_INVALID_OPERATION, do_accept(pair.client, &server));
    assert_error(SN_ERROR_INVALID_OPERATION, do_accept(pair.server, &server));
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

TEST(accepting_needs_a_place_for_the_new_socket)
{
    sn_socket *listener = socket_listening(transport_of(state), 1);
    assert_error(SN_ERROR_ARGUMENT_NULL, do_accept(listener, NULL));
    sn_socket_release(listener);
}

struct acceptor {
    sn_socket *listener, *accepted;
    struct thread thread;
};

static sn_error accept_run(void *context)
{
    struct acceptor *acceptor = context;
    return do_accept(acceptor->listener, &acceptor->accepted);
}

TEST(a_blocked_accept_ends_with_the_next_client)
{
    enum transport transport = transport_of(state);
    struct acceptor acceptor = {.listener = socket_listening(transport, 1)};
    sn_endpoint address = local_endpoint(acceptor.listener);
    sn_socket *client = socket_make(transport);
    thread_start_blocked(&acceptor.thread, accept_run, &acceptor);
    assert_ok(do_connect(client, &address));
    assert_ok(thread_join(&acceptor.thread));
    send_text(client, "there");
    assert_receives(acceptor.accepted, "there");
    sn_socket_release(acceptor.accepted);
    sn_socket_release(client);
    sn_socket_release(acceptor.listener);
}

/* Trap 42, for blocking calls. */
TEST(several_acceptors_each_get_a_connection_of_their_own)
{
    enum { COUNT = 8 };
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, COUNT), *clients[COUNT];
    sn_endpoint address = local_endpoint(listener);
    struct acceptor acceptors[COUNT];
    char seen[COUNT] = {0};
    for (int i = 0; i < COUNT; i++) {
        acceptors[i] = (struct acceptor){.listener = listener};
        thread_start_blocked(&acceptors[i].thread, accept_run, &acceptors[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        const char number = (char)i;
        size_t sent;
        clients[i] = socket_make(transport);
        assert_ok(do_connect(clients[i], &address));
        assert_ok(do_send(clients[i], &number, 1, SN_FLAG_NONE, &sent));
    }
    for (int i = 0; i < COUNT; i++) {
        char number = COUNT;
        size_t received;
        assert_ok(thread_join(&acceptors[i].thread));
        assert_ok(do_receive(acceptors[i].accepted, &number, 1, SN_FLAG_NONE, &received));
        assert_in_range(number, 0, COUNT - 1);
        assert_int_equal(0, seen[(int)number]);
        seen[(int)number] = 1;
        sn_socket_release(acceptors[i].accepted);
    }
    for (int i = 0; i < COUNT; i++)
        sn_socket_release(clients[i]);
    sn_socket_release(listener);
}

TEST(clients_are_accepted_in_the_order_in_which_they_came)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 8), *clients[4], *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    for (int i = 0; i < 4; i++) {
        clients[i] = socket_bound(transport);
        assert_ok(do_connect(clients[i], &address));
    }
    for (int i = 0; i < 4; i++) {
        assert_ok(do_accept(listener, &server));
        sn_endpoint expected = local_endpoint(clients[i]), actual = remote_endpoint(server);
        assert_same_endpoint(&expected, &actual);
        sn_socket_release(server);
        sn_socket_release(clients[i]);
    }
    sn_socket_release(listener);
}

/* As .NET on Linux: the kernel hands it over, and the first receive tells. */
TEST(a_connection_that_was_reset_in_the_queue_is_accepted_all_the_same)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 1), *client = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    assert_ok(do_connect(client, &address));
    assert_ok(sn_socket_close_within(client, 0));
    assert_ok(do_accept(listener, &server));
    assert_true(sn_socket_is_connected(server));
    sn_endpoint remote = remote_endpoint(server);
    assert_int_equal(SN_ENDPOINT_IP, sn_endpoint_get_kind(&remote));
    wait_readable(server);
    assert_receive_fails(server, SN_ERROR_CONNECTION_RESET);
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* --- Time limits ----------------------------------------------------------------------------- */

TEST(the_accept_timeout_reads_back_and_minus_one_means_none)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_milliseconds value = -1;
    assert_ok(sn_socket_get_accept_timeout(socket, &value));
    assert_int_equal(0, value);
    assert_ok(sn_socket_set_accept_timeout(socket, 1234));
    assert_ok(sn_socket_get_accept_timeout(socket, &value));
    assert_int_equal(1234, value);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_set_accept_timeout(socket, -2));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_set_accept_timeout(socket, INT_MIN));
    assert_ok(sn_socket_get_accept_timeout(socket, &value));
    assert_int_equal(1234, value);
    assert_ok(sn_socket_set_accept_timeout(socket, -1));
    assert_ok(sn_socket_get_accept_timeout(socket, &value));
    assert_int_equal(0, value);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_accept_timeout(socket, NULL));
    sn_socket_release(socket);
}

TEST(an_accept_times_out_and_the_listener_goes_on)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 1), *client = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    assert_ok(sn_socket_set_accept_timeout(listener, 5));
    assert_error(SN_ERROR_TIMED_OUT, do_accept(listener, &server));
    assert_error(SN_ERROR_TIMED_OUT, do_accept(listener, &server));
    assert_true(sn_error_is_transient(SN_ERROR_TIMED_OUT));
    assert_null(server);
    assert_ok(do_connect(client, &address));
    assert_ok(do_accept(listener, &server));
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

TEST(a_non_blocking_accept_does_not_wait_for_the_accept_timeout)
{
    sn_socket *listener = socket_listening(TCP_IPV4, 1), *server = NULL;
    assert_ok(sn_socket_set_accept_timeout(listener, INT_MAX));
    set_blocking(listener, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_accept(listener, &server));
    sn_socket_release(listener);
}

/* B.3: "no timeout at all". Another receive with a longer limit ends while the accept is still
 * blocked. */
TEST(the_receive_timeout_does_not_end_an_accept)
{
    struct acceptor acceptor = {.listener = socket_listening(TCP_IPV4, 1)};
    sn_socket *client = socket_make(TCP_IPV4), *clock = socket_bound(UDP_IPV4);
    sn_endpoint address = local_endpoint(acceptor.listener);
    assert_ok(sn_socket_set_receive_timeout(acceptor.listener, 1));
    assert_ok(sn_socket_set_receive_timeout(clock, 20));
    thread_start_blocked(&acceptor.thread, accept_run, &acceptor);
    assert_receive_fails(clock, SN_ERROR_TIMED_OUT);
    assert_false(thread_is_done(&acceptor.thread));
    assert_ok(do_connect(client, &address));
    assert_ok(thread_join(&acceptor.thread));
    sn_socket_release(acceptor.accepted);
    sn_socket_release(acceptor.listener);
    sn_socket_release(client);
    sn_socket_release(clock);
}

TEST(an_accepted_socket_starts_with_time_limits_of_its_own)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 1), *client = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    sn_milliseconds value = -1;
    assert_ok(sn_socket_set_accept_timeout(listener, 60000));
    assert_ok(do_connect(client, &address));
    assert_ok(do_accept(listener, &server));
    assert_ok(sn_socket_get_accept_timeout(server, &value));
    assert_int_equal(0, value);
    assert_ok(sn_socket_get_receive_timeout(server, &value));
    assert_int_equal(0, value);
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* --- Scarcity -------------------------------------------------------------------------------- */

TEST(without_a_free_descriptor_the_connection_waits_in_the_queue)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 1), *client = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    struct rlimit before, none;
    assert_ok(do_connect(client, &address));
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    none = before;
    none.rlim_cur = 3;
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
    sn_error first = do_accept(listener, &server), second = do_accept(listener, &server);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, first);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, second);
    assert_true(sn_error_is_transient(SN_ERROR_TOO_MANY_OPEN_SOCKETS));
    assert_ok(do_accept(listener, &server));
    send_text(client, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

TEST(without_memory_the_connection_waits_in_the_queue)
{
    BLOCKING_ONLY("an asynchronous accept has taken the connection before it needs memory");
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 1), *client = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    assert_ok(do_connect(client, &address));
    size_t open = descriptors_count();
    allocations_begin();
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OUT_OF_MEMORY, do_accept(listener, &server));
    assert_null(server);
    assert_int_equal(open, descriptors_count());
    assert_ok(do_accept(listener, &server));
    allocations_end();
    send_text(client, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_LISTENERS(accepting_needs_a_bound_and_listening_socket),
        ON_UDP(accepting_needs_a_bound_and_listening_socket),
        ON_LISTENERS(accepting_on_a_connected_socket_is_refused),
        ON_LISTENERS(accepting_needs_a_place_for_the_new_socket),
        ON_LISTENERS(a_blocked_accept_ends_with_the_next_client),
        ON_LISTENERS(several_acceptors_each_get_a_connection_of_their_own),
        ON_LISTENERS(clients_are_accepted_in_the_order_in_which_they_came),
        ON_TCP(a_connection_that_was_reset_in_the_queue_is_accepted_all_the_same),
        CASE(the_accept_timeout_reads_back_and_minus_one_means_none),
        ON_LISTENERS(an_accept_times_out_and_the_listener_goes_on),
        CASE(a_non_blocking_accept_does_not_wait_for_the_accept_timeout),
        CASE(the_receive_timeout_does_not_end_an_accept),
        ON_LISTENERS(an_accepted_socket_starts_with_time_limits_of_its_own),
        ON_LISTENERS(without_a_free_descriptor_the_connection_waits_in_the_queue),
        ON_LISTENERS(without_memory_the_connection_waits_in_the_queue),
    };
    return RUN(cases);
}
