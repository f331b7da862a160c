/* NetworkStream (contract I.1; traps 116 to 119). */
#include "support/clients_support.h"

#include <sennit/dotnet.h>

#include <limits.h>

#include "support/allocations.h"

static struct socket_pair pair;
static sn_network_stream *stream;

/* A stream of the pair's client, which is the stream's own if it is to be closed with it. */
static void open_stream(enum transport transport, sn_file_access access, bool owns_socket)
{
    pair = pair_unbound(transport);
    assert_ok(sn_network_stream_create(pair.client, access, owns_socket, &stream));
}

static void close_all(void)
{
    sn_network_stream_release(stream);
    stream = NULL;
    pair_release(&pair);
    settle();
}

/* --- Making ----------------------------------------------------------------------------------- */

/* Trap 116. */
TEST(a_stream_needs_a_connected_blocking_stream_socket)
{
    pair = pair_unbound(TCP_IPV4);
    struct socket_pair datagrams = pair_connected(UDP_IPV4);
    sn_socket *fresh = socket_make(TCP_IPV4);
    sn_network_stream *none = NULL;
    const sn_file_access both = SN_FILE_ACCESS_READ_WRITE;
    row_begin("unfit sockets");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_create(NULL, both, false, &none));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_create(pair.client, both, false, NULL));
    row_error(SN_ERROR_INVALID_OPERATION, sn_network_stream_create(fresh, both, false, &none));
    row_error(SN_ERROR_INVALID_OPERATION,
              sn_network_stream_create(datagrams.client, both, false, &none));
    set_blocking(pair.client, false);
    row_error(SN_ERROR_INVALID_OPERATION,
              sn_network_stream_create(pair.client, both, false, &none));
    set_blocking(pair.client, true);
    sn_socket_close(pair.client);
    row_error(SN_ERROR_INVALID_OPERATION,
              sn_network_stream_create(pair.client, both, false, &none));
    rows_end();
    assert_null(none);
    sn_socket_release(fresh);
    pair_release(&datagrams);
    close_all();
}

TEST(without_memory_no_stream_is_made_and_the_socket_stays)
{
    pair = pair_unbound(TCP_IPV4);
    allocations_begin();
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OUT_OF_MEMORY,
                 sn_network_stream_create(pair.client, SN_FILE_ACCESS_READ, true, &stream));
    allocations_end();
    assert_null(stream);
    send_text(pair.client, "here");
    assert_receives(pair.server, "here");
    close_all();
}

