/**
 * base: the small tools that every room above may use: checks, atomics, memory, lists, the heap of
 * deadlines, locks.
 *
 * It must never know what a socket, an error or a system call is. This door brings in the whole
 * room.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include "base/atomic.h"
#include "base/check.h"
#include "base/guard.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/lock.h"
#include "base/memory.h"
#include "base/sized.h"
#include "base/thread.h"

#endif
