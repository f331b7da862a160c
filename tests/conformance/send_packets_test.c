/*
 * SendPackets (contract B.12): memory and files in any order, as one send. Traps 111 to 115.
 */
#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define ELEMENT_COUNT 2000

/* There is no blocking function, so a run in that style would test nothing new. */
#define NOT_IN_BLOCKING_STYLE()                                                                    \
    do {                                                                                           \
        if (style_is_blocking())                                                                   \
            SKIP("has no blocking function");                                                      \
    } while (0)

static sn_send_packets_element of_memory(const void *data, size_t size)
{
    sn_send_packets_element element;
    assert_ok(sn_send_packets_element_from_memory(data, size, false, &element));
    return element;
}

static sn_send_packets_element of_text(const char *text)
{
    return of_memory(text, strlen(text));
}

static sn_send_packets_element of_path(const char *path, int64_t offset, int64_t count)
{
    sn_send_packets_element element;
    assert_ok(sn_send_packets_element_from_path(path, offset, count, false, &element));
    return element;
}

static sn_send_packets_element of_handle(int file, int64_t offset, int64_t count)
{
    sn_send_packets_element element;
    assert_ok(sn_send_packets_element_from_handle(file, offset, count, true, &element));
    return element;
}

/* Sends the elements, ends the stream, and compares what arrived. */
static void check_arrives(enum transport transport, const sn_send_packets_element *elements,
                          size_t count, const sn_buffer *pieces, size_t piece_count)
{
    size_t size = 0, sent = 77;
    uint8_t *expected = joined(pieces, piece_count, &size);
    struct socket_pair pair = pair_connected(transport);
    struct gather gather;
    gather_begin(&gather, pair.server);
    row_error(SN_OK, do_send_packets(pair.client, elements, count, 0, &sent));
    row_equal(size, sent);
    row_error(SN_OK, sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    gather_end(&gather, expected, size);
    pair_release(&pair);
    free(expected);
}

/* B.12; traps 112, 114, 115 */
TEST(memory_and_files_arrive_in_their_order)
{
    NOT_IN_BLOCKING_STYLE();
    size_t size = 2 * MEGABYTE + 3;
    uint8_t *data = pattern_new(size, 1);
    struct unix_path path = file_new(data, size);
    int file = file_open(&path);
    assert_int_equal(99, lseek(file, 99, SEEK_SET));
    const sn_send_packets_element elements[] = {
        of_text("first|"),     of_path(path.text, 0, 0),      of_handle(file, 100, 70000),
        of_memory(data, size), of_path(path.text, 5, 11),     of_handle(file, (int64_t)size - 1, 0),
        of_text("|last"),      of_handle(file, 0, 1000 * 10),
    };
    const sn_buffer pieces[] = {
        {(void *)(uintptr_t) "first|", 6},
        {data, size},
        {data + 100, 70000},
        {data, size},
        {data + 5, 11},
        {data + size - 1, 1},
        {(void *)(uintptr_t) "|last", 5},
        {data, 10000},
    };
    row_begin("all kinds");
    check_arrives(transport_of(state), elements, COUNT_OF(elements), pieces, COUNT_OF(pieces));
    row_equal(99, file_position(file));
    (void)close(file);
    free(data);
    rows_end();
}

TEST(many_elements_are_one_send)
{
    NOT_IN_BLOCKING_STYLE();
    sn_send_packets_element *elements = calloc(ELEMENT_COUNT, sizeof *elements);
    sn_buffer *pieces = calloc(ELEMENT_COUNT, sizeof *pieces);
    uint8_t *data = pattern_new(ELEMENT_COUNT * 7, 2);
    struct unix_path path = file_new(data, ELEMENT_COUNT * 7);
    int file = file_open(&path);
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        pieces[i] = (sn_buffer){data + i * 7, 1 + i % 7};
        elements[i] = i % 2 ? of_memory(pieces[i].data, pieces[i].size)
                            : of_handle(file, (int64_t)i * 7, (int64_t)pieces[i].size);
    }
    row_begin("%d elements", ELEMENT_COUNT);
    check_arrives(transport_of(state), elements, ELEMENT_COUNT, pieces, ELEMENT_COUNT);
    (void)close(file);
    free(elements);
    free(pieces);
    free(data);
    rows_end();
}

