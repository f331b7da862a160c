/**
 * The registration of descriptors in an epoll instance.
 *
 * The worker makes it, but it has to end while the handle still names the file, and other threads
 * replace and close handles: see descriptor_forget(). So both are done under the descriptor's
 * guard.
 */
#ifndef BACKENDS_REGISTRATION_H
#define BACKENDS_REGISTRATION_H

#include "descriptor/descriptor.h"

/* On the worker. -EPERM: it is of a kind that cannot be watched. */
int32_t registration_make(int32_t epoll, struct descriptor *descriptor, uint32_t events);
/* On the worker: for other events from now on, those that are there already included. Does nothing
 * where another thread has ended the registration. */
int32_t registration_change(int32_t epoll, struct descriptor *descriptor, uint32_t events);
/* Under the guard; there is one. */
void registration_end(int32_t epoll, struct descriptor *descriptor);

#endif
