/**
 * A worker: one thread, one back-end, an inbox, deadlines, and a queue of completed
 * operations.
 *
 * Whatever happens to the pending operations of a descriptor happens here, on one thread, so none
 * of it needs a lock. Other threads only push into the inbox. The way of an operation:
 *
 *     worker_start() --inbox--> arrive -> the queue of its direction -> submit -> back-end
 *         -> worker_settle() -> the completed queue -> finish step -> callback
 *
 * Callbacks run from the completed queue only, popped before the call, so the stack stays flat and
 * a callback may start, cancel, close and release anything.
 */
#ifndef LOOP_WORKER_H
#define LOOP_WORKER_H

#include <pthread.h>

#include <sennit/engine.h>

#include "backends/backends.h"
#include "descriptor/descriptor.h"
#include "loop/conclude.h"
#include "loop/limits.h"
#include "operation/operation.h"
#include "telemetry/telemetry.h"

/* What a worker tells its engine, which stands above it. */
struct worker_owner {
    /* A closed descriptor names its worker until its record goes, which may be after the engine was
     * destroyed. So each keeps the memory of its worker's engine. */
    void (*retain)(sn_engine *engine);
    void (*release)(sn_engine *engine);
    /* The kernel has failed the worker for good: -errno. */
    void (*on_failure)(sn_engine *engine, int32_t native);
    /* It goes on, but denies some of the operations of the worker's back-end. */
    void (*on_denial)(sn_engine *engine);
};

/* Beyond that they are submitted at once. */
#define HELD_MAX 64

struct worker {
    sn_engine *engine;                 /* borrowed: the engine outlives its workers */
    const struct worker_owner *owner;  /* static */
    uint32_t forks;                    /* the process that made it */
    const struct backend_class *class; /* these two: on its thread */
    struct backend *backend;           /* NULL until that has opened it */
    struct {
        const struct backend_class *class;
        struct backend *backend; /* owned; its memory from the beginning */
    } made;               /* the same for good, whether or not backend_ended has taken its place */
    struct worker *outer; /* borrowed: in whose callback this one is being driven, or NULL */
    pthread_t thread;
    bool has_thread;

    /* Any thread. */
    void *inbox;   /* atomic: operations and descriptors, the newest first, see inbox.c */
    uint32_t refs; /* atomic: threads and waits that may still push something (see external.h) or
                      wake it; it stays until there are none. WORKER_SHUT: there will be none */
    uint32_t stopping;       /* atomic */
    struct lock lock;        /* guards the list of descriptors; taken once in each one's life */
    struct list descriptors; /* all that belong to it, from descriptor_bind() on */
    sn_operation *cancels;   /* atomic; written under the lock of all cancels, see cancel.c */

    /* The worker's thread. */
    struct limits limits;            /* deadlines of operations */
    struct operation_list completed; /* finish step and callback are still to come */
    struct list externals;           /* operations that wait for what external.h says */
    struct list tasks;               /* see task.h */
    struct metrics_source metrics;   /* what its thread does */
    uint64_t count;                  /* operations completed */
    bool is_calling;                 /* atomic: maybe inside a callback */
    bool is_running; /* atomic: inside worker_turn(), for the check against running it twice */
    bool is_watched; /* its program has asked for a handle, and may sleep in a loop of its own */
    int64_t spin_ns;
    int64_t failing_since_ns; /* no wait has succeeded since then; 0: the last one has */
    bool holds;               /* starts are held until the end of this part of the round */
    uint32_t held_count;
    struct descriptor *held[HELD_MAX]; /* see held.h; their pending operations have references */
    uint8_t sends_when; /* bits of a descriptor's `ready` with which a send is tried at once */
    struct backend_host host; /* what the back-end sees of it, and says */
};

void worker_set_current(struct worker *worker);

/* Whether an operation that this thread starts has arrived at once: it is the worker's, which is
 * not stopping, and no other thread has pushed anything, which would come first. */
static HOT bool worker_takes_starts(struct worker *worker)
{
    return worker == thread_words.at_work && !atomic_load_acquire(&worker->inbox);
}

int32_t worker_init(struct worker *worker, sn_engine *engine, const struct worker_owner *owner,
                    const struct backend_class *class, int spin_us);
/* In a process that was forked from its own: nobody runs it here. */
bool worker_is_foreign(const struct worker *worker);
/* On its thread: makes the back-end. */
int32_t worker_open(struct worker *worker, uint32_t queue_size);
/* The same for the first worker of an engine, which settles what the others use. */
int32_t worker_open_first(struct worker *worker, uint32_t queue_size,
                          struct backend_choice *choice);
/* Once more, on another thread than before, while nothing has been submitted. */
int32_t worker_open_anew(struct worker *worker, uint32_t queue_size);
void worker_deinit(struct worker *worker); /* after worker_stop(); also a half-made one */

