/* Receives of one datagram socket that wait are filled by one call, each as if it had made its own;
 * and what one round starts is filled at its end. */
#include "unit/engine/engines.h"

#include <string.h>

#include "support/transfer_support.h"

enum { RECEIVES = 80, ROOM = 4 };

struct row {
    sn_engine *engine;
    struct socket_pair pair;
    sn_operation receives[RECEIVES], post;
    sn_endpoint senders[RECEIVES];
    char data[RECEIVES][ROOM];
    int completed, order[RECEIVES], again;
    bool closes;
};

static void start(struct row *row, int i)
{
    sn_operation *operation = &row->receives[i];
    switch (i % 3) {
    case 0:
        assert_true(
            sn_socket_receive_async(row->pair.client, row->data[i], ROOM, SN_FLAG_NONE, operation));
        break;
    case 1:
        assert_true(sn_socket_receive_from_async(row->pair.client, row->data[i], ROOM, SN_FLAG_NONE,
                                                 &row->senders[i], operation));
        break;
    default:
        assert_true(sn_socket_receive_message_from_async(
            row->pair.client, row->data[i], ROOM, SN_FLAG_NONE, &row->senders[i], operation));
    }
}

static void note_completed(sn_operation *operation)
{
    struct row *row = operation->context;
    int i = (int)(operation - row->receives);
    row->order[row->completed++ % RECEIVES] = i;
    if (row->again > 0) {
        row->again--;
        start(row, i);
    }
}

static void row_make(struct row *row, void **state, enum transport transport)
{
    memset(row, 0, sizeof *row);
    row->engine = engine_of(state, 0);
    row->pair = pair_connected(transport);
    use_engine(row->pair.client, row->engine);
    for (int i = 0; i < RECEIVES; i++)
        row->receives[i] = (sn_operation){.completed = note_completed, .context = row};
}

static void row_start(struct row *row)
{
    for (int i = 0; i < RECEIVES; i++)
        start(row, i);
}

static void row_end(struct row *row)
{
    pair_release(&row->pair);
    run_ready(row->engine);
    destroy_engine(row->engine);
}

/* Number i has as many bytes: of those with 5 one does not fit. */
static void send_number(struct row *row, int i)
{
    char data[5] = {'a', 'b', 'c', 'd', 'e'};
    data[0] = (char)i;
    size_t sent;
    assert_ok(sn_socket_send(row->pair.server, data, 1 + (size_t)i % 5, SN_FLAG_NONE, &sent));
}

static void assert_got(struct row *row, int i, int number)
{
    size_t size = 1 + (size_t)number % 5;
    assert_ok(run_until(row->engine, &row->receives[i]));
    assert_int_equal(row->receives[i].transferred, size < ROOM ? size : ROOM);
    assert_int_equal((unsigned char)row->data[i][0], number);
    /* Not what is said of control messages, which the third kind asks for. */
    assert_int_equal(row->receives[i].flags & SN_FLAG_TRUNCATED,
                     size > ROOM ? SN_FLAG_TRUNCATED : SN_FLAG_NONE);
    if (i % 3) {
        sn_endpoint from = local_endpoint(row->pair.server);
        assert_true(sn_endpoint_equals(&from, &row->senders[i]));
    }
}

static void receive_what_waits(void **state, enum transport transport)
{
    struct row row;
    row_make(&row, state, transport);
    row_start(&row);
    run_ready(row.engine);
    assert_int_equal(row.completed, 0);
    /* Fewer than a Unix socket queues. */
    for (int i = 0; i < RECEIVES; i += 8) {
        for (int k = 0; k < 8; k++)
            send_number(&row, i + k);
        for (int k = 0; k < 8; k++) {
            assert_got(&row, i + k, i + k);
            assert_int_equal(row.order[i + k], i + k);
        }
        run_ready(row.engine);
        assert_int_equal(row.completed, i + 8);
    }
    row_end(&row);
}

TEST(receives_that_wait_get_a_datagram_each_in_order)
{
    receive_what_waits(state, UDP_IPV4);
    receive_what_waits(state, UDP_IPV6);
}

TEST(those_of_a_unix_socket_as_well)
{
    receive_what_waits(state, UNIX_DATAGRAM);
}

static void start_all(sn_operation *post)
{
    struct row *row = post->context;
    row_start(row);
    if (row->closes)
        sn_socket_close(row->pair.client);
}

static void start_in_callback(struct row *row)
{
    row->post = (sn_operation){.completed = start_all, .context = row};
    assert_true(sn_engine_post_async(row->engine, &row->post));
    assert_ok(run_until(row->engine, &row->post));
}

