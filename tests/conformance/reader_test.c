/* The buffered reader: what it gives. How it ends early: reader_end_test.c. */
#include "conformance/readers.h"

#include <stdlib.h>
#include <unistd.h>

/* --- Parts ------------------------------------------------------------------------------------ */

TEST(lines_come_one_by_one_with_their_ends)
{
    sn_buffer line;
    open_reader(transport_of(state), 64);
    send_text(pair.client, "first\r\n\r\nlast \r one\r\nrest");
    assert_ok(read_line(reader, &line));
    assert_part("first\r\n", &line);
    assert_ok(read_line(reader, &line));
    assert_part("\r\n", &line);
    assert_ok(read_line(reader, &line));
    assert_part("last \r one\r\n", &line);
    assert_buffered("rest");
    close_reader();
}

TEST(a_delimiter_may_come_in_pieces)
{
    static const char *const pieces[] = {"a", "b\r", "\r", "\nc", NULL};
    sn_buffer line;
    open_reader(transport_of(state), 64);
    assert_ok(read_line_beside(pieces, NULL, &line));
    assert_part("ab\r\r\n", &line);
    close_reader();
}

TEST(a_delimiter_may_be_any_bytes)
{
    sn_buffer part;
    open_reader(transport_of(state), 64);
    assert_ok(sn_socket_send(pair.client, "one\0two\0\xff\0aab", 13, SN_FLAG_NONE, NULL));
    assert_ok(read_part(reader, "", 1, 0, &part)); /* a NUL */
    assert_int_equal(4, part.size);
    assert_memory_equal("one", part.data, 4);
    assert_ok(read_part(reader, "\0\xff\0", 3, 0, &part));
    assert_int_equal(6, part.size);
    assert_memory_equal("two\0\xff", part.data, 6);
    assert_ok(read_part(reader, "ab", 2, 0, &part)); /* not fooled by the first "a" */
    assert_part("aab", &part);
    close_reader();
}

/* Far more than fits, so that the memory is used again and again. */
TEST(many_lines_go_through_a_small_buffer)
{
    enum { LINES = 500 };
    sn_buffer line;
    char text[32];
    open_reader(transport_of(state), 24);
    for (int i = 0; i < LINES; i++) {
        snprintf(text, sizeof text, "line number %d\r\n", i);
        send_text(pair.client, text);
        if (i % 3 == 2) /* several are in the socket */
            for (int k = i - 2; k <= i; k++) {
                snprintf(text, sizeof text, "line number %d\r\n", k);
                assert_ok(read_line(reader, &line));
                assert_part(text, &line);
            }
    }
    close_reader();
}

TEST(a_part_is_the_programs_to_change)
{
    sn_buffer line;
    open_reader(transport_of(state), 64);
    send_text(pair.client, "text\r\nnext\r\n");
    assert_ok(read_line(reader, &line));
    ((char *)line.data)[line.size - 2] = '\0';
    assert_string_equal("text", line.data);
    assert_ok(read_line(reader, &line));
    assert_part("next\r\n", &line);
    close_reader();
}

/* --- Limits ----------------------------------------------------------------------------------- */

TEST(a_part_that_is_too_long_is_told_and_kept)
{
    sn_buffer line;
    open_reader(transport_of(state), 16);
    send_text(pair.client, "0123456\r\nabc");
    assert_error(SN_ERROR_LIMIT_EXCEEDED, read_part(reader, "\r\n", 2, 8, &line));
    assert_error(SN_ERROR_LIMIT_EXCEEDED, read_part(reader, "\r\n", 2, 8, &line));
    assert_buffered("0123456\r\nabc");
    assert_ok(read_part(reader, "\r\n", 2, 9, &line)); /* just enough */
    assert_part("0123456\r\n", &line);
    send_text(pair.client, "0123456789012345\r\n");
    assert_error(SN_ERROR_LIMIT_EXCEEDED, read_line(reader, &line)); /* as much as there is room */
    assert_buffered("abc0123456789012");
    assert_ok(sn_reader_skip(reader, 10));
    assert_ok(read_line(reader, &line));
    assert_part("789012345\r\n", &line);
    close_reader();
}

