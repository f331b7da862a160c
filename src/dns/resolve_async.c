/*
 * Questions to name servers behind an operation: a thread of the pool asks, a worker completes.
 *
 * As with lookups (async.c, query.c), one word decides: whoever moves it to its end has the
 * operation, so it completes exactly once, and after a cancel nobody touches the program's memory.
 * Unlike a lookup, the thread can be woken. It announces itself by the same word before it waits,
 * with an event of its own that is there by then; a cancel that finds it announced sets the event.
 * Only threads have an event, so a long queue of questions needs no descriptors.
 */
#include "dns/resolver.h"

#include <errno.h>

#include "dns/dns.h"
#include "dns/handles.h"
#include "dns/threads.h"
#include "engine/engine.h"
#include "error/error.h"

enum resolve_state {
    RESOLVE_WAITING,  /* for a thread */
    RESOLVE_ASKING,   /* a thread has it; the wake event is there */
    RESOLVE_ANSWERED, /* the operation is on its way to the worker */
    RESOLVE_CANCELED,
};

struct resolve_query {
    struct pool_task task;
    uint32_t references;     /* atomic: the operation's, the pool's */
    uint32_t state;          /* atomic: enum resolve_state */
    struct kept_handle wake; /* the thread's until the state is `asking`; closed with the query */
    sn_operation *operation; /* borrowed until the state is an end */
    struct resolve_question question; /* has a reference to its resolver */
    struct resolve_answer answer;     /* the thread's until the state is `answered` */
};

/* The class's own part of the record. */
struct MAY_ALIAS resolving {
    struct resolve_query *query; /* a reference of the operation's */
    sn_dns_result **out_result;  /* lent until completion */
};

static struct resolving *resolving_of(sn_operation *operation)
{
    struct external *external = external_of(operation);
    _Static_assert(sizeof(struct resolving) <= sizeof external->own, "fits");
    return (struct resolving *)(void *)external->own;
}

static bool move(struct resolve_query *query, enum resolve_state from, enum resolve_state to)
{
    uint32_t expected = (uint32_t)from;
    return atomic_replace_acq_rel(&query->state, &expected, (uint32_t)to);
}

static void release(struct resolve_query *query)
{
    if (atomic_sub_acq_rel(&query->references, 1) != 1)
        return;
    kept_close(&query->wake);
    sn_dns_result_release(query->answer.result);
    sn_resolver_release(query->question.resolver);
    memory_free(query);
}

/* --- On a thread of the pool ------------------------------------------------------------------ */

/* True: the answer is there, and nobody has cancelled the question. */
static bool find_answer(struct resolve_query *query)
{
    int32_t failed = kept_wake(&query->wake);
    if (failed) {
        query->answer.error = resolver_error(failed);
        query->answer.native_error = -failed;
        return move(query, RESOLVE_WAITING, RESOLVE_ANSWERED);
    }
    if (!move(query, RESOLVE_WAITING, RESOLVE_ASKING))
        return false;
    const struct resolve_limits limits = {.wake = query->wake.number, .deadline_ns = SYS_NEVER};
    resolve(&query->question, &limits, &query->answer);
    return move(query, RESOLVE_ASKING, RESOLVE_ANSWERED);
}

/* Gives the pool's reference back. */
static void run(struct pool_task *task)
{
    struct resolve_query *query = container_of(task, struct resolve_query, task);
    if (find_answer(query))
        external_answer(query->operation);
    release(query);
}

/* --- On the worker ---------------------------------------------------------------------------- */

static void resume(sn_operation *operation)
{
    struct resolving *resolving = resolving_of(operation);
    struct resolve_answer *answer = &resolving->query->answer;
    operation->error = answer->error;
    operation->native_error = answer->native_error;
    if (answer->result) {
        size_t count;
        (void)sn_dns_result_get_records(answer->result, &count);
        operation->transferred = count;
        *resolving->out_result = answer->result;
        answer->result = NULL;
    }
    release(resolving->query);
}

static bool cancel(struct resolve_query *query)
{
    if (move(query, RESOLVE_WAITING, RESOLVE_CANCELED)) {
        if (pool_withdraw(&dns_threads, &query->task))
            release(query); /* the pool's reference: no thread has taken it */
        return true;
    }
    if (!move(query, RESOLVE_ASKING, RESOLVE_CANCELED))
        return false;
    sys_wake_signal(query->wake.number);
    return true;
}

static bool abandon(sn_operation *operation)
{
    struct resolve_query *query = resolving_of(operation)->query;
    if (!cancel(query))
        return false;
    release(query);
    return true;
}

static const struct external_class resolving_class = {.on_resume = resume, .on_abandon = abandon};

/* --- Starting --------------------------------------------------------------------------------- */

static struct resolve_query *make_query(const struct resolve_question *question,
                                        sn_operation *operation)
{
    struct resolve_query *query = memory_zeroed(sizeof *query);
    if (!query)
        return NULL;
    query->task.run = run;
    list_init(&query->task.link);
    query->references = 2;
    query->wake.number = -1;
    query->operation = operation;
    query->question = *question;
    resolver_retain(question->resolver);
    return query;
}

/* The operation has entered a worker, which exists until the question is answered or cancelled. */
static sn_error begin(const struct resolve_question *question, sn_dns_result **out_result,
                      sn_operation *operation)
{
    struct resolve_query *query = make_query(question, operation);
    *resolving_of(operation) = (struct resolving){.query = query, .out_result = out_result};
    int32_t failed = query ? pool_submit(&dns_threads, &query->task) : -ENOMEM;
    if (!failed)
        return SN_OK;
    if (query) {
        query->references = 1;
        release(query);
    }
    external_undo(operation);
    error_set_last_native(-failed);
    return SN_ERROR_OUT_OF_MEMORY; /* as .NET has it for a thread that cannot be started */
}

static void start(sn_error error, const struct resolve_question *question,
                  sn_dns_result **out_result, sn_operation *operation)
{
    error_set_last_native(0);
    if (!error && !out_result)
        error = SN_ERROR_ARGUMENT_NULL;
    if (!error)
        error = external_begin(NULL, operation, &resolving_class);
    if (!error)
        error = begin(question, out_result, operation);
    if (!error) {
        external_start(operation);
        return;
    }
    operation->error = error;
    operation->native_error = sn_error_last_native();
    operation_refuse(NULL, operation);
}

bool sn_resolver_resolve_async(sn_resolver *resolver, const char *name, sn_dns_type type,
                               sn_dns_result **out_result, sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_RESOLVE))
        return false;
    struct resolve_question question;
    start(resolve_prepare(resolver, name, type, &question), &question, out_result, operation);
    return true;
}

bool sn_resolver_resolve_address_async(sn_resolver *resolver, const sn_ip_address *address,
                                       sn_dns_result **out_result, sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_RESOLVE))
        return false;
    struct resolve_question question;
    start(resolve_prepare_address(resolver, address, &question), &question, out_result, operation);
    return true;
}
