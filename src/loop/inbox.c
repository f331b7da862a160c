/* What comes in from other threads: operations, requests for descriptors, answers. */
#include "loop/inside.h"

#include "descriptor/descriptor.h"
#include "loop/cancel.h"
#include "loop/cancellation.h"
#include "loop/external.h"
#include "loop/held.h"
#include "loop/task.h"
#include "sys/sys.h"

/* --- The inbox: a stack of links, the lowest bits of which say what it is that comes --------- */

enum arrival {
    ARRIVAL_OPERATION,    /* it was started */
    ARRIVAL_DESCRIPTOR,   /* it has a request */
    ARRIVAL_ANSWER,       /* of an operation that waits for it */
    ARRIVAL_CANCELLATION, /* it was cancelled, and its home is here */
};

#define ARRIVAL_MASK 3u

/* Instead of an empty inbox, while a push has to wake the worker. No record stands at NULL. */
#define INBOX_ASLEEP ((void *)(uintptr_t)ARRIVAL_MASK)

static void *tag(void *record, enum arrival arrival)
{
    return (char *)record + arrival;
}

static enum arrival arrival_of(const void *tagged)
{
    return (enum arrival)((uintptr_t)tagged & ARRIVAL_MASK);
}

static void *untag(void *tagged)
{
    return (char *)tagged - arrival_of(tagged);
}

/* The worker may run the operation as soon as it is pushed, and what it completes may destroy the
 * engine. So who has to wake it is noted before, and the worker stays until it is done. */
COLD static void push_and_wake(struct worker *worker, void *tagged, void **link)
{
    void *head = INBOX_ASLEEP;
    atomic_add_acq_rel(&worker->refs, 1u); /* also of one that is shut: see worker_request() */
    do {
        atomic_store_relaxed(link, head == INBOX_ASLEEP ? NULL : head);
    } while (!atomic_replace_acq_rel(&worker->inbox, &head, tagged));
    if (head == INBOX_ASLEEP)
        worker_wake(worker);
    atomic_sub_acq_rel(&worker->refs, 1u);
}

/* Touches nothing of the worker after the exchange, for the same reason. */
static void push(struct worker *worker, void *tagged, void **link)
{
    void *head = atomic_load_relaxed(&worker->inbox);
    do {
        if (head == INBOX_ASLEEP) {
            push_and_wake(worker, tagged, link);
            return;
        }
        atomic_store_relaxed(link, head);
    } while (!atomic_replace_acq_rel(&worker->inbox, &head, tagged));
}

bool worker_fall_asleep(struct worker *worker)
{
    void *head = NULL;
    return atomic_replace_acq_rel(&worker->inbox, &head, INBOX_ASLEEP) || head == INBOX_ASLEEP;
}

void worker_wake_up(struct worker *worker)
{
    void *head = INBOX_ASLEEP;
    if (atomic_load_relaxed(&worker->inbox) == head)
        (void)atomic_replace_acq_rel(&worker->inbox, &head, NULL);
}

bool worker_inbox_is_empty(const struct worker *worker)
{
    void *head = atomic_load_acquire(&worker->inbox);
    return !head || head == INBOX_ASLEEP;
}

static void push_operation(struct worker *worker, sn_operation *operation)
{
    push(worker, operation, &record_of(operation)->next);
}

static void **link_of(void *tagged)
{
    void *record = untag(tagged);
    switch (arrival_of(tagged)) {
    case ARRIVAL_OPERATION: break;
    case ARRIVAL_DESCRIPTOR: return &((struct descriptor *)record)->inbox_next;
    case ARRIVAL_ANSWER:
        return task_is(record) ? &task_of(record)->inbox_next : &external_of(record)->inbox_next;
    case ARRIVAL_CANCELLATION: return &((sn_cancellation *)record)->inbox_next;
    }
    return &record_of(record)->next;
}

