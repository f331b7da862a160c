#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sennit/types.h>

static sn_memory_functions functions = {calloc, free};

bool sn_memory_set_functions(const sn_memory_functions *replacement)
{
    static const sn_memory_functions standard = {calloc, free};
    if (!replacement)
        replacement = &standard;
    if (!replacement->allocate_zeroed || !replacement->release)
        return false;
    functions = *replacement;
    return true;
}

void *memory_array(size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size)
        return NULL;
    return functions.allocate_zeroed(count, size);
}

void *memory_zeroed(size_t size)
{
    return memory_array(1, size);
}

char *memory_text(const char *text, size_t size)
{
    char *copy = size < SIZE_MAX ? memory_array(1, size + 1) : NULL;
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

void memory_free(void *memory)
{
    if (memory)
        functions.release(memory);
}
