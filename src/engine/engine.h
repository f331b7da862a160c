/**
 * engine: how an operation gets done. It carries operations out on the calling thread (blocking) or
 * on a worker with a back-end (asynchronous), and owns what both share: the descriptor with its use
 * count, the threads blocked in it, the order within a direction, close and cancel.
 *
 * It must never know a socket object or a portable error: results stay native here, and the verb
 * that started an operation translates them in its finish step. News travels up through the
 * function pointers in the records. This door brings in what rooms above may use.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "engine/attempt.h"
#include "engine/blocking.h"
#include "engine/descriptor.h"
#include "engine/engine_object.h"
#include "engine/external.h"
#include "engine/lane.h"
#include "engine/operation.h"
#include "engine/packets.h"
#include "engine/start.h"
#include "engine/wait.h"

#endif
