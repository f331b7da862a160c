#include "support/test.h"

#include <sys/socket.h>
#include <unistd.h>

#include "operation/gather.h"

static char bytes[64];

/* A queue of plain sends, which a test changes one by one. */
struct line {
    struct operation_queue queue;
    sn_operation sends[300];
};

static struct line *line_of(size_t count)
{
    static struct line line;
    memset(&line, 0, sizeof line);
    for (size_t i = 0; i < count; i++) {
        struct record *record = record_of(&line.sends[i]);
        record->action = ACTION_SEND;
        record->direction = DIRECTION_OUT;
        record->marks = MARK_ALL;
        record->buffer = (sn_buffer){.data = bytes, .size = 1 + i % 8};
        queue_append(&line.queue, &line.sends[i]);
    }
    return &line;
}

static size_t gathered_of(const struct line *line)
{
    struct gathered gathered;
    return gather_queue(&gathered, &line->queue) ? gathered.operations : 0;
}

TEST(fewer_than_two_are_not_gathered)
{
    assert_int_equal(gathered_of(line_of(0)), 0);
    assert_int_equal(gathered_of(line_of(1)), 0);
    assert_int_equal(gathered_of(line_of(2)), 2);
    assert_int_equal(gathered_of(line_of(64)), 64);
}

TEST(what_is_no_plain_send_ends_the_row)
{
    for (int what = 0; what < 8; what++) {
        struct line *line = line_of(10);
        struct record *record = record_of(&line->sends[4]);
        switch (what) {
        case 0: record->action = ACTION_SEND_PACKETS; break;
        case 1: record->action = ACTION_CONNECT; break;
        case 2: record->action = ACTION_EXTERNAL; break;
        case 3: record->marks |= MARK_TIMED_OUT; break;
        case 4: record->native_flags = MSG_OOB; break;
        case 5: record->address_size = sizeof(struct sockaddr); break;
        case 6: record->marks = 0; break; /* a message */
        case 7: record->buffer.size = 0; break;
        }
        assert_int_equal(gathered_of(line), 4);
        queue_remove(&line->queue, &line->sends[4]);
        assert_int_equal(gathered_of(line), 9);
    }
}

TEST(one_call_takes_so_many_pieces_and_bytes)
{
    assert_int_equal(gathered_of(line_of(300)), GATHER_PIECES);
    struct line *line = line_of(10);
    for (int i = 0; i < 10; i++)
        record_of(&line->sends[i])->buffer.size = GATHER_BYTES / 4;
    assert_int_equal(gathered_of(line), 4);
    record_of(&line->sends[1])->buffer.size = SIZE_MAX; /* no sum overflows */
    assert_int_equal(gathered_of(line), 0);
}

TEST(vectors_and_what_is_left_of_them_are_gathered_too)
{
    int pair[2];
    char received[16];
    const sn_buffer list[] = {{(char *)"abc", 3}, {(char *)"", 0}, {(char *)"defg", 4}};
    struct gathered gathered;
    struct line *line = line_of(3);
    struct record *vector = record_of(&line->sends[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    record_of(&line->sends[0])->buffer = (sn_buffer){(char *)"12", 2};
    record_of(&line->sends[2])->buffer = (sn_buffer){(char *)"34", 2};
    vector->action = ACTION_SEND_MESSAGE;
    vector->marks |= MARK_VECTOR;
    vector->vector.first = list;
    vector->vector.count = 3;
    vector->room.send.offset = 2; /* of the first one, which has gone in part */
    assert_int_equal(operation_left(&line->sends[1]), 5);
    assert_true(gather_queue(&gathered, &line->queue));
    assert_int_equal(gathered.operations, 3);
    assert_int_equal(gathered.bytes, 9);
    assert_true(gather_send(&gathered, pair[0]) == 9);
    assert_int_equal(read(pair[1], received, sizeof received), 9);
    assert_memory_equal(received, "12cdefg34", 9);
    close(pair[1]);
    assert_true(gather_send(&gathered, pair[0]) == -EPIPE); /* and no signal */
    close(pair[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fewer_than_two_are_not_gathered),
        cmocka_unit_test(what_is_no_plain_send_ends_the_row),
        cmocka_unit_test(one_call_takes_so_many_pieces_and_bytes),
        cmocka_unit_test(vectors_and_what_is_left_of_them_are_gathered_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
