/*
 * A file keeps its place among other sends (contract B.11), and ends as each of them does.
 */
#include "conformance/file_sends.h"
#include "support/allocations.h"
#include "support/files.h"

#include <stdlib.h>
#include <unistd.h>

/* --- Nobody sends in between ------------------------------------------------------------------ */

enum { SENDERS = 3, ROUNDS = 8, BLOCK = 600000 };

struct sender {
    struct thread thread;
    sn_socket *socket;
    char letter;
    struct unix_path path;
};

/* A block is the letter in capitals, the file of small letters, the letter in capitals. */
static sn_error send_blocks(void *context)
{
    struct sender *sender = context;
    char capital = (char)(sender->letter - 'a' + 'A');
    const sn_file_send block = {.kind = SN_FILE_PATH,
                                .path = sender->path.text,
                                .before = {&capital, 1},
                                .after = {&capital, 1}};
    sn_error error = SN_OK;
    for (int i = 0; i < ROUNDS && !error; i++)
        error = do_send_file(sender->socket, &block, NULL);
    return error;
}

static sn_error send_dots(void *context)
{
    struct sender *sender = context;
    sn_error error = SN_OK;
    for (int i = 0; i < 200 && !error; i++)
        error = do_send(sender->socket, "..", 2, SN_FLAG_NONE, NULL);
    return error;
}

/* Whether the bytes are whole blocks and pairs of dots; counts the blocks. */
static bool are_whole_blocks(const uint8_t *data, size_t size, size_t *out_blocks)
{
    *out_blocks = 0;
    for (size_t i = 0; i < size;) {
        if (size - i >= 2 && data[i] == '.' && data[i + 1] == '.') {
            i += 2;
            continue;
        }
        uint8_t small = (uint8_t)(data[i] - 'A' + 'a');
        if (size - i < BLOCK + 2 || data[i + BLOCK + 1] != data[i])
            return false;
        for (size_t j = 1; j <= BLOCK; j++)
            if (data[i + j] != small)
                return false;
        i += BLOCK + 2;
        ++*out_blocks;
    }
    return true;
}

TEST(nobody_sends_between_the_parts_of_a_file)
{
    struct sender senders[SENDERS + 1];
    struct course *course = course_begin(transport_of(state));
    char *block = malloc(BLOCK);
    assert_non_null(block);
    for (int i = 0; i <= SENDERS; i++) {
        senders[i] = (struct sender){.socket = course->pair.client, .letter = (char)('a' + i)};
        memset(block, senders[i].letter, BLOCK);
        if (i < SENDERS)
            senders[i].path = file_new(block, BLOCK);
        thread_start(&senders[i].thread, i < SENDERS ? send_blocks : send_dots, &senders[i]);
    }
    for (int i = 0; i <= SENDERS; i++)
        assert_ok(thread_join(&senders[i].thread));
    assert_ok(sn_socket_shutdown(course->pair.client, SN_SHUTDOWN_SEND));
    row_begin("what arrived");
    gather_wait(&course->gather);
    size_t blocks = 0;
    row_equal(true, are_whole_blocks(course->gather.data, course->gather.size, &blocks));
    row_equal(SENDERS * ROUNDS, blocks);
    rows_end();
    free(block);
    free(course->gather.data);
    pair_release(&course->pair);
    free(course);
}

/* --- Asynchronous only ------------------------------------------------------------------------ */

static void is_asynchronous(void)
{
    if (style_is_blocking())
        SKIP("about asynchronous calls alone");
}

/* Asynchronous operations do their work in the order they were started */
TEST(a_file_keeps_its_place_among_asynchronous_sends)
{
    is_asynchronous();
    size_t size = 2 * MEGABYTE;
    uint8_t *data = pattern_new(size, 11);
    struct unix_path path = file_new(data, size);
    struct course *course = course_begin(transport_of(state));
    sn_socket *socket = course->pair.client;
    sn_operation operations[4] = {{0}};
    const sn_file_send all = all_of(path.text);
    sn_socket_send_async(socket, data, size, SN_FLAG_NONE, &operations[0]);
    sn_socket_send_file_async(socket, &all, &operations[1]);
    sn_socket_send_async(socket, TEXT("|next|"), SN_FLAG_NONE, &operations[2]);
    sn_socket_send_file_async(socket, WHOLE_FILE(path.text), &operations[3]);
    for (int i = 0; i < 4; i++) {
        assert_ok(style_wait(&operations[i]));
        assert_int_equal(i % 2 ? SN_OPERATION_SEND_PACKETS : SN_OPERATION_SEND, operations[i].kind);
    }
    assert_int_equal(size + sizeof PRE POST - 1, operations[1].transferred);
    const sn_buffer pieces[] = {{data, size},
                                {(void *)(uintptr_t)PRE, sizeof PRE - 1},
                                {data, size},
                                {(void *)(uintptr_t)POST "|next|", sizeof POST "|next|" - 1},
                                {data, size}};
    size_t length = 0;
    uint8_t *expected = joined(pieces, COUNT_OF(pieces), &length);
    row_begin("what arrived");
    course_end(course, expected, length);
    free(expected);
    free(data);
    rows_end();
}

