/* Answers that are wrong inside, from the server that was asked: each gives a clear error, and
 * another server is asked where there is one. The same reader is fuzzed (tests/fuzz/dns_message.c).
 */
#include "conformance/resolvers.h"

/* What stands behind the question, and how many records of each section it claims to be. */
struct hostile {
    const char *what;
    sn_dns_type type;
    unsigned counts[3];
    const char *bytes;
    size_t size;
};

#define BYTES(text) (text), sizeof(text) - 1
#define OWNER       "\xC0\x0C" /* the name in the question */
#define FIXED(type) OWNER "\0" type "\0\1\0\0\0\x3C"
/* The name of the question has 17 bytes, so records begin at 33. */
#define HERE "\xC0\x21"

static const struct hostile rows[] = {
    {"more answers than there are", SN_DNS_TYPE_A, {2}, BYTES(FIXED("\1") "\0\4\1\1\1\1")},
    {"65535 answers", SN_DNS_TYPE_A, {0xFFFF}, BYTES(FIXED("\1") "\0\4\1\1\1\1")},
    {"more authorities than there are", SN_DNS_TYPE_A, {1, 1}, BYTES(FIXED("\1") "\0\4\1\1\1\1")},
    {"more additions than there are", SN_DNS_TYPE_A, {1, 0, 1}, BYTES(FIXED("\1") "\0\4\1\1\1\1")},
    {"no answer at all where one is claimed", SN_DNS_TYPE_A, {1}, BYTES("")},
    {"an owner that points at itself", SN_DNS_TYPE_A, {1}, BYTES(HERE "\0\1\0\1\0\0\0\0\0\0")},
    {"an owner that points forward", SN_DNS_TYPE_A, {1}, BYTES("\xC0\x2B\0\1\0\1\0\0\0\0\0\0\0")},
    {"an owner that points beyond the end",
     SN_DNS_TYPE_A,
     {1},
     BYTES("\xFF\xFF\0\1\0\1\0\0\0\0\0\0")},
    {"an owner that leads back to its own begin",
     SN_DNS_TYPE_A,
     {1},
     BYTES("\1a" HERE "\0\1\0\1\0\0\0\0\0\0")},
    {"half a pointer", SN_DNS_TYPE_A, {1}, BYTES("\xC0")},
    {"a label of a kind that was given up",
     SN_DNS_TYPE_A,
     {1},
     BYTES("\x41zz\0\0\1\0\1\0\0\0\0\0\0")},
    {"a label beyond the end", SN_DNS_TYPE_A, {1}, BYTES("\x3Fzz")},
    {"a record without its numbers", SN_DNS_TYPE_A, {1}, BYTES(OWNER "\0\1\0\1\0\0\0")},
    {"data beyond the end", SN_DNS_TYPE_A, {1}, BYTES(FIXED("\1") "\0\4\1\1\1")},
    {"data far beyond the end", SN_DNS_TYPE_A, {1}, BYTES(FIXED("\1") "\xFF\xFF\1\1\1\1")},
    {"an IPv4 address of 3 bytes", SN_DNS_TYPE_A, {1}, BYTES(FIXED("\1") "\0\3\1\1\1")},
    {"an IPv4 address of 16 bytes",
     SN_DNS_TYPE_A,
     {1},
     BYTES(FIXED("\1") "\0\x10"
                       "0123456789abcdef")},
    {"an IPv6 address of 4 bytes", SN_DNS_TYPE_AAAA, {1}, BYTES(FIXED("\x1C") "\0\4\1\1\1\1")},
    {"a mail exchanger without a name", SN_DNS_TYPE_MX, {1}, BYTES(FIXED("\x0F") "\0\2\0\1")},
    {"a mail exchanger of one byte", SN_DNS_TYPE_MX, {1}, BYTES(FIXED("\x0F") "\0\1\0")},
    {"a name that goes on behind its data",
     SN_DNS_TYPE_MX,
     {1},
     BYTES(FIXED("\x0F") "\0\5\0\1\3abc\0")},
    {"a name with something behind it", SN_DNS_TYPE_NS, {1}, BYTES(FIXED("\2") "\0\3\0\0\0")},
    {"a name that points at itself", SN_DNS_TYPE_NS, {1}, BYTES(FIXED("\2") "\0\2\xC0\x2D")},
    {"a name server without a name", SN_DNS_TYPE_NS, {1}, BYTES(FIXED("\2") "\0\0")},
    {"a service without a target", SN_DNS_TYPE_SRV, {1}, BYTES(FIXED("\x21") "\0\6\0\1\0\1\0\1")},
    {"half a service", SN_DNS_TYPE_SRV, {1}, BYTES(FIXED("\x21") "\0\3\0\1\0")},
    {"a text longer than its data", SN_DNS_TYPE_TXT, {1}, BYTES(FIXED("\x10") "\0\3\5ab")},
    {"a text without a string", SN_DNS_TYPE_TXT, {1}, BYTES(FIXED("\x10") "\0\0")},
    {"an alias that is no name", SN_DNS_TYPE_A, {1}, BYTES(FIXED("\5") "\0\2\5a")},
};

