/*
 * Questions to scripted name servers, in the style of calling that the program runs in.
 */
#ifndef TESTS_CONFORMANCE_RESOLVERS_H
#define TESTS_CONFORMANCE_RESOLVERS_H

#include "support/threads.h"
#include "support/descriptors.h"
#include "support/name_server.h"
#include "support/run.h"
#include "support/style.h"

/* Long enough for a machine that is busy: a test fails by its time limit and not by this. */
#define PATIENT_MS 60000

/* A resolver of one to three servers. `attempt_ms`: PATIENT_MS where nothing is to be lost. */
static inline sn_resolver *resolver_of(struct name_server *servers, size_t count,
                                       sn_milliseconds attempt_ms, int attempts)
{
    sn_endpoint endpoints[3];
    for (size_t i = 0; i < count; i++)
        endpoints[i] = servers[i].endpoint;
    const sn_resolver_options options = {.size = sizeof options,
                                         .servers = endpoints,
                                         .server_count = count,
                                         .attempt_timeout_ms = attempt_ms,
                                         .attempts = attempts};
    sn_resolver *resolver;
    assert_ok(sn_resolver_create(&options, &resolver));
    return resolver;
}

struct asking {
    sn_resolver *resolver;
    const char *name;
    sn_dns_type type;
    sn_dns_result *result;
    sn_milliseconds timeout_ms; /* 0: none */
};

static inline void start_asking(void *arguments)
{
    struct call *call = ((void **)arguments)[0];
    struct asking *asking = ((void **)arguments)[1];
    sn_resolver_resolve_async(asking->resolver, asking->name, asking->type, &asking->result,
                              &call->operation);
}

/* An operation without a socket completes on the default engine, whoever drives another one. */
static inline sn_error ask(struct asking *asking)
{
    struct call call;
    asking->result = NULL;
    if (!call_begin(&call, NULL, NULL))
        return sn_resolver_resolve(asking->resolver, asking->name, asking->type,
                                   asking->timeout_ms ? asking->timeout_ms : SN_FOREVER,
                                   &asking->result);
    call.operation.timeout_ms = asking->timeout_ms;
    void *arguments[] = {&call, asking};
    size_t count = 0, expected = 0;
    call_start(&call, start_asking, arguments);
    sn_error error = call_end(&call, &count);
    (void)sn_dns_result_get_records(asking->result, &expected);
    assert_int_equal(expected, count);
    assert_int_equal(SN_OPERATION_RESOLVE, call.operation.kind);
    return error;
}

/* One that is answered. */
static inline sn_dns_result *answer_of(sn_resolver *resolver, const char *name, sn_dns_type type)
{
    struct asking asking = {.resolver = resolver, .name = name, .type = type};
    assert_ok(ask(&asking));
    assert_non_null(asking.result);
    return asking.result;
}

static inline sn_error error_of(sn_resolver *resolver, const char *name, sn_dns_type type)
{
    struct asking asking = {.resolver = resolver, .name = name, .type = type};
    sn_error error = ask(&asking);
    assert_null(asking.result);
    return error;
}

/* A thread whose question was ended closes what it has after the operation has completed. */
static inline void await_descriptors(size_t count)
{
    while (descriptors_count() > count)
        give_way();
}

static inline void assert_address(const char *text, const sn_ip_address *address)
{
    char actual[SN_ENDPOINT_TEXT_SIZE];
    assert_ok(sn_ip_address_format(address, actual, sizeof actual));
    assert_string_equal(text, actual);
}

#endif
