#include "unit/engine/engines.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>

static struct descriptor plain, controlled = {.marks = DESCRIPTOR_CONTROL};

static sn_operation operation_that(enum operation_action action, void *data, size_t size)
{
    sn_operation operation = {0};
    record_of(&operation)->owner = &plain;
    record_of(&operation)->action = (uint8_t)action;
    record_of(&operation)->buffer = (sn_buffer){.data = data, .size = size};
    return operation;
}

static void open_pair(int type, int pair[2])
{
    assert_int_equal(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
}

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

TEST(an_attempt_moves_what_it_can_and_says_when_it_would_block)
{
    int pair[2];
    char data[8] = "abcdefg";
    open_pair(SOCK_STREAM, pair);
    sn_operation receive = operation_that(ACTION_RECEIVE, data, sizeof data);
    sn_operation send = operation_that(ACTION_SEND, data, 3);

    assert_int_equal(operation_attempt(&receive, pair[0]), -EAGAIN);
    assert_true(operation_would_block(&receive, -EAGAIN));
    assert_int_equal(operation_attempt(&send, pair[1]), 3);
    memset(data, 0, sizeof data);
    assert_int_equal(operation_attempt(&receive, pair[0]), 3);
    assert_string_equal(data, "abc");
    assert_false(operation_would_block(&receive, 3));
    assert_false(operation_would_block(&receive, -ECONNRESET));
    close_pair(pair);
}

TEST(a_receive_of_no_bytes_looks_and_takes_nothing)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (size_t i = 0; i < array_count(types); i++) {
        int pair[2];
        char byte = 0;
        open_pair(types[i], pair);
        sn_operation operation = operation_that(ACTION_READABLE, NULL, 0);
        assert_int_equal(operation_attempt(&operation, pair[0]), -EAGAIN);
        assert_int_equal(send(pair[1], "x", 1, 0), 1);
        assert_int_equal(operation_attempt(&operation, pair[0]), 0);
        assert_int_equal(recv(pair[0], &byte, 1, 0), 1);
        assert_int_equal(byte, 'x');
        close_pair(pair);
    }
}

TEST(what_is_no_socket_is_read_and_written)
{
    int pipes[2];
    char data[4] = "pip";
    assert_int_equal(pipe2(pipes, O_NONBLOCK | O_CLOEXEC), 0);
    sn_operation read = operation_that(ACTION_RECEIVE, data, 3);
    sn_operation readable = operation_that(ACTION_READABLE, NULL, 0);
    sn_operation write = operation_that(ACTION_SEND, data, 3);
    sn_operation accept = operation_that(ACTION_ACCEPT, NULL, 0);
    record_of(&read)->marks = record_of(&readable)->marks = MARK_NOT_SOCKET;
    record_of(&write)->marks = record_of(&accept)->marks = MARK_NOT_SOCKET;

    assert_int_equal(operation_attempt(&readable, pipes[0]), -EAGAIN);
    assert_int_equal(operation_attempt(&read, pipes[0]), -EAGAIN);
    assert_int_equal(operation_attempt(&write, pipes[1]), 3);
    assert_int_equal(operation_attempt(&readable, pipes[0]), 0);
    memset(data, 0, sizeof data);
    assert_int_equal(operation_attempt(&read, pipes[0]), 3);
    assert_string_equal(data, "pip");
    assert_int_equal(operation_attempt(&accept, pipes[0]), -ENOTSOCK);
    close_pair(pipes);
}

/* --- One datagram ----------------------------------------------------------------------------- */

static int open_datagram(struct sockaddr_in *out_address)
{
    socklen_t size = sizeof *out_address;
    *out_address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int handle = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(handle, (struct sockaddr *)out_address, size), 0);
    assert_int_equal(getsockname(handle, (struct sockaddr *)out_address, &size), 0);
    return handle;
}

