#include "unit/engine/engines.h"

#include <fcntl.h>

static sn_engine *small_engine(void)
{
    return engine_with((sn_engine_options){.backend = SN_ENGINE_BACKEND_IO_URING, .queue_size = 8});
}

/* A datagram socket is polled for a receive of no bytes. The poll is over, its datagram was taken
 * by somebody else, and now the cancel finds no poll to cancel. */
TEST(a_cancel_that_misses_the_poll_ends_the_operation_all_the_same)
{
    sn_engine *engine = small_engine();
    sn_socket *socket = socket_bound(UDP_IPV4), *peer = socket_make(UDP_IPV4);
    sn_endpoint address = local_endpoint(socket);
    char byte;
    sn_operation operation = {0};
    use_engine(socket, engine);
    for (int i = 0; i < 20; i++) {
        sn_socket_receive_async(socket, NULL, 0, SN_FLAG_NONE, &operation);
        run_ready(engine);
        assert_ok(sn_socket_send_to(peer, "x", 1, SN_FLAG_NONE, &address, NULL));
        assert_int_equal(recv(sn_socket_get_handle(socket), &byte, 1, 0), 1);
        sn_operation_cancel(&operation);
        run_ready(engine);
        assert_true(sn_operation_is_completed(&operation));
        assert_error(SN_ERROR_OPERATION_CANCELED, operation.error);
    }
    sn_socket_release(socket);
    sn_socket_release(peer);
    run_ready(engine);
    destroy_engine(engine);
}

TEST(a_receive_of_no_bytes_leaves_the_datagram)
{
    sn_engine *engine = small_engine();
    sn_socket *socket = socket_bound(UDP_IPV4), *peer = socket_make(UDP_IPV4);
    sn_endpoint address = local_endpoint(socket);
    sn_operation operation = {0};
    use_engine(socket, engine);
    sn_socket_receive_async(socket, NULL, 0, SN_FLAG_NONE, &operation);
    run_ready(engine);
    assert_ok(sn_socket_send_to(peer, "whole", 5, SN_FLAG_NONE, &address, NULL));
    assert_ok(run_until(engine, &operation));
    assert_receives(socket, "whole");
    sn_socket_release(socket);
    sn_socket_release(peer);
    run_ready(engine);
    destroy_engine(engine);
}

static size_t fill(sn_socket *sender, const sn_endpoint *address)
{
    size_t count = 0;
    assert_ok(sn_socket_set_blocking(sender, false));
    while (!sn_socket_send_to(sender, "x", 1, SN_FLAG_NONE, address, NULL))
        count++;
    return count;
}

/* The kernel gets the message while the queue is full, several times. */
static void assert_arrives_whole(sn_engine *engine, sn_socket *receiver, size_t count,
                                 sn_operation *send)
{
    char byte;
    for (int i = 0; i < 10; i++)
        assert_ok(sn_engine_run(engine, 2, NULL));
    assert_false(sn_operation_is_completed(send));
    for (; count > 0; count--)
        assert_ok(sn_socket_receive(receiver, &byte, 1, SN_FLAG_NONE, &(size_t){0}));
    assert_ok(run_until(engine, send));
    assert_int_equal(send->transferred, 5);
    assert_receives(receiver, "whole");
}

TEST(a_message_for_a_full_unix_receiver_arrives_whole)
{
    sn_engine *engine = small_engine();
    sn_socket *receiver = socket_bound(UNIX_DATAGRAM), *sender = socket_make(UNIX_DATAGRAM);
    sn_endpoint address = local_endpoint(receiver);
    const sn_buffer pieces[] = {{"who", 3}, {"le", 2}};
    sn_operation send = {0};
    use_engine(sender, engine);
    size_t count = fill(sender, &address);
    sn_socket_send_to_async(sender, "whole", 5, SN_FLAG_NONE, &address, &send);
    assert_arrives_whole(engine, receiver, count, &send);

    assert_ok(sn_socket_connect(sender, &address));
    count = fill(sender, &address);
    sn_socket_send_buffers_async(sender, pieces, 2, SN_FLAG_NONE, &send);
    assert_arrives_whole(engine, receiver, count, &send);
    sn_socket_release(sender);
    sn_socket_release(receiver);
    run_ready(engine);
    destroy_engine(engine);
}

