/**
 * fiber: flows of control on stacks of their own, many on one worker's thread. Their life, how they
 * step aside and go on, and what joins them.
 *
 * To the rooms below a fiber is a flow (descriptor/flow.h) and a task (loop/task.h): every wait of
 * the library asks the first, and the worker knows the second. This room must never know a socket
 * or a name: what waits in those comes here through the flow.
 */
#ifndef FIBER_FIBER_H
#define FIBER_FIBER_H

#include "fiber/fiber_object.h"

#endif
