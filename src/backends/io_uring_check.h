/** Inside the io_uring back-end only: whether its ring works here, found out by using it. */
#ifndef BACKENDS_IO_URING_CHECK_H
#define BACKENDS_IO_URING_CHECK_H

#include "backends/io_uring_ring.h"

/* Right after it was opened. 0; -EACCES: a filter denies an operation; -EOPNOTSUPP, -EINVAL: the
 * kernel is too old; else another -errno. */
int32_t ring_check(struct backend *backend);

#endif
