/**
 * A mutex that cannot fail. It guards what is rare (waiters, caches); no data path takes it, and it
 * is never held while the user is called.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <pthread.h>

#include "base/check.h"

struct lock {
    pthread_mutex_t mutex;
};

#define LOCK_INITIALIZER                                                                           \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER                                                                  \
    }

static inline void lock_init(struct lock *lock)
{
    int failed = pthread_mutex_init(&lock->mutex, NULL);
    assert(!failed); /* default attributes need no resource on Linux */
    (void)failed;
}

static inline void lock_deinit(struct lock *lock)
{
    int failed = pthread_mutex_destroy(&lock->mutex);
    assert(!failed);
    (void)failed;
}

static inline void lock_acquire(struct lock *lock)
{
    int failed = pthread_mutex_lock(&lock->mutex);
    assert(!failed);
    (void)failed;
}

static inline void lock_release(struct lock *lock)
{
    int failed = pthread_mutex_unlock(&lock->mutex);
    assert(!failed);
    (void)failed;
}

#endif
