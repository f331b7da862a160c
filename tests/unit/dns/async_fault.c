/* Asynchronous lookups in front of a resolver that gets stuck. */
#include "support/test.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "base/base.h"
#include "dns/threads.h"
#include "scripted_resolver.h"
#include "support/allocations.h"

/* An operation and what it writes to; allocated, so that a sanitizer sees who touches it too late.
 */
struct lookup {
    sn_operation operation;
    sn_ip_address address;
    unsigned *callback_count; /* borrowed; atomic */
};

static void count(sn_operation *operation)
{
    struct lookup *lookup = operation->context;
    atomic_add_acq_rel(lookup->callback_count, 1);
}

static struct lookup *make(unsigned *callback_count)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);
    lookup->operation.completed = callback_count ? count : NULL;
    lookup->operation.context = lookup;
    lookup->callback_count = callback_count;
    return lookup;
}

static void start(struct lookup *lookup, const char *host)
{
    sn_dns_get_host_addresses_async(host, SN_FAMILY_UNSPECIFIED, &lookup->address, 1,
                                    &lookup->operation);
}

static sn_error look_up(const char *host)
{
    struct lookup *lookup = make(NULL);
    start(lookup, host);
    sn_error error = sn_operation_wait(&lookup->operation);
    assert_true(error || lookup->operation.transferred == 1);
    free(lookup);
    return error;
}

static void wait_for(const unsigned *callback_count, unsigned wanted)
{
    while (atomic_load_acquire(callback_count) != wanted)
        sched_yield();
}

static int set_up(void **state)
{
    (void)state;
    script_reset();
    pool_set_limit(&dns_threads, DNS_THREADS_DEFAULT);
    return 0;
}

/* The resolver lets go of the queries that nobody wants any more. */
static int wait_for_the_last_release(void **state)
{
    (void)state;
    script_release();
    while (allocations_outstanding() > 0)
        sched_yield();
    return 0;
}

static int count_allocations(void **state)
{
    (void)state;
    sn_engine *engine;
    assert_ok(sn_engine_default(&engine));
    allocations_begin();
    return 0;
}

/* --- Answers ---------------------------------------------------------------------------------- */

TEST(answers_and_failures_come_out_through_the_operation)
{
    static const struct {
        const char *host;
        sn_error error;
        int native;
    } rows[] = {
        {"quick", SN_OK, 0},
        {"192.0.2.9", SN_OK, 0},
        {"unknown", SN_ERROR_HOST_NOT_FOUND, 0},
        {"fails-200001", SN_ERROR_TRY_AGAIN, EAGAIN},
        {"fails-12", SN_ERROR_OUT_OF_MEMORY, ENOMEM},
    };
    struct lookup *lookup = make(NULL);
    for (size_t i = 0; i < array_count(rows); i++) {
        lookup->address = SN_IPV6_LOOPBACK;
        start(lookup, rows[i].host);
        assert_error(rows[i].error, sn_operation_wait(&lookup->operation));
        assert_int_equal(rows[i].native, lookup->operation.native_error);
        assert_int_equal(rows[i].error ? 0 : 1, lookup->operation.transferred);
        assert_int_equal(rows[i].error ? SN_FAMILY_IPV6 : SN_FAMILY_IPV4, lookup->address.family);
    }
    free(lookup);
}

TEST(an_array_that_is_too_small_is_filled_and_all_are_counted)
{
    script.listed[0].text = "192.0.2.1";
    script.listed[1].text = "2001:db8::1";
    script.listed[2].text = "192.0.2.2";
    sn_ip_address addresses[3] = {SN_IPV4_ANY, SN_IPV4_ANY, SN_IPV4_ANY};
    sn_operation operation = {0};
    sn_dns_get_host_addresses_async("listed", SN_FAMILY_UNSPECIFIED, addresses, 2, &operation);
    assert_ok(sn_operation_wait(&operation));
    assert_int_equal(3, operation.transferred);
    assert_int_equal(SN_FAMILY_IPV6, addresses[1].family);
    assert_true(sn_ip_address_equals(&SN_IPV4_ANY, &addresses[2]));
}

TEST(an_entry_is_the_programs_own)
{
    script.listed[0].text = "192.0.2.1";
    script.canonical_name = "listed.example";
    script.reverse_name = "listed";
    sn_dns_entry *entries[2];
    sn_operation operations[2] = {{.timeout_ms = 60000}, {.timeout_ms = 60000}};
    sn_dns_get_host_entry_async("listed", SN_FAMILY_UNSPECIFIED, &entries[0], &operations[0]);
    sn_ip_address address;
    assert_ok(sn_ip_address_parse("192.0.2.1", &address));
    sn_dns_get_host_entry_address_async(&address, &entries[1], &operations[1]);
    for (int i = 0; i < 2; i++) {
        size_t address_count;
        assert_ok(sn_operation_wait(&operations[i]));
        assert_string_equal("listed.example", sn_dns_entry_get_host_name(entries[i]));
        assert_non_null(sn_dns_entry_get_address_list(entries[i], &address_count));
        assert_int_equal(1, address_count);
        sn_dns_entry_release(entries[i]);
    }
}