/* Whoever looks at the header afterwards finds what a receive of a message would have put there. */
TEST(a_datagram_says_where_it_came_from_and_whether_it_was_longer)
{
    static const struct {
        enum operation_action action;
        size_t size;
        int64_t result;
        int flags;
    } rows[] = {
        {ACTION_RECEIVE_FROM, 8, 5, 0},
        {ACTION_RECEIVE_FROM, 3, 3, 0},
        {ACTION_RECEIVE_DATAGRAM, 8, 5, 0},
        {ACTION_RECEIVE_DATAGRAM, 5, 5, 0},
        {ACTION_RECEIVE_DATAGRAM, 3, 3, MSG_TRUNC},
    };
    struct sockaddr_in to, sender;
    int receiver = open_datagram(&to), handle = open_datagram(&sender);
    for (size_t i = 0; i < array_count(rows); i++) {
        char data[8] = "hello", received[8] = "";
        sn_endpoint from = {0};
        sn_operation send = operation_that(ACTION_SEND_TO, data, 5);
        record_of(&send)->target.address = &to;
        record_of(&send)->address_size = sizeof to;
        sn_operation receive = operation_that(rows[i].action, received, rows[i].size);
        record_of(&receive)->target.from = &from;
        assert_int_equal(operation_attempt(&receive, receiver), -EAGAIN);
        assert_int_equal(operation_attempt(&send, handle), 5);
        assert_int_equal(operation_attempt(&receive, receiver), rows[i].result);
        assert_memory_equal(received, data, (size_t)rows[i].result);
        const struct msghdr *header = &record_of(&receive)->room.header;
        assert_true(record_of(&receive)->marks & MARK_HEADER);
        assert_int_equal(header->msg_flags, rows[i].flags);
        assert_int_equal(header->msg_namelen, sizeof sender);
        assert_memory_equal(from.as.sockaddr, &sender, sizeof sender);
    }
    close(receiver);
    close(handle);
}

TEST(a_datagram_can_be_received_without_its_sender)
{
    int pair[2];
    char data[4];
    open_pair(SOCK_DGRAM, pair);
    sn_operation operation = operation_that(ACTION_RECEIVE_DATAGRAM, data, sizeof data);
    assert_int_equal(send(pair[1], "longer", 6, 0), 6);
    assert_int_equal(operation_attempt(&operation, pair[0]), sizeof data);
    assert_int_equal(record_of(&operation)->room.header.msg_flags, MSG_TRUNC);
    assert_int_equal(record_of(&operation)->room.header.msg_namelen, 0);

    record_of(&operation)->owner = &controlled; /* a whole header, with the pieces of memory */
    assert_int_equal(send(pair[1], "longer", 6, 0), 6);
    assert_int_equal(operation_attempt(&operation, pair[0]), sizeof data);
    assert_int_equal(record_of(&operation)->room.header.msg_flags, MSG_TRUNC);
    assert_int_equal(record_of(&operation)->room.header.msg_iovlen, 1);
    close_pair(pair);
}

/* Each attempt in vain counts: the next one comes later. */
TEST(a_datagram_for_a_full_unix_queue_has_no_event_to_wait_for)
{
    static const enum operation_action sends[] = {ACTION_SEND_TO, ACTION_SEND_MESSAGE};
    const struct sockaddr to = {.sa_family = AF_UNIX};
    for (size_t i = 0; i < array_count(sends); i++) {
        int pair[2];
        char byte = 'x';
        open_pair(SOCK_DGRAM, pair);
        sn_operation operation = operation_that(sends[i], &byte, 1);
        int64_t result;
        do {
            result = operation_attempt(&operation, pair[0]);
        } while (result == 1);
        assert_int_equal(result, -EAGAIN);
        assert_int_equal(record_of(&operation)->tries, 1);
        record_of(&operation)->target.address = &to;
        assert_int_equal(operation_events(&operation, result), 0);
        close_pair(pair);
    }
}

/* --- Connecting ------------------------------------------------------------------------------- */

static struct sockaddr_in listen_natively(int *out_listener, int backlog)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    *out_listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*out_listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(*out_listener, backlog), 0);
    assert_int_equal(getsockname(*out_listener, (struct sockaddr *)&address, &size), 0);
    return address;
}

TEST(a_connect_is_attempted_again_until_it_says_how_it_went)
{
    int listener;
    struct sockaddr_in address = listen_natively(&listener, 1);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sn_operation operation = operation_that(ACTION_CONNECT, NULL, 0);
    record_of(&operation)->target.address = &address;
    record_of(&operation)->address_size = sizeof address;

    int64_t result = operation_attempt(&operation, client);
    if (result < 0) {
        assert_int_equal(result, -EINPROGRESS);
        assert_int_equal(record_of(&operation)->tries, 1);
        assert_int_equal(operation_events(&operation, result), POLLOUT);
    }
    while (operation_would_block(&operation, result)) {
        struct pollfd poll_one = {.fd = client, .events = POLLOUT};
        assert_int_equal(poll(&poll_one, 1, -1), 1);
        result = operation_attempt(&operation, client);
    }
    assert_int_equal(result, 0);
    assert_int_equal(operation_attempt(&operation, client), -EISCONN);
    close(client);
    close(listener);
}

