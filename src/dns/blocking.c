/*
 * Lookups that the calling thread waits for.
 *
 * It makes them itself, unless it is in a scope (descriptor/scope.h), or a flow. The system's
 * resolver cannot be ended, so there the lookup is a query of the pool's, which can be left at any
 * time, and the thread sleeps as it does in a socket.
 */
#include "dns/lookup.h"

#include <errno.h>
#include <poll.h>

#include "descriptor/descriptor.h"
#include "error/error.h"

/* On the stack of the thread that waits. */
struct waiting {
    int32_t wake_handle; /* borrowed from that thread */
    uint32_t is_coming;  /* atomic: the answer is there, and so is the signal, or will be */
    uint32_t is_there;   /* atomic, futex: nothing else of this is touched any more */
};

/* On a thread of the pool. */
static void answered(struct dns_query *query, void *context)
{
    struct waiting *waiting = context;
    (void)query;
    atomic_store_release(&waiting->is_coming, 1u);
    sys_wake_signal(waiting->wake_handle);
    atomic_store_release(&waiting->is_there, 1u);
    word_wake_all(&waiting->is_there); /* by its address alone */
}

/* What has ended the sleep without an answer: an enum outcome or -errno; 0: there is one. */
static int32_t sleep_until_answer(struct waiting *waiting)
{
    struct sys_poll wake = {.handle = waiting->wake_handle, .events = POLLIN};
    while (!atomic_load_acquire(&waiting->is_coming)) {
        int32_t ready = waiter_poll(&wake, 1, SYS_NEVER);
        if (ready == -EINTR && interrupt_ends_wait())
            return OUTCOME_INTERRUPTED;
        if (ready < 0 && ready != -EINTR)
            return ready;
        if (ready > 0)
            sys_wake_drain(waiting->wake_handle);
    }
    return 0;
}

/* The callback runs, or has run: it has the last word on `waiting`. */
static void await_end(struct waiting *waiting)
{
    while (!atomic_load_acquire(&waiting->is_there))
        (void)word_sleep(&waiting->is_there, 0, SYS_NEVER);
    sys_wake_drain(waiting->wake_handle);
}

static sn_error ended(int32_t reason)
{
    int32_t native = reason == OUTCOME_INTERRUPTED ? EINTR
                     : reason > OUTCOME_TIMED_OUT  ? -reason
                                                   : 0;
    error_set_last_native(native);
    if (reason == OUTCOME_INTERRUPTED)
        return SN_ERROR_INTERRUPTED;
    return native ? sn_error_from_native(native) : scope_error(reason);
}

static sn_error take_answer(struct dns_query *query, sn_dns_entry **out_entry)
{
    const struct dns_answer *answer = dns_query_answer(query);
    if (answer->error)
        error_set_last_native(answer->native_error);
    else
        *out_entry = dns_query_take_entry(query);
    return answer->error;
}

static sn_error run_in_scope(const struct dns_request *request, sn_dns_entry **out_entry)
{
    struct waiting waiting = {.wake_handle = thread_wake()};
    struct dns_query *query;
    if (waiting.wake_handle < 0)
        return ended(waiting.wake_handle);
    int32_t over = scope_outcome(); /* a lookup waits in any case */
    if (over)
        return ended(over);
    sn_error error = dns_query_start(request, answered, &waiting, &query);
    if (error)
        return error;
    int32_t reason = sleep_until_answer(&waiting);
    if (reason && dns_query_cancel(query)) {
        error = ended(reason);
    } else {
        await_end(&waiting);
        error = take_answer(query, out_entry);
    }
    dns_query_release(query);
    return error;
}

sn_error dns_run_blocking(const struct dns_request *request, sn_dns_entry **out_entry)
{
    struct dns_question question;
    struct dns_answer answer = {.error = dns_question_prepare(request, &question)};
    if (!answer.error && question.way != DNS_KNOWN && (scope_is_open() || flow_current()))
        return run_in_scope(request, out_entry);
    if (!answer.error)
        dns_look_up(&question, &answer);
    if (answer.error)
        error_set_last_native(answer.native_error);
    else
        *out_entry = answer.entry;
    return answer.error;
}