struct chain {
    sn_operation operation;
    unsigned rest;
    unsigned is_done; /* atomic */
};

static void go_on(sn_operation *operation)
{
    struct chain *chain = operation->context;
    if (operation->error)
        abort();
    if (chain->rest-- > 0)
        sn_dns_get_host_addresses_async(chain->rest % 2 ? "quick" : "192.0.2.7", SN_FAMILY_IPV4,
                                        NULL, 0, operation);
    else
        atomic_store_release(&chain->is_done, 1);
}

TEST(a_callback_may_start_the_next_with_the_same_record)
{
    struct chain chain = {.operation = {.completed = go_on, .context = &chain}, .rest = 100};
    sn_dns_get_host_addresses_async("quick", SN_FAMILY_IPV4, NULL, 0, &chain.operation);
    wait_for(&chain.is_done, 1);
}

/* --- Stuck names ------------------------------------------------------------------------------ */

TEST(one_stuck_name_never_delays_another)
{
    unsigned callbacks = 0;
    struct lookup *stuck = make(NULL);
    struct lookup *quick[100];
    start(stuck, "stuck");
    script_wait_stuck(1);
    for (int i = 0; i < 100; i++) {
        quick[i] = make(&callbacks);
        start(quick[i], i % 10 ? "quick" : "192.0.2.3");
    }
    wait_for(&callbacks, 100);
    assert_false(sn_operation_is_completed(&stuck->operation));
    script_release();
    assert_ok(sn_operation_wait(&stuck->operation));
    for (int i = 0; i < 100; i++) {
        assert_ok(quick[i]->operation.error);
        free(quick[i]);
    }
    free(stuck);
}

TEST(the_text_of_an_address_does_not_wait_for_a_thread)
{
    struct lookup *stuck = make(NULL);
    pool_set_limit(&dns_threads, 1);
    start(stuck, "stuck");
    script_wait_stuck(1);
    assert_ok(look_up("192.0.2.3"));
    script_release();
    assert_ok(sn_operation_wait(&stuck->operation));
    free(stuck);
}

TEST(cancelling_a_stuck_lookup_completes_it_at_once)
{
    struct lookup *lookup = make(NULL);
    start(lookup, "stuck");
    script_wait_stuck(1);
    sn_operation_cancel(&lookup->operation);
    sn_operation_cancel(&lookup->operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&lookup->operation));
    sn_operation_cancel(&lookup->operation);
    assert_int_equal(0, lookup->operation.transferred);
    free(lookup); /* whoever writes the late answer is caught */
    script_release();
    script_wait_stuck(0);
}

TEST(a_time_limit_completes_a_stuck_lookup)
{
    struct lookup *lookup = make(NULL);
    lookup->operation.timeout_ms = 20;
    start(lookup, "stuck");
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait(&lookup->operation));
    free(lookup);
    script_wait_stuck(1); /* it was still stuck when the operation completed */
    script_release();
    script_wait_stuck(0);
}

TEST(a_lookup_that_waits_for_a_thread_is_cancelled_without_being_made)
{
    struct lookup *stuck = make(NULL), *waiting = make(NULL);
    pool_set_limit(&dns_threads, 1);
    start(stuck, "stuck");
    script_wait_stuck(1);
    start(waiting, "quick");
    sn_operation_cancel(&waiting->operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&waiting->operation));
    free(waiting);
    script_release();
    assert_ok(sn_operation_wait(&stuck->operation));
    assert_ok(look_up("quick")); /* the only thread is past the place where it would be */
    assert_int_equal(2, script_lookup_count());
    free(stuck);
}

TEST(one_handle_cancels_many_lookups)
{
    enum { COUNT = 12 };
    unsigned callbacks = 0;
    struct lookup *lookups[COUNT];
    sn_cancellation *cancellation;
    assert_ok(sn_cancellation_create(&cancellation));
    for (int i = 0; i < COUNT; i++) {
        lookups[i] = make(&callbacks);
        lookups[i]->operation.cancellation = cancellation;
        start(lookups[i], "stuck");
    }
    script_wait_stuck(COUNT);
    sn_cancellation_cancel(cancellation);
    wait_for(&callbacks, COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_error(SN_ERROR_OPERATION_CANCELED, lookups[i]->operation.error);
        free(lookups[i]);
    }
    sn_cancellation_release(cancellation);
}

