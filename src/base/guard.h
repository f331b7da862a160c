/**
 * A lock for each of many records, without room in them: a few locks for the whole process, and a
 * record's address says which of them guards it.
 *
 * All of them are held during a fork (guards_hold), so the child never finds one in the hands of a
 * thread that stayed behind, nor a record that such a thread was about to change. A lock inside
 * each record could not be held so, and is five times as large as what most of them guard.
 *
 * They are held for a few instructions and never while the user is called. Two records may share a
 * lock, so a thread holds one guard of a rank only, and takes them in the order of the ranks.
 */
#ifndef BASE_GUARD_H
#define BASE_GUARD_H

#include "base/lock.h"

enum guard_rank { GUARD_CLIENT, GUARD_WAITING, GUARD_CANCELLATION, GUARD_DESCRIPTOR, GUARD_WORD };

void guard_acquire(enum guard_rank rank, const void *record);
void guard_release(enum guard_rank rank, const void *record);

/* Around a fork: all of a rank. */
void guards_hold(enum guard_rank rank);
void guards_let_go(enum guard_rank rank);

/* Stands in the file that holds them around each fork. That is of a higher floor, and nothing calls
 * it: of the static library a program would get guards without it. */
extern const char guards_holder;

#endif
