/* Handles as operations: their order among others, and what becomes of them at early ends. */
#include "support/async.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/descriptors.h"
#include "support/threads.h"

static sn_handle own_file(void)
{
    int handle = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_true(handle >= 0);
    return handle;
}

/* With plain sends around it, all of them queued: each receive gets what belongs together. */
TEST(handles_keep_their_place_among_other_sends)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending sends[3], receives[3];
    sn_handle file = own_file(), arrived[3] = {-1, -1, -1};
    char data[3][8] = {{0}};
    pending_init_all(sends, 3);
    pending_init_all(receives, 3);
    for (int i = 0; i < 3; i++)
        sn_socket_receive_handles_async(pair.server, data[i], 2, &arrived[i], 1, SN_FLAG_NONE,
                                        &receives[i].operation);
    sn_socket_send_async(pair.client, "ab", 2, SN_FLAG_NONE, &sends[0].operation);
    sn_socket_send_handles_async(pair.client, "cd", 2, &file, 1, SN_FLAG_NONE, &sends[1].operation);
    sn_socket_send_async(pair.client, "ef", 2, SN_FLAG_NONE, &sends[2].operation);
    static const char *const texts[] = {"ab", "cd", "ef"};
    for (int i = 0; i < 3; i++) {
        assert_pending(SN_OK, &sends[i]);
        assert_pending(SN_OK, &receives[i]);
        assert_string_equal(data[i], texts[i]);
        assert_int_equal(sn_operation_get_handle_count(&receives[i].operation), i == 1);
        assert_int_equal(sn_operation_get_handle_count(&sends[i].operation), 0);
    }
    close(arrived[1]);
    close(file);
    pair_release(&pair);
}

/* --- Held sends: those that callbacks of one round start leave together ----------------------- */

struct burst {
    sn_socket *client;
    sn_handle file;
    struct pending sends[4];
};

static void start_burst(struct pending *pending)
{
    struct burst *burst = pending->context;
    for (int i = 0; i < 4; i++) {
        sn_operation *operation = &burst->sends[i].operation;
        if (i == 2)
            sn_socket_send_handles_async(burst->client, "h", 1, &burst->file, 1, SN_FLAG_NONE,
                                         operation);
        else
            sn_socket_send_async(burst->client, "p", 1, SN_FLAG_NONE, operation);
    }
}

TEST(a_burst_of_sends_carries_them_at_their_place)
{
    struct socket_pair pair = pair_plain(UNIX_STREAM);
    struct burst burst = {.client = pair.client, .file = own_file()};
    struct pending first;
    sn_handle arrived = -1;
    char byte;
    pending_init_all(burst.sends, 4);
    pending_init(&first);
    first.then = start_burst;
    first.context = &burst;
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &first.operation);
    send_plain(pair.server, "x", 1);
    assert_pending(SN_OK, &first);
    for (int i = 0; i < 4; i++)
        assert_pending(SN_OK, &burst.sends[i]);
    for (int i = 0; i < 4; i++) {
        sn_flags flags = SN_FLAG_NONE;
        size_t count = 9, size = 9;
        assert_ok(
            sn_socket_receive_handles(pair.server, &byte, 1, &arrived, 1, &flags, &count, &size));
        assert_int_equal(byte, i == 2 ? 'h' : 'p');
        assert_int_equal(count, i == 2);
        if (count > 0)
            close(arrived);
    }
    close(burst.file);
    pair_release(&pair);
}

/* --- Early ends ------------------------------------------------------------------------------- */

enum { LARGE = 4 << 20 };

struct stuck {
    struct socket_pair pair;
    struct pending send;
    char *data;
    sn_handle file;
};

static void start_stuck(struct stuck *stuck, enum transport transport, sn_milliseconds timeout_ms)
{
    stuck->pair = pair_plain(transport);
    stuck->data = calloc(1, LARGE);
    stuck->file = own_file();
    assert_non_null(stuck->data);
    pending_init(&stuck->send);
    stuck->send.operation.timeout_ms = timeout_ms;
    sn_socket_send_handles_async(stuck->pair.client, stuck->data, LARGE, &stuck->file, 1,
                                 SN_FLAG_NONE, &stuck->send.operation);
    wait_readable(stuck->pair.server);
}

/* They have gone with the first byte, and come once. */
static void assert_gone(struct stuck *stuck)
{
    size_t sent = stuck->send.operation.transferred, received = 0, handles = 0;
    assert_in_range(sent, 1, LARGE - 1);
    while (received < sent) {
        sn_flags flags = SN_FLAG_NONE;
        size_t count = 0, size = 0;
        sn_handle arrived = -1;
        assert_ok(sn_socket_receive_handles(stuck->pair.server, stuck->data, LARGE, &arrived, 1,
                                            &flags, &count, &size));
        assert_int_not_equal(size, 0);
        received += size;
        handles += count;
        if (count > 0)
            close(arrived);
    }
    assert_int_equal(received, sent);
    assert_int_equal(handles, 1);
    close(stuck->file);
    free(stuck->data);
    pair_release(&stuck->pair);
}

TEST(a_send_that_is_cancelled_in_the_middle_has_sent_them)
{
    struct stuck stuck;
    start_stuck(&stuck, UNIX_STREAM, 0);
    sn_operation_cancel(&stuck.send.operation);
    assert_pending(SN_OK, &stuck.send);
    assert_gone(&stuck);
}

TEST(a_send_whose_time_is_over_in_the_middle_has_sent_them)
{
    struct stuck stuck;
    start_stuck(&stuck, UNIX_STREAM, 1);
    assert_pending(SN_OK, &stuck.send);
    assert_gone(&stuck);
}

