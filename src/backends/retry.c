#include "backends/retry.h"

#include "sys/sys.h"

#define RETRY_NS INT64_C(1000000)

static void set_next(struct record *before, struct retry_list *list, sn_operation *next)
{
    if (before)
        before->next_retry = next;
    else
        list->first = next;
}

void retry_add(struct retry_list *list, sn_operation *operation)
{
    struct record *record = record_of(operation);
    if (!list->first)
        list->at_ns = sys_now() + RETRY_NS;
    record->marks |= MARK_RETRYING;
    record->next_retry = list->first;
    list->first = operation;
}

bool retry_remove(struct retry_list *list, sn_operation *operation)
{
    struct record *record = record_of(operation);
    struct record *before = NULL;
    if (!(record->marks & MARK_RETRYING))
        return false;
    for (sn_operation *other = list->first; other != operation; other = before->next_retry)
        before = record_of(other);
    set_next(before, list, record->next_retry);
    record->native_result = 0; /* it stands in the same place */
    record->marks &= (uint16_t)~MARK_RETRYING;
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
    (void)retry_remove(list, operation);
    return operation;
}

void retry_move(struct retry_list *from, struct retry_list *to)
{
    sn_operation *operation;
    while ((operation = from->first) != NULL) {
        (void)retry_remove(from, operation);
        retry_add(to, operation);
    }
}
