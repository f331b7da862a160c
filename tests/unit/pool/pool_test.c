/* Tasks as such; threads that cannot be started, end
 * or are lost in a fork are in tests/unit/dns/threads_fault.c. */
#include "support/test.h"

#include <sched.h>

#include "pool/pool.h"

static struct pool pool = {POOL_INITIALIZER(pool), .limit = 16};

struct counted_task {
    struct pool_task task;
    unsigned run_count; /* atomic */
    unsigned is_open;   /* atomic: the task may end */
};

static void run_until_open(struct pool_task *task)
{
    struct counted_task *counted = container_of(task, struct counted_task, task);
    atomic_add_acq_rel(&counted->run_count, 1);
    while (!atomic_load_acquire(&counted->is_open))
        sched_yield();
    atomic_add_acq_rel(&counted->run_count, 1);
}

static void begin(struct counted_task *counted, unsigned is_open)
{
    *counted = (struct counted_task){.task.run = run_until_open, .is_open = is_open};
    list_init(&counted->task.link);
    assert_int_equal(0, pool_submit(&pool, &counted->task));
}

static void wait_for(const struct counted_task *counted, unsigned run_count)
{
    while (atomic_load_acquire(&counted->run_count) != run_count)
        sched_yield();
}

TEST(each_task_runs_once)
{
    static struct counted_task tasks[100];
    for (int i = 0; i < 100; i++)
        begin(&tasks[i], 1);
    for (int i = 0; i < 100; i++)
        wait_for(&tasks[i], 2);
}

TEST(only_a_waiting_task_can_be_withdrawn)
{
    static struct counted_task running, waiting;
    pool_set_limit(&pool, 1);
    begin(&running, 0);
    wait_for(&running, 1);
    begin(&waiting, 1);
    assert_false(pool_withdraw(&pool, &running.task));
    assert_true(pool_withdraw(&pool, &waiting.task));
    assert_false(pool_withdraw(&pool, &waiting.task));
    atomic_store_release(&running.is_open, 1);
    wait_for(&running, 2);
    assert_false(pool_withdraw(&pool, &running.task));
    assert_int_equal(0, waiting.run_count);
}

TEST(waiting_tasks_run_in_their_order)
{
    static struct counted_task first, second, third;
    pool_set_limit(&pool, 1);
    begin(&first, 0);
    wait_for(&first, 1);
    begin(&second, 0);
    begin(&third, 0);
    atomic_store_release(&first.is_open, 1);
    wait_for(&second, 1);
    assert_int_equal(0, atomic_load_acquire(&third.run_count));
    atomic_store_release(&second.is_open, 1);
    atomic_store_release(&third.is_open, 1);
    wait_for(&third, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_task_runs_once),
        cmocka_unit_test(only_a_waiting_task_can_be_withdrawn),
        cmocka_unit_test(waiting_tasks_run_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
