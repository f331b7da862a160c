/* The semaphore: its count, its maximum, and that nobody overtakes. */
#include <sennit/sync.h>

#include "unit/fiber/actors.h"

/* As in semaphore.c: behind its two numbers. */
static struct line *line_of(sn_semaphore *semaphore)
{
    return (struct line *)(void *)&semaphore->opaque[2];
}

struct taker {
    sn_semaphore *semaphore;
    int number;
    uint32_t count;
    sn_milliseconds timeout_ms;
    struct order *order;
};

static sn_error take(void *context)
{
    struct taker *taker = context;
    sn_error error = sn_semaphore_acquire(taker->semaphore, taker->count, taker->timeout_ms);
    if (!error && taker->order)
        order_note(taker->order, taker->number);
    return error;
}

/* --- Without waiting -------------------------------------------------------------------------- */

TEST(what_is_there_is_taken)
{
    sn_semaphore semaphore = SN_SEMAPHORE_INIT(3, 0);
    assert_int_equal(3, sn_semaphore_get_count(&semaphore));
    assert_ok(sn_semaphore_acquire(&semaphore, 2, SN_FOREVER));
    assert_int_equal(1, sn_semaphore_get_count(&semaphore));
    assert_error(SN_ERROR_TIMED_OUT, sn_semaphore_acquire(&semaphore, 2, 0));
    assert_ok(sn_semaphore_acquire(&semaphore, 1, 0));
    assert_error(SN_ERROR_TIMED_OUT, sn_semaphore_acquire(&semaphore, 1, 2));
    assert_ok(sn_semaphore_release(&semaphore, 5));
    assert_int_equal(5, sn_semaphore_get_count(&semaphore));
}

TEST(all_zero_is_a_semaphore_with_nothing_in_it)
{
    sn_semaphore semaphore;
    memset(&semaphore, 0, sizeof semaphore);
    assert_error(SN_ERROR_TIMED_OUT, sn_semaphore_acquire(&semaphore, 1, 0));
    assert_ok(sn_semaphore_release(&semaphore, INT32_MAX));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_semaphore_release(&semaphore, 1));
    assert_ok(sn_semaphore_acquire(&semaphore, INT32_MAX, 0));
    assert_int_equal(0, sn_semaphore_get_count(&semaphore));
}

TEST(more_than_the_maximum_is_refused_and_changes_nothing)
{
    sn_semaphore semaphore = SN_SEMAPHORE_INIT(1, 2), wrong = SN_SEMAPHORE_INIT(5, 2);
    assert_ok(sn_semaphore_release(&semaphore, 1));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_semaphore_release(&semaphore, 1));
    assert_int_equal(2, sn_semaphore_get_count(&semaphore));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_semaphore_release(&semaphore, 3));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_semaphore_acquire(&semaphore, 3, SN_FOREVER));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_semaphore_release(&wrong, 1));
}

TEST(bad_arguments_are_told)
{
    sn_semaphore semaphore = SN_SEMAPHORE_INIT(1, 0);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_semaphore_acquire(NULL, 1, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_semaphore_release(NULL, 1));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_semaphore_acquire(&semaphore, 0, 0));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_semaphore_acquire(&semaphore, 1, -2));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_semaphore_acquire(&semaphore, UINT32_MAX, 0));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_semaphore_release(&semaphore, 0));
    assert_int_equal(0, sn_semaphore_get_count(NULL));
    assert_int_equal(1, sn_semaphore_get_count(&semaphore));
}

/* --- Waiting ---------------------------------------------------------------------------------- */

TEST(first_come_first_served_whoever_waits)
{
    enum { COUNT = 8 };
    sn_semaphore semaphore = SN_SEMAPHORE_INIT(0, 0);
    struct order order = {0};
    struct actor actors[COUNT];
    struct taker takers[COUNT];
    for (int i = 0; i < COUNT; i++) {
        takers[i] = (struct taker){&semaphore, i, 1, SN_FOREVER, &order};
        actor_start(&actors[i], (enum actor_kind)(i % ACTOR_KINDS), take, &takers[i]);
        line_await(&semaphore, line_of(&semaphore), (size_t)i + 1);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_ok(sn_semaphore_release(&semaphore, 1));
        assert_ok(actor_end(&actors[i]));
    }
    order_check(&order, COUNT);
    assert_int_equal(0, sn_semaphore_get_count(&semaphore));
}

/* One that wants three, and behind it one that wants one. */
struct pair_of_takers {
    sn_semaphore semaphore;
    struct actor actors[2];
    struct taker takers[2];
};

static void pair_start(struct pair_of_takers *pair, enum actor_kind kind)
{
    static const uint32_t wanted[] = {3, 1};
    *pair = (struct pair_of_takers){.semaphore = SN_SEMAPHORE_INIT(2, 0)};
    for (int i = 0; i < 2; i++) {
        pair->takers[i] = (struct taker){&pair->semaphore, i, wanted[i], SN_FOREVER, NULL};
        actor_start(&pair->actors[i], kind, take, &pair->takers[i]);
        line_await(&pair->semaphore, line_of(&pair->semaphore), (size_t)i + 1);
    }
}

