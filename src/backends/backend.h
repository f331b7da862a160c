/**
 * What a back-end is: one kernel mechanism behind a worker. Adding one adds a file in backends/ and
 * a row in backends/choose.c.
 *
 * A back-end gets at most one operation for each direction of a descriptor at a time, because the
 * kernel keeps no order among several (io_uring fills queued receives last in, first out:
 * measured). It knows no errors, no sockets, no callbacks, and not the loop either: it writes down
 * what the kernel has said, as reports of native results, and the loop settles those. All calls but
 * make(), forget() and abandon() come from the worker's thread.
 */
#ifndef BACKENDS_BACKEND_H
#define BACKENDS_BACKEND_H

#include <sennit/engine.h>

#include "descriptor/descriptor.h"

struct backend;

#define SUBMITTED INT64_MIN /* no result */

/* --- What a back-end has to say -------------------------------------------------------------- */

#define REPORTS_MAX   256
#define REPORTS_AHEAD 2 /* so far the loop looks ahead, see reports.c */

struct report {
    void *subject; /* a submitted operation; or a descriptor, with REPORT_READY added */
    int64_t what;  /* the operation's result; or bits of enum descriptor_readiness */
};

#define REPORT_READY 1u

/* What a back-end sees of the loop that it works for: a part of the worker, made before it. */
struct backend_host {
    int32_t wake_handle;  /* an event that has to end each wait */
    int32_t watched;      /* atomic: the event that a program's loop watches, or -1, see handle() */
    int32_t failure;      /* atomic: why the worker has ended, or 0, see backend_ended */
    bool is_driven;       /* by its program, which may ask for a handle */
    bool was_woken;       /* said here: the wake event was signalled */
    bool was_interrupted; /* said here: the wait was ended by a signal */
    bool has_denied; /* said here: the kernel denies operations, which are made by plain calls */
    bool has_missed_cancels; /* said here: there was no room for some; the loop cancels again */
    uint32_t batch; /* added to: how much the last wait has brought; sends are gathered by it */
    uint32_t count; /* of reports; the loop takes them after each call */
    struct report reports[REPORTS_MAX + REPORTS_AHEAD];
};

static inline bool report_is_full(const struct backend_host *host)
{
    return host->count == REPORTS_MAX;
}

static inline void report_result(struct backend_host *host, sn_operation *operation, int64_t result)
{
    assert(!report_is_full(host));
    host->reports[host->count++] = (struct report){operation, result};
}

static inline struct report report_of_ready(struct descriptor *descriptor, uint8_t ready)
{
    return (struct report){(char *)descriptor + REPORT_READY, ready};
}

static inline bool report_is_ready(const struct report *report)
{
    return (uintptr_t)report->subject & REPORT_READY;
}

/* Of such a report. */
static inline struct descriptor *report_descriptor(const struct report *report)
{
    return (struct descriptor *)(void *)((char *)report->subject - REPORT_READY);
}

/* --- What it does ---------------------------------------------------------------------------- */

struct backend_class {
    sn_engine_backend id;
    const char *name;
    /* Why this build has no such one, as the reason for another; NULL: it has. Then what follows
     * up to check() is there and refuses, and the rest is not. */
    const char *absence;
    /* Its memory, on any thread: the worker's own would make the C library map a heap for it. NULL:
     * there is none. */
    struct backend *(*make)(struct backend_host *host);
    /* The kernel's part. When it fails, only close() may follow. */
    int32_t (*open)(struct backend *backend, uint32_t queue_size);
    void (*close)(struct backend *backend); /* nothing is pending any more; also one not opened */
    /* Right after open(): whether it works here. NULL: it always does. */
    int32_t (*check)(struct backend *backend);
    /* Its result when it is done already; SUBMITTED: it will be reported. */
    int64_t (*submit)(struct backend *backend, struct descriptor *descriptor,
                      sn_operation *operation);
    /* The same for a plain transfer (loop/fast.h): the kernel waits, and its result will be
     * reported. NULL: a back-end that reports readiness, for which the loop makes the attempts. */
    void (*enter)(struct backend *backend, sn_operation *operation, int32_t handle);
    /* Ends a submitted operation early. True: it is withdrawn at once, and will not be reported.
     * False: it is reported soon, with what came of it. */
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
     * and has the kernel use nobody's memory from now on. True: there is more to report, it has to
     * be called again. Its handle stays; close() is still to come. */
    bool (*abandon)(struct backend *backend);
};

extern const struct backend_class backend_epoll;
extern const struct backend_class backend_io_uring;
extern const struct backend_class backend_ended; /* of a worker that has lost its own */

/* Which one an engine uses, and why in a sentence. */
struct backend_choice {
    sn_engine_backend wanted;          /* by the program */
    const struct backend_class *class; /* NULL: what was asked for does not work here */
    const char *reason;
};

/* What is to be tried first. */
struct backend_choice backend_choose(sn_engine_backend wanted);

/* The same for a back-end that was made: opens it and sees whether it works, or takes another one's
 * place with epoll. On the thread that is to use it. -errno: there is none, and *inout_backend is
 * NULL. */
int32_t backend_settle(struct backend_choice *choice, uint32_t queue_size,
                       struct backend_host *host, struct backend **inout_backend);

/* What the environment asks for with `wanted`, if that is not understood; else NULL. */
const char *backend_mistake(sn_engine_backend wanted);

#endif
