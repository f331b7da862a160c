/*
 * Inside sys only: for the calls that cannot be told "do not wait" by a flag of their own.
 *
 * Every descriptor is non-blocking, but that is a property of the open file, which a forked child,
 * a duplicate or another library may share: whoever clears it there clears it here. Then such a
 * call would wait in the kernel, where no deadline, cancel or close ends it, and with it a whole
 * engine. So it is looked at first and put back. Asking poll(2) first would not do: another process
 * may take the connection meanwhile, and a pipe that has room for a byte waits for room for the
 * others.
 */
#ifndef SYS_NONBLOCKING_H
#define SYS_NONBLOCKING_H

#include <fcntl.h>
#include <stdint.h>

/* Whatever is wrong with the descriptor, the call that follows says so. */
static inline void stay_nonblocking(int32_t handle)
{
    int flags = fcntl(handle, F_GETFL);
    if (flags >= 0 && !(flags & O_NONBLOCK))
        (void)fcntl(handle, F_SETFL, flags | O_NONBLOCK);
}

#endif
