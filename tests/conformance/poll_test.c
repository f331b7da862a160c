/*
 * Poll, Select, IOControl and Available (contract B.13; traps 60 and 78 to 85).
 */
#include "support/run.h"

#include <sennit/dotnet.h>

#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>

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

static void send_urgent(sn_socket *socket)
{
    size_t sent;
    assert_ok(do_send(socket, "!", 1, SN_FLAG_OUT_OF_BAND, &sent));
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

/* --- Select ---------------------------------------------------------------------------------- */

/* Trap 80. */
TEST(select_keeps_the_ready_sockets_in_their_order)
{
    enum { COUNT = 6 };
    struct socket_pair pairs[COUNT];
    sn_socket *reads[COUNT], *writes[COUNT], *errors[COUNT];
    for (int i = 0; i < COUNT; i++) {
        pairs[i] = pair_connected(i % 2 ? UDP_IPV4 : TCP_IPV4);
        reads[i] = writes[i] = errors[i] = pairs[i].client;
        if (i == 1 || i == 2 || i == 5) {
            send_text(pairs[i].server, "data");
            wait_readable(pairs[i].client);
        }
    }
    sn_socket_list read = {reads, COUNT}, write = {writes, COUNT}, error = {errors, COUNT};
    assert_ok(sn_socket_select(&read, &write, &error, -1));
    assert_int_equal(3, read.count);
    assert_ptr_equal(pairs[1].client, reads[0]);
    assert_ptr_equal(pairs[2].client, reads[1]);
    assert_ptr_equal(pairs[5].client, reads[2]);
    assert_int_equal(COUNT, write.count);
    for (int i = 0; i < COUNT; i++)
        assert_ptr_equal(pairs[i].client, writes[i]);
    assert_int_equal(0, error.count);
    for (int i = 0; i < COUNT; i++)
        pair_release(&pairs[i]);
}

TEST(select_empties_the_lists_when_the_time_passes)
{
    sn_socket *a = socket_bound(UDP_IPV4), *b = socket_bound(UNIX_DATAGRAM);
    static const int times_us[] = {0, 1, 5000};
    for (size_t i = 0; i < COUNT_OF(times_us); i++) {
        sn_socket *reads[] = {a, b}, *errors[] = {b, a};
        sn_socket_list read = {reads, 2}, error = {errors, 2}, empty = {NULL, 0};
        assert_ok(sn_socket_select(&read, &empty, &error, times_us[i]));
        assert_int_equal(0, read.count);
        assert_int_equal(0, error.count);
    }
    sn_socket_release(a);
    sn_socket_release(b);
}

/* Trap 81. */
TEST(select_puts_urgent_data_into_the_error_list)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_socket *errors[] = {pair.server, pair.client};
    sn_socket_list error = {errors, 2};
    send_urgent(pair.server);
    assert_ok(sn_socket_select(NULL, NULL, &error, -1));
    assert_int_equal(1, error.count);
    assert_ptr_equal(pair.client, errors[0]);
    pair_release(&pair);
}

TEST(the_same_socket_may_stand_in_a_list_twice)
{
    struct socket_pair pair = pair_connected(UDP_IPV4);
    sn_socket *reads[] = {pair.client, pair.server, pair.client};
    sn_socket_list read = {reads, 3};
    send_text(pair.server, "data");
    assert_ok(sn_socket_select(&read, NULL, NULL, -1));
    assert_int_equal(2, read.count);
    assert_ptr_equal(pair.client, reads[0]);
    assert_ptr_equal(pair.client, reads[1]);
    pair_release(&pair);
}

/* Trap 78. */
TEST(select_with_nothing_to_wait_for_is_refused)
{
    sn_socket_list empty = {NULL, 0};
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(NULL, NULL, NULL, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&empty, NULL, &empty, -1));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&empty, &empty, &empty, -1));
}

TEST(select_with_a_missing_socket_is_refused)
{
    sn_socket *socket = socket_bound(UDP_IPV4);
    sn_socket *sockets[] = {socket, NULL};
    sn_socket_list list = {sockets, 2}, pointless = {NULL, 1};
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&list, NULL, NULL, 0));
    assert_int_equal(2, list.count);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&pointless, NULL, NULL, 0));
    sn_socket_release(socket);
}

/* Trap 78. */
TEST(a_list_of_more_than_65536_sockets_is_refused)
{
    sn_socket *socket = socket_bound(UDP_IPV4);
    size_t count = 65537;
    sn_socket **sockets = malloc(count * sizeof(*sockets));
    assert_non_null(sockets);
    for (size_t i = 0; i < count; i++)
        sockets[i] = socket;
    sn_socket_list list = {sockets, count};
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_select(NULL, &list, NULL, 0));
    assert_int_equal(count, list.count);
    free(sockets);
    sn_socket_release(socket);
}

