/* The mutex: who gets it, in which order, and what ends the wait for it. */
#include "fiber/mutex.h"

#include "unit/fiber/actors.h"

static sn_mutex mutex = SN_MUTEX_INIT;

static struct line *line(void)
{
    return &mutex_of(&mutex)->line;
}

/* Nobody has it, and nobody waits. */
static void check_free(void)
{
    assert_int_equal(0, line_length(&mutex, line()));
    assert_ok(sn_mutex_acquire(&mutex, 0));
    assert_ok(sn_mutex_release(&mutex));
    assert_true(mutex_of(&mutex)->word == 0);
}

struct taker {
    int number;
    sn_milliseconds timeout_ms;
    struct order *order;
    sn_error then; /* of a wait afterwards, while it has it */
};

static sn_error take_and_give(void *context)
{
    struct taker *taker = context;
    sn_error error = sn_mutex_acquire(&mutex, taker->timeout_ms);
    if (error)
        return error;
    if (taker->order)
        order_note(taker->order, taker->number);
    taker->then = sn_cancellation_check();
    return sn_mutex_release(&mutex);
}

/* --- Without waiting -------------------------------------------------------------------------- */

TEST(a_free_mutex_is_acquired_and_given_back)
{
    sn_mutex own;
    memset(&own, 0, sizeof own);
    assert_false(sn_mutex_is_own(&own));
    assert_ok(sn_mutex_acquire(&own, SN_FOREVER));
    assert_true(sn_mutex_is_own(&own));
    assert_ok(sn_mutex_release(&own));
    assert_ok(sn_mutex_acquire(&own, 0));
    assert_ok(sn_mutex_release(&own));
    assert_false(sn_mutex_is_own(&own));
    assert_true(mutex_of(&own)->word == 0);
}

TEST(its_owner_cannot_acquire_it_again)
{
    assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_mutex_acquire(&mutex, SN_FOREVER));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_mutex_acquire(&mutex, 0));
    assert_ok(sn_mutex_release(&mutex));
    check_free();
}

static sn_error release_it(void *context)
{
    (void)context;
    return sn_mutex_is_own(&mutex) ? SN_ERROR_FAULT : sn_mutex_release(&mutex);
}

TEST(only_its_owner_gives_it_back)
{
    assert_error(SN_ERROR_INVALID_OPERATION, sn_mutex_release(&mutex)); /* nobody has it */
    assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER));
    for (int kind = 0; kind < ACTOR_KINDS; kind++) {
        struct actor actor;
        actor_start(&actor, (enum actor_kind)kind, release_it, NULL);
        assert_error(SN_ERROR_INVALID_OPERATION, actor_end(&actor));
    }
    assert_true(sn_mutex_is_own(&mutex));
    assert_ok(sn_mutex_release(&mutex));
    check_free();
}

TEST(a_try_does_not_wait)
{
    assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER));
    for (int kind = 0; kind < ACTOR_KINDS; kind++) {
        struct taker taker = {.timeout_ms = 0};
        struct actor actor;
        actor_start(&actor, (enum actor_kind)kind, take_and_give, &taker);
        assert_error(SN_ERROR_TIMED_OUT, actor_end(&actor));
    }
    assert_ok(sn_mutex_release(&mutex));
    check_free();
}

TEST(bad_arguments_are_told)
{
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_mutex_acquire(NULL, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_mutex_release(NULL));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_mutex_acquire(&mutex, -2));
    assert_false(sn_mutex_is_own(NULL));
    check_free();
}

/* --- Waiting ---------------------------------------------------------------------------------- */

TEST(first_come_first_served_whoever_waits)
{
    enum { COUNT = 12 };
    struct order order = {0};
    struct actor actors[COUNT];
    struct taker takers[COUNT];
    assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER));
    for (int i = 0; i < COUNT; i++) {
        takers[i] = (struct taker){.number = i, .timeout_ms = SN_FOREVER, .order = &order};
        actor_start(&actors[i], (enum actor_kind)(i % ACTOR_KINDS), take_and_give, &takers[i]);
        line_await(&mutex, line(), (size_t)i + 1);
    }
    assert_ok(sn_mutex_release(&mutex));
    for (int i = 0; i < COUNT; i++)
        assert_ok(actor_end(&actors[i]));
    order_check(&order, COUNT);
    check_free();
}

