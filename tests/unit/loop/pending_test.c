/* Sends of one stream that wait leave together; each ends by itself. */
#include "unit/loop/burst.h"

#include "support/threads.h"

TEST(sends_that_are_started_together_arrive_and_end_in_order)
{
    struct burst burst;
    burst_make(&burst, state);
    burst.sizes[20] = 0; /* it has its turn too */
    burst_start(&burst);
    assert_ok(run_until(burst.engine, &burst.sends[SENDS - 1]));
    assert_int_equal(burst.completed, SENDS);
    for (size_t i = 0; i < SENDS; i++) {
        assert_int_equal(burst.order[i], i);
        assert_ok(burst.sends[i].error);
        assert_int_equal(burst.sends[i].transferred, burst.sizes[i]);
        assert_arrives(&burst, i);
    }
    burst_end(&burst);
}

/* What fills the kernel's buffer, so that all behind it wait. */
static sn_operation *start_large(struct burst *burst, char *large)
{
    static sn_operation first;
    first = (sn_operation){0};
    assert_ok(sn_socket_set_send_buffer_size(burst->pair.client, 65536));
    assert_true(sn_socket_send_async(burst->pair.client, large, LARGE, SN_FLAG_NONE, &first));
    run_ready(burst->engine);
    assert_false(sn_operation_is_completed(&first));
    return &first;
}

static void drain_large(struct burst *burst)
{
    static char sink[1 << 16];
    for (size_t received, left = LARGE; left > 0; left -= received) {
        assert_ok(sn_socket_receive(burst->pair.server, sink,
                                    left < sizeof sink ? left : sizeof sink, SN_FLAG_NONE,
                                    &received));
        assert_ok(sn_engine_run(burst->engine, 0, NULL));
    }
}

/* Of those that wait one is cancelled and one runs out of time; the others leave without them. */
TEST(one_of_those_that_wait_ends_alone)
{
    struct burst burst;
    burst_make(&burst, state);
    char *large = test_calloc(1, LARGE);
    sn_operation *first = start_large(&burst, large);
    burst.sends[7].timeout_ms = 1;
    burst_start(&burst);
    sn_operation_cancel(&burst.sends[5]);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(burst.engine, &burst.sends[5]));
    assert_error(SN_ERROR_TIMED_OUT, run_until(burst.engine, &burst.sends[7]));
    assert_int_equal(burst.sends[5].transferred, 0);
    drain_large(&burst);
    assert_ok(run_until(burst.engine, first));
    assert_ok(run_until(burst.engine, &burst.sends[SENDS - 1]));
    assert_int_equal(burst.completed, SENDS);
    for (size_t i = 0; i < SENDS; i++)
        if (i != 5 && i != 7)
            assert_arrives(&burst, i);
    test_free(large);
    burst_end(&burst);
}

TEST(the_end_of_the_connection_is_told_to_each)
{
    struct burst burst;
    burst_make(&burst, state);
    char *large = test_calloc(1, LARGE);
    sn_operation *first = start_large(&burst, large);
    burst_start(&burst);
    sn_socket_close(burst.pair.server); /* with data unread: a reset */
    assert_error(SN_ERROR_CONNECTION_RESET, run_until(burst.engine, first));
    for (size_t i = 0; i < SENDS; i++) {
        assert_error(SN_ERROR_SHUTDOWN, run_until(burst.engine, &burst.sends[i]));
        assert_int_equal(burst.sends[i].transferred, 0);
    }
    test_free(large);
    burst_end(&burst);
}

TEST(a_close_ends_what_waits)
{
    struct burst burst;
    burst_make(&burst, state);
    char *large = test_calloc(1, LARGE);
    sn_operation *first = start_large(&burst, large);
    burst_start(&burst);
    sn_socket_close(burst.pair.client);
    assert_error(SN_ERROR_OPERATION_ABORTED, run_until(burst.engine, first));
    for (size_t i = 0; i < SENDS; i++)
        assert_error(SN_ERROR_OPERATION_ABORTED, run_until(burst.engine, &burst.sends[i]));
    test_free(large);
    burst_end(&burst);
}

static void start_all_and_close(sn_operation *post)
{
    struct burst *burst = post->context;
    start_all(post);
    sn_socket_close(burst->pair.client);
}

TEST(a_close_right_behind_the_starts_loses_no_completion)
{
    struct burst burst;
    burst_make(&burst, state);
    burst.post = (sn_operation){.completed = start_all_and_close, .context = &burst};
    sn_engine_post_async(burst.engine, &burst.post);
    assert_ok(run_until(burst.engine, &burst.post));
    for (size_t i = 0; i < SENDS; i++) {
        sn_error error = run_until(burst.engine, &burst.sends[i]);
        assert_true(error == SN_OK || error == SN_ERROR_OPERATION_ABORTED);
        if (!error)
            assert_arrives(&burst, i);
    }
    assert_int_equal(burst.completed, SENDS);
    burst_end(&burst);
}

/* A large stream of gathered sends that the kernel takes in parts, against a slow reader. */
static sn_error receive_pattern(void *context)
{
    struct burst *burst = context;
    unsigned char expected = 0;
    char chunk[777];
    size_t received = 1;
    while (received > 0) {
        sn_error error =
            sn_socket_receive(burst->pair.server, chunk, sizeof chunk, SN_FLAG_NONE, &received);
        if (error)
            return error;
        for (size_t i = 0; i < received; i++)
            if ((unsigned char)chunk[i] != expected++)
                return SN_ERROR_FAULT;
    }
    return SN_OK;
}

TEST(what_the_kernel_takes_in_parts_stays_one_stream)
{
    enum { PART = 100003, ROUNDS = 3 };
    struct burst burst;
    struct thread reader;
    burst_make(&burst, state);
    char *pattern = test_calloc(SENDS, PART);
    for (size_t i = 0; i < (size_t)SENDS * PART; i++)
        pattern[i] = (char)i;
    thread_start(&reader, receive_pattern, &burst);
    for (int round = 0; round < ROUNDS; round++) {
        sn_buffer halves[SENDS][2];
        sn_operation sends[SENDS] = {0};
        size_t offset = (size_t)(round * SENDS * PART) % 256; /* the pattern goes on */
        for (size_t i = 0; i < SENDS; i++) {
            char *part = pattern + (offset + i * PART) % 256;
            halves[i][0] = (sn_buffer){part, 1000};
            halves[i][1] = (sn_buffer){part + 1000, PART - 1000};
            bool is_vector = i % 3 == 0;
            assert_true(is_vector ? sn_socket_send_buffers_async(burst.pair.client, halves[i], 2,
                                                                 SN_FLAG_NONE, &sends[i])
                                  : sn_socket_send_async(burst.pair.client, part, PART,
                                                         SN_FLAG_NONE, &sends[i]));
        }
        for (size_t i = 0; i < SENDS; i++) {
            assert_ok(run_until(burst.engine, &sends[i]));
            assert_int_equal(sends[i].transferred, PART);
        }
    }
    assert_ok(sn_socket_shutdown(burst.pair.client, SN_SHUTDOWN_SEND));
    assert_ok(thread_join(&reader));
    test_free(pattern);
    burst_end(&burst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(sends_that_are_started_together_arrive_and_end_in_order),
        ON_BOTH(one_of_those_that_wait_ends_alone),
        ON_BOTH(the_end_of_the_connection_is_told_to_each),
        ON_BOTH(a_close_ends_what_waits),
        ON_BOTH(a_close_right_behind_the_starts_loses_no_completion),
        ON_BOTH(what_the_kernel_takes_in_parts_stays_one_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
