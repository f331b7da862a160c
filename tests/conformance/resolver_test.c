/* What a resolver tells of a name: the records of each type, and what is said where there are none.
 * How it comes to an answer is in resolver_exchange_test.c. */
#include "conformance/resolvers.h"

#include <stdlib.h>

static struct name_server server;
static sn_resolver *resolver;
static struct name_reply reply; /* the server's thread alone */

static int begin_answering(void **state, name_script script)
{
    int failed = case_begin(state);
    name_server_open(&server, SN_FAMILY_IPV4, script);
    resolver = resolver_of(&server, 1, PATIENT_MS, 1);
    return failed;
}

static int end(void **state)
{
    sn_resolver_release(resolver);
    name_server_close(&server);
    return case_end(state);
}

/* --- The zone --------------------------------------------------------------------------------- */

static void add_service(void)
{
    static const unsigned char numbers[] = {0, 10, 0, 60, 0x13, 0xC4};
    static const unsigned char others[] = {0, 20, 0, 0, 0, 80};
    name_reply_add_name(&reply, NAME_ANSWER, NULL, SN_DNS_TYPE_SRV, 90, numbers, sizeof numbers,
                        "one.example.org");
    name_reply_add_name(&reply, NAME_ANSWER, NULL, SN_DNS_TYPE_SRV, 91, others, sizeof others,
                        "two.example.org");
    name_reply_add_address(&reply, NAME_ADDITIONAL, "ONE.example.org", 7, "192.0.2.1");
    name_reply_add_address(&reply, NAME_ADDITIONAL, "unasked.example.org", 7, "192.0.2.66");
    name_reply_add_address(&reply, NAME_ADDITIONAL, "one.example.org", 8, "2001:db8::1");
}

static void add_texts(void)
{
    static const char first[] = "\x03"
                                "a=b"
                                "\x00"
                                "\x04"
                                "\0\xFF\"\\";
    static const char second[] = "\x01z";
    name_reply_add(&reply, NAME_ANSWER, NULL, SN_DNS_TYPE_TXT, 5, first, sizeof first - 1);
    name_reply_add(&reply, NAME_ANSWER, NULL, SN_DNS_TYPE_TXT, 6, second, sizeof second - 1);
}

static void add_records(const struct name_question *question)
{
    static const unsigned char preferences[][2] = {{0, 20}, {0, 10}};
    switch ((sn_dns_type)question->type) {
    case SN_DNS_TYPE_A:
        name_reply_add_address(&reply, NAME_ANSWER, NULL, 300, "192.0.2.1");
        name_reply_add_address(&reply, NAME_ANSWER, NULL, 300, "192.0.2.2");
        break;
    case SN_DNS_TYPE_AAAA:
        name_reply_add_address(&reply, NAME_ANSWER, NULL, 60, "2001:db8::1");
        break;
    case SN_DNS_TYPE_MX:
        for (int i = 0; i < 2; i++)
            name_reply_add_name(&reply, NAME_ANSWER, NULL, SN_DNS_TYPE_MX, 3600, preferences[i], 2,
                                i ? "first.example.org" : "second.example.org");
        break;
    case SN_DNS_TYPE_TXT: add_texts(); break;
    case SN_DNS_TYPE_SRV: add_service(); break;
    case SN_DNS_TYPE_NS:
    case SN_DNS_TYPE_CNAME:
    case SN_DNS_TYPE_PTR:
        name_reply_add_name(&reply, NAME_ANSWER, NULL, question->type, 12, NULL, 0,
                            "Other.example.org");
        break;
    case SN_DNS_TYPE_ADDRESSES: break;
    }
}

static void add_chain(const struct name_question *question)
{
    bool is_ipv4 = question->type == SN_DNS_TYPE_A;
    name_reply_add_address(&reply, NAME_ANSWER, "third.example.org", 99,
                           is_ipv4 ? "192.0.2.3" : "2001:db8::3");
    name_reply_add_address(&reply, NAME_ANSWER, "stranger.example.org", 99,
                           is_ipv4 ? "192.0.2.66" : "2001:db8::66");
    name_reply_add_name(&reply, NAME_ANSWER, NULL, SN_DNS_TYPE_CNAME, 10, NULL, 0,
                        "second.example.org");
    name_reply_add_name(&reply, NAME_ANSWER, "second.example.org", SN_DNS_TYPE_CNAME, 11, NULL, 0,
                        "THIRD.example.org");
}