/* Trap 119. */
TEST(access_restricts_and_an_unknown_number_means_both)
{
    static const struct {
        int access;
        bool can_read, can_write;
    } rows[] = {{1, true, false}, {2, false, true}, {3, true, true},       {0, true, true},
                {4, true, true},  {-1, true, true}, {INT_MAX, true, true}, {INT_MIN, true, true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        open_stream(UNIX_STREAM, (sn_file_access)rows[i].access, false);
        row_begin("access %d", rows[i].access);
        row_equal(rows[i].can_read, sn_network_stream_can_read(stream));
        row_equal(rows[i].can_write, sn_network_stream_can_write(stream));
        row_equal(false, sn_network_stream_can_seek(stream));
        row_equal(true, sn_network_stream_can_timeout(stream));
        close_all();
    }
    rows_end();
}

/* --- Reading and writing ---------------------------------------------------------------------- */

TEST(what_is_written_is_read_at_the_other_end)
{
    char text[8] = "";
    size_t size = 0;
    bool is_available = true;
    open_stream(transport_of(state), SN_FILE_ACCESS_READ_WRITE, false);
    assert_ok(sn_network_stream_get_data_available(stream, &is_available));
    assert_false(is_available);
    assert_ok(sn_network_stream_write(stream, "ping", 4));
    assert_ok(sn_network_stream_flush(stream));
    assert_receives(pair.server, "ping");
    send_text(pair.server, "pong");
    wait_readable(pair.client);
    assert_ok(sn_network_stream_get_data_available(stream, &is_available));
    assert_true(is_available);
    assert_ok(sn_network_stream_read(stream, text, sizeof text, &size));
    assert_int_equal(4, size);
    assert_memory_equal("pong", text, 4);
    close_all();
}

TEST(a_byte_at_a_time_and_minus_one_at_the_end)
{
    int byte = 7;
    open_stream(transport_of(state), SN_FILE_ACCESS_READ_WRITE, false);
    assert_ok(sn_network_stream_write_byte(stream, 255));
    assert_receives(pair.server, "\xff");
    send_text(pair.server, "\xfe");
    assert_ok(sn_network_stream_read_byte(stream, &byte));
    assert_int_equal(254, byte);
    assert_ok(sn_socket_shutdown(pair.server, SN_SHUTDOWN_SEND));
    assert_ok(sn_network_stream_read_byte(stream, &byte));
    assert_int_equal(-1, byte);
    close_all();
}

TEST(writing_nothing_is_done_at_once)
{
    open_stream(UNIX_STREAM, SN_FILE_ACCESS_WRITE, false);
    assert_ok(sn_network_stream_write(stream, NULL, 0));
    assert_ok(sn_network_stream_write(stream, "", 0));
    assert_false(is_readable(pair.server));
    close_all();
}

/* Left to itself the kernel lets the buffer grow to 4 MB and more. */
static void keep_buffer_small(void)
{
    assert_ok(sn_socket_set_send_buffer_size(pair.client, 65536));
}

/* More than fits in the kernel: the write ends when the other end has read nearly all of it. */
static sn_error write_much(void *context)
{
    static char much[1 << 22];
    (void)context;
    return sn_network_stream_write(stream, much, sizeof much);
}

TEST(a_write_ends_when_everything_is_written)
{
    static char much[1 << 22];
    struct thread writer;
    open_stream(transport_of(state), SN_FILE_ACCESS_READ_WRITE, false);
    keep_buffer_small();
    thread_start_blocked(&writer, write_much, NULL);
    receive_exactly(pair.server, much, sizeof much);
    assert_ok(thread_join(&writer));
    assert_false(is_readable(pair.server));
    close_all();
}

TEST(a_write_says_so_when_the_socket_has_become_non_blocking)
{
    static char much[1 << 22];
    open_stream(TCP_IPV4, SN_FILE_ACCESS_READ_WRITE, false);
    keep_buffer_small();
    set_blocking(pair.client, false);
    assert_error(SN_ERROR_WOULD_BLOCK, sn_network_stream_write(stream, much, sizeof much));
    close_all();
}

TEST(reading_and_writing_asynchronously)
{
    char text[8] = "";
    sn_operation write = {0}, read = {0}, flush = {0};
    open_stream(transport_of(state), SN_FILE_ACCESS_READ_WRITE, false);
    sn_network_stream_read_async(stream, text, sizeof text, &read);
    assert_false(sn_operation_is_completed(&read));
    sn_network_stream_write_async(stream, "ping", 4, &write);
    assert_ok(completed(&write));
    assert_int_equal(4, write.transferred);
    assert_receives(pair.server, "ping");
    send_text(pair.server, "pong");
    assert_ok(completed(&read));
    assert_int_equal(4, read.transferred);
    assert_memory_equal("pong", text, 4);
    sn_network_stream_flush_async(stream, &flush);
    assert_ok(completed(&flush));
    assert_ok(sn_socket_shutdown(pair.server, SN_SHUTDOWN_SEND));
    sn_network_stream_read_async(stream, text, sizeof text, &read);
    assert_ok(completed(&read));
    assert_int_equal(0, read.transferred);
    close_all();
}

TEST(a_cancelled_operation_is_not_started)
{
    char text[8];
    sn_cancellation *cancellation = NULL;
    open_stream(TCP_IPV4, SN_FILE_ACCESS_READ_WRITE, false);
    assert_ok(sn_cancellation_create(&cancellation));
    sn_cancellation_cancel(cancellation);
    sn_operation read = {.cancellation = cancellation};
    sn_operation write = {.cancellation = cancellation};
    sn_network_stream_read_async(stream, text, sizeof text, &read);
    sn_network_stream_write_async(stream, "x", 1, &write);
    assert_error(SN_ERROR_OPERATION_CANCELED, completed(&read));
    assert_error(SN_ERROR_OPERATION_CANCELED, completed(&write));
    sn_cancellation_release(cancellation);
    close_all();
}

/* --- Bad input -------------------------------------------------------------------------------- */

static char room[8];

/* Every function that looks at the stream first. */
static void every_member_gives(sn_network_stream *which, sn_error expected)
{
    bool truth = false;
    int number = 7;
    sn_milliseconds span = 7;
    size_t size = 7;
    row_error(expected, sn_network_stream_read(which, room, 1, &size));
    row_error(expected, sn_network_stream_read(which, NULL, 1, NULL));
    row_error(expected, sn_network_stream_read_byte(which, &number));
    row_error(expected, sn_network_stream_read_byte(which, NULL));
    row_error(expected, sn_network_stream_write(which, "x", 1));
    row_error(expected, sn_network_stream_write(which, NULL, 1));
    row_error(expected, sn_network_stream_write_byte(which, 1));
    row_error(expected, sn_network_stream_get_data_available(which, &truth));
    row_error(expected, sn_network_stream_get_data_available(which, NULL));
    row_error(expected, sn_network_stream_get_read_timeout(which, &span));
    row_error(expected, sn_network_stream_set_read_timeout(which, 0));
    row_error(expected, sn_network_stream_get_write_timeout(which, NULL));
    row_error(expected, sn_network_stream_set_write_timeout(which, 5));
    row_error(expected, sn_network_stream_set_readable(which, true));
    row_error(expected, sn_network_stream_set_writeable(which, true));
    row_async(expected, sn_network_stream_read_async(which, room, 1, operation));
    row_async(expected, sn_network_stream_write_async(which, NULL, 1, operation));
    row_equal(false, truth);
    row_equal(7, number);
    row_equal(7, span);
    row_equal(7, size);
    row_equal(false, sn_network_stream_can_read(which));
    row_equal(false, sn_network_stream_can_write(which));
}

TEST(no_stream_is_no_crash)
{
    row_begin("NULL");
    every_member_gives(NULL, SN_ERROR_ARGUMENT_NULL);
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_flush(NULL));
    row_async(SN_ERROR_ARGUMENT_NULL, sn_network_stream_flush_async(NULL, operation));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_close_within(NULL, SN_FOREVER));
    row_equal(true, sn_network_stream_get_socket(NULL) == NULL);
    row_equal(true, sn_network_stream_retain(NULL) == NULL);
    sn_network_stream_close(NULL);
    sn_network_stream_release(NULL);
    sn_network_stream_read_async(NULL, room, 1, NULL);
    sn_network_stream_flush_async(NULL, NULL);
    rows_end();
}

