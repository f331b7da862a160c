/* Queries in front of a resolver that gets stuck. */
#include "support/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "base/base.h"
#include "dns/dns.h"
#include "dns/threads.h"
#include "scripted_resolver.h"
#include "support/allocations.h"

/* Counts callbacks; allocated, so that a sanitizer sees who touches it too late. */
struct tally {
    unsigned callback_count; /* atomic */
    unsigned error_count;    /* atomic */
    unsigned address_count;  /* atomic */
};

static void count(struct dns_query *query, void *context)
{
    struct tally *tally = context;
    const struct dns_answer *answer = dns_query_answer(query);
    if (answer->error)
        atomic_add_relaxed(&tally->error_count, 1);
    else
        atomic_add_relaxed(&tally->address_count, (unsigned)answer->entry->addresses.count);
    atomic_add_acq_rel(&tally->callback_count, 1);
}

static void wait_for(const struct tally *tally, unsigned callback_count)
{
    while (atomic_load_acquire(&tally->callback_count) != callback_count)
        sched_yield();
}

static struct dns_request request_of(const char *host)
{
    return (struct dns_request){.kind = DNS_ADDRESSES, .host = host, .host_size = strlen(host)};
}

static struct dns_query *start(const char *host, struct tally *tally)
{
    struct dns_request request = request_of(host);
    struct dns_query *query = NULL;
    assert_ok(dns_query_start(&request, count, tally, &query));
    assert_non_null(query);
    return query;
}

static void start_and_forget(const char *host, struct tally *tally)
{
    dns_query_release(start(host, tally));
}

static int set_up(void **state)
{
    (void)state;
    script_reset();
    pool_set_limit(&dns_threads, DNS_THREADS_DEFAULT);
    return 0;
}

/* A thread of the pool gives its reference back after the callback. */
static int wait_for_the_last_release(void **state)
{
    (void)state;
    while (allocations_outstanding() > 0)
        sched_yield();
    return 0;
}

static int count_allocations(void **state)
{
    (void)state;
    allocations_begin();
    return 0;
}

/* --- Answers ---------------------------------------------------------------------------------- */

TEST(a_query_is_answered_once)
{
    struct tally tally = {0};
    start_and_forget("quick", &tally);
    wait_for(&tally, 1);
    start_and_forget("unknown", &tally);
    wait_for(&tally, 2);
    assert_int_equal(1, tally.address_count);
    assert_int_equal(1, tally.error_count);
}

TEST(an_answer_outlives_the_callback_as_long_as_the_reference)
{
    struct tally tally = {0};
    struct dns_query *query = start("quick", &tally);
    wait_for(&tally, 1);
    assert_int_equal(1, dns_query_answer(query)->entry->addresses.count);
    sn_dns_entry *entry = dns_query_take_entry(query);
    assert_null(dns_query_take_entry(query));
    assert_false(dns_query_cancel(query));
    dns_query_release(query);
    size_t address_count;
    assert_non_null(sn_dns_entry_get_address_list(entry, &address_count));
    assert_int_equal(1, address_count);
    sn_dns_entry_release(entry);
}

TEST(a_literal_never_queues)
{
    struct tally stuck = {0}, literal = {0};
    pool_set_limit(&dns_threads, 1);
    start_and_forget("stuck", &stuck);
    script_wait_stuck(1);
    start_and_forget("192.0.2.3", &literal);
    assert_int_equal(1, literal.callback_count); /* inside the call */
    assert_int_equal(1, literal.address_count);
    script_release();
    wait_for(&stuck, 1);
}

