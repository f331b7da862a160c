/**
 * Standard output, written whole and at once: what arrived is seen when it arrives, and what
 * several threads write does not mix within a piece.
 */
#ifndef TOOLS_SENNIT_OUTPUT_H
#define TOOLS_SENNIT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/** Writes all of it, or reports why not. @return false after a failure */
bool output_write(const void *data, size_t size);

/** Whether a write has failed before, so that it is no use going on. */
bool output_has_failed(void);

#endif
