/* TcpListener (contract I.3; traps 120, 121 and 124). */
#include "support/clients_support.h"

#include <sennit/dotnet.h>

#include <limits.h>

#include "support/allocations.h"

static sn_tcp_listener *listener;

static void open_listener(enum transport transport)
{
    sn_endpoint local = endpoint_free(transport);
    assert_ok(sn_tcp_listener_create(&local, &listener));
}

static void start_listener(enum transport transport)
{
    open_listener(transport);
    assert_ok(sn_tcp_listener_start(listener, INT_MAX));
}

static sn_endpoint where(void)
{
    sn_endpoint local;
    assert_ok(sn_tcp_listener_get_local_endpoint(listener, &local));
    return local;
}

/* A socket that has connected to the listener. */
static sn_socket *knock(enum transport transport)
{
    sn_socket *socket = socket_make(transport);
    sn_endpoint address = where();
    assert_ok(sn_socket_connect(socket, &address));
    return socket;
}

static void close_all(void)
{
    sn_tcp_listener_release(listener);
    listener = NULL;
    settle();
}

/* --- Making and starting ---------------------------------------------------------------------- */

TEST(a_listener_is_made_for_an_ip_end_point)
{
    sn_endpoint none = {0}, name, path = endpoint_of_path("/nowhere");
    sn_endpoint local = endpoint_free(TCP_IPV4);
    assert_ok(sn_endpoint_from_dns("localhost", 9, SN_FAMILY_UNSPECIFIED, &name));
    row_begin("bad input");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_create(NULL, &listener));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_create(&none, &listener));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_create(&local, NULL));
    row_error(SN_ERROR_ARGUMENT, sn_tcp_listener_create(&name, &listener));
    row_error(SN_ERROR_ARGUMENT, sn_tcp_listener_create(&path, &listener));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_create_dual_mode(0, NULL));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_tcp_listener_create_dual_mode(-1, &listener));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_tcp_listener_create_dual_mode(65536, &listener));
    rows_end();
    assert_null(listener);
}

TEST(a_lack_of_memory_leaves_nothing_behind)
{
    sn_endpoint local = endpoint_free(TCP_IPV4);
    allocations_begin();
    row_begin("no memory");
    for (size_t nth = 1; nth <= 2; nth++) {
        allocations_fail_nth(nth);
        row_error(SN_ERROR_OUT_OF_MEMORY, sn_tcp_listener_create(&local, &listener));
    }
    row_equal(0, allocations_outstanding());
    allocations_end();
    rows_end();
    assert_null(listener);
}

/* Trap 121. */
TEST(a_listener_for_both_families_stands_on_the_ipv6_wildcard)
{
    bool is_dual_mode = false;
    sn_socket *server = NULL;
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    assert_ok(sn_tcp_listener_create_dual_mode(0, &listener));
    sn_endpoint expected = endpoint_of(&SN_IPV6_ANY, 0), actual = where();
    assert_same_endpoint(&expected, &actual);
    for (int round = 0; round < 2; round++) { /* also after a stop */
        assert_ok(sn_tcp_listener_start(listener, 4));
        assert_ok(sn_tcp_listener_get_socket(listener, &server));
        assert_ok(sn_socket_get_dual_mode(server, &is_dual_mode));
        assert_true(is_dual_mode);
        sn_socket *socket = socket_make(TCP_IPV4), *accepted = NULL;
        actual = where();
        sn_endpoint address = endpoint_of(&SN_IPV4_LOOPBACK, sn_endpoint_get_port(&actual));
        assert_ok(sn_socket_connect(socket, &address));
        assert_ok(sn_tcp_listener_accept_socket(listener, &accepted));
        sn_socket_release(accepted);
        sn_socket_release(socket);
        sn_tcp_listener_stop(listener);
    }
    close_all();
}