enum ending { ENDING_CLOSE, ENDING_CANCEL, ENDING_CANCEL_OPERATION, ENDING_TIMEOUT, ENDING_COUNT };

/* A.10, B.16: it completes once, its file is closed, what has moved is told */
TEST(an_asynchronous_send_of_a_file_can_be_ended)
{
    is_asynchronous();
    uint8_t *data = pattern_new(16 * MEGABYTE, 12);
    struct unix_path path = file_new(data, 16 * MEGABYTE);
    for (int ending = 0; ending < ENDING_COUNT; ending++) {
        row_begin("ending %d", ending);
        struct socket_pair pair = pair_connected(transport_of(state));
        sn_operation operations[2] = {{0}};
        if (ending == ENDING_TIMEOUT)
            operations[0].timeout_ms = operations[1].timeout_ms = 50;
        for (int i = 0; i < 2; i++)
            sn_socket_send_file_async(pair.client, WHOLE_FILE(path.text), &operations[i]);
        engines_settle(); /* it is begun */
        wait_readable(pair.server);
        if (ending == ENDING_CLOSE)
            sn_socket_close(pair.client);
        else if (ending == ENDING_CANCEL)
            sn_socket_cancel(pair.client);
        else if (ending == ENDING_CANCEL_OPERATION)
            for (int i = 0; i < 2; i++)
                sn_operation_cancel(&operations[i]);
        static const sn_error unbegun[] = {SN_ERROR_OPERATION_ABORTED, SN_ERROR_OPERATION_CANCELED,
                                           SN_ERROR_OPERATION_CANCELED, SN_ERROR_TIMED_OUT};
        row_error(ending == ENDING_CLOSE ? SN_ERROR_OPERATION_ABORTED : SN_OK,
                  style_wait(&operations[0]));
        row_equal(true, operations[0].transferred > 0);
        row_equal(true, operations[0].transferred < 16 * MEGABYTE);
        /* The second may have begun when the first had ended. */
        sn_error error = style_wait(&operations[1]);
        row_error(operations[1].transferred > 0 && ending != ENDING_CLOSE ? SN_OK : unbegun[ending],
                  error);
        pair_release(&pair);
    }
    (void)unlink(path.text);
    free(data);
    rows_end();
}

/* A cancellation that was cancelled before: nothing is sent, and nothing stays open */
TEST(a_send_of_a_file_with_a_cancelled_handle_sends_nothing)
{
    is_asynchronous();
    struct unix_path path = file_new("data", 4);
    struct course *course = course_begin(TCP_IPV4);
    sn_operation operation = {0};
    assert_ok(sn_cancellation_create(&operation.cancellation));
    sn_cancellation_cancel(operation.cancellation);
    const sn_file_send all = all_of(path.text);
    sn_socket_send_file_async(course->pair.client, &all, &operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, style_wait(&operation));
    sn_cancellation_release(operation.cancellation);
    row_begin("what arrived");
    course_end(course, "", 0);
    rows_end();
}

/* One record is allocated, and when it cannot be nothing is sent */
TEST(without_memory_nothing_is_sent)
{
    struct unix_path path = file_new("data", 4);
    struct course *course = course_begin(TCP_IPV4);
    size_t sent = 77;
    const sn_file_send all = all_of(path.text);
    row_begin("without memory");
    row_error(SN_OK, send_all(course->pair.client, NULL, NULL)); /* what is made on first need */
    allocations_begin();
    allocations_fail_nth(1);
    row_error(SN_ERROR_OUT_OF_MEMORY, sn_socket_send_file(course->pair.client, &all, &sent));
    allocations_fail_nth(0);
    row_equal(0, allocations_outstanding());
    row_equal(77, sent);
    row_error(SN_OK, sn_socket_send_file(course->pair.client, WHOLE_FILE(path.text), &sent));
    row_equal(0, allocations_outstanding());
    allocations_end();
    course_end(course, TEXT(PRE POST "data"));
    rows_end();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(nobody_sends_between_the_parts_of_a_file),
        ON_STREAMS(a_file_keeps_its_place_among_asynchronous_sends),
        ON_STREAMS(an_asynchronous_send_of_a_file_can_be_ended),
        CASE(a_send_of_a_file_with_a_cancelled_handle_sends_nothing),
        CASE(without_memory_nothing_is_sent),
    };
    return RUN(cases);
}
