/**
 * Operations that no event will wake: they are tried again after a while. Programs meet it with
 * full queues of Unix sockets (see operation_events()); the kernel makes another, a ring that takes
 * no more submissions for now.
 */
#ifndef BACKENDS_RETRY_H
#define BACKENDS_RETRY_H

#include "operation/operation.h"

struct retry_list {
    sn_operation *first; /* strung by next_retry */
    int64_t at_ns;       /* when to try them all again */
};

void retry_add(struct retry_list *list, sn_operation *operation);
/* True: the operation waits in the list, because an attempt right now would be in vain: an accept
 * after one that found no descriptor free, or no memory. So a loop that goes on accepting does not
 * spin, and it recovers by itself when descriptors return. */
static inline bool retry_instead(struct retry_list *list, struct descriptor *descriptor,
                                 sn_operation *operation)
{
    if (likely(!operation_meets_shortage(operation, descriptor)))
        return false;
    atomic_and_relaxed(&descriptor->marks, ~(uint32_t)DESCRIPTOR_SHORT);
    retry_add(list, operation);
    return true;
}
bool retry_remove(struct retry_list *list, sn_operation *operation);
/* The earlier of the deadline and the next try. */
int64_t retry_deadline(const struct retry_list *list, int64_t deadline_ns);
/* The operations whose time has come, to be submitted anew one after the other; NULL behind the
 * last. */
sn_operation *retry_take(struct retry_list *list);
/* All of them, to be tried again at the time of those there. */
void retry_move(struct retry_list *from, struct retry_list *to);

#endif
