/* Tasks, on an engine that the test drives and on one with a thread. */
#include "unit/engine/engines.h"

#include "support/threads.h"

struct steps {
    sn_operation task;
    uint32_t turns, stops; /* atomic */
    uint32_t last;         /* it is over in that turn */
    void (*then)(struct steps *steps);
};

static struct steps *steps_of(sn_operation *task)
{
    return container_of(task, struct steps, task);
}

static void turn(sn_operation *task)
{
    struct steps *steps = steps_of(task);
    uint32_t turns = atomic_add_acq_rel(&steps->turns, 1u) + 1;
    if (steps->then)
        steps->then(steps);
    if (turns == steps->last) {
        task->error = SN_ERROR_FAULT;
        task_end(task);
    }
}

static void stop(sn_operation *task)
{
    struct steps *steps = steps_of(task);
    atomic_add_acq_rel(&steps->stops, 1u);
    steps->last = steps->turns + 1;
}

static const struct task_class class = {.turn = turn, .stop = stop};

static void begin(struct steps *steps, sn_engine *engine)
{
    assert_true(operation_begin(&steps->task, SN_OPERATION_FIBER));
    task_start(engine_next_worker(engine), &steps->task, &class);
}

TEST(the_first_turn_comes_by_itself_and_the_next_when_it_is_posted)
{
    sn_engine *engine = engine_of(state, 0);
    struct steps steps = {.last = 3};
    begin(&steps, engine);
    assert_int_equal(0, steps.turns);
    run_ready(engine);
    assert_int_equal(1, steps.turns);
    task_post(&steps.task);
    task_post(&steps.task); /* one turn, however many post */
    run_ready(engine);
    assert_int_equal(2, steps.turns);
    assert_true(operation_is_pending(&steps.task));
    task_post(&steps.task);
    run_ready(engine);
    assert_false(operation_is_pending(&steps.task));
    assert_error(SN_ERROR_FAULT, steps.task.error);
    assert_int_equal(3, steps.turns);
    destroy_engine(engine);
    assert_int_equal(0, steps.stops);
}

static void post_itself(struct steps *steps)
{
    task_post(&steps->task);
    task_post(&steps->task);
}

TEST(a_turn_may_ask_for_the_next)
{
    sn_engine *engine = engine_of(state, 0);
    struct steps steps = {.last = 5, .then = post_itself};
    begin(&steps, engine);
    run_ready(engine);
    assert_int_equal(5, steps.turns); /* the one that was asked for when it was over is none */
    assert_false(operation_is_pending(&steps.task));
    destroy_engine(engine);
}

static void set_time(struct steps *steps)
{
    task_set_deadline(&steps->task, steps->turns == 1 ? sys_now() + 1000000 : 0);
}

TEST(a_deadline_gives_a_turn)
{
    sn_engine *engine = engine_of(state, 0);
    struct steps steps = {.last = 2, .then = set_time};
    begin(&steps, engine);
    assert_error(SN_ERROR_FAULT, run_until(engine, &steps.task));
    assert_int_equal(2, steps.turns);
    destroy_engine(engine);
}

TEST(the_end_of_the_engine_is_told_once_and_the_task_goes_on_to_its_end)
{
    for (int threads = 0; threads < 2; threads++) {
        sn_engine *engine = engine_of(state, threads);
        struct steps steps = {0};
        begin(&steps, engine);
        if (threads == 0)
            run_ready(engine);
        else
            wait_for_count(&steps.turns, 1);
        destroy_engine(engine);
        assert_int_equal(1, steps.stops);
        assert_int_equal(2, steps.turns);
        assert_false(operation_is_pending(&steps.task));
    }
}

static sn_error post_often(void *context)
{
    struct steps *steps = context;
    while (atomic_load_acquire(&steps->turns) < steps->last - 1)
        task_post(&steps->task);
    return SN_OK;
}

static void end_when_last(struct steps *steps)
{
    if (steps->turns == steps->last - 1)
        post_itself(steps);
}

TEST(others_post_while_it_comes_to_its_end)
{
    for (int i = 0; i < 20; i++) {
        sn_engine *engine = engine_of(state, 1);
        struct steps steps = {.last = 200, .then = end_when_last};
        struct thread threads[2];
        begin(&steps, engine);
        for (int k = 0; k < 2; k++)
            thread_start(&threads[k], post_often, &steps);
        for (int k = 0; k < 2; k++)
            (void)thread_join(&threads[k]);
        assert_error(SN_ERROR_FAULT, sn_operation_wait(&steps.task));
        assert_int_equal(200, steps.turns);
        destroy_engine(engine);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_BOTH(the_first_turn_comes_by_itself_and_the_next_when_it_is_posted),
        ON_BOTH(a_turn_may_ask_for_the_next),
        ON_BOTH(a_deadline_gives_a_turn),
        ON_BOTH(the_end_of_the_engine_is_told_once_and_the_task_goes_on_to_its_end),
        ON_BOTH(others_post_while_it_comes_to_its_end),
    };
    return cmocka_run_group_tests_name("loop/task", tests, NULL, NULL);
}
