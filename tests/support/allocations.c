#include "support/allocations.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "support/test.h"

/* Memory comes from calloc and goes to free all the same, so blocks may outlive the counting. */
static atomic_size_t allocated, released;
static atomic_size_t until_failure; /* 0: none fails */

static void *counted_allocate(size_t count, size_t size)
{
    atomic_fetch_add(&allocated, 1);
    if (atomic_load(&until_failure) > 0 && atomic_fetch_sub(&until_failure, 1) == 1) {
        atomic_fetch_add(&released, 1);
        return NULL;
    }
    return calloc(count, size);
}

static void counted_release(void *memory)
{
    if (memory)
        atomic_fetch_add(&released, 1);
    free(memory);
}

void allocations_begin(void)
{
    static const sn_memory_functions counting = {counted_allocate, counted_release};
    atomic_store(&allocated, 0);
    atomic_store(&released, 0);
    atomic_store(&until_failure, 0);
    assert_true(sn_memory_set_functions(&counting));
}

size_t allocations_count(void)
{
    return atomic_load(&allocated);
}

size_t allocations_outstanding(void)
{
    return atomic_load(&allocated) - atomic_load(&released);
}

void allocations_fail_nth(size_t n)
{
    atomic_store(&until_failure, n);
}

void allocations_end(void)
{
    assert_true(sn_memory_set_functions(NULL));
}
