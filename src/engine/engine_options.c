/* The options of an engine, as the program's version of the record has them. */
#include "engine/engine_object.h"

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

sn_error engine_options_read(const sn_engine_options *given, sn_engine_options *out)
{
    switch (sized_read(given, SIZE_OF_0_2, out, sizeof *out)) {
    case SIZED_OK: return are_in_range(out) ? SN_OK : SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    case SIZED_TOO_SMALL: break;
    case SIZED_UNKNOWN: return SN_ERROR_NOT_SUPPORTED;
    }
    return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}
