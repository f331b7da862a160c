/*
 * Poll (contract B.13; traps 60 and 78 to 85): what each mode tells, and how long it waits.
 */
#include "conformance/urgent.h"
#include "support/run.h"

#include <limits.h>

#include "support/threads.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

static bool is_ready(sn_socket *socket, sn_select_mode mode)
{
    bool ready = false;
    assert_ok(sn_socket_poll(socket, 0, mode, &ready));
    return ready;
}

static void assert_ready(sn_socket *socket, bool read, bool write, bool error)
{
    assert_int_equal(read, is_ready(socket, SN_SELECT_READ));
    assert_int_equal(write, is_ready(socket, SN_SELECT_WRITE));
    assert_int_equal(error, is_ready(socket, SN_SELECT_ERROR));
}

/* --- What each mode tells -------------------------------------------------------------------- */

TEST(a_quiet_connection_can_be_written_only)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ready(pair.client, false, true, false);
    pair_release(&pair);
}

TEST(data_makes_a_socket_readable_until_it_is_received)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.server, "data");
    wait_readable(pair.client);
    assert_ready(pair.client, true, true, false);
    assert_receives(pair.client, "data");
    assert_ready(pair.client, false, true, false);
    pair_release(&pair);
}

TEST(an_empty_datagram_makes_a_socket_readable)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_text(pair.server, "");
    wait_readable(pair.client);
    assert_receives_end(pair.client);
    assert_ready(pair.client, false, true, false);
    pair_release(&pair);
}

/* Trap 60. */
TEST(the_end_of_the_stream_makes_a_socket_readable)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket_close(pair.server);
    wait_readable(pair.client);
    assert_ready(pair.client, true, true, false);
    assert_receives_end(pair.client);
    assert_true(is_ready(pair.client, SN_SELECT_READ));
    pair_release(&pair);
}

TEST(a_reset_is_reported_by_every_mode)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_close_within(pair.server, 0));
    wait_readable(pair.client);
    assert_ready(pair.client, true, true, true);
    pair_release(&pair);
}

TEST(a_full_socket_cannot_be_written)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    (void)fill_until_full(pair.client);
    assert_ready(pair.client, false, false, false);
    pair_release(&pair);
}

/* Trap 82. */
TEST(a_listener_is_readable_while_a_client_waits_and_never_writable)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 4), *client = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    assert_false(is_ready(listener, SN_SELECT_READ));
    assert_false(is_ready(listener, SN_SELECT_ERROR));
    assert_ok(do_connect(client, &address));
    wait_readable(listener);
    if (transport_is_tcp(transport))
        assert_false(is_ready(listener, SN_SELECT_WRITE));
    assert_ok(do_accept(listener, &server));
    assert_false(is_ready(listener, SN_SELECT_READ));
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

TEST(a_non_blocking_connect_is_writable_when_it_has_succeeded)
{
    sn_socket *listener = socket_listening(transport_of(state), 4);
    sn_socket *client = socket_make(transport_of(state));
    sn_endpoint address = local_endpoint(listener);
    set_blocking(client, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(client, &address));
    wait_writable(client);
    assert_false(is_ready(client, SN_SELECT_ERROR));
    assert_true(sn_socket_is_connected(client));
    sn_socket_release(client);
    sn_socket_release(listener);
}

TEST(a_connect_on_its_way_is_ready_for_nothing)
{
    struct full_listener full = full_listener_make(transport_of(state));
    sn_socket *client = socket_make(transport_of(state));
    set_blocking(client, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(client, &full.address));
    assert_ready(client, false, false, false);
    sn_socket_release(client);
    full_listener_release(&full);
}

/* Trap 38. */
TEST(a_failed_non_blocking_connect_is_reported_by_every_mode_and_keeps_its_error_once)
{
    sn_socket *refusing = socket_refusing(transport_of(state));
    sn_socket *client = socket_make(transport_of(state));
    sn_endpoint address = local_endpoint(refusing);
    int error = -1;
    set_blocking(client, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(client, &address));
    wait_writable(client);
    assert_ready(client, true, true, true);
    sn_socket *sockets[] = {client};
    sn_socket_list errors = {sockets, 1};
    assert_ok(sn_socket_select(NULL, NULL, &errors, -1));
    assert_int_equal(1, errors.count);
    assert_ok(sn_socket_get_option(client, SN_LEVEL_SOCKET, SN_OPTION_ERROR, &error));
    assert_error(SN_ERROR_CONNECTION_REFUSED, (sn_error)error);
    assert_ok(sn_socket_get_option(client, SN_LEVEL_SOCKET, SN_OPTION_ERROR, &error));
    assert_error(SN_OK, (sn_error)error);
    sn_socket_release(client);
    sn_socket_release(refusing);
}

/* Trap 81, for poll; select is below. */
TEST(urgent_data_is_reported_by_the_error_mode)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char byte = 0;
    size_t received;
    bool ready = false;
    send_urgent(pair.server);
    assert_ok(sn_socket_poll(pair.client, -1, SN_SELECT_ERROR, &ready));
    assert_true(ready);
    assert_ready(pair.client, false, true, true);
    assert_ok(do_receive(pair.client, &byte, 1, SN_FLAG_OUT_OF_BAND, &received));
    assert_int_equal('!', byte);
    assert_ready(pair.client, false, true, false);
    pair_release(&pair);
}

