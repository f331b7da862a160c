#include "engine/worker.h"

#include <errno.h>
#include <poll.h>

#include "engine/cancel.h"
#include "engine/external.h"
#include "engine/lane.h"
#include "engine/start.h"
#include "sys/sys.h"

#define DEADLINES_AT_FIRST 256

static _Thread_local struct worker *current;

struct worker *worker_current(void)
{
    return current;
}

void worker_set_current(struct worker *worker)
{
    current = worker;
}

static struct heap_node *deadline_of(sn_operation *operation)
{
    _Static_assert(offsetof(struct sn_operation_private, deadline_index) -
                           offsetof(struct sn_operation_private, deadline_ns) ==
                       offsetof(struct heap_node, index),
                   "the two fields are a node of the heap");
    return (struct heap_node *)(void *)&operation->internal.deadline_ns;
}

static sn_operation *operation_of(struct heap_node *node)
{
    return container_of(node, sn_operation, internal.deadline_ns);
}

static struct descriptor *descriptor_of(const sn_operation *operation)
{
    return operation->internal.owner;
}

/* --- Making and ending -------------------------------------------------------------------------
 */

int32_t worker_init(struct worker *worker, sn_engine *engine, const struct backend_class *class,
                    int spin_us)
{
    *worker = (struct worker){.engine = engine, .class = class, .wake_handle = -1};
    lock_init(&worker->lock);
    list_init(&worker->descriptors);
    list_init(&worker->externals);
    /* With one processor the thread it waits for could not run while it looks on. */
    if (sys_processor_count() > 1)
        worker->spin_ns = spin_us * INT64_C(1000);
    if (!heap_reserve(&worker->deadlines, DEADLINES_AT_FIRST))
        return -ENOMEM;
    worker->wake_handle = sys_wake_open();
    return worker->wake_handle < 0 ? worker->wake_handle : 0;
}

int32_t worker_open(struct worker *worker, uint32_t queue_size)
{
    return worker->class->open(worker, queue_size, &worker->backend);
}

void worker_deinit(struct worker *worker)
{
    if (worker->backend)
        worker->class->close(worker->backend);
    if (worker->wake_handle >= 0)
        (void)sys_close(worker->wake_handle);
    heap_deinit(&worker->deadlines);
    lock_deinit(&worker->lock);
}

/* --- The inbox: a stack of links, the lowest bits of which say what it is that comes
 * -------------- */

enum arrival {
    ARRIVAL_OPERATION,  /* it was started */
    ARRIVAL_DESCRIPTOR, /* it has a request */
    ARRIVAL_ANSWER,     /* of an operation that waits for it */
    ARRIVAL_MASK = 3
};

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

static void push(struct worker *worker, void *tagged, void **link)
{
    void *head = atomic_load_relaxed(&worker->inbox);
    do {
        atomic_store_relaxed(link, head);
    } while (!atomic_replace_ordered(&worker->inbox, &head, tagged));
    /* The exchange is ordered against the worker's own store and look in sleep_for(): one of the
     * two sees the other. */
    if (atomic_load_ordered(&worker->sleeping) && atomic_exchange_ordered(&worker->sleeping, 0u))
        sys_wake_signal(worker->wake_handle);
}

void worker_wake(struct worker *worker)
{
    sys_wake_signal(worker->wake_handle);
}

void worker_woken(struct worker *worker)
{
    sys_wake_drain(worker->wake_handle);
}

static void push_operation(struct worker *worker, sn_operation *operation)
{
    push(worker, operation, &operation->internal.link.next);
}

static void **link_of(void *tagged)
{
    void *record = untag(tagged);
    switch (arrival_of(tagged)) {
    case ARRIVAL_OPERATION: break;
    case ARRIVAL_DESCRIPTOR: return &((struct descriptor *)record)->inbox_next;
    case ARRIVAL_ANSWER: return &external_of(record)->inbox_next;
    case ARRIVAL_MASK: assert(!"a link of no kind");
    }
    return &((sn_operation *)record)->internal.link.next;
}