TEST(a_deadline_ends_the_wait)
{
    assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER));
    for (int kind = 0; kind < ACTOR_KINDS; kind++) {
        struct taker taker = {.timeout_ms = 2};
        struct actor actor;
        actor_start(&actor, (enum actor_kind)kind, take_and_give, &taker);
        assert_error(SN_ERROR_TIMED_OUT, actor_end(&actor));
    }
    assert_ok(sn_mutex_release(&mutex));
    check_free();
}

/* And those before and behind it stay where they are. */
TEST(a_cancel_ends_the_wait_of_one_in_the_middle)
{
    static const enum actor_kind kinds[] = {A_FIBER, A_FIBER_ELSEWHERE, A_THREAD_IN_SCOPE};
    for (size_t k = 0; k < array_count(kinds); k++) {
        struct order order = {0};
        struct actor actors[3];
        struct taker takers[3] = {{0, SN_FOREVER, &order, SN_OK},
                                  {2, SN_FOREVER, &order, SN_OK},
                                  {1, SN_FOREVER, &order, SN_OK}};
        assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER));
        for (size_t i = 0; i < 3; i++) {
            actor_start(&actors[i], kinds[k], take_and_give, &takers[i]);
            line_await(&mutex, line(), i + 1);
        }
        actor_cancel(&actors[1]);
        assert_error(SN_ERROR_OPERATION_CANCELED, actor_end(&actors[1]));
        assert_int_equal(2, line_length(&mutex, line()));
        assert_ok(sn_mutex_release(&mutex));
        assert_ok(actor_end(&actors[0]));
        assert_ok(actor_end(&actors[2]));
        order_check(&order, 2);
        check_free();
    }
}

/* --- At the same moment: a driven engine, whose fiber cannot look before all has happened -------
 */

struct moment {
    sn_engine *engine;
    sn_fiber *fiber;
    struct taker taker;
};

static void moment_begin(struct moment *moment, sn_milliseconds timeout_ms)
{
    *moment = (struct moment){.taker = {.timeout_ms = timeout_ms}};
    assert_ok(sn_engine_create(NULL, &moment->engine));
    assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER));
    assert_ok(sn_fiber_start(moment->engine, take_and_give, &moment->taker, NULL, &moment->fiber));
    sn_fiber_info info = {0};
    do {
        assert_ok(sn_engine_run(moment->engine, SN_FOREVER, NULL));
        assert_ok(sn_fiber_get_info(moment->fiber, &info));
    } while (info.state == SN_FIBER_STARTING);
}

static void moment_end(struct moment *moment, sn_error expected)
{
    sn_error result;
    while (!sn_fiber_is_over(moment->fiber))
        assert_ok(sn_engine_run(moment->engine, SN_FOREVER, NULL));
    assert_ok(sn_fiber_join(moment->fiber, 0, &result));
    assert_error(expected, result);
    sn_fiber_release(moment->fiber);
    assert_ok(sn_engine_destroy(moment->engine));
    check_free();
}

TEST(what_is_handed_over_before_the_cancel_is_taken)
{
    struct moment moment;
    moment_begin(&moment, SN_FOREVER);
    assert_ok(sn_mutex_release(&mutex));
    sn_fiber_cancel(moment.fiber);
    moment_end(&moment, SN_OK);
    assert_error(SN_ERROR_OPERATION_CANCELED, moment.taker.then);
}

TEST(what_is_handed_over_after_the_cancel_and_before_it_gives_up_is_taken)
{
    struct moment moment;
    moment_begin(&moment, SN_FOREVER);
    sn_fiber_cancel(moment.fiber);
    assert_ok(sn_mutex_release(&mutex));
    moment_end(&moment, SN_OK);
    assert_error(SN_ERROR_OPERATION_CANCELED, moment.taker.then);
}

/* Its thread is this one, so once it waits it cannot see the time pass. On a busy machine it may
 * see it before; then again. */