/* B.12 "null entries and empty buffers are skipped"; trap 111 */
TEST(what_is_empty_is_passed_over)
{
    NOT_IN_BLOCKING_STYLE();
    struct unix_path path = file_new("", 0), four = file_new("four", 4);
    sn_send_packets_element nothing = {0};
    const sn_send_packets_element elements[] = {nothing, of_memory(NULL, 0), of_memory("x", 0),
                                                of_path(path.text, 0, 0), of_path(four.text, 4, 0)};
    struct socket_pair pair = pair_connected(transport_of(state));
    for (size_t count = 0; count <= COUNT_OF(elements); count++) {
        row_begin("%zu elements", count);
        size_t sent = 77;
        row_error(SN_OK, do_send_packets(pair.client, elements, count, 0, &sent));
        row_equal(0, sent);
    }
    size_t sent = 77;
    row_error(SN_OK, do_send_packets(pair.client, NULL, 0, 0, &sent));
    row_equal(0, sent);
    assert_ok(do_send(pair.client, "end", 3, SN_FLAG_NONE, NULL));
    assert_receives(pair.server, "end"); /* and nothing before it */
    pair_release(&pair);
    rows_end();
}

/* B.12 "checks", "files"; E.2; traps 112, 113: nothing is sent, and no file stays open */
TEST(a_wrong_element_is_refused_before_anything_is_sent)
{
    NOT_IN_BLOCKING_STYLE();
    struct unix_path good = file_new("good", 4), missing = unix_path_new();
    char inside_missing[300];
    snprintf(inside_missing, sizeof inside_missing, "%s/file", missing.text);
    int file = file_open(&good);
    sn_send_packets_element unknown = of_text("x"), no_memory = of_text("x");
    sn_send_packets_element no_path = of_path("x", 0, 0), negative = of_handle(file, 0, 0);
    sn_send_packets_element closed = of_handle(999999, 0, 0), negative_count = negative;
    unknown.kind = (sn_send_packets_kind)77;
    no_memory.data = NULL;
    no_path.path = NULL;
    negative.offset = -1;
    negative_count.count = -1;
    sn_send_packets_element negative_path = of_path(good.text, 0, 0);
    sn_send_packets_element negative_path_count = negative_path;
    negative_path.offset = -1;
    negative_path_count.count = -1;
    const struct {
        const char *name;
        sn_send_packets_element element;
        sn_error error;
    } rows[] = {
        {"missing", of_path(missing.text, 0, 0), SN_ERROR_FILE_NOT_FOUND},
        {"folder missing", of_path(inside_missing, 0, 0), SN_ERROR_DIRECTORY_NOT_FOUND},
        {"empty path", of_path("", 0, 0), SN_ERROR_ARGUMENT},
        {"folder", of_path("/", 0, 0), SN_ERROR_ACCESS_DENIED},
        {"no path", no_path, SN_ERROR_ARGUMENT_NULL},
        {"no memory", no_memory, SN_ERROR_ARGUMENT_NULL},
        {"kind", unknown, SN_ERROR_ARGUMENT},
        {"closed descriptor", closed, SN_ERROR_ARGUMENT},
        {"negative offset", negative, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"negative count", negative_count, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"negative offset of a path", negative_path, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"negative count of a path", negative_path_count, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"offset beyond the end", of_path(good.text, 5, 0), SN_ERROR_INVALID_ARGUMENT},
        {"count beyond the end", of_path(good.text, 0, 5), SN_ERROR_INVALID_ARGUMENT},
        {"both beyond the end", of_handle(file, 3, 2), SN_ERROR_INVALID_ARGUMENT},
        {"64 bits", of_handle(file, INT64_C(1) << 40, 0), SN_ERROR_INVALID_ARGUMENT},
    };
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(do_send_packets(pair.client, NULL, 0, 0, NULL)); /* opens what stays open */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("%s", rows[i].name);
        if (!sn_socket_is_connected(pair.client)) {
            pair_release(&pair);
            pair = pair_connected(TCP_IPV4);
        }
        const sn_send_packets_element elements[] = {of_text("text"), of_path(good.text, 0, 0),
                                                    rows[i].element, of_path(good.text, 0, 0)};
        size_t sent = 77, before = descriptors_count();
        row_error(rows[i].error, do_send_packets(pair.client, elements, 4, 0, &sent));
        row_equal(77, sent);
        row_equal(before, descriptors_count());
        /* A.6: it is the socket's own error, and no exception is made for it */
        row_equal(rows[i].error != SN_ERROR_INVALID_ARGUMENT, sn_socket_is_connected(pair.client));
        row_equal(0, available(pair.server));
    }
    pair_release(&pair);
    pair = pair_connected(TCP_IPV4);
    row_begin("no list");
    row_error(SN_ERROR_ARGUMENT, do_send_packets(pair.client, NULL, 1, 0, NULL));
    row_begin("a list that no memory could hold");
    const sn_send_packets_element one = of_text("x");
    row_error(SN_ERROR_OUT_OF_MEMORY, do_send_packets(pair.client, &one, SIZE_MAX, 0, NULL));
    (void)close(file);
    pair_release(&pair);
    rows_end();
}

