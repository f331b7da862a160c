/** SHA-256 by the library nettle, where the tool was built with it; else there is none. */
#ifndef TOOLS_SENNIT_CHECKSUM_H
#define TOOLS_SENNIT_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef SENNIT_HAS_NETTLE
#include <nettle/sha2.h>
#endif

/* What has been added up so far. A copy goes on by itself. */
struct checksum {
#ifdef SENNIT_HAS_NETTLE
    struct sha256_ctx state;
#else
    char none;
#endif
};

enum { CHECKSUM_TEXT_SIZE = 65 };

/** Whether there is one. Without it all texts are "none". */
bool checksum_is_there(void);

void checksum_begin(struct checksum *sum);
void checksum_add(struct checksum *sum, const void *data, size_t size);

/** Hexadecimal digits of what has been added; more may be added afterwards. */
void checksum_format(const struct checksum *sum, char out_text[CHECKSUM_TEXT_SIZE]);

#endif
