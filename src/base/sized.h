/**
 * Reading a record of options whose first member is its size, as the program's version of the
 * library has it (decision 0021).
 */
#ifndef BASE_SIZED_H
#define BASE_SIZED_H

#include <stddef.h>

enum sized {
    SIZED_OK,
    SIZED_TOO_SMALL, /* less than there ever was */
    /* It has more than this library knows, and not zero. To ignore a wish would be worse than to
     * refuse it. */
    SIZED_UNKNOWN
};

/*
 * `given` is a size_t and what follows it: its size; 0 stands for `first_size`, that of the first
 * version, for ever. Fills `out`, which has `size` bytes: what `given` does not have is zero. NULL
 * is all zero. After an error `out` is all zero.
 */
enum sized sized_read(const void *given, size_t first_size, void *out, size_t size);

#endif
