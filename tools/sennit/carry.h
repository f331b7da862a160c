/**
 * Carrying bytes between a connected socket and standard input and output, both directions at once.
 */
#ifndef TOOLS_SENNIT_CARRY_H
#define TOOLS_SENNIT_CARRY_H

#include <stdbool.h>
#include <stddef.h>

#include <sennit.h>

/* What to carry, and how. */
struct carry {
    sn_socket *socket;   /* borrowed: connected */
    const char *text;    /* borrowed: the peer, for messages */
    size_t piece_size;   /* how much is read and sent at once */
    bool has_end;        /* a connection; datagrams have no end */
    int wait_ms;         /* datagrams: how long answers are awaited after the end of input */
    long answers;        /* datagrams: how many are awaited at most; 0: as many as come */
    long idle_ms;        /* a connection on which so long nothing moves is ended; 0: none is */
    bool is_hex;         /* what moves is printed as hexadecimal digits, in both directions */
    bool is_output_only; /* standard input is left alone */
};

/**
 * Sends standard input and prints what arrives. The end of input shuts sending down, and receiving
 * goes on until the peer's end; with datagrams, until nothing has come for `wait_ms`.
 *
 * @return EXIT_DONE, or EXIT_FAILED after a report
 */
int carry_run(const struct carry *carry);

#endif
