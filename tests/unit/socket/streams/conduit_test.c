#include "socket/streams/conduit.h"

#include "support/sockets.h"
#include "support/test.h"

#include <sys/resource.h>

#include "operation/splice.h"
#include "support/allocations.h"
#include "support/descriptors.h"
#include "sys/sys.h"

/* As an operation has left it. */
static sn_operation moved(size_t bytes)
{
    return (sn_operation){.transferred = bytes};
}

TEST(it_is_a_pipe_at_first_and_counts_what_is_in_it)
{
    struct conduit conduit;
    size_t descriptors = descriptors_count();
    assert_ok(conduit_open(&conduit));
    assert_int_equal(descriptors + 2, descriptors_count());
    assert_null(conduit.buffer);
    sn_operation in = moved(10), out = moved(4);
    conduit_note_in(&conduit, &in);
    assert_int_equal(10, conduit.held);
    conduit_note_out(&conduit, &out);
    assert_int_equal(6, conduit.held);
    conduit_close(&conduit);
    conduit_close(&conduit); /* once more is fine */
    assert_int_equal(descriptors, descriptors_count());
}

TEST(memory_takes_the_place_of_a_pipe_with_what_is_in_it)
{
    struct conduit conduit;
    size_t descriptors = descriptors_count();
    assert_ok(conduit_open(&conduit));
    const struct iovec piece = {(void *)(uintptr_t) "inside", 6};
    assert_int_equal(6, sys_write(conduit.pipe[1], &piece, 1));
    sn_operation in = moved(6);
    conduit_note_in(&conduit, &in);
    assert_ok(conduit_use_buffer(&conduit));
    assert_int_equal(descriptors, descriptors_count());
    assert_int_equal(6, conduit.held);
    assert_memory_equal("inside", conduit.buffer, 6);
    conduit_close(&conduit);
}

/* The kernel's refusal is told once; memory is never refused. */
TEST(a_refusal_counts_without_an_error_and_while_there_is_a_pipe)
{
    struct conduit conduit;
    sn_operation refused = {0};
    record_of(&refused)->room.splice.is_refused = true;
    assert_ok(conduit_open(&conduit));
    assert_true(conduit_is_refused(&conduit, &refused));
    refused.error = SN_ERROR_CONNECTION_RESET;
    assert_false(conduit_is_refused(&conduit, &refused));
    refused.error = SN_OK;
    assert_ok(conduit_use_buffer(&conduit));
    assert_false(conduit_is_refused(&conduit, &refused));
    conduit_close(&conduit);
}

/* A part that has gone is not sent again. */
TEST(the_rest_is_sent_from_where_it_stands)
{
    struct conduit conduit;
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_operation in = moved(10), out = moved(4), next = {0};
    assert_ok(conduit_open(&conduit));
    assert_ok(conduit_use_buffer(&conduit));
    conduit_note_in(&conduit, &in);
    conduit_note_out(&conduit, &out);
    conduit_prepare_out(&conduit, &next, pair.client);
    assert_int_equal(ACTION_SEND, record_of(&next)->action);
    assert_ptr_equal(conduit.buffer + 4, record_of(&next)->buffer.data);
    assert_int_equal(6, record_of(&next)->buffer.size);
    assert_true(record_of(&next)->marks & MARK_ALL);
    conduit_close(&conduit);
    pair_release(&pair);
}

TEST(what_is_missing_is_told)
{
    struct conduit conduit;
    struct rlimit limit, none;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
    sn_error with_memory = conduit_open(&conduit);
    bool has_memory = conduit.buffer != NULL;
    conduit_close(&conduit);
    allocations_begin();
    allocations_fail_nth(1);
    sn_error without = conduit_open(&conduit);
    conduit_close(&conduit);
    allocations_end();
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
    assert_ok(with_memory);
    assert_true(has_memory);
    assert_error(SN_ERROR_OUT_OF_MEMORY, without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_pipe_at_first_and_counts_what_is_in_it),
        cmocka_unit_test(memory_takes_the_place_of_a_pipe_with_what_is_in_it),
        cmocka_unit_test(a_refusal_counts_without_an_error_and_while_there_is_a_pipe),
        cmocka_unit_test(the_rest_is_sent_from_where_it_stands),
        cmocka_unit_test(what_is_missing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
