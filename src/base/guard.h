/**
 * A lock for each of many records, without room in them: a few locks for the whole process, and a
 * record's address says which of them guards it.
 *
 * All of them are held during a fork, so the child never finds one in the hands of a
 * thread that stayed behind, nor a record that such a thread was about to change. A lock inside
 * each record could not be held so, and is five times as large as what most of them guard.
 *
 * They are held for a few instructions and never while the user is called. Two records may share a
 * lock, so a thread holds one guard of a rank only, and takes them in the order of the ranks.
 */
#ifndef BASE_GUARD_H
#define BASE_GUARD_H

#include "base/lock.h"

/* In the order in which others are taken inside of them: a timer of a handle may make the default
 * engine, and that adds its counters; a handle cancels its operations; and the cancel of one looks
 * for it at its descriptor. */
enum guard_rank {
    GUARD_CLIENT,
    GUARD_WAITING,
    GUARD_CANCELLATION,
    GUARD_DEFAULT_ENGINE, /* one for the process, and so are the next two */
    GUARD_METRICS,
    GUARD_CANCELS,
    GUARD_DESCRIPTOR,
    GUARD_WORD
};

/* The record only says which; NULL, where there is one. */
void guard_acquire(enum guard_rank rank, const void *record);
void guard_release(enum guard_rank rank, const void *record);

#endif
