/* On the system's own resolver; what else one may say is in lookup_fault.c. */
#include "support/hosts.h"
#include "support/test.h"

#include "dns/lookup.h"

static struct dns_answer look_up(struct dns_question question)
{
    struct dns_answer answer;
    dns_look_up(&question, &answer);
    return answer;
}

TEST(a_known_address_is_filtered_by_family)
{
    struct dns_question question = {.way = DNS_KNOWN, .address = SN_IPV6_LOOPBACK};
    struct dns_answer answer = look_up(question);
    assert_ok(answer.error);
    assert_int_equal(1, answer.entry->addresses.count);
    sn_dns_entry_release(answer.entry);
    question.family = SN_FAMILY_IPV4;
    answer = look_up(question);
    assert_ok(answer.error);
    assert_int_equal(0, answer.entry->addresses.count);
    sn_dns_entry_release(answer.entry);
}

TEST(only_who_wants_a_name_gets_one)
{
    NEED_LOCALHOST();
    struct dns_question question = {.way = DNS_FORWARD, .host = "localhost"};
    struct dns_answer answer = look_up(question);
    assert_ok(answer.error);
    assert_int_equal(0, answer.native_error);
    assert_null(answer.entry->host_name);
    sn_dns_entry_release(answer.entry);
    question.wants_name = true;
    answer = look_up(question);
    assert_ok(answer.error);
    assert_string_equal("localhost", answer.entry->host_name);
    sn_dns_entry_release(answer.entry);
}

TEST(a_failure_leaves_no_entry)
{
    struct dns_answer answer = look_up((struct dns_question){
        .way = DNS_FORWARD, .family = SN_FAMILY_UNKNOWN, .host = "localhost"});
    assert_error(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED, answer.error);
    assert_null(answer.entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_address_is_filtered_by_family),
        cmocka_unit_test(only_who_wants_a_name_gets_one),
        cmocka_unit_test(a_failure_leaves_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
