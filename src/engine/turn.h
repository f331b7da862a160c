/**
 * Whose turn it is to send on a stream.
 *
 * A long send takes several system calls, and the bytes of one call must stay together however many
 * threads send. So a thread takes the turn for the whole of its send. The word holds TURN_TAKEN, and
 * TURN_WANTED while somebody waits for it; without contention both steps are one compare-and-swap.
 * The turn is handed over to the first waiter directly, so that threads send in the order they came.
 */
#ifndef ENGINE_TURN_H
#define ENGINE_TURN_H

#include "engine/wait.h"

bool turn_try(struct descriptor *descriptor);
/* WAIT_TURN, or why not: WAIT_TIMED_OUT, WAIT_CANCELED, WAIT_CLOSED, -errno. */
int32_t turn_take(struct descriptor *descriptor, struct deadline *deadline, uint32_t cancels);
void turn_give(struct descriptor *descriptor);

#endif
