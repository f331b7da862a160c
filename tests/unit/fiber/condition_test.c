/* The condition: who is let go on, and that the mutex is the caller's again, whatever has ended the
 * wait. */
#include "fiber/mutex.h"

#include "unit/fiber/actors.h"

static sn_mutex mutex = SN_MUTEX_INIT;
static sn_condition condition = SN_CONDITION_INIT;

static struct line *line(void)
{
    return (struct line *)(void *)&condition;
}

struct ending {
    sn_mutex mutex;
    sn_condition condition;
};

static sn_error wait_and_end(void *context)
{
    struct ending *ending = context;
    sn_error error = sn_mutex_acquire(&ending->mutex, SN_FOREVER);
    if (!error)
        error = sn_condition_wait(&ending->condition, &ending->mutex, SN_FOREVER);
    record_end(&ending->condition, sizeof ending->condition);
    sn_error released = sn_mutex_release(&ending->mutex);
    return error ? error : released;
}

struct waiter_of {
    int number;
    sn_milliseconds timeout_ms;
    struct order *order;
    bool had_it; /* the mutex was its own afterwards */
};

static sn_error wait_for(void *context)
{
    struct waiter_of *waiter = context;
    sn_error error = sn_mutex_acquire(&mutex, SN_FOREVER);
    if (error)
        return error;
    error = sn_condition_wait(&condition, &mutex, waiter->timeout_ms);
    waiter->had_it = sn_mutex_is_own(&mutex);
    if (!error && waiter->order)
        order_note(waiter->order, waiter->number);
    sn_error released = sn_mutex_release(&mutex);
    return released ? released : error;
}

enum { COUNT = 8 };

struct row {
    struct order order;
    struct actor actors[COUNT];
    struct waiter_of waiters[COUNT];
};

static void row_start(struct row *row)
{
    memset(row, 0, sizeof *row);
    for (int i = 0; i < COUNT; i++) {
        row->waiters[i] =
            (struct waiter_of){.number = i, .timeout_ms = SN_FOREVER, .order = &row->order};
        actor_start(&row->actors[i], (enum actor_kind)(i % ACTOR_KINDS), wait_for,
                    &row->waiters[i]);
        line_await(&condition, line(), (size_t)i + 1);
    }
}

TEST(a_signal_lets_the_one_go_on_that_has_waited_longest)
{
    struct row row;
    row_start(&row);
    for (int i = 0; i < COUNT; i++) {
        sn_condition_signal(&condition);
        assert_ok(actor_end(&row.actors[i]));
        assert_int_equal(i + 1, row.order.count);
        assert_int_equal(COUNT - i - 1, line_length(&condition, line()));
        assert_true(row.waiters[i].had_it);
    }
    order_check(&row.order, COUNT);
}

TEST(a_signal_to_all_lets_those_go_on_that_wait_now)
{
    struct row row;
    row_start(&row);
    assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER)); /* they come back one after the other */
    sn_condition_signal_all(&condition);
    assert_int_equal(0, line_length(&condition, line()));
    assert_int_equal(0, row.order.count);
    assert_ok(sn_mutex_release(&mutex));
    for (int i = 0; i < COUNT; i++)
        assert_ok(actor_end(&row.actors[i]));
    assert_int_equal(COUNT, row.order.count);
}

TEST(a_signal_that_nobody_waits_for_is_forgotten)
{
    sn_condition_signal(&condition);
    sn_condition_signal_all(&condition);
    for (int kind = 0; kind < ACTOR_KINDS; kind++) {
        struct waiter_of waiter = {.timeout_ms = 2};
        struct actor actor;
        actor_start(&actor, (enum actor_kind)kind, wait_for, &waiter);
        assert_error(SN_ERROR_TIMED_OUT, actor_end(&actor));
        assert_true(waiter.had_it);
    }
}