/* Trap 120. */
TEST(nothing_can_be_accepted_before_the_start)
{
    static const int bad_backlogs[] = {-1, INT_MIN};
    bool is_pending = true;
    sn_socket *accepted = NULL;
    sn_tcp_client *client = NULL;
    open_listener(transport_of(state));
    for (int round = 0; round < 2; round++) { /* before the start, and after the stop */
        row_begin("round %d", round);
        row_equal(false, sn_tcp_listener_is_active(listener));
        row_error(SN_ERROR_INVALID_OPERATION, sn_tcp_listener_pending(listener, &is_pending));
        row_error(SN_ERROR_INVALID_OPERATION, sn_tcp_listener_pending(listener, NULL));
        row_error(SN_ERROR_INVALID_OPERATION, sn_tcp_listener_accept_socket(listener, &accepted));
        row_error(SN_ERROR_INVALID_OPERATION, sn_tcp_listener_accept_tcp_client(listener, &client));
        row_async(SN_ERROR_INVALID_OPERATION,
                  sn_tcp_listener_accept_socket_async(listener, operation));
        row_async(SN_ERROR_INVALID_OPERATION,
                  sn_tcp_listener_accept_tcp_client_async(listener, operation));
        for (size_t i = 0; i < COUNT_OF(bad_backlogs); i++)
            row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                      sn_tcp_listener_start(listener, bad_backlogs[i]));
        row_equal(false, sn_tcp_listener_is_active(listener));
        row_error(SN_OK, sn_tcp_listener_start(listener, 4));
        row_error(SN_OK, sn_tcp_listener_start(listener, 0)); /* no effect */
        row_equal(true, sn_tcp_listener_is_active(listener));
        row_error(SN_OK, sn_tcp_listener_pending(listener, &is_pending));
        row_equal(false, is_pending);
        row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_pending(listener, NULL));
        row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_accept_socket(listener, NULL));
        row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_accept_tcp_client(listener, NULL));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_tcp_listener_start(listener, -1));
        row_equal(true, sn_tcp_listener_is_active(listener));
        sn_tcp_listener_stop(listener);
        sn_tcp_listener_stop(listener);
    }
    rows_end();
    close_all();
}

TEST(no_listener_is_no_crash)
{
    sn_socket *socket = NULL;
    sn_tcp_client *client = NULL;
    sn_endpoint local;
    bool truth = true;
    row_begin("NULL");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_start(NULL, -1));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_pending(NULL, &truth));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_accept_socket(NULL, &socket));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_accept_tcp_client(NULL, &client));
    row_async(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_accept_socket_async(NULL, operation));
    row_async(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_accept_tcp_client_async(NULL, operation));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_get_socket(NULL, &socket));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_get_local_endpoint(NULL, &local));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_get_exclusive_address_use(NULL, &truth));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_set_exclusive_address_use(NULL, true));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_allow_nat_traversal(NULL, true));
    row_equal(false, sn_tcp_listener_is_active(NULL));
    row_equal(true, sn_tcp_listener_retain(NULL) == NULL);
    sn_tcp_listener_stop(NULL);
    sn_tcp_listener_release(NULL);
    open_listener(TCP_IPV4);
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_get_socket(listener, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_get_local_endpoint(listener, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_tcp_listener_get_exclusive_address_use(listener, NULL));
    rows_end();
    close_all();
}

/* --- Accepting -------------------------------------------------------------------------------- */

TEST(connections_are_accepted_as_sockets_and_as_clients)
{
    enum transport transport = transport_of(state);
    sn_socket *accepted = NULL;
    sn_tcp_client *client = NULL;
    bool is_pending = false;
    start_listener(transport);
    sn_socket *first = knock(transport), *second = knock(transport);
    assert_ok(sn_tcp_listener_pending(listener, &is_pending));
    assert_true(is_pending);
    assert_ok(sn_tcp_listener_accept_socket(listener, &accepted));
    assert_ok(sn_tcp_listener_accept_tcp_client(listener, &client));
    assert_ok(sn_tcp_listener_pending(listener, &is_pending));
    assert_false(is_pending);
    assert_true(sn_tcp_client_is_active(client));
    send_text(first, "one");
    assert_receives(accepted, "one");
    send_text(second, "two");
    assert_receives(socket_of(client), "two");
    sn_tcp_client_release(client);
    sn_socket_release(accepted);
    sn_socket_release(first);
    sn_socket_release(second);
    close_all();
}

