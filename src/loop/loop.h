/**
 * loop: the worker, one thread with a back-end. What comes in from other threads, what is pending
 * in each descriptor, deadlines, cancels, what was reported, and the last step of every operation.
 *
 * It must never know the engine that it belongs to (it tells it what it has to through struct
 * worker_owner), nor a socket.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "loop/cancel.h"
#include "loop/cancellation.h"
#include "loop/conclude.h"
#include "loop/credit.h"
#include "loop/external.h"
#include "loop/fast.h"
#include "loop/fast_batch.h"
#include "loop/fast_message.h"
#include "loop/kept.h"
#include "loop/repeat.h"
#include "loop/task.h"
#include "loop/worker.h"

#endif
