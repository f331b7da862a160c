/* On the system's own resolver; what a stuck one does is in query_fault.c. */
#include "support/hosts.h"
#include "support/test.h"

#include <sched.h>

#include "base/base.h"
#include "dns/dns.h"

static void note(struct dns_query *query, void *context)
{
    (void)query;
    atomic_add_acq_rel((unsigned *)context, 1);
}

static struct dns_query *answered(const struct dns_request *request)
{
    struct dns_query *query = NULL;
    unsigned tally = 0;
    assert_ok(dns_query_start(request, note, &tally, &query));
    while (!atomic_load_acquire(&tally))
        sched_yield();
    return query;
}

TEST(a_query_finds_the_addresses_of_localhost)
{
    NEED_LOCALHOST();
    struct dns_query *query =
        answered(&(struct dns_request){.kind = DNS_ADDRESSES, .host = "localhost", .host_size = 9});
    const struct dns_answer *answer = dns_query_answer(query);
    assert_ok(answer->error);
    assert_true(answer->entry->addresses.count >= 1);
    assert_null(answer->entry->host_name);
    dns_query_release(query);
}

TEST(a_query_finds_an_entry)
{
    NEED_LOCALHOST();
    struct dns_query *query =
        answered(&(struct dns_request){.kind = DNS_ENTRY, .host = "localhost", .host_size = 9});
    assert_ok(dns_query_answer(query)->error);
    assert_string_equal("localhost", dns_query_answer(query)->entry->host_name);
    dns_query_release(query);
}

TEST(a_query_reports_an_error)
{
    struct dns_query *query = answered(&(struct dns_request){
        .kind = DNS_ENTRY, .family = SN_FAMILY_UNIX, .host = "localhost", .host_size = 9});
    assert_error(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED, dns_query_answer(query)->error);
    assert_null(dns_query_answer(query)->entry);
    assert_null(dns_query_take_entry(query));
    dns_query_release(query);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_finds_the_addresses_of_localhost),
        cmocka_unit_test(a_query_finds_an_entry),
        cmocka_unit_test(a_query_reports_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