/* A connect that somebody else has begun is not this operation's. */
TEST(a_connect_on_its_way_is_told_to_the_second_one)
{
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct full_listener full = full_listener_make(TCP_IPV4);
    size_t size;
    const void *address = sn_endpoint_get_sockaddr(&full.address, &size);
    sn_operation operation = operation_that(ACTION_CONNECT, NULL, 0);
    record_of(&operation)->target.address = address;
    record_of(&operation)->address_size = (uint8_t)size;

    assert_int_equal(connect(client, address, (socklen_t)size), -1);
    assert_int_equal(operation_attempt(&operation, client), -EALREADY);
    assert_int_equal(record_of(&operation)->tries, 0);
    record_of(&operation)->tries = 1;
    assert_int_equal(operation_attempt(&operation, client), -EINPROGRESS);
    record_of(&operation)->tries = UINT8_MAX;
    assert_int_equal(operation_attempt(&operation, client), -EINPROGRESS);
    assert_int_equal(record_of(&operation)->tries, UINT8_MAX);
    close(client);
    full_listener_release(&full);
}

/* --- What an operation waits for -------------------------------------------------------------- */

TEST(each_action_has_the_event_that_ends_its_wait)
{
    static const struct {
        enum operation_action action;
        int64_t result;
        int16_t events;
    } rows[] = {
        {ACTION_RECEIVE, -EAGAIN, POLLIN | POLLRDHUP},
        {ACTION_RECEIVE_FROM, -EAGAIN, POLLIN | POLLRDHUP},
        {ACTION_RECEIVE_DATAGRAM, -EAGAIN, POLLIN | POLLRDHUP},
        {ACTION_RECEIVE_MESSAGE, -EAGAIN, POLLIN | POLLRDHUP},
        {ACTION_READABLE, -EAGAIN, POLLIN | POLLRDHUP},
        {ACTION_RECEIVE_ENOUGH, -EAGAIN, POLLIN | POLLRDHUP},
        {ACTION_SEND, -EAGAIN, POLLOUT},
        {ACTION_SEND_TO, -EAGAIN, POLLOUT},
        {ACTION_SEND_MESSAGE, -EAGAIN, POLLOUT},
        {ACTION_ACCEPT, -EAGAIN, POLLIN},
        {ACTION_CONNECT, -EINPROGRESS, POLLOUT},
        {ACTION_CONNECT, -EAGAIN, 0}, /* a Unix listener whose queue is full */
        {ACTION_DELAY, 0, 0},
        {ACTION_NONE, 0, 0},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        sn_operation operation = operation_that(rows[i].action, NULL, 0);
        assert_int_equal(operation_events(&operation, rows[i].result), rows[i].events);
    }
    struct sockaddr unix_path = {.sa_family = AF_UNIX};
    sn_operation operation = operation_that(ACTION_SEND_MESSAGE, NULL, 0);
    record_of(&operation)->target.address = &unix_path;
    assert_int_equal(operation_events(&operation, -EAGAIN), 0);
}

TEST(a_hang_up_ends_a_receive_of_messages_only)
{
    struct bare messages, stream;
    bare_open(&messages, SOCK_SEQPACKET);
    bare_open(&stream, SOCK_STREAM);
    sn_operation receive = operation_that(ACTION_RECEIVE, NULL, 0);
    sn_operation send = operation_that(ACTION_SEND, NULL, 0);
    struct descriptor *d = &messages.descriptor;
    assert_int_equal(operation_result_after_hang_up(&receive, d, -EAGAIN), 0);
    assert_int_equal(operation_result_after_hang_up(&receive, d, -ECONNRESET), -ECONNRESET);
    assert_int_equal(operation_result_after_hang_up(&receive, d, 5), 5);
    assert_int_equal(operation_result_after_hang_up(&send, d, -EAGAIN), -EAGAIN);
    assert_int_equal(operation_result_after_hang_up(&receive, &stream.descriptor, -EAGAIN),
                     -EAGAIN);
    bare_close(&messages);
    bare_close(&stream);
}

/* --- Going on after a part -------------------------------------------------------------------- */

TEST(a_send_goes_on_from_where_it_came_to)
{
    char data[] = "0123456789";
    sn_operation operation = operation_that(ACTION_SEND, data, 10);
    record_of(&operation)->marks = MARK_ALL;
    assert_true(operation_advance(&operation, 4));
    assert_ptr_equal(record_of(&operation)->buffer.data, data + 4);
    assert_int_equal(record_of(&operation)->buffer.size, 6);
    assert_true(operation_advance(&operation, 0));
    assert_false(operation_advance(&operation, 6));
    assert_int_equal(operation.transferred, 10);
}

