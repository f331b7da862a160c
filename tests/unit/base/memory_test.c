#include "support/test.h"

#include <stdlib.h>

#include "base/memory.h"

static int live_count;
static size_t last_count;
static size_t last_size;

static void *allocate(size_t count, size_t size)
{
    last_count = count;
    last_size = size;
    live_count++;
    return calloc(count, size);
}

static void *allocate_nothing(size_t count, size_t size)
{
    (void)count;
    (void)size;
    return NULL;
}

static void release(void *memory)
{
    live_count--;
    free(memory);
}

static int bring_the_standard_functions_back(void **state)
{
    (void)state;
    live_count = 0;
    return sn_memory_set_functions(NULL) ? 0 : -1;
}

TEST(memory_comes_zeroed)
{
    unsigned char *memory = memory_zeroed(100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(0, memory[i]);
    memory_free(memory);
}

TEST(an_array_whose_size_overflows_is_not_allocated)
{
    assert_null(memory_array(SIZE_MAX, 2));
    assert_null(memory_array(SIZE_MAX / 8 + 1, 8));
    assert_null(memory_array(2, SIZE_MAX));
    int *numbers = memory_array(3, sizeof *numbers);
    assert_int_equal(0, numbers[0] | numbers[1] | numbers[2]);
    memory_free(numbers);
    memory_free(memory_array(SIZE_MAX, 0)); /* nothing fits, or is no memory; either is fine */
}

TEST(a_copied_text_ends_with_a_nul)
{
    char *copy = memory_text("abcdef", 3);
    assert_string_equal("abc", copy);
    memory_free(copy);
    copy = memory_text("", 0);
    assert_string_equal("", copy);
    memory_free(copy);
    copy = memory_text("a\0b", 3);
    assert_memory_equal("a\0b", copy, 4);
    memory_free(copy);
    assert_null(memory_text("a", SIZE_MAX));
}

TEST(freeing_null_does_nothing)
{
    const sn_memory_functions functions = {allocate, release};
    assert_true(sn_memory_set_functions(&functions));
    memory_free(NULL);
    assert_int_equal(0, live_count);
}

TEST(all_memory_goes_through_the_functions_of_the_program)
{
    const sn_memory_functions functions = {allocate, release};
    assert_true(sn_memory_set_functions(&functions));
    void *zeroed = memory_zeroed(7);
    assert_int_equal(7, last_count * last_size);
    void *array = memory_array(3, 5);
    assert_int_equal(15, last_count * last_size);
    char *text = memory_text("abc", 3);
    assert_int_equal(4, last_count * last_size);
    assert_int_equal(3, live_count);
    memory_free(zeroed);
    memory_free(array);
    memory_free(text);
    assert_int_equal(0, live_count);
}

TEST(an_allocation_that_fails_gives_null)
{
    const sn_memory_functions functions = {allocate_nothing, release};
    assert_true(sn_memory_set_functions(&functions));
    assert_null(memory_zeroed(1));
    assert_null(memory_array(1, 1));
    assert_null(memory_text("a", 1));
}

TEST(a_pair_of_functions_with_one_missing_is_refused)
{
    const sn_memory_functions good = {allocate, release};
    const sn_memory_functions no_release = {allocate, NULL};
    const sn_memory_functions no_allocate = {NULL, release};
    assert_true(sn_memory_set_functions(&good));
    assert_false(sn_memory_set_functions(&no_release));
    assert_false(sn_memory_set_functions(&no_allocate));
    void *memory = memory_zeroed(1);
    assert_int_equal(1, live_count);
    memory_free(memory);
}

int main(void)
{
#define RESTORING(test) cmocka_unit_test_teardown(test, bring_the_standard_functions_back)
    const struct CMUnitTest tests[] = {
        RESTORING(memory_comes_zeroed),
        RESTORING(an_array_whose_size_overflows_is_not_allocated),
        RESTORING(a_copied_text_ends_with_a_nul),
        RESTORING(freeing_null_does_nothing),
        RESTORING(all_memory_goes_through_the_functions_of_the_program),
        RESTORING(an_allocation_that_fails_gives_null),
        RESTORING(a_pair_of_functions_with_one_missing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
