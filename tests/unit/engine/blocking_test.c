#include "unit/engine/engines.h"

#include "engine/blocking.h"
#include "operation/packets.h"
#include "socket/object/object.h"
#include "support/threads.h"
#include "sys/sys.h"

static sn_operation receive_into(char *data, size_t size)
{
    sn_operation operation = {0};
    record_of(&operation)->action = ACTION_RECEIVE;
    record_of(&operation)->buffer = (sn_buffer){.data = data, .size = size};
    return operation;
}

static sn_operation send_all(const char *data, size_t size)
{
    sn_operation operation = {0};
    record_of(&operation)->action = ACTION_SEND;
    record_of(&operation)->marks = MARK_ALL;
    record_of(&operation)->buffer = (sn_buffer){.data = (void *)(uintptr_t)data, .size = size};
    return operation;
}

static int64_t run(struct bare *bare, sn_operation *operation, enum direction direction,
                   int32_t timeout_ms)
{
    assert_true(operation_run_blocking(operation, &bare->descriptor, direction, timeout_ms));
    return record_of(operation)->native_result;
}

TEST(a_call_that_must_not_wait_says_that_it_would)
{
    struct bare bare;
    char data[8];
    bare_open(&bare, SOCK_STREAM);
    sn_operation operation = receive_into(data, sizeof data);
    assert_int_equal(run(&bare, &operation, DIRECTION_IN, BLOCKING_NEVER), -EAGAIN);
    assert_int_equal(send(bare.peer, "abc", 3, 0), 3);
    assert_int_equal(run(&bare, &operation, DIRECTION_IN, BLOCKING_NEVER), 3);
    assert_int_equal(operation.transferred, 3);
    bare_close(&bare);
}

TEST(a_send_that_must_not_wait_tells_the_part_that_went_out)
{
    static char large[4 << 20];
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    sn_operation operation = send_all(large, sizeof large);
    assert_int_equal(run(&bare, &operation, DIRECTION_OUT, BLOCKING_NEVER), 0);
    assert_true(operation.transferred > 0);
    assert_true(operation.transferred < sizeof large);
    sn_operation full = send_all(large, 1 << 20);
    assert_int_equal(run(&bare, &full, DIRECTION_OUT, BLOCKING_NEVER), -EAGAIN);
    assert_int_equal(full.transferred, 0);
    assert_int_equal(bare.descriptor.lanes[DIRECTION_OUT], 0); /* the send lock was released */
    bare_close(&bare);
}

/* The first attempt is somebody else's: it is not made again, but where a signal has ended it. */
TEST(a_call_goes_on_from_what_its_first_attempt_has_said)
{
    static const struct {
        int64_t first;
        int64_t result;
    } rows[] = {{-EINTR, 3}, {-EAGAIN, -EAGAIN}, {-ECONNREFUSED, -ECONNREFUSED}, {2, 2}};
    for (size_t i = 0; i < array_count(rows); i++) {
        struct bare bare;
        char data[8];
        bare_open(&bare, SOCK_DGRAM);
        assert_int_equal(send(bare.peer, "abc", 3, 0), 3);
        sn_operation operation = receive_into(data, sizeof data);
        operation_run_blocking_on(&operation, &bare.descriptor, BLOCKING_NEVER, 0, rows[i].first);
        assert_int_equal(record_of(&operation)->native_result, rows[i].result);
        assert_int_equal(operation.transferred, rows[i].result > 0 ? rows[i].result : 0);
        bare_close(&bare);
    }
}

TEST(a_call_whose_first_attempt_was_in_vain_waits)
{
    struct bare bare;
    char data[8];
    bare_open(&bare, SOCK_DGRAM);
    sn_operation operation = receive_into(data, sizeof data);
    operation_run_blocking_on(&operation, &bare.descriptor, 1, 0, -EAGAIN);
    assert_int_equal(record_of(&operation)->native_result, OUTCOME_TIMED_OUT);
    assert_int_equal(send(bare.peer, "abc", 3, 0), 3);
    operation_run_blocking_on(&operation, &bare.descriptor, 0, 0, -EAGAIN);
    assert_int_equal(record_of(&operation)->native_result, 3);
    bare_close(&bare);
}

TEST(a_call_ends_at_its_time_limit)
{
    struct bare bare;
    char data[8];
    bare_open(&bare, SOCK_STREAM);
    sn_operation operation = receive_into(data, sizeof data);
    assert_int_equal(run(&bare, &operation, DIRECTION_IN, 1), OUTCOME_TIMED_OUT);
    bare_close(&bare);
}

