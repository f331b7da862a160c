/* Receives that wait one behind the other, each of which gets a datagram of its own. */
#include "support/test.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "operation/gather_messages.h"

enum { COUNT = 70 };

static char room[COUNT][8];
static sn_endpoint senders[COUNT];

struct line {
    struct operation_queue queue;
    sn_operation receives[COUNT];
};

static struct line *line_of(size_t count)
{
    static struct line line;
    memset(&line, 0, sizeof line);
    memset(room, '#', sizeof room);
    for (size_t i = 0; i < count; i++) {
        struct record *record = record_of(&line.receives[i]);
        record->action = ACTION_RECEIVE_DATAGRAM;
        record->direction = DIRECTION_IN;
        record->target.from = &senders[i];
        record->buffer = (sn_buffer){.data = room[i], .size = 4};
        queue_append(&line.queue, &line.receives[i]);
    }
    return &line;
}

static void open_pair(int pair[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
}

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

static void send_text(int handle, const char *text)
{
    assert_int_equal(send(handle, text, strlen(text), 0), strlen(text));
}

static size_t asked_of(const struct line *line, int handle)
{
    struct gathered_messages gather;
    int64_t result = gather_messages(&gather, &line->queue, handle);
    assert_true(result == -EAGAIN || result == 0);
    return result == 0 ? 0 : gather.asked;
}

TEST(two_and_up_to_a_call_go_together)
{
    int pair[2];
    open_pair(pair);
    assert_int_equal(asked_of(line_of(0), pair[0]), 0);
    assert_int_equal(asked_of(line_of(1), pair[0]), 0);
    assert_int_equal(asked_of(line_of(2), pair[0]), 2);
    assert_int_equal(asked_of(line_of(COUNT), pair[0]), BATCH_MESSAGES);
    close_pair(pair);
}

TEST(what_is_no_receive_of_a_datagram_ends_the_row)
{
    int pair[2];
    open_pair(pair);
    for (int what = 0; what < 6; what++) {
        struct line *line = line_of(10);
        struct record *record = record_of(&line->receives[4]);
        switch (what) {
        case 0: record->action = ACTION_READABLE; break;
        case 1: record->action = ACTION_RECEIVE_BATCH; break;
        case 2: record->action = ACTION_EXTERNAL; break;
        case 3: record->marks |= MARK_TIMED_OUT; break;
        case 4: record->native_flags = MSG_PEEK; break;
        case 5: record->marks |= MARK_NOT_SOCKET; break;
        }
        assert_false(gather_takes(&line->receives[4]));
        assert_int_equal(asked_of(line, pair[0]), 4);
    }
    close_pair(pair);
}

TEST(each_gets_its_own_and_what_the_kernel_tells_of_it)
{
    int pair[2];
    char first[3], second[3];
    const sn_buffer pieces[] = {{first, 3}, {second, 3}};
    struct gathered_messages gather;
    open_pair(pair);
    struct line *line = line_of(6);
    record_of(&line->receives[1])->action = ACTION_RECEIVE;
    record_of(&line->receives[2])->action = ACTION_RECEIVE_FROM;
    record_of(&line->receives[3])->action = ACTION_RECEIVE_MESSAGE;
    record_of(&line->receives[3])->marks = MARK_VECTOR;
    record_of(&line->receives[3])->vector.first = pieces;
    record_of(&line->receives[3])->vector.count = 2;
    record_of(&line->receives[4])->action = ACTION_RECEIVE_CONTROL;
    send_text(pair[1], "longer");
    send_text(pair[1], "ab");
    send_text(pair[1], "longer");
    send_text(pair[1], "abcde");
    send_text(pair[1], "");
    assert_int_equal(gather_messages(&gather, &line->queue, pair[0]), 5);
    assert_int_equal(gather.asked, 6);
    static const uint32_t sizes[] = {4, 2, 4, 5, 0};
    for (size_t i = 0; i < array_count(sizes); i++)
        assert_int_equal(gather.sizes[i], sizes[i]);
    assert_true(record_of(&line->receives[0])->room.header.msg_flags & MSG_TRUNC);
    assert_false(record_of(&line->receives[1])->marks & MARK_HEADER);
    assert_int_equal(record_of(&line->receives[2])->room.header.msg_flags, 0); /* not asked for */
    assert_memory_equal(first, "abc", 3);
    assert_memory_equal(second, "de", 2);
    assert_int_equal(record_of(&line->receives[4])->room.header.msg_control,
                     operation_control(&line->receives[4]));
    assert_false(record_of(&line->receives[5])->marks & MARK_HEADER);
    assert_int_equal(room[1][2], '#');
    close_pair(pair);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(two_and_up_to_a_call_go_together),
        cmocka_unit_test(what_is_no_receive_of_a_datagram_ends_the_row),
        cmocka_unit_test(each_gets_its_own_and_what_the_kernel_tells_of_it),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
