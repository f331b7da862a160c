/* What the back-end has reported is settled: results, and readiness by an attempt. */
#include "backends/backends.h"
#include "loop/fast.h"
#include "loop/inside.h"
#include "sys/sys.h"

COLD static void attempt_slow(struct worker *worker, struct descriptor *descriptor,
                              sn_operation *operation)
{
    int64_t result;
    if (record_of(operation)->marks & MARK_RETRYING)
        return; /* it waits for a time, not for an edge: see retry.h */
    if (record_of(operation)->action == ACTION_EXTERNAL)
        return; /* nor does this one; an operation of the other direction has registered the handle
                 */
    if (readiness_attempt(descriptor, operation, &result))
        worker_settle(worker, descriptor, operation, result);
}

/* Edges were reported: attempts what waits for them, and settles what is done. An end was reported
 * with both directions, see ready_of(). */
static HOT void settle_ready(struct worker *worker, struct descriptor *descriptor, uint8_t ready)
{
    descriptor->ready |= ready;
    if (likely(descriptor->submitted & ready & READY_IN)) {
        sn_operation *operation = queue_first(&descriptor->queues[DIRECTION_IN]);
        if (likely(operation_is_fast(operation)))
            fast_ready(worker, descriptor, operation);
        else
            attempt_slow(worker, descriptor, operation);
    }
    /* Looked at anew: the other direction's may have gone on. */
    if (unlikely(descriptor->submitted & ready & READY_OUT))
        attempt_slow(worker, descriptor, queue_first(&descriptor->queues[DIRECTION_OUT]));
    if (unlikely(descriptor->submitted & ready & READY_ERROR))
        attempt_slow(worker, descriptor, queue_first(&descriptor->queues[DIRECTION_ERROR]));
}

/*
 * With many connections what an edge is for is in the processor's caches no more. It is fetched
 * while those before it are attempted: first the descriptor, and with the next report the receive
 * that waits in it. A ring's results are settled without a system call each, so quickly that this
 * gains nothing there.
 */
static HOT void prefetch_ahead(const struct report *report)
{
    _Static_assert(REPORTS_AHEAD == 2, "the farthest");
    if (report_is_ready(&report[2]))
        prefetch_for_write((uintptr_t)report_descriptor(&report[2]), sizeof(struct descriptor));
    if (report_is_ready(&report[1]))
        prefetch_for_write((uintptr_t)report_descriptor(&report[1])->queues[DIRECTION_IN].last,
                           offsetof(sn_operation, opaque) + offsetof(struct record, next));
}

static HOT void settle_result(struct worker *worker, sn_operation *operation, int64_t result)
{
    struct descriptor *descriptor = descriptor_of(operation);
    if (likely(operation_is_fast(operation)))
        fast_settle(worker, descriptor, operation, result,
                    (enum direction)record_of(operation)->direction);
    else
        worker_settle(worker, descriptor, operation, result);
}

/* Nothing is reported meanwhile: what is submitted tells its result by itself. */
void worker_settle_reports(struct worker *worker)
{
    struct backend_host *host = &worker->host;
    struct report *end = &host->reports[host->count];
    for (int i = 0; i < REPORTS_AHEAD; i++)
        end[i].subject = NULL; /* so who looks ahead need not ask where the end is */
    for (const struct report *report = host->reports; report < end; report++) {
        prefetch_ahead(report);
        if (report_is_ready(report))
            settle_ready(worker, report_descriptor(report), (uint8_t)report->what);
        else
            settle_result(worker, report->subject, report->what);
    }
    host->count = 0;
    if (unlikely(host->was_woken)) {
        host->was_woken = false;
        sys_wake_drain(host->wake_handle);
    }
}
