#include "unit/engine/engines.h"

#include <netinet/in.h>

#include "backends/readiness.h"

static sn_operation receive_into(char *data, size_t size)
{
    sn_operation operation = {0};
    record_of(&operation)->action = ACTION_RECEIVE;
    record_of(&operation)->direction = DIRECTION_IN;
    record_of(&operation)->buffer = (sn_buffer){.data = data, .size = size};
    return operation;
}

static sn_operation send_all(char *data, size_t size)
{
    sn_operation operation = receive_into(data, size);
    record_of(&operation)->action = ACTION_SEND;
    record_of(&operation)->direction = DIRECTION_OUT;
    record_of(&operation)->marks = MARK_ALL;
    return operation;
}

static void put(struct bare *bare, const char *text)
{
    assert_int_equal(send(bare->peer, text, strlen(text), 0), strlen(text));
}

TEST(nothing_is_attempted_before_an_edge_was_reported)
{
    struct bare bare;
    char data[4];
    int64_t result = 77;
    bare_open(&bare, SOCK_STREAM);
    put(&bare, "abcd");
    sn_operation operation = receive_into(data, sizeof data);
    assert_false(readiness_attempt(&bare.descriptor, &operation, &result));
    assert_int_equal(result, 77);
    bare.descriptor.ready = READY_OUT; /* the other direction's does not count */
    assert_false(readiness_attempt(&bare.descriptor, &operation, &result));
    bare.descriptor.ready = READY_IN;
    assert_true(readiness_attempt(&bare.descriptor, &operation, &result));
    assert_int_equal(result, 4);
    bare_close(&bare);
}

/* A full buffer says nothing; a short one says that the kernel's is empty, without another call. */
TEST(a_short_count_on_a_stream_means_drained)
{
    struct bare bare;
    char data[4];
    int64_t result;
    bare_open(&bare, SOCK_STREAM);
    bare.descriptor.marks |= DESCRIPTOR_STREAM_TCP;
    sn_operation operation = receive_into(data, sizeof data);
    bare.descriptor.ready = READY_IN | READY_OUT;
    put(&bare, "abcdef");
    assert_true(readiness_attempt(&bare.descriptor, &operation, &result));
    assert_int_equal(result, 4);
    assert_true(bare.descriptor.ready & READY_IN);
    assert_true(readiness_attempt(&bare.descriptor, &operation, &result));
    assert_int_equal(result, 2);
    assert_int_equal(bare.descriptor.ready, READY_OUT);
    bare_close(&bare);
}

TEST(a_short_count_of_a_datagram_means_nothing)
{
    struct bare bare;
    char data[4];
    int64_t result;
    bare_open(&bare, SOCK_DGRAM);
    sn_operation operation = receive_into(data, sizeof data);
    bare.descriptor.ready = READY_IN;
    put(&bare, "a");
    put(&bare, "b");
    for (int i = 0; i < 2; i++) {
        assert_true(readiness_attempt(&bare.descriptor, &operation, &result));
        assert_int_equal(result, 1);
    }
    assert_false(readiness_attempt(&bare.descriptor, &operation, &result));
    assert_int_equal(result, -EAGAIN);
    assert_int_equal(bare.descriptor.ready, 0);
    bare_close(&bare);
}

TEST(a_send_that_fills_the_kernels_buffer_waits_for_the_next_edge)
{
    static char large[4 << 20];
    struct bare bare;
    int64_t result;
    bare_open(&bare, SOCK_STREAM);
    sn_operation operation = send_all(large, sizeof large);
    bare.descriptor.ready = READY_IN | READY_OUT;
    assert_true(readiness_attempt(&bare.descriptor, &operation, &result));
    assert_true(result > 0 && (size_t)result < sizeof large);
    assert_int_equal(bare.descriptor.ready, READY_IN);
    bare_close(&bare);
}

/* No edge comes any more once the peer has gone. */
TEST(after_a_hang_up_it_is_always_attempted)
{
    struct bare bare;
    char data[4];
    int64_t result;
    bare_open(&bare, SOCK_STREAM);
    sn_operation operation = receive_into(data, sizeof data);
    assert_int_equal(shutdown(bare.peer, SHUT_WR), 0);
    bare.descriptor.ready = READY_ENDED;
    for (int i = 0; i < 3; i++) {
        assert_true(readiness_attempt(&bare.descriptor, &operation, &result));
        assert_int_equal(result, 0);
    }
    assert_true(bare.descriptor.ready & READY_ENDED);
    bare_close(&bare);
}

TEST(a_connect_begins_without_an_edge)
{
    struct sockaddr_in nowhere = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct bare bare;
    int64_t result = 77;
    bare_open(&bare, SOCK_STREAM); /* connected already, which the attempt is told */
    sn_operation operation = {0};
    record_of(&operation)->action = ACTION_CONNECT;
    record_of(&operation)->direction = DIRECTION_OUT;
    record_of(&operation)->target.address = &nowhere;
    record_of(&operation)->address_size = sizeof nowhere;
    assert_true(readiness_attempt(&bare.descriptor, &operation, &result));
    assert_true(result < 0);
    record_of(&operation)->tries = 1;
    assert_false(readiness_attempt(&bare.descriptor, &operation, &result));
    bare_close(&bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_attempted_before_an_edge_was_reported),
        cmocka_unit_test(a_short_count_on_a_stream_means_drained),
        cmocka_unit_test(a_short_count_of_a_datagram_means_nothing),
        cmocka_unit_test(a_send_that_fills_the_kernels_buffer_waits_for_the_next_edge),
        cmocka_unit_test(after_a_hang_up_it_is_always_attempted),
        cmocka_unit_test(a_connect_begins_without_an_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
