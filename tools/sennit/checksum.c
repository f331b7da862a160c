#include "checksum.h"

#include <stdint.h>
#include <stdio.h>

#ifdef SENNIT_HAS_NETTLE

bool checksum_is_there(void)
{
    return true;
}

void checksum_begin(struct checksum *sum)
{
    sha256_init(&sum->state);
}

void checksum_add(struct checksum *sum, const void *data, size_t size)
{
    sha256_update(&sum->state, size, data);
}

void checksum_format(const struct checksum *sum, char out_text[CHECKSUM_TEXT_SIZE])
{
    struct checksum copy = *sum; /* reading the digest begins a new one */
    uint8_t bytes[SHA256_DIGEST_SIZE];
    sha256_digest(&copy.state, sizeof bytes, bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(out_text + 2 * i, 3, "%02x", bytes[i]);
}

#else

bool checksum_is_there(void)
{
    return false;
}

void checksum_begin(struct checksum *sum)
{
    sum->none = 0;
}

void checksum_add(struct checksum *sum, const void *data, size_t size)
{
    (void)sum;
    (void)data;
    (void)size;
}

void checksum_format(const struct checksum *sum, char out_text[CHECKSUM_TEXT_SIZE])
{
    (void)sum;
    snprintf(out_text, CHECKSUM_TEXT_SIZE, "none");
}

#endif