/* --- More than the queue takes ---------------------------------------------------------------- */

enum { MANY = 200 };

struct many {
    sn_socket *sockets[MANY], *peer;
    sn_operation operations[MANY];
    char data[MANY][8];
};

static struct many *make_many(sn_engine *engine)
{
    static struct many many;
    many = (struct many){.peer = socket_bound(UDP_IPV4)};
    for (int i = 0; i < MANY; i++) {
        many.sockets[i] = socket_bound(UDP_IPV4);
        use_engine(many.sockets[i], engine);
    }
    return &many;
}

static void release_many(struct many *many, sn_engine *engine)
{
    for (int i = 0; i < MANY; i++)
        sn_socket_release(many->sockets[i]);
    sn_socket_release(many->peer);
    run_ready(engine);
}

TEST(more_operations_than_the_queue_has_entries_are_submitted_all)
{
    sn_engine *engine = small_engine();
    struct many *many = make_many(engine);
    for (int i = 0; i < MANY; i++)
        sn_socket_receive_async(many->sockets[i], many->data[i], 8, SN_FLAG_NONE,
                                &many->operations[i]);
    run_ready(engine);
    for (int i = 0; i < MANY; i++) {
        sn_endpoint address = local_endpoint(many->sockets[i]);
        assert_ok(sn_socket_send_to(many->peer, &i, sizeof i, SN_FLAG_NONE, &address, NULL));
    }
    for (int i = 0; i < MANY; i++) {
        assert_ok(run_until(engine, &many->operations[i]));
        assert_memory_equal(many->data[i], &i, sizeof i);
    }
    release_many(many, engine);
    destroy_engine(engine);
}

TEST(more_cancels_than_the_queue_has_entries_arrive_all)
{
    sn_engine *engine = small_engine();
    struct many *many = make_many(engine);
    for (int i = 0; i < MANY; i++)
        sn_socket_receive_async(many->sockets[i], many->data[i], 8, SN_FLAG_NONE,
                                &many->operations[i]);
    run_ready(engine);
    for (int i = 0; i < MANY; i++)
        sn_operation_cancel(&many->operations[i]);
    for (int i = 0; i < MANY; i++)
        assert_error(SN_ERROR_OPERATION_CANCELED, run_until(engine, &many->operations[i]));
    release_many(many, engine);
    destroy_engine(engine);
}

/* --- Batches of sends ------------------------------------------------------------------------- */

static struct {
    struct many *many;
    sn_endpoint address; /* of the peer */
    sn_operation sends[MANY], fillers[MANY];
    sn_socket *streams[MANY][2];
    char byte;
    uint32_t sent;
} batch;

enum { FILLERS = 8 };

/* Entries that refer to nothing, so that the queue gets full with few or many of the others. */
static void start_fillers(int first)
{
    for (int i = first; i < first + FILLERS && i < MANY; i++) {
        batch.fillers[i] = (sn_operation){0};
        sn_socket_receive_async(batch.streams[i][0], &batch.byte, 1, SN_FLAG_NONE,
                                &batch.fillers[i]);
    }
}

/* On the engine, which has several results at hand: so the send becomes an entry. */
static void send_number(sn_operation *operation)
{
    int number = (int)(operation - batch.many->operations);
    if (number % (FILLERS + 1) == 0)
        start_fillers(number);
    memcpy(batch.many->data[number], &number, sizeof number);
    batch.sends[number] = (sn_operation){.completed = count_completed, .context = &batch.sent};
    sn_socket_send_to_async(batch.many->sockets[number], batch.many->data[number], sizeof number,
                            SN_FLAG_NONE, &batch.address, &batch.sends[number]);
}