static bool is_label(const struct name_question *question, const char *label)
{
    size_t size = strlen(label);
    return strncmp(question->name, label, size) == 0 && question->name[size] == '.';
}

/* What stands before the first dot says what is answered; other names have all records. */
static void play_zone(struct name_server *self, const struct name_question *question)
{
    unsigned code = is_label(question, "missing") ? 3 : 0;
    if (is_label(question, "mute"))
        return;
    if (strncmp(question->name, "code", 4) == 0)
        code = (unsigned)atoi(question->name + 4);
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER | code);
    if (is_label(question, "chain"))
        add_chain(question);
    else if (is_label(question, "only4") && question->type != SN_DNS_TYPE_A)
        name_reply_add_soa(&reply, "example.org", 30, 20);
    else if (is_label(question, "nodata") || code == 3)
        name_reply_add_soa(&reply, "example.org", 10, 20);
    else if (is_label(question, "ages"))
        name_reply_add_address(&reply, NAME_ANSWER, NULL, 0xFFFFFFFF, "192.0.2.1");
    else if (is_label(question, "failing6") && question->type == SN_DNS_TYPE_AAAA)
        name_reply_set(&reply, 2, NAME_FLAGS_ANSWER | 2);
    else if (!is_label(question, "silence"))
        add_records(question);
    name_server_send(self, &reply);
}

static int begin(void **state)
{
    return begin_answering(state, play_zone);
}

static const sn_dns_record *records_of(const sn_dns_result *result, size_t expected)
{
    size_t count = 0;
    const sn_dns_record *records = sn_dns_result_get_records(result, &count);
    assert_int_equal(expected, count);
    assert_int_equal(SN_DNS_RESPONSE_NO_ERROR, sn_dns_result_get_response_code(result));
    assert_int_equal(0, sn_dns_result_get_negative_ttl(result));
    return records;
}

/* --- Records ---------------------------------------------------------------------------------- */

TEST(addresses_are_those_of_both_families_each_with_its_time)
{
    sn_dns_result *result = answer_of(resolver, "host.example.org", SN_DNS_TYPE_ADDRESSES);
    const sn_dns_record *records = records_of(result, 3);
    assert_address("192.0.2.1", &records[0].as.address);
    assert_address("192.0.2.2", &records[1].as.address);
    assert_address("2001:db8::1", &records[2].as.address);
    assert_int_equal(SN_DNS_TYPE_A, records[0].type);
    assert_int_equal(300, records[0].ttl_s);
    assert_int_equal(SN_DNS_TYPE_AAAA, records[2].type);
    assert_int_equal(60, records[2].ttl_s);
    assert_string_equal("host.example.org", sn_dns_result_get_canonical_name(result));
    sn_dns_result_release(result);
}

TEST(one_family_is_one_question)
{
    sn_dns_result *result = answer_of(resolver, "host.example.org", SN_DNS_TYPE_AAAA);
    assert_address("2001:db8::1", &records_of(result, 1)->as.address);
    assert_int_equal(1, server.datagrams);
    sn_dns_result_release(result);
}

TEST(mail_exchangers_come_in_the_order_of_the_answer)
{
    sn_dns_result *result = answer_of(resolver, "example.org", SN_DNS_TYPE_MX);
    const sn_dns_record *records = records_of(result, 2);
    assert_string_equal("second.example.org", records[0].as.mx.exchange);
    assert_int_equal(20, records[0].as.mx.preference);
    assert_string_equal("first.example.org", records[1].as.mx.exchange);
    assert_int_equal(10, records[1].as.mx.preference);
    assert_int_equal(3600, records[1].ttl_s);
    sn_dns_result_release(result);
}

