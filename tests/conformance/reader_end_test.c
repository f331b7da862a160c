/* How the calls of a buffered reader end early, that nothing is lost then, and bad input. */
#include "conformance/readers.h"

#include <limits.h>

#include "support/threads.h"
#include "support/allocations.h"

/* --- Early ends of a part --------------------------------------------------------------------- */

static const char *const half[] = {"ha", "lf", NULL};

TEST(the_end_leaves_what_came_before_it)
{
    sn_buffer line = {NULL, 77};
    open_reader(transport_of(state), 64);
    assert_error(SN_ERROR_END_OF_STREAM, read_line_beside(half, end_sending, &line));
    assert_int_equal(77, line.size);
    assert_buffered("half");
    assert_error(SN_ERROR_END_OF_STREAM, read_line(reader, &line));
    assert_ok(read_part(reader, "l", 1, 0, &line)); /* what is there needs no socket */
    assert_part("hal", &line);
    close_reader();
}

static void cancel(void)
{
    sn_socket_cancel(pair.server);
}

TEST(a_cancel_loses_nothing)
{
    sn_buffer line;
    open_reader(transport_of(state), 64);
    assert_error(SN_ERROR_OPERATION_CANCELED, read_line_beside(half, cancel, &line));
    assert_buffered("half");
    send_text(pair.client, "way\r\n");
    assert_ok(read_line(reader, &line));
    assert_part("halfway\r\n", &line);
    close_reader();
}

TEST(a_time_limit_loses_nothing)
{
    sn_buffer line;
    open_reader(transport_of(state), 64);
    assert_ok(sn_socket_set_receive_timeout(pair.server, 50));
    send_text(pair.client, "half");
    wait_readable(pair.server);
    assert_error(SN_ERROR_TIMED_OUT, read_line(reader, &line));
    assert_buffered("half");
    assert_ok(sn_socket_set_receive_timeout(pair.server, 0));
    send_text(pair.client, "way\r\n");
    assert_ok(read_line(reader, &line));
    assert_part("halfway\r\n", &line);
    close_reader();
}

static void close_socket(void)
{
    sn_socket_close(pair.server);
}

TEST(a_close_ends_it_and_what_came_can_still_be_read)
{
    sn_buffer line;
    size_t read = 77;
    char data[8] = "";
    open_reader(transport_of(state), 64);
    sn_error error = read_line_beside(half, close_socket, &line);
    assert_ended_by_close(SN_ERROR_CONNECTION_ABORTED, error);
    assert_buffered("half");
    assert_error(SN_ERROR_OBJECT_DISPOSED, read_line(reader, &line));
    assert_ok(read_count(reader, data, 2, &read));
    assert_memory_equal("ha", data, 2);
    assert_error(SN_ERROR_OBJECT_DISPOSED, read_count(reader, data, 8, &read));
    assert_int_equal(2, read);
    assert_memory_equal("lf", data, 2);
    close_reader();
}

TEST(a_non_blocking_socket_gives_what_is_there)
{
    sn_buffer line;
    open_reader(transport_of(state), 64);
    set_blocking(pair.server, false);
    assert_error(SN_ERROR_WOULD_BLOCK, read_line(reader, &line));
    send_text(pair.client, "half");
    wait_readable(pair.server);
    assert_error(SN_ERROR_WOULD_BLOCK, read_line(reader, &line));
    assert_buffered("half");
    send_text(pair.client, "way\r\n");
    wait_readable(pair.server);
    while (read_line(reader, &line) == SN_ERROR_WOULD_BLOCK)
        give_way();
    assert_part("halfway\r\n", &line);
    close_reader();
}

/* --- One call at a time, and making ----------------------------------------------------------- */

static sn_error read_late_line(void *context)
{
    return read_line(reader, context);
}

TEST(a_second_call_meanwhile_is_refused)
{
    struct thread thread;
    sn_buffer line, other = {NULL, 77};
    size_t read = 77;
    char data[4];
    open_reader(transport_of(state), 64);
    thread_start_blocked(&thread, read_late_line, &line);
    row_begin("meanwhile");
    row_error(SN_ERROR_INVALID_OPERATION, read_line(reader, &other));
    row_error(SN_ERROR_INVALID_OPERATION, read_count(reader, data, 1, &read));
    row_error(SN_ERROR_INVALID_OPERATION, sn_reader_get_buffered(reader, &other));
    row_error(SN_ERROR_INVALID_OPERATION, sn_reader_skip(reader, 0));
    row_equal(77, other.size);
    row_equal(77, read);
    rows_end();
    send_text(pair.client, "late\r\n");
    assert_ok(thread_join(&thread));
    assert_part("late\r\n", &line);
    close_reader();
}

