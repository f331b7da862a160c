/* Blocking lookups inside a scope, in front of a resolver that gets stuck. */
#include "support/test.h"

#include <pthread.h>
#include <sched.h>

#include "descriptor/descriptor.h"
#include "dns/dns.h"
#include "dns/threads.h"
#include "scripted_resolver.h"
#include "support/threads.h"
#include "support/transfer_support.h"

static sn_cancellation *make_cancellation(void)
{
    sn_cancellation *cancellation = NULL;
    assert_ok(sn_cancellation_create(&cancellation));
    return cancellation;
}

struct lookup {
    sn_cancellation *cancellation; /* borrowed */
    const char *host;
    size_t count;
};

/* On a thread, or here. */
static sn_error look_up_inside(void *context)
{
    struct lookup *lookup = context;
    sn_cancellation_scope scope;
    sn_ip_address addresses[SCRIPT_ADDRESS_MAX];
    sn_error error = sn_cancellation_enter(lookup->cancellation, &scope);
    if (!error)
        error = sn_dns_get_host_addresses(lookup->host, SN_FAMILY_UNSPECIFIED, addresses,
                                          SCRIPT_ADDRESS_MAX, &lookup->count);
    sn_error left = sn_cancellation_leave(&scope);
    return left ? left : error;
}

TEST(what_is_found_is_what_is_found_without_a_scope)
{
    static const struct {
        const char *host;
        sn_error error;
        int native;
    } rows[] = {
        {"quick", SN_OK, 0},
        {"192.0.2.7", SN_OK, 0},
        {"nobody", SN_ERROR_HOST_NOT_FOUND, 0},
        {"fails-200001", SN_ERROR_TRY_AGAIN, 0},
        {"fails-12", SN_ERROR_OUT_OF_MEMORY, 12},
    };
    sn_cancellation *cancellation = make_cancellation();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct lookup lookup = {cancellation, rows[i].host, 0};
        sn_ip_address address;
        size_t count = 0;
        row_begin("%s", rows[i].host);
        sn_error plain =
            sn_dns_get_host_addresses(rows[i].host, SN_FAMILY_UNSPECIFIED, &address, 1, &count);
        int native = sn_error_last_native();
        row_error(rows[i].error, plain);
        row_error(plain, look_up_inside(&lookup));
        if (plain)
            row_equal(native, sn_error_last_native());
        row_equal(count, lookup.count);
    }
    rows_end();
    sn_cancellation_release(cancellation);
}

TEST(a_cancel_ends_a_lookup_that_is_stuck)
{
    sn_cancellation *cancellation = make_cancellation();
    struct lookup lookup = {cancellation, "stuck", 77};
    struct thread thread;
    thread_start(&thread, look_up_inside, &lookup);
    script_wait_stuck(1);
    sn_cancellation_cancel(cancellation);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&thread));
    assert_int_equal(77, lookup.count);
    sn_cancellation_release(cancellation);
    script_release(); /* what is found now is dropped */
}

TEST(the_time_of_the_handle_ends_a_lookup_that_is_stuck)
{
    sn_cancellation *cancellation = make_cancellation();
    struct lookup lookup = {cancellation, "stuck", 77};
    assert_ok(sn_cancellation_cancel_after(cancellation, 2));
    assert_error(SN_ERROR_TIMED_OUT, look_up_inside(&lookup));
    assert_error(SN_ERROR_TIMED_OUT, look_up_inside(&lookup)); /* without asking anybody */
    sn_cancellation_release(cancellation);
    script_release();
}

/* What a thread waits for next is not disturbed by what is left of it. */
TEST(an_answer_that_comes_with_the_cancel_leaves_nothing_behind)
{
    for (int i = 0; i < 200; i++) {
        sn_cancellation *cancellation = make_cancellation();
        struct lookup lookup = {cancellation, "quick", 0};
        struct thread thread;
        thread_start(&thread, look_up_inside, &lookup);
        if (i % 2)
            sched_yield();
        sn_cancellation_cancel(cancellation);
        sn_error error = thread_join(&thread);
        assert_true(error == SN_OK || error == SN_ERROR_OPERATION_CANCELED);
        assert_int_equal(error ? 0 : 1, lookup.count);
        sn_cancellation_release(cancellation);
    }
}

static sn_error twice_and_look(void *context)
{
    struct lookup *lookup = context;
    sn_error error = look_up_inside(lookup);
    struct sys_poll wake = {.handle = thread_wake(), .events = 1};
    if (!error && sys_poll(&wake, 1, 0) != 0)
        return SN_ERROR_FAULT; /* a signal was left in the event */
    return error;
}

TEST(no_signal_is_left_in_the_thread_s_event)
{
    sn_cancellation *cancellation = make_cancellation();
    for (int i = 0; i < 50; i++) {
        struct lookup lookup = {cancellation, "quick", 0};
        struct thread thread;
        thread_start(&thread, twice_and_look, &lookup);
        assert_ok(thread_join(&thread));
    }
    sn_cancellation_release(cancellation);
}

TEST(where_no_thread_can_be_started_that_is_told)
{
    sn_cancellation *cancellation = make_cancellation();
    struct lookup lookup = {cancellation, "quick", 0};
    script.thread_result = -11;
    assert_error(SN_ERROR_OUT_OF_MEMORY, look_up_inside(&lookup));
    assert_int_equal(11, sn_error_last_native());
    sn_cancellation_release(cancellation);
}

static int set_up(void **state)
{
    (void)state;
    script_reset();
    pool_set_limit(&dns_threads, DNS_THREADS_DEFAULT);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* First, before the pool has a thread. */
        cmocka_unit_test_setup(where_no_thread_can_be_started_that_is_told, set_up),
        cmocka_unit_test_setup(what_is_found_is_what_is_found_without_a_scope, set_up),
        cmocka_unit_test_setup(a_cancel_ends_a_lookup_that_is_stuck, set_up),
        cmocka_unit_test_setup(the_time_of_the_handle_ends_a_lookup_that_is_stuck, set_up),
        cmocka_unit_test_setup(an_answer_that_comes_with_the_cancel_leaves_nothing_behind, set_up),
        cmocka_unit_test_setup(no_signal_is_left_in_the_thread_s_event, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