TEST(connections_are_accepted_asynchronously)
{
    enum transport transport = transport_of(state);
    sn_operation first = {0}, second = {0};
    sn_tcp_client *client = NULL;
    start_listener(transport);
    sn_tcp_listener_accept_socket_async(listener, &first);
    sn_tcp_listener_accept_tcp_client_async(listener, &second);
    sn_socket *one = knock(transport), *two = knock(transport);
    assert_ok(completed(&first));
    assert_ok(completed(&second));
    assert_ok(sn_tcp_client_from_socket(second.socket, &client));
    send_text(one, "one");
    assert_receives(first.socket, "one");
    send_text(socket_of(client), "two");
    assert_receives(two, "two");
    sn_tcp_client_release(client);
    sn_socket_release(first.socket);
    sn_socket_release(one);
    sn_socket_release(two);
    close_all();
}

TEST(without_memory_the_connection_waits_on)
{
    sn_tcp_client *client = NULL;
    start_listener(TCP_IPV4);
    sn_socket *socket = knock(TCP_IPV4);
    allocations_begin();
    for (size_t nth = 1; nth <= 2; nth++) {
        allocations_fail_nth(nth);
        assert_error(SN_ERROR_OUT_OF_MEMORY, sn_tcp_listener_accept_tcp_client(listener, &client));
    }
    assert_int_equal(0, allocations_outstanding());
    allocations_end();
    assert_null(client);
    assert_ok(sn_tcp_listener_accept_tcp_client(listener, &client));
    sn_tcp_client_release(client);
    sn_socket_release(socket);
    close_all();
}

static sn_error accept_one(void *context)
{
    sn_socket *accepted = NULL;
    sn_error error = sn_tcp_listener_accept_socket(context, &accepted);
    sn_socket_release(accepted);
    return error;
}

TEST(a_stop_ends_a_blocked_accept)
{
    struct thread acceptor;
    start_listener(transport_of(state));
    thread_start_blocked(&acceptor, accept_one, listener);
    sn_tcp_listener_stop(listener);
    assert_error(SN_ERROR_INTERRUPTED, thread_join(&acceptor));
    close_all();
}

TEST(a_stop_aborts_a_pending_accept)
{
    sn_operation operation = {0};
    start_listener(transport_of(state));
    sn_tcp_listener_accept_socket_async(listener, &operation);
    sn_tcp_listener_stop(listener);
    assert_error(SN_ERROR_OPERATION_ABORTED, completed(&operation));
    close_all();
}

/* --- Stopping and starting again -------------------------------------------------------------- */

TEST(after_a_stop_it_starts_again_with_a_new_socket)
{
    enum transport transport = transport_of(state);
    sn_socket *accepted = NULL, *server = NULL;
    start_listener(transport);
    sn_endpoint first = where();
    sn_tcp_listener_stop(listener);
    sn_endpoint expected = endpoint_free(transport), stopped = where();
    assert_same_endpoint(&expected, &stopped); /* port 0 again, as it was made */
    assert_ok(sn_tcp_listener_get_socket(listener, &server));
    assert_false(sn_socket_is_bound(server));
    assert_ok(sn_tcp_listener_start(listener, 4));
    sn_endpoint second = where();
    assert_true(sn_endpoint_get_port(&second) > 0 && sn_endpoint_get_port(&first) > 0);
    sn_socket *socket = knock(transport);
    assert_ok(sn_tcp_listener_accept_socket(listener, &accepted));
    sn_socket_release(accepted);
    sn_socket_release(socket);
    close_all();
}

TEST(a_start_on_a_taken_address_fails_and_it_stays_stopped)
{
    enum transport transport = transport_of(state);
    sn_socket *occupant = socket_listening(transport, 1);
    sn_endpoint taken = local_endpoint(occupant);
    assert_ok(sn_tcp_listener_create(&taken, &listener));
    assert_error(SN_ERROR_ADDRESS_ALREADY_IN_USE, sn_tcp_listener_start(listener, 1));
    assert_false(sn_tcp_listener_is_active(listener));
    sn_socket_release(occupant);
    assert_ok(sn_tcp_listener_start(listener, 1));
    close_all();
}

