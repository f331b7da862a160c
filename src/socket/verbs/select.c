/* Select: poll for lists of sockets (contract B.13). */
#include "socket/verbs/poll.h"

#include <errno.h>
#include <poll.h>

#include "base/base.h"
#include "sys/sys.h"

#define LIST_MAX 65536

/* One socket of one list: a waiter in it, so that its close ends the wait. */
struct place {
    sn_socket *socket;
    struct waiter waiter;
};

/* The three lists as one: places[i] belongs to descriptors[i + 1]; the first is the thread's wake.
 */
struct selection {
    sn_socket_list *lists[3];
    size_t count;
    struct place *places;         /* owned */
    struct sys_poll *descriptors; /* owned */
    size_t referenced;            /* how many of the places have a reference to their socket */
    size_t enlisted;
    bool is_out_of_memory;
};

static const sn_select_mode modes[3] = {SN_SELECT_READ, SN_SELECT_WRITE, SN_SELECT_ERROR};

static sn_error check_lists(struct selection *selection)
{
    for (int i = 0; i < 3; i++) {
        sn_socket_list *list = selection->lists[i];
        if (!list)
            continue;
        if (list->count > LIST_MAX)
            return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
        if (list->count > 0 && !list->sockets)
            return SN_ERROR_ARGUMENT_NULL;
        selection->count += list->count;
    }
    return selection->count > 0 ? SN_OK : SN_ERROR_ARGUMENT_NULL;
}

/* Holds every socket open for the wait, and asks for the events of its list. */
static sn_error enter_all(struct selection *selection)
{
    for (int i = 0; i < 3; i++) {
        sn_socket_list *list = selection->lists[i];
        for (size_t k = 0; list && k < list->count; k++) {
            sn_error error = socket_ref(list->sockets[k]);
            if (error)
                return error;
            size_t at = selection->referenced++;
            selection->places[at].socket = list->sockets[k];
            selection->descriptors[at + 1] = (struct sys_poll){
                .handle = socket_handle(list->sockets[k]), .events = poll_asked(modes[i])};
        }
    }
    return SN_OK;
}

/* The reason of a socket that is closed or cancelled already, or 0. */
static int32_t enlist_all(struct selection *selection)
{
    int32_t wake = thread_wake();
    if (wake < 0)
        return wake;
    selection->descriptors[0] = (struct sys_poll){.handle = wake, .events = POLLIN};
    while (selection->enlisted < selection->count) {
        struct place *place = &selection->places[selection->enlisted++];
        struct descriptor *descriptor = &place->socket->descriptor;
        place->waiter.wake_handle = wake;
        int32_t refusal =
            waiter_enlist(descriptor, &place->waiter, atomic_load_acquire(&descriptor->cancels));
        if (refusal)
            return refusal;
    }
    return 0;
}

static int32_t delist_all(struct selection *selection)
{
    int32_t reason = 0;
    for (size_t i = 0; i < selection->enlisted; i++) {
        struct place *place = &selection->places[i];
        int32_t this_reason = waiter_delist(&place->socket->descriptor, &place->waiter);
        reason = reason ? reason : this_reason;
    }
    return reason;
}

/* One entry a descriptor, in `merged`; place_of[handle] is its number there, from 1. */
static size_t merge(const struct sys_poll *entries, size_t count, struct sys_poll *merged,
                    uint32_t *place_of)
{
    size_t merged_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t *place = &place_of[entries[i].handle];
        if (*place == 0) {
            merged[merged_count++] = entries[i];
            *place = (uint32_t)merged_count;
        }
        merged[*place - 1].events |= entries[i].events;
    }
    return merged_count;
}

