/**
 * Inside fiber only: whether stacks that overflow say so.
 */
#ifndef FIBER_OVERFLOWS_H
#define FIBER_OVERFLOWS_H

#include "fiber/fiber_object.h"

extern uint32_t overflows_are_reported; /* atomic; never goes back to 0 */

COLD void overflows_prepare_thread(void);

/* Before a fiber goes on, on its thread: one look where nobody has asked for it. */
static inline void overflows_prepare(void)
{
    if (unlikely(atomic_load_relaxed(&overflows_are_reported)))
        overflows_prepare_thread();
}

#endif
