#include "support/test.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/guard.h"
#include "support/threads.h"

TEST(a_guard_of_one_rank_may_be_taken_inside_one_of_a_lower_rank)
{
    char records[64];
    for (size_t i = 0; i < sizeof records; i++) {
        guard_acquire(GUARD_CLIENT, &records[i]);
        guard_acquire(GUARD_CANCELLATION, &records[i]);
        guard_acquire(GUARD_DESCRIPTOR, &records[i]);
        guard_release(GUARD_DESCRIPTOR, &records[i]);
        guard_release(GUARD_CANCELLATION, &records[i]);
        guard_release(GUARD_CLIENT, &records[i]);
    }
}

static struct {
    long count; /* under its own guard */
} shared;

static sn_error count_up(void *rounds)
{
    for (long i = 0; i < (long)(intptr_t)rounds; i++) {
        guard_acquire(GUARD_DESCRIPTOR, &shared);
        shared.count++;
        guard_release(GUARD_DESCRIPTOR, &shared);
    }
    return SN_OK;
}

TEST(one_thread_at_a_time_has_the_guard_of_a_record)
{
    enum { ROUNDS = 20000 };
    struct thread threads[3];
    for (size_t i = 0; i < array_count(threads); i++)
        thread_start(&threads[i], count_up, (void *)(intptr_t)ROUNDS);
    for (size_t i = 0; i < array_count(threads); i++)
        assert_ok(thread_join(&threads[i]));
    assert_int_equal(shared.count, ROUNDS * (long)array_count(threads));
}

/* The library holds them all during every fork, so the child finds each one free whatever the other
 * threads do. */
TEST(a_forked_child_finds_every_guard_free)
{
    struct thread thread;
    thread_start(&thread, count_up, (void *)(intptr_t)200000);
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            for (int rank = GUARD_CLIENT; rank <= GUARD_WORD; rank++) {
                for (uintptr_t record = 0; record < 4096; record += 16) {
                    guard_acquire((enum guard_rank)rank, (void *)record);
                    guard_release((enum guard_rank)rank, (void *)record);
                }
            }
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    assert_ok(thread_join(&thread));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guard_of_one_rank_may_be_taken_inside_one_of_a_lower_rank),
        cmocka_unit_test(one_thread_at_a_time_has_the_guard_of_a_record),
        cmocka_unit_test(a_forked_child_finds_every_guard_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
