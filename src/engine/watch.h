/**
 * A watch tells its owner that a descriptor has become readable or that a time has come: what an
 * operation waits for that is several handles at once (an epoll instance), with either back-end and
 * without a thread. It is an operation of the library's own, on a descriptor of its own.
 *
 * It is bound to the worker of its owner, and everything here is called there; only one that was
 * never armed may be left on another thread.
 */
#ifndef ENGINE_WATCH_H
#define ENGINE_WATCH_H

#include "engine/start.h"

struct watch;

/* `handle` is the watch's from now on, and closed with it. NULL: there is no memory, and the handle
 * is the caller's still. */
struct watch *watch_make(struct worker *worker, int32_t handle, void (*tell)(void *context),
                         void *context);
/* Once, from the worker's loop: it is readable, or `until_ns` has come (SYS_NEVER: never does), or
 * it cannot be waited for. One that is armed already stays as it is. */
void watch_arm(struct watch *watch, int64_t until_ns);
/* Why it cannot be waited for: -errno or an enum outcome; 0: it can. */
int64_t watch_failure(const struct watch *watch);
/* Nobody is told any more. The handle is closed and the memory freed, soon if it is armed. */
void watch_leave(struct watch *watch);

#endif