TEST(a_service_brings_the_addresses_of_its_own_target)
{
    sn_dns_result *result = answer_of(resolver, "_sip._tcp.example.org", SN_DNS_TYPE_SRV);
    const sn_dns_record *records = records_of(result, 2);
    assert_string_equal("one.example.org", records[0].as.srv.target);
    assert_int_equal(10, records[0].as.srv.priority);
    assert_int_equal(60, records[0].as.srv.weight);
    assert_int_equal(5060, records[0].as.srv.port);
    assert_int_equal(90, records[0].ttl_s);
    assert_int_equal(2, records[0].as.srv.address_count);
    const sn_dns_address *addresses = records[0].as.srv.addresses;
    assert_address("192.0.2.1", &addresses[0].address);
    assert_int_equal(7, addresses[0].ttl_s);
    assert_address("2001:db8::1", &addresses[1].address);
    assert_string_equal("two.example.org", records[1].as.srv.target);
    assert_int_equal(0, records[1].as.srv.address_count);
    assert_null(records[1].as.srv.addresses);
    sn_dns_result_release(result);
}

TEST(a_text_keeps_its_pieces_and_all_their_bytes)
{
    sn_dns_result *result = answer_of(resolver, "example.org", SN_DNS_TYPE_TXT);
    const sn_dns_record *records = records_of(result, 2);
    const sn_dns_text *values = records[0].as.txt.values;
    assert_int_equal(3, records[0].as.txt.value_count);
    assert_string_equal("a=b", values[0].data);
    assert_int_equal(3, values[0].size);
    assert_int_equal(0, values[1].size);
    assert_int_equal(4, values[2].size);
    assert_memory_equal("\0\xFF\"\\\0", values[2].data, 5);
    assert_int_equal(1, records[1].as.txt.value_count);
    assert_string_equal("z", records[1].as.txt.values[0].data);
    sn_dns_result_release(result);
}

TEST(name_servers_aliases_and_names_of_addresses_are_names)
{
    static const sn_dns_type types[] = {SN_DNS_TYPE_NS, SN_DNS_TYPE_CNAME, SN_DNS_TYPE_PTR};
    for (int i = 0; i < 3; i++) {
        sn_dns_result *result = answer_of(resolver, "example.org", types[i]);
        const sn_dns_record *records = records_of(result, 1);
        assert_int_equal(types[i], records[0].type);
        assert_string_equal("Other.example.org", records[0].as.name);
        assert_int_equal(12, records[0].ttl_s);
        sn_dns_result_release(result);
    }
}

TEST(aliases_are_followed_and_a_stranger_in_the_answer_is_not_believed)
{
    sn_dns_result *result = answer_of(resolver, "chain.example.org", SN_DNS_TYPE_ADDRESSES);
    const sn_dns_record *records = records_of(result, 2);
    assert_address("192.0.2.3", &records[0].as.address);
    assert_address("2001:db8::3", &records[1].as.address);
    assert_int_equal(99, records[0].ttl_s);
    assert_string_equal("THIRD.example.org", sn_dns_result_get_canonical_name(result));
    sn_dns_result_release(result);
}

TEST(asked_for_the_alias_each_of_the_chain_is_a_record)
{
    sn_dns_result *result = answer_of(resolver, "chain.example.org", SN_DNS_TYPE_CNAME);
    const sn_dns_record *records = records_of(result, 2);
    assert_string_equal("second.example.org", records[0].as.name);
    assert_string_equal("THIRD.example.org", records[1].as.name);
    sn_dns_result_release(result);
}

TEST(a_time_beyond_31_bits_is_none)
{
    sn_dns_result *result = answer_of(resolver, "ages.example.org", SN_DNS_TYPE_A);
    assert_int_equal(0, records_of(result, 1)->ttl_s);
    sn_dns_result_release(result);
}

/* --- No records ------------------------------------------------------------------------------- */

