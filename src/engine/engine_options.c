/* The options of an engine, as the program's version of the record has them. */
#include "engine/engine_object.h"

#include <string.h>

#define QUEUE_SIZE_MIN 8
#define QUEUE_SIZE_MAX 32768

/* The record of 0.2: what `size` 0 means for ever, and the least that there is. */
#define SIZE_OF_0_2 (offsetof(sn_engine_options, spin_us) + sizeof(int))

static bool are_in_range(const sn_engine_options *options)
{
    return options->threads >= 0 && options->threads <= THREADS_MAX && options->spin_us >= 0 &&
           options->spin_us <= SPIN_US_MAX &&
           (options->queue_size == 0 ||
            (options->queue_size >= QUEUE_SIZE_MIN && options->queue_size <= QUEUE_SIZE_MAX)) &&
           (int)options->backend >= 0 && options->backend <= SN_ENGINE_BACKEND_EPOLL;
}

/* A later record may have more. What this library does not know must be zero, which asks for
 * nothing; to ignore a wish would be worse than to refuse it. */
static bool has_unknown(const sn_engine_options *given, size_t size)
{
    const char *bytes = (const char *)given;
    for (size_t i = sizeof *given; i < size; i++)
        if (bytes[i])
            return true;
    return false;
}

sn_error engine_options_read(const sn_engine_options *given, sn_engine_options *out)
{
    *out = (sn_engine_options){0};
    if (!given)
        return SN_OK;
    size_t size = given->size ? given->size : SIZE_OF_0_2;
    if (size < SIZE_OF_0_2)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (has_unknown(given, size))
        return SN_ERROR_NOT_SUPPORTED;
    memcpy(out, given, size < sizeof *out ? size : sizeof *out);
    return are_in_range(out) ? SN_OK : SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}
