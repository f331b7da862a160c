/**
 * The only place that allocates. A program may bring its own functions (sn_memory_set_functions),
 * and tests make the n-th allocation fail and count what is left.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Each returns NULL when there is no memory. */
void *memory_zeroed(size_t size);
void *memory_array(size_t count, size_t size); /* zeroed; NULL where count * size overflows too */
char *memory_text(const char *text, size_t size); /* a copy with a NUL behind it */
void memory_free(void *memory);                   /* NULL is fine */

#endif