/* The whole stack at once, turned around: what was pushed first comes first. */
static void *take_inbox(struct worker *worker)
{
    if (!atomic_load_relaxed(&worker->inbox))
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

/* What the back-end knew was the number's old socket. */
static void renew(struct descriptor *descriptor)
{
    descriptor->registered = 0;
    descriptor->ready = 0;
}

void worker_request(struct descriptor *descriptor, uint32_t request)
{
    struct worker *worker = atomic_load_acquire(&descriptor->worker);
    if (!worker)
        return; /* its engine was destroyed, and has ended what was pending */
    if (worker == current && request == REQUEST_RENEWED) {
        renew(descriptor); /* a finish step: the operation goes on with the new number right away */
        return;
    }
    /* Who sets the first bit pushes; the worker clears all bits after it has taken the link. */
    if (atomic_or_acq_rel(&descriptor->requests, request))
        return;
    /* The request is inside by itself, so that the record lives until it is answered. */
    atomic_add_acq_rel(&descriptor->gate, 1u);
    push(worker, tag(descriptor, ARRIVAL_DESCRIPTOR), &descriptor->inbox_next);
}

void worker_answer(struct worker *worker, sn_operation *operation)
{
    push(worker, tag(operation, ARRIVAL_ANSWER), &external_of(operation)->inbox_next);
}

/* --- Completing --------------------------------------------------------------------------------
 */

static void set_deadline(struct worker *worker, sn_operation *operation, int64_t at_ns)
{
    if (heap_reserve(&worker->deadlines, worker->deadlines.count + 1))
        heap_insert(&worker->deadlines, deadline_of(operation), at_ns);
    else
        operation->internal.marks |=
            MARK_TIMED_OUT; /* no memory to count its time: it ends at once */
}

/* How an operation without a descriptor is in the list of those that wait. */
static struct list *wait_link_of(sn_operation *operation)
{
    _Static_assert(sizeof operation->internal.link == sizeof(struct list), "a link");
    return (struct list *)(void *)&operation->internal.link;
}

static bool is_waiting_plain(const sn_operation *operation)
{
    return operation->internal.action == ACTION_EXTERNAL && !descriptor_of(operation);
}

/* Out of its queue, into the completed one. */
static void complete(struct worker *worker, sn_operation *operation, int64_t result)
{
    struct descriptor *descriptor = descriptor_of(operation);
    heap_remove(&worker->deadlines, deadline_of(operation));
    if (is_waiting_plain(operation))
        list_remove(wait_link_of(operation));
    operation->internal.native_result = result;
    operation->internal.action = ACTION_DONE;
    if (descriptor) {
        enum direction direction = (enum direction)operation->internal.direction;
        queue_remove(&descriptor->queues[direction], operation);
    }
    queue_append(&worker->completed, operation);
}

/* What a result means for an operation that was being ended. What has moved is never hidden. */
static int64_t ended_result(struct descriptor *descriptor, const sn_operation *operation,
                            int64_t result)
{
    if (result >= 0)
        return result;
    bool was_ended = result == -ECANCELED || result == -EINTR || result == -EAGAIN;
    if (!was_ended)
        return result;
    if (operation->transferred > 0 &&
        (operation->internal.marks & (MARK_TIMED_OUT | MARK_CANCELED)))
        return 0;
    if (operation->internal.marks & MARK_CANCELED)
        return WAIT_CANCELED;
    if (operation->internal.marks & MARK_TIMED_OUT)
        return WAIT_TIMED_OUT;
    if (operation->internal.marks & MARK_STOPPED)
        return WAIT_STOPPED;
    if (descriptor_is_closing(descriptor)) {
        descriptor_note_aborted(descriptor);
        return WAIT_CLOSED;
    }
    return result;
}

static void release_if_done(struct worker *worker, struct descriptor *descriptor)
{
    if (!descriptor_is_closing(descriptor) || descriptor->queues[DIRECTION_IN].last ||
        descriptor->queues[DIRECTION_OUT].last ||
        (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_RELEASED))
        return;
    worker->class->forget(worker->backend, descriptor);
    lock_acquire(&worker->lock);
    list_remove(&descriptor->worker_link);
    lock_release(&worker->lock);
    atomic_or_acq_rel(&descriptor->marks, (uint32_t)DESCRIPTOR_RELEASED);
    descriptor_leave(descriptor); /* what descriptor_bind() entered */
}

/* --- Submitting --------------------------------------------------------------------------------
 */

static bool must_wait_for_turn(struct descriptor *descriptor, const sn_operation *operation)
{
    if (!(operation->internal.marks & MARK_ALL))
        return false;
    descriptor->is_stalled = !lane_is_free_or_wanted(descriptor);
    return descriptor->is_stalled;
}

/* An accept loop that goes on after such an error would spin; see retry_instead(). */
static bool is_shortage(const sn_operation *operation, int64_t result)
{
    return operation->internal.action == ACTION_ACCEPT &&
           (result == -EMFILE || result == -ENFILE || result == -ENOBUFS || result == -ENOMEM);
}

/* True when the operation has come to its end; false: it needs another attempt. */
static bool settle(struct worker *worker, struct descriptor *descriptor, sn_operation *operation,
                   int64_t result)
{
    bool goes_on = result >= 0 && operation_advance(operation, result);
    bool is_ending = (operation->internal.marks & MARK_ENDING) || descriptor_is_closing(descriptor);
    if (goes_on && !is_ending)
        return false;
    if (goes_on)
        result = -ECANCELED; /* ended with a part sent */
    descriptor->is_short = is_shortage(operation, result);
    complete(worker, operation, ended_result(descriptor, operation, result));
    return true;
}

/* Gives the back-end the first operation of a direction, and the next ones as long as they are done
 * at once. */
static void advance(struct worker *worker, struct descriptor *descriptor, enum direction direction)
{
    uint8_t bit = (uint8_t)(1 << direction);
    sn_operation *operation;
    while (!(descriptor->submitted & bit) &&
           (operation = queue_first(&descriptor->queues[direction])) != NULL) {
        int64_t result = -ECANCELED;
        bool is_ending =
            (operation->internal.marks & MARK_ENDING) || descriptor_is_closing(descriptor);
        if (is_ending && operation->internal.action == ACTION_EXTERNAL)
            descriptor->class->abandon(descriptor, operation);
        if (!is_ending && operation->internal.action == ACTION_EXTERNAL &&
            !descriptor->class->resume(descriptor, operation)) {
            descriptor->submitted |= bit;
            return;
        }
        if (operation->internal.action == ACTION_NONE) {
            complete(worker, operation, operation->internal.native_result);
            continue;
        }
        if (!is_ending) {
            if (must_wait_for_turn(descriptor, operation))
                return;
            descriptor->submitted |= bit;
            if (!worker->class->submit(worker->backend, descriptor, operation, &result))
                return;
            descriptor->submitted &= (uint8_t)~bit;
        }
        if (!settle(worker, descriptor, operation, result) &&
            operation->internal.action == ACTION_SEND_PACKETS) {
            /* A fast reader would keep the worker with one file: the others come first. */
            worker_request(descriptor, REQUEST_RESUME);
            return;
        }
    }
}

void worker_settle(struct worker *worker, struct descriptor *descriptor, sn_operation *operation,
                   int64_t result)
{
    enum direction direction = (enum direction)operation->internal.direction;
    assert(descriptor->submitted & (1 << direction));
    assert(operation == queue_first(&descriptor->queues[direction]));
    descriptor->submitted &= (uint8_t) ~(1 << direction);
    (void)settle(worker, descriptor, operation, result);
    advance(worker, descriptor, direction);
    release_if_done(worker, descriptor);
}

static int64_t ended_plain_result(const sn_operation *operation, uint8_t mark)
{
    if (mark == MARK_TIMED_OUT) /* which is what a delay waits for */
        return operation->internal.action == ACTION_DELAY ? WAIT_READY : WAIT_TIMED_OUT;
    return mark == MARK_CANCELED ? WAIT_CANCELED : WAIT_STOPPED;
}

static void end_plain(struct worker *worker, sn_operation *operation, uint8_t mark)
{
    if (operation->internal.action == ACTION_EXTERNAL && !external_abandon(operation))
        return; /* its answer completes it */
    complete(worker, operation, ended_plain_result(operation, mark));
}

/* Ends an operation for the reason in `mark`; one that the kernel has comes to its end later. */
static void end(struct worker *worker, sn_operation *operation, uint8_t mark)
{
    struct descriptor *descriptor = descriptor_of(operation);
    operation->internal.marks |= mark;
    if (!descriptor) {
        end_plain(worker, operation, mark);
        return;
    }
    enum direction direction = (enum direction)operation->internal.direction;
    uint8_t bit = (uint8_t)(1 << direction);
    bool is_submitted = (descriptor->submitted & bit) != 0 &&
                        operation == queue_first(&descriptor->queues[direction]);
    if (operation->internal.action == ACTION_EXTERNAL)
        descriptor->class->abandon(descriptor, operation);
    else if (is_submitted && !worker->class->cancel(worker->backend, descriptor, operation))
        return;
    if (is_submitted)
        descriptor->submitted &= (uint8_t)~bit;
    complete(worker, operation, ended_result(descriptor, operation, -ECANCELED));
}

/* Ends everything that a descriptor has pending. The first of a direction goes last, so that none
 * of the others is submitted for nothing. */
static void end_all(struct worker *worker, struct descriptor *descriptor, uint8_t mark)
{
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        struct operation_queue *queue = &descriptor->queues[direction];
        while (queue->last && queue->last != queue_first(queue))
            end(worker, queue->last, mark);
        if (queue->last)
            end(worker, queue->last, mark);
    }
}