TEST(more_sockets_than_fit_on_the_stack_are_selected)
{
    enum { COUNT = 300 };
    sn_socket *sockets[COUNT], *writes[COUNT], *reads[COUNT];
    for (int i = 0; i < COUNT; i++)
        sockets[i] = writes[i] = reads[i] = socket_bound(UDP_IPV4);
    sn_socket_list read = {reads, COUNT}, write = {writes, COUNT};
    assert_ok(sn_socket_select(&read, &write, NULL, -1));
    assert_int_equal(0, read.count);
    assert_int_equal(COUNT, write.count);
    assert_memory_equal(sockets, writes, sizeof writes);
    for (int i = 0; i < COUNT; i++)
        sn_socket_release(sockets[i]);
}

enum { MANY = 5000, FEW = 400 };

/* Sets how many descriptors the process may have; false where that is forbidden. */
static bool limit_descriptors(rlim_t count, struct rlimit *out_before)
{
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, out_before));
    struct rlimit wanted = *out_before;
    wanted.rlim_cur = count;
    return (wanted.rlim_max == RLIM_INFINITY || count <= wanted.rlim_max) &&
           setrlimit(RLIMIT_NOFILE, &wanted) == 0;
}

/* So many sockets in all three lists: every second can be read, all can be written to. */
static void check_select_of(size_t count)
{
    sn_socket **sockets = calloc(4 * count, sizeof *sockets);
    sn_socket *sender = socket_make(UDP_IPV4);
    for (size_t i = 0; i < count; i++) {
        sockets[i] = socket_bound(UDP_IPV4);
        sn_endpoint to = local_endpoint(sockets[i]);
        if (i % 2)
            assert_ok(sn_socket_send_to(sender, "x", 1, SN_FLAG_NONE, &to, NULL));
    }
    for (size_t i = 0; i < 3 * count; i++)
        sockets[count + i] = sockets[i % count];
    sn_socket_list read = {sockets + count, count}, write = {sockets + 2 * count, count};
    sn_socket_list error = {sockets + 3 * count, count};
    assert_ok(sn_socket_select(&read, &write, &error, -1));
    assert_int_equal(count / 2, read.count);
    for (size_t i = 0; i < count / 2; i++)
        assert_ptr_equal(sockets[2 * i + 1], read.sockets[i]);
    assert_int_equal(count, write.count);
    assert_memory_equal(sockets, write.sockets, count * sizeof *sockets);
    assert_int_equal(0, error.count);
    /* Nothing is ready any more but for reading. */
    read.count = error.count = count;
    memcpy(read.sockets, sockets, count * sizeof *sockets);
    memcpy(error.sockets, sockets, count * sizeof *sockets);
    assert_ok(sn_socket_select(&read, NULL, &error, -1));
    assert_int_equal(count / 2, read.count);
    assert_int_equal(0, error.count);
    for (size_t i = 0; i < count; i++)
        sn_socket_release(sockets[i]);
    sn_socket_release(sender);
    free(sockets);
}

TEST(thousands_of_sockets_are_selected)
{
    struct rlimit before;
    if (!limit_descriptors(MANY + 200, &before))
        SKIP("this user may not have %d descriptors", MANY + 200);
    check_select_of(MANY);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
}

/* The kernel polls no more entries than a process may have descriptors, and one socket may have an
 * entry in each list. */
TEST(the_lists_may_be_longer_than_the_limit_of_descriptors)
{
    struct rlimit before;
    if (!limit_descriptors(FEW + 200, &before))
        SKIP("the limit of descriptors cannot be changed");
    check_select_of(FEW);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
}

/* ... also while it waits: the entry of the thread's wake event is among them. */
TEST(a_select_of_long_lists_waits_and_is_woken)
{
    struct rlimit before;
    struct socket_pair pair = pair_connected(UDP_IPV4);
    sn_socket *sockets[3][FEW];
    sn_socket_list lists[3];
    if (!limit_descriptors(FEW - 200, &before))
        SKIP("the limit of descriptors cannot be changed");
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < FEW; k++)
            sockets[i][k] = k == FEW - 1 ? pair.server : pair.client;
        lists[i] = (sn_socket_list){sockets[i], FEW};
    }
    assert_ok(sn_socket_select(&lists[0], NULL, &lists[2], 1000));
    assert_int_equal(0, lists[0].count);
    lists[0].count = lists[2].count = FEW;
    for (int k = 0; k < FEW; k++)
        sockets[0][k] = sockets[2][k] = k == FEW - 1 ? pair.server : pair.client;
    send_text(pair.client, "x");
    assert_ok(sn_socket_select(&lists[0], &lists[1], &lists[2], -1));
    assert_int_equal(1, lists[0].count);
    assert_ptr_equal(pair.server, sockets[0][0]);
    assert_int_equal(FEW, lists[1].count);
    assert_int_equal(0, lists[2].count);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    pair_release(&pair);
}

