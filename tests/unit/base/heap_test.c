#include "support/test.h"

#include <stdlib.h>

#include "base/base.h"

#define NODE_COUNT 200

static int allocation_count;

static void *allocate_nothing(size_t count, size_t size)
{
    (void)count;
    (void)size;
    return NULL;
}

static void *allocate_counted(size_t count, size_t size)
{
    allocation_count++;
    return calloc(count, size);
}

static void release_counted(void *memory)
{
    allocation_count--;
    free(memory);
}

/* A small generator, so that every run makes the same order. */
static uint32_t next_random(uint32_t *state)
{
    *state = (uint32_t)(*state * 1664525ull + 1013904223ull);
    return *state >> 8;
}

static void check_order(const struct heap *heap)
{
    for (uint32_t i = 0; i < heap->count; i++) {
        assert_int_equal(i + 1, heap->nodes[i]->place);
        if (i > 0)
            assert_true(heap->nodes[(i - 1) / 2]->key <= heap->nodes[i]->key);
    }
}

TEST(an_empty_heap_has_no_first_node)
{
    struct heap heap = {0};
    assert_null(heap_first(&heap));
    heap_deinit(&heap);
    heap_deinit(&heap);
}

TEST(nodes_leave_in_the_order_of_their_keys)
{
    struct heap heap = {0};
    struct heap_node nodes[NODE_COUNT];
    uint32_t random = 1;
    assert_true(heap_reserve(&heap, NODE_COUNT));
    for (int i = 0; i < NODE_COUNT; i++) {
        nodes[i].place = HEAP_NOWHERE;
        heap_insert(&heap, &nodes[i], (int64_t)(next_random(&random) % 50) - 25);
        check_order(&heap);
    }
    int64_t last = INT64_MIN;
    for (int i = 0; i < NODE_COUNT; i++) {
        struct heap_node *first = heap_first(&heap);
        assert_true(first->key >= last);
        last = first->key;
        heap_remove(&heap, first);
        assert_int_equal(HEAP_NOWHERE, first->place);
        check_order(&heap);
    }
    assert_null(heap_first(&heap));
    heap_deinit(&heap);
}

TEST(any_node_can_leave_and_come_back_with_another_key)
{
    struct heap heap = {0};
    struct heap_node nodes[NODE_COUNT];
    uint32_t random = 7;
    assert_true(heap_reserve(&heap, NODE_COUNT));
    for (int i = 0; i < NODE_COUNT; i++) {
        nodes[i].place = HEAP_NOWHERE;
        heap_insert(&heap, &nodes[i], next_random(&random));
    }
    for (int round = 0; round < 2000; round++) {
        struct heap_node *node = &nodes[next_random(&random) % NODE_COUNT];
        heap_remove(&heap, node);
        check_order(&heap);
        if (round % 3 != 0 && heap.count < NODE_COUNT)
            heap_insert(&heap, node, next_random(&random));
        check_order(&heap);
    }
    heap_deinit(&heap);
}

TEST(removing_a_node_that_is_in_no_heap_does_nothing)
{
    struct heap heap = {0};
    struct heap_node inside = {0, HEAP_NOWHERE};
    struct heap_node outside = {0, HEAP_NOWHERE};
    assert_true(heap_reserve(&heap, 1));
    heap_insert(&heap, &inside, INT64_MAX);
    heap_remove(&heap, &outside);
    assert_ptr_equal(&inside, heap_first(&heap));
    heap_remove(&heap, &inside);
    heap_remove(&heap, &inside);
    assert_null(heap_first(&heap));
    heap_deinit(&heap);
}

TEST(reserving_grows_in_steps_and_keeps_the_nodes)
{
    struct heap heap = {0};
    struct heap_node nodes[3];
    for (int i = 0; i < 3; i++) {
        nodes[i].place = HEAP_NOWHERE;
        assert_true(heap_reserve(&heap, (uint32_t)i + 1));
        heap_insert(&heap, &nodes[i], 10 - i);
        assert_ptr_equal(&nodes[i], heap_first(&heap));
    }
    assert_int_equal(4, heap.capacity); /* 1, 2, 4 */
    struct heap_node **before = heap.nodes;
    assert_true(heap_reserve(&heap, 4));
    assert_ptr_equal(before, heap.nodes);
    assert_true(heap_reserve(&heap, 100));
    assert_int_equal(100, heap.capacity);
    check_order(&heap);
    heap_deinit(&heap);
    assert_int_equal(0, heap.capacity);
}

TEST(a_heap_that_cannot_grow_stays_as_it_was)
{
    const sn_memory_functions counted = {allocate_counted, release_counted};
    const sn_memory_functions failing = {allocate_nothing, release_counted};
    struct heap heap = {0};
    struct heap_node node = {0, HEAP_NOWHERE};
    assert_true(sn_memory_set_functions(&counted));
    assert_true(heap_reserve(&heap, 1));
    heap_insert(&heap, &node, 5);
    assert_true(sn_memory_set_functions(&failing));
    assert_false(heap_reserve(&heap, 2));
    assert_int_equal(1, heap.capacity);
    assert_ptr_equal(&node, heap_first(&heap));
    heap_deinit(&heap);
    assert_int_equal(0, allocation_count);
    assert_true(sn_memory_set_functions(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_heap_has_no_first_node),
        cmocka_unit_test(nodes_leave_in_the_order_of_their_keys),
        cmocka_unit_test(any_node_can_leave_and_come_back_with_another_key),
        cmocka_unit_test(removing_a_node_that_is_in_no_heap_does_nothing),
        cmocka_unit_test(reserving_grows_in_steps_and_keeps_the_nodes),
        cmocka_unit_test(a_heap_that_cannot_grow_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