TEST(what_is_handed_over_after_the_deadline_and_before_it_gives_up_is_taken)
{
    bool is_waiting = false;
    while (!is_waiting) {
        struct moment moment;
        int64_t before_ns = sys_now();
        moment_begin(&moment, 5);
        while (sys_now() < before_ns + 10000000)
            sched_yield();
        is_waiting = line_length(&mutex, line()) == 1;
        assert_ok(sn_mutex_release(&mutex));
        moment_end(&moment, is_waiting ? SN_OK : SN_ERROR_TIMED_OUT);
    }
}

TEST(one_that_gives_up_leaves_it_to_the_next)
{
    struct moment moment;
    struct actor actor;
    struct taker taker = {.timeout_ms = SN_FOREVER};
    moment_begin(&moment, SN_FOREVER);
    actor_start(&actor, A_THREAD, take_and_give, &taker);
    line_await(&mutex, line(), 2);
    sn_fiber_cancel(moment.fiber);
    while (!sn_fiber_is_over(moment.fiber))
        assert_ok(sn_engine_run(moment.engine, SN_FOREVER, NULL));
    assert_ok(sn_mutex_release(&mutex));
    assert_ok(actor_end(&actor));
    moment_end(&moment, SN_ERROR_OPERATION_CANCELED);
}

TEST(the_end_of_its_engine_ends_the_wait)
{
    struct moment moment;
    sn_error result;
    moment_begin(&moment, SN_FOREVER);
    assert_ok(sn_engine_destroy(moment.engine));
    assert_ok(sn_fiber_join(moment.fiber, 0, &result));
    assert_error(SN_ERROR_OPERATION_ABORTED, result);
    sn_fiber_release(moment.fiber);
    assert_ok(sn_mutex_release(&mutex));
    check_free();
}

/* --- Callbacks -------------------------------------------------------------------------------- */

struct asked {
    sn_error tried, waited, free, released;
    sn_mutex *other;
    uint32_t is_done; /* atomic */
};

static void ask(sn_operation *operation)
{
    struct asked *asked = operation->context;
    asked->tried = sn_mutex_acquire(&mutex, 0);
    asked->waited = sn_mutex_acquire(&mutex, SN_FOREVER);
    asked->free = sn_mutex_acquire(asked->other, SN_FOREVER);
    asked->released = sn_mutex_release(asked->other);
    atomic_store_release(&asked->is_done, 1u);
}

TEST(a_callback_acquires_what_is_free_and_never_waits)
{
    sn_mutex other = SN_MUTEX_INIT;
    struct asked asked = {.other = &other};
    sn_operation post = {.completed = ask, .context = &asked};
    assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER));
    sn_engine_post_async(actor_engine(A_FIBER), &post);
    while (!atomic_load_acquire(&asked.is_done))
        sched_yield();
    assert_ok(sn_mutex_release(&mutex));
    assert_error(SN_ERROR_TIMED_OUT, asked.tried);
    assert_error(SN_ERROR_INVALID_OPERATION, asked.waited);
    assert_ok(asked.free);
    assert_ok(asked.released);
    check_free();
}

TEST(nothing_is_left_at_the_end)
{
    actors_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_free_mutex_is_acquired_and_given_back),
        cmocka_unit_test(its_owner_cannot_acquire_it_again),
        cmocka_unit_test(only_its_owner_gives_it_back),
        cmocka_unit_test(a_try_does_not_wait),
        cmocka_unit_test(bad_arguments_are_told),
        cmocka_unit_test(first_come_first_served_whoever_waits),
        cmocka_unit_test(a_deadline_ends_the_wait),
        cmocka_unit_test(a_cancel_ends_the_wait_of_one_in_the_middle),
        cmocka_unit_test(what_is_handed_over_before_the_cancel_is_taken),
        cmocka_unit_test(what_is_handed_over_after_the_cancel_and_before_it_gives_up_is_taken),
        cmocka_unit_test(what_is_handed_over_after_the_deadline_and_before_it_gives_up_is_taken),
        cmocka_unit_test(one_that_gives_up_leaves_it_to_the_next),
        cmocka_unit_test(the_end_of_its_engine_ends_the_wait),
        cmocka_unit_test(a_callback_acquires_what_is_free_and_never_waits),
        cmocka_unit_test(nothing_is_left_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
