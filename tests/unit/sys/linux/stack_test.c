#include "support/test.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "sys/sys.h"

enum { SIZE = 64 << 10 };

static sigjmp_buf after_fault;
static void *volatile fault_address;

static void note_fault(int number, siginfo_t *told, void *machine)
{
    (void)number;
    (void)machine;
    fault_address = told->si_addr;
    siglongjmp(after_fault, 1);
}

/* Whether a write there is a fault. */
static bool faults(volatile char *address)
{
    struct sigaction action = {.sa_sigaction = note_fault, .sa_flags = SA_SIGINFO}, before;
    assert_int_equal(sigaction(SIGSEGV, &action, &before), 0);
    bool has_faulted = sigsetjmp(after_fault, 1) != 0;
    if (!has_faulted)
        *address = 'x';
    assert_int_equal(sigaction(SIGSEGV, &before, NULL), 0);
    return has_faulted;
}

TEST(the_page_below_a_stack_faults)
{
    void *base = NULL;
    size_t page = sys_page_size();
    assert_int_equal(sys_stack_map(SIZE, &base), 0);
    volatile char *bytes = base;
    assert_false(faults(bytes));
    assert_false(faults(bytes + SIZE - 1));
    assert_true(faults(bytes - 1));
    /* s390x tells the page, and no more. */
    assert_int_equal((uintptr_t)fault_address / page, (uintptr_t)(bytes - 1) / page);
    assert_true(faults(bytes - page));
    assert_int_equal(sys_stack_unmap(base, SIZE), 0);
    assert_true(faults(bytes));
}

/* Bytes of it that are in memory. */
static size_t resident(void *base, size_t size)
{
    size_t page = sys_page_size(), count = 0;
    unsigned char *pages = calloc(size / page, 1);
    assert_non_null(pages);
    assert_int_equal(mincore(base, size, pages), 0);
    for (size_t i = 0; i < size / page; i++)
        count += pages[i] & 1;
    free(pages);
    return count * page;
}

/* Where huge pages are given out unasked, one would be 2 MiB here. */
TEST(a_stack_takes_memory_where_it_is_touched)
{
    enum { LARGE = 8 << 20 };
    void *base = NULL;
    assert_int_equal(sys_stack_map(LARGE, &base), 0);
    assert_int_equal(resident(base, LARGE), 0);
    ((volatile char *)base)[LARGE - 1] = 'x';
    ((volatile char *)base)[LARGE / 2] = 'x';
    assert_int_equal(resident(base, LARGE), 2 * sys_page_size());
    assert_int_equal(sys_stack_unmap(base, LARGE), 0);
}

static size_t count_mappings(void)
{
    char line[512];
    size_t count = 0;
    FILE *file = fopen("/proc/self/maps", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        count++;
    (void)fclose(file);
    return count;
}

/* Linux 6.13 has guards that are no mappings; what says yes to any advice has none. */
static bool has_guard_marks(void)
{
    size_t page = sys_page_size();
    void *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    bool has_marks = madvise(memory, page, 102) == 0 && madvise(memory, page, -1) != 0;
    assert_int_equal(munmap(memory, page), 0);
    return has_marks;
}

TEST(many_stacks_are_few_mappings)
{
    enum { COUNT = 2000 };
    static void *bases[COUNT];
#ifdef SENNIT_IS_SANITIZED
    SKIP("the thread sanitizer has mappings of its own for each");
#endif
    if (!has_guard_marks())
        SKIP("this kernel cannot mark pages as guards");
    size_t before = count_mappings();
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(sys_stack_map(SIZE, &bases[i]), 0);
        ((volatile char *)bases[i])[SIZE - 1] = 'x';
    }
    assert_in_range(count_mappings(), 0, before + 50);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(sys_stack_unmap(bases[i], SIZE), 0);
}

TEST(a_stack_larger_than_the_machine_is_refused)
{
    void *base = &base;
    size_t page = sys_page_size();
    assert_int_equal(sys_stack_map(SIZE_MAX / page * page, &base), -ENOMEM);
    assert_int_equal(sys_stack_map(SIZE_MAX / 4 / page * page, &base), -ENOMEM);
    assert_ptr_equal(base, &base);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_below_a_stack_faults),
        cmocka_unit_test(a_stack_takes_memory_where_it_is_touched),
        cmocka_unit_test(many_stacks_are_few_mappings),
        cmocka_unit_test(a_stack_larger_than_the_machine_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