/* The whole stack at once, turned around: what was pushed first comes first. */
static void *take_inbox(struct worker *worker)
{
    if (worker_inbox_is_empty(worker))
        return NULL;
    void *newest = atomic_exchange_acq_rel(&worker->inbox, NULL);
    void *oldest = NULL;
    while (newest) {
        void **link = link_of(newest);
        void *older = *link;
        *link = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

/* What the back-end knew was the handle's old file, and so is what its operations wait for. */
static void renew(struct worker *worker, struct descriptor *descriptor)
{
    descriptor->ready = READY_UNKNOWN;
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        sn_operation *first = queue_first(&descriptor->queues[direction]);
        bool is_submitted = first && (descriptor->submitted & (1 << direction)) &&
                            record_of(first)->action != ACTION_EXTERNAL;
        if (!is_submitted || !worker->class->take_back(worker->backend, descriptor, first))
            continue;
        descriptor->submitted &= (uint8_t) ~(1 << direction);
        worker_advance(worker, descriptor, (enum direction)direction);
    }
}

void worker_request(struct descriptor *descriptor, uint32_t request)
{
    struct worker *worker = atomic_load_acquire(&descriptor->worker);
    if (worker && worker == worker_current() && request == REQUEST_RENEWED) {
        renew(worker,
              descriptor); /* a finish step: the operation goes on with the new file right away */
        return;
    }
    /* Under the guard, as the end of an engine lets go of it: so either the request is in the inbox
     * before that, or there is no worker any more, which has ended what was pending. */
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    worker = descriptor->worker;
    /* One that has released it for the close has nothing of it that a request could mean, and may
     * be gone with its engine. */
    if (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_RELEASED)
        worker = NULL;
    /* Who sets the first bit pushes; the worker clears all bits after it has taken the link. */
    if (worker && !(atomic_or_acq_rel(&descriptor->marks, request) & REQUEST_ANY)) {
        /* The request has a reference, so that the record lives until it is answered. */
        atomic_add_acq_rel(&descriptor->refs, 1);
        push(worker, tag(descriptor, ARRIVAL_DESCRIPTOR), &descriptor->inbox_next);
    }
    guard_release(GUARD_DESCRIPTOR, descriptor);
}

static uint32_t take_requests(struct descriptor *descriptor)
{
    return atomic_and_acq_rel(&descriptor->marks, ~(uint32_t)REQUEST_ANY) & REQUEST_ANY;
}

void worker_give_up_requests(struct worker *worker)
{
    void *tagged = take_inbox(worker);
    while (tagged) {
        void *next = *link_of(tagged);
        struct descriptor *descriptor = untag(tagged);
        assert(arrival_of(tagged) == ARRIVAL_DESCRIPTOR); /* nothing else is left to come */
        (void)take_requests(descriptor);
        descriptor_unref(descriptor); /* of worker_request() */
        tagged = next;
    }
}

void worker_answer(struct worker *worker, sn_operation *operation)
{
    void *tagged = tag(operation, ARRIVAL_ANSWER);
    push(worker, tagged, link_of(tagged));
}

void worker_cancel(struct worker *worker, sn_cancellation *cancellation)
{
    push(worker, tag(cancellation, ARRIVAL_CANCELLATION), &cancellation->inbox_next);
}

/* --- Arrivals -------------------------------------------------------------------------------- */

/* An operation without a descriptor: a delay, one that waits for something outside the kernel, or
 * something whose result is known. */
static void arrive_detached(struct worker *worker, sn_operation *operation)
{
    struct record *record = record_of(operation);
    if (record->action == ACTION_NONE) {
        /* A post is told that the engine has ended. */
        int64_t result = record->native_result ? record->native_result : worker_failure(worker);
        worker_complete(worker, operation, result);
        return;
    }
    if (task_is(operation)) {
        task_arrive(worker, operation);
        return;
    }
    if (worker_is_waiting(operation))
        list_append(&worker->externals, &record_of(operation)->wait_link);
    if (record->deadline.key && !(record->marks & MARK_CANCELED))
        worker_set_deadline(worker, operation, record->deadline.key);
    if (record->marks & MARK_ENDING)
        worker_end(worker, operation, record->marks & MARK_ENDING);
}

/* What an operation without a descriptor waits for has come; maybe before the operation itself. */
static void arrive_answer(struct worker *worker, sn_operation *operation)
{
    if (task_is(operation)) {
        task_arrive_post(worker, operation);
        return;
    }
    assert(worker_is_waiting(operation));
    external_of(operation)->class->on_resume(operation);
    if (atomic_load_relaxed(&record_of(operation)->state) & OPERATION_ARRIVED)
        worker_complete(worker, operation, OUTCOME_READY);
    else { /* its result is known when it arrives, and stands, whatever its engine comes to */
        record_of(operation)->action = ACTION_NONE;
        record_of(operation)->native_result = OUTCOME_MISUSE;
    }
}

/* What its starting thread has begun, or kept, goes before what was started meanwhile. Nothing of
 * that was submitted: the operation has the lane until now. */
static void arrive_begun(struct descriptor *descriptor, sn_operation *operation)
{
    enum direction direction = (enum direction)record_of(operation)->direction;
    assert(!(descriptor->submitted & (1 << direction)));
    queue_prepend(&descriptor->queues[direction], operation);
    record_of(operation)->marks &= (uint16_t)~MARK_BEGUN;
    lane_taken_over(descriptor, direction);
}

static void arrive_socket(struct worker *worker, sn_operation *operation)
{
    struct descriptor *descriptor = descriptor_of(operation);
    enum direction direction = (enum direction)record_of(operation)->direction;
    if (record_of(operation)->marks & MARK_BEGUN)
        arrive_begun(descriptor, operation);
    else
        queue_append(&descriptor->queues[direction], operation);
    if (record_of(operation)->action == ACTION_NONE) {
        worker_complete(worker, operation, record_of(operation)->native_result);
        return;
    }
    /* It was started before the request that is still to come out of the inbox. */
    if (atomic_load_acquire(&descriptor->marks) & REQUEST_ABORT)
        operation_mark_ending(operation, MARK_STOPPED);
    if (record_of(operation)->deadline.key)
        worker_set_deadline(worker, operation, record_of(operation)->deadline.key);
    if (record_of(operation)->marks & MARK_ENDING)
        worker_end(worker, operation,
                   record_of(operation)->marks & MARK_ENDING); /* not behind the others */
    else if (!held_keep(worker, descriptor, operation, HELD_ARRIVED))
        worker_advance(worker, descriptor, direction);
}

/* Whoever has sent it has left a reference. */
static void arrive_cancellation(struct worker *worker, sn_cancellation *cancellation)
{
    sn_operation *operation;
    held_end(worker); /* what was started before it */
    held_begin(worker);
    cancellation_hold(cancellation);
    cancellation->is_on_its_way = false;
    cancellation_let_go(cancellation);
    while ((operation = cancellation_take_home(cancellation)) != NULL) {
        cancellation_note(operation);
        worker_end(worker, operation, MARK_CANCELED);
    }
    cancellation_drop(cancellation);
}

static void arrive(struct worker *worker, sn_operation *operation)
{
    uint32_t before = atomic_or_acq_rel(&record_of(operation)->state, (uint32_t)OPERATION_ARRIVED);
    if (before & OPERATION_CANCEL_EARLY)
        worker_mark_canceled(operation);
    if (atomic_load_acquire(&worker->stopping) || worker_failure(worker))
        operation_mark_ending(operation, MARK_STOPPED);
    if (descriptor_of(operation))
        arrive_socket(worker, operation);
    else
        arrive_detached(worker, operation);
}

static void resume(struct worker *worker, struct descriptor *descriptor)
{
    /* One that waits for something outside the kernel is looked at again. */
    sn_operation *first = queue_first(&descriptor->queues[DIRECTION_OUT]);
    if (first && record_of(first)->action == ACTION_EXTERNAL)
        descriptor->submitted &= (uint8_t) ~(1 << DIRECTION_OUT);
    worker_advance(worker, descriptor, DIRECTION_OUT);
    worker_advance(worker, descriptor, DIRECTION_IN);
    worker_advance(worker, descriptor, DIRECTION_ERROR);
}

/* Those whose finish step is still to come must not go on in it. */
static void cancel_all(struct worker *worker, struct descriptor *descriptor)
{
    void **link = &worker->completed.first;
    while (link != worker->completed.end) {
        sn_operation *operation = *link;
        if (descriptor_of(operation) == descriptor)
            operation_mark_ending(operation, MARK_CANCELED);
        link = &record_of(operation)->next;
    }
    worker_end_all(worker, descriptor, MARK_CANCELED);
}

/* A cancel takes a round through the kernel or two. */
#define FLUSHES 4

/* What the kernel itself has pending keeps the file open, and its address taken. */
static void flush(struct worker *worker, const struct descriptor *descriptor)
{
    for (int i = 0; descriptor->submitted && worker->class->flush && i < FLUSHES; i++) {
        worker->class->flush(worker->backend);
        worker_settle_reports(worker);
    }
}

void worker_close_here(struct worker *worker, struct descriptor *descriptor)
{
    worker_end_all(worker, descriptor, MARK_CLOSED);
    uint32_t marks = atomic_load_acquire(&descriptor->marks);
    if (marks & (DESCRIPTOR_LISTENING | DESCRIPTOR_MESSAGES))
        flush(worker, descriptor);
    if (marks & DESCRIPTOR_AWAITED) {
        atomic_and_acq_rel(&descriptor->marks, ~(uint32_t)DESCRIPTOR_AWAITED);
        word_wake_all(&descriptor->marks);
    }
    worker_release_if_done(worker, descriptor);
}

static void answer_requests(struct worker *worker, struct descriptor *descriptor)
{
    uint32_t requests = take_requests(descriptor);
    held_submit_of(worker, descriptor); /* what was started before */
    if (requests & REQUEST_ABORT)       /* first: what it ends must not meet the new file */
        worker_end_all(worker, descriptor, MARK_STOPPED);
    if (requests & REQUEST_RENEWED)
        renew(worker, descriptor);
    if (requests & REQUEST_CANCEL)
        cancel_all(worker, descriptor);
    if (requests & REQUEST_RESUME)
        resume(worker, descriptor);
    if (requests & REQUEST_CLOSE)
        worker_close_here(worker, descriptor);
    descriptor_unref(descriptor); /* of worker_request() */
}

void worker_drain_inbox(struct worker *worker)
{
    void *tagged = take_inbox(worker);
    held_begin(worker);
    while (tagged) {
        void *next = *link_of(tagged);
        switch (arrival_of(tagged)) {
        case ARRIVAL_OPERATION: arrive(worker, tagged); break;
        case ARRIVAL_DESCRIPTOR: answer_requests(worker, untag(tagged)); break;
        case ARRIVAL_ANSWER: arrive_answer(worker, untag(tagged)); break;
        case ARRIVAL_CANCELLATION: arrive_cancellation(worker, untag(tagged)); break;
        }
        tagged = next;
    }
    held_end(worker);
}

/* --- Starting -------------------------------------------------------------------------------- */

void worker_start(struct worker *worker, sn_operation *operation)
{
    if (operation->timeout_ms > 0 && !record_of(operation)->deadline.key)
        record_of(operation)->deadline.key = deadline_after(operation->timeout_ms);
    /* From here on a cancel finds it with the worker. */
    atomic_or_acq_rel(&record_of(operation)->state, (uint32_t)OPERATION_HANDED);
    /* What other threads have pushed before comes first. */
    if (worker == worker_current() && !atomic_load_acquire(&worker->inbox))
        arrive(worker, operation);
    else
        push_operation(worker, operation);
}

void worker_push(struct worker *worker, sn_operation *operation)
{
    atomic_or_acq_rel(&record_of(operation)->state, (uint32_t)OPERATION_HANDED);
    push_operation(worker, operation);
}

void worker_restart(struct worker *worker, sn_operation *operation)
{
    record_of(operation)->native_result = 0;
    arrive(worker, operation);
}
