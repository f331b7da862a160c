/**
 * Cancelling operations: one by one from any thread, or many through a handle.
 */
#ifndef LOOP_CANCEL_H
#define LOOP_CANCEL_H

#include "operation/operation.h"

struct worker;

/* --- One operation on its way to be cancelled ------------------------------------------------ */

/* Takes it out of its worker's list, because it completes by itself; returns its state. */
uint32_t operation_forget_cancel(sn_operation *operation);
/* Whether a cancel of it was made that its worker has not seen yet. */
bool operation_is_being_cancelled(const sn_operation *operation);
/* On the worker: the next one to cancel, or NULL. */
sn_operation *cancels_take(struct worker *worker);
bool cancels_wait(struct worker *worker);

/* --- Handles for many ------------------------------------------------------------------------ */

/* Links the operation to its handle, if it has one. False: the handle was cancelled already. */
bool cancellation_link(sn_operation *operation);
void cancellation_unlink(sn_operation *operation);
/* While the handle of a cancelled operation is certainly there, which holds inside the start, and
 * as long as the operation is linked or tied: notes what its handle says of the reason. */
void cancellation_note(sn_operation *operation);

#endif
