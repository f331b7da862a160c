/*
 * How a send of a file ends that does not go through at once (contract B.11): without waiting, with
 * a time limit, a close, a cancel, a peer that has gone, a file that is cut meanwhile.
 */
#include "conformance/file_sends.h"
#include "support/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* B.11 "non-blocking socket": part of it may have gone, and the rest can be sent from there */
TEST(a_non_blocking_socket_says_how_much_of_a_file_has_gone)
{
    size_t size = 16 * MEGABYTE, sent = 0, rest = 0;
    uint8_t *data = pattern_new(size, 4);
    struct unix_path path = file_new(data, size);
    int file = file_open(&path);
    struct socket_pair pair = pair_connected(transport_of(state));
    set_blocking(pair.client, false);
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_send_file(pair.client, WHOLE_FILE(path.text), &sent));
    assert_true(sent > 0 && sent < size);
    assert_true(sn_socket_is_connected(pair.client));
    do { /* what fits now, up to the point where nothing does */
        rest = 77;
        assert_error(SN_ERROR_WOULD_BLOCK, send_part(pair.client, file, (int64_t)sent, 0, &rest));
        sent += rest;
    } while (rest > 0);
    set_blocking(pair.client, true);
    struct gather gather;
    gather_begin(&gather, pair.server);
    assert_ok(send_part(pair.client, file, (int64_t)sent, 0, &rest));
    assert_int_equal(size - sent, rest);
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    row_begin("what arrived");
    gather_end(&gather, data, size);
    rows_end();
    (void)close(file);
    pair_release(&pair);
    free(data);
}

/* ... and what fits is sent, in more chunks than one */
TEST(a_non_blocking_socket_sends_a_file_that_fits)
{
    size_t size = 300000, sent = 0;
    uint8_t *data = pattern_new(size, 5);
    struct unix_path path = file_new(data, size);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(sn_socket_set_send_buffer_size(pair.client, 2 * (int)MEGABYTE));
    assert_ok(sn_socket_set_receive_buffer_size(pair.server, 2 * (int)MEGABYTE));
    set_blocking(pair.client, false);
    sn_error error = sn_socket_send_file(pair.client, WHOLE_FILE(path.text), &sent);
    if (error == SN_ERROR_WOULD_BLOCK)
        assert_true(sent < size); /* a system with small limits */
    else
        assert_ok(error);
    pair_release(&pair);
    free(data);
}

/* B.6: the send timeout is for the whole call */
TEST(a_file_that_nobody_takes_times_out)
{
    uint8_t *data = pattern_new(16 * MEGABYTE, 6);
    struct unix_path path = file_new(data, 16 * MEGABYTE);
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_set_send_timeout(pair.client, 20));
    size_t sent = 0;
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_socket_send_file(pair.client, WHOLE_FILE(path.text), &sent));
    assert_true(sent > 0 && sent < 16 * MEGABYTE);
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
    (void)unlink(path.text);
    free(data);
}

struct file_thread {
    sn_socket *socket;
    const char *path;
    int file;
    size_t sent;
};

static sn_error send_file_once(void *context)
{
    struct file_thread *call = context;
    const sn_file_send all = all_of(call->path);
    return sn_socket_send_file(call->socket, &all, &call->sent);
}

/* A.10: a blocked call ends when another thread closes or cancels */
TEST(a_blocked_send_of_a_file_ends_with_a_close_or_a_cancel)
{
    uint8_t *data = pattern_new(16 * MEGABYTE, 7);
    struct unix_path path = file_new(data, 16 * MEGABYTE);
    for (int closes = 0; closes <= 1; closes++) {
        row_begin("close: %d", closes);
        struct socket_pair pair = pair_connected(transport_of(state));
        struct file_thread call = {.socket = pair.client, .path = path.text};
        struct thread thread;
        thread_start(&thread, send_file_once, &call);
        wait_readable(pair.server);
        size_t before = 0;
        do { /* until nothing moves any more */
            before = available(pair.server);
            row_equal(true, thread_wait_blocked(&thread));
        } while (available(pair.server) != before);
        if (closes)
            sn_socket_close(pair.client);
        else
            sn_socket_cancel(pair.client);
        /* What has moved is never hidden by a cancel. */
        row_error(closes ? SN_ERROR_CONNECTION_ABORTED : SN_OK, thread_join(&thread));
        row_equal(true, call.sent > 0 && call.sent < 16 * MEGABYTE);
        pair_release(&pair);
    }
    (void)unlink(path.text);
    free(data);
    rows_end();
}

