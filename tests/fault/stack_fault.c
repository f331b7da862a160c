/*
 * The pool of stacks over a kernel that refuses memory, cannot mark guards, or has no room for one
 * more mapping.
 */
#include "support/test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <sennit/fiber_group.h>

#include "context/context.h"
#include "sys/sys.h"

enum { MARK_GUARD = 102, LARGE = 1 << 20 };

static struct {
    int map, unmap, mark, protect; /* what each fails with, or 0 */
    bool says_yes;                 /* to any advice, and does nothing */
    int unmapped, discarded, protected_pages, marked;
} kernel;

void *__real_mmap(void *address, size_t size, int protection, int flags, int file, off_t offset);
int __real_munmap(void *address, size_t size);
int __real_madvise(void *address, size_t size, int advice);
int __real_mprotect(void *address, size_t size, int protection);

static int fail_with(int native)
{
    errno = native;
    return -1;
}

void *__wrap_mmap(void *address, size_t size, int protection, int flags, int file, off_t offset);
void *__wrap_mmap(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
    if (kernel.map) {
        errno = kernel.map;
        return MAP_FAILED;
    }
    return __real_mmap(address, size, protection, flags, file, offset);
}

/* The name of the same call where files have 64 bits. */
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
    return __wrap_mmap(address, size, protection, flags, file, offset);
}

int __wrap_munmap(void *address, size_t size);
int __wrap_munmap(void *address, size_t size)
{
    if (kernel.unmap)
        return fail_with(kernel.unmap);
    kernel.unmapped++;
    return __real_munmap(address, size);
}

int __wrap_madvise(void *address, size_t size, int advice);
int __wrap_madvise(void *address, size_t size, int advice)
{
    if (kernel.says_yes)
        return 0;
    if (advice == MARK_GUARD && kernel.mark)
        return fail_with(kernel.mark);
    kernel.marked += advice == MARK_GUARD;
    kernel.discarded += advice == MADV_DONTNEED;
    return __real_madvise(address, size, advice);
}

int __wrap_mprotect(void *address, size_t size, int protection);
int __wrap_mprotect(void *address, size_t size, int protection)
{
    if (kernel.protect)
        return fail_with(kernel.protect);
    kernel.protected_pages++;
    return __real_mprotect(address, size, protection);
}

static int well(void **state)
{
    (void)state;
    memset(&kernel, 0, sizeof kernel);
    return 0;
}

static void take_write_and_give(size_t size)
{
    struct context_stack stack;
    assert_int_equal(context_stack_take(&stack, size), 0);
    ((volatile char *)stack.base)[0] = 'x';
    ((volatile char *)stack.base)[stack.size - 1] = 'x';
    context_stack_give(&stack);
}

TEST(without_memory_there_is_no_stack_and_later_there_is)
{
    struct context_stack stack = {.size = 7};
    kernel.map = ENOMEM;
    assert_int_equal(context_stack_take(&stack, CONTEXT_STACK_SIZE), -ENOMEM);
    assert_int_equal(context_stack_take(&stack, LARGE), -ENOMEM);
    assert_int_equal(stack.size, 7);
    kernel.map = 0;
    take_write_and_give(CONTEXT_STACK_SIZE);
    take_write_and_give(LARGE);
}

/* Linux before 6.13, and memory that is locked. */
TEST(where_a_guard_cannot_be_marked_it_is_protected)
{
    kernel.mark = EINVAL;
    take_write_and_give(LARGE);
    assert_int_equal(kernel.protected_pages, 1);
}

/* An emulator without marks, which takes any advice and follows none. */
TEST(where_every_advice_is_taken_a_guard_is_protected)
{
    kernel.says_yes = true;
    take_write_and_give(LARGE);
    assert_int_equal(kernel.protected_pages, 1);
}

TEST(without_a_guard_there_is_no_stack)
{
    struct context_stack stack = {.size = 7};
    kernel.mark = EINVAL;
    kernel.protect = ENOMEM;
    assert_int_equal(context_stack_take(&stack, LARGE), -ENOMEM);
    assert_int_equal(stack.size, 7);
    assert_int_equal(kernel.unmapped, 1);
}

