/**
 * Whether a wait that a signal has interrupted is to end: the program is asked.
 */
#ifndef DESCRIPTOR_INTERRUPT_H
#define DESCRIPTOR_INTERRUPT_H

#include "base/base.h"

/* Whether there is somebody to ask. */
bool interrupt_is_hooked(void);
/* Asks, with no lock held and nothing of the thread's in any list. False where nobody is to be
 * asked. */
bool interrupt_ends_wait(void);

#endif