/* B.12 "not Connected (any socket type, thus connected UDP passes)" */
TEST(only_a_connected_socket_sends_packets)
{
    NOT_IN_BLOCKING_STYLE();
    const sn_send_packets_element element = of_text("x");
    sn_socket *closed = socket_make(TCP_IPV4);
    sn_socket_close(closed);
    const struct {
        sn_socket *socket;
        sn_error error;
    } rows[] = {
        {NULL, SN_ERROR_ARGUMENT_NULL},
        {closed, SN_ERROR_OBJECT_DISPOSED},
        {socket_make(TCP_IPV4), SN_ERROR_NOT_SUPPORTED},
        {socket_listening(TCP_IPV4, 1), SN_ERROR_NOT_SUPPORTED},
        {socket_bound(UDP_IPV4), SN_ERROR_NOT_SUPPORTED},
        {socket_bound(UNIX_DATAGRAM), SN_ERROR_NOT_SUPPORTED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("row %zu", i);
        row_error(rows[i].error, do_send_packets(rows[i].socket, &element, 1, 0, NULL));
        row_error(rows[i].error, do_send_packets(rows[i].socket, NULL, 0, 0, NULL));
        sn_socket_release(rows[i].socket);
    }
    rows_end();
}

/* B.12 "each element is a complete send" */
TEST(each_element_is_one_message_where_messages_are_kept_apart)
{
    NOT_IN_BLOCKING_STYLE();
    uint8_t *data = pattern_new(MEGABYTE * 2, 3);
    struct unix_path path = file_new(data, MEGABYTE * 2);
    int file = file_open(&path);
    const sn_send_packets_element elements[] = {of_text("memory"), of_path(path.text, 3, 4000),
                                                of_memory(data, 1), of_handle(file, 0, 9000)};
    const sn_buffer expected[] = {
        {(void *)(uintptr_t) "memory", 6}, {data + 3, 4000}, {data, 1}, {data, 9000}};
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t sent = 0, received = 0;
    assert_ok(do_send_packets(pair.client, elements, COUNT_OF(elements), 0, &sent));
    assert_int_equal(6 + 4000 + 1 + 9000, sent);
    uint8_t *message = malloc(100000);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_ok(do_receive(pair.server, message, 100000, SN_FLAG_NONE, &received));
        assert_int_equal(expected[i].size, received);
        assert_memory_equal(expected[i].data, message, received);
    }
    free(message);
    /* The whole file is more than any message holds. */
    const sn_send_packets_element whole = of_handle(file, 0, 0);
    assert_error(SN_ERROR_MESSAGE_SIZE, do_send_packets(pair.client, &whole, 1, 0, NULL));
    (void)close(file);
    pair_release(&pair);
    free(data);
}

static void check_disconnected(enum transport transport, sn_transmit_flags flags, bool is_reusable)
{
    struct socket_pair pair = pair_connected(transport);
    const sn_send_packets_element element = of_text("the end");
    row_begin("flags 0x%x", flags);
    row_error(SN_OK, do_send_packets(pair.client, &element, 1, flags, NULL));
    row_equal(false, sn_socket_is_connected(pair.client));
    char text[16] = "";
    size_t received = 0;
    row_error(SN_OK, do_receive(pair.server, text, sizeof text, SN_FLAG_NONE, &received));
    row_equal(7, received);
    row_error(SN_OK, do_receive(pair.server, text, sizeof text, SN_FLAG_NONE, &received));
    row_equal(0, received);
    if (is_reusable) {
        sn_endpoint again = local_endpoint(pair.listener);
        sn_socket *accepted = NULL;
        /* .NET's blocking connect refuses a socket that was disconnected (B.4). */
        assert_ok(do_connect(pair.client, &again));
        assert_ok(do_accept(pair.listener, &accepted));
        assert_ok(do_send(pair.client, "anew", 4, SN_FLAG_NONE, NULL));
        assert_receives(accepted, "anew");
        sn_socket_release(accepted);
    }
    pair_release(&pair);
}

