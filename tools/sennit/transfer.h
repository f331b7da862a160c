/**
 * What `send` and `receive` say to each other, in lines, so that a person can follow it:
 *
 *     sender                          receiver
 *     SENNIT-FILE 1
 *     name: report.pdf
 *     size: 123456
 *     checksum: sha256
 *     (an empty line)
 *                                     have: 1000
 *                                     checksum: of those, or none
 *                                     (an empty line)
 *     from: 1000
 *     (an empty line)
 *     the bytes from there on
 *     checksum: of the whole file, or none
 *                                     ok
 *
 * Instead of its lines, the receiver may say "error: " and why, and then it ends.
 */
#ifndef TOOLS_SENNIT_TRANSFER_H
#define TOOLS_SENNIT_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include <sennit.h>
#include <sennit/reader.h>

#include "checksum.h"

enum {
    TRANSFER_LINE_SIZE = 1024,
    TRANSFER_PIECE = 256 * 1024,
    TRANSFER_NAME_SIZE = 240 /* with its NUL: a partial file's name is longer */
};

#define TRANSFER_GREETING "SENNIT-FILE 1"

/** One side of a transfer. */
struct transfer {
    sn_socket *socket; /* borrowed */
    sn_reader *reader; /* owned */
    char line[TRANSFER_LINE_SIZE];
};

/** @param idle_ms  how long the peer may neither send nor take anything */
SN_MUST_USE sn_error transfer_begin(struct transfer *transfer, sn_socket *socket, long idle_ms);
void transfer_end(struct transfer *transfer);

/** Reads a line into transfer->line, without its end. */
SN_MUST_USE sn_error transfer_read_line(struct transfer *transfer);

/**
 * Reads a line "name: value".
 *
 * @param out_value  inside transfer->line
 * @error SN_ERROR_FORMAT  another line came, which is in transfer->line
 */
SN_MUST_USE sn_error transfer_read_field(struct transfer *transfer, const char *name,
                                         const char **out_value);
SN_MUST_USE sn_error transfer_read_number(struct transfer *transfer, const char *name,
                                          uint64_t *out_number);

/** Sends lines as printf() writes them. */
SN_MUST_USE sn_error transfer_print(struct transfer *transfer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Tells the sender why its file is not taken, and ends sending. */
void transfer_refuse(struct transfer *transfer, const char *name, const char *words);

/** Whether the last component of a path can be given to others as a name. */
bool transfer_is_name(const char *name);

/**
 * Adds up the first bytes of a file and leaves it behind them.
 *
 * @return  0; an errno; -1: the file has become shorter
 */
int transfer_add_file(int file, uint64_t size, struct checksum *sum);

#endif
