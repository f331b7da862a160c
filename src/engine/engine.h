/**
 * engine: how an operation gets done. It carries operations out on the calling thread (blocking) or
 * on a worker with a back-end (asynchronous), and owns what both share: the descriptor with its use
 * count, the threads blocked in it, the order within a direction, close and cancel.
 *
 * It must never know a socket object, nor what a result of the kernel means to a program: results
 * stay native here, and the verb that started an operation translates them in its finish step. The
 * exceptions are what has no such verb: the calls that a program makes of this room itself
 * (engines, waiting, cancellation), its delays and posts, and operations that are refused before
 * they start. They say an sn_error themselves. News travels up through the function pointers in the
 * records. This door brings in what rooms above may use.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "engine/attempt.h"
#include "engine/blocking.h"
#include "engine/closing.h"
#include "engine/descriptor.h"
#include "engine/engine_object.h"
#include "engine/external.h"
#include "engine/lane.h"
#include "engine/operation.h"
#include "engine/packets.h"
#include "engine/start.h"
#include "engine/wait.h"

#endif
