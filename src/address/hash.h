/**
 * The hash of the values of this room: FNV-1a, since the values are short and need no secret. Equal
 * values have equal hashes; the numbers may change between versions of the library.
 */
#ifndef ADDRESS_HASH_H
#define ADDRESS_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 2166136261u

static inline uint32_t hash_byte(uint32_t hash, uint8_t byte)
{
    /* 64 bits wide, because an unsigned product that wraps is an error to some sanitizers. */
    return (uint32_t)((uint64_t)(hash ^ byte) * 16777619u);
}

static inline uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < size; i++)
        hash = hash_byte(hash, byte[i]);
    return hash;
}

static inline uint32_t hash_number(uint32_t hash, uint32_t number)
{
    return hash_bytes(hash, &number, sizeof number);
}

#endif