/* An error alone is not "readable", so waiting for data ends without any (as in .NET). */
TEST(a_refused_datagram_is_reported_by_the_error_mode)
{
    enum transport transport = transport_of(state);
    sn_socket *gone = socket_bound(transport), *sender = socket_make(transport);
    sn_endpoint address = local_endpoint(gone);
    bool ready = false;
    assert_ok(do_connect(sender, &address));
    sn_socket_close(gone);
    send_text(sender, "to nobody");
    assert_ok(sn_socket_poll(sender, -1, SN_SELECT_ERROR, &ready));
    assert_true(ready);
    assert_ok(sn_socket_poll(sender, -1, SN_SELECT_READ, &ready));
    assert_false(ready);
    assert_receive_fails(sender, SN_ERROR_CONNECTION_REFUSED);
    assert_false(is_ready(sender, SN_SELECT_ERROR));
    sn_socket_release(sender);
    sn_socket_release(gone);
}

/* --- Time ------------------------------------------------------------------------------------ */

TEST(poll_waits_for_data_without_a_limit)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    wait_writable(pair.client);
    send_text(pair.server, "data");
    wait_readable(pair.client);
    pair_release(&pair);
}

/* Only ends of their own: what waits forever is in poll_waits_for_ever_... below. */
TEST(poll_without_enough_time_finds_nothing_and_that_is_no_error)
{
    static const int times_us[] = {0, 1, 999, 1000, 1999, 5000, -2, -999};
    sn_socket *socket = socket_bound(UDP_IPV4);
    for (size_t i = 0; i < COUNT_OF(times_us); i++) {
        bool ready = true;
        row_begin("%d us", times_us[i]);
        row_error(SN_OK, sn_socket_poll(socket, times_us[i], SN_SELECT_READ, &ready));
        row_equal(false, ready);
    }
    rows_end();
    sn_socket_release(socket);
}

TEST(a_time_of_minus_2000_us_and_less_is_refused)
{
    static const int times_us[] = {-2000, -2001, -100000, INT_MIN};
    sn_socket *socket = socket_bound(UDP_IPV4);
    for (size_t i = 0; i < COUNT_OF(times_us); i++) {
        bool ready = true;
        sn_socket *sockets[] = {socket};
        sn_socket_list list = {sockets, 1};
        row_begin("%d us", times_us[i]);
        row_error(SN_ERROR_INVALID_ARGUMENT,
                  sn_socket_poll(socket, times_us[i], SN_SELECT_READ, &ready));
        row_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_select(&list, NULL, NULL, times_us[i]));
        row_equal(1, list.count);
    }
    rows_end();
    sn_socket_release(socket);
}

struct poller {
    sn_socket *socket;
    int timeout_us;
    bool is_ready;
    struct thread thread;
};

static sn_error poll_run(void *context)
{
    struct poller *poller = context;
    return sn_socket_poll(poller->socket, poller->timeout_us, SN_SELECT_READ, &poller->is_ready);
}

TEST(poll_waits_for_ever_with_minus_1_and_with_minus_1000_to_minus_1999_us)
{
    static const int times_us[] = {-1, -1000, -1999};
    for (size_t i = 0; i < COUNT_OF(times_us); i++) {
        struct socket_pair pair = pair_connected(UDP_IPV4);
        struct poller poller = {.socket = pair.client, .timeout_us = times_us[i]};
        thread_start_blocked(&poller.thread, poll_run, &poller);
        send_text(pair.server, "data");
        assert_ok(thread_join(&poller.thread));
        assert_true(poller.is_ready);
        pair_release(&pair);
    }
}

TEST(a_mode_that_does_not_exist_is_never_ready)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    send_text(pair.server, "data");
    wait_readable(pair.client);
    bool ready = true;
    assert_ok(sn_socket_poll(pair.client, 0, (sn_select_mode)7, &ready));
    assert_false(ready);
    pair_release(&pair);
}

TEST(poll_needs_a_place_for_its_answer)
{
    sn_socket *socket = socket_bound(UDP_IPV4);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_poll(socket, 0, SN_SELECT_READ, NULL));
    sn_socket_release(socket);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(a_quiet_connection_can_be_written_only),
        ON_ALL_CONNECTED(data_makes_a_socket_readable_until_it_is_received),
        ON_UDP(an_empty_datagram_makes_a_socket_readable),
        CASE_ON(an_empty_datagram_makes_a_socket_readable, UNIX_DATAGRAM),
        ON_LISTENERS(the_end_of_the_stream_makes_a_socket_readable),
        ON_TCP(a_reset_is_reported_by_every_mode),
        ON_LISTENERS(a_full_socket_cannot_be_written),
        CASE_ON(a_full_socket_cannot_be_written, UNIX_DATAGRAM),
        ON_LISTENERS(a_listener_is_readable_while_a_client_waits_and_never_writable),
        ON_TCP(a_non_blocking_connect_is_writable_when_it_has_succeeded),
        ON_TCP(a_connect_on_its_way_is_ready_for_nothing),
        ON_TCP(a_failed_non_blocking_connect_is_reported_by_every_mode_and_keeps_its_error_once),
        ON_TCP(urgent_data_is_reported_by_the_error_mode),
        ON_UDP(a_refused_datagram_is_reported_by_the_error_mode),
        ON_ALL_CONNECTED(poll_waits_for_data_without_a_limit),
        CASE(poll_without_enough_time_finds_nothing_and_that_is_no_error),
        CASE(a_time_of_minus_2000_us_and_less_is_refused),
        CASE(poll_waits_for_ever_with_minus_1_and_with_minus_1000_to_minus_1999_us),
        CASE(a_mode_that_does_not_exist_is_never_ready),
        CASE(poll_needs_a_place_for_its_answer),
    };
    return RUN(cases);
}
