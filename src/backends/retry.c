#include "backends/retry.h"

#include "sys/sys.h"

#define RETRY_NS INT64_C(1000000)

/* link.next belongs to the queue of the operation's direction, so this list is strung on the other
 * one. The last one points at itself: an operation that is in no list has NULL there. */
static sn_operation *next_of(const sn_operation *operation)
{
    sn_operation *next = operation->internal.link.previous;
    return next == operation ? NULL : next;
}

static void unlink_first(struct retry_list *list)
{
    sn_operation *operation = list->first;
    list->first = next_of(operation);
    operation->internal.link.previous = NULL;
}

void retry_add(struct retry_list *list, sn_operation *operation)
{
    if (!list->first)
        list->at_ns = sys_now() + RETRY_NS;
    operation->internal.link.previous = list->first ? list->first : operation;
    list->first = operation;
}

bool retry_remove(struct retry_list *list, sn_operation *operation)
{
    if (!operation->internal.link.previous)
        return false;
    if (list->first == operation) {
        unlink_first(list);
        return true;
    }
    sn_operation *before = list->first;
    while (next_of(before) != operation)
        before = next_of(before);
    sn_operation *next = next_of(operation);
    before->internal.link.previous = next ? next : before;
    operation->internal.link.previous = NULL;
    return true;
}

int64_t retry_deadline(const struct retry_list *list, int64_t deadline_ns)
{
    return list->first && list->at_ns < deadline_ns ? list->at_ns : deadline_ns;
}

sn_operation *retry_take(struct retry_list *list)
{
    sn_operation *operation = list->first;
    if (!operation || sys_now() < list->at_ns)
        return NULL;
    unlink_first(list);
    return operation;
}