/* Trap 118, the second half. */
TEST(a_closed_stream_gives_object_disposed)
{
    open_stream(TCP_IPV4, SN_FILE_ACCESS_READ_WRITE, false);
    sn_network_stream_close(stream);
    sn_network_stream_close(stream);
    row_begin("closed");
    every_member_gives(stream, SN_ERROR_OBJECT_DISPOSED);
    row_error(SN_OK, sn_network_stream_flush(stream));
    row_async(SN_OK, sn_network_stream_flush_async(stream, operation));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_network_stream_close_within(stream, -2));
    row_error(SN_OK, sn_network_stream_close_within(stream, 0));
    row_equal(true, sn_network_stream_get_socket(stream) == pair.client);
    rows_end();
    send_text(pair.client, "open"); /* the stream did not own it */
    assert_receives(pair.server, "open");
    close_all();
}

/* Trap 118, the first half: .NET's IOException is the socket's own error here. */
TEST(a_socket_that_was_closed_directly_tells_so_through_the_stream)
{
    sn_milliseconds number;
    size_t size;
    bool truth;
    open_stream(TCP_IPV4, SN_FILE_ACCESS_READ_WRITE, false);
    sn_socket_close(pair.client);
    row_begin("socket closed");
    row_error(SN_ERROR_OBJECT_DISPOSED, sn_network_stream_read(stream, room, 1, &size));
    row_error(SN_ERROR_OBJECT_DISPOSED, sn_network_stream_write(stream, "x", 1));
    row_error(SN_ERROR_OBJECT_DISPOSED, sn_network_stream_get_data_available(stream, &truth));
    row_error(SN_ERROR_OBJECT_DISPOSED, sn_network_stream_get_read_timeout(stream, &number));
    row_async(SN_ERROR_OBJECT_DISPOSED, sn_network_stream_read_async(stream, room, 1, operation));
    row_async(SN_ERROR_OBJECT_DISPOSED, sn_network_stream_write_async(stream, "x", 1, operation));
    row_equal(true, sn_network_stream_can_read(stream));
    rows_end();
    close_all();
}

