/*
 * SendFile (contract B.11): memory, a file and memory as one send; a part of an open file. Traps
 * 109, 110, 114, 115.
 */
#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PRE           "before the file|"
#define POST          "|behind the file"
#define TEXT(literal) (literal), sizeof(literal) - 1

/* A connected pair whose server's side gathers what comes. */
struct course {
    struct socket_pair pair;
    struct gather gather;
};

static struct course *course_begin(enum transport transport)
{
    struct course *course = calloc(1, sizeof *course);
    assert_non_null(course);
    course->pair = pair_connected(transport);
    gather_begin(&course->gather, course->pair.server);
    return course;
}

static void course_end(struct course *course, const void *expected, size_t size)
{
    (void)!sn_socket_shutdown(course->pair.client, SN_SHUTDOWN_SEND);
    gather_end(&course->gather, expected, size);
    pair_release(&course->pair);
    free(course);
}

/* PRE, a file if there is one, and POST. */
static sn_file_send all_of(const char *path)
{
    return (sn_file_send){.size = sizeof(sn_file_send),
                          .kind = path ? SN_FILE_PATH : SN_FILE_NONE,
                          .path = path,
                          .before = {TEXT(PRE)},
                          .after = {TEXT(POST)}};
}

static sn_error send_all(sn_socket *socket, const char *path, size_t *out_sent)
{
    const sn_file_send all = all_of(path);
    return do_send_file(socket, &all, out_sent);
}

/* PRE, a part of an open file, and POST. */
static sn_file_send part_of(int file, int64_t offset, int64_t count)
{
    sn_file_send send = all_of(NULL);
    send.kind = SN_FILE_HANDLE;
    send.file = file;
    send.offset = offset;
    send.count = count;
    return send;
}

static sn_error send_part(sn_socket *socket, int file, int64_t offset, int64_t count,
                          size_t *out_sent)
{
    const sn_file_send part = {
        .kind = SN_FILE_HANDLE, .file = file, .offset = offset, .count = count};
    return do_send_file(socket, &part, out_sent);
}

/* The bytes of PRE, a file and POST; to be freed. */
static uint8_t *expected_of(const void *file, size_t file_size, size_t *out_size)
{
    const sn_buffer pieces[] = {{(void *)(uintptr_t)PRE, sizeof PRE - 1},
                                {(void *)(uintptr_t)file, file_size},
                                {(void *)(uintptr_t)POST, sizeof POST - 1}};
    return joined(pieces, 3, out_size);
}

/* B.11 "order"; trap 110 (every descriptor is non-blocking here) */
TEST(a_file_arrives_between_its_two_buffers)
{
    static const size_t sizes[] = {0, 1, 4095, 65537, 262144, 262145, 12 * MEGABYTE + 7};
    enum transport transport = transport_of(state);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        row_begin("%zu bytes", sizes[i]);
        size_t size = 0, sent = 77;
        uint8_t *data = pattern_new(sizes[i], 1), *expected = expected_of(data, sizes[i], &size);
        struct unix_path path = file_new(data, sizes[i]);
        struct course *course = course_begin(transport);
        row_error(SN_OK, send_all(course->pair.client, path.text, &sent));
        row_equal(size, sent);
        row_equal(true, sn_socket_is_connected(course->pair.client));
        course_end(course, expected, size);
        (void)unlink(path.text);
        free(expected);
        free(data);
    }
    rows_end();
}

static uint8_t *content_of(const char *path, size_t *out_size)
{
    uint8_t *data = malloc(MEGABYTE);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;
    *out_size = 0;
    while (file >= 0 && (got = read(file, data + *out_size, MEGABYTE - *out_size)) > 0)
        *out_size += (size_t)got;
    if (file >= 0)
        (void)close(file);
    return data;
}