/* The reader of one byte. */
TEST(the_smallest_room_is_one_byte)
{
    sn_buffer part;
    open_reader(transport_of(state), 1);
    send_text(pair.client, "\nx\n");
    assert_ok(read_part(reader, "\n", 1, 1, &part));
    assert_part("\n", &part);
    assert_error(SN_ERROR_LIMIT_EXCEEDED, read_part(reader, "\n", 1, 0, &part));
    assert_buffered("x");
    assert_error(SN_ERROR_LIMIT_EXCEEDED, read_line(reader, &part)); /* it can never come */
    close_reader();
}

/* --- Counts ----------------------------------------------------------------------------------- */

TEST(counts_and_parts_take_turns)
{
    enum { LARGE = 100000 };
    sn_buffer line;
    size_t read = 77;
    unsigned char *data = malloc(LARGE), *got = malloc(LARGE);
    fill_pattern(data, LARGE, 0);
    open_reader(transport_of(state), 64);
    send_text(pair.client, "length 5\r\nhellolength 0\r\nlength 100000\r\n");
    assert_ok(read_line(reader, &line));
    assert_part("length 5\r\n", &line);
    assert_ok(read_count(reader, got, 5, &read));
    assert_int_equal(5, read);
    assert_memory_equal("hello", got, 5);
    assert_ok(read_line(reader, &line));
    assert_ok(read_count(reader, NULL, 0, &read));
    assert_int_equal(0, read);
    assert_ok(read_line(reader, &line));
    assert_part("length 100000\r\n", &line);
    send_plain(pair.client, data, 20000); /* a part is buffered, the rest goes past the buffer */
    uint8_t first;
    assert_ok(sn_reader_read_byte(reader, &first));
    assert_int_equal(data[0], first);
    send_plain(pair.client, data + 20000, LARGE - 20000);
    assert_ok(read_count(reader, got, LARGE - 1, &read));
    assert_int_equal(LARGE - 1, read);
    assert_memory_equal(data + 1, got, LARGE - 1);
    assert_buffered("");
    free(data);
    free(got);
    close_reader();
}

TEST(the_end_gives_what_there_is_of_a_count)
{
    static const size_t rooms[] = {4, 64}; /* past the buffer, and through it */
    for (size_t i = 0; i < COUNT_OF(rooms); i++) {
        char data[16] = "";
        size_t read = 77;
        open_reader(transport_of(state), rooms[i]);
        send_text(pair.client, "abcdef");
        uint8_t first;
        assert_ok(sn_reader_read_byte(reader, &first));
        end_sending();
        assert_error(SN_ERROR_END_OF_STREAM, read_count(reader, data, sizeof data, &read));
        assert_int_equal(5, read);
        assert_memory_equal("bcdef", data, 5);
        assert_buffered("");
        read = 77;
        assert_error(SN_ERROR_END_OF_STREAM, read_count(reader, data, 1, &read));
        assert_int_equal(77, read);
        close_reader();
    }
}

TEST(a_pipe_can_be_read_by_lines)
{
    int ends[2];
    sn_socket *socket = NULL;
    sn_buffer line;
    assert_int_equal(0, pipe(ends));
    assert_ok(sn_socket_from_handle(ends[0], true, &socket));
    assert_ok(sn_reader_create(socket, NULL, 64, &reader));
    sn_socket_release(socket); /* the reader has it */
    assert_int_equal(8, write(ends[1], "one\r\ntwo", 8));
    assert_ok(read_line(reader, &line));
    assert_part("one\r\n", &line);
    assert_int_equal(0, close(ends[1]));
    assert_error(SN_ERROR_END_OF_STREAM, read_line(reader, &line));
    assert_buffered("two");
    sn_reader_release(reader);
    reader = NULL;
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(lines_come_one_by_one_with_their_ends),
        ON_STREAMS(a_delimiter_may_come_in_pieces),
        CASE_ON(a_delimiter_may_be_any_bytes, TCP_IPV4),
        ON_STREAMS(many_lines_go_through_a_small_buffer),
        CASE_ON(a_part_is_the_programs_to_change, TCP_IPV4),
        ON_STREAMS(a_part_that_is_too_long_is_told_and_kept),
        ON_STREAMS(the_smallest_room_is_one_byte),
        ON_STREAMS(counts_and_parts_take_turns),
        ON_STREAMS(the_end_gives_what_there_is_of_a_count),
        CASE(a_pipe_can_be_read_by_lines),
    };
    return RUN(cases);
}
