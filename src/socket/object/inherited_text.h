/**
 * The texts by which a service manager tells which descriptors it has started a program with:
 * LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, as systemd has defined them.
 *
 * Pure: texts in, values out. They are the environment's, which anybody may have written.
 */
#ifndef SOCKET_INHERITED_TEXT_H
#define SOCKET_INHERITED_TEXT_H

#include <sennit/error.h>

#include <stddef.h>
#include <stdint.h>

/* The first descriptor; the others follow without a gap. */
#define INHERITED_FIRST 3

/* With the NUL. */
#define INHERITED_NAME_SIZE 256

struct inherited_texts {
    const char *process, *count, *names; /* NULL: not set */
};

/*
 * How many descriptors there are for this process; 0 where there are none, or they are another's.
 * SN_ERROR_FORMAT: no numbers, too many, or names that do not fit their count or cannot be names.
 */
sn_error inherited_count(const struct inherited_texts *texts, uint32_t process, size_t *out_count);

/* The name of the next descriptor, of texts that are right: begins with `texts->names`, which may
 * be NULL, and returns what to begin with the next time. */
const char *inherited_next_name(const char *names, char out_name[INHERITED_NAME_SIZE]);

#endif