TEST(the_forbidden_direction_is_refused_once_there_is_memory)
{
    int byte;
    size_t size;
    open_stream(UNIX_STREAM, SN_FILE_ACCESS_WRITE, false);
    row_begin("write only");
    row_error(SN_ERROR_INVALID_OPERATION, sn_network_stream_read(stream, room, 1, &size));
    row_error(SN_ERROR_INVALID_OPERATION, sn_network_stream_read(stream, room, 1, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_read(stream, NULL, 1, &size));
    row_error(SN_ERROR_INVALID_OPERATION, sn_network_stream_read_byte(stream, &byte));
    row_async(SN_ERROR_INVALID_OPERATION, sn_network_stream_read_async(stream, room, 1, operation));
    row_error(SN_OK, sn_network_stream_set_readable(stream, true));
    row_error(SN_OK, sn_network_stream_set_writeable(stream, false));
    row_begin("read only");
    row_error(SN_ERROR_INVALID_OPERATION, sn_network_stream_write(stream, "x", 1));
    row_error(SN_ERROR_INVALID_OPERATION, sn_network_stream_write_byte(stream, 1));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_write(stream, NULL, 1));
    row_async(SN_ERROR_INVALID_OPERATION, sn_network_stream_write_async(stream, "x", 1, operation));
    row_async(SN_ERROR_ARGUMENT_NULL, sn_network_stream_write_async(stream, NULL, 1, operation));
    row_begin("arguments");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_read(stream, NULL, 1, &size));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_read(stream, room, 1, NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_read_byte(stream, NULL));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              sn_network_stream_read(stream, room, (size_t)SSIZE_MAX + 1, &size));
    row_async(SN_ERROR_ARGUMENT_NULL, sn_network_stream_read_async(stream, NULL, 1, operation));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_get_data_available(stream, NULL));
    rows_end();
    send_text(pair.server, "x");
    assert_ok(sn_network_stream_read(stream, room, sizeof room, &size));
    close_all();
}

/* --- Time limits ------------------------------------------------------------------------------ */

/* Trap 117. */
TEST(time_limits_begin_at_none_and_take_no_zero)
{
    static const sn_milliseconds refused[] = {0, -2, INT_MAX + INT64_C(1), INT64_MAX, INT64_MIN};
    sn_milliseconds value = 0;
    open_stream(TCP_IPV4, SN_FILE_ACCESS_READ_WRITE, false);
    assert_ok(sn_network_stream_get_read_timeout(stream, &value));
    assert_int_equal(SN_FOREVER, value);
    assert_ok(sn_network_stream_get_write_timeout(stream, &value));
    assert_int_equal(-1, value);
    assert_ok(sn_network_stream_set_read_timeout(stream, 100));
    assert_ok(sn_network_stream_set_write_timeout(stream, INT_MAX));
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        row_begin("%lld", (long long)refused[i]);
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                  sn_network_stream_set_read_timeout(stream, refused[i]));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                  sn_network_stream_set_write_timeout(stream, refused[i]));
    }
    row_error(SN_ERROR_ARGUMENT_NULL, sn_network_stream_get_read_timeout(stream, NULL));
    rows_end();
    assert_ok(sn_socket_get_receive_timeout(pair.client, &value));
    assert_int_equal(100, value);
    assert_ok(sn_socket_get_send_timeout(pair.client, &value));
    assert_int_equal(INT_MAX, value);
    assert_ok(sn_network_stream_set_read_timeout(stream, SN_FOREVER));
    assert_ok(sn_network_stream_get_read_timeout(stream, &value));
    assert_int_equal(SN_FOREVER, value);
    close_all();
}