TEST(misuse_makes_no_query)
{
    struct tally tally = {0};
    struct dns_query *query = NULL;
    char long_name[300];
    memset(long_name, 'a', sizeof long_name);
    const struct {
        struct dns_request request;
        sn_error error;
    } rows[] = {
        {{.kind = DNS_ADDRESSES}, SN_ERROR_ARGUMENT_NULL},
        {{.kind = DNS_ENTRY_OF_ADDRESS}, SN_ERROR_ARGUMENT_NULL},
        {{.kind = DNS_ENTRY_OF_ADDRESS, .address = &SN_IPV6_ANY}, SN_ERROR_ARGUMENT},
        {{.kind = DNS_ADDRESSES, .host = "::", .host_size = 2}, SN_ERROR_ARGUMENT},
        {{.kind = DNS_ENTRY, .host = long_name, .host_size = 300}, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {{.kind = DNS_ADDRESSES, .host = "quick\0evil", .host_size = 10}, SN_ERROR_HOST_NOT_FOUND},
    };
    for (size_t i = 0; i < array_count(rows); i++)
        assert_error(rows[i].error, dns_query_start(&rows[i].request, count, &tally, &query));
    assert_null(query);
    assert_int_equal(0, tally.callback_count);
    assert_int_equal(0, script_lookup_count());
    dns_query_release(NULL);
}

struct chain {
    struct dns_query *query;
    unsigned rest;
    unsigned is_done; /* atomic */
};

static void go_on(struct dns_query *query, void *context);

static void start_link(struct chain *chain)
{
    struct dns_request request = request_of(chain->rest % 2 ? "quick" : "192.0.2.7");
    if (dns_query_start(&request, go_on, chain, &chain->query) != SN_OK)
        abort();
}

static void go_on(struct dns_query *query, void *context)
{
    struct chain *chain = context;
    if (query != chain->query || dns_query_cancel(query))
        abort();
    dns_query_release(chain->query); /* the starter's reference; the pool's keeps the query alive */
    if (dns_query_answer(query)->error)
        abort();
    if (chain->rest-- > 0)
        start_link(chain);
    else
        atomic_store_release(&chain->is_done, 1);
}

TEST(a_callback_may_cancel_release_and_start)
{
    struct chain chain = {.rest = 100};
    start_link(&chain);
    while (!atomic_load_acquire(&chain.is_done))
        sched_yield();
}

/* --- Stuck names ------------------------------------------------------------------------------ */

TEST(one_stuck_name_never_delays_another)
{
    struct tally stuck = {0}, quick = {0};
    start_and_forget("stuck", &stuck);
    script_wait_stuck(1);
    for (unsigned i = 1; i <= 100; i++) {
        start_and_forget("quick", &quick);
        if (i % 3 == 0)
            wait_for(&quick, i);
    }
    wait_for(&quick, 100);
    assert_int_equal(0, atomic_load_acquire(&stuck.callback_count));
    script_release();
    wait_for(&stuck, 1);
}

TEST(lookups_of_one_name_do_not_wait_for_each_other)
{
    struct tally first = {0}, second = {0};
    start_and_forget("once", &first);
    script_wait_stuck(1);
    start_and_forget("once", &second);
    wait_for(&second, 1);
    assert_int_equal(0, atomic_load_acquire(&first.callback_count));
    script_release();
    wait_for(&first, 1);
}

TEST(the_limit_is_kept_and_what_waits_is_done_afterwards)
{
    struct tally tally = {0};
    pool_set_limit(&dns_threads, 3);
    for (int i = 0; i < 10; i++)
        start_and_forget("stuck", &tally);
    script_wait_stuck(3);
    assert_int_equal(3, script_lookup_count());
    script_release();
    wait_for(&tally, 10);
    assert_int_equal(10, tally.address_count);
    assert_true(script_stuck_max() <= 3);
}

TEST(a_higher_limit_starts_what_waits)
{
    struct tally tally = {0};
    pool_set_limit(&dns_threads, 1);
    for (int i = 0; i < 4; i++)
        start_and_forget("stuck", &tally);
    script_wait_stuck(1);
    pool_set_limit(&dns_threads, 3);
    script_wait_stuck(3);
    assert_int_equal(3, script_lookup_count());
    pool_set_limit(&dns_threads, 1);
    script_release();
    wait_for(&tally, 4);
}

TEST(a_lower_limit_serves_every_query)
{
    struct tally tally = {0};
    for (unsigned round = 1; round <= 200; round++) {
        pool_set_limit(&dns_threads, round % 5 + 1);
        for (int i = 0; i < 5; i++)
            start_and_forget("quick", &tally);
        if (round % 2 == 0)
            pool_set_limit(&dns_threads, 1);
    }
    wait_for(&tally, 1000);
}

/* --- Cancel ----------------------------------------------------------------------------------- */

TEST(cancelling_a_stuck_lookup_is_immediate_and_its_answer_is_dropped)
{
    struct tally *tally = calloc(1, sizeof *tally);
    struct dns_query *query = start("stuck", tally);
    script_wait_stuck(1);
    assert_true(dns_query_cancel(query));
    assert_false(dns_query_cancel(query));
    dns_query_release(query);
    assert_int_equal(0, tally->callback_count);
    free(tally); /* whoever calls back now is caught */

    script_release();
    script_wait_stuck(0);
}

TEST(a_cancelled_query_that_waits_is_never_looked_up)
{
    struct tally stuck = {0}, waiting = {0};
    pool_set_limit(&dns_threads, 1);
    start_and_forget("stuck", &stuck);
    script_wait_stuck(1);
    struct dns_query *query = start("quick", &waiting);
    assert_true(dns_query_cancel(query));
    assert_false(dns_query_cancel(query));
    dns_query_release(query);
    script_release();
    wait_for(&stuck, 1);
    start_and_forget("quick", &stuck); /* the only thread is past the place where it would be */
    wait_for(&stuck, 2);
    assert_int_equal(2, script_lookup_count());
    assert_int_equal(0, waiting.callback_count);
}

/* So that cancelling and asking again does not pile up threads. */
TEST(a_cancelled_lookup_counts_until_the_resolver_lets_go)
{
    struct tally tally = {0};
    pool_set_limit(&dns_threads, 2);
    for (unsigned i = 1; i <= 2; i++) {
        struct dns_query *query = start("stuck", &tally);
        script_wait_stuck(i);
        assert_true(dns_query_cancel(query));
        dns_query_release(query);
    }
    for (int i = 0; i < 20; i++) {
        struct dns_query *query = start("stuck", &tally);
        assert_true(dns_query_cancel(query));
        dns_query_release(query);
    }
    assert_int_equal(2, script_lookup_count());
    start_and_forget("quick", &tally);
    script_release();
    wait_for(&tally, 1);
    assert_int_equal(3, script_lookup_count());
}

#define STARTER_COUNT 4
#define ROUND_COUNT   2000

struct starter {
    pthread_t thread;
    struct tally *tally;
    unsigned cancelled_count;
};

static void *start_many(void *context)
{
    struct starter *starter = context;
    for (unsigned i = 0; i < ROUND_COUNT; i++) {
        struct dns_request request = request_of(i % 7 ? "quick" : "192.0.2.4");
        struct dns_query *query = NULL;
        if (dns_query_start(&request, count, starter->tally, &query) != SN_OK)
            abort();
        if (i % 3 == 0)
            starter->cancelled_count += dns_query_cancel(query);
        else if (i % 5 == 0)
            sched_yield();
        dns_query_release(query);
    }
    return NULL;
}

TEST(every_query_ends_exactly_once_answered_or_cancelled)
{
    struct tally tally = {0};
    struct starter starters[STARTER_COUNT];
    for (int i = 0; i < STARTER_COUNT; i++) {
        starters[i] = (struct starter){.tally = &tally};
        assert_int_equal(0, pthread_create(&starters[i].thread, NULL, start_many, &starters[i]));
    }
    unsigned cancelled = 0;
    for (int i = 0; i < STARTER_COUNT; i++) {
        pthread_join(starters[i].thread, NULL);
        cancelled += starters[i].cancelled_count;
    }
    wait_for(&tally, STARTER_COUNT * ROUND_COUNT - cancelled);
    assert_int_equal(STARTER_COUNT * ROUND_COUNT - cancelled, tally.callback_count);
    assert_int_equal(0, tally.error_count);
}

TEST(a_query_without_memory_is_refused)
{
    struct tally tally = {0};
    struct dns_query *query = NULL;
    struct dns_request request = request_of("quick");
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OUT_OF_MEMORY, dns_query_start(&request, count, &tally, &query));
    assert_null(query);
    allocations_fail_nth(2);
    assert_ok(dns_query_start(&request, count, &tally, &query));
    wait_for(&tally, 1);
    assert_error(SN_ERROR_OUT_OF_MEMORY, dns_query_answer(query)->error);
    dns_query_release(query);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, wait_for_the_last_release)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_query_is_answered_once),
        CASE(an_answer_outlives_the_callback_as_long_as_the_reference),
        CASE(a_literal_never_queues),
        CASE(misuse_makes_no_query),
        CASE(a_callback_may_cancel_release_and_start),
        CASE(one_stuck_name_never_delays_another),
        CASE(lookups_of_one_name_do_not_wait_for_each_other),
        CASE(the_limit_is_kept_and_what_waits_is_done_afterwards),
        CASE(a_higher_limit_starts_what_waits),
        CASE(a_lower_limit_serves_every_query),
        CASE(cancelling_a_stuck_lookup_is_immediate_and_its_answer_is_dropped),
        CASE(a_cancelled_query_that_waits_is_never_looked_up),
        CASE(a_cancelled_lookup_counts_until_the_resolver_lets_go),
        CASE(every_query_ends_exactly_once_answered_or_cancelled),
        CASE(a_query_without_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, count_allocations, NULL);
}