/* They say that they have 0 bytes, or 4096, whatever is in them. */
TEST(a_file_of_the_kernel_whose_size_is_wrong_is_sent_until_its_end)
{
    static const char *const paths[] = {"/proc/version", "/proc/filesystems", "/proc/kallsyms",
                                        "/sys/kernel/mm/transparent_hugepage/enabled",
                                        "/sys/devices/system/cpu/online"};
    enum transport transport = transport_of(state);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        row_begin("%s", paths[i]);
        size_t size = 0, content_size = 0, sent = 77;
        uint8_t *data = content_of(paths[i], &content_size);
        if (content_size == 0 || content_size == MEGABYTE) { /* not here, or too long */
            free(data);
            continue;
        }
        uint8_t *expected = expected_of(data, content_size, &size);
        struct course *course = course_begin(transport);
        row_error(SN_OK, send_all(course->pair.client, paths[i], &sent));
        row_equal(size, sent);
        course_end(course, expected, size);
        free(expected);
        free(data);
    }
    rows_end();
}

/* B.11 "null or empty = no file, only the two buffers"; trap 109 */
TEST(without_a_path_only_the_buffers_are_sent)
{
    static const sn_file_send nothing = {0};
    size_t sent = 77;
    struct course *course = course_begin(TCP_IPV4);
    assert_ok(send_all(course->pair.client, NULL, &sent));
    assert_int_equal(sizeof PRE POST - 1, sent);
    assert_ok(do_send_file(course->pair.client, &nothing, &sent));
    assert_int_equal(0, sent);
    assert_ok(do_send_file(course->pair.client, &nothing, NULL));
    row_begin("what arrived");
    course_end(course, TEXT(PRE POST));
    rows_end();
}

/* B.11 "file-not-found error before anything is sent", and what else is no file to send */
TEST(what_cannot_be_sent_is_refused_before_anything_is_sent)
{
    struct unix_path file = file_new("x", 1), fifo = unix_path_new(), missing = unix_path_new();
    char inside_missing[300], inside_file[300], folder[300], behind_link[300], as_folder[300];
    struct unix_path dangling = unix_path_new();
    snprintf(inside_missing, sizeof inside_missing, "%s/file", missing.text);
    snprintf(inside_file, sizeof inside_file, "%s/file", file.text);
    snprintf(folder, sizeof folder, "%s", file.text);
    *strrchr(folder, '/') = '\0';
    snprintf(behind_link, sizeof behind_link, "%s/file", dangling.text);
    snprintf(as_folder, sizeof as_folder, "%s/", missing.text);
    assert_int_equal(0, symlink(missing.text, dangling.text));
    assert_int_equal(0, mkfifo(fifo.text, 0600));
    const struct {
        const char *path;
        sn_error error;
    } rows[] = {
        {missing.text, SN_ERROR_FILE_NOT_FOUND},
        {dangling.text, SN_ERROR_FILE_NOT_FOUND},
        {"/no-file-of-this-name", SN_ERROR_FILE_NOT_FOUND},
        {"no-file-of-this-name", SN_ERROR_FILE_NOT_FOUND},
        {inside_missing, SN_ERROR_DIRECTORY_NOT_FOUND},
        {inside_file, SN_ERROR_DIRECTORY_NOT_FOUND},
        {behind_link, SN_ERROR_DIRECTORY_NOT_FOUND},
        {as_folder, SN_ERROR_DIRECTORY_NOT_FOUND},
        {"no-file-of-this-name/file", SN_ERROR_DIRECTORY_NOT_FOUND},
        {folder, SN_ERROR_ACCESS_DENIED},
        {fifo.text, SN_ERROR_NOT_SUPPORTED},
        {"/dev/null", SN_ERROR_NOT_SUPPORTED},
    };
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(do_send(pair.client, "", 0, SN_FLAG_NONE, NULL)); /* opens what stays open */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("%s", rows[i].path);
        size_t sent = 77, before = descriptors_count();
        row_error(rows[i].error, send_all(pair.client, rows[i].path, &sent));
        row_equal(77, sent);
        row_equal(before, descriptors_count());
        row_equal(true, sn_socket_is_connected(pair.client));
    }
    row_equal(0, available(pair.server));
    pair_release(&pair);
    (void)unlink(dangling.text);
    (void)unlink(fifo.text);
    (void)unlink(file.text);
    rows_end();
}

