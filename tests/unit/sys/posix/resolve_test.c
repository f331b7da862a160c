#include "support/hosts.h"
#include "support/test.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/resolve.h"

TEST(localhost_resolves_to_loopback)
{
    NEED_LOCALHOST();
    struct sys_resolved *list;
    assert_int_equal(0, sys_resolve("localhost", AF_INET, &list));
    assert_true(list->count >= 1);
    assert_string_equal("localhost", list->canonical_name);
    for (size_t i = 0; i < list->count; i++) {
        assert_int_equal(AF_INET, list->addresses[i].as.ipv4.sin_family);
        assert_int_equal(sizeof(struct sockaddr_in), list->addresses[i].size);
        assert_int_equal(0, list->addresses[i].as.ipv4.sin_port);
        assert_int_equal(127, ntohl(list->addresses[i].as.ipv4.sin_addr.s_addr) >> 24);
    }
    sys_resolved_free(list);
}

TEST(an_ipv6_literal_keeps_its_scope)
{
    struct sys_resolved *list;
    assert_int_equal(0, sys_resolve("fe80::1%1", AF_UNSPEC, &list));
    assert_int_equal(1, list->count);
    assert_int_equal(sizeof(struct sockaddr_in6), list->addresses[0].size);
    assert_int_equal(1, list->addresses[0].as.ipv6.sin6_scope_id);
    sys_resolved_free(list);
}

TEST(failures_have_numbers_below_every_errno)
{
    struct sys_resolved *list = NULL;
    assert_int_equal(SYS_RESOLVE_BAD_FAMILY, sys_resolve("localhost", AF_UNIX, &list));
    assert_int_equal(SYS_RESOLVE_BAD_FAMILY, sys_resolve("localhost", 12345, &list));
    assert_int_equal(SYS_RESOLVE_NOT_FOUND, sys_resolve("a..b", AF_INET, &list));
    assert_int_equal(SYS_RESOLVE_NOT_FOUND, sys_resolve("", AF_UNSPEC, &list));
    assert_null(list);
    assert_true(SYS_RESOLVE_TRY_AGAIN < -100000);
}

TEST(freeing_no_list_is_fine)
{
    sys_resolved_free(NULL);
}

TEST(the_interfaces_have_addresses_of_the_family_asked_for)
{
    static const int families[] = {AF_UNSPEC, AF_INET, AF_INET6};
    size_t counts[3];
    for (size_t i = 0; i < array_count(families); i++) {
        struct sys_resolved *list;
        assert_int_equal(0, sys_interface_addresses(families[i], &list));
        counts[i] = list->count;
        for (size_t k = 0; k < list->count; k++) {
            int family = list->addresses[k].as.generic.sa_family;
            assert_true(family == AF_INET || family == AF_INET6);
            assert_true(families[i] == AF_UNSPEC || families[i] == family);
        }
        assert_null(list->canonical_name);
        sys_resolved_free(list);
    }
    assert_int_equal(counts[0], counts[1] + counts[2]);
}

TEST(the_loopback_interface_is_marked)
{
    struct sys_resolved *list;
    bool is_found = false;
    assert_int_equal(0, sys_interface_addresses(AF_INET, &list));
    for (size_t i = 0; i < list->count; i++)
        if (list->addresses[i].as.ipv4.sin_addr.s_addr == htonl(INADDR_LOOPBACK)) {
            is_found = true;
            assert_true(list->addresses[i].is_loopback);
        }
    sys_resolved_free(list);
    if (!is_found)
        SKIP("127.0.0.1 is on no interface that is up");
}

TEST(digits_are_no_name)
{
    char name[SYS_REVERSE_SIZE_MAX];
    const struct sockaddr_in local = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int32_t failed = sys_reverse(&local, sizeof local, name, sizeof name);
    if (failed)
        SKIP("this machine does not know 127.0.0.1: %d", (int)failed);
    assert_true(name[0] < '0' || name[0] > '9');
    assert_int_equal(SYS_RESOLVE_BAD_FAMILY, sys_reverse(&local, 3, name, sizeof name));
}

TEST(a_host_name_that_does_not_fit_is_an_error)
{
    char name[256], expected[256];
    assert_int_equal(0, gethostname(expected, sizeof expected));
    assert_int_equal(0, sys_host_name(name, sizeof name));
    assert_string_equal(expected, name);
    assert_int_equal(-ENAMETOOLONG, sys_host_name(name, strlen(expected)));
}

/* --- Threads ---------------------------------------------------------------------------------- */

struct seen {
    unsigned is_done; /* atomic */
    bool is_blocked[65];
};

static void *look(void *context)
{
    struct seen *seen = context;
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    for (int number = 1; number < 65; number++)
        seen->is_blocked[number] = sigismember(&mask, number) == 1;
    atomic_store_release(&seen->is_done, 1);
    return NULL;
}

/* What tells of a mistake of the thread's own goes to the program's handler. */
static bool is_fault(int number)
{
    return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL ||
           number == SIGTRAP || number == SIGSYS;
}

TEST(a_thread_runs_with_every_signal_blocked_but_its_faults_and_the_starter_does_not)
{
    static struct seen seen;
    sigset_t before, after;
    sigemptyset(&before);
    sigaddset(&before, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(0, sys_thread_start_detached(look, &seen));
    while (!atomic_load_acquire(&seen.is_done))
        sched_yield();
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int number = 1; number < 32; number++) {
        if (number != SIGKILL && number != SIGSTOP)
            assert_int_equal(!is_fault(number), seen.is_blocked[number]);
        assert_int_equal(number == SIGUSR2, sigismember(&after, number));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(localhost_resolves_to_loopback),
        cmocka_unit_test(an_ipv6_literal_keeps_its_scope),
        cmocka_unit_test(failures_have_numbers_below_every_errno),
        cmocka_unit_test(freeing_no_list_is_fine),
        cmocka_unit_test(the_interfaces_have_addresses_of_the_family_asked_for),
        cmocka_unit_test(the_loopback_interface_is_marked),
        cmocka_unit_test(digits_are_no_name),
        cmocka_unit_test(a_host_name_that_does_not_fit_is_an_error),
        cmocka_unit_test(
            a_thread_runs_with_every_signal_blocked_but_its_faults_and_the_starter_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