static void assert_none(const char *name, sn_dns_type type, int code, unsigned negative_ttl_s)
{
    size_t count = 77;
    sn_dns_result *result = answer_of(resolver, name, type);
    assert_null(sn_dns_result_get_records(result, &count));
    assert_int_equal(0, count);
    assert_int_equal(code, sn_dns_result_get_response_code(result));
    assert_int_equal(negative_ttl_s, sn_dns_result_get_negative_ttl(result));
    assert_string_equal(name, sn_dns_result_get_canonical_name(result));
    sn_dns_result_release(result);
}

TEST(what_does_not_exist_is_an_answer_with_the_lower_of_two_times)
{
    assert_none("missing.example.org", SN_DNS_TYPE_MX, SN_DNS_RESPONSE_NX_DOMAIN, 10);
    assert_none("missing.example.org", SN_DNS_TYPE_ADDRESSES, SN_DNS_RESPONSE_NX_DOMAIN, 10);
    assert_none("nodata.example.org", SN_DNS_TYPE_TXT, SN_DNS_RESPONSE_NO_ERROR, 10);
    assert_none("only4.example.org", SN_DNS_TYPE_AAAA, SN_DNS_RESPONSE_NO_ERROR, 20);
    assert_none("silence.example.org", SN_DNS_TYPE_ADDRESSES, SN_DNS_RESPONSE_NO_ERROR, 0);
}

TEST(the_family_that_has_addresses_decides)
{
    static const char *const names[] = {"only4.example.org", "failing6.example.org"};
    for (int i = 0; i < 2; i++) {
        sn_dns_result *result = answer_of(resolver, names[i], SN_DNS_TYPE_ADDRESSES);
        assert_address("192.0.2.1", &records_of(result, 2)->as.address);
        sn_dns_result_release(result);
    }
}

TEST(a_server_that_fails_in_words_is_an_answer_if_no_other_knows_better)
{
    static const int codes[] = {SN_DNS_RESPONSE_FORMAT_ERROR,
                                SN_DNS_RESPONSE_SERVER_FAILURE,
                                SN_DNS_RESPONSE_NOT_IMPLEMENTED,
                                SN_DNS_RESPONSE_REFUSED,
                                9,
                                15};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        char name[32];
        snprintf(name, sizeof name, "code%d.example.org", codes[i]);
        assert_none(name, SN_DNS_TYPE_MX, codes[i], 0);
    }
}

/* --- Questions -------------------------------------------------------------------------------- */

