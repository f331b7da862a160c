/**
 * Operations without a descriptor that wait for something outside the kernel: a thread of another
 * room finds it, and the worker completes the operation. (A socket's operation that waits so is in
 * a queue of its descriptor instead; see descriptor_class.)
 *
 * Such an operation can end in two ways, and both are decided on its worker, so that it completes
 * exactly once:
 *
 *   answered   external_answer() pushes it into the inbox, from whatever thread. What arrives there
 *              completes it.
 *   ended      by its time limit, a cancel or the end of the engine. Then its class is asked to
 *              abandon the wait. "Yes" means that no answer was pushed and none will be: it
 *              completes now. "No" means that one is in the inbox or will be in a moment: nothing
 *              is done, and that answer completes it, with what it would have been without the
 *              cancel.
 *
 * So the class needs one word that goes either to the answer or to the abandonment, and no record
 * has to outlive the operation. Two more orders can happen, and are harmless. The answer may
 * overtake the operation, because the wait begins before the operation is handed over: then the
 * operation completes when it arrives. And it may come while the engine is being destroyed: the
 * worker stays until every answer that was not abandoned has been pushed (`refs`).
 */
#ifndef LOOP_EXTERNAL_H
#define LOOP_EXTERNAL_H

#include <sennit/engine.h>

#include "loop/worker.h"
#include "operation/operation.h"

struct external_class {
    /* On the worker, after the answer: writes the results into the operation and gives back what
     * the wait needed. */
    void (*on_resume)(sn_operation *operation);
    /* On the worker. True: what the wait needed was given back, and external_answer() is not called
     * any more. False: it was called or will be in a moment; it must not wait for anything. */
    bool (*on_abandon)(sn_operation *operation);
};

static inline struct external *external_of(sn_operation *operation)
{
    return &record_of(operation)->room.external;
}

/*
 * Chooses a worker of the engine (NULL: the default one), which exists until the answer. Then the
 * caller sets going what the operation waits for, and calls one of the next two. After an error
 * nothing has happened.
 */
sn_error external_begin(sn_engine *engine, sn_operation *operation,
                        const struct external_class *class);
/* The same for this very worker, which exists while the caller calls. */
void external_begin_on(struct worker *worker, sn_operation *operation,
                       const struct external_class *class);
void external_start(sn_operation *operation);
void external_undo(sn_operation *operation); /* it could not be set going: the caller refuses it */

/* From any thread, once: it has come. Nothing of the operation is touched afterwards. */
void external_answer(sn_operation *operation);

/* On the worker: see external_class. */
static inline bool external_abandon(sn_operation *operation)
{
    if (!external_of(operation)->class->on_abandon(operation))
        return false;
    worker_unref(record_of(operation)->target.worker);
    return true;
}

#endif