/* B.11 "not a Stream socket or not connected"; trap 109 */
TEST(only_a_connected_stream_sends_files)
{
    struct unix_path path = file_new("x", 1);
    sn_socket *unconnected = socket_make(TCP_IPV4), *listening = socket_listening(TCP_IPV4, 1);
    sn_socket *closed = socket_make(TCP_IPV4);
    sn_socket_close(closed);
    struct socket_pair udp = pair_connected(UDP_IPV4), packets = pair_connected(UNIX_SEQPACKET);
    struct socket_pair ended = pair_connected(TCP_IPV4);
    assert_ok(sn_socket_shutdown(ended.client, SN_SHUTDOWN_BOTH));
    const struct {
        const char *name;
        sn_socket *socket;
        sn_error error;
    } rows[] = {
        {"none", NULL, SN_ERROR_ARGUMENT_NULL},
        {"closed", closed, SN_ERROR_OBJECT_DISPOSED},
        {"unconnected", unconnected, SN_ERROR_NOT_SUPPORTED},
        {"listening", listening, SN_ERROR_NOT_SUPPORTED},
        {"UDP", udp.client, SN_ERROR_NOT_SUPPORTED},
        {"seqpacket", packets.client, SN_ERROR_NOT_SUPPORTED},
        {"shut down", ended.client, SN_ERROR_NOT_SUPPORTED},
    };
    int file = file_open(&path);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("%s", rows[i].name);
        size_t sent = 77;
        row_error(rows[i].error, do_send_file(rows[i].socket, &(sn_file_send){0}, &sent));
        row_error(rows[i].error, send_all(rows[i].socket, path.text, &sent));
        row_error(rows[i].error, send_part(rows[i].socket, file, 0, 0, &sent));
        row_equal(77, sent);
    }
    (void)close(file);
    sn_socket_release(unconnected);
    sn_socket_release(listening);
    sn_socket_release(closed);
    pair_release(&udp);
    pair_release(&packets);
    pair_release(&ended);
    rows_end();
}

/* B.11 "flags other than UseDefaultWorkerThread in the synchronous call"; E.1 for the memory */
TEST(wrong_arguments_are_refused)
{
    struct course *course = course_begin(TCP_IPV4);
    sn_socket *socket = course->pair.client;
    size_t sent = 77;
    for (sn_transmit_flags flag = 1; flag != 0; flag <<= 1) {
        row_begin("flag 0x%x", flag);
        row_error(SN_ERROR_PLATFORM_NOT_SUPPORTED,
                  sn_socket_send_file(socket, &(sn_file_send){.flags = flag}, &sent));
    }
    row_begin("memory");
    row_error(SN_ERROR_ARGUMENT_NULL,
              do_send_file(socket, &(sn_file_send){.before = {NULL, 1}}, &sent));
    row_error(SN_ERROR_ARGUMENT_NULL,
              do_send_file(socket, &(sn_file_send){.after = {NULL, 1}}, &sent));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              do_send_file(socket, &(sn_file_send){.before = {PRE, SIZE_MAX}}, &sent));
    row_begin("record");
    row_error(SN_ERROR_ARGUMENT_NULL, do_send_file(socket, NULL, &sent));
    row_error(SN_ERROR_ARGUMENT_NULL, do_send_file(socket, WHOLE_FILE(NULL), &sent));
    row_error(SN_ERROR_ARGUMENT, do_send_file(socket, WHOLE_FILE(""), &sent));
    row_error(SN_ERROR_ARGUMENT,
              do_send_file(socket, &(sn_file_send){.kind = (sn_file_kind)3}, &sent));
    row_equal(77, sent);
    course_end(course, "", 0);
    rows_end();
}

/* A part of a file that is named, too */
TEST(a_part_of_a_named_file_is_sent)
{
    struct unix_path path = file_new("0123456789", 10);
    struct course *course = course_begin(TCP_IPV4);
    sn_file_send part = {.kind = SN_FILE_PATH, .path = path.text, .offset = 3, .count = 4};
    size_t sent = 77;
    row_begin("what arrived");
    row_error(SN_OK, do_send_file(course->pair.client, &part, &sent));
    row_equal(4, sent);
    part.offset = -1;
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, do_send_file(course->pair.client, &part, &sent));
    part.offset = 7;
    row_error(SN_ERROR_INVALID_ARGUMENT, do_send_file(course->pair.client, &part, &sent));
    course_end(course, "3456", 4);
    rows_end();
}