TEST(with_a_cancelled_handle_nothing_is_looked_up)
{
    sn_cancellation *cancellation;
    assert_ok(sn_cancellation_create(&cancellation));
    sn_cancellation_cancel(cancellation);
    unsigned callbacks = 0;
    for (unsigned i = 0; i < 4; i++) {
        struct lookup *lookup = make(i % 2 ? &callbacks : NULL);
        lookup->operation.cancellation = cancellation;
        start(lookup, i < 2 ? "quick" : "192.0.2.1");
        if (i % 2)
            wait_for(&callbacks, i / 2 + 1);
        assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&lookup->operation));
        free(lookup);
    }
    assert_int_equal(0, script_lookup_count());
    sn_cancellation_release(cancellation);
}

/* --- Races ------------------------------------------------------------------------------------ */

#define STARTER_COUNT 4
#define ROUND_COUNT   1500

struct starter {
    pthread_t thread;
    unsigned callback_count; /* atomic */
    unsigned failed_count;
};

static bool is_expected(const sn_operation *operation)
{
    switch ((int)operation->error) {
    case SN_OK: return operation->transferred == 1;
    case SN_ERROR_OPERATION_CANCELED:
    case SN_ERROR_TIMED_OUT: return operation->transferred == 0;
    default: return false;
    }
}

/* Each record is freed as soon as it has completed. */
static void *start_many(void *context)
{
    struct starter *starter = context;
    static const char *const hosts[] = {"quick", "192.0.2.4", "quick-too"};
    unsigned callbacks = 0;
    for (unsigned i = 0; i < ROUND_COUNT; i++) {
        bool is_called = i % 2;
        struct lookup *lookup = make(is_called ? &starter->callback_count : NULL);
        lookup->operation.timeout_ms = i % 5 == 0;
        start(lookup, hosts[i % 3]);
        if (i % 4 < 2)
            sn_operation_cancel(&lookup->operation);
        callbacks += is_called;
        if (is_called)
            wait_for(&starter->callback_count, callbacks);
        else
            (void)!sn_operation_wait(&lookup->operation);
        starter->failed_count += !is_expected(&lookup->operation);
        free(lookup);
    }
    starter->failed_count += atomic_load_acquire(&starter->callback_count) != callbacks;
    return NULL;
}

TEST(every_lookup_completes_exactly_once_answered_cancelled_or_too_late)
{
    struct starter starters[STARTER_COUNT] = {{.failed_count = 0}};
    for (int i = 0; i < STARTER_COUNT; i++)
        assert_int_equal(0, pthread_create(&starters[i].thread, NULL, start_many, &starters[i]));
    for (int i = 0; i < STARTER_COUNT; i++) {
        pthread_join(starters[i].thread, NULL);
        assert_int_equal(0, starters[i].failed_count);
    }
}

/* --- Want ------------------------------------------------------------------------------------- */

TEST(a_lookup_without_memory_or_thread_completes_with_the_error)
{
    /* The first test: the pool has no thread yet. */
    assert_int_equal(0, script_thread_count());
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OUT_OF_MEMORY, look_up("quick"));
    script.thread_result = -EAGAIN;
    struct lookup *lookup = make(NULL);
    start(lookup, "quick");
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_operation_wait(&lookup->operation));
    assert_int_equal(EAGAIN, lookup->operation.native_error);
    script.thread_result = 0;
    start(lookup, "quick");
    assert_ok(sn_operation_wait(&lookup->operation));
    free(lookup);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, wait_for_the_last_release)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_lookup_without_memory_or_thread_completes_with_the_error),
        CASE(answers_and_failures_come_out_through_the_operation),
        CASE(an_array_that_is_too_small_is_filled_and_all_are_counted),
        CASE(an_entry_is_the_programs_own),
        CASE(a_callback_may_start_the_next_with_the_same_record),
        CASE(one_stuck_name_never_delays_another),
        CASE(the_text_of_an_address_does_not_wait_for_a_thread),
        CASE(cancelling_a_stuck_lookup_completes_it_at_once),
        CASE(a_time_limit_completes_a_stuck_lookup),
        CASE(a_lookup_that_waits_for_a_thread_is_cancelled_without_being_made),
        CASE(one_handle_cancels_many_lookups),
        CASE(with_a_cancelled_handle_nothing_is_looked_up),
        CASE(every_lookup_completes_exactly_once_answered_cancelled_or_too_late),
    };
    return cmocka_run_group_tests_name("dns/async", tests, count_allocations, NULL);
}
