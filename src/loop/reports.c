/* What the back-end has reported is settled: results, and readiness by an attempt. */
#include "backends/backends.h"
#include "loop/inside.h"
#include "sys/sys.h"

COLD static void attempt_slow(struct worker *worker, struct descriptor *descriptor,
                              sn_operation *operation)
{
    int64_t result;
    if (record_of(operation)->marks & MARK_RETRYING)
        return; /* it waits for a time, not for an edge: see retry.h */
    if (readiness_attempt(descriptor, operation, &result))
        worker_settle(worker, descriptor, operation, result);
}

static HOT void attempt_first(struct worker *worker, struct descriptor *descriptor,
                              enum direction direction)
{
    sn_operation *operation = record_of(descriptor->queues[direction].last)->next;
    if (unlikely(!operation_is_fast(operation))) {
        attempt_slow(worker, descriptor, operation);
        return;
    }
    int64_t result = readiness_attempt_fast(descriptor, operation, direction);
    worker_settle_fast(worker, descriptor, operation, result, direction);
}

/* Edges were reported: attempts what waits for them, and settles what is done. */
static HOT void settle_ready(struct worker *worker, struct descriptor *descriptor, uint8_t ready)
{
    descriptor->ready |= ready;
    if (unlikely(ready & READY_ENDED))
        ready |= READY_IN | READY_OUT;
    if (descriptor->submitted & ready & READY_IN)
        attempt_first(worker, descriptor, DIRECTION_IN);
    /* Looked at anew: the other direction's may have gone on. */
    if (descriptor->submitted & ready & READY_OUT)
        attempt_first(worker, descriptor, DIRECTION_OUT);
}

static HOT void settle_result(struct worker *worker, sn_operation *operation, int64_t result)
{
    struct descriptor *descriptor = descriptor_of(operation);
    if (likely(operation_is_fast(operation) && result >= 0))
        worker_settle_fast(worker, descriptor, operation, result,
                           (enum direction)record_of(operation)->direction);
    else
        worker_settle(worker, descriptor, operation, result);
}

/* Nothing is reported meanwhile: what is submitted tells its result by itself. */
void worker_settle_reports(struct worker *worker)
{
    struct backend_host *host = &worker->host;
    const struct report *end = &host->reports[host->count];
    for (const struct report *report = host->reports; report < end; report++) {
        if ((uintptr_t)report->subject & REPORT_READY)
            settle_ready(worker, (void *)((char *)report->subject - REPORT_READY),
                         (uint8_t)report->what);
        else
            settle_result(worker, report->subject, report->what);
    }
    host->count = 0;
    if (unlikely(host->was_woken)) {
        host->was_woken = false;
        sys_wake_drain(host->wake_handle);
    }
}
