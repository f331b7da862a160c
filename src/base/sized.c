#include "base/sized.h"

#include <stdbool.h>
#include <string.h>

static bool has_more(const char *given, size_t given_size, size_t size)
{
    for (size_t i = size; i < given_size; i++)
        if (given[i])
            return true;
    return false;
}

enum sized sized_read(const void *given, size_t first_size, void *out, size_t size)
{
    size_t given_size;
    memset(out, 0, size);
    if (!given)
        return SIZED_OK;
    memcpy(&given_size, given, sizeof given_size);
    if (given_size == 0)
        given_size = first_size;
    if (given_size < first_size)
        return SIZED_TOO_SMALL;
    if (has_more(given, given_size, size))
        return SIZED_UNKNOWN;
    memcpy(out, given, given_size < size ? given_size : size);
    return SIZED_OK;
}
