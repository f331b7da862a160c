/* Receives of one stream that wait are filled by one call, each as if it had made its own. */
#include "unit/engine/engines.h"

#include <string.h>

#include "socket/object/object.h"
#include "support/transfer_support.h"

enum { RECEIVES = 16, ROOM = 8 };

struct row {
    sn_engine *engine;
    struct socket_pair pair;
    sn_operation receives[RECEIVES];
    char data[RECEIVES][ROOM];
    int completed, order[RECEIVES + 1]; /* one may be started again */
    void (*then)(struct row *row);      /* in the callback of the fourth; or NULL */
};

static void note_completed(sn_operation *operation)
{
    struct row *row = operation->context;
    row->order[row->completed++] = (int)(operation - row->receives);
    if (row->then && row->completed == 4)
        row->then(row);
}

static void row_make(struct row *row, void **state, enum transport transport)
{
    memset(row, 0, sizeof *row);
    row->engine = engine_of(state, 0);
    row->pair = pair_connected(transport);
    use_engine(row->pair.client, row->engine);
    for (int i = 0; i < RECEIVES; i++) {
        row->receives[i] = (sn_operation){.completed = note_completed, .context = row};
        sn_socket_receive_async(row->pair.client, row->data[i], ROOM, SN_FLAG_NONE,
                                &row->receives[i]);
    }
    run_ready(row->engine);
    assert_int_equal(row->completed, 0);
}

static void row_end(struct row *row)
{
    pair_release(&row->pair);
    run_ready(row->engine);
    destroy_engine(row->engine);
}

static void send_whole(sn_socket *socket, const char *data, size_t size)
{
    size_t sent;
    assert_ok(sn_socket_send(socket, data, size, SN_FLAG_NONE, &sent));
    assert_int_equal(sent, size);
}

/* `count` bytes are there at once. */
static void send_to_row(struct row *row, size_t count)
{
    char data[RECEIVES * ROOM];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)('a' + i % 26);
    send_whole(row->pair.server, data, count);
}

static void assert_filled(struct row *row, size_t count)
{
    for (size_t i = 0; i * ROOM < count; i++) {
        size_t part = count - i * ROOM < ROOM ? count - i * ROOM : ROOM;
        assert_ok(run_until(row->engine, &row->receives[i]));
        assert_int_equal(row->receives[i].transferred, part);
        assert_int_equal(row->order[i], i);
        for (size_t at = 0; at < part; at++)
            assert_int_equal(row->data[i][at], 'a' + (i * ROOM + at) % 26);
    }
}

TEST(receives_that_wait_are_filled_in_order)
{
    struct row row;
    row_make(&row, state, TCP_IPV4);
    send_to_row(&row, sizeof row.data);
    assert_filled(&row, sizeof row.data);
    row_end(&row);
}

TEST(what_is_not_reached_waits_on)
{
    struct row row;
    row_make(&row, state, TCP_IPV4);
    send_to_row(&row, 5 * ROOM + 3);
    assert_filled(&row, 5 * ROOM + 3);
    run_ready(row.engine);
    assert_int_equal(row.completed, 6);
    sn_operation_cancel(&row.receives[9]);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(row.engine, &row.receives[9]));
    send_whole(row.pair.server, "xyz", 3);
    assert_ok(run_until(row.engine, &row.receives[6]));
    assert_memory_equal(row.data[6], "xyz", 3);
    row_end(&row);
}

TEST(the_end_of_the_stream_is_told_to_each)
{
    struct row row;
    row_make(&row, state, TCP_IPV4);
    send_to_row(&row, 2 * ROOM);
    assert_ok(sn_socket_shutdown(row.pair.server, SN_SHUTDOWN_SEND));
    assert_filled(&row, 2 * ROOM);
    for (int i = 2; i < RECEIVES; i++) {
        assert_ok(run_until(row.engine, &row.receives[i]));
        assert_int_equal(row.receives[i].transferred, 0);
        assert_int_equal(row.order[i], i);
    }
    row_end(&row);
}

TEST(a_unix_stream_fills_them_as_well)
{
    struct row row;
    row_make(&row, state, UNIX_STREAM);
    for (size_t i = 0; i < RECEIVES * ROOM; i += 4)
        send_whole(row.pair.server, "abcd", 4);
    size_t moved = 0;
    for (int i = 0; moved < RECEIVES * ROOM && i < RECEIVES; i++) {
        assert_ok(run_until(row.engine, &row.receives[i]));
        for (size_t at = 0; at < row.receives[i].transferred; at++)
            assert_int_equal(row.data[i][at], 'a' + moved++ % 4);
    }
    assert_int_equal(moved, RECEIVES * ROOM);
    row_end(&row);
}

