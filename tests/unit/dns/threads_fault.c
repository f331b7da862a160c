/* The pool's threads: when they start and end, and what a fork and an exit do to them. */
#include "support/test.h"

#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dns/dns.h"
#include "dns/threads.h"
#include "scripted_resolver.h"
#include "support/anew.h"

extern char **environ;

/* The child of a fork starts threads of its own here, which the sanitizer would forbid by default.
 */
const char *__tsan_default_options(void) __attribute__((visibility("default")));
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

static void count(struct dns_query *query, void *context)
{
    (void)query;
    atomic_add_acq_rel((unsigned *)context, 1);
}

static sn_error start(const char *host, unsigned *tally, struct dns_query **out_query)
{
    struct dns_request request = {.kind = DNS_ADDRESSES, .host = host, .host_size = strlen(host)};
    return dns_query_start(&request, count, tally, out_query);
}

static void start_and_forget(const char *host, unsigned *tally)
{
    struct dns_query *query;
    if (start(host, tally, &query) != SN_OK)
        abort();
    dns_query_release(query);
}

static void wait_for(const unsigned *tally, unsigned callback_count)
{
    while (atomic_load_acquire(tally) != callback_count)
        sched_yield();
}

/* Those who are asleep already are woken, so that they go to sleep anew. */
static void shorten_time(void)
{
    script_shorten_time();
    pool_set_limit(&dns_threads, pool_get_limit(&dns_threads));
}

static int set_up(void **state)
{
    (void)state;
    script_reset();
    pool_set_limit(&dns_threads, DNS_THREADS_DEFAULT);
    return 0;
}

TEST(no_thread_is_started_before_it_is_needed)
{
    unsigned tally = 0;
    struct dns_query *query;
    assert_ok(start("192.0.2.1", &tally, &query));
    dns_query_release(query);
    size_t address_count;
    assert_ok(sn_dns_get_host_addresses("quick", SN_FAMILY_UNSPECIFIED, NULL, 0, &address_count));
    assert_int_equal(0, script_thread_count());
}

TEST(queries_one_after_the_other_share_a_thread)
{
    unsigned tally = 0;
    for (unsigned i = 1; i <= 50; i++) {
        start_and_forget("quick", &tally);
        wait_for(&tally, i);
    }
    /* Another one is started if none is back asleep yet when the next query comes: on a busy
     * machine some, but never one for each query. */
    assert_true(script_thread_count() <= 10);
}

TEST(idle_threads_end_after_a_while)
{
    unsigned tally = 0;
    for (int i = 0; i < 5; i++)
        start_and_forget("stuck", &tally);
    script_wait_stuck(5);
    assert_true(script_thread_count() >= 5);
    shorten_time();
    script_release();
    wait_for(&tally, 5);
    script_wait_threads(0);
    start_and_forget("quick", &tally);
    wait_for(&tally, 6);
    script_wait_threads(0);
}

TEST(without_any_thread_a_query_is_refused)
{
    unsigned tally = 0;
    struct dns_query *query = NULL;
    shorten_time();
    pool_set_limit(&dns_threads, 1);
    script_wait_threads(0);
    script.thread_result = -EAGAIN;
    assert_error(SN_ERROR_OUT_OF_MEMORY, start("quick", &tally, &query));
    assert_int_equal(EAGAIN, sn_error_last_native());
    assert_null(query);
    script.thread_result = 0;
    start_and_forget("quick", &tally);
    wait_for(&tally, 1);
}

TEST(with_one_thread_left_a_query_waits_for_it)
{
    unsigned tally = 0;
    start_and_forget("stuck", &tally);
    script_wait_stuck(1);
    for (int i = 0; i < 5; i++)
        start_and_forget("stuck", &tally); /* takes up what was idle */
    script_wait_stuck(6);
    script.thread_result = -EAGAIN;
    start_and_forget("quick", &tally);
    script_release();
    wait_for(&tally, 7);
}

TEST(a_limit_that_makes_no_sense_is_refused)
{
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_dns_set_thread_limit(0));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_dns_set_thread_limit(1025));
    assert_int_equal(DNS_THREADS_DEFAULT, sn_dns_get_thread_limit());
    assert_ok(sn_dns_set_thread_limit(1024));
    assert_int_equal(1024, sn_dns_get_thread_limit());
    assert_ok(sn_dns_set_thread_limit(1));
    assert_int_equal(1, sn_dns_get_thread_limit());
}

/* --- Other processes -------------------------------------------------------------------------- */

