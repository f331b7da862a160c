/**
 * Checks of our own mistakes. What a caller, a peer or the kernel can get wrong is returned as an
 * error instead; see docs/ARCHITECTURE.md.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/* For the few branches of the data path: the compiler lays the other way out of line, and keeps its
 * registers out of the way that nearly all operations go. See
 * docs/decisions/0014-the-data-path-is-inline.md. */
#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define COLD                __attribute__((noinline)) /* not "cold": that would ask for small code */
#define HOT                 inline __attribute__((always_inline))

/* Memory that is to be used soon, from `place` on; it need not be mapped, nor `place` be one. */
static HOT void prefetch_for_write(uintptr_t place, size_t size)
{
    const size_t line = 64;
#pragma GCC unroll 32
    for (size_t at = 0; at < size; at += line)
        __builtin_prefetch((const void *)(place + at), 1);
}

/* A type whose objects stand in memory that is declared as something else: reading and writing them
 * may alias anything. (gcc's and clang's word.) */
#define MAY_ALIAS __attribute__((may_alias))

#define array_count(array) (sizeof(array) / sizeof((array)[0]))

#endif