TEST(select_with_a_closed_socket_leaves_the_lists_alone)
{
    sn_socket *open = socket_bound(UDP_IPV4), *closed = socket_bound(UDP_IPV4);
    sn_socket *reads[] = {open}, *writes[] = {open, closed};
    sn_socket_list read = {reads, 1}, write = {writes, 2};
    sn_socket_close(closed);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_select(&read, &write, NULL, 0));
    assert_int_equal(1, read.count);
    assert_int_equal(2, write.count);
    assert_ptr_equal(open, writes[0]);
    assert_ptr_equal(closed, writes[1]);
    sn_socket_release(open);
    sn_socket_release(closed);
}

struct selector {
    sn_socket *sockets[3];
    sn_socket_list list;
    struct thread thread;
};

static sn_error select_run(void *context)
{
    struct selector *selector = context;
    return sn_socket_select(&selector->list, NULL, NULL, -1);
}

TEST(a_blocked_select_ends_when_any_socket_becomes_ready)
{
    for (int which = 0; which < 3; which++) {
        struct socket_pair pairs[3] = {pair_connected(TCP_IPV4), pair_connected(UDP_IPV4),
                                       pair_connected(UNIX_STREAM)};
        struct selector selector = {.sockets = {pairs[0].client, pairs[1].client, pairs[2].client}};
        selector.list = (sn_socket_list){selector.sockets, 3};
        thread_start_blocked(&selector.thread, select_run, &selector);
        send_text(pairs[which].server, "data");
        assert_ok(thread_join(&selector.thread));
        assert_int_equal(1, selector.list.count);
        assert_ptr_equal(pairs[which].client, selector.sockets[0]);
        for (int i = 0; i < 3; i++)
            pair_release(&pairs[i]);
    }
}

/* --- Available and IOControl ----------------------------------------------------------------- */

static size_t available_in(sn_socket *socket)
{
    size_t count = SIZE_MAX;
    assert_ok(sn_socket_get_available(socket, &count));
    return count;
}

static int control(sn_socket *socket, sn_io_control_code code)
{
    int value = -1;
    size_t written = 0;
    assert_ok(sn_socket_io_control(socket, code, NULL, 0, &value, sizeof value, &written));
    assert_int_equal(4, written);
    return value;
}

/* Trap 83. */
TEST(available_counts_the_bytes_of_a_stream)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_int_equal(0, available_in(pair.client));
    send_text(pair.server, "seven b");
    wait_readable(pair.client);
    assert_int_equal(7, available_in(pair.client));
    assert_int_equal(7, control(pair.client, SN_IO_CONTROL_DATA_TO_READ));
    assert_receives(pair.client, "seven");
    assert_int_equal(2, available_in(pair.client));
    pair_release(&pair);
}

TEST(available_is_the_size_of_the_next_datagram)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char byte;
    size_t received;
    assert_int_equal(0, available_in(pair.client));
    send_text(pair.server, "seven b");
    send_text(pair.server, "nine byte");
    wait_readable(pair.client);
    assert_int_equal(7, available_in(pair.client));
    assert_int_equal(7, control(pair.client, SN_IO_CONTROL_DATA_TO_READ));
    assert_ok(do_receive(pair.client, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal(9, available_in(pair.client));
    pair_release(&pair);
}

TEST(nothing_is_available_on_an_unconnected_socket)
{
    sn_socket *socket = socket_make(transport_of(state));
    assert_int_equal(0, available_in(socket));
    sn_socket_release(socket);
}

TEST(a_listener_cannot_say_what_is_available)
{
    sn_socket *listener = socket_listening(transport_of(state), 1);
    size_t count;
    int value;
    assert_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_get_available(listener, &count));
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 sn_socket_io_control(listener, SN_IO_CONTROL_DATA_TO_READ, NULL, 0, &value,
                                      sizeof value, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_available(listener, NULL));
    sn_socket_release(listener);
}

