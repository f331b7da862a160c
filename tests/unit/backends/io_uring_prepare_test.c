#include "unit/engine/engines.h"

#include "backends/io_uring_prepare.h"

enum { HANDLE = 77 };

static struct io_uring_sqe prepare(sn_operation *operation, struct entry_scratch *scratch)
{
    struct io_uring_sqe entry;
    memset(&entry, 0xff, sizeof entry);
    entry_prepare(&entry, operation, HANDLE, scratch);
    return entry;
}

static struct descriptor stream, messages = {.marks = DESCRIPTOR_MESSAGES};

static sn_operation operation_that(enum operation_action action, void *data, size_t size)
{
    sn_operation operation = {0};
    record_of(&operation)->owner = &stream;
    record_of(&operation)->action = (uint8_t)action;
    record_of(&operation)->buffer = (sn_buffer){.data = data, .size = size};
    return operation;
}

TEST(each_action_becomes_its_entry)
{
    static const struct {
        enum operation_action action;
        uint8_t opcode;
        bool needs_scratch;
    } rows[] = {
        {ACTION_RECEIVE, IORING_OP_RECV, false},
        {ACTION_READABLE, IORING_OP_RECV, false},
        {ACTION_RECEIVE_ENOUGH, IORING_OP_RECV, false},
        {ACTION_RECEIVE_FROM, IORING_OP_RECVMSG, true},
        {ACTION_RECEIVE_DATAGRAM, IORING_OP_RECVMSG, true},
        {ACTION_RECEIVE_MESSAGE, IORING_OP_RECVMSG, true},
        {ACTION_SEND, IORING_OP_SEND, false},
        {ACTION_SEND_TO, IORING_OP_SEND, false},
        {ACTION_SEND_MESSAGE, IORING_OP_SENDMSG, true},
        {ACTION_ACCEPT, IORING_OP_ACCEPT, false},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        char data[16];
        struct entry_scratch scratch;
        sn_operation operation = operation_that(rows[i].action, data, sizeof data);
        assert_int_equal(entry_needs_scratch(&operation), rows[i].needs_scratch);
        struct io_uring_sqe entry = prepare(&operation, &scratch);
        assert_int_equal(entry.opcode, rows[i].opcode);
        assert_int_equal(entry.fd, HANDLE);
        assert_int_equal(entry.flags, 0);
    }
}

TEST(a_large_receive_waits_before_it_is_tried)
{
    static char data[LARGE_RECEIVE];
    struct entry_scratch scratch;
    struct io_uring_sqe fast;
    sn_operation operation = operation_that(ACTION_RECEIVE, data, sizeof data);
    assert_int_equal(prepare(&operation, &scratch).ioprio, IORING_RECVSEND_POLL_FIRST);
    entry_prepare_fast(&fast, &operation, HANDLE);
    assert_int_equal(fast.ioprio, IORING_RECVSEND_POLL_FIRST);
    record_of(&operation)->native_flags = MSG_PEEK;
    assert_int_equal(prepare(&operation, &scratch).ioprio, 0);
    operation = operation_that(ACTION_RECEIVE, data, sizeof data - 1);
    assert_int_equal(prepare(&operation, &scratch).ioprio, 0);
    entry_prepare_fast(&fast, &operation, HANDLE);
    assert_int_equal(fast.ioprio, 0);
}

TEST(the_rest_of_a_receive_that_needs_more_waits_before_it_is_tried)
{
    char data[16];
    struct entry_scratch scratch;
    sn_operation operation = operation_that(ACTION_RECEIVE_ENOUGH, data, sizeof data);
    assert_int_equal(prepare(&operation, &scratch).ioprio, 0);
    operation.transferred = 1;
    assert_int_equal(prepare(&operation, &scratch).ioprio, IORING_RECVSEND_POLL_FIRST);
}

TEST(a_receive_goes_into_the_callers_buffer)
{
    char data[16];
    struct entry_scratch scratch;
    sn_operation operation = operation_that(ACTION_RECEIVE, data, sizeof data);
    record_of(&operation)->native_flags = MSG_PEEK;
    struct io_uring_sqe entry = prepare(&operation, &scratch);
    assert_int_equal(entry.addr, (uint64_t)(uintptr_t)data);
    assert_int_equal(entry.len, sizeof data);
    assert_int_equal(entry.msg_flags, MSG_PEEK);
    record_of(&operation)->action = ACTION_READABLE;
    entry = prepare(&operation, &scratch);
    assert_int_equal(entry.len, 0); /* takes nothing */
}

