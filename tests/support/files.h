/*
 * What the tests of sending files share: files with known bytes, and a thread that gathers what
 * arrives.
 */
#ifndef TESTS_SUPPORT_FILES_H
#define TESTS_SUPPORT_FILES_H

#include "support/threads.h"
#include "support/transfer_support.h"

#define MEGABYTE ((size_t)1024 * 1024)

/* Bytes that differ with their place and with `seed`. To be freed. */
uint8_t *pattern_new(size_t size, uint32_t seed);

/* A file in this process's folder, which is removed at the end of the program. */
struct unix_path file_new(const void *data, size_t size);
/* An open descriptor of it, its position at the start; to be closed. */
int file_open(const struct unix_path *path);
int64_t file_position(int file);

/* Everything that arrives on a stream until its end, in a thread. */
struct gather {
    struct thread thread;
    sn_socket *socket; /* borrowed */
    uint8_t *data;     /* owned: gather_end() */
    size_t size, room;
};

void gather_begin(struct gather *gather, sn_socket *socket);
/* Waits for the end of the stream. */
void gather_wait(struct gather *gather);
/* Waits, and fails a row unless exactly this arrived; frees what was gathered. */
void gather_end(struct gather *gather, const void *expected, size_t size);

/* Several pieces of memory as one; to be freed. */
uint8_t *joined(const sn_buffer *pieces, size_t count, size_t *out_size);

#endif