/* D.1: EPIPE, and never a signal; the program would end by it */
TEST(a_peer_that_has_gone_is_an_error_and_no_signal)
{
    uint8_t *data = pattern_new(MEGABYTE, 8);
    struct unix_path path = file_new(data, MEGABYTE);
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket_close(pair.server);
    sn_error error = SN_OK;
    for (int i = 0; i < 100 && !error; i++)
        error = do_send_file(pair.client, WHOLE_FILE(path.text), NULL);
    assert_true(error == SN_ERROR_SHUTDOWN || error == SN_ERROR_CONNECTION_RESET ||
                error == SN_ERROR_CONNECTION_ABORTED);
    assert_false(sn_socket_is_connected(pair.client));
    pair_release(&pair);
    free(data);
}

/* A file system without sendfile: a socket in append mode is refused by it in the same way */
TEST(a_file_that_cannot_be_sent_directly_is_read_and_sent)
{
    size_t size = 0, sent = 0;
    uint8_t *data = pattern_new(3 * MEGABYTE + 1, 9);
    uint8_t *expected = expected_of(data, 3 * MEGABYTE + 1, &size);
    struct unix_path path = file_new(data, 3 * MEGABYTE + 1);
    struct course *course = course_begin(transport_of(state));
    int handle = (int)sn_socket_get_handle(course->pair.client);
    int flags = fcntl(handle, F_GETFL);
    assert_int_equal(0, fcntl(handle, F_SETFL, flags | O_APPEND));
    row_begin("what arrived");
    row_error(SN_OK, send_all(course->pair.client, path.text, &sent));
    row_equal(size, sent);
    course_end(course, expected, size);
    free(expected);
    free(data);
    rows_end();
}

/* A file that is cut while it is sent: what is missing is told, not waited for */
TEST(a_file_that_is_cut_meanwhile_ends_the_send)
{
    uint8_t *data = pattern_new(16 * MEGABYTE, 10);
    struct unix_path path = file_new(data, 16 * MEGABYTE);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    struct file_thread call = {.socket = pair.client, .path = path.text};
    struct thread thread;
    thread_start(&thread, send_file_once, &call);
    wait_readable(pair.server);
    assert_true(thread_wait_blocked(&thread));
    assert_int_equal(0, truncate(path.text, 1));
    struct gather gather;
    gather_begin(&gather, pair.server);
    sn_error error = thread_join(&thread);
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    row_begin("what arrived");
    gather_wait(&gather);
    row_equal(call.sent, gather.size);
    rows_end();
    assert_error(SN_ERROR_INVALID_ARGUMENT, error);
    free(gather.data);
    pair_release(&pair);
    (void)unlink(path.text);
    free(data);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(a_non_blocking_socket_says_how_much_of_a_file_has_gone),
        CASE(a_non_blocking_socket_sends_a_file_that_fits),
        ON_STREAMS(a_file_that_nobody_takes_times_out),
        ON_STREAMS(a_blocked_send_of_a_file_ends_with_a_close_or_a_cancel),
        ON_STREAMS(a_peer_that_has_gone_is_an_error_and_no_signal),
        ON_STREAMS(a_file_that_cannot_be_sent_directly_is_read_and_sent),
        CASE(a_file_that_is_cut_meanwhile_ends_the_send),
    };
    return RUN(cases);
}