TEST(a_read_ends_when_its_time_limit_has_passed)
{
    size_t size;
    open_stream(transport_of(state), SN_FILE_ACCESS_READ, false);
    assert_ok(sn_network_stream_set_read_timeout(stream, 5));
    assert_error(SN_ERROR_TIMED_OUT, sn_network_stream_read(stream, room, 1, &size));
    assert_true(sn_network_stream_can_read(stream));
    close_all();
}

/* --- Closing ---------------------------------------------------------------------------------- */

TEST(a_stream_that_owns_the_socket_closes_it)
{
    open_stream(transport_of(state), SN_FILE_ACCESS_READ_WRITE, true);
    assert_ok(sn_network_stream_write(stream, "last", 4));
    sn_network_stream_close(stream);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_send(pair.client, "x", 1, 0, NULL));
    assert_receives(pair.server, "last");
    assert_receives_end(pair.server);
    close_all();
}

TEST(closing_within_no_time_resets_the_owned_connection)
{
    open_stream(TCP_IPV4, SN_FILE_ACCESS_READ_WRITE, true);
    send_text(pair.server, "unread");
    wait_readable(pair.client);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_network_stream_close_within(stream, -2));
    assert_true(sn_network_stream_can_read(stream));
    assert_ok(sn_network_stream_close_within(stream, 0));
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_send(pair.client, "x", 1, 0, NULL));
    close_all();
}

TEST(a_shared_stream_lives_until_its_last_reference)
{
    open_stream(UNIX_STREAM, SN_FILE_ACCESS_READ_WRITE, true);
    assert_ptr_equal(stream, sn_network_stream_retain(stream));
    sn_network_stream_release(stream);
    assert_ok(sn_network_stream_write(stream, "here", 4));
    assert_receives(pair.server, "here");
    close_all();
}

static sn_error read_one(void *context)
{
    size_t size;
    return sn_network_stream_read(context, room, 1, &size);
}

TEST(closing_an_owning_stream_ends_a_blocked_read)
{
    struct thread reader;
    open_stream(transport_of(state), SN_FILE_ACCESS_READ_WRITE, true);
    thread_start_blocked(&reader, read_one, stream);
    sn_network_stream_close(stream);
    /* The shutdown that comes before the close may be what the read sees: the end of the stream. */
    sn_error error = thread_join(&reader);
    assert_true(error == SN_OK || error == SN_ERROR_CONNECTION_ABORTED);
    close_all();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_stream_needs_a_connected_blocking_stream_socket),
        CASE(without_memory_no_stream_is_made_and_the_socket_stays),
        CASE(access_restricts_and_an_unknown_number_means_both),
        ON_STREAMS(what_is_written_is_read_at_the_other_end),
        ON_STREAMS(a_byte_at_a_time_and_minus_one_at_the_end),
        CASE(writing_nothing_is_done_at_once),
        ON_STREAMS(a_write_ends_when_everything_is_written),
        CASE(a_write_says_so_when_the_socket_has_become_non_blocking),
        ON_STREAMS(reading_and_writing_asynchronously),
        CASE(a_cancelled_operation_is_not_started),
        CASE(no_stream_is_no_crash),
        CASE(a_closed_stream_gives_object_disposed),
        CASE(a_socket_that_was_closed_directly_tells_so_through_the_stream),
        CASE(the_forbidden_direction_is_refused_once_there_is_memory),
        CASE(time_limits_begin_at_none_and_take_no_zero),
        ON_STREAMS(a_read_ends_when_its_time_limit_has_passed),
        ON_STREAMS(a_stream_that_owns_the_socket_closes_it),
        CASE(closing_within_no_time_resets_the_owned_connection),
        CASE(a_shared_stream_lives_until_its_last_reference),
        ON_STREAMS(closing_an_owning_stream_ends_a_blocked_read),
    };
    clients_begin();
    return RUN(cases);
}
