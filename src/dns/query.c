/**
 * A question that a thread of the pool answers, and from which its owner can walk away.
 *
 * Two parties have a reference: the owner and the pool. One word decides between the answer and the
 * cancel: whoever moves it away from `pending` has it, so there is never a callback and a
 * successful cancel, and never neither.
 */
#include "dns/lookup.h"
#include "dns/threads.h"

#include "error/error.h"

enum query_state {
    QUERY_PENDING,
    QUERY_ANSWERED, /* the callback is called */
    QUERY_CANCELED, /* the answer is dropped */
};

struct dns_query {
    struct pool_task task;
    uint32_t references; /* atomic */
    uint32_t state;      /* atomic: enum query_state */
    void (*completed)(struct dns_query *query, void *context);
    void *context; /* borrowed: handed back to the callback, never read; not after a cancel */
    struct dns_question question; /* written before the pool has the query */
    struct dns_answer answer;     /* the running thread's until the state is `answered` */
};

static bool leave_pending(struct dns_query *query, enum query_state state)
{
    uint32_t expected = QUERY_PENDING;
    return atomic_replace_acq_rel(&query->state, &expected, (uint32_t)state);
}

void dns_query_release(struct dns_query *query)
{
    if (!query || atomic_sub_acq_rel(&query->references, 1) != 1)
        return;
    sn_dns_entry_release(query->answer.entry);
    memory_free(query);
}

/* Gives the pool's reference back. */
static void run(struct pool_task *task)
{
    struct dns_query *query = container_of(task, struct dns_query, task);
    if (atomic_load_acquire(&query->state) == QUERY_PENDING)
        dns_look_up(&query->question, &query->answer);
    if (leave_pending(query, QUERY_ANSWERED))
        query->completed(query, query->context);
    dns_query_release(query);
}

sn_error dns_query_start(const struct dns_request *request,
                         void (*completed)(struct dns_query *query, void *context), void *context,
                         struct dns_query **out_query)
{
    struct dns_question question;
    sn_error error = dns_question_prepare(request, &question);
    if (error) {
        error_set_last_native(0);
        return error;
    }
    struct dns_query *query = memory_zeroed(sizeof *query);
    if (!query) {
        error_set_last_native(sn_error_to_native(SN_ERROR_OUT_OF_MEMORY));
        return SN_ERROR_OUT_OF_MEMORY;
    }
    query->task.run = run;
    list_init(&query->task.link);
    query->references = 2;
    query->completed = completed;
    query->context = context;
    query->question = question;

    *out_query = query; /* before a thread can see the query */
    if (question.way == DNS_KNOWN) {
        run(&query->task);
        return SN_OK;
    }
    int32_t failed = pool_submit(&dns_threads, &query->task);
    if (!failed)
        return SN_OK;

    *out_query = NULL;
    memory_free(query);
    error_set_last_native(-failed);
    return SN_ERROR_OUT_OF_MEMORY; /* as .NET has it for a thread that cannot be started */
}

bool dns_query_cancel(struct dns_query *query)
{
    if (!leave_pending(query, QUERY_CANCELED))
        return false;
    if (pool_withdraw(&dns_threads, &query->task))
        dns_query_release(query); /* the pool's reference: no thread has taken it */
    return true;
}

const struct dns_answer *dns_query_answer(const struct dns_query *query)
{
    assert(atomic_load_acquire(&query->state) == QUERY_ANSWERED);
    return &query->answer;
}

sn_dns_entry *dns_query_take_entry(struct dns_query *query)
{
    assert(atomic_load_acquire(&query->state) == QUERY_ANSWERED);
    sn_dns_entry *entry = query->answer.entry;
    query->answer.entry = NULL;
    return entry;
}