/* Trap 83. */
TEST(a_control_code_needs_four_bytes_of_output)
{
    static const sn_io_control_code codes[] = {SN_IO_CONTROL_DATA_TO_READ,
                                               SN_IO_CONTROL_OOB_DATA_READ};
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char output[16] = {0};
    size_t written = 77;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        for (size_t size = 0; size < 4; size++)
            assert_error(SN_ERROR_FAULT, sn_socket_io_control(pair.client, codes[i], NULL, 0,
                                                              output, size, &written));
        assert_error(SN_ERROR_FAULT,
                     sn_socket_io_control(pair.client, codes[i], NULL, 0, NULL, 0, &written));
        assert_error(SN_ERROR_FAULT,
                     sn_socket_io_control(pair.client, codes[i], NULL, 0, NULL, 4, &written));
        assert_int_equal(77, written);
        assert_ok(
            sn_socket_io_control(pair.client, codes[i], "in", 2, output, sizeof output, &written));
        assert_int_equal(4, written);
        assert_ok(sn_socket_io_control(pair.client, codes[i], NULL, 0, output, 4, NULL));
        written = 77;
    }
    pair_release(&pair);
}

/* Trap 84. */
TEST(the_urgent_mark_is_seen_before_and_after_the_urgent_byte_was_read)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char byte;
    size_t received;
    bool ready;
    assert_int_equal(0, control(pair.client, SN_IO_CONTROL_OOB_DATA_READ));
    send_urgent(pair.server);
    assert_ok(sn_socket_poll(pair.client, -1, SN_SELECT_ERROR, &ready));
    assert_int_equal(1, control(pair.client, SN_IO_CONTROL_OOB_DATA_READ));
    assert_ok(do_receive(pair.client, &byte, 1, SN_FLAG_OUT_OF_BAND, &received));
    assert_int_equal(1, control(pair.client, SN_IO_CONTROL_OOB_DATA_READ));
    pair_release(&pair);
}

/* Trap 85. */
TEST(every_other_control_code_is_refused)
{
    static const struct {
        const char *name;
        sn_io_control_code code;
    } codes[] = {
#define X(id, number, name) {name, number},
        SN_IO_CONTROL_TABLE(X)
#undef X
            {"0", 0},
        {"12345", 12345},
        {"-1", -1},
        {"beyond 32 bits", (sn_io_control_code)1 << 40 | SN_IO_CONTROL_DATA_TO_READ},
    };
    struct socket_pair pair = pair_connected(TCP_IPV4);
    int value;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (codes[i].code == SN_IO_CONTROL_DATA_TO_READ ||
            codes[i].code == SN_IO_CONTROL_OOB_DATA_READ)
            continue;
        row_begin("%s", codes[i].name);
        bool is_blocking = codes[i].code == SN_IO_CONTROL_NON_BLOCKING_IO;
        row_error(
            is_blocking ? SN_ERROR_INVALID_OPERATION : SN_ERROR_PLATFORM_NOT_SUPPORTED,
            sn_socket_io_control(pair.client, codes[i].code, NULL, 0, &value, sizeof value, NULL));
    }
    rows_end();
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
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
        CASE(select_keeps_the_ready_sockets_in_their_order),
        CASE(select_empties_the_lists_when_the_time_passes),
        CASE(select_puts_urgent_data_into_the_error_list),
        CASE(the_same_socket_may_stand_in_a_list_twice),
        CASE(select_with_nothing_to_wait_for_is_refused),
        CASE(select_with_a_missing_socket_is_refused),
        CASE(a_list_of_more_than_65536_sockets_is_refused),
        CASE(more_sockets_than_fit_on_the_stack_are_selected),
        CASE(thousands_of_sockets_are_selected),
        CASE(the_lists_may_be_longer_than_the_limit_of_descriptors),
        CASE(a_select_of_long_lists_waits_and_is_woken),
        CASE(select_with_a_closed_socket_leaves_the_lists_alone),
        CASE(a_blocked_select_ends_when_any_socket_becomes_ready),
        ON_STREAMS(available_counts_the_bytes_of_a_stream),
        ON_UDP(available_is_the_size_of_the_next_datagram),
        ON_ALL_CONNECTED(nothing_is_available_on_an_unconnected_socket),
        ON_STREAMS(a_listener_cannot_say_what_is_available),
        CASE(a_control_code_needs_four_bytes_of_output),
        ON_TCP(the_urgent_mark_is_seen_before_and_after_the_urgent_byte_was_read),
        CASE(every_other_control_code_is_refused),
    };
    return RUN(cases);
}
