/**
 * pool: threads that do tasks which may get stuck.
 *
 * A thread is started when a task finds none idle, as long as there are fewer than the limit, and
 * ends when it has been idle for a while. So a stuck task delays no other until the limit is
 * reached; then tasks wait, first in, first out, whatever they are about. A thread keeps counting
 * while its task is stuck, even if nobody wants the result any more: a program that cancels and
 * asks again must not pile up threads.
 *
 * What may get stuck in different ways has pools of its own, so that names which nobody answers
 * hold up nothing else. The room must never know what a task does, nor who waits for it.
 */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include "base/base.h"

#define POOL_LIMIT_MAX 1024u

struct pool_task {
    struct list link;                    /* the pool's, under its lock */
    uint32_t forks;                      /* the pool's: which process it was submitted in */
    void (*run)(struct pool_task *task); /* on a thread of the pool; may free the task */
};

/* Static. All under the lock. */
struct pool {
    struct lock lock;
    struct list queue;             /* tasks that no thread has taken yet */
    struct list sleepers;          /* the last that went to sleep is first, so that the others can
                                      end */
    uint32_t thread_count;         /* started and not ended */
    uint32_t limit;                /* 0: the first one was not asked for yet */
    uint32_t (*first_limit)(void); /* 1 to POOL_LIMIT_MAX; NULL: `limit` is there */
    uint32_t forks;
};

#define POOL_INITIALIZER(pool)                                                                     \
    .lock = LOCK_INITIALIZER, .queue = {&(pool).queue, &(pool).queue},                             \
    .sleepers = {&(pool).sleepers, &(pool).sleepers}

/*
 * In the child of a fork, for each pool of the process. The child has none of the threads, and the
 * lock may have been in the hands of one of them. So it starts anew; tasks of the parent are
 * forgotten, since only the parent's threads know how far they are. One that has made the fork
 * itself ends its thread when it is over.
 */
void pool_begin_anew(struct pool *pool);

/* The task is run exactly once, unless it is withdrawn. 0, or -errno if there is no thread at all
 * and none can be started. */
int32_t pool_submit(struct pool *pool, struct pool_task *task);

/* true: it waits no longer and will not be run. false: it is running, was run, or was submitted in
 * the process that this one was forked from. */
bool pool_withdraw(struct pool *pool, struct pool_task *task);

/* 1 to POOL_LIMIT_MAX. Tasks that run are left alone; surplus threads end after them. */
void pool_set_limit(struct pool *pool, uint32_t limit);
uint32_t pool_get_limit(struct pool *pool);

#endif
