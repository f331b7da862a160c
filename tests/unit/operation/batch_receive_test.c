/* What an attempt takes, and what it leaves. */
#include "support/test.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "operation/batch.h"

enum { COUNT = 150 };

static struct descriptor descriptor;
static char room[COUNT][8];
static sn_datagram datagrams[COUNT];

static sn_operation operation_of(size_t count)
{
    sn_operation operation = {0};
    struct record *record = record_of(&operation);
    memset(datagrams, 0, sizeof datagrams);
    for (size_t i = 0; i < COUNT; i++)
        datagrams[i].buffer = (sn_buffer){room[i], sizeof room[i]};
    record->owner = &descriptor;
    record->action = ACTION_RECEIVE_BATCH;
    record->marks = MARK_BATCH;
    record->datagrams.first = datagrams;
    record->datagrams.count = count;
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

static void send_numbers(int handle, int count)
{
    for (char i = 0; i < count; i++)
        assert_int_equal(send(handle, &i, 1, 0), 1);
}

TEST(an_attempt_takes_what_is_there_and_says_when_it_would_block)
{
    static const int types[] = {SOCK_DGRAM, SOCK_SEQPACKET};
    for (size_t i = 0; i < array_count(types); i++) {
        int pair[2];
        open_pair(types[i], pair);
        sn_operation operation = operation_of(COUNT);
        record_of(&operation)->room.batch.is_single = types[i] == SOCK_SEQPACKET;
        assert_int_equal(operation_attempt(&operation, pair[0]), -EAGAIN);
        send_numbers(pair[1], 100);
        assert_int_equal(operation_attempt(&operation, pair[0]), 100);
        assert_false(operation_advance(&operation, 100));
        assert_int_equal(operation.transferred, 100);
        for (char place = 0; place < 100; place++) {
            assert_int_equal(datagrams[(int)place].transferred, 1);
            assert_int_equal(room[(int)place][0], place);
        }
        close_pair(pair);
    }
}

TEST(an_attempt_takes_no_more_than_there_are_records_for)
{
    int pair[2];
    open_pair(SOCK_DGRAM, pair);
    send_numbers(pair[1], 100);
    sn_operation operation = operation_of(70);
    assert_int_equal(operation_attempt(&operation, pair[0]), 70);
    operation = operation_of(70);
    assert_int_equal(operation_attempt(&operation, pair[0]), 30);
    assert_int_equal(room[0][0], 70);
    close_pair(pair);
}

/* The kernel tells the end again and again, and empty messages just so. */
TEST(the_end_of_messages_is_told_once_and_none_is_made_of_it)
{
    int pair[2];
    open_pair(SOCK_SEQPACKET, pair);
    assert_int_equal(send(pair[1], "", 0, 0), 0);
    send_numbers(pair[1], 2);
    sn_operation operation = operation_of(COUNT);
    record_of(&operation)->room.batch.is_single = true;
    assert_int_equal(operation_attempt(&operation, pair[0]), 3);
    assert_int_equal(datagrams[0].transferred, 0);
    send_numbers(pair[1], 2);
    assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
    for (int expected = 2; expected >= 0; expected -= 2) {
        operation = operation_of(COUNT);
        record_of(&operation)->room.batch.is_single = true;
        assert_int_equal(operation_attempt(&operation, pair[0]), expected);
    }
    close_pair(pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        cmocka_unit_test(an_attempt_takes_what_is_there_and_says_when_it_would_block),
        cmocka_unit_test(an_attempt_takes_no_more_than_there_are_records_for),
        cmocka_unit_test(the_end_of_messages_is_told_once_and_none_is_made_of_it),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
