/** SHA-256, by the library nettle. */
#ifndef TOOLS_DEMO_DIGEST_H
#define TOOLS_DEMO_DIGEST_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The finished sum. */
struct digest {
    uint8_t bytes[SHA256_DIGEST_SIZE];
};

enum { DIGEST_TEXT_SIZE = 2 * SHA256_DIGEST_SIZE + 1 };

bool digest_equals(const struct digest *a, const struct digest *b);

/** @param text  caller-provided, DIGEST_TEXT_SIZE bytes: hexadecimal digits */
void digest_format(const struct digest *digest, char *text);

#endif