TEST(a_call_in_which_something_fails_gives_the_native_code)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    close(bare.peer);
    sn_operation operation = send_all("x", 1);
    assert_int_equal(run(&bare, &operation, DIRECTION_OUT, 0), -EPIPE);
    bare_close(&bare);
}

TEST(a_send_that_must_not_wait_leaves_the_send_lock_to_who_has_it)
{
    struct bare bare;
    bare_open(&bare, SOCK_STREAM);
    assert_true(send_lock_try(&bare.descriptor));
    sn_operation operation = send_all("x", 1);
    assert_int_equal(run(&bare, &operation, DIRECTION_OUT, BLOCKING_NEVER), -EAGAIN);
    assert_false(send_lock_try(&bare.descriptor));
    send_lock_release(&bare.descriptor);
    assert_int_equal(run(&bare, &operation, DIRECTION_OUT, BLOCKING_NEVER), 1);
    bare_close(&bare);
}

TEST(a_call_on_a_descriptor_that_is_closing_ends_with_the_close)
{
    struct bare bare;
    char data[8];
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor));
    bare_begin_close(&bare);
    assert_ok(sn_engine_set_blocking_spin(1000)); /* which it does not wait for */
    sn_operation receive = receive_into(data, sizeof data), send = send_all("x", 1);
    assert_int_equal(run(&bare, &receive, DIRECTION_IN, 0), OUTCOME_CLOSED);
    assert_int_equal(blocking_receive(&bare.descriptor, data, sizeof data, 0), OUTCOME_CLOSED);
    assert_ok(sn_engine_set_blocking_spin(0));
    assert_true(send_lock_try(&bare.descriptor));
    assert_int_equal(run(&bare, &send, DIRECTION_OUT, 0), OUTCOME_CLOSED);
    send_lock_release(&bare.descriptor);
    descriptor_unref(&bare.descriptor);
    bare_close(&bare);
}

/* The second packet has to wait until it is known whether it fits. */
TEST(packets_that_must_not_wait_end_with_the_close_too)
{
    struct bare bare;
    struct packet_list *list =
        memory_zeroed(sizeof(struct packet_list) + 2 * sizeof(struct packet));
    assert_non_null(list);
    list->count = 2;
    list->packets[0] = (struct packet){.data = &(uint8_t){'1'}, .rest = 1};
    list->packets[1] = (struct packet){.data = &(uint8_t){'2'}, .rest = 1};
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor));
    bare_begin_close(&bare);
    sn_operation operation = {0};
    record_of(&operation)->action = ACTION_SEND_PACKETS;
    record_of(&operation)->marks = MARK_ALL;
    record_of(&operation)->target.packets = list;
    assert_int_equal(run(&bare, &operation, DIRECTION_OUT, BLOCKING_NEVER), OUTCOME_CLOSED);
    assert_int_equal(operation.transferred, 1);
    packet_list_destroy(list);
    descriptor_unref(&bare.descriptor);
    bare_close(&bare);
}

/* --- Looking on instead of sleeping ----------------------------------------------------------- */

TEST(the_time_to_look_on_has_its_limits)
{
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_engine_set_blocking_spin(-1));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_engine_set_blocking_spin(1001));
    assert_ok(sn_engine_set_blocking_spin(1000));
    assert_ok(sn_engine_set_blocking_spin(0));
}

static sn_error answer_in_thread(void *context)
{
    struct bare *bare = context;
    for (int i = 0; i < 50; i++) {
        char byte;
        while (recv(bare->peer, &byte, 1, 0) != 1)
            sched_yield();
        if (send(bare->peer, &byte, 1, 0) != 1)
            return SN_ERROR_FAULT;
    }
    return SN_OK;
}

TEST(a_call_that_looks_on_takes_what_comes_and_keeps_its_time_limit)
{
    struct bare bare;
    struct thread thread;
    char byte;
    bare_open(&bare, SOCK_STREAM);
    assert_ok(sn_engine_set_blocking_spin(1000));
    thread_start(&thread, answer_in_thread, &bare);
    for (char i = 0; i < 50; i++) {
        sn_operation send = send_all(&i, 1), receive = receive_into(&byte, 1);
        assert_int_equal(run(&bare, &send, DIRECTION_OUT, 0), 1);
        if (i % 2)
            assert_int_equal(run(&bare, &receive, DIRECTION_IN, 0), 1);
        else
            assert_int_equal(blocking_receive(&bare.descriptor, &byte, 1, 0), 1);
        assert_int_equal(byte, i);
    }
    assert_ok(thread_join(&thread));
    sn_operation late = receive_into(&byte, 1);
    assert_int_equal(run(&bare, &late, DIRECTION_IN, 1), OUTCOME_TIMED_OUT);
    assert_int_equal(blocking_receive(&bare.descriptor, &byte, 1, 1), OUTCOME_TIMED_OUT);
    assert_ok(sn_engine_set_blocking_spin(0));
    bare_close(&bare);
}