TEST(a_server_socket_that_was_closed_directly_is_replaced_after_a_stop)
{
    sn_socket *server = NULL, *other = socket_listening(TCP_IPV4, 1), *again = NULL;
    sn_endpoint taken = local_endpoint(other);
    assert_ok(sn_tcp_listener_create(&taken, &listener));
    assert_ok(sn_tcp_listener_get_socket(listener, &server));
    sn_socket_close(server);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_tcp_listener_start(listener, 1));
    assert_ok(sn_tcp_listener_get_socket(listener, &again));
    assert_ptr_equal(server, again);
    sn_socket_release(other);
    sn_tcp_listener_stop(listener);
    assert_ok(sn_tcp_listener_start(listener, 1));
    close_all();
}

/* --- Properties ------------------------------------------------------------------------------- */

TEST(the_wish_for_exclusive_use_outlives_the_socket)
{
    bool is_exclusive = false;
    open_listener(transport_of(state));
    assert_ok(sn_tcp_listener_get_exclusive_address_use(listener, &is_exclusive));
    bool before = is_exclusive;
    assert_ok(sn_tcp_listener_set_exclusive_address_use(listener, !before));
    assert_ok(sn_tcp_listener_get_exclusive_address_use(listener, &is_exclusive));
    assert_int_equal(!before, is_exclusive);
    assert_ok(sn_tcp_listener_set_exclusive_address_use(listener, true));
    assert_ok(sn_tcp_listener_start(listener, 1));
    assert_error(SN_ERROR_INVALID_OPERATION,
                 sn_tcp_listener_set_exclusive_address_use(listener, false));
    sn_tcp_listener_stop(listener);
    assert_ok(sn_tcp_listener_get_exclusive_address_use(listener, &is_exclusive));
    assert_true(is_exclusive);
    assert_ok(sn_tcp_listener_start(listener, 1));
    assert_ok(sn_tcp_listener_get_exclusive_address_use(listener, &is_exclusive));
    assert_true(is_exclusive);
    close_all();
}

/* Trap 124. */
TEST(nat_traversal_is_never_possible)
{
    open_listener(TCP_IPV4);
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED,
                 sn_tcp_listener_allow_nat_traversal(listener, true));
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED,
                 sn_tcp_listener_allow_nat_traversal(listener, false));
    assert_ok(sn_tcp_listener_start(listener, 1));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_tcp_listener_allow_nat_traversal(listener, true));
    close_all();
}

TEST(a_shared_listener_lives_until_its_last_reference)
{
    start_listener(TCP_IPV4);
    assert_ptr_equal(listener, sn_tcp_listener_retain(listener));
    sn_tcp_listener_release(listener);
    assert_true(sn_tcp_listener_is_active(listener));
    close_all();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_listener_is_made_for_an_ip_end_point),
        CASE(a_lack_of_memory_leaves_nothing_behind),
        CASE(a_listener_for_both_families_stands_on_the_ipv6_wildcard),
        ON_TCP(nothing_can_be_accepted_before_the_start),
        CASE(no_listener_is_no_crash),
        ON_TCP(connections_are_accepted_as_sockets_and_as_clients),
        ON_TCP(connections_are_accepted_asynchronously),
        CASE(without_memory_the_connection_waits_on),
        ON_TCP(a_stop_ends_a_blocked_accept),
        ON_TCP(a_stop_aborts_a_pending_accept),
        ON_TCP(after_a_stop_it_starts_again_with_a_new_socket),
        ON_TCP(a_start_on_a_taken_address_fails_and_it_stays_stopped),
        CASE(a_server_socket_that_was_closed_directly_is_replaced_after_a_stop),
        ON_TCP(the_wish_for_exclusive_use_outlives_the_socket),
        CASE(nat_traversal_is_never_possible),
        CASE(a_shared_listener_lives_until_its_last_reference),
    };
    clients_begin();
    return RUN(cases);
}
