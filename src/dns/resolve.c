/* From server to server, until one says what the name has; and the blocking calls. */
#include "dns/resolver.h"

#include <errno.h>

#include "base/base.h"
#include "descriptor/descriptor.h"
#include "dns/exchange.h"
#include "dns/records.h"
#include "error/error.h"
#include "sys/sys.h"

/* --- One question ----------------------------------------------------------------------------- */

/* What the servers have come to. */
struct round {
    struct records_source *source; /* the answer; its message's bytes are owned */
    bool has_answer;               /* perhaps only of a server that has failed in words */
    int32_t failure;               /* else the last */
    bool has_ended;                /* by a failure that another server would not mend */
    uint32_t settled;              /* a bit for each server that is not asked again */
};

_Static_assert(SN_RESOLVER_SERVER_COUNT_MAX <= 32, "a bit each");

/* Whether nothing that another server may do would help. */
static bool is_final(int32_t result)
{
    switch (result) {
    case EXCHANGE_OUT_OF_TIME:
    case EXCHANGE_CANCELED:
    case EXCHANGE_OVERDUE:
    case EXCHANGE_INTERRUPTED:
    case -ENOMEM:
    case -ENOBUFS:
    case -EMFILE:
    case -ENFILE: return true;
    default: return false;
    }
}

static bool tells_of_name(const struct message *message)
{
    return message->code == SN_DNS_RESPONSE_NO_ERROR || message->code == SN_DNS_RESPONSE_NX_DOMAIN;
}

static void drop(struct message *message)
{
    memory_free((void *)(uintptr_t)message->bytes);
    message->bytes = NULL;
}

/* The first that has failed in words is kept, until one tells of the name. */
static void take(struct round *round, const struct message *message)
{
    bool is_better = !round->has_answer || tells_of_name(message);
    struct message other = is_better ? round->source->message : *message;
    if (is_better)
        round->source->message = *message;
    if (!is_better || round->has_answer)
        drop(&other);
    round->has_answer = true;
}

/* true: there is no need to ask another server. */
static bool ask_server(struct round *round, const struct exchange *way, uint32_t bit)
{
    struct message message;
    int32_t result = exchange_run(way, &message);
    if (!result) {
        const struct records_source source = {round->source->name, round->source->type, message};
        if (records_are_sound(&source)) {
            round->settled |= bit;
            take(round, &message);
            return tells_of_name(&message);
        }
        drop(&message);
        result = EXCHANGE_MALFORMED;
    }
    if (result == EXCHANGE_MALFORMED)
        round->settled |= bit;
    round->failure = result;
    round->has_ended = is_final(result);
    return round->has_ended;
}

static int32_t ask(const sn_resolver *resolver, const struct resolve_limits *limits,
                   struct records_source *source)
{
    struct round round = {.source = source};
    const struct message_question question = {.type = source->type, .name = *source->name};
    struct exchange way = {
        .question = &question, .limits = limits, .timeout_ns = resolver->attempt_timeout_ns};
    bool is_done = false;
    for (int attempt = 0; attempt < resolver->attempts && !is_done; attempt++)
        for (uint32_t i = 0; i < resolver->server_count && !is_done; i++) {
            if (round.settled & 1u << i)
                continue;
            way.server = &resolver->servers[i];
            is_done = ask_server(&round, &way, 1u << i);
        }
    if (round.has_answer && !round.has_ended)
        return 0;
    if (round.has_answer)
        drop(&source->message);
    return round.failure;
}

/* --- All of it -------------------------------------------------------------------------------- */

/* Nothing beside what is in the table has an errno that a program would expect. */
#define FAILURE_TABLE(X)                                                                           \
    X(SILENT, TRY_AGAIN, EAGAIN)                                                                   \
    X(BROKEN_OFF, TRY_AGAIN, EAGAIN)                                                               \
    X(MALFORMED, NO_RECOVERY, 0)                                                                   \
    X(OUT_OF_TIME, TIMED_OUT, ETIMEDOUT)                                                           \
    X(CANCELED, OPERATION_CANCELED, 0)                                                             \
    X(OVERDUE, TIMED_OUT, 0)                                                                       \
    X(INTERRUPTED, INTERRUPTED, EINTR)

