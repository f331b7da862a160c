/*
 * Sends of a file, and what arrives of them: for the tests of send_file.
 */
#ifndef TESTS_CONFORMANCE_FILE_SENDS_H
#define TESTS_CONFORMANCE_FILE_SENDS_H

#include "support/files.h"

#include <stdlib.h>

#define PRE           "before the file|"
#define POST          "|behind the file"
#define TEXT(literal) (literal), sizeof(literal) - 1

/* A connected pair whose server's side gathers what comes. */
struct course {
    struct socket_pair pair;
    struct gather gather;
};

static inline struct course *course_begin(enum transport transport)
{
    struct course *course = calloc(1, sizeof *course);
    assert_non_null(course);
    course->pair = pair_connected(transport);
    gather_begin(&course->gather, course->pair.server);
    return course;
}

static inline void course_end(struct course *course, const void *expected, size_t size)
{
    (void)!sn_socket_shutdown(course->pair.client, SN_SHUTDOWN_SEND);
    gather_end(&course->gather, expected, size);
    pair_release(&course->pair);
    free(course);
}

/* PRE, a file if there is one, and POST. */
static inline sn_file_send all_of(const char *path)
{
    return (sn_file_send){.size = sizeof(sn_file_send),
                          .kind = path ? SN_FILE_PATH : SN_FILE_NONE,
                          .path = path,
                          .before = {TEXT(PRE)},
                          .after = {TEXT(POST)}};
}

static inline sn_error send_all(sn_socket *socket, const char *path, size_t *out_sent)
{
    const sn_file_send all = all_of(path);
    return do_send_file(socket, &all, out_sent);
}

static inline sn_error send_part(sn_socket *socket, int file, int64_t offset, int64_t count,
                                 size_t *out_sent)
{
    const sn_file_send part = {
        .kind = SN_FILE_HANDLE, .file = file, .offset = offset, .count = count};
    return do_send_file(socket, &part, out_sent);
}

/* The bytes of PRE, a file and POST; to be freed. */
static inline uint8_t *expected_of(const void *file, size_t file_size, size_t *out_size)
{
    const sn_buffer pieces[] = {{(void *)(uintptr_t)PRE, sizeof PRE - 1},
                                {(void *)(uintptr_t)file, file_size},
                                {(void *)(uintptr_t)POST, sizeof POST - 1}};
    return joined(pieces, 3, out_size);
}

#endif