struct sender {
    struct bare *bare;
    const char *data;
    size_t size;
};

static sn_error send_in_thread(void *context)
{
    struct sender *sender = context;
    sn_operation operation = send_all(sender->data, sender->size);
    if (!operation_run_blocking(&operation, &sender->bare->descriptor, DIRECTION_OUT, 0))
        return SN_ERROR_FAULT;
    return operation.transferred == sender->size ? SN_OK : SN_ERROR_FAULT;
}

TEST(a_send_goes_on_until_everything_is_sent)
{
    static char large[1 << 20], received[1 << 20];
    struct bare bare;
    struct thread thread;
    struct sender sender = {&bare, large, sizeof large};
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)(i * 31 >> 3);
    bare_open(&bare, SOCK_STREAM);
    thread_start_blocked(&thread, send_in_thread, &sender);
    for (size_t place = 0; place < sizeof received;) {
        ssize_t moved = recv(bare.peer, received + place, sizeof received - place, 0);
        assert_true(moved > 0 || errno == EAGAIN);
        place += moved > 0 ? (size_t)moved : 0;
    }
    assert_ok(thread_join(&thread));
    assert_memory_equal(large, received, sizeof large);
    bare_close(&bare);
}

/* --- Behind asynchronous operations ----------------------------------------------------------- */

struct receiver {
    sn_socket *socket;
    char data[8];
    size_t moved;
};

static sn_error receive_in_thread(void *context)
{
    struct receiver *receiver = context;
    return sn_socket_receive(receiver->socket, receiver->data, sizeof receiver->data, SN_FLAG_NONE,
                             &receiver->moved);
}

/* Both in the lane: the operation, and the call behind it. */
static bool are_two_in_lane(sn_socket *socket)
{
    struct descriptor *descriptor = &socket->descriptor;
    return atomic_load_acquire(&descriptor->lanes[DIRECTION_IN]) == 2 * LANE_ONE;
}

TEST(a_call_queues_behind_what_is_pending)
{
    sn_engine *engine = engine_of(state, 1);
    struct socket_pair pair = pair_connected(UNIX_SEQPACKET);
    struct receiver receiver = {.socket = pair.server};
    struct thread thread;
    char first[8];
    sn_operation operation = {0};
    use_engine(pair.server, engine);
    sn_socket_receive_async(pair.server, first, sizeof first, SN_FLAG_NONE, &operation);
    thread_start(&thread, receive_in_thread, &receiver);
    while (!are_two_in_lane(pair.server))
        sched_yield();
    send_text(pair.client, "1");
    send_text(pair.client, "2");
    assert_ok(sn_operation_wait(&operation));
    assert_ok(thread_join(&thread));
    assert_int_equal(first[0], '1');
    assert_int_equal(receiver.data[0], '2');
    pair_release(&pair);
    destroy_engine(engine);
}

TEST(a_call_that_must_not_wait_does_not_queue_either)
{
    sn_engine *engine = engine_of(state, 1);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char data[8];
    size_t moved;
    sn_operation operation = {0};
    use_engine(pair.server, engine);
    set_blocking(pair.server, false);
    sn_socket_receive_async(pair.server, data, sizeof data, SN_FLAG_NONE, &operation);
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &moved));
    sn_operation_cancel(&operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&operation));
    pair_release(&pair);
    destroy_engine(engine);
}

/* A call that waited for the send lock, and has to queue behind an operation instead. */
struct waiting {
    struct bare *bare;
    int32_t timeout_ms;
    int64_t result, deadline_ns;
    int64_t left_ns; /* when the lock was left */
    struct thread thread;
};

static sn_error send_waiting(void *context)
{
    struct waiting *waiting = context;
    sn_operation operation = send_all("x", 1);
    (void)operation_run_blocking(&operation, &waiting->bare->descriptor, DIRECTION_OUT,
                                 waiting->timeout_ms);
    waiting->result = record_of(&operation)->native_result;
    waiting->deadline_ns = record_of(&operation)->deadline.key;
    return SN_OK;
}

/* The turn is left to an operation that never comes, so the call behind it does not end by itself.
 */