/* All receives complete in one wait, and each of them starts a send. */
static void send_batch(sn_engine *engine)
{
    struct many *many = batch.many;
    batch.address = local_endpoint(many->peer);
    batch.sent = 0;
    for (int i = 0; i < MANY; i++) {
        assert_ok(sn_socket_pair(SN_TYPE_STREAM, batch.streams[i]));
        use_engine(batch.streams[i][0], engine);
        many->operations[i] = (sn_operation){.completed = send_number};
        sn_socket_receive_async(many->sockets[i], many->data[i], 1, SN_FLAG_NONE,
                                &many->operations[i]);
    }
    run_ready(engine);
    for (int i = 0; i < MANY; i++) {
        sn_endpoint address = local_endpoint(many->sockets[i]);
        assert_ok(sn_socket_send_to(many->peer, "x", 1, SN_FLAG_NONE, &address, NULL));
    }
    while (batch.sent < MANY)
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    for (int i = 0; i < MANY; i++) {
        sn_socket_release(batch.streams[i][0]);
        sn_socket_release(batch.streams[i][1]);
    }
    run_ready(engine);
}

/* What an entry refers to must stay until it is handed over, however many there are. */
TEST(each_send_of_a_large_batch_goes_out_as_it_is)
{
    static const int sizes[] = {8, 64, 96, 100, 256};
    for (size_t j = 0; j < array_count(sizes); j++) {
        sn_engine *engine = engine_with(
            (sn_engine_options){.backend = SN_ENGINE_BACKEND_IO_URING, .queue_size = sizes[j]});
        bool has_come[MANY] = {false};
        batch.many = make_many(engine);
        send_batch(engine);
        for (int i = 0; i < MANY; i++) {
            int number = -1;
            size_t moved;
            assert_ok(
                sn_socket_receive(batch.many->peer, &number, sizeof number, SN_FLAG_NONE, &moved));
            assert_true(number >= 0 && number < MANY && !has_come[number]);
            has_come[number] = true;
        }
        release_many(batch.many, engine);
        destroy_engine(engine);
    }
}

/* --- Several messages at once ----------------------------------------------------------------- */

enum { SEVERAL = 40 };

/* What a callback on the engine starts, all of it. */
static struct {
    sn_socket *socket;
    const sn_endpoint *to; /* NULL: receives */
    sn_operation operations[SEVERAL];
    int numbers[SEVERAL];
    sn_operation *order[SEVERAL]; /* as they complete */
    uint32_t completed;
} several;

static void note_order(sn_operation *operation)
{
    several.order[several.completed++] = operation;
}

static void start_several(sn_operation *operation)
{
    (void)operation;
    several.completed = 0;
    for (int i = 0; i < SEVERAL; i++) {
        sn_operation *one = &several.operations[i];
        *one = (sn_operation){.completed = note_order};
        if (several.to)
            sn_socket_send_to_async(several.socket, &several.numbers[i], sizeof several.numbers[i],
                                    SN_FLAG_NONE, several.to, one);
        else
            sn_socket_receive_async(several.socket, &several.numbers[i], sizeof several.numbers[i],
                                    SN_FLAG_NONE, one);
    }
}

static void assert_in_order(uint32_t count)
{
    assert_int_equal(several.completed, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_ptr_equal(several.order[i], &several.operations[i]);
        assert_ok(several.operations[i].error);
        assert_int_equal(several.operations[i].transferred, sizeof several.numbers[i]);
    }
}

static void send_numbers(sn_socket *sender, const sn_endpoint *to, int first, int end)
{
    for (int i = first; i < end; i++)
        assert_ok(sn_socket_send_to(sender, &i, sizeof i, SN_FLAG_NONE, to, NULL));
}

/* The first may go through the ring, whose result one more round brings; none of the others. */
TEST(receives_that_were_started_together_take_what_is_there_in_one_round)
{
    static const enum transport transports[] = {UDP_IPV4, UNIX_DATAGRAM};
    for (size_t j = 0; j < array_count(transports); j++) {
        sn_engine *engine = small_engine();
        sn_socket *socket = socket_bound(transports[j]), *peer = socket_make(transports[j]);
        sn_endpoint address = local_endpoint(socket);
        const int there = transports[j] == UDP_IPV4 ? SEVERAL - 5 : 8; /* a Unix queue is short */
        sn_operation start = {.completed = start_several};
        use_engine(socket, engine);
        several.socket = socket;
        several.to = NULL;
        send_numbers(peer, &address, 0, there);
        sn_engine_post_async(engine, &start);
        for (int i = 0; i < 2; i++)
            assert_ok(sn_engine_run(engine, 0, NULL));
        assert_in_order((uint32_t)there);
        for (int i = there; i < SEVERAL; i++) { /* each waits in the ring */
            send_numbers(peer, &address, i, i + 1);
            assert_ok(run_until(engine, &several.operations[i]));
        }
        assert_in_order(SEVERAL);
        for (int i = 0; i < SEVERAL; i++)
            assert_int_equal(several.numbers[i], i);
        sn_socket_release(socket);
        sn_socket_release(peer);
        run_ready(engine);
        destroy_engine(engine);
    }
}

