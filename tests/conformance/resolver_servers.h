/*
 * One or two name servers that do one thing each, and a resolver that asks them.
 */
#ifndef TESTS_CONFORMANCE_RESOLVER_SERVERS_H
#define TESTS_CONFORMANCE_RESOLVER_SERVERS_H

#include "conformance/resolvers.h"

/* An attempt that is meant to pass without an answer. Where one is meant to come, there are
 * attempts enough that a busy machine makes no difference. */
#define LOSING_MS 100
#define MANY      10

static struct name_server servers[2];

static inline sn_resolver *open_servers(size_t count, name_script first, name_script second,
                                        sn_milliseconds attempt_ms, int attempts)
{
    name_server_open(&servers[0], SN_FAMILY_IPV4, first);
    if (count > 1)
        name_server_open(&servers[1], SN_FAMILY_IPV4, second);
    return resolver_of(servers, count, attempt_ms, attempts);
}

static inline void close_servers(sn_resolver *resolver, size_t count)
{
    sn_resolver_release(resolver);
    while (count > 0)
        name_server_close(&servers[--count]);
}

/* Asks for one address, and gives its last number: which server told it. */
static inline int told_by(sn_resolver *resolver)
{
    size_t count;
    sn_dns_result *result = answer_of(resolver, "host.example.org", SN_DNS_TYPE_A);
    const sn_dns_record *records = sn_dns_result_get_records(result, &count);
    int number = count > 0 ? records[count - 1].as.address.bytes[3] : -1;
    assert_int_equal(SN_DNS_RESPONSE_NO_ERROR, sn_dns_result_get_response_code(result));
    sn_dns_result_release(result);
    return number;
}

static inline void send_address(struct name_server *server, const struct name_question *question,
                                const char *address)
{
    struct name_reply reply;
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER);
    name_reply_add_address(&reply, NAME_ANSWER, NULL, 60, address);
    name_server_send(server, &reply);
}

static inline void answer_one(struct name_server *server, const struct name_question *question)
{
    send_address(server, question, "192.0.2.1");
}

static inline void answer_two(struct name_server *server, const struct name_question *question)
{
    send_address(server, question, "192.0.2.2");
}

static inline void stay_silent(struct name_server *server, const struct name_question *question)
{
    (void)server;
    (void)question;
}

static inline void answer_the_third(struct name_server *server,
                                    const struct name_question *question)
{
    if (question->number >= 2)
        answer_one(server, question);
}

static inline void send_code(struct name_server *server, const struct name_question *question,
                             unsigned code)
{
    struct name_reply reply;
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER | code);
    name_server_send(server, &reply);
}

static inline void fail_in_words(struct name_server *server, const struct name_question *question)
{
    send_code(server, question, 2);
}

static inline void refuse_in_words(struct name_server *server, const struct name_question *question)
{
    send_code(server, question, 5);
}

static inline void know_no_such_name(struct name_server *server,
                                     const struct name_question *question)
{
    send_code(server, question, 3);
}

static inline void say_it_is_too_long(struct name_server *server,
                                      const struct name_question *question)
{
    send_code(server, question, NAME_FLAGS_TRUNCATED);
}

#endif