/* --- Arrivals ----------------------------------------------------------------------------------
 */

/* At once and not with the first operation: an accepted socket may never have one, and must be let go
 * of all the same when the engine is destroyed. */
void worker_adopt(struct worker *worker, struct descriptor *descriptor)
{
    lock_acquire(&worker->lock);
    list_append(&worker->descriptors, &descriptor->worker_link);
    lock_release(&worker->lock);
}

/* An operation without a descriptor: a delay, one that waits for something outside the kernel, or
 * something whose result is known. */
static void arrive_plain(struct worker *worker, sn_operation *operation)
{
    struct sn_operation_private *internal = &operation->internal;
    if (internal->action == ACTION_NONE) {
        complete(worker, operation, internal->native_result);
        return;
    }
    if (is_waiting_plain(operation))
        list_append(&worker->externals, wait_link_of(operation));
    if (internal->deadline_ns && !(internal->marks & MARK_CANCELED))
        set_deadline(worker, operation, internal->deadline_ns);
    if (internal->marks & MARK_ENDING)
        end(worker, operation, internal->marks & MARK_ENDING);
}

/* What an operation without a descriptor waits for has come; maybe before the operation itself. */
static void arrive_answer(struct worker *worker, sn_operation *operation)
{
    assert(is_waiting_plain(operation));
    external_of(operation)->class->resume(operation);
    if (atomic_load_relaxed(&operation->state) & OPERATION_ARRIVED)
        complete(worker, operation, WAIT_READY);
    else
        operation->internal.action = ACTION_NONE; /* its result is known when it arrives */
}

