/* Memory for stacks. */
#include "sys/sys.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sys/retry.h"

/* Linux 6.13. */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#define MADV_OF_NOBODY (-1)

uint32_t sys_page_size(void)
{
    return (uint32_t)sysconf(_SC_PAGESIZE);
}

/* An emulator takes advice for what may be left undone, and says yes to all of it: where what
 * nobody knows is accepted too, a yes means nothing. */
static bool mark_guard(void *page, size_t size)
{
    return SYS_RETRY(int32_t, madvise(page, size, MADV_GUARD_INSTALL)) == 0 &&
           SYS_RETRY(int32_t, madvise(page, size, MADV_OF_NOBODY)) < 0;
}

/*
 * A page that is marked is no mapping of its own, so that a hundred thousand stacks side by side
 * are one mapping; a process may have 65,530. With protected pages, where the kernel cannot mark,
 * each stack needs two.
 */
static int32_t guard(void *page, size_t size)
{
    if (mark_guard(page, size))
        return 0;
    return SYS_RETRY(int32_t, mprotect(page, size, PROT_NONE));
}

/*
 * Huge pages first: what sets neighbours apart keeps the kernel from joining them, and it joins
 * them here. A huge page would take 2 MiB for the first byte that is touched in 30 stacks; where
 * the kernel has none the call fails, and need not.
 */
int32_t sys_stack_map(size_t size, void **out_base)
{
    size_t page = sys_page_size();
    if (size > SIZE_MAX / 2)
        return -ENOMEM;
    char *start = mmap(NULL, page + size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (start == MAP_FAILED)
        return -errno;
    (void)madvise(start, page + size, MADV_NOHUGEPAGE);
    int32_t failed = guard(start, page);
    if (failed) {
        (void)munmap(start, page + size);
        return failed;
    }
    *out_base = start + page;
    return 0;
}

int32_t sys_stack_unmap(void *base, size_t size)
{
    size_t page = sys_page_size();
    if (munmap((char *)base - page, page + size) == 0)
        return 0;
    int32_t native = -errno;
    (void)madvise(base, size, MADV_DONTNEED);
    return native;
}