/* What a program that is linked with a later library would hand in. */
TEST(a_record_of_a_later_version_is_taken_if_it_asks_for_nothing_new)
{
    struct {
        sn_file_send known;
        uint64_t later;
    } send = {.known = {.before = {TEXT(PRE)}}};
    struct course *course = course_begin(TCP_IPV4);
    size_t sent = 77;
    row_begin("record");
    send.known.size = sizeof send;
    row_error(SN_OK, do_send_file(course->pair.client, &send.known, &sent));
    row_equal(sizeof PRE - 1, sent);
    send.later = 1;
    row_error(SN_ERROR_NOT_SUPPORTED, do_send_file(course->pair.client, &send.known, &sent));
    send.known.size = sizeof send.known; /* what is behind is not looked at */
    row_error(SN_OK, do_send_file(course->pair.client, &send.known, &sent));
    send.known.size = sizeof send.known - 1;
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
              do_send_file(course->pair.client, &send.known, &sent));
    course_end(course, TEXT(PRE PRE));
    rows_end();
}

/* Any descriptor, 64-bit offsets; traps 114, 115 */
TEST(a_part_of_an_open_file_is_sent_and_its_position_stays)
{
    static const struct {
        int64_t offset, count;
        sn_error error;
    } rows[] = {
        {0, 0, SN_OK},
        {0, 1, SN_OK},
        {1, 0, SN_OK},
        {99999, 1, SN_OK},
        {100000, 0, SN_OK}, /* the end: nothing */
        {12345, 65537, SN_OK},
        {0, 100000, SN_OK},
        {0, 100001, SN_ERROR_INVALID_ARGUMENT},
        {100001, 0, SN_ERROR_INVALID_ARGUMENT},
        {99999, 2, SN_ERROR_INVALID_ARGUMENT},
        {INT64_MAX, INT64_MAX, SN_ERROR_INVALID_ARGUMENT},
        {1, INT64_MAX, SN_ERROR_INVALID_ARGUMENT},
        {-1, 0, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {0, -1, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {INT64_MIN, INT64_MIN, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
    };
    size_t size = 100000;
    uint8_t *data = pattern_new(size, 2);
    struct unix_path path = file_new(data, size);
    int file = file_open(&path);
    assert_int_equal(4711, lseek(file, 4711, SEEK_SET));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("offset %lld, count %lld", (long long)rows[i].offset, (long long)rows[i].count);
        struct course *course = course_begin(TCP_IPV4);
        size_t sent = 77, length = 0, count = (size_t)rows[i].count;
        const sn_file_send part = part_of(file, rows[i].offset, rows[i].count);
        row_error(rows[i].error, do_send_file(course->pair.client, &part, &sent));
        row_equal(4711, file_position(file));
        if (rows[i].error) {
            row_equal(77, sent);
            course_end(course, "", 0);
            continue;
        }
        if (count == 0)
            count = size - (size_t)rows[i].offset;
        uint8_t *expected = expected_of(data + rows[i].offset, count, &length);
        row_equal(length, sent);
        course_end(course, expected, length);
        free(expected);
    }
    (void)close(file);
    free(data);
    rows_end();
}

/* What is no file that can be read from any place */
TEST(a_descriptor_that_is_no_readable_file_is_refused)
{
    struct unix_path path = file_new("x", 1);
    int ends[2], write_only = open(path.text, O_WRONLY | O_CLOEXEC);
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    struct course *course = course_begin(TCP_IPV4);
    const struct {
        const char *name;
        sn_handle file;
        sn_error error;
    } rows[] = {
        {"none", -1, SN_ERROR_ARGUMENT},
        {"closed", 999999, SN_ERROR_ARGUMENT},
        {"for writing", write_only, SN_ERROR_ARGUMENT},
        {"pipe", ends[0], SN_ERROR_NOT_SUPPORTED},
        {"socket", (sn_handle)sn_socket_get_handle(course->pair.server), SN_ERROR_NOT_SUPPORTED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("%s", rows[i].name);
        size_t sent = 77;
        const sn_file_send part = part_of(rows[i].file, 0, 0);
        row_error(rows[i].error, do_send_file(course->pair.client, &part, &sent));
        row_equal(77, sent);
        row_equal(true, sn_socket_is_connected(course->pair.client));
    }
    course_end(course, "", 0);
    (void)close(write_only);
    (void)close(ends[0]);
    (void)close(ends[1]);
    rows_end();
}

/* Files beyond 4 GiB: sparse, so that only its last bytes take room */
TEST(a_part_beyond_4_gib_is_sent)
{
    const int64_t place = INT64_C(5) * 1024 * 1024 * 1024 + 3;
    size_t size = 100000, sent = 0;
    uint8_t *data = pattern_new(size, 3);
    struct unix_path path = unix_path_new();
    int file = open(path.text, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    if (pwrite(file, data, size, place) != (ssize_t)size) {
        (void)close(file);
        free(data);
        SKIP("this file system takes no file of 5 GiB");
    }
    for (int to_the_end = 0; to_the_end <= 1; to_the_end++) {
        row_begin("to the end: %d", to_the_end);
        int64_t count = to_the_end ? 0 : (int64_t)size - 10;
        struct course *course = course_begin(TCP_IPV4);
        row_error(SN_OK, send_part(course->pair.client, file, place + 5, count, &sent));
        row_equal(to_the_end ? size - 5 : size - 10, sent);
        course_end(course, data + 5, sent);
    }
    row_begin("beyond the end");
    struct course *course = course_begin(TCP_IPV4);
    row_error(SN_ERROR_INVALID_ARGUMENT,
              send_part(course->pair.client, file, place + (int64_t)size + 1, 0, &sent));
    course_end(course, "", 0);
    (void)close(file);
    (void)unlink(path.text);
    free(data);
    rows_end();
}

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

/* --- Nobody sends in between -----------------------------------------------------------------
 */

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

/* --- Asynchronous only -----------------------------------------------------------------------
 */

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
        ON_STREAMS(a_file_of_the_kernel_whose_size_is_wrong_is_sent_until_its_end),
        ON_STREAMS(a_file_arrives_between_its_two_buffers),
        CASE(without_a_path_only_the_buffers_are_sent),
        CASE(what_cannot_be_sent_is_refused_before_anything_is_sent),
        CASE(only_a_connected_stream_sends_files),
        CASE(wrong_arguments_are_refused),
        CASE(a_part_of_a_named_file_is_sent),
        CASE(a_record_of_a_later_version_is_taken_if_it_asks_for_nothing_new),
        CASE(a_part_of_an_open_file_is_sent_and_its_position_stays),
        CASE(a_descriptor_that_is_no_readable_file_is_refused),
        CASE(a_part_beyond_4_gib_is_sent),
        ON_STREAMS(a_non_blocking_socket_says_how_much_of_a_file_has_gone),
        CASE(a_non_blocking_socket_sends_a_file_that_fits),
        ON_STREAMS(a_file_that_nobody_takes_times_out),
        ON_STREAMS(a_blocked_send_of_a_file_ends_with_a_close_or_a_cancel),
        ON_STREAMS(a_peer_that_has_gone_is_an_error_and_no_signal),
        ON_STREAMS(a_file_that_cannot_be_sent_directly_is_read_and_sent),
        CASE(a_file_that_is_cut_meanwhile_ends_the_send),
        ON_STREAMS(nobody_sends_between_the_parts_of_a_file),
        ON_STREAMS(a_file_keeps_its_place_among_asynchronous_sends),
        ON_STREAMS(an_asynchronous_send_of_a_file_can_be_ended),
        CASE(a_send_of_a_file_with_a_cancelled_handle_sends_nothing),
        CASE(without_memory_nothing_is_sent),
    };
    return RUN(cases);
}