/* One round: runs what is ready, sleeps until something is or the deadline has passed, runs that.
 */
void worker_turn(struct worker *worker, int64_t deadline_ns);
/* 0, or why it has ended: the kernel refuses to wait. Everything pending was completed so, and what
 * is started is, too. -errno or OUTCOME_NO_MEMORY. */
static inline int32_t worker_failure(const struct worker *worker)
{
    return atomic_load_acquire(&worker->host.failure);
}
/* Before worker_stop() on another thread than its own, or when it was never opened. */
void worker_abandon(struct worker *worker);
/* On its thread, or after worker_abandon() on any: ends every operation. */
void worker_stop(struct worker *worker);
/* On the thread that destroys the engine, when no worker has a thread any more. Ends what other
 * workers' last callbacks have started here; true if there was anything. */
COLD bool worker_stop_rest(struct worker *worker);
/* After that, when it was idle: nobody gets a reference any more. False: it is not idle. */
bool worker_shut(struct worker *worker);
void worker_open_again(struct worker *worker);
/* Lets go of every descriptor. */
void worker_unbind_all(struct worker *worker);
/* After that: other threads may have asked for something until then, a close say. Nothing of it is
 * left to be done. */
void worker_give_up_requests(struct worker *worker);
/* When it has to run again, for whoever drives it. */
int64_t worker_next_deadline(struct worker *worker);
/* A descriptor that tells its driver when, from now on; -errno. */
int32_t worker_handle(struct worker *worker);
void worker_wake(struct worker *worker);

/* --- References: it does not end before they are given back ----------------------------------- */

#define WORKER_SHUT (UINT32_C(1) << 31)

/* The caller knows that the record is there. False: its engine has been destroyed. */
bool worker_ref(struct worker *worker);
/* The worker is not touched afterwards. */
void worker_unref(struct worker *worker);
/* The worker of the descriptor, with a reference. NULL: there is none, or its engine has been
 * destroyed, or belongs to the process that forked this one. */
struct worker *worker_ref_of(struct descriptor *descriptor);

/* --- For the starting threads ---------------------------------------------------------------- */

/* Hands a prepared operation over. Socket operations: the caller's reference to the
 * descriptor becomes the operation's. */
void worker_start(struct worker *worker, sn_operation *operation);
/* The same for one without a time limit, whatever thread this is: it comes out of the inbox. */
void worker_push(struct worker *worker, sn_operation *operation);
/* The same on the worker's own thread, for an operation that has a callback and neither a time
 * limit nor a cancellation handle, while worker_takes_starts(). */
void worker_start_here(struct worker *worker, struct descriptor *descriptor,
                       sn_operation *operation, enum direction direction);
/* The descriptor belongs to the worker from now on, unless it has another one, or is closing: the
 * one that it belongs to, or NULL. */
struct worker *worker_bind(struct worker *worker, struct descriptor *descriptor);
/* On its thread: ends what is pending in a descriptor that is closing, as far as that can be done
 * at once, and lets go of it when nothing is left. */
void worker_close_here(struct worker *worker, struct descriptor *descriptor);
/* On any other thread, which closes it: lets go of it without asking the worker, if that has
 * nothing to do with it any more. */
bool worker_release_unasked(struct descriptor *descriptor);
/* On the worker's own thread: what was started before and is held leaves before what comes now. On
 * any other it does nothing. */
void worker_let_go(struct descriptor *descriptor);
/* Asks the descriptor's worker for something; see enum descriptor_request. */
void worker_request(struct descriptor *descriptor, uint32_t request);
/* Ends what is at home there; see cancellation.h. The caller hands a reference to the handle over.
 */
void worker_cancel(struct worker *worker, sn_cancellation *cancellation);
/* What an operation without a descriptor waits for has come; see external.h. */
void worker_answer(struct worker *worker, sn_operation *operation);

/* --- For the finish steps -------------------------------------------------------------------- */

/* The operation goes on with another attempt, as if it had just been started. */
void worker_restart(struct worker *worker, sn_operation *operation);
/* For one that goes on without being started again: when its time ends from now on; 0: never. */
void worker_change_deadline(struct worker *worker, sn_operation *operation, int64_t at_ns);

/* --- For the fast way ------------------------------------------------------------------------- */

/* The outcome of the first operation of a direction, which was submitted. */
void worker_settle(struct worker *worker, struct descriptor *descriptor, sn_operation *operation,
                   int64_t result);
/* Neither its limit nor its handle ends it from now on. */
void worker_untie(struct worker *worker, sn_operation *operation);
/* Gives the back-end the first operation of a direction, and the next ones as long as they are done
 * at once. */
void worker_advance(struct worker *worker, struct descriptor *descriptor, enum direction direction);

#endif