static int32_t poll_merged(struct selection *selection, struct sys_poll *entries, size_t count,
                           int64_t deadline_ns)
{
    int32_t last = 0, ready = -ENOMEM;
    for (size_t i = 0; i < count; i++)
        last = entries[i].handle > last ? entries[i].handle : last;
    struct sys_poll *merged = memory_array(count, sizeof *merged);
    uint32_t *place_of = memory_array((size_t)last + 1, sizeof *place_of);
    if (merged && place_of) {
        size_t merged_count = merge(entries, count, merged, place_of);
        ready = waiter_poll(merged, merged_count, deadline_ns);
        for (size_t i = 0; i < count; i++)
            entries[i].revents = merged[place_of[entries[i].handle] - 1].revents;
    } else {
        selection->is_out_of_memory = true;
    }
    memory_free(merged);
    memory_free(place_of);
    return ready;
}

/* The kernel takes no more entries than the process may have descriptors. A socket may stand in
 * every list, so that there may be more of them: then all entries of a descriptor become one. So
 * they do where a flow is to wait, whose poll wants each descriptor once. */
static int32_t poll_all(struct selection *selection, struct sys_poll *entries, size_t count,
                        int64_t deadline_ns)
{
    if (deadline_ns != 0 && flow_current())
        return poll_merged(selection, entries, count, deadline_ns);
    int32_t ready = waiter_poll(entries, count, deadline_ns);
    return ready == -EINVAL ? poll_merged(selection, entries, count, deadline_ns) : ready;
}

static int32_t wait_once(struct selection *selection, int64_t deadline_ns)
{
    int32_t ready = poll_all(selection, selection->descriptors + 1, selection->count, 0);
    if (ready == 0 && deadline_ns != 0) {
        int32_t reason = enlist_all(selection);
        if (!reason)
            ready = poll_all(selection, selection->descriptors, selection->count + 1, deadline_ns);
        int32_t later = delist_all(selection);
        if (reason || later)
            return reason ? reason : later;
    }
    return ready < 0 ? ready : ready == 0 ? OUTCOME_TIMED_OUT : OUTCOME_READY;
}

/* OUTCOME_READY, OUTCOME_TIMED_OUT, or why not. */
static int32_t wait_for_any(struct selection *selection, int64_t deadline_ns)
{
    int32_t reason;
    do {
        reason = wait_once(selection, deadline_ns);
        if (unlikely(reason == -EINTR) && interrupt_ends_wait())
            return OUTCOME_INTERRUPTED;
    } while (unlikely(reason == -EINTR));
    return reason;
}

/* Keeps the sockets that are ready, in their order. */
static void keep_ready(struct selection *selection)
{
    const struct sys_poll *descriptor = selection->descriptors + 1;
    for (int i = 0; i < 3; i++) {
        sn_socket_list *list = selection->lists[i];
        size_t kept = 0;
        for (size_t k = 0; list && k < list->count; k++, descriptor++)
            if (descriptor->revents & poll_answers(modes[i]))
                list->sockets[kept++] = list->sockets[k];
        if (list)
            list->count = kept;
    }
}

static sn_error select_sockets(struct selection *selection, int timeout_us)
{
    int64_t deadline_ns;
    sn_error error = check_lists(selection);
    if (error)
        return socket_misuse(error);
    selection->places = memory_array(selection->count, sizeof *selection->places);
    selection->descriptors = memory_array(selection->count + 1, sizeof *selection->descriptors);
    if (!selection->places || !selection->descriptors)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    error = enter_all(selection);
    if (error)
        return error;
    if (!poll_deadline(timeout_us, &deadline_ns))
        return poll_error(-EINVAL);
    int32_t result = wait_for_any(selection, deadline_ns);
    if (selection->is_out_of_memory)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    if (result != OUTCOME_READY && result != OUTCOME_TIMED_OUT)
        return poll_error(result);
    keep_ready(selection);
    return SN_OK;
}

sn_error sn_socket_select(sn_socket_list *read, sn_socket_list *write, sn_socket_list *error,
                          int timeout_us)
{
    struct selection selection = {.lists = {read, write, error}};
    sn_error result = select_sockets(&selection, timeout_us);
    for (size_t i = 0; i < selection.referenced; i++)
        socket_unref(selection.places[i].socket);
    memory_free(selection.places);
    memory_free(selection.descriptors);
    return result;
}
