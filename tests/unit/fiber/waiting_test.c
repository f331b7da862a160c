/* A line: who stands in it, and what ends the standing. What waits is of the test's own. */
#include "fiber/waiting.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "unit/fiber/actors.h"

/* Something that is there, or not, for one at a time. */
struct thing {
    struct line line;
    uint32_t asked, left; /* under the guard: how often */
    bool is_there;
};

struct thing_waiting {
    struct waiting waiting;
    struct thing *thing;
};

static bool attempt(struct waiting *waiting, bool may_wait)
{
    struct thing *thing = container_of(waiting, struct thing_waiting, waiting)->thing;
    bool was_there = thing->is_there;
    (void)may_wait;
    thing->asked++;
    thing->is_there = false;
    return was_there;
}

static void left(struct waiting *waiting)
{
    container_of(waiting, struct thing_waiting, waiting)->thing->left++;
}

static const struct waiting_class class = {.wait = FLOW_WAIT_LOCK,
                                           .attempt = attempt,
                                           .left = left},
                                  deaf_class = {.wait = FLOW_WAIT_LOCK, .ignores_signals = true};

static sn_error wait_until(struct thing *thing, const struct waiting_class *of, int64_t deadline_ns)
{
    struct thing_waiting own = {.thing = thing};
    waiting_begin(&own.waiting, of, thing, &thing->line);
    return waiting_run(&own.waiting, deadline_ns);
}

static sn_error wait_for_it(void *context)
{
    return wait_until(context, &class, SYS_NEVER);
}

static sn_error wait_shortly(void *context)
{
    return wait_until(context, &class, deadline_after(2));
}

static sn_error wait_deaf(void *context)
{
    return wait_until(context, &deaf_class, SYS_NEVER);
}

static bool tell_first(struct thing *thing, sn_error error)
{
    waiting_hold(thing);
    struct waiting *first = line_first(&thing->line);
    if (first)
        waiting_tell(first, error);
    waiting_let_go(thing);
    return first != NULL;
}

TEST(what_is_there_is_got_without_standing_in_the_line)
{
    struct thing thing = {.is_there = true};
    assert_ok(wait_for_it(&thing));
    assert_error(SN_ERROR_TIMED_OUT, wait_until(&thing, &class, 0));
    assert_int_equal(2, thing.asked);
    assert_int_equal(0, thing.left);
    assert_int_equal(0, line_length(&thing, &thing.line));
}

TEST(each_is_told_once_with_its_error)
{
    for (int kind = 0; kind < ACTOR_KINDS; kind++) {
        struct thing thing = {0};
        struct actor actor;
        assert_false(tell_first(&thing, SN_OK));
        actor_start(&actor, (enum actor_kind)kind, wait_for_it, &thing);
        line_await(&thing, &thing.line, 1);
        assert_true(tell_first(&thing, SN_ERROR_FORMAT));
        assert_false(tell_first(&thing, SN_OK));
        assert_error(SN_ERROR_FORMAT, actor_end(&actor));
        assert_int_equal(0, thing.left);
    }
}

TEST(all_can_be_told_at_once)
{
    enum { COUNT = 8 };
    struct thing thing = {0};
    struct actor actors[COUNT];
    for (int i = 0; i < COUNT; i++)
        actor_start(&actors[i], (enum actor_kind)(i % ACTOR_KINDS), wait_for_it, &thing);
    line_await(&thing, &thing.line, COUNT);
    waiting_hold(&thing);
    line_tell_all(&thing.line, SN_ERROR_SHUTDOWN);
    waiting_let_go(&thing);
    for (int i = 0; i < COUNT; i++)
        assert_error(SN_ERROR_SHUTDOWN, actor_end(&actors[i]));
    assert_int_equal(0, line_length(&thing, &thing.line));
}

TEST(who_gives_up_has_left)
{
    for (int kind = 0; kind < ACTOR_KINDS; kind++) {
        struct thing thing = {0};
        struct actor actor;
        actor_start(&actor, (enum actor_kind)kind, wait_shortly, &thing);
        assert_error(SN_ERROR_TIMED_OUT, actor_end(&actor));
        assert_int_equal(1, thing.left);
        if (kind == A_THREAD)
            continue;
        actor_start(&actor, (enum actor_kind)kind, wait_for_it, &thing);
        line_await(&thing, &thing.line, 1);
        actor_cancel(&actor);
        assert_error(SN_ERROR_OPERATION_CANCELED, actor_end(&actor));
        assert_int_equal(2, thing.left);
        assert_int_equal(0, line_length(&thing, &thing.line));
    }
}

TEST(in_a_child_the_line_of_its_parent_is_empty)
{
    struct thing thing = {0}, copy;
    struct actor actor;
    actor_start(&actor, A_FIBER, wait_for_it, &thing);
    line_await(&thing, &thing.line, 1);
    copy = thing;
    copy.line.forks++; /* as if it had been another process's */
    assert_null(line_first(&copy.line));
    assert_int_equal(sys_fork_count(), copy.line.forks);
    assert_true(tell_first(&thing, SN_OK));
    assert_ok(actor_end(&actor));
}