static void send_hostile(struct name_server *server, const struct name_question *question)
{
    const struct hostile *row = server->context;
    struct name_reply reply;
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER);
    for (unsigned i = 0; i < 3; i++)
        name_reply_set(&reply, 6 + 2 * i, row->counts[i]);
    name_reply_append(&reply, row->bytes, row->size);
    name_server_send(server, &reply);
}

static void answer_well(struct name_server *server, const struct name_question *question)
{
    struct name_reply reply;
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER | 3);
    name_server_send(server, &reply);
}

TEST(a_hostile_answer_is_no_recovery_and_another_server_is_asked)
{
    struct name_server servers[2];
    name_server_open(&servers[0], SN_FAMILY_IPV4, send_hostile);
    name_server_open(&servers[1], SN_FAMILY_IPV4, answer_well);
    sn_resolver *alone = resolver_of(servers, 1, PATIENT_MS, 3);
    sn_resolver *both = resolver_of(servers, 2, PATIENT_MS, 3);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        servers[0].context = (void *)(uintptr_t)&rows[i];
        struct asking asking = {.resolver = alone, .name = "www.example.org", .type = rows[i].type};
        sn_error error = ask(&asking);
        if (error != SN_ERROR_NO_RECOVERY)
            fail_msg("%s: %s", rows[i].what, sn_error_name(error));
        sn_dns_result *result = answer_of(both, "www.example.org", rows[i].type);
        assert_int_equal(SN_DNS_RESPONSE_NX_DOMAIN, sn_dns_result_get_response_code(result));
        sn_dns_result_release(result);
    }
    /* Twice each: one that has said nonsense is not asked again. */
    assert_int_equal(2 * sizeof rows / sizeof rows[0], servers[0].datagrams);
    sn_resolver_release(alone);
    sn_resolver_release(both);
    name_server_close(&servers[0]);
    name_server_close(&servers[1]);
}

/* --- Right, and strange ----------------------------------------------------------------------- */

static struct name_reply reply;

static void send_reply(struct name_server *server, const struct name_question *question)
{
    struct name_reply own = reply;
    name_reply_set(&own, 0, question->id);
    name_server_send(server, &own);
}

static void send_circle(struct name_server *server, const struct name_question *question)
{
    struct name_reply own;
    name_reply_begin(&own, question, NAME_FLAGS_ANSWER);
    name_reply_add_name(&own, NAME_ANSWER, NULL, SN_DNS_TYPE_CNAME, 1, NULL, 0, "b.example.org");
    name_reply_add_name(&own, NAME_ANSWER, "b.example.org", SN_DNS_TYPE_CNAME, 1, NULL, 0,
                        "www.example.org");
    name_server_send(server, &own);
}

TEST(aliases_in_a_circle_lead_nowhere)
{
    struct name_server server;
    size_t count;
    name_server_open(&server, SN_FAMILY_IPV4, send_circle);
    sn_resolver *resolver = resolver_of(&server, 1, PATIENT_MS, 1);
    sn_dns_result *result = answer_of(resolver, "www.example.org", SN_DNS_TYPE_ADDRESSES);
    assert_null(sn_dns_result_get_records(result, &count));
    sn_dns_result_release(result);
    result = answer_of(resolver, "www.example.org", SN_DNS_TYPE_CNAME);
    assert_non_null(sn_dns_result_get_records(result, &count));
    assert_int_equal(2, count);
    sn_dns_result_release(result);
    sn_resolver_release(resolver);
    name_server_close(&server);
}

/* As many name servers as a message holds, each with the longest name there is. */
static void send_largest(struct name_server *server, const struct name_question *question)
{
    static const unsigned char pointer[] = {0xC0, 0};
    unsigned char name[255];
    if (!question->by_stream) {
        name_reply_begin(&reply, question, NAME_FLAGS_TRUNCATED);
        send_reply(server, question);
        return;
    }
    memset(name, 1, sizeof name); /* labels of one byte, none of which can be printed */
    name[254] = 0;
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER);
    size_t at = reply.size + 12;
    name_reply_add(&reply, NAME_ANSWER, NULL, SN_DNS_TYPE_NS, 1, name, sizeof name);
    while (reply.size + 14 <= 65535) {
        name_reply_add(&reply, NAME_ANSWER, NULL, SN_DNS_TYPE_NS, 1, pointer, sizeof pointer);
        name_reply_set(&reply, reply.size - 2, (unsigned)(0xC000 | at));
    }
    send_reply(server, question);
}

TEST(the_largest_message_is_read_to_its_end)
{
    struct name_server server;
    size_t count;
    name_server_open(&server, SN_FAMILY_IPV4, send_largest);
    sn_resolver *resolver = resolver_of(&server, 1, PATIENT_MS, 1);
    sn_dns_result *result = answer_of(resolver, "www.example.org", SN_DNS_TYPE_NS);
    const sn_dns_record *records = sn_dns_result_get_records(result, &count);
    assert_true(count > 4000);
    assert_int_equal(127 * 5 - 1, strlen(records[count - 1].as.name));
    assert_memory_equal("\\001.\\001.", records[count - 1].as.name, 10);
    sn_dns_result_release(result);
    sn_resolver_release(resolver);
    name_server_close(&server);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_hostile_answer_is_no_recovery_and_another_server_is_asked),
        CASE(aliases_in_a_circle_lead_nowhere),
        CASE(the_largest_message_is_read_to_its_end),
    };
    return RUN(cases);
}
