/**
 * One end of a transfer: what passed through it, and why it stopped if it failed.
 *
 * The near end reads the file and sends, the far end receives. Each is used by one thread; the
 * other one looks at it after joining that thread.
 */
#ifndef TOOLS_DEMO_END_H
#define TOOLS_DEMO_END_H

#include <stdio.h>

#include <sennit.h>

#include "digest.h"

enum {
    PATIENCE_MS = 30 * 1000 /* nothing may take longer: the demo never hangs */
};

struct end {
    struct sha256_ctx sum;
    uint64_t bytes;
    char failure[240]; /* empty: none */
};

void end_begin(struct end *end);

/** Counts bytes that passed. */
void end_take(struct end *end, const void *data, size_t size);

struct digest end_digest(const struct end *end);

/** Notes a failure; the first one stays, since the later ones follow from it. */
void end_fail(struct end *end, const char *doing, sn_error error);
void end_fail_with(struct end *end, const char *doing, const char *reason);
bool end_has_failed(const struct end *end);

/**
 * Opens the file that the near end sends.
 *
 * @return  owned: fclose(); NULL after end_fail_with()
 */
FILE *end_open_file(struct end *near, const char *path);

/**
 * Reads the next piece of the file and counts it.
 *
 * @return  bytes; fewer than `size` at the end of the file and after a failure
 */
size_t end_read_file(struct end *near, FILE *file, void *data, size_t size);

/** Seconds on a clock that never jumps. */
double end_clock(void);

#endif
