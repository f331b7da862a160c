/**
 * Inside dns only: threads that do tasks which may get stuck.
 *
 * A thread is started when a task finds none idle, as long as there are fewer than the limit, and
 * ends when it has been idle for a while. So a stuck task delays no other until the limit is
 * reached; then tasks wait, first in, first out, whatever name they are about. A thread keeps
 * counting while its task is stuck, even if nobody wants the result any more: a program that
 * cancels and asks again must not pile up threads.
 */
#ifndef DNS_POOL_H
#define DNS_POOL_H

#include "base/base.h"

#define POOL_LIMIT_DEFAULT 16u
#define POOL_LIMIT_MAX     1024u

struct pool_task {
    struct list link;                    /* the pool's, under its lock */
    uint32_t forks;                      /* the pool's: which process it was submitted in */
    void (*run)(struct pool_task *task); /* on a thread of the pool; may free the task */
};

/* The task is run exactly once, unless it is withdrawn. 0, or -errno if there is no thread at all
 * and none can be started. */
int32_t pool_submit(struct pool_task *task);

/* true: it waits no longer and will not be run. false: it is running, was run, or was submitted in
 * the process that this one was forked from. */
bool pool_withdraw(struct pool_task *task);

/* 1 to POOL_LIMIT_MAX. Tasks that run are left alone; surplus threads end after them. */
void pool_set_limit(uint32_t limit);
uint32_t pool_get_limit(void);

#endif