TEST(a_send_that_a_close_cuts_has_sent_them)
{
    struct stuck stuck;
    start_stuck(&stuck, UNIX_STREAM, 0);
    sn_socket_close(stuck.pair.client);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &stuck.send);
    assert_gone(&stuck);
}

/* One that has not begun has sent nothing. */
TEST(a_send_that_is_cancelled_before_its_turn_has_sent_none)
{
    struct stuck stuck;
    struct pending behind;
    pending_init(&behind);
    start_stuck(&stuck, UNIX_STREAM, 0);
    sn_socket_send_handles_async(stuck.pair.client, "x", 1, &stuck.file, 1, SN_FLAG_NONE,
                                 &behind.operation);
    sn_operation_cancel(&behind.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &behind);
    assert_int_equal(behind.operation.transferred, 0);
    sn_operation_cancel(&stuck.send.operation);
    assert_pending(SN_OK, &stuck.send);
    assert_gone(&stuck);
}

/* Whatever is quicker: what has come is told, and else it waits for the next receive. */
TEST(a_cancel_of_a_receive_loses_none)
{
    sn_handle file = own_file();
    for (int i = repetitions(200); i > 0; i--) {
        struct socket_pair pair = pair_plain(transport_of(state));
        struct pending receive;
        sn_handle arrived = -1;
        size_t count = 0, size = 0;
        sn_flags flags = SN_FLAG_NONE;
        char byte;
        pending_init(&receive);
        sn_socket_receive_handles_async(pair.server, &byte, 1, &arrived, 1, SN_FLAG_NONE,
                                        &receive.operation);
        assert_ok(sn_socket_send_handles(pair.client, "x", 1, &file, 1, SN_FLAG_NONE, NULL));
        sn_operation_cancel(&receive.operation);
        pending_wait(&receive);
        count = sn_operation_get_handle_count(&receive.operation);
        if (receive.operation.error) {
            assert_error(SN_ERROR_OPERATION_CANCELED, receive.operation.error);
            assert_int_equal(count, 0);
            assert_ok(sn_socket_receive_handles(pair.server, &byte, 1, &arrived, 1, &flags, &count,
                                                &size));
        }
        assert_int_equal(count, 1);
        assert_int_equal(close(arrived), 0);
        pair_release(&pair);
    }
    close(file);
}

TEST(receives_that_are_ended_tell_no_handles)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending timed, closed;
    sn_handle arrived[2] = {-1, -1};
    char data[2];
    pending_init(&timed);
    pending_init(&closed);
    timed.operation.timeout_ms = 1;
    sn_socket_receive_handles_async(pair.server, &data[0], 1, &arrived[0], 1, SN_FLAG_NONE,
                                    &timed.operation);
    assert_pending(SN_ERROR_TIMED_OUT, &timed);
    sn_socket_receive_handles_async(pair.server, &data[1], 1, &arrived[1], 1, SN_FLAG_NONE,
                                    &closed.operation);
    sn_socket_close(pair.server);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &closed);
    assert_int_equal(sn_operation_get_handle_count(&timed.operation), 0);
    assert_int_equal(sn_operation_get_handle_count(&closed.operation), 0);
    assert_int_equal(arrived[0] + arrived[1], -2);
    pair_release(&pair);
}

/* A full datagram queue has to be waited for. */
TEST(a_send_to_a_full_queue_waits_for_its_turn)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending send;
    sn_handle file = own_file(), arrived = -1;
    char data[4096];
    pending_init(&send);
    size_t queued = fill_until_full(pair.client);
    sn_socket_send_handles_async(pair.client, "last", 4, &file, 1, SN_FLAG_NONE, &send.operation);
    assert_int_equal(pending_count(&send), 0);
    for (size_t received = 0; received < queued;) {
        size_t size = 0, left = queued - received;
        assert_ok(sn_socket_receive(pair.server, data, left < sizeof data ? left : sizeof data,
                                    SN_FLAG_NONE, &size));
        received += size;
    }
    assert_pending(SN_OK, &send);
    sn_flags flags = SN_FLAG_NONE;
    size_t count = 0, size = 0;
    assert_ok(sn_socket_receive_handles(pair.server, data, sizeof data, &arrived, 1, &flags, &count,
                                        &size));
    assert_int_equal(size, 4);
    assert_int_equal(count, 1);
    close(arrived);
    close(file);
    pair_release(&pair);
}

TEST(of_no_such_operation_the_count_is_none)
{
    sn_operation operation = {0};
    assert_int_equal(sn_operation_get_handle_count(NULL), 0);
    assert_int_equal(sn_operation_get_handle_count(&operation), 0);
}

#define ON_CARRIERS(test)                                                                          \
    CASE_ON(test, UNIX_STREAM), CASE_ON(test, UNIX_SEQPACKET), CASE_ON(test, UNIX_DATAGRAM)

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_CARRIERS(handles_keep_their_place_among_other_sends),
        CASE(a_burst_of_sends_carries_them_at_their_place),
        CASE(a_send_that_is_cancelled_in_the_middle_has_sent_them),
        CASE(a_send_whose_time_is_over_in_the_middle_has_sent_them),
        CASE(a_send_that_a_close_cuts_has_sent_them),
        CASE(a_send_that_is_cancelled_before_its_turn_has_sent_none),
        ON_CARRIERS(a_cancel_of_a_receive_loses_none),
        ON_CARRIERS(receives_that_are_ended_tell_no_handles),
        ON_CARRIERS(a_send_to_a_full_queue_waits_for_its_turn),
        CASE(of_no_such_operation_the_count_is_none),
    };
    return RUN(cases);
}
