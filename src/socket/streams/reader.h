/**
 * The record of a buffered reader. For this room only.
 */
#ifndef SOCKET_READER_H
#define SOCKET_READER_H

#include <limits.h>

#include <sennit/reader.h>

#include "socket/verbs/enough.h"

/* What a call wants: a part up to a delimiter, or a count of bytes. */
struct reader_wish {
    bool is_for_part;
    const void *delimiter; /* NULL: a count */
    size_t delimiter_size;
    size_t limit;        /* of the part */
    sn_buffer *out_part; /* the caller's */
    void *data;          /* the caller's: where a count goes */
    size_t size;         /* of it, as far as it comes out of the buffer */
    size_t before;       /* bytes of it that were given already */
    bool is_direct;      /* the rest of it goes past the buffer */
};

struct sn_reader {
    sn_socket *socket; /* owned: one reference */
    uint8_t *memory;   /* caller-provided, or owned */
    size_t size;
    bool owns_memory;
    uint32_t references; /* atomic: the program's, and that of a call */
    uint32_t call;       /* atomic: 0, or the process whose call has what follows, and 1 */
    size_t start, end;   /* what is buffered, in `memory` */
    size_t searched;     /* bytes of it in which there is no delimiter */
    size_t part_size;    /* up to the delimiter that was found; 0: none */
    bool is_async;
    bool is_answered;
    struct reader_wish wish;
};

#endif