static void arrive_socket(struct worker *worker, sn_operation *operation)
{
    struct descriptor *descriptor = descriptor_of(operation);
    enum direction direction = (enum direction)operation->internal.direction;
    /* What its starting thread has begun already goes before what was started meanwhile. */
    if (operation->internal.marks & MARK_BEGUN)
        queue_prepend(&descriptor->queues[direction], operation);
    else
        queue_append(&descriptor->queues[direction], operation);
    if (operation->internal.action == ACTION_NONE) {
        complete(worker, operation, operation->internal.native_result);
        return;
    }
    if (operation->internal.deadline_ns)
        set_deadline(worker, operation, operation->internal.deadline_ns);
    if (operation->internal.marks & MARK_ENDING)
        end(worker, operation, operation->internal.marks & MARK_ENDING); /* not behind the others */
    else
        advance(worker, descriptor, direction);
}

static void arrive(struct worker *worker, sn_operation *operation)
{
    uint32_t before = atomic_or_acq_rel(&operation->state, (uint32_t)OPERATION_ARRIVED);
    if (before & OPERATION_CANCEL_EARLY)
        operation->internal.marks |= MARK_CANCELED;
    if (atomic_load_acquire(&worker->stopping))
        operation->internal.marks |= MARK_STOPPED;
    if (descriptor_of(operation))
        arrive_socket(worker, operation);
    else
        arrive_plain(worker, operation);
}

