/**
 * Operations that complete when a descriptor is closed: its handle has been given back and every
 * operation of it has completed. They have no reference to it, and it needs no worker for them. One
 * that nobody is called for, without a time limit or a handle, completes on whatever thread gives
 * the handle back, unless the engine is a driven one; the others on the descriptor's worker, or on
 * any if it has none, so that they come after the callbacks of its other operations.
 */
#ifndef ENGINE_CLOSING_H
#define ENGINE_CLOSING_H

#include "descriptor/descriptor.h"

/* The operation has begun. The record of the descriptor lives until this returns. */
void closing_start(struct descriptor *descriptor, sn_operation *operation);
/* By whoever has given the handle back. */
void closing_finish(struct descriptor *descriptor);

#endif