TEST(one_that_is_cancelled_has_the_mutex_again_first)
{
    static const enum actor_kind kinds[] = {A_FIBER, A_FIBER_ELSEWHERE, A_THREAD_IN_SCOPE};
    for (size_t k = 0; k < array_count(kinds); k++) {
        struct waiter_of waiter = {.timeout_ms = SN_FOREVER};
        struct actor actor;
        actor_start(&actor, kinds[k], wait_for, &waiter);
        line_await(&condition, line(), 1);
        assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER));
        actor_cancel(&actor);
        line_await(&mutex, &mutex_of(&mutex)->line, 1);
        assert_ok(sn_mutex_release(&mutex));
        assert_error(SN_ERROR_OPERATION_CANCELED, actor_end(&actor));
        assert_true(waiter.had_it);
    }
}

TEST(bad_arguments_are_told)
{
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_condition_wait(NULL, &mutex, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_condition_wait(&condition, NULL, 0));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_condition_wait(&condition, &mutex, -2));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_condition_wait(&condition, &mutex, SN_FOREVER));
    sn_condition_signal(NULL);
    sn_condition_signal_all(NULL);
    assert_ok(sn_mutex_acquire(&mutex, SN_FOREVER));
    assert_error(SN_ERROR_TIMED_OUT, sn_condition_wait(&condition, &mutex, 0));
    assert_true(sn_mutex_is_own(&mutex));
    assert_ok(sn_mutex_release(&mutex));
}

/* Each adds where the other has been: nothing but the condition lets them go on. */
struct turns {
    int whose, count;
};

enum { TURNS = 500 };

struct player {
    struct turns *turns;
    int number;
};

static sn_error play(void *context)
{
    const struct player *player = context;
    struct turns *turns = player->turns;
    sn_error error = sn_mutex_acquire(&mutex, SN_FOREVER);
    for (int i = 0; i < TURNS && !error; i++) {
        while (!error && turns->whose != player->number)
            error = sn_condition_wait(&condition, &mutex, SN_FOREVER);
        turns->count++;
        turns->whose = !turns->whose;
        sn_condition_signal(&condition);
    }
    return error ? error : sn_mutex_release(&mutex);
}

TEST(two_take_turns_whoever_they_are)
{
    for (int kind = 0; kind < ACTOR_KINDS * ACTOR_KINDS; kind++) {
        struct turns turns = {0};
        struct player players[] = {{&turns, 0}, {&turns, 1}};
        struct actor actors[2];
        actor_start(&actors[0], (enum actor_kind)(kind % ACTOR_KINDS), play, &players[0]);
        actor_start(&actors[1], (enum actor_kind)(kind / ACTOR_KINDS), play, &players[1]);
        assert_ok(actor_end(&actors[0]));
        assert_ok(actor_end(&actors[1]));
        assert_int_equal(2 * TURNS, turns.count);
    }
}

/* As soon as it was told, before the signal has returned. */
TEST(who_has_waited_may_end_the_record)
{
    for (int i = 0; i < 300 * ACTOR_KINDS; i++) {
        struct ending ending = {SN_MUTEX_INIT, SN_CONDITION_INIT};
        struct actor actor;
        actor_start(&actor, (enum actor_kind)(i % ACTOR_KINDS), wait_and_end, &ending);
        line_await(&ending.condition, (struct line *)(void *)&ending.condition, 1);
        sn_condition_signal_all(&ending.condition);
        assert_ok(actor_end(&actor));
        assert_true(record_is_untouched(&ending.condition, sizeof ending.condition));
    }
}

TEST(nothing_is_left_at_the_end)
{
    assert_int_equal(0, line_length(&condition, line()));
    assert_true(mutex_of(&mutex)->word == 0);
    actors_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_lets_the_one_go_on_that_has_waited_longest),
        cmocka_unit_test(a_signal_to_all_lets_those_go_on_that_wait_now),
        cmocka_unit_test(a_signal_that_nobody_waits_for_is_forgotten),
        cmocka_unit_test(one_that_is_cancelled_has_the_mutex_again_first),
        cmocka_unit_test(bad_arguments_are_told),
        cmocka_unit_test(two_take_turns_whoever_they_are),
        cmocka_unit_test(who_has_waited_may_end_the_record),
        cmocka_unit_test(nothing_is_left_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