static void resume(struct worker *worker, struct descriptor *descriptor)
{
    /* One that waits for something outside the kernel is looked at again. */
    sn_operation *first = queue_first(&descriptor->queues[DIRECTION_OUT]);
    if (first && first->internal.action == ACTION_EXTERNAL)
        descriptor->submitted &= (uint8_t) ~(1 << DIRECTION_OUT);
    advance(worker, descriptor, DIRECTION_OUT);
}

/* Those whose finish step is still to come must not go on in it. */
static void cancel_all(struct worker *worker, struct descriptor *descriptor)
{
    sn_operation *last = worker->completed.last;
    for (sn_operation *operation = last; operation;) {
        if (descriptor_of(operation) == descriptor)
            operation->internal.marks |= MARK_CANCELED;
        operation = operation->internal.link.next;
        if (operation == last)
            break;
    }
    end_all(worker, descriptor, MARK_CANCELED);
}

static void answer_requests(struct worker *worker, struct descriptor *descriptor)
{
    uint32_t requests = atomic_exchange_acq_rel(&descriptor->requests, 0u);
    if (requests & REQUEST_RENEWED)
        renew(descriptor);
    if (requests & REQUEST_CANCEL)
        cancel_all(worker, descriptor);
    if (requests & REQUEST_RESUME)
        resume(worker, descriptor);
    if (requests & REQUEST_CLOSE) {
        end_all(worker, descriptor, MARK_CLOSED);
        release_if_done(worker, descriptor);
    }
    descriptor_leave(descriptor); /* what worker_request() entered */
}

static void drain_inbox(struct worker *worker)
{
    void *tagged = take_inbox(worker);
    while (tagged) {
        void *next = *link_of(tagged);
        switch (arrival_of(tagged)) {
        case ARRIVAL_OPERATION: arrive(worker, tagged); break;
        case ARRIVAL_DESCRIPTOR: answer_requests(worker, untag(tagged)); break;
        case ARRIVAL_ANSWER: arrive_answer(worker, untag(tagged)); break;
        case ARRIVAL_MASK: break;
        }
        tagged = next;
    }
}

static void drain_cancels(struct worker *worker)
{
    sn_operation *operation;
    while (cancels_wait(worker) && (operation = cancels_take(worker)) != NULL) {
        if (operation->internal.action != ACTION_DONE)
            end(worker, operation, MARK_CANCELED);
        else
            operation->internal.marks |= MARK_CANCELED; /* its finish step must not go on */
    }
}