TEST(sends_that_were_started_together_leave_in_one_round)
{
    sn_engine *engine = small_engine();
    sn_socket *socket = socket_make(UDP_IPV4), *peer = socket_bound(UDP_IPV4);
    sn_endpoint address = local_endpoint(peer);
    sn_operation start = {.completed = start_several};
    use_engine(socket, engine);
    several.socket = socket;
    several.to = &address;
    for (int i = 0; i < SEVERAL; i++)
        several.numbers[i] = i;
    sn_engine_post_async(engine, &start);
    for (int i = 0; i < 2; i++)
        assert_ok(sn_engine_run(engine, 0, NULL));
    assert_in_order(SEVERAL);
    for (int i = 0; i < SEVERAL; i++) {
        int number = -1;
        assert_ok(sn_socket_receive(peer, &number, sizeof number, SN_FLAG_NONE, &(size_t){0}));
        assert_int_equal(number, i);
    }
    sn_socket_release(socket);
    sn_socket_release(peer);
    run_ready(engine);
    destroy_engine(engine);
}

/* One that would wait is not passed over by those behind it. */
TEST(sends_to_a_full_unix_receiver_arrive_in_order)
{
    sn_engine *engine = small_engine();
    sn_socket *receiver = socket_bound(UNIX_DATAGRAM), *sender = socket_make(UNIX_DATAGRAM);
    sn_endpoint address = local_endpoint(receiver);
    sn_operation start = {.completed = start_several};
    char byte;
    use_engine(sender, engine);
    several.socket = sender;
    several.to = &address;
    for (int i = 0; i < SEVERAL; i++)
        several.numbers[i] = i;
    size_t count = fill(sender, &address);
    sn_engine_post_async(engine, &start);
    for (int i = 0; i < 5; i++)
        assert_ok(sn_engine_run(engine, 2, NULL));
    assert_int_equal(several.completed, 0);
    for (; count > 0; count--)
        assert_ok(sn_socket_receive(receiver, &byte, 1, SN_FLAG_NONE, &(size_t){0}));
    assert_ok(sn_socket_set_blocking(receiver, false));
    for (int i = 0; i < SEVERAL;) {
        int number = -1;
        assert_ok(sn_engine_run(engine, 2, NULL));
        while (!sn_socket_receive(receiver, &number, sizeof number, SN_FLAG_NONE, &(size_t){0}))
            assert_int_equal(number, i++);
    }
    while (several.completed < SEVERAL)
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    assert_in_order(SEVERAL);
    sn_socket_release(sender);
    sn_socket_release(receiver);
    run_ready(engine);
    destroy_engine(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancel_that_misses_the_poll_ends_the_operation_all_the_same),
        cmocka_unit_test(a_receive_of_no_bytes_leaves_the_datagram),
        cmocka_unit_test(a_message_for_a_full_unix_receiver_arrives_whole),
        cmocka_unit_test(more_operations_than_the_queue_has_entries_are_submitted_all),
        cmocka_unit_test(more_cancels_than_the_queue_has_entries_arrive_all),
        cmocka_unit_test(each_send_of_a_large_batch_goes_out_as_it_is),
        cmocka_unit_test(receives_that_were_started_together_take_what_is_there_in_one_round),
        cmocka_unit_test(sends_that_were_started_together_leave_in_one_round),
        cmocka_unit_test(sends_to_a_full_unix_receiver_arrive_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
