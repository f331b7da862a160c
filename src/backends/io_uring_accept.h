/**
 * Inside the io_uring back-end only: accepts, which wait in an epoll instance.
 */
#ifndef BACKENDS_IO_URING_ACCEPT_H
#define BACKENDS_IO_URING_ACCEPT_H

#include "backends/io_uring_ring.h"

/* Its result when it is done already; else SUBMITTED. */
int64_t ring_accept_submit(struct backend *backend, struct descriptor *descriptor,
                           sn_operation *operation);
/* The ring waits for the instance from now on, if there is one. */
void ring_accept_arm(struct backend *backend);
/* The instance has something to report: attempts what waits for it, and settles what is done. */
void ring_accept_take(struct backend *backend);
/* Ends the registration of a descriptor, under its guard. */
void ring_accept_forget(struct backend *backend, struct descriptor *descriptor);

#endif