/* B.12 "SendPacketsFlags", and B.11 for an asynchronous send of a file */
TEST(the_flags_disconnect_after_everything_was_sent)
{
    NOT_IN_BLOCKING_STYLE();
    check_disconnected(TCP_IPV4, SN_TRANSMIT_DISCONNECT, false);
    check_disconnected(TCP_IPV4, SN_TRANSMIT_DISCONNECT | SN_TRANSMIT_WRITE_BEHIND, false);
    check_disconnected(TCP_IPV4, SN_TRANSMIT_REUSE_SOCKET, true);
    check_disconnected(TCP_IPV4, SN_TRANSMIT_REUSE_SOCKET | SN_TRANSMIT_DISCONNECT, true);
    rows_end();
}

/* B.12 "other flags ignored" */
TEST(other_flags_change_nothing)
{
    NOT_IN_BLOCKING_STYLE();
    static const sn_transmit_flags flags[] = {SN_TRANSMIT_WRITE_BEHIND,
                                              SN_TRANSMIT_USE_SYSTEM_THREAD,
                                              SN_TRANSMIT_USE_KERNEL_APC, 0x80000000u};
    struct socket_pair pair = pair_connected(TCP_IPV4);
    const sn_send_packets_element element = of_text("x");
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        row_begin("flags 0x%x", flags[i]);
        row_error(SN_OK, do_send_packets(pair.client, &element, 1, flags[i], NULL));
        row_equal(true, sn_socket_is_connected(pair.client));
        assert_receives(pair.server, "x");
    }
    pair_release(&pair);
    rows_end();
}

