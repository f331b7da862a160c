#include "loop/limits.h"

#include <string.h>

#include "sys/sys.h"

#define CAPACITY_AT_FIRST (256 + LIMIT_QUEUES)

bool limits_init(struct limits *limits)
{
    for (size_t i = 0; i < LIMIT_QUEUES; i++)
        list_init(&limits->queues[i].waiting);
    return heap_reserve(&limits->heap, CAPACITY_AT_FIRST);
}

void limits_deinit(struct limits *limits)
{
    heap_deinit(&limits->heap);
}

/* Room for all queues is always kept, so that theirs cannot fail. */
bool limits_set(struct limits *limits, sn_operation *operation, int64_t at_ns)
{
    if (!heap_reserve(&limits->heap, limits->heap.count + 1 + LIMIT_QUEUES))
        return false;
    heap_insert(&limits->heap, &record_of(operation)->deadline, at_ns);
    return true;
}

/* The queue for this length, or one that nobody is in. NULL: others have them all. */
static struct limit_queue *queue_for(struct limits *limits, sn_milliseconds span_ms)
{
    struct limit_queue *empty = NULL;
    for (size_t i = 0; i < LIMIT_QUEUES; i++) {
        struct limit_queue *queue = &limits->queues[i];
        if (queue->span_ms == span_ms)
            return queue;
        if (!empty && list_is_empty(&queue->waiting))
            empty = queue;
    }
    if (empty)
        empty->span_ms = span_ms;
    return empty;
}

bool limits_set_span(struct limits *limits, sn_operation *operation, sn_milliseconds span_ms,
                     int64_t at_ns)
{
    struct record *record = record_of(operation);
    struct limit_queue *queue = queue_for(limits, span_ms);
    if (!queue)
        return limits_set(limits, operation, at_ns);
    record->deadline = (struct heap_node){.key = at_ns, .place = LIMIT_QUEUED};
    list_append(&queue->waiting, operation_limit_link(operation));
    if (queue->node.place == HEAP_NOWHERE)
        heap_insert(&limits->heap, &queue->node, at_ns);
    return true;
}

static void leave_queue(struct limits *limits, sn_operation *operation)
{
    struct list *link = operation_limit_link(operation);
    /* With one neighbour on both sides, which is the queue itself, it is alone. */
    struct list *neighbour = link->next;
    bool is_alone = neighbour == link->previous;
    list_remove(link);
    memset(link, 0, sizeof *link); /* a result again */
    record_of(operation)->deadline.place = HEAP_NOWHERE;
    if (is_alone)
        heap_remove(&limits->heap,
                    &container_of((void *)neighbour, struct limit_queue, waiting)->node);
}

void limits_remove(struct limits *limits, sn_operation *operation)
{
    struct record *record = record_of(operation);
    if (record->deadline.place == LIMIT_QUEUED)
        leave_queue(limits, operation);
    else
        heap_remove(&limits->heap, &record->deadline);
}

int64_t limits_next(const struct limits *limits)
{
    const struct heap_node *first = heap_first(&limits->heap);
    return first ? first->key : SYS_NEVER;
}

/* NULL: the node is an operation's own. */
static struct limit_queue *queue_of(struct limits *limits, struct heap_node *node)
{
    for (size_t i = 0; i < LIMIT_QUEUES; i++)
        if (node == &limits->queues[i].node)
            return &limits->queues[i];
    return NULL;
}

static sn_operation *first_of(struct limits *limits, struct heap_node *node)
{
    struct limit_queue *queue = queue_of(limits, node);
    return queue ? operation_of_limit_link(list_first(&queue->waiting))
                 : record_operation(container_of((void *)node, struct record, deadline));
}

sn_operation *limits_take(struct limits *limits, int64_t now_ns)
{
    struct heap_node *node;
    while ((node = heap_first(&limits->heap)) != NULL && node->key <= now_ns) {
        sn_operation *operation = first_of(limits, node);
        int64_t key = record_of(operation)->deadline.key;
        if (key <= now_ns) {
            limits_remove(limits, operation);
            return operation;
        }
        heap_remove(&limits->heap, node); /* of one that has gone */
        heap_insert(&limits->heap, node, key);
    }
    return NULL;
}
