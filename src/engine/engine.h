/**
 * engine: how an operation gets done. It carries operations out on the calling thread (blocking) or
 * has a worker of an engine do it (asynchronous): starting, which worker something gets, closing.
 *
 * It must never know a socket object, nor what a result of the kernel means to a program: results
 * stay native here and below, and the verb that started an operation translates them in its finish
 * step. The exceptions are what has no such verb: the calls that a program makes of these rooms
 * themselves (engines, waiting, cancellation), its delays and posts, and operations that are
 * refused before they start. They say an sn_error themselves. This door brings in what rooms above
 * may use, also of the four rooms that it stands on.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "descriptor/descriptor.h"
#include "engine/blocking.h"
#include "engine/carry.h"
#include "engine/closing.h"
#include "engine/engine_object.h"
#include "engine/start.h"
#include "engine/suspended.h"
#include "engine/watch.h"
#include "loop/loop.h"
#include "operation/operation.h"

#endif