TEST(what_is_not_a_streams_send_is_done_after_one_attempt)
{
    char data[10];
    sn_operation operation = operation_that(ACTION_RECEIVE, data, 10);
    assert_false(operation_advance(&operation, 4));
    assert_int_equal(operation.transferred, 4);
}

static sn_operation receive_of_enough(void *data, size_t size, struct enough_place enough)
{
    sn_operation operation = operation_that(ACTION_RECEIVE_ENOUGH, data, size);
    record_of(&operation)->room.enough = enough;
    return operation;
}

TEST(a_receive_goes_on_until_it_has_enough_or_meets_the_end)
{
    char data[10];
    sn_operation operation =
        receive_of_enough(data, sizeof data, (struct enough_place){.minimum = 6});
    assert_true(operation_advance(&operation, 5));
    assert_false(record_of(&operation)->room.enough.is_reached);
    assert_ptr_equal(record_of(&operation)->buffer.data, data + 5);
    assert_int_equal(record_of(&operation)->buffer.size, 5);
    assert_false(operation_advance(&operation, 3)); /* more than needed */
    assert_true(record_of(&operation)->room.enough.is_reached);
    assert_int_equal(operation.transferred, 8);

    operation = receive_of_enough(data, sizeof data, (struct enough_place){.minimum = 6});
    assert_true(operation_advance(&operation, 5));
    assert_false(operation_advance(&operation, 0));
    assert_false(record_of(&operation)->room.enough.is_reached);
    assert_int_equal(operation.transferred, 5);
}

static bool is_sixth_there(void *context, size_t received)
{
    size_t *seen = context;
    *seen += received;
    return *seen >= 6;
}

TEST(somebody_else_may_say_what_is_enough)
{
    char data[8];
    size_t seen = 0;
    const struct enough_place enough = {.is_enough = is_sixth_there, .context = &seen};
    sn_operation operation = receive_of_enough(data, sizeof data, enough);
    assert_true(operation_advance(&operation, 5));
    assert_false(operation_advance(&operation, 2));
    assert_true(record_of(&operation)->room.enough.is_reached);
    assert_int_equal(seen, 7);

    seen = 0;
    operation = receive_of_enough(data, 4, enough); /* no room for so many */
    assert_false(operation_advance(&operation, 4));
    assert_false(record_of(&operation)->room.enough.is_reached);
}

/* The result of an accept is a descriptor, and no bytes have moved. */
TEST(an_accept_transfers_no_bytes)
{
    sn_operation operation = operation_that(ACTION_ACCEPT, NULL, 0);
    assert_false(operation_advance(&operation, 17));
    assert_int_equal(operation.transferred, 0);
}

enum { BUFFERS = 20 };

