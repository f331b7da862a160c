#include "support/allocations.h"

#include <sennit/types.h>

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* Memory comes from calloc and goes to free all the same, so blocks may outlive the counting. */
static atomic_size_t allocated, released;
static atomic_size_t until_failure; /* 0: none fails; SIZE_MAX: all */
static atomic_bool is_counting;

static bool is_failing(void)
{
    size_t until = atomic_load(&until_failure);
    return until == SIZE_MAX || (until > 0 && atomic_fetch_sub(&until_failure, 1) == 1);
}

static void *counted_allocate(size_t count, size_t size)
{
    if (!atomic_load(&is_counting))
        return calloc(count, size);
    atomic_fetch_add(&allocated, 1);
    if (is_failing()) {
        atomic_fetch_add(&released, 1);
        return NULL;
    }
    return calloc(count, size);
}

static void counted_release(void *memory)
{
    if (memory && atomic_load(&is_counting))
        atomic_fetch_add(&released, 1);
    free(memory);
}

/* Before any thread of the library runs, as the library asks for. */
__attribute__((constructor)) static void install(void)
{
    static const sn_memory_functions counting = {counted_allocate, counted_release};
    if (!sn_memory_set_functions(&counting))
        abort();
}

void allocations_begin(void)
{
    atomic_store(&allocated, 0);
    atomic_store(&released, 0);
    atomic_store(&until_failure, 0);
    atomic_store(&is_counting, true);
}

size_t allocations_count(void)
{
    return atomic_load(&allocated);
}

size_t allocations_outstanding(void)
{
    return atomic_load(&allocated) - atomic_load(&released);
}

size_t allocations_settle(size_t wanted)
{
    for (int i = 0; i < 1000000 && allocations_outstanding() > wanted; i++)
        (void)sched_yield();
    return allocations_outstanding();
}

void allocations_fail_nth(size_t n)
{
    atomic_store(&until_failure, n);
}

void allocations_fail_all(void)
{
    atomic_store(&until_failure, SIZE_MAX);
}

void allocations_end(void)
{
    atomic_store(&is_counting, false);
}