static void fire_deadlines(struct worker *worker)
{
    struct heap_node *node = heap_first(&worker->deadlines);
    if (!node)
        return;
    int64_t now_ns = sys_now();
    while ((node = heap_first(&worker->deadlines)) != NULL && node->key <= now_ns) {
        heap_remove(&worker->deadlines, node);
        end(worker, operation_of(node), MARK_TIMED_OUT);
    }
}

/* --- Starting ----------------------------------------------------------------------------------
 */

void worker_start(struct worker *worker, sn_operation *operation)
{
    if (operation->timeout_ms > 0 && !operation->internal.deadline_ns)
        operation->internal.deadline_ns =
            sys_now() + (operation->timeout_ms < INT64_MAX / 2000000
                             ? operation->timeout_ms * INT64_C(1000000)
                             : INT64_MAX / 2);
    /* From here on a cancel finds it with the worker. */
    atomic_or_acq_rel(&operation->state, (uint32_t)OPERATION_HANDED);
    /* What other threads have pushed before comes first. */
    if (worker == current && !atomic_load_acquire(&worker->inbox))
        arrive(worker, operation);
    else
        push_operation(worker, operation);
}

void worker_restart(struct worker *worker, sn_operation *operation)
{
    operation->internal.native_result = 0;
    arrive(worker, operation);
}

/* --- Callbacks ---------------------------------------------------------------------------------
 */

static void run_completed(struct worker *worker)
{
    /* Only what is there now: what the callbacks add comes in the next round, after a look at the
     * kernel and the inbox, so that nobody is starved. */
    struct operation_queue batch = worker->completed;
    worker->completed.last = NULL;
    sn_operation *operation;
    while ((operation = queue_pop(&batch)) != NULL) {
        struct descriptor *descriptor = descriptor_of(operation);
        worker->count++;
        if (descriptor) {
            enum direction direction = (enum direction)operation->internal.direction;
            if (!descriptor->class->finish(descriptor, operation))
                continue;
            lane_subtract(descriptor, direction);
            release_if_done(worker, descriptor);
        } else {
            operation_finish_plain(operation);
        }
        operation_conclude(operation, descriptor); /* leaves what the start entered */
    }
}

/* --- The loop ----------------------------------------------------------------------------------
 */

static bool has_work(struct worker *worker)
{
    return worker->completed.last || atomic_load_ordered(&worker->inbox) || cancels_wait(worker);
}

int64_t worker_next_deadline(struct worker *worker)
{
    struct heap_node *first = heap_first(&worker->deadlines);
    if (has_work(worker) || worker->class->has_unsent(worker->backend))
        return 0;
    return first ? first->key : SYS_NEVER;
}

/* Looks on for a while before it sleeps: true when something came. */
static bool spin(struct worker *worker, int64_t deadline_ns)
{
    int64_t until_ns = sys_now() + worker->spin_ns;
    if (until_ns > deadline_ns)
        until_ns = deadline_ns;
    worker->batch = 0;
    while (sys_now() < until_ns) {
        if (worker->class->wait(worker->backend, 0) < 0 || worker->batch > 0 || has_work(worker))
            return true;
    }
    return false;
}

static int32_t sleep_until(struct worker *worker, int64_t deadline_ns)
{
    worker->batch = 0;
    if (has_work(worker) || deadline_ns == 0)
        return worker->class->wait(worker->backend, 0);
    struct heap_node *first = heap_first(&worker->deadlines);
    if (first && first->key < deadline_ns)
        deadline_ns = first->key;
    if (worker->spin_ns > 0 && spin(worker, deadline_ns))
        return 0;
    /* Says that it sleeps, then looks once more: pairs with the exchange in push(). */
    atomic_store_ordered(&worker->sleeping, 1u);
    if (has_work(worker))
        deadline_ns = 0;
    int32_t result = worker->class->wait(worker->backend, deadline_ns);
    atomic_store_relaxed(&worker->sleeping, 0u);
    return result;
}