TEST(what_a_callback_starts_gets_what_is_there_and_the_rest_waits)
{
    struct row row;
    row_make(&row, state, UDP_IPV4);
    for (int i = 0; i < 70; i++)
        send_number(&row, i);
    start_in_callback(&row);
    run_ready(row.engine);
    for (int i = 0; i < 70; i++)
        assert_got(&row, i, i);
    assert_int_equal(row.completed, 70);
    send_number(&row, 70);
    assert_got(&row, 70, 70);
    row_end(&row);
}

/* As a server does: each callback starts its receive anew. */
TEST(those_that_are_started_anew_get_the_next_ones)
{
    struct row row;
    row_make(&row, state, UDP_IPV4);
    row.again = 120;
    for (int i = 0; i < 200; i++)
        send_number(&row, i);
    start_in_callback(&row);
    run_ready(row.engine);
    assert_int_equal(row.completed, 200);
    for (int i = 0; i < RECEIVES; i++)
        assert_int_equal(row.order[(120 + i) % RECEIVES], (120 + i) % RECEIVES);
    for (int i = 0; i < RECEIVES; i++)
        assert_got(&row, i, i < 40 ? 160 + i : 80 + i);
    row_end(&row);
}

/* A close takes what has a datagram's turn for done, as when each is tried at its start. */
TEST(a_close_in_the_callback_comes_behind_its_receives)
{
    struct row row;
    row_make(&row, state, UDP_IPV4);
    row.closes = true;
    for (int i = 0; i < 10; i++)
        send_number(&row, i);
    start_in_callback(&row);
    run_ready(row.engine);
    assert_int_equal(row.completed, RECEIVES);
    int done = 0;
    for (int i = 0; i < RECEIVES; i++) {
        if (!row.receives[i].error)
            done++;
        else
            assert_int_equal(row.receives[i].error, SN_ERROR_OPERATION_ABORTED);
    }
    assert_in_range(done, 1, 10);
    row_end(&row);
}

TEST(one_that_is_cancelled_in_the_middle_takes_no_datagram)
{
    struct row row;
    row_make(&row, state, UDP_IPV4);
    row_start(&row);
    run_ready(row.engine);
    sn_operation_cancel(&row.receives[3]);
    for (int i = 0; i < 10; i++)
        send_number(&row, i);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(row.engine, &row.receives[3]));
    for (int i = 0; i < 3; i++)
        assert_got(&row, i, i);
    for (int i = 4; i < 11; i++)
        assert_got(&row, i, i - 1);
    row_end(&row);
}

/* Nobody is there any more: one of them is told, and the others wait on. */
TEST(an_error_of_the_socket_is_told_to_one_of_them)
{
    struct row row;
    row_make(&row, state, UDP_IPV4);
    row_start(&row);
    run_ready(row.engine);
    sn_socket_close(row.pair.server);
    assert_ok(sn_socket_send(row.pair.client, "x", 1, SN_FLAG_NONE, NULL));
    assert_error(SN_ERROR_CONNECTION_REFUSED, run_until(row.engine, &row.receives[0]));
    run_ready(row.engine);
    assert_int_equal(row.completed, 1);
    row_end(&row);
}

/* Its end is a message without bytes, which the kernel tells again and again. */
TEST(messages_of_a_connection_are_taken_one_by_one)
{
    struct row row;
    row_make(&row, state, UNIX_SEQPACKET);
    row_start(&row);
    run_ready(row.engine);
    for (int i = 0; i < 4; i++)
        send_number(&row, i);
    sn_socket_close(row.pair.server);
    for (int i = 0; i < 4; i++) {
        assert_ok(run_until(row.engine, &row.receives[i]));
        assert_int_equal(row.receives[i].transferred, 1 + i);
    }
    for (int i = 4; i < RECEIVES; i++) {
        assert_ok(run_until(row.engine, &row.receives[i]));
        assert_int_equal(row.receives[i].transferred, 0);
    }
    row_end(&row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(receives_that_wait_get_a_datagram_each_in_order),
        ON_BOTH(those_of_a_unix_socket_as_well),
        ON_BOTH(what_a_callback_starts_gets_what_is_there_and_the_rest_waits),
        ON_BOTH(those_that_are_started_anew_get_the_next_ones),
        ON_BOTH(a_close_in_the_callback_comes_behind_its_receives),
        ON_BOTH(one_that_is_cancelled_in_the_middle_takes_no_datagram),
        ON_BOTH(an_error_of_the_socket_is_told_to_one_of_them),
        ON_BOTH(messages_of_a_connection_are_taken_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