/* A send that was refused does not disconnect */
TEST(a_refused_send_does_not_disconnect)
{
    NOT_IN_BLOCKING_STYLE();
    struct unix_path missing = unix_path_new();
    const sn_send_packets_element elements[] = {of_text("x"), of_path(missing.text, 0, 0)};
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_error(SN_ERROR_FILE_NOT_FOUND,
                 do_send_packets(pair.client, elements, 2, SN_TRANSMIT_DISCONNECT, NULL));
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

/* E.2; traps 111, 115: 64 bits throughout, so there is nothing that could overflow */
TEST(an_element_keeps_what_it_was_made_of)
{
    sn_send_packets_element element, untouched;
    assert_ok(sn_send_packets_element_from_path("path", INT64_MAX, 7, true, &element));
    assert_int_equal(SN_SEND_PACKETS_PATH, element.kind);
    assert_string_equal("path", element.path);
    assert_true(element.offset == INT64_MAX && element.count == 7 && element.end_of_packet);
    assert_int_equal(SN_HANDLE_NONE, element.file);
    assert_ok(sn_send_packets_element_from_handle(5, 3000000000, INT64_MAX, false, &element));
    assert_true(element.kind == SN_SEND_PACKETS_HANDLE && element.file == 5);
    assert_true(element.offset == 3000000000 && element.count == INT64_MAX);
    assert_false(element.end_of_packet);
    assert_ok(sn_send_packets_element_from_memory("data", 4, true, &element));
    assert_true(element.kind == SN_SEND_PACKETS_MEMORY && element.size == 4);
    assert_ok(sn_send_packets_element_from_path("", 0, 0, false, &element)); /* refused later */

    memset(&element, 0xEE, sizeof element);
    untouched = element;
    const struct {
        sn_error expected, actual;
    } rows[] = {
        {SN_ERROR_ARGUMENT_NULL, sn_send_packets_element_from_memory(NULL, 1, false, &element)},
        {SN_ERROR_ARGUMENT_NULL, sn_send_packets_element_from_memory("x", 1, false, NULL)},
        {SN_ERROR_ARGUMENT_NULL, sn_send_packets_element_from_path(NULL, 0, 0, false, &element)},
        {SN_ERROR_ARGUMENT_NULL, sn_send_packets_element_from_path("x", 0, 0, false, NULL)},
        {SN_ERROR_ARGUMENT_OUT_OF_RANGE,
         sn_send_packets_element_from_path("x", -1, 0, false, &element)},
        {SN_ERROR_ARGUMENT_OUT_OF_RANGE,
         sn_send_packets_element_from_path("x", 0, -1, false, &element)},
        {SN_ERROR_ARGUMENT_NULL, sn_send_packets_element_from_handle(0, 0, 0, false, NULL)},
        {SN_ERROR_ARGUMENT, sn_send_packets_element_from_handle(-1, 0, 0, false, &element)},
        {SN_ERROR_ARGUMENT_OUT_OF_RANGE,
         sn_send_packets_element_from_handle(0, INT64_MIN, 0, false, &element)},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("row %zu", i);
        row_error(rows[i].expected, rows[i].actual);
    }
    row_equal(0, memcmp(&untouched, &element, sizeof element));
    rows_end();
}

/* Each allocation failing in turn: nothing is sent and nothing is lost */
TEST(without_memory_no_packets_are_sent)
{
    NOT_IN_BLOCKING_STYLE();
    struct unix_path path = file_new("data", 4);
    const sn_send_packets_element elements[] = {of_text("x"), of_path(path.text, 0, 0)};
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(do_send_packets(pair.client, NULL, 0, 0, NULL));
    size_t before = descriptors_count();
    allocations_begin();
    sn_error error = SN_ERROR_OUT_OF_MEMORY;
    size_t nth = 0;
    while (error == SN_ERROR_OUT_OF_MEMORY) {
        row_begin("allocation %zu", ++nth);
        allocations_fail_nth(nth);
        error = do_send_packets(pair.client, elements, 2, 0, NULL);
        row_equal(0, allocations_outstanding());
        row_equal(before, descriptors_count());
    }
    allocations_end();
    row_error(SN_OK, error);
    row_equal(transport_is_stream(transport_of(state)) ? 2 : 3, nth);
    pair_release(&pair);
    rows_end();
}

/* Its size is unknown before it is read. */
TEST(a_file_of_proc_is_one_message)
{
    NOT_IN_BLOCKING_STYLE();
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_send_packets_element element;
    static char expected[4096], message[8192];
    int file = open("/proc/version", O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? 0 : read(file, expected, sizeof expected);
    size_t sent = 0, received = 0;
    if (file >= 0)
        (void)close(file);
    if (size <= 0) {
        pair_release(&pair);
        SKIP("no /proc here");
    }
    assert_ok(sn_send_packets_element_from_path("/proc/version", 0, 0, false, &element));
    assert_ok(do_send_packets(pair.client, &element, 1, 0, &sent));
    assert_int_equal(size, sent);
    assert_ok(do_receive(pair.server, message, sizeof message, SN_FLAG_NONE, &received));
    assert_int_equal(size, received);
    assert_memory_equal(expected, message, received);
    assert_false(is_readable(pair.server));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_ON(a_file_of_proc_is_one_message, UDP_IPV4),
        CASE_ON(a_file_of_proc_is_one_message, UNIX_SEQPACKET),
        ON_STREAMS(memory_and_files_arrive_in_their_order),
        ON_STREAMS(many_elements_are_one_send),
        ON_ALL_CONNECTED(what_is_empty_is_passed_over),
        CASE(a_wrong_element_is_refused_before_anything_is_sent),
        CASE(only_a_connected_socket_sends_packets),
        ON_UDP(each_element_is_one_message_where_messages_are_kept_apart),
        CASE_ON(each_element_is_one_message_where_messages_are_kept_apart, UNIX_SEQPACKET),
        CASE_ON(each_element_is_one_message_where_messages_are_kept_apart, UNIX_DATAGRAM),
        CASE(the_flags_disconnect_after_everything_was_sent),
        CASE(other_flags_change_nothing),
        CASE(a_refused_send_does_not_disconnect),
        CASE(an_element_keeps_what_it_was_made_of),
        CASE_ON(without_memory_no_packets_are_sent, TCP_IPV4),
        CASE_ON(without_memory_no_packets_are_sent, UDP_IPV4),
    };
    return RUN(cases);
}
