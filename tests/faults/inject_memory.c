/* Memory: counted, and refused. */
#include "faults/faults.h"

#include <stdlib.h>

#include <sennit/types.h>

#include "base/atomic.h"

static size_t outstanding; /* atomic */

static void *allocate(size_t count, size_t size)
{
    int32_t result;
    if (fault_strikes(POINT_MEMORY, &result))
        return NULL;
    void *memory = calloc(count, size);
    if (memory)
        atomic_add_relaxed(&outstanding, (size_t)1);
    return memory;
}

static void release(void *memory)
{
    if (memory)
        atomic_add_relaxed(&outstanding, (size_t)-1);
    free(memory);
}

void memory_watch(void)
{
    static const sn_memory_functions watching = {allocate, release};
    if (!sn_memory_set_functions(&watching))
        abort();
}

size_t memory_outstanding(void)
{
    return atomic_load_relaxed(&outstanding);
}