/* Two that are stuck go with the next one that can be unmapped. */
TEST(a_stack_that_cannot_be_unmapped_is_emptied_and_unmapped_later)
{
    kernel.unmap = ENOMEM;
    take_write_and_give(LARGE);
    take_write_and_give(2 * LARGE);
    assert_int_equal(kernel.discarded, 2);
    assert_int_equal(kernel.unmapped, 0);
    kernel.unmap = 0;
    take_write_and_give(LARGE);
    assert_int_equal(kernel.unmapped, 3);
}

static sn_error count_up(void *count)
{
    ++*(int *)count;
    return SN_OK;
}

/* Its record lies on its stack. */
TEST(without_a_stack_there_is_no_fiber_and_nothing_is_lost)
{
    const sn_fiber_options large = {.stack_size = LARGE};
    sn_engine *engine;
    sn_fiber_group *group;
    sn_fiber *fiber = NULL;
    int count = 0;
    assert_ok(sn_engine_create(&(sn_engine_options){0}, &engine));
    assert_ok(sn_fiber_group_create(engine, NULL, &group));
    kernel.map = ENOMEM;
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_fiber_start(engine, count_up, &count, &large, &fiber));
    assert_int_equal(ENOMEM, sn_error_last_native());
    assert_error(SN_ERROR_OUT_OF_MEMORY,
                 sn_fiber_group_start(group, count_up, &count, &large, &fiber));
    assert_null(fiber);
    assert_int_equal(0, sn_fiber_group_get_count(group));
    kernel.map = 0;
    assert_ok(sn_fiber_start(engine, count_up, &count, &large, NULL));
    assert_ok(sn_fiber_group_start(group, count_up, &count, &large, &fiber));
    while (!sn_fiber_is_over(fiber))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    assert_int_equal(2, count);
    sn_fiber_release(fiber);
    sn_fiber_group_release(group);
    assert_ok(sn_engine_destroy(engine));
    assert_int_equal(2, kernel.unmapped);
}

/* Two mappings for each stack then, of which a process has a limited number (vm.max_map_count). */
TEST(as_many_stacks_as_mappings_allow_are_there_and_the_next_is_an_error)
{
    enum { MANY = 100000 };
#ifdef SENNIT_IS_SANITIZED
    SKIP("the sanitizers need mappings, and end the process where there are none");
#endif
    struct context_stack *stacks = calloc(MANY, sizeof(struct context_stack)), one;
    size_t count = 0;
    int32_t result = 0;
    kernel.mark = EINVAL;
    while (count < MANY && !(result = context_stack_take(&stacks[count], LARGE)))
        count++;
    if (!result)
        SKIP("this machine allows more than %d mappings", 2 * MANY);
    assert_int_equal(-ENOMEM, result);
    assert_true(kernel.protected_pages >= (int)count);
    context_stack_give(&stacks[--count]);
    assert_int_equal(0, context_stack_take(&one, LARGE));
    context_stack_give(&one);
    while (count > 0)
        context_stack_give(&stacks[--count]);
    take_write_and_give(LARGE);
    free(stacks);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(without_memory_there_is_no_stack_and_later_there_is, well),
        cmocka_unit_test_setup(where_a_guard_cannot_be_marked_it_is_protected, well),
        cmocka_unit_test_setup(where_every_advice_is_taken_a_guard_is_protected, well),
        cmocka_unit_test_setup(without_a_guard_there_is_no_stack, well),
        cmocka_unit_test_setup(a_stack_that_cannot_be_unmapped_is_emptied_and_unmapped_later, well),
        cmocka_unit_test_setup(without_a_stack_there_is_no_fiber_and_nothing_is_lost, well),
        cmocka_unit_test_setup(as_many_stacks_as_mappings_allow_are_there_and_the_next_is_an_error,
                               well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