TEST(misuse_is_refused_and_nothing_is_taken)
{
    sn_buffer part = {NULL, 77};
    size_t read = 77;
    open_reader(transport_of(state), 16);
    send_text(pair.client, "a\nbc");
    assert_ok(read_part(reader, "\n", 1, 0, &part));
    part.size = 77;
    row_begin("misuse");
    row_error(SN_ERROR_ARGUMENT_NULL, read_part(NULL, "\n", 1, 0, &part));
    row_error(SN_ERROR_ARGUMENT_NULL, read_part(reader, NULL, 1, 0, &part));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_reader_read_until(reader, "\n", 1, 0, NULL));
    row_error(SN_ERROR_ARGUMENT, read_part(reader, "\n", 0, 0, &part));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, read_part(reader, "\n", 1, 17, &part));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, read_part(reader, "\n", 1, SIZE_MAX, &part));
    row_error(SN_ERROR_ARGUMENT_NULL, read_count(NULL, &part, 1, &read));
    row_error(SN_ERROR_ARGUMENT_NULL, read_count(reader, NULL, 1, &read));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              read_count(reader, &part, (size_t)SSIZE_MAX + 1, &read));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_reader_get_buffered(reader, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_reader_get_buffered(NULL, &part));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_reader_skip(reader, 3));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_reader_skip(NULL, 0));
    row_equal(77, part.size);
    row_equal(77, read);
    rows_end();
    assert_buffered("bc");
    assert_null(sn_reader_get_socket(NULL));
    sn_reader_release(NULL);
    close_reader();
}

TEST(a_reader_is_made_of_a_stream_and_of_memory)
{
    static char memory[8];
    struct socket_pair datagrams = pair_connected(UDP_IPV4);
    sn_reader *none = NULL;
    sn_buffer part;
    pair = pair_connected(TCP_IPV4);
    row_begin("making");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_reader_create(NULL, NULL, 1, &none));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_reader_create(pair.server, NULL, 1, NULL));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_reader_create(pair.server, memory, 0, &none));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_reader_create(pair.server, memory, (size_t)SSIZE_MAX + 1, &none));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_reader_create(datagrams.server, memory, 8, &none));
    sn_socket_close(datagrams.server);
    row_error(SN_ERROR_OBJECT_DISPOSED, sn_reader_create(datagrams.server, memory, 8, &none));
    rows_end();
    assert_null(none);
    assert_ok(sn_reader_create(pair.server, memory, sizeof memory, &reader));
    assert_ptr_equal(pair.server, sn_reader_get_socket(reader));
    send_text(pair.client, "in here;");
    assert_ok(read_part(reader, ";", 1, 0, &part));
    assert_ptr_equal(memory, part.data);
    assert_memory_equal("in here;", memory, 8);
    pair_release(&datagrams);
    close_reader();
}

TEST(without_memory_there_is_no_reader_and_the_socket_stays)
{
    pair = pair_connected(TCP_IPV4);
    for (size_t i = 0; i < 2; i++) {
        allocations_begin();
        allocations_fail_nth(i + 1);
        sn_error error = sn_reader_create(pair.server, NULL, 8, &reader);
        assert_int_equal(0, allocations_outstanding());
        allocations_end();
        assert_error(SN_ERROR_OUT_OF_MEMORY, error);
        assert_null(reader);
    }
    send_text(pair.client, "still");
    assert_receives(pair.server, "still");
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(the_end_leaves_what_came_before_it),
        ON_STREAMS(a_cancel_loses_nothing),
        ON_STREAMS(a_time_limit_loses_nothing),
        ON_STREAMS(a_close_ends_it_and_what_came_can_still_be_read),
        ON_STREAMS(a_non_blocking_socket_gives_what_is_there),
        ON_STREAMS(a_second_call_meanwhile_is_refused),
        CASE_ON(misuse_is_refused_and_nothing_is_taken, TCP_IPV4),
        CASE(a_reader_is_made_of_a_stream_and_of_memory),
        CASE(without_memory_there_is_no_reader_and_the_socket_stays),
    };
    return RUN(cases);
}
