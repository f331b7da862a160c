/**
 * What a back-end is: one kernel mechanism behind a worker. Adding one adds a file in backends/ and
 * a row in backends/choose.c.
 *
 * A back-end gets at most one operation for each direction of a descriptor at a time, because the
 * kernel keeps no order among several (io_uring fills queued receives last in, first out:
 * measured). It reports native results and knows no errors, no sockets and no callbacks. All calls
 * but forget() and abandon() come from the worker's thread.
 */
#ifndef ENGINE_BACKEND_H
#define ENGINE_BACKEND_H

#include <sennit/engine.h>

#include "engine/descriptor.h"

struct backend;

#define SUBMITTED INT64_MIN /* no result */

struct backend_class {
    sn_engine_backend id;
    const char *name;
    int32_t (*open)(struct worker *worker, uint32_t queue_size, struct backend **out_backend);
    void (*close)(struct backend *backend); /* nothing is pending any more */
    /* Its result when it is done already; SUBMITTED: worker_settle() will be called. */
    int64_t (*submit)(struct backend *backend, struct descriptor *descriptor,
                      sn_operation *operation);
    /* Ends a submitted operation early. True: it is withdrawn at once, and worker_settle() will not
     * be called. False: it is called soon, with what came of it. */
    bool (*cancel)(struct backend *backend, struct descriptor *descriptor, sn_operation *operation);
    /* Takes a submitted operation back if that can be done at once, so that it can be submitted
     * anew; else false, and nothing has happened. */
    bool (*take_back)(struct backend *backend, struct descriptor *descriptor,
                      sn_operation *operation);
    /* Ends the registration that descriptor->watched tells of, while the handle still names the
     * file. From any thread, under the descriptor's guard. NULL: none is ever made. */
    void (*forget)(struct backend *backend, struct descriptor *descriptor);
    /* What was submitted and withdrawn ends now, as far as it can without waiting: the kernel lets
     * go of the files. NULL: the kernel has none. Not while it waits. */
    void (*flush)(struct backend *backend);
    /* Sleeps until there is something to report or the deadline has passed, and reports it: also
     * what came although the kernel refused to wait, which is the result then (-errno). */
    int32_t (*wait)(struct backend *backend, int64_t deadline_ns);
    /* A descriptor that is readable when there is something to report, until the end of a wait that
     * has reported it. Made when it is first asked for; -errno. */
    int32_t (*handle)(struct backend *backend);
    /* When the next wait has to be, with nothing reported: the deadline, or earlier, because
     * something is tried again by time. 0: at once. */
    int64_t (*due)(struct backend *backend, int64_t deadline_ns);
    /* Once backend_ended has taken its place, from whatever thread: reports what has come already,
     * and has the kernel use nobody's memory from now on. Its handle stays; close() is still to
     * come. */
    void (*abandon)(struct backend *backend);
};

extern const struct backend_class backend_epoll;
extern const struct backend_class backend_io_uring;
extern const struct backend_class backend_ended; /* of a worker that has lost its own */

/* Which one to use, and why in a sentence. `wanted` was asked for; NULL when that does not work
 * here. */
const struct backend_class *backend_choose(sn_engine_backend wanted, const char **out_reason,
                                           int32_t *out_native);

/* What the environment asks for with `wanted`, if that is not understood; else NULL. */
const char *backend_mistake(sn_engine_backend wanted);

#endif