TEST(who_wants_much_is_not_overtaken)
{
    struct pair_of_takers pair;
    pair_start(&pair, A_FIBER);
    assert_error(SN_ERROR_TIMED_OUT, sn_semaphore_acquire(&pair.semaphore, 1, 0));
    assert_int_equal(2, sn_semaphore_get_count(&pair.semaphore));
    assert_ok(sn_semaphore_release(&pair.semaphore, 1));
    assert_ok(actor_end(&pair.actors[0]));
    assert_int_equal(1, line_length(&pair.semaphore, line_of(&pair.semaphore)));
    assert_ok(sn_semaphore_release(&pair.semaphore, 2));
    assert_ok(actor_end(&pair.actors[1]));
    assert_int_equal(1, sn_semaphore_get_count(&pair.semaphore));
    assert_ok(sn_semaphore_acquire(&pair.semaphore, 1, 0)); /* nobody waits any more */
}

TEST(who_gives_up_lets_those_behind_it_have_what_there_is)
{
    static const enum actor_kind kinds[] = {A_FIBER, A_FIBER_ELSEWHERE, A_THREAD_IN_SCOPE};
    for (size_t k = 0; k < array_count(kinds); k++) {
        struct pair_of_takers pair;
        pair_start(&pair, kinds[k]);
        actor_cancel(&pair.actors[0]);
        assert_error(SN_ERROR_OPERATION_CANCELED, actor_end(&pair.actors[0]));
        assert_ok(actor_end(&pair.actors[1]));
        assert_int_equal(1, sn_semaphore_get_count(&pair.semaphore));
    }
}

TEST(a_deadline_ends_the_wait)
{
    for (int kind = 0; kind < ACTOR_KINDS; kind++) {
        sn_semaphore semaphore = SN_SEMAPHORE_INIT(1, 0);
        struct taker taker = {&semaphore, 0, 2, 2, NULL};
        struct actor actor;
        actor_start(&actor, (enum actor_kind)kind, take, &taker);
        assert_error(SN_ERROR_TIMED_OUT, actor_end(&actor));
        assert_int_equal(1, sn_semaphore_get_count(&semaphore));
        assert_ok(sn_semaphore_acquire(&semaphore, 1, 0));
    }
}

static sn_error take_and_end(void *context)
{
    sn_error error = sn_semaphore_acquire(context, 1, SN_FOREVER);
    record_end(context, sizeof(sn_semaphore));
    return error;
}

/* As soon as it has what it wanted, before the release has returned. */
TEST(who_has_waited_may_end_the_record)
{
    for (int i = 0; i < 300 * ACTOR_KINDS; i++) {
        sn_semaphore semaphore = SN_SEMAPHORE_INIT(0, 0);
        struct actor actor;
        actor_start(&actor, (enum actor_kind)(i % ACTOR_KINDS), take_and_end, &semaphore);
        line_await(&semaphore, line_of(&semaphore), 1);
        assert_ok(sn_semaphore_release(&semaphore, 1));
        assert_ok(actor_end(&actor));
        assert_true(record_is_untouched(&semaphore, sizeof semaphore));
    }
}

/* What a child finds whose parent's threads have waited. */
TEST(who_waits_in_another_process_is_not_there)
{
    sn_semaphore semaphore = SN_SEMAPHORE_INIT(0, 0);
    struct taker taker = {&semaphore, 0, 1, SN_FOREVER, NULL};
    struct actor actor;
    actor_start(&actor, A_FIBER, take, &taker);
    line_await(&semaphore, line_of(&semaphore), 1);
    sn_semaphore copy = semaphore;
    line_of(&copy)->forks++; /* so it was another one's */
    assert_error(SN_ERROR_TIMED_OUT, sn_semaphore_acquire(&copy, 1, 2));
    assert_ok(sn_semaphore_release(&copy, 1));
    assert_int_equal(1, sn_semaphore_get_count(&copy));
    assert_ok(sn_semaphore_acquire(&copy, 1, 0));
    assert_ok(sn_semaphore_release(&semaphore, 1));
    assert_ok(actor_end(&actor));
}

TEST(nothing_is_left_at_the_end)
{
    actors_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_taken),
        cmocka_unit_test(all_zero_is_a_semaphore_with_nothing_in_it),
        cmocka_unit_test(more_than_the_maximum_is_refused_and_changes_nothing),
        cmocka_unit_test(bad_arguments_are_told),
        cmocka_unit_test(first_come_first_served_whoever_waits),
        cmocka_unit_test(who_wants_much_is_not_overtaken),
        cmocka_unit_test(who_gives_up_lets_those_behind_it_have_what_there_is),
        cmocka_unit_test(a_deadline_ends_the_wait),
        cmocka_unit_test(who_has_waited_may_end_the_record),
        cmocka_unit_test(who_waits_in_another_process_is_not_there),
        cmocka_unit_test(nothing_is_left_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
