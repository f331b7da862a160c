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

#define array_count(array) (sizeof(array) / sizeof((array)[0]))

#endif
