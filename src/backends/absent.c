/*
 * In the place of io_uring.c where the library is built without liburing: nothing of it can be
 * opened, and an engine takes epoll instead, as where the kernel has no io_uring.
 */
#include <errno.h>

#include "backends/backend.h"
#include "base/base.h"

struct backend {
    struct backend_host *host; /* borrowed */
};

static struct backend *absent_make(struct backend_host *host)
{
    struct backend *backend = memory_zeroed(sizeof *backend);
    if (backend)
        backend->host = host;
    return backend;
}

static int32_t absent_open(struct backend *backend, uint32_t queue_size)
{
    (void)backend;
    (void)queue_size;
    return -EOPNOTSUPP;
}

static void absent_close(struct backend *backend)
{
    memory_free(backend);
}

/* Whoever takes the place of another must have been checked; this one never gets so far. */
static int32_t absent_check(struct backend *backend)
{
    (void)backend;
    return -EOPNOTSUPP;
}

const struct backend_class backend_io_uring = {
    .id = SN_ENGINE_BACKEND_IO_URING,
    .name = "io_uring",
    .absence = "epoll, because this library was built without io_uring",
    .make = absent_make,
    .open = absent_open,
    .close = absent_close,
    .check = absent_check,
};