static void send_behind(struct bare *bare, sn_engine *engine, struct waiting *waiting)
{
    int32_t native;
    waiting->bare = bare;
    bare_open(bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare->descriptor));
    assert_non_null(descriptor_bind(&bare->descriptor, engine, &native));
    assert_true(send_lock_try(&bare->descriptor));
    thread_start_blocked(&waiting->thread, send_waiting, waiting);
    lane_add(&bare->descriptor, DIRECTION_OUT);
    waiting->left_ns = sys_now();
    send_lock_hand_over(&bare->descriptor);
}

static void end_behind(struct bare *bare, struct waiting *waiting)
{
    assert_ok(thread_join(&waiting->thread));
    lane_subtract(&bare->descriptor, DIRECTION_OUT);
    lane_taken_over(&bare->descriptor, DIRECTION_OUT);
    descriptor_unref(&bare->descriptor);
    bare_begin_close(bare);
    wait_for_count(&bare->closed, 1); /* by its worker, for whom nobody waits */
    bare_close(bare);
}

TEST(a_cancel_reaches_a_call_that_is_on_its_way_from_waiting_to_queueing)
{
    sn_engine *engine = engine_of(state, 1);
    for (int i = 0; i < 50; i++) {
        struct bare bare;
        struct waiting waiting = {.timeout_ms = 0};
        send_behind(&bare, engine, &waiting);
        descriptor_cancel(&bare.descriptor);
        end_behind(&bare, &waiting);
        assert_int_equal(waiting.result, OUTCOME_CANCELED);
    }
    destroy_engine(engine);
}

TEST(a_call_that_queues_after_waiting_ends_at_its_first_deadline)
{
    sn_engine *engine = engine_of(state, 1);
    struct bare bare;
    struct waiting waiting = {.timeout_ms = 50};
    send_behind(&bare, engine, &waiting);
    end_behind(&bare, &waiting);
    assert_int_equal(waiting.result, OUTCOME_TIMED_OUT);
    assert_true(waiting.deadline_ns <= waiting.left_ns + waiting.timeout_ms * INT64_C(1000000));
    destroy_engine(engine);
}

static struct receiver in_callback;
static sn_error callback_error;

static void receive_in_callback(sn_operation *operation)
{
    callback_error = receive_in_thread(&in_callback);
    count_completed(operation);
}

/* It would have to wait for a worker, on a worker; it must not return while its operation goes on.
 */
static void block_in_callback_of(sn_engine *owner, sn_engine *caller)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    uint32_t count = 0;
    char data[8];
    sn_operation pending = {0};
    sn_operation post = {.completed = receive_in_callback, .context = &count};
    use_engine(pair.server, owner);
    in_callback.socket = pair.server;
    sn_socket_receive_async(pair.server, data, sizeof data, SN_FLAG_NONE, &pending);
    sn_engine_post_async(caller, &post);
    wait_for_count(&count, 1);
    assert_error(SN_ERROR_INVALID_OPERATION, callback_error);
    send_text(pair.client, "x");
    assert_ok(sn_operation_wait(&pending));
    pair_release(&pair);
}

TEST(a_callback_does_not_queue_behind_what_is_pending)
{
    sn_engine *owner = engine_of(state, 1), *other = engine_of(state, 1);
    block_in_callback_of(owner, owner);
    block_in_callback_of(owner, other);
    destroy_engine(owner);
    destroy_engine(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_must_not_wait_says_that_it_would),
        cmocka_unit_test(a_send_that_must_not_wait_tells_the_part_that_went_out),
        cmocka_unit_test(a_call_goes_on_from_what_its_first_attempt_has_said),
        cmocka_unit_test(a_call_whose_first_attempt_was_in_vain_waits),
        cmocka_unit_test(a_call_ends_at_its_time_limit),
        cmocka_unit_test(a_call_in_which_something_fails_gives_the_native_code),
        cmocka_unit_test(a_send_that_must_not_wait_leaves_the_send_lock_to_who_has_it),
        cmocka_unit_test(a_call_on_a_descriptor_that_is_closing_ends_with_the_close),
        cmocka_unit_test(packets_that_must_not_wait_end_with_the_close_too),
        cmocka_unit_test(the_time_to_look_on_has_its_limits),
        cmocka_unit_test(a_call_that_looks_on_takes_what_comes_and_keeps_its_time_limit),
        cmocka_unit_test(a_send_goes_on_until_everything_is_sent),
        ON_BOTH(a_call_queues_behind_what_is_pending),
        ON_BOTH(a_call_that_must_not_wait_does_not_queue_either),
        ON_BOTH(a_cancel_reaches_a_call_that_is_on_its_way_from_waiting_to_queueing),
        ON_BOTH(a_call_that_queues_after_waiting_ends_at_its_first_deadline),
        ON_BOTH(a_callback_does_not_queue_behind_what_is_pending),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