/* The kernel must not go on by itself after a part: it would keep the error of the next one. */
TEST(a_send_never_signals_and_waits_for_room_when_a_part_has_gone)
{
    char data[16];
    struct entry_scratch scratch;
    sn_operation operation = operation_that(ACTION_SEND, data, sizeof data);
    record_of(&operation)->marks = MARK_ALL;
    struct io_uring_sqe entry = prepare(&operation, &scratch);
    assert_int_equal(entry.msg_flags, MSG_NOSIGNAL);
    assert_int_equal(entry.ioprio, 0);
    assert_false(entry_is_rest(&operation));
    assert_true(operation_advance(&operation, 3));
    assert_true(entry_is_rest(&operation));
    assert_int_equal(prepare(&operation, &scratch).ioprio, IORING_RECVSEND_POLL_FIRST);
}

TEST(a_simple_operation_becomes_the_same_entry_either_way)
{
    char data[16];
    struct entry_scratch scratch;
    sn_operation receive = operation_that(ACTION_RECEIVE, data, sizeof data);
    sn_operation send = operation_that(ACTION_SEND, data, sizeof data);
    record_of(&send)->direction = DIRECTION_OUT;
    record_of(&send)->marks = MARK_ALL;
    sn_operation rest = send;
    assert_true(operation_advance(&rest, 3));
    sn_operation *operations[] = {&receive, &send, &rest};
    for (size_t i = 0; i < array_count(operations); i++) {
        struct io_uring_sqe general = prepare(operations[i], &scratch), simple;
        memset(&simple, 0xff, sizeof simple); /* as it was used before */
        entry_prepare_fast(&simple, operations[i], general.fd);
        assert_memory_equal(&simple, &general, sizeof simple);
    }
}

TEST(the_kernel_does_not_try_to_send_a_message_again_by_itself)
{
    char data[16];
    struct entry_scratch scratch;
    sn_operation operation = operation_that(ACTION_SEND_MESSAGE, data, sizeof data);
    record_of(&operation)->owner = &messages;
    assert_int_equal(prepare(&operation, &scratch).msg_flags, MSG_NOSIGNAL | MSG_DONTWAIT);
}

TEST(a_message_is_described_in_the_scratch_memory)
{
    char data[16], other[4];
    sn_buffer buffers[] = {{data, sizeof data}, {other, sizeof other}};
    struct sockaddr address = {.sa_family = AF_UNIX};
    struct entry_scratch scratch;
    sn_operation operation = operation_that(ACTION_SEND_MESSAGE, buffers, 2);
    record_of(&operation)->marks = MARK_VECTOR | MARK_ALL;
    record_of(&operation)->target.address = &address;
    record_of(&operation)->address_size = sizeof address;
    struct io_uring_sqe entry = prepare(&operation, &scratch);
    assert_int_equal(entry.addr, (uint64_t)(uintptr_t)&scratch.message);
    assert_ptr_equal(scratch.message.msg_name, &address);
    assert_int_equal(scratch.message.msg_namelen, sizeof address);
    assert_int_equal(scratch.message.msg_iovlen, 2);
    assert_ptr_equal(scratch.message.msg_iov[1].iov_base, other);

    (void)operation_advance(&operation, 17);
    assert_int_equal(prepare(&operation, &scratch).ioprio, IORING_RECVSEND_POLL_FIRST);
    assert_int_equal(scratch.message.msg_iovlen, 1);
    assert_ptr_equal(scratch.message.msg_iov[0].iov_base, other + 1);
    assert_int_equal(scratch.message.msg_iov[0].iov_len, 3);
}