/* A flag is nothing that one call could do for several. */
TEST(a_peek_among_them_takes_its_turn)
{
    struct row row;
    sn_operation peek = {0}, behind[3] = {0};
    char seen[4] = {0}, data[3][2];
    row_make(&row, state, TCP_IPV4);
    sn_socket_receive_async(row.pair.client, seen, 4, SN_FLAG_PEEK, &peek);
    for (int i = 0; i < 3; i++)
        sn_socket_receive_async(row.pair.client, data[i], 2, SN_FLAG_NONE, &behind[i]);
    send_to_row(&row, sizeof row.data);
    assert_filled(&row, sizeof row.data);
    send_whole(row.pair.server, "123456", 6);
    for (int i = 0; i < 3; i++)
        assert_ok(run_until(row.engine, &behind[i]));
    assert_int_equal(peek.transferred, 4);
    assert_memory_equal(seen, "1234", 4);
    assert_memory_equal(data, "123456", 6);
    row_end(&row);
}

/* --- What a callback in the middle of a row does ---------------------------------------------- */

static void cancel_behind(struct row *row)
{
    sn_operation_cancel(&row->receives[4]);
    sn_operation_cancel(&row->receives[9]);
}

TEST(a_callback_that_cancels_the_next_ones_comes_too_late)
{
    struct row row;
    row_make(&row, state, TCP_IPV4);
    row.then = cancel_behind;
    send_to_row(&row, sizeof row.data);
    assert_filled(&row, sizeof row.data);
    assert_int_equal(row.pair.client->descriptor.lanes[DIRECTION_IN], 0);
    assert_closes(row.engine, row.pair.client);
    row_end(&row);
}

static void close_socket(struct row *row)
{
    sn_socket_close(row->pair.client);
    assert_false(descriptor_is_closed(&row->pair.client->descriptor)); /* it has users */
}

TEST(a_callback_that_closes_takes_nothing_from_the_next_ones)
{
    struct row row;
    row_make(&row, state, TCP_IPV4);
    row.then = close_socket;
    send_to_row(&row, 7 * ROOM);
    assert_filled(&row, 7 * ROOM);
    for (int i = 7; i < RECEIVES; i++)
        assert_error(SN_ERROR_OPERATION_ABORTED, run_until(row.engine, &row.receives[i]));
    assert_int_equal(row.pair.client->descriptor.lanes[DIRECTION_IN], 0);
    assert_true(descriptor_is_closed(&row.pair.client->descriptor));
    row_end(&row);
}

static void receive_again(struct row *row)
{
    sn_socket_receive_async(row->pair.client, row->data[3], ROOM, SN_FLAG_NONE, &row->receives[3]);
}

TEST(a_callback_may_start_its_own_again)
{
    struct row row;
    row_make(&row, state, TCP_IPV4);
    row.then = receive_again;
    send_to_row(&row, 8 * ROOM);
    assert_ok(run_until(row.engine, &row.receives[7]));
    send_to_row(&row, 8 * ROOM);
    assert_ok(run_until(row.engine, &row.receives[RECEIVES - 1]));
    assert_int_equal(row.completed, RECEIVES);
    assert_int_equal(row.pair.client->descriptor.lanes[DIRECTION_IN], LANE_ONE);
    send_whole(row.pair.server, "again", 5);
    assert_ok(run_until(row.engine, &row.receives[3]));
    assert_memory_equal(row.data[3], "again", 5);
    assert_closes(row.engine, row.pair.client);
    row_end(&row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(receives_that_wait_are_filled_in_order),
        ON_BOTH(what_is_not_reached_waits_on),
        ON_BOTH(the_end_of_the_stream_is_told_to_each),
        ON_BOTH(a_unix_stream_fills_them_as_well),
        ON_BOTH(a_peek_among_them_takes_its_turn),
        ON_BOTH(a_callback_that_cancels_the_next_ones_comes_too_late),
        ON_BOTH(a_callback_that_closes_takes_nothing_from_the_next_ones),
        ON_BOTH(a_callback_may_start_its_own_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