static void run_ready(struct worker *worker)
{
    drain_inbox(worker);
    drain_cancels(worker);
    fire_deadlines(worker);
    run_completed(worker);
}

int32_t worker_turn(struct worker *worker, int64_t deadline_ns)
{
    uint64_t count_before = worker->count;
    run_ready(worker);
    /* Whoever drives it gets the control back when something has run. */
    if (worker->count > count_before && !worker->has_thread)
        deadline_ns = 0;
    int32_t result = sleep_until(worker, deadline_ns);
    run_ready(worker);
    /* A driver that goes to sleep in a loop of its own has to be woken by the next push. */
    if (!worker->has_thread)
        atomic_store_ordered(&worker->sleeping, 1u);
    return result;
}

static bool has_pending(struct worker *worker)
{
    bool found = false;
    lock_acquire(&worker->lock);
    struct list *link = worker->descriptors.next;
    for (; link != &worker->descriptors && !found; link = link->next) {
        struct descriptor *descriptor = container_of(link, struct descriptor, worker_link);
        found = descriptor->queues[DIRECTION_IN].last || descriptor->queues[DIRECTION_OUT].last;
    }
    lock_release(&worker->lock);
    return found;
}

static bool is_idle(struct worker *worker)
{
    if (has_pending(worker) || heap_first(&worker->deadlines))
        return false;
    /* In this order: who lets go has pushed before. */
    return atomic_load_acquire(&worker->guests) == 0 && !has_work(worker);
}

/* Nothing is released and nobody is called meanwhile, so the lists stay as they are. */
static void end_everything(struct worker *worker)
{
    lock_acquire(&worker->lock);
    struct list *link = worker->descriptors.next;
    for (; link != &worker->descriptors; link = link->next)
        end_all(worker, container_of(link, struct descriptor, worker_link), MARK_STOPPED);
    lock_release(&worker->lock);
    for (link = worker->externals.next; link != &worker->externals;) {
        sn_operation *operation = container_of((void *)link, sn_operation, internal.link);
        link = link->next;
        end(worker, operation, MARK_STOPPED);
    }
    struct heap_node *node;
    while ((node = heap_first(&worker->deadlines)) != NULL && !descriptor_of(operation_of(node))) {
        heap_remove(&worker->deadlines, node);
        end(worker, operation_of(node), MARK_STOPPED);
    }
}

static void end_round(struct worker *worker)
{
    run_ready(worker);
    end_everything(worker);
    run_ready(worker);
}

void worker_stop(struct worker *worker)
{
    atomic_store_release(&worker->stopping, 1u);
    for (;;) {
        end_round(worker);
        if (is_idle(worker))
            return;
        (void)sleep_until(worker, has_work(worker) ? 0 : sys_now() + 1000000);
    }
}

/* The back-end may belong to the thread that is gone. It is not needed: while the worker is stopping
 * nothing is submitted. */
bool worker_stop_rest(struct worker *worker)
{
    if (is_idle(worker))
        return false;
    struct worker *outer = current;
    current = worker;
    while (!is_idle(worker)) {
        end_round(worker);
        struct sys_poll wake = {.handle = worker->wake_handle, .events = POLLIN};
        if (!has_work(worker) && atomic_load_acquire(&worker->guests) > 0)
            (void)sys_poll(&wake, 1, sys_now() + 1000000); /* an answer is on its way */
    }
    current = outer;
    return true;
}

static struct descriptor *pop_descriptor(struct worker *worker)
{
    lock_acquire(&worker->lock);
    struct list *link = list_pop(&worker->descriptors);
    lock_release(&worker->lock);
    return link ? container_of(link, struct descriptor, worker_link) : NULL;
}

void worker_unbind_all(struct worker *worker)
{
    struct descriptor *descriptor;
    while ((descriptor = pop_descriptor(worker)) != NULL) {
        if (worker->backend)
            worker->class->forget(worker->backend, descriptor);
        descriptor_unbind(descriptor);
    }
}
