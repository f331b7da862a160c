/* One attempt with descriptors beside its bytes. */
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "operation/operation.h"
#include "support/descriptors.h"

static int pair[2];
static char data[16];

static sn_operation operation_of(uint8_t action, size_t size, sn_handle *handles, size_t count)
{
    sn_operation operation = {0};
    struct record *record = record_of(&operation);
    record->action = action;
    record->buffer = (sn_buffer){data, size};
    record->room.handles.handles = handles;
    record->room.handles.count = count;
    return operation;
}

static void open_pair(int type)
{
    assert_int_equal(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
}

static void close_pair(void)
{
    close(pair[0]);
    close(pair[1]);
}

TEST(an_attempt_sends_them_and_another_receives_them)
{
    sn_handle sent[2], received[2] = {-1, -1};
    open_pair(SOCK_STREAM);
    sent[0] = sent[1] = STDERR_FILENO;
    sn_operation send = operation_of(ACTION_SEND_HANDLES, 3, sent, 2);
    sn_operation receive = operation_of(ACTION_RECEIVE_HANDLES, 16, received, 2);
    assert_int_equal(operation_attempt(&receive, pair[1]), -EAGAIN);
    assert_int_equal(operation_attempt(&send, pair[0]), 3);
    assert_int_equal(operation_attempt(&receive, pair[1]), 3);
    assert_int_equal(record_of(&receive)->room.handles.received, 2);
    assert_true(descriptor_is_close_on_exec(received[0]));
    assert_false(record_of(&receive)->room.handles.native_flags & (MSG_CTRUNC | MSG_TRUNC));
    close(received[0]);
    close(received[1]);
    close_pair();
}

/* What is left of a send goes without them. */
TEST(a_rest_is_sent_without_them)
{
    sn_handle sent = STDERR_FILENO, received[1] = {-1};
    open_pair(SOCK_STREAM);
    sn_operation send = operation_of(ACTION_SEND_HANDLES, 4, &sent, 1);
    record_of(&send)->marks |= MARK_ALL;
    assert_true(operation_advance(&send, 1)); /* as after a first byte */
    assert_int_equal(operation_attempt(&send, pair[0]), 3);
    sn_operation receive = operation_of(ACTION_RECEIVE_HANDLES, 16, received, 1);
    assert_int_equal(operation_attempt(&receive, pair[1]), 3);
    assert_int_equal(record_of(&receive)->room.handles.received, 0);
    close_pair();
}

TEST(what_there_is_no_room_for_is_closed_without_waiting)
{
    sn_handle sent[3], received[1] = {-1};
    const struct linger lingering = {.l_onoff = 1, .l_linger = 1000};
    struct linger linger = {0};
    socklen_t size = sizeof linger;
    open_pair(SOCK_SEQPACKET);
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(connection, SOL_SOCKET, SO_LINGER, &lingering, sizeof lingering),
                     0);
    sent[0] = sent[1] = STDERR_FILENO;
    sent[2] = connection;
    size_t before = descriptors_count();
    sn_operation send = operation_of(ACTION_SEND_HANDLES, 1, sent, 3);
    sn_operation receive = operation_of(ACTION_RECEIVE_HANDLES, 1, received, 1);
    assert_int_equal(operation_attempt(&send, pair[0]), 1);
    assert_int_equal(operation_attempt(&receive, pair[1]), 1);
    assert_int_equal(record_of(&receive)->room.handles.received, 1);
    assert_true(record_of(&receive)->room.handles.native_flags & MSG_CTRUNC);
    assert_int_equal(descriptors_count(), before + 1);
    assert_int_equal(getsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, &size), 0);
    assert_int_equal(linger.l_onoff, 0);
    close(received[0]);
    close(connection);
    close_pair();
}

TEST(one_that_is_not_open_is_told_and_nothing_goes)
{
    sn_handle sent = 1000000, received = -1;
    open_pair(SOCK_STREAM);
    sn_operation send = operation_of(ACTION_SEND_HANDLES, 1, &sent, 1);
    sn_operation receive = operation_of(ACTION_RECEIVE_HANDLES, 1, &received, 1);
    assert_int_equal(operation_attempt(&send, pair[0]), -EBADF);
    assert_int_equal(operation_attempt(&receive, pair[1]), -EAGAIN);
    assert_false(handles_have_come(&receive));
    close_pair();
}

/* --- As control messages ---------------------------------------------------------------------- */

static size_t read_handles(const void *bytes, size_t size, int32_t *handles, size_t *sent)
{
    memset(handles, 0, CONTROL_HANDLES_MAX * sizeof *handles);
    return control_message_read_handles(bytes, size, handles, sent);
}

TEST(descriptors_that_are_written_are_read)
{
    _Alignas(8) uint8_t room[CONTROL_HANDLES_SENT_SIZE];
    int32_t written[HANDLES_MAX], handles[CONTROL_HANDLES_MAX];
    size_t sent = 0;
    for (int32_t i = 0; i < HANDLES_MAX; i++)
        written[i] = i * 3;
    for (size_t count = 1; count <= HANDLES_MAX; count++) {
        size_t size = control_message_write_handles(room, written, count);
        assert_int_equal(size, CMSG_SPACE(count * sizeof(int)));
        assert_int_equal(read_handles(room, size, handles, &sent), count);
        assert_int_equal(sent, count);
        assert_memory_equal(handles, written, count * sizeof *written);
    }
}

/* The process of the sender is a descriptor that was not sent: it is told behind the others. */
TEST(descriptors_of_the_kernel_stand_behind_those_that_were_sent)
{
    _Alignas(8) uint8_t room[CONTROL_HANDLES_RECEIVED_SIZE];
    const int32_t process = 9, written[2] = {4, 5};
    const struct cmsghdr header = {
        .cmsg_len = CMSG_LEN(sizeof process), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_PIDFD};
    int32_t handles[CONTROL_HANDLES_MAX];
    size_t sent = 0, front = CMSG_SPACE(sizeof process);
    memset(room, 0, sizeof room);
    memcpy(room, &header, sizeof header);
    memcpy(room + CMSG_LEN(0), &process, sizeof process);
    size_t size = front + control_message_write_handles(room + front, written, 2);
    assert_int_equal(read_handles(room, size, handles, &sent), 3);
    assert_int_equal(sent, 2);
    assert_int_equal(handles[0], 4);
    assert_int_equal(handles[1], 5);
    assert_int_equal(handles[2], 9);
}

TEST(a_message_that_is_cut_brings_no_descriptor)
{
    _Alignas(8) uint8_t room[CONTROL_HANDLES_SENT_SIZE];
    const int32_t written[2] = {4, 5};
    int32_t handles[CONTROL_HANDLES_MAX];
    size_t sent = 7;
    (void)control_message_write_handles(room, written, 2);
    for (size_t size = 0; size < CMSG_LEN(sizeof written); size++) {
        assert_int_equal(read_handles(room, size, handles, &sent), 0);
        assert_int_equal(sent, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attempt_sends_them_and_another_receives_them),
        cmocka_unit_test(a_rest_is_sent_without_them),
        cmocka_unit_test(what_there_is_no_room_for_is_closed_without_waiting),
        cmocka_unit_test(one_that_is_not_open_is_told_and_nothing_goes),
        cmocka_unit_test(descriptors_that_are_written_are_read),
        cmocka_unit_test(descriptors_of_the_kernel_stand_behind_those_that_were_sent),
        cmocka_unit_test(a_message_that_is_cut_brings_no_descriptor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
