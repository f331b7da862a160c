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

/*
 * One that completes with the handle itself, which goes to the program in the mode that is asked
 * for, instead of being closed. The operation has begun. After an error nothing has happened: there
 * is no engine for it, or somebody else's close was first. Else the caller has a reference of the
 * descriptor, and the operation may be complete as soon as that is given back.
 */
sn_error closing_start_detach(struct descriptor *descriptor, sn_operation *operation, bool blocking,
                              int32_t *out_handle);
/* By whoever gives the handle back. False: its operation was ended early, and nobody wants it. */
bool closing_deliver(struct descriptor *descriptor, int32_t handle);

#endif