static void send_vector_in_parts(const size_t *parts, size_t count)
{
    char text[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCD", received[64] = "";
    sn_buffer buffers[BUFFERS];
    size_t received_size = 0;
    for (size_t i = 0; i < BUFFERS; i++)
        buffers[i] = (sn_buffer){text + i * 2, i == 3 ? 0 : 2}; /* an empty one too */
    sn_operation operation = operation_that(ACTION_SEND_MESSAGE, buffers, BUFFERS);
    record_of(&operation)->marks = MARK_ALL | MARK_VECTOR;
    for (size_t i = 0; i < count; i++) {
        struct msghdr message;
        struct pieces pieces;
        operation_send_message(&operation, &message, &pieces);
        size_t left = parts[i];
        for (size_t j = 0; j < (size_t)message.msg_iovlen && left > 0; j++) {
            size_t size = message.msg_iov[j].iov_len < left ? message.msg_iov[j].iov_len : left;
            memcpy(received + received_size, message.msg_iov[j].iov_base, size);
            received_size += size;
            left -= size;
        }
        assert_int_equal(left, 0);
        assert_int_equal(operation_advance(&operation, (int64_t)parts[i]), i + 1 < count);
    }
    assert_string_equal(received, "abcdefijklmnopqrstuvwxyz0123456789ABCD");
    assert_string_equal(text, "abcdefghijklmnopqrstuvwxyz0123456789ABCD");
    assert_int_equal(operation.transferred, 38);
}

TEST(a_vector_goes_on_in_the_middle_of_a_buffer)
{
    send_vector_in_parts((const size_t[]){38}, 1);
    send_vector_in_parts((const size_t[]){1, 1, 1, 35 - 6, 6}, 5);
    send_vector_in_parts((const size_t[]){6, 2, 30}, 3);
    send_vector_in_parts((const size_t[]){5, 16, 17}, 3);
}

/* The rest of a long vector is copied in part; what is behind comes with the next attempt. */
TEST(only_the_first_buffers_of_a_begun_vector_are_offered)
{
    sn_buffer buffers[PIECES_COPIED * 2];
    char byte_pair[2] = "xy";
    struct msghdr message;
    struct pieces pieces;
    for (size_t i = 0; i < array_count(buffers); i++)
        buffers[i] = (sn_buffer){byte_pair, 2};
    sn_operation operation = operation_that(ACTION_SEND_MESSAGE, buffers, array_count(buffers));
    record_of(&operation)->marks = MARK_ALL | MARK_VECTOR;
    operation_send_message(&operation, &message, &pieces);
    assert_int_equal(message.msg_iovlen, array_count(buffers));
    assert_true(operation_advance(&operation, 1));
    operation_send_message(&operation, &message, &pieces);
    assert_int_equal(message.msg_iovlen, PIECES_COPIED);
    assert_int_equal(message.msg_iov[0].iov_len, 1);
    assert_int_equal(*(char *)message.msg_iov[0].iov_base, 'y');
}

/* It asks for no connection that it could not keep. */
TEST(an_accept_without_a_place_says_so_and_leaves_the_connection)
{
    int listener, client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), place = 0;
    struct sockaddr_in address = listen_natively(&listener, 1);
    struct sockaddr *to = (struct sockaddr *)&address;
    sn_operation operation = operation_that(ACTION_ACCEPT, NULL, 0);
    assert_int_equal(connect(client, to, sizeof address), 0);
    assert_true(operation_lacks_place(&operation));
    assert_int_equal(operation_attempt(&operation, listener), OUTCOME_NO_MEMORY);
    assert_true(operation_is_short(&operation, OUTCOME_NO_MEMORY));

    sn_operation made = operation_that(ACTION_ACCEPT, &place, 0);
    assert_false(operation_lacks_place(&made));
    int64_t accepted = operation_attempt(&made, listener);
    assert_true(accepted >= 0);
    close((int)accepted);
    close(client);
    close(listener);
}

TEST(a_place_that_was_given_or_is_not_needed_is_not_lacking)
{
    sn_socket *place = (sn_socket *)(void *)&(int){0};
    sn_operation into = operation_that(ACTION_ACCEPT, NULL, 0);
    sn_operation receive = operation_that(ACTION_RECEIVE, NULL, 0);
    record_of(&into)->target.into = place;
    assert_false(operation_lacks_place(&into));
    assert_false(operation_lacks_place(&receive));
    assert_false(operation_is_short(&receive, OUTCOME_NO_MEMORY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attempt_moves_what_it_can_and_says_when_it_would_block),
        cmocka_unit_test(a_receive_of_no_bytes_looks_and_takes_nothing),
        cmocka_unit_test(what_is_no_socket_is_read_and_written),
        cmocka_unit_test(a_datagram_says_where_it_came_from_and_whether_it_was_longer),
        cmocka_unit_test(a_datagram_can_be_received_without_its_sender),
        cmocka_unit_test(a_datagram_for_a_full_unix_queue_has_no_event_to_wait_for),
        cmocka_unit_test(a_connect_is_attempted_again_until_it_says_how_it_went),
        cmocka_unit_test(a_connect_on_its_way_is_told_to_the_second_one),
        cmocka_unit_test(each_action_has_the_event_that_ends_its_wait),
        cmocka_unit_test(a_hang_up_ends_a_receive_of_messages_only),
        cmocka_unit_test(a_send_goes_on_from_where_it_came_to),
        cmocka_unit_test(what_is_not_a_streams_send_is_done_after_one_attempt),
        cmocka_unit_test(a_receive_goes_on_until_it_has_enough_or_meets_the_end),
        cmocka_unit_test(somebody_else_may_say_what_is_enough),
        cmocka_unit_test(an_accept_transfers_no_bytes),
        cmocka_unit_test(an_accept_without_a_place_says_so_and_leaves_the_connection),
        cmocka_unit_test(a_place_that_was_given_or_is_not_needed_is_not_lacking),
        cmocka_unit_test(a_vector_goes_on_in_the_middle_of_a_buffer),
        cmocka_unit_test(only_the_first_buffers_of_a_begun_vector_are_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