TEST(a_send_to_names_the_address_where_it_stands)
{
    char data[16];
    struct sockaddr address = {.sa_family = AF_INET};
    struct entry_scratch scratch;
    sn_operation operation = operation_that(ACTION_SEND_TO, data, sizeof data);
    record_of(&operation)->owner = &messages;
    record_of(&operation)->target.address = &address;
    record_of(&operation)->address_size = sizeof address;
    struct io_uring_sqe entry = prepare(&operation, &scratch);
    assert_int_equal(entry.addr, (uint64_t)(uintptr_t)data);
    assert_int_equal(entry.len, sizeof data);
    assert_int_equal(entry.addr2, (uint64_t)(uintptr_t)&address);
    assert_int_equal(entry.addr_len, sizeof address);
    assert_int_equal(entry.msg_flags, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The kernel writes to the header at the end, when the scratch memory is somebody else's. */
TEST(the_header_of_a_receive_stands_in_the_operation)
{
    char data[16];
    sn_endpoint from;
    struct entry_scratch scratch;
    sn_operation operation = operation_that(ACTION_RECEIVE_MESSAGE, data, sizeof data);
    record_of(&operation)->target.from = &from;
    struct io_uring_sqe entry = prepare(&operation, &scratch);
    assert_int_equal(entry.addr, (uint64_t)(uintptr_t)&record_of(&operation)->room.header);
    const struct msghdr *message = &record_of(&operation)->room.header;
    assert_ptr_equal(message->msg_name, from.as.sockaddr);
}

/* A packet socket refuses the flag, and has no use for it. */
TEST(only_a_receive_with_room_for_control_messages_closes_descriptors_on_exec)
{
    char data[16];
    sn_endpoint from;
    struct entry_scratch scratch;
    sn_operation operation = operation_that(ACTION_RECEIVE_MESSAGE, data, sizeof data);
    record_of(&operation)->target.from = &from;
    assert_false(prepare(&operation, &scratch).msg_flags & MSG_CMSG_CLOEXEC);
    operation = operation_that(ACTION_RECEIVE_CONTROL, data, sizeof data);
    record_of(&operation)->target.from = &from;
    assert_true(prepare(&operation, &scratch).msg_flags & MSG_CMSG_CLOEXEC);
}

TEST(an_accept_gets_a_descriptor_that_is_closed_on_exec_and_never_blocks)
{
    struct entry_scratch scratch;
    sn_operation operation = operation_that(ACTION_ACCEPT, NULL, 0);
    struct io_uring_sqe entry = prepare(&operation, &scratch);
    assert_int_equal(entry.accept_flags, SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert_int_equal(entry.addr, (uint64_t)(uintptr_t)record_of(&operation)->room.peer.address);
    assert_int_equal(record_of(&operation)->room.peer.size,
                     sizeof record_of(&operation)->room.peer.address);
}

TEST(what_the_ring_would_get_wrong_is_polled)
{
    struct bare bare;
    bare_open(&bare, SOCK_DGRAM);
    sn_operation readable = operation_that(ACTION_READABLE, NULL, 0);
    sn_operation receive = operation_that(ACTION_RECEIVE, NULL, 0);
    assert_true(entry_is_poll(&readable, &bare.descriptor)); /* it would eat a datagram */
    assert_false(entry_is_poll(&receive, &bare.descriptor));
    sn_operation connect = operation_that(ACTION_CONNECT, NULL, 0);
    assert_true(entry_is_poll(&connect, &bare.descriptor));
    record_of(&receive)->marks = MARK_NOT_SOCKET;
    assert_true(entry_is_poll(&receive, &bare.descriptor));
    bare.descriptor.marks |= DESCRIPTOR_STREAM_TCP;
    assert_false(entry_is_poll(&readable, &bare.descriptor));
    bare_close(&bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_action_becomes_its_entry),
        cmocka_unit_test(a_large_receive_waits_before_it_is_tried),
        cmocka_unit_test(the_rest_of_a_receive_that_needs_more_waits_before_it_is_tried),
        cmocka_unit_test(a_receive_goes_into_the_callers_buffer),
        cmocka_unit_test(a_send_never_signals_and_waits_for_room_when_a_part_has_gone),
        cmocka_unit_test(a_simple_operation_becomes_the_same_entry_either_way),
        cmocka_unit_test(the_kernel_does_not_try_to_send_a_message_again_by_itself),
        cmocka_unit_test(a_message_is_described_in_the_scratch_memory),
        cmocka_unit_test(a_send_to_names_the_address_where_it_stands),
        cmocka_unit_test(the_header_of_a_receive_stands_in_the_operation),
        cmocka_unit_test(only_a_receive_with_room_for_control_messages_closes_descriptors_on_exec),
        cmocka_unit_test(an_accept_gets_a_descriptor_that_is_closed_on_exec_and_never_blocks),
        cmocka_unit_test(what_the_ring_would_get_wrong_is_polled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
