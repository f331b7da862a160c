/*
 * SendFile (contract B.11): memory, a file and memory as one send; a part of an open file. Traps
 * 109, 110, 114, 115.
 */
#include "conformance/file_sends.h"
#include "support/descriptors.h"
#include "support/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
    };
    return RUN(cases);
}
