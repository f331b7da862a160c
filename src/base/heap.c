#include "base/heap.h"

#include <string.h>

#include "base/memory.h"

static void place(struct heap *heap, uint32_t index, struct heap_node *node)
{
    heap->nodes[index] = node;
    node->place = index + 1;
}

static void sift_up(struct heap *heap, uint32_t index, struct heap_node *node)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / 2;
        if (heap->nodes[parent]->key <= node->key)
            break;
        place(heap, index, heap->nodes[parent]);
        index = parent;
    }
    place(heap, index, node);
}

static void sift_down(struct heap *heap, uint32_t index, struct heap_node *node)
{
    for (;;) {
        uint32_t child = 2 * index + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && heap->nodes[child + 1]->key < heap->nodes[child]->key)
            child++;
        if (node->key <= heap->nodes[child]->key)
            break;
        place(heap, index, heap->nodes[child]);
        index = child;
    }
    place(heap, index, node);
}

bool heap_reserve(struct heap *heap, uint32_t capacity)
{
    if (capacity <= heap->capacity)
        return true;
    uint32_t grown = heap->capacity * 2; /* where it wraps around, what is asked for is more */
    if (grown < capacity)
        grown = capacity;
    struct heap_node **nodes = memory_array(grown, sizeof(struct heap_node *));
    if (!nodes)
        return false;
    if (heap->count > 0)
        memcpy(nodes, heap->nodes, heap->count * sizeof(struct heap_node *));
    memory_free(heap->nodes);
    heap->nodes = nodes;
    heap->capacity = grown;
    return true;
}

void heap_insert(struct heap *heap, struct heap_node *node, int64_t key)
{
    assert(heap->count < heap->capacity);
    assert(node->place == HEAP_NOWHERE);
    node->key = key;
    heap->count++;
    sift_up(heap, heap->count - 1, node);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    if (node->place == HEAP_NOWHERE)
        return;
    uint32_t index = node->place - 1;
    assert(index < heap->count);
    assert(heap->nodes[index] == node);
    struct heap_node *last = heap->nodes[--heap->count];
    node->place = HEAP_NOWHERE;
    if (last == node)
        return;
    if (index > 0 && last->key < heap->nodes[(index - 1) / 2]->key)
        sift_up(heap, index, last);
    else
        sift_down(heap, index, last);
}

void heap_deinit(struct heap *heap)
{
    memory_free(heap->nodes);
    *heap = (struct heap){0};
}