static void check_exit(pid_t child)
{
    int status;
    assert_true(child > 0);
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
}

TEST(the_child_of_a_fork_starts_anew)
{
    unsigned stuck = 0, tally = 0;
    struct dns_query *running, *waiting;
    pool_set_limit(&dns_threads, 1);
    assert_ok(start("stuck", &stuck, &running));
    script_wait_stuck(1);
    assert_ok(start("quick", &stuck, &waiting));

    pid_t child = fork();
    if (child == 0) {
        /* The parent's queries are given up without touching the parent's threads. */
        bool is_good = dns_query_cancel(running) && dns_query_cancel(waiting);
        dns_query_release(running);
        dns_query_release(waiting);
        for (unsigned i = 1; i <= 20; i++) {
            start_and_forget("quick", &tally);
            wait_for(&tally, i);
        }
        _exit(is_good && stuck == 0 && sn_dns_get_thread_limit() == 1 ? 0 : 1);
    }
    check_exit(child);
    dns_query_release(running);
    dns_query_release(waiting);
    script_release();
    wait_for(&stuck, 2);
}

/* The lock may be in any hands at that moment. */
TEST(a_fork_in_the_middle_of_everything_leaves_the_child_working)
{
    if (HAS_ADDRESS_SANITIZER)
        SKIP("the address sanitizer cannot fork here");
    unsigned tally = 0;
    for (unsigned round = 1; round <= 10; round++) {
        for (int i = 0; i < 20; i++)
            start_and_forget("quick", &tally);
        pid_t child = fork();
        if (child == 0) {
            unsigned own = 0;
            start_and_forget("quick", &own);
            wait_for(&own, 1);
            _exit(0);
        }
        check_exit(child);
    }
    wait_for(&tally, 200);
}

/* Runs this program again as `role`. */
static void run_role(const char *role, const char *setting)
{
    struct anew_command command;
    pid_t child;
    anew_command_make(&command, role);
    if (setting)
        setenv("SENNIT_DNS_THREADS", setting, 1);
    assert_int_equal(0, posix_spawn(&child, command.path, NULL, NULL, command.words, environ));
    unsetenv("SENNIT_DNS_THREADS");
    check_exit(child);
}

static int exit_while_stuck(void)
{
    static unsigned tally;
    for (int i = 0; i < 4; i++)
        start_and_forget("stuck", &tally);
    script_wait_stuck(4);
    return 0; /* which runs exit() */
}

TEST(a_process_exits_while_lookups_are_stuck)
{
    run_role("exit-while-stuck", NULL);
}

TEST(the_environment_sets_the_limit)
{
    static const struct {
        const char *setting;
        const char *limit;
    } rows[] = {
        {"1", "1"},       {"3", "3"},       {"007", "7"},
        {"1024", "1024"}, {"1025", "1024"}, {"0", "16"},
        {"-1", "16"},     {"", "16"},       {"many", "16"},
        {"3x", "16"},     {" 3", "16"},     {"+3", "16"},
        {"0x4", "16"},    {NULL, "16"},     {"99999999999999999999999999", "1024"},
    };
    for (size_t i = 0; i < array_count(rows); i++)
        run_role(rows[i].limit, rows[i].setting);
}

static int play(const char *role)
{
    if (strcmp(role, "exit-while-stuck") == 0)
        return exit_while_stuck();
    return sn_dns_get_thread_limit() == strtoul(role, NULL, 10) ? 0 : 1;
}

/* An argument is a role; without one the tests run. */
int main(int argument_count, char **arguments)
{
    if (argument_count > 1)
        return play(arguments[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_thread_is_started_before_it_is_needed, set_up),
        cmocka_unit_test_setup(queries_one_after_the_other_share_a_thread, set_up),
        cmocka_unit_test_setup(idle_threads_end_after_a_while, set_up),
        cmocka_unit_test_setup(without_any_thread_a_query_is_refused, set_up),
        cmocka_unit_test_setup(with_one_thread_left_a_query_waits_for_it, set_up),
        cmocka_unit_test_setup(a_limit_that_makes_no_sense_is_refused, set_up),
        cmocka_unit_test_setup(the_child_of_a_fork_starts_anew, set_up),
        cmocka_unit_test_setup(a_fork_in_the_middle_of_everything_leaves_the_child_working, set_up),
        cmocka_unit_test_setup(a_process_exits_while_lookups_are_stuck, set_up),
        cmocka_unit_test_setup(the_environment_sets_the_limit, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