TEST(an_address_is_asked_for_backwards)
{
    static const struct {
        const char *address, *name;
    } rows[] = {
        {"192.0.2.77", "77.2.0.192.in-addr.arpa"},
        {"2001:db8::567:89ab",
         "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
    };
    for (int i = 0; i < 2; i++) {
        sn_ip_address address;
        sn_dns_result *result;
        assert_ok(sn_ip_address_parse(rows[i].address, &address));
        if (style_is_blocking()) {
            assert_ok(sn_resolver_resolve_address(resolver, &address, SN_FOREVER, &result));
        } else {
            sn_operation operation = {0};
            assert_true(sn_resolver_resolve_address_async(resolver, &address, &result, &operation));
            assert_ok(sn_operation_wait(&operation));
        }
        assert_string_equal(rows[i].name, sn_dns_result_get_canonical_name(result));
        assert_string_equal("Other.example.org", records_of(result, 1)->as.name);
        sn_dns_result_release(result);
    }
}

TEST(a_name_may_be_written_with_its_last_dot_and_with_escapes)
{
    static const struct {
        const char *written, *told;
    } rows[] = {
        {"host.example.org.", "host.example.org"},
        {"My\\032printer._ipp.example.org", "My\\032printer._ipp.example.org"},
        {"a\\.b\\\\c.example.org", "a\\.b\\\\c.example.org"},
        {"\\104ost.example.org", "host.example.org"},
        {".", "."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_dns_result *result = answer_of(resolver, rows[i].written, SN_DNS_TYPE_MX);
        assert_string_equal(rows[i].told, sn_dns_result_get_canonical_name(result));
        sn_dns_result_release(result);
    }
}

TEST(what_is_no_name_is_not_asked_for)
{
    char long_label[80], long_name[300];
    memset(long_label, 'a', 64);
    strcpy(long_label + 64, ".org");
    for (size_t i = 0; i < 254; i++)
        long_name[i] = i % 50 == 49 ? '.' : 'a';
    long_name[254] = '\0';
    const char *const names[] = {"",    "..",     "a..b",   ".a",         "a b",      "a\tb",
                                 "a\\", "a\\99b", "a\\256", "\xC3\xA9.e", long_label, long_name};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_error(SN_ERROR_ARGUMENT, error_of(resolver, names[i], SN_DNS_TYPE_MX));
    assert_error(SN_ERROR_ARGUMENT_NULL, error_of(resolver, NULL, SN_DNS_TYPE_MX));
    assert_error(SN_ERROR_ARGUMENT, error_of(resolver, "example.org", (sn_dns_type)6));
    assert_error(SN_ERROR_ARGUMENT, error_of(resolver, "example.org", (sn_dns_type)-1));
    assert_int_equal(0, server.datagrams);
    long_name[253] = '\0';
    sn_dns_result_release(answer_of(resolver, long_name, SN_DNS_TYPE_MX));
}

TEST(a_resolver_may_be_given_back_before_its_answer)
{
    if (style_is_blocking())
        SKIP("about operations that are under way");
    sn_resolver *other = resolver_of(&server, 1, PATIENT_MS, 1);
    sn_operation operation = {0};
    sn_dns_result *result = NULL;
    sn_resolver_resolve_async(other, "example.org", SN_DNS_TYPE_MX, &result, &operation);
    sn_resolver_release(other);
    assert_ok(sn_operation_wait(&operation));
    (void)records_of(result, 2);
    sn_dns_result_release(result);
}

/* A blocking call alone: its own parameters. */
TEST(parameters_of_the_call_itself_are_checked)
{
    BLOCKING_ONLY("they are the same in all");
    sn_dns_result *result = NULL;
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_resolver_resolve(resolver, "a.e", SN_DNS_TYPE_A, SN_FOREVER, NULL));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_resolver_resolve(resolver, "a.e", SN_DNS_TYPE_A, -2, &result));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_resolver_resolve_address(resolver, NULL, SN_FOREVER, &result));
    assert_error(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED,
                 sn_resolver_resolve_address(resolver, &(sn_ip_address){0}, SN_FOREVER, &result));
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_resolver_resolve(resolver, "mute.e", SN_DNS_TYPE_A, 0, &result));
    assert_null(result);
}

#define ANSWERED(test)                                                                             \
    {                                                                                              \
#test, test, begin, end, NULL                                                              \
    }

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ANSWERED(addresses_are_those_of_both_families_each_with_its_time),
        ANSWERED(one_family_is_one_question),
        ANSWERED(mail_exchangers_come_in_the_order_of_the_answer),
        ANSWERED(a_service_brings_the_addresses_of_its_own_target),
        ANSWERED(a_text_keeps_its_pieces_and_all_their_bytes),
        ANSWERED(name_servers_aliases_and_names_of_addresses_are_names),
        ANSWERED(aliases_are_followed_and_a_stranger_in_the_answer_is_not_believed),
        ANSWERED(asked_for_the_alias_each_of_the_chain_is_a_record),
        ANSWERED(a_time_beyond_31_bits_is_none),
        ANSWERED(what_does_not_exist_is_an_answer_with_the_lower_of_two_times),
        ANSWERED(the_family_that_has_addresses_decides),
        ANSWERED(a_server_that_fails_in_words_is_an_answer_if_no_other_knows_better),
        ANSWERED(an_address_is_asked_for_backwards),
        ANSWERED(a_name_may_be_written_with_its_last_dot_and_with_escapes),
        ANSWERED(what_is_no_name_is_not_asked_for),
        ANSWERED(a_resolver_may_be_given_back_before_its_answer),
        ANSWERED(parameters_of_the_call_itself_are_checked),
    };
    return RUN(cases);
}
