/**
 * Inside dns only: descriptors that a thread has open for a while. The thread may be left behind
 * by a fork, and nobody in the child would know of them; so they are listed, and closed there.
 */
#ifndef DNS_HANDLES_H
#define DNS_HANDLES_H

#include "base/base.h"
#include "sys/sys.h"

/* On the stack of the thread, or wherever it stays until it is closed. */
struct kept_handle {
    struct list link;
    int32_t number; /* -1: none, also in a child that was forked meanwhile */
};

/* 0 or -errno; the number is -1 then. */
int32_t kept_socket(struct kept_handle *handle, int family, int type);
int32_t kept_wake(struct kept_handle *handle);
void kept_close(struct kept_handle *handle); /* one that is none is fine */

#endif
