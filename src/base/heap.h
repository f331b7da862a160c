/**
 * A heap of deadlines: the earliest is always at hand, any node can leave.
 *
 * The nodes stand inside the records, and a node remembers its place; only the array of pointers
 * grows, and only in heap_reserve, so that inserting into reserved room cannot fail.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/check.h"

#define HEAP_NOWHERE 0 /* so that a cleared record is in no heap */

struct heap_node {
    int64_t key;    /* the smallest is the root */
    uint32_t place; /* counted from 1; HEAP_NOWHERE while in no heap */
};

struct heap {
    struct heap_node **nodes; /* owned */
    uint32_t count;
    uint32_t capacity;
};

bool heap_reserve(struct heap *heap, uint32_t capacity); /* false: no memory, nothing changed */
void heap_insert(struct heap *heap, struct heap_node *node, int64_t key); /* room is reserved */
void heap_remove(struct heap *heap, struct heap_node *node);              /* harmless if in none */
void heap_deinit(struct heap *heap);

static inline struct heap_node *heap_first(const struct heap *heap)
{
    return heap->count ? heap->nodes[0] : NULL;
}

#endif
