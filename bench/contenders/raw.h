/**
 * The hand-written loops.
 */
#ifndef BENCH_CONTENDER_RAW_H
#define BENCH_CONTENDER_RAW_H

#include "contender.h"

/** Streams: one gathered send answers all the requests that one receive has brought. */
const char *raw_epoll_serve(const struct service *service);
const char *raw_io_uring_serve(const struct service *service);

/** Files, by sendfile(). */
const char *raw_file_serve(const struct service *service);

/** Datagrams, one at a time or by the batch. */
const char *raw_datagram_serve(const struct service *service);
const char *raw_datagram_batch_serve(const struct service *service);

/** Streams, a thread for each. */
const char *raw_blocking_serve(const struct service *service);

#endif