/* It has none yet, since it is new, and gets none; a limit of 0 allows no descriptor any more. */
static sn_error wait_without_event(void *context)
{
    struct rlimit limit, none;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
    none = limit;
    none.rlim_cur = 0;
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
    sn_error error = wait_for_it(context);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
    return error && sn_error_last_native() != EMFILE ? SN_ERROR_FAULT : error;
}

TEST(without_a_descriptor_to_wake_it_a_thread_in_a_scope_does_not_wait)
{
    struct thing thing = {0};
    struct actor actor;
    actor_start(&actor, A_THREAD_IN_SCOPE, wait_without_event, &thing);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, actor_end(&actor));
    assert_int_equal(0, line_length(&thing, &thing.line));
    thing.is_there = true; /* what is there needs none */
    actor_start(&actor, A_THREAD_IN_SCOPE, wait_without_event, &thing);
    assert_ok(actor_end(&actor));
}

/* --- Signals ---------------------------------------------------------------------------------- */

static struct {
    uint32_t asked; /* atomic */
    bool ends;
    struct thing *inside; /* what is waited for in the hook, where it is there */
} hook;

static bool answer(void *context)
{
    (void)context;
    if (hook.inside) {
        struct thing *thing = hook.inside;
        hook.inside = NULL;
        if (line_length(thing, &thing->line) != 0)
            abort(); /* the one that asks stands in it */
    }
    atomic_add_acq_rel(&hook.asked, 1u);
    return hook.ends;
}

static void note_signal(int number)
{
    (void)number;
}

static void hook_begin(bool ends, struct thing *inside)
{
    const struct sigaction action = {.sa_handler = note_signal}; /* no SA_RESTART */
    assert_int_equal(0, sigaction(SIGUSR1, &action, NULL));
    hook.asked = 0;
    hook.ends = ends;
    hook.inside = inside;
    sn_set_interrupt_hook(answer, NULL);
}

/* A signal that comes just before the sleep is not noticed, so another one is sent. */
static void signal_until_asked(struct actor *actor)
{
    while (atomic_load_acquire(&hook.asked) == 0) {
        assert_int_equal(0, pthread_kill(actor->thread.id, SIGUSR1));
        sched_yield();
    }
}

TEST(a_signal_ends_the_wait_of_a_thread_if_the_hook_says_so)
{
    for (int kind = A_THREAD; kind <= A_THREAD_IN_SCOPE; kind++) {
        struct thing thing = {0};
        struct actor actor;
        hook_begin(true, &thing);
        actor_start(&actor, (enum actor_kind)kind, wait_for_it, &thing);
        line_await(&thing, &thing.line, 1);
        signal_until_asked(&actor);
        assert_error(SN_ERROR_INTERRUPTED, actor_end(&actor));
        sn_set_interrupt_hook(NULL, NULL);
        assert_true(thing.left >= 1);
        assert_int_equal(0, line_length(&thing, &thing.line));
    }
}

TEST(a_signal_that_the_hook_lets_pass_has_it_look_again)
{
    for (int kind = A_THREAD; kind <= A_THREAD_IN_SCOPE; kind++) {
        struct thing thing = {0};
        struct actor actor;
        hook_begin(false, &thing);
        actor_start(&actor, (enum actor_kind)kind, wait_for_it, &thing);
        line_await(&thing, &thing.line, 1);
        signal_until_asked(&actor);
        while (!tell_first(&thing, SN_OK))
            sched_yield();
        assert_ok(actor_end(&actor));
        sn_set_interrupt_hook(NULL, NULL);
        assert_int_equal(thing.asked, thing.left + 1);
    }
}

TEST(one_that_ignores_signals_stays_in_its_place)
{
    struct thing thing = {0};
    struct actor actor;
    hook_begin(true, NULL);
    actor_start(&actor, A_THREAD, wait_deaf, &thing);
    line_await(&thing, &thing.line, 1);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(0, pthread_kill(actor.thread.id, SIGUSR1));
    assert_int_equal(1, line_length(&thing, &thing.line));
    assert_int_equal(0, atomic_load_acquire(&hook.asked));
    assert_true(tell_first(&thing, SN_OK));
    assert_ok(actor_end(&actor));
    sn_set_interrupt_hook(NULL, NULL);
}

TEST(nothing_is_left_at_the_end)
{
    actors_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_got_without_standing_in_the_line),
        cmocka_unit_test(each_is_told_once_with_its_error),
        cmocka_unit_test(all_can_be_told_at_once),
        cmocka_unit_test(who_gives_up_has_left),
        cmocka_unit_test(in_a_child_the_line_of_its_parent_is_empty),
        cmocka_unit_test(without_a_descriptor_to_wake_it_a_thread_in_a_scope_does_not_wait),
        cmocka_unit_test(a_signal_ends_the_wait_of_a_thread_if_the_hook_says_so),
        cmocka_unit_test(a_signal_that_the_hook_lets_pass_has_it_look_again),
        cmocka_unit_test(one_that_ignores_signals_stays_in_its_place),
        cmocka_unit_test(nothing_is_left_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
