#include "engine/watch.h"

#include "descriptor/descriptor.h"
#include "engine/closing.h"
#include "sys/sys.h"

struct watch {
    struct descriptor descriptor; /* first: see of() */
    sn_operation operation;
    void (*tell)(void *context);
    void *context; /* borrowed until watch_leave() */
    int64_t failure;
    bool is_armed;
    bool is_left;
};

static struct watch *of(struct descriptor *descriptor)
{
    return container_of(descriptor, struct watch, descriptor);
}

/* --- Its descriptor --------------------------------------------------------------------------- */

static void closed(struct descriptor *descriptor)
{
    closing_finish(descriptor);
    descriptor_deinit(descriptor);
    memory_free(of(descriptor));
}

static bool finish(struct descriptor *descriptor, sn_operation *operation)
{
    int64_t result = record_of(operation)->native_result;
    of(descriptor)->failure = result < 0 && result != OUTCOME_TIMED_OUT ? result : 0;
    return true;
}

/* Its operation has a callback, so it is never kept, and it waits for nothing but the kernel. */
static const struct descriptor_class watch_class = {
    .request = worker_request,
    .on_closed = closed,
    .on_finish = finish,
};

static void close_it(struct watch *watch)
{
    if (descriptor_begin_close(&watch->descriptor))
        descriptor_unref(&watch->descriptor);
}

/* --- Its operation ---------------------------------------------------------------------------- */

static void completed(sn_operation *operation)
{
    struct watch *watch = operation->context;
    watch->is_armed = false;
    if (watch->is_left)
        close_it(watch);
    else
        watch->tell(watch->context);
}

struct watch *watch_make(struct worker *worker, int32_t handle, void (*tell)(void *context),
                         void *context)
{
    struct watch *watch = memory_zeroed(sizeof *watch);
    if (!watch)
        return NULL;
    descriptor_init(&watch->descriptor, handle, DESCRIPTOR_OWNED | DESCRIPTOR_NOT_SOCKET,
                    &watch_class);
    watch->tell = tell;
    watch->context = context;
    watch->operation.completed = completed;
    watch->operation.context = watch;
    struct worker *bound = worker_bind(worker, &watch->descriptor);
    assert(bound == worker); /* it is new */
    (void)bound;
    return watch;
}

void watch_arm(struct watch *watch, int64_t until_ns)
{
    assert(!watch->is_left);
    if (watch->is_armed)
        return;
    bool is_open = descriptor_ref(&watch->descriptor);
    bool has_begun = operation_begin(&watch->operation, SN_OPERATION_NONE);
    assert(is_open);
    assert(has_begun);
    (void)is_open;
    (void)has_begun;
    struct record *record = record_of(&watch->operation);
    record->action = ACTION_READABLE;
    record->marks = MARK_NOT_SOCKET;
    record->deadline.key = until_ns == SYS_NEVER ? 0 : until_ns;
    watch->is_armed = true;
    operation_start(&watch->descriptor, &watch->operation, DIRECTION_IN);
}

int64_t watch_failure(const struct watch *watch)
{
    return watch->failure;
}

void watch_leave(struct watch *watch)
{
    if (!watch)
        return;
    watch->is_left = true;
    if (watch->is_armed)
        sn_operation_cancel(&watch->operation);
    else
        close_it(watch);
}
