#include "support/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

uint8_t *pattern_new(size_t size, uint32_t seed)
{
    uint8_t *data = malloc(size > 0 ? size : 1);
    assert_non_null(data);
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(((i + seed) * 2654435761u) >> 13);
    return data;
}

struct unix_path file_new(const void *data, size_t size)
{
    struct unix_path path = unix_path_new();
    int file = open(path.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    for (size_t written = 0; written < size;) {
        ssize_t result = write(file, (const char *)data + written, size - written);
        assert_true(result > 0);
        written += (size_t)result;
    }
    assert_int_equal(0, close(file));
    return path;
}

int file_open(const struct unix_path *path)
{
    int file = open(path->text, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    return file;
}

int64_t file_position(int file)
{
    return lseek(file, 0, SEEK_CUR);
}

static sn_error gather_run(void *context)
{
    struct gather *gather = context;
    for (;;) {
        if (gather->room - gather->size < 65536) {
            gather->room = gather->room * 2 + 131072;
            uint8_t *data = realloc(gather->data, gather->room);
            if (!data)
                return SN_ERROR_OUT_OF_MEMORY;
            gather->data = data;
        }
        size_t received = 0;
        sn_error error = do_receive(gather->socket, gather->data + gather->size,
                                    gather->room - gather->size, SN_FLAG_NONE, &received);
        if (error || received == 0)
            return error;
        gather->size += received;
    }
}

void gather_begin(struct gather *gather, sn_socket *socket)
{
    memset(gather, 0, sizeof *gather);
    gather->socket = socket;
    thread_start(&gather->thread, gather_run, gather);
}

void gather_wait(struct gather *gather)
{
    row_error(SN_OK, thread_join(&gather->thread));
}

void gather_end(struct gather *gather, const void *expected, size_t size)
{
    gather_wait(gather);
    row_equal(size, gather->size);
    row_equal(0, size == gather->size && size > 0 ? memcmp(expected, gather->data, size) : 0);
    free(gather->data);
}

uint8_t *joined(const sn_buffer *pieces, size_t count, size_t *out_size)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += pieces[i].size;
    uint8_t *data = malloc(size > 0 ? size : 1);
    assert_non_null(data);
    *out_size = 0;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].size > 0)
            memcpy(data + *out_size, pieces[i].data, pieces[i].size);
        *out_size += pieces[i].size;
    }
    return data;
}