static void fail(int32_t native, struct resolve_answer *answer)
{
    switch (native) {
#define X(failure, id, number)                                                                     \
    case EXCHANGE_##failure:                                                                       \
        answer->error = SN_ERROR_##id;                                                             \
        answer->native_error = number;                                                             \
        return;
        FAILURE_TABLE(X)
#undef X
    default: break; /* an errno, not one of our enumerations */
    }
    answer->error = resolver_error(native);
    answer->native_error = -native;
}

/* Each type is a question of its own; a failure of one is that of both, since nobody could tell
 * half of the addresses from all. */
static int32_t ask_all(const struct resolve_question *question, const sn_resolver *resolver,
                       const struct resolve_limits *limits, sn_dns_result **out_result)
{
    static const uint16_t both[] = {SN_DNS_TYPE_A, SN_DNS_TYPE_AAAA};
    const uint16_t single[] = {(uint16_t)question->type};
    bool is_single = question->type != SN_DNS_TYPE_ADDRESSES;
    struct records_source sources[array_count(both)];
    size_t wanted = is_single ? 1 : array_count(both), count = 0;
    int32_t failed = 0;
    while (count < wanted && !failed) {
        sources[count] = (struct records_source){.name = &question->name,
                                                 .type = is_single ? single[count] : both[count]};
        failed = ask(resolver, limits, &sources[count]);
        count += !failed;
    }
    if (!failed) {
        *out_result = records_make_result(sources, count);
        failed = *out_result ? 0 : -ENOMEM;
    }
    while (count > 0)
        drop(&sources[--count].message);
    return failed;
}

void resolve(const struct resolve_question *question, const struct resolve_limits *limits,
             struct resolve_answer *out_answer)
{
    sn_resolver *resolver = question->resolver;
    *out_answer = (struct resolve_answer){.error = SN_OK};
    resolver_retain(resolver);
    if (!resolver)
        out_answer->error = sn_resolver_create(NULL, &resolver);
    if (out_answer->error) {
        out_answer->native_error = sn_error_last_native();
        return;
    }
    int32_t failed = ask_all(question, resolver, limits, &out_answer->result);
    if (failed)
        fail(failed, out_answer);
    sn_resolver_release(resolver);
}

/* --- The calls -------------------------------------------------------------------------------- */

static bool is_type(sn_dns_type type)
{
    switch (type) {
#define X(id, number, name) case SN_DNS_TYPE_##id:
        SN_DNS_TYPE_TABLE(X)
#undef X
        return true;
    }
    return false;
}

sn_error resolve_prepare(sn_resolver *resolver, const char *name, sn_dns_type type,
                         struct resolve_question *out)
{
    out->resolver = resolver;
    out->type = type;
    if (!name)
        return SN_ERROR_ARGUMENT_NULL;
    return wire_name_from_text(name, &out->name) && is_type(type) ? SN_OK : SN_ERROR_ARGUMENT;
}

sn_error resolve_prepare_address(sn_resolver *resolver, const sn_ip_address *address,
                                 struct resolve_question *out)
{
    out->resolver = resolver;
    out->type = SN_DNS_TYPE_PTR;
    if (!address)
        return SN_ERROR_ARGUMENT_NULL;
    return wire_name_from_address(address, &out->name) ? SN_OK
                                                       : SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED;
}

static sn_error run_blocking(sn_error error, const struct resolve_question *question,
                             sn_milliseconds timeout_ms, sn_dns_result **out_result)
{
    if (!error && !out_result)
        error = SN_ERROR_ARGUMENT_NULL;
    if (!error && timeout_ms < SN_FOREVER)
        error = SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    struct resolve_answer answer = {.error = error};
    if (!error) {
        const struct resolve_limits limits = {.wake = -1,
                                              .deadline_ns = deadline_of_wait(timeout_ms)};
        resolve(question, &limits, &answer);
    }
    if (answer.error)
        error_set_last_native(answer.native_error);
    else
        *out_result = answer.result;
    return answer.error;
}

sn_error sn_resolver_resolve(sn_resolver *resolver, const char *name, sn_dns_type type,
                             sn_milliseconds timeout_ms, sn_dns_result **out_result)
{
    struct resolve_question question;
    return run_blocking(resolve_prepare(resolver, name, type, &question), &question, timeout_ms,
                        out_result);
}

sn_error sn_resolver_resolve_address(sn_resolver *resolver, const sn_ip_address *address,
                                     sn_milliseconds timeout_ms, sn_dns_result **out_result)
{
    struct resolve_question question;
    return run_blocking(resolve_prepare_address(resolver, address, &question), &question,
                        timeout_ms, out_result);
}
