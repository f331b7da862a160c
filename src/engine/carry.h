/**
 * Kept operations outside a worker: carrying one on the thread that waits for it, handing it over,
 * ending it. What keeping means: loop/kept.h.
 */
#ifndef ENGINE_CARRY_H
#define ENGINE_CARRY_H

#include "operation/operation.h"

/* The steps of struct descriptor_class, by who has claimed the operation. */

/* Attempts and sleeps until it has completed; when the deadline passes it is kept again, and so it
 * is when a signal or a scope ends the wait, which is false. */
bool carry_on(struct descriptor *descriptor, sn_operation *operation, int64_t deadline_ns);
void carry_hand_over(struct descriptor *descriptor, sn_operation *operation);
void carry_end(struct descriptor *descriptor, sn_operation *operation, int64_t result);

#endif
