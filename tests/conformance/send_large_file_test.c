/*
 * Files beyond 4 GiB (contract B.11, B.12; trap 115): a part across the border of 32 bits, and, if
 * SENNIT_TEST_LARGE is set, a whole file. They are sparse, so that only the marks in them take room
 * on the disk.
 */
#include "support/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define GIB       (INT64_C(1) << 30)
#define BORDER    (4 * GIB)
#define FILE_SIZE (BORDER + 3 * (int64_t)MEGABYTE + 5)
#define AROUND    100000 /* bytes of the mark around the border, half on either side */

/* Where the file is not zero. */
struct mark {
    int64_t place;
    size_t size;
};

static const struct mark marks[] = {{0, 10}, {BORDER - AROUND / 2, AROUND}, {FILE_SIZE - 10, 10}};

struct large_file {
    struct unix_path path;
    int handle;
    uint8_t *pattern; /* of every mark, from its beginning */
};

/* False, and nothing left behind, where the file system takes no such file. */
static bool large_file_make(struct large_file *file)
{
    file->pattern = pattern_new(AROUND, 5);
    file->path = unix_path_new();
    file->handle = open(file->path.text, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(file->handle >= 0);
    bool is_made = true;
    for (size_t i = 0; i < COUNT_OF(marks) && is_made; i++)
        is_made = pwrite(file->handle, file->pattern, marks[i].size, marks[i].place) ==
                  (ssize_t)marks[i].size;
    return is_made;
}

static void large_file_remove(struct large_file *file)
{
    (void)close(file->handle);
    (void)unlink(file->path.text);
    free(file->pattern);
}

/* --- A part across the border ----------------------------------------------------------------- */

enum way { BY_DESCRIPTOR, AS_ELEMENT_OF_DESCRIPTOR, AS_ELEMENT_OF_PATH, WAYS };

static sn_error send_part(sn_socket *socket, enum way way, const struct large_file *file,
                          int64_t offset, int64_t count, size_t *out_sent)
{
    if (way == BY_DESCRIPTOR)
        return do_send_file(socket,
                            &(sn_file_send){.kind = SN_FILE_HANDLE,
                                            .file = file->handle,
                                            .offset = offset,
                                            .count = count,
                                            .before = {"<", 1},
                                            .after = {">", 1}},
                            out_sent);
    sn_send_packets_element elements[3];
    assert_ok(sn_send_packets_element_from_memory("<", 1, false, &elements[0]));
    assert_ok(way == AS_ELEMENT_OF_PATH ? sn_send_packets_element_from_path(
                                              file->path.text, offset, count, false, &elements[1])
                                        : sn_send_packets_element_from_handle(
                                              file->handle, offset, count, false, &elements[1]));
    assert_ok(sn_send_packets_element_from_memory(">", 1, false, &elements[2]));
    return do_send_packets(socket, elements, 3, 0, out_sent);
}

/* Trap 115. */
TEST(a_part_across_4_gib_arrives_as_it_is)
{
    struct large_file file;
    if (!large_file_make(&file)) {
        large_file_remove(&file);
        SKIP("this file system takes no file beyond 4 GiB");
    }
    for (enum way way = BY_DESCRIPTOR; way < WAYS; way++) {
        row_begin("way %d", (int)way);
        if (way != BY_DESCRIPTOR && style_is_blocking())
            continue; /* there is no blocking function of it */
        struct socket_pair pair = pair_connected(transport_of(state));
        const sn_buffer pieces[] = {
            {(void *)(uintptr_t) "<", 1}, {file.pattern, AROUND}, {(void *)(uintptr_t) ">", 1}};
        size_t size = 0, sent = 0;
        uint8_t *expected = joined(pieces, 3, &size);
        struct gather gather;
        gather_begin(&gather, pair.server);
        row_error(SN_OK, send_part(pair.client, way, &file, marks[1].place, AROUND, &sent));
        row_equal(size, sent);
        row_error(SN_OK, sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
        gather_end(&gather, expected, size);
        free(expected);
        pair_release(&pair);
    }
    large_file_remove(&file);
    rows_end();
}

/* --- The whole file --------------------------------------------------------------------------- */

/* Looks at what arrives in a thread, without keeping it. */
struct look {
    sn_socket *socket;
    const uint8_t *pattern;
    int64_t place;       /* how much has come */
    int64_t first_wrong; /* -1: none */
    struct thread thread;
};

/* Whether these bytes are those of the file from `place` on. */
static bool is_right(const uint8_t *pattern, const uint8_t *data, size_t size, int64_t place)
{
    static const uint8_t zeros[MEGABYTE];
    bool has_mark = false;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        has_mark |= place < marks[i].place + (int64_t)marks[i].size &&
                    marks[i].place < place + (int64_t)size;
    if (!has_mark)
        return memcmp(data, zeros, size) == 0;
    for (size_t k = 0; k < size; k++) {
        uint8_t expected = 0;
        for (size_t i = 0; i < COUNT_OF(marks); i++) {
            int64_t inside = place + (int64_t)k - marks[i].place;
            if (inside >= 0 && inside < (int64_t)marks[i].size)
                expected = pattern[inside];
        }
        if (data[k] != expected)
            return false;
    }
    return true;
}

static sn_error look_run(void *context)
{
    struct look *look = context;
    uint8_t *data = malloc(MEGABYTE);
    size_t received = 0;
    sn_error error = data ? SN_OK : SN_ERROR_OUT_OF_MEMORY;
    while (!error) {
        error = sn_socket_receive(look->socket, data, MEGABYTE, SN_FLAG_NONE, &received);
        if (error || received == 0)
            break;
        if (look->first_wrong < 0 && !is_right(look->pattern, data, received, look->place))
            look->first_wrong = look->place;
        look->place += (int64_t)received;
    }
    free(data);
    return error;
}

TEST(a_whole_file_beyond_4_gib_arrives)
{
    if (!getenv("SENNIT_TEST_LARGE"))
        SKIP("4 GiB take 5 to 30 seconds: with SENNIT_TEST_LARGE=1 they are sent");
    struct large_file file;
    if (!large_file_make(&file)) {
        large_file_remove(&file);
        SKIP("this file system takes no file beyond 4 GiB");
    }
    struct socket_pair pair = pair_connected(UNIX_STREAM);
    struct look look = {.socket = pair.server, .pattern = file.pattern, .first_wrong = -1};
    size_t sent = 0;
    thread_start(&look.thread, look_run, &look);
    sn_error error = do_send_file(pair.client, WHOLE_FILE(file.path.text), &sent);
    sn_error ended = sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND);
    assert_ok(thread_join(&look.thread));
    assert_ok(error);
    assert_ok(ended);
    assert_int_equal(FILE_SIZE, sent);
    assert_int_equal(FILE_SIZE, look.place);
    assert_int_equal(-1, look.first_wrong);
    pair_release(&pair);
    large_file_remove(&file);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(a_part_across_4_gib_arrives_as_it_is),
        CASE(a_whole_file_beyond_4_gib_arrives),
    };
    return RUN(cases);
}
