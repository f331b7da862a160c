/* How records become messages: runs that the kernel cuts, records that are to be cut, and what is
 * remembered of a kernel that will not. */
#include "support/run.h"
#include "support/test.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "operation/batch.h"
#include "operation/control_message.h"
#include "sys/sys.h"

enum { COUNT = 40, SIZE = 100 };

static struct descriptor descriptor;
static int near, far;
static char bytes[70000];
static sn_datagram datagrams[COUNT];
static sn_datagram_extras extras;

static int open_room(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    (void)state;
    near = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    far = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(far, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(far, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(connect(near, (struct sockaddr *)&address, size), 0);
    descriptor = (struct descriptor){.handle = near};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    return 0;
}

static int close_room(void **state)
{
    (void)state;
    close(near);
    close(far);
    return 0;
}

static sn_operation operation_of(size_t count, bool may_cut)
{
    sn_operation operation = {0};
    struct record *record = record_of(&operation);
    record->owner = &descriptor;
    record->action = ACTION_SEND_BATCH;
    record->marks = MARK_BATCH;
    record->datagrams.first = datagrams;
    record->datagrams.count = count;
    record->room.batch.may_cut = may_cut;
    return operation;
}

static void set_records(size_t count, size_t size)
{
    memset(datagrams, 0, sizeof datagrams);
    for (size_t i = 0; i < count; i++)
        datagrams[i].buffer = (sn_buffer){bytes + i * size, size};
}

/* What has come are the bytes from the first on, in datagrams of that size but the last. */
static void assert_received(size_t total, size_t size)
{
    static char data[70000];
    size_t got = 0;
    while (got < total) {
        size_t expected = total - got < size ? total - got : size;
        assert_int_equal(recv(far, data, sizeof data, 0), expected);
        assert_memory_equal(data, bytes + got, expected);
        got += expected;
    }
    assert_int_equal(recv(far, data, sizeof data, 0), -1);
}

TEST(a_run_of_one_size_arrives_as_it_was_with_and_without_the_kernel_s_help)
{
    for (int may_cut = 0; may_cut < 2; may_cut++) {
        set_records(COUNT, SIZE);
        datagrams[COUNT - 1].buffer.size = 17;
        sn_operation operation = operation_of(COUNT, may_cut);
        assert_int_equal(operation_attempt(&operation, near), COUNT);
        assert_int_equal(operation.transferred, (COUNT - 1) * SIZE + 17);
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(datagrams[i].transferred, datagrams[i].buffer.size);
        assert_received((COUNT - 1) * SIZE + 17, SIZE);
    }
}

/* Two equal ones, a longer one, a shorter one, an empty one, one in pieces. */
TEST(a_run_ends_where_a_record_differs)
{
    static const size_t sizes[] = {50, 50, 60, 50, 0, 50, 50};
    sn_buffer pieces[2] = {{bytes, 20}, {bytes + 20, 30}};
    size_t places[array_count(sizes)], at = 0;
    memset(datagrams, 0, sizeof datagrams);
    for (size_t i = 0; i < array_count(sizes); at += sizes[i++]) {
        places[i] = at;
        datagrams[i].buffer = (sn_buffer){bytes + at, sizes[i]};
    }
    datagrams[6] = (sn_datagram){.buffers = pieces, .buffer_count = 2};
    places[6] = 0;
    sn_operation operation = operation_of(array_count(sizes), true);
    assert_int_equal(operation_attempt(&operation, near), array_count(sizes));
    for (size_t i = 0; i < array_count(sizes); i++) {
        char data[100];
        assert_int_equal(recv(far, data, sizeof data, 0), sizes[i]);
        assert_memory_equal(data, bytes + places[i], sizes[i]);
        assert_int_equal(datagrams[i].transferred, sizes[i]);
    }
}

TEST(a_record_is_cut_into_segments_with_and_without_the_kernel_s_help)
{
    static const struct {
        size_t size, segment;
    } rows[] = {{1000, 300}, {900, 300}, {300, 300}, {299, 300}, {10, 1}, {65000, 1000}, {200, 1}};
    sn_buffer pieces[3];
    for (size_t i = 0; i < 4 * array_count(rows); i++) {
        size_t size = rows[i / 4].size, part = size / 3;
        memset(datagrams, 0, sizeof datagrams);
        extras = (sn_datagram_extras){.present = SN_DATAGRAM_SEGMENT_SIZE,
                                      .segment_size = rows[i / 4].segment};
        pieces[0] = (sn_buffer){bytes, part};
        pieces[1] = (sn_buffer){bytes + part, 0};
        pieces[2] = (sn_buffer){bytes + part, size - part};
        datagrams[0] = (sn_datagram){.buffer = {bytes, size}, .extras = &extras};
        if (i & 2)
            datagrams[0] = (sn_datagram){.buffers = pieces, .buffer_count = 3, .extras = &extras};
        sn_operation operation = operation_of(1, i & 1);
        assert_int_equal(operation_attempt(&operation, near), 1);
        assert_int_equal(operation.transferred, size);
        assert_int_equal(datagrams[0].transferred, size);
        assert_received(size, rows[i / 4].segment);
    }
}

/* A kernel that must not make checksums will not cut (EINVAL). */
TEST(what_the_kernel_will_not_cut_goes_one_by_one_and_is_remembered)
{
    const int on = 1;
    assert_int_equal(setsockopt(near, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
    for (int i = 0; i < 2; i++) {
        set_records(COUNT, SIZE);
        sn_operation operation = operation_of(COUNT, true);
        assert_int_equal(operation_attempt(&operation, near), COUNT);
        assert_received(COUNT * SIZE, SIZE);
        assert_int_equal(descriptor.refused_segment, SIZE);
    }
    /* A smaller size is tried by itself. */
    set_records(COUNT, SIZE / 2);
    sn_operation operation = operation_of(COUNT, true);
    assert_int_equal(operation_attempt(&operation, near), COUNT);
    assert_received(COUNT * SIZE / 2, SIZE / 2);
    assert_int_equal(descriptor.refused_segment, SIZE / 2);
}

/* The error is the record's own then, and nothing is known of cutting. */
TEST(an_error_that_has_nothing_to_do_with_cutting_is_not_remembered)
{
    set_records(4, SIZE);
    extras = (sn_datagram_extras){.present = SN_DATAGRAM_INTERFACE, .interface_index = 1 << 30};
    control_message_write_extras(&extras, true);
    for (size_t i = 1; i < 3; i++)
        datagrams[i].extras = &extras; /* there is no such interface */
    sn_operation operation = operation_of(4, true);
    assert_true(operation_attempt(&operation, near) < 0);
    assert_int_equal(record_of(&operation)->room.batch.done, 1);
    assert_int_equal(descriptor.refused_segment, 0);
    assert_received(SIZE, SIZE);
}

/* In the middle of a record the kernel's buffer is full; the next attempt goes on there. */
TEST(a_record_that_is_cut_goes_on_where_it_was)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
    memset(datagrams, 0, sizeof datagrams);
    extras = (sn_datagram_extras){.present = SN_DATAGRAM_SEGMENT_SIZE, .segment_size = 50};
    datagrams[0] = (sn_datagram){.buffer = {bytes, sizeof bytes}, .extras = &extras};
    sn_operation operation = operation_of(1, false);
    size_t got = 0;
    int64_t result;
    do {
        char data[100];
        result = operation_attempt(&operation, pair[0]);
        assert_true(result == 1 || result == -EAGAIN);
        assert_int_equal(operation.transferred, datagrams[0].transferred);
        for (ssize_t size; (size = recv(pair[1], data, sizeof data, 0)) > 0; got += (size_t)size) {
            assert_int_equal(size, 50);
            assert_memory_equal(data, bytes + got, 50);
        }
        assert_int_equal(operation.transferred, got);
    } while (result != 1);
    assert_int_equal(got, sizeof bytes);
    close(pair[0]);
    close(pair[1]);
}

TEST(an_attempt_ends_when_it_is_others_turn)
{
    enum { MANY = 3 * BATCH_TURN };
    sn_datagram *many = calloc(MANY, sizeof *many);
    assert_non_null(many);
    sn_operation operation = operation_of(MANY, false);
    record_of(&operation)->datagrams.first = many;
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(operation_attempt(&operation, near), (int64_t)i * BATCH_TURN);
        assert_int_equal(operation_advance(&operation, 1), i < 3);
    }
    free(many);
}

int main(void)
{
#define ROOM_TEST(test) cmocka_unit_test_setup_teardown(test, open_room, close_room)
    static const struct CMUnitTest cases[] = {
        ROOM_TEST(a_run_of_one_size_arrives_as_it_was_with_and_without_the_kernel_s_help),
        ROOM_TEST(a_run_ends_where_a_record_differs),
        ROOM_TEST(a_record_is_cut_into_segments_with_and_without_the_kernel_s_help),
        ROOM_TEST(what_the_kernel_will_not_cut_goes_one_by_one_and_is_remembered),
        ROOM_TEST(an_error_that_has_nothing_to_do_with_cutting_is_not_remembered),
        ROOM_TEST(a_record_that_is_cut_goes_on_where_it_was),
        ROOM_TEST(an_attempt_ends_when_it_is_others_turn),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
