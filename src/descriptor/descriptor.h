/**
 * descriptor: a handle of the kernel that many threads use at once, and that can be closed under
 * all of them. Its record with the count of references, the threads that sleep in it, the lock for
 * sending, and the words that say how something ended.
 *
 * It must never know what is done with the handle, nor look into a worker: it holds the address of
 * its own, and asks it through its class.
 */
#ifndef DESCRIPTOR_DESCRIPTOR_H
#define DESCRIPTOR_DESCRIPTOR_H

#include "descriptor/current.h"
#include "descriptor/flow.h"
#include "descriptor/interrupt.h"
#include "descriptor/lane.h"
#include "descriptor/outcome.h"
#include "descriptor/record.h"
#include "descriptor/scope.h"
#include "descriptor/wait.h"

#endif
