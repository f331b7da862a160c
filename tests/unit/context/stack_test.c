#include "support/test.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "context/context.h"
#include "support/threads.h"
#include "sys/sys.h"

TEST(a_stack_has_at_least_the_size_that_was_asked_for)
{
    static const size_t sizes[] = {1,
                                   CONTEXT_STACK_SIZE_MIN,
                                   CONTEXT_STACK_SIZE_MIN + 1,
                                   CONTEXT_STACK_SIZE,
                                   CONTEXT_STACK_SIZE + 1,
                                   CONTEXT_STACK_SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct context_stack stack;
        assert_int_equal(context_stack_take(&stack, sizes[i]), 0);
        assert_true(stack.size >= sizes[i]);
        assert_true(stack.size < sizes[i] + sys_page_size());
        assert_int_equal(stack.size % sys_page_size(), 0);
        ((volatile char *)stack.base)[0] = 'x';
        ((volatile char *)stack.base)[stack.size - 1] = 'x';
        context_stack_give(&stack);
    }
}

TEST(an_absurd_size_is_an_error)
{
    struct context_stack stack = {.size = 7};
    assert_int_equal(context_stack_take(&stack, 0), -EINVAL);
    assert_int_equal(context_stack_take(&stack, SIZE_MAX), -ENOMEM);
    assert_int_equal(context_stack_take(&stack, SIZE_MAX / 2), -ENOMEM);
    assert_int_equal(stack.size, 7);
}

TEST(a_stack_that_was_given_is_empty_and_may_be_given_again)
{
    struct context_stack stack;
    assert_int_equal(context_stack_take(&stack, CONTEXT_STACK_SIZE), 0);
    context_stack_give(&stack);
    assert_null(stack.base);
    context_stack_give(&stack);
}

TEST(the_stack_given_last_is_taken_first)
{
    struct context_stack first, second;
    assert_int_equal(context_stack_take(&first, CONTEXT_STACK_SIZE), 0);
    assert_int_equal(context_stack_take(&second, CONTEXT_STACK_SIZE), 0);
    void *bases[] = {first.base, second.base};
    assert_ptr_not_equal(bases[0], bases[1]);
    context_stack_give(&first);
    context_stack_give(&second);
    assert_int_equal(context_stack_take(&first, CONTEXT_STACK_SIZE), 0);
    assert_int_equal(context_stack_take(&second, CONTEXT_STACK_SIZE), 0);
    assert_ptr_equal(first.base, bases[1]);
    assert_ptr_equal(second.base, bases[0]);
    context_stack_give(&first);
    context_stack_give(&second);
}

TEST(the_guard_lies_below_the_stack)
{
    struct context_stack stack;
    assert_int_equal(context_stack_take(&stack, CONTEXT_STACK_SIZE), 0);
    const char *base = stack.base;
    assert_int_equal(stack.guard_size, sys_page_size());
    assert_true(context_is_overflow(&stack, base - 1));
    assert_true(context_is_overflow(&stack, base - stack.guard_size));
    assert_false(context_is_overflow(&stack, base - stack.guard_size - 1));
    assert_false(context_is_overflow(&stack, base));
    assert_false(context_is_overflow(&stack, base + stack.size));
    assert_false(context_is_overflow(&stack, NULL));
    context_stack_give(&stack);
}

/* Pages of this process, in kB, as /proc/self/status counts its whole size. */
static long virtual_kb(void)
{
    char line[256];
    long size = -1;
    FILE *file = fopen("/proc/self/status", "r");
    assert_non_null(file);
    while (size < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, "VmSize:", 7) == 0)
            size = strtol(line + 7, NULL, 10);
    (void)fclose(file);
    assert_true(size >= 0);
    return size;
}

/* A thousand stay for the next time, which are 68 MiB of addresses. */
TEST(the_pool_gives_back_what_is_too_much)
{
    enum { COUNT = 8000 };
    static struct context_stack stacks[COUNT];
    long before = virtual_kb();
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(context_stack_take(&stacks[i], CONTEXT_STACK_SIZE), 0);
    long full = virtual_kb();
    assert_true(full - before > COUNT * 64L - 2048 * 68L);
    for (int i = 0; i < COUNT; i++)
        context_stack_give(&stacks[i]);
    assert_true(virtual_kb() - before < 1100 * (64L + (long)sys_page_size() / 1024));
}

static sn_error take_and_give(void *rounds)
{
    for (long i = 0; i < (long)(intptr_t)rounds; i++) {
        struct context_stack stacks[3];
        for (int k = 0; k < 3; k++) {
            if (context_stack_take(&stacks[k], CONTEXT_STACK_SIZE) < 0)
                return SN_ERROR_OUT_OF_MEMORY;
            *(volatile long *)stacks[k].base = i;
        }
        for (int k = 0; k < 3; k++) {
            if (*(volatile long *)stacks[k].base != i)
                return SN_ERROR_FAULT; /* somebody else has it too */
            context_stack_give(&stacks[k]);
        }
    }
    return SN_OK;
}

TEST(threads_share_the_pool)
{
    struct thread threads[3];
    for (int i = 0; i < 3; i++)
        thread_start(&threads[i], take_and_give, (void *)(intptr_t)10000);
    for (int i = 0; i < 3; i++)
        assert_ok(thread_join(&threads[i]));
}

TEST(a_forked_child_has_a_pool_of_its_own)
{
    struct thread thread;
    thread_start(&thread, take_and_give, (void *)(intptr_t)100000);
    for (int i = 0; i < 30; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            _exit(take_and_give((void *)(intptr_t)10) == SN_OK ? 0 : 1);
        }
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    assert_ok(thread_join(&thread));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stack_has_at_least_the_size_that_was_asked_for),
        cmocka_unit_test(an_absurd_size_is_an_error),
        cmocka_unit_test(a_stack_that_was_given_is_empty_and_may_be_given_again),
        cmocka_unit_test(the_stack_given_last_is_taken_first),
        cmocka_unit_test(the_guard_lies_below_the_stack),
        cmocka_unit_test(the_pool_gives_back_what_is_too_much),
        cmocka_unit_test(threads_share_the_pool),
        cmocka_unit_test(a_forked_child_has_a_pool_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
