/** Bytes as people look at them: an offset, hexadecimal digits, and what can be printed. */
#ifndef TOOLS_SENNIT_HEX_H
#define TOOLS_SENNIT_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Prints a piece to standard output, 16 bytes a line.
 *
 * @param direction  '<' came in, '>' was sent
 * @param offset     of the first byte, among all that went this way
 * @return           false after a failure, which was reported
 */
bool hex_write(char direction, uint64_t offset, const void *data, size_t size);

#endif
