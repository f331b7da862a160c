#include "support/test.h"

#include <fenv.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/time.h>

#include "context/context.h"

/* Two flows of control, and what one tells the other. */
struct pair {
    struct context_stack stack;
    struct context own, other;
    long count, limit;
    const void *seen;
};

static void begin(struct pair *pair, void (*body)(void *))
{
    assert_int_equal(context_stack_take(&pair->stack, CONTEXT_STACK_SIZE), 0);
    context_make(&pair->other, &pair->stack, body, pair);
}

static void end(struct pair *pair)
{
    context_end(&pair->other);
    context_stack_give(&pair->stack);
}

/* --- Where it runs --- */

static void tell_where(void *argument)
{
    struct pair *pair = argument;
    volatile char here = 0;
    pair->seen = __builtin_frame_address(0);
    (void)here;
    context_leave(&pair->other, &pair->own);
}

TEST(a_body_runs_on_its_stack)
{
    struct pair pair = {.count = 0};
    begin(&pair, tell_where);
    struct context_stack stack = pair.stack;
    context_switch(&pair.own, &pair.other);
    assert_true((uintptr_t)pair.seen > (uintptr_t)stack.base);
    assert_true((uintptr_t)pair.seen < (uintptr_t)stack.base + stack.size);
    end(&pair);
}

/* A vector register that is stored with its own alignment faults on a stack without it. */
static void note_alignment(void *argument)
{
    struct pair *pair = argument;
    _Alignas(16) volatile char aligned[16] = {0};
    pair->seen = (const void *)&aligned[0];
    pair->count = (long)((uintptr_t)__builtin_frame_address(0) % 16);
    context_leave(&pair->other, &pair->own);
}

TEST(the_stack_of_a_body_is_aligned)
{
    struct pair pair = {.count = -1};
    begin(&pair, note_alignment);
    context_switch(&pair.own, &pair.other);
    assert_int_equal((uintptr_t)pair.seen % 16, 0);
    assert_int_equal(pair.count, 0);
    end(&pair);
}

/* --- Recursion --- */

static __attribute__((noinline)) long sum_deep(long depth)
{
    volatile char room[256];
    room[0] = (char)depth;
    long rest = depth ? sum_deep(depth - 1) : 0;
    return rest + (room[0] == (char)depth);
}

static void recurse(void *argument)
{
    struct pair *pair = argument;
    pair->count = sum_deep(pair->limit);
    context_leave(&pair->other, &pair->own);
}

TEST(recursion_uses_the_stack)
{
    struct pair pair = {.limit = 2000};
    assert_int_equal(context_stack_take(&pair.stack, (size_t)4 << 20), 0);
    assert_int_equal(pair.stack.size, 4 << 20);
    context_make(&pair.other, &pair.stack, recurse, &pair);
    context_switch(&pair.own, &pair.other);
    assert_int_equal(pair.count, 2001);
    end(&pair);
}

/* --- What survives --- */

/* Enough values at once that a compiler keeps them where a function has to leave them. */
#define MIX(a, b) ((a)*UINT64_C(0x9e3779b97f4a7c15) + (b))

static void spoil(void *argument)
{
    struct pair *pair = argument;
    uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, j = 10, k = 11;
    double p = 1, q = 2, r = 3, s = 4, t = 5, u = 6, v = 7, w = 8;
    for (;;) {
        a = MIX(a, k), b = MIX(b, a), c = MIX(c, b), d = MIX(d, c), e = MIX(e, d), f = MIX(f, e);
        g = MIX(g, f), h = MIX(h, g), i = MIX(i, h), j = MIX(j, i), k = MIX(k, j);
        p += w, q += p, r += q, s += r, t += s, u += t, v += u, w = w / 2 + v;
        pair->count = (long)(k & 0xff);
        if (pair->limit-- == 0)
            context_leave(&pair->other, &pair->own);
        context_switch(&pair->other, &pair->own);
    }
}

TEST(what_a_function_relies_on_survives)
{
    struct pair pair = {.limit = 1000};
    begin(&pair, spoil);
    uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, j = 10, k = 11;
    double p = 1, q = 2, r = 3, s = 4, t = 5, u = 6, v = 7, w = 8;
    for (int round = 0; round < 1001; round++) {
        context_switch(&pair.own, &pair.other);
        a += 1, b += 1, c += 1, d += 1, e += 1, f += 1, g += 1, h += 1, i += 1, j += 1, k += 1;
        p += 1, q += 1, r += 1, s += 1, t += 1, u += 1, v += 1, w += 1;
    }
    assert_int_equal(a + b + c + d + e + f + g + h + i + j + k, 66 + 11 * 1001);
    assert_true(p + q + r + s + t + u + v + w == 36 + 8 * 1001);
    end(&pair);
}

static void round_upward(void *argument)
{
    struct pair *pair = argument;
    pair->count = fegetround();
    (void)fesetround(FE_UPWARD);
    context_switch(&pair->other, &pair->own);
    pair->limit = fegetround();
    context_leave(&pair->other, &pair->own);
}

/* As a thread, a context begins with what its maker has, and keeps its own. */
TEST(rounding_belongs_to_a_context)
{
    struct pair pair = {.count = -1};
    assert_int_equal(fesetround(FE_DOWNWARD), 0);
    begin(&pair, round_upward);
    assert_int_equal(fesetround(FE_TONEAREST), 0);
    context_switch(&pair.own, &pair.other);
    assert_int_equal(pair.count, FE_DOWNWARD);
    assert_int_equal(fegetround(), FE_TONEAREST);
    context_switch(&pair.own, &pair.other);
    assert_int_equal(pair.limit, FE_UPWARD);
    assert_int_equal(fegetround(), FE_TONEAREST);
    end(&pair);
}

/* --- To and fro --- */

static void count_up(void *argument)
{
    struct pair *pair = argument;
    while (pair->count < pair->limit) {
        pair->count++;
        context_switch(&pair->other, &pair->own);
    }
    context_leave(&pair->other, &pair->own);
}

static void play(long rounds)
{
    struct pair pair = {.limit = rounds};
    begin(&pair, count_up);
    for (long i = 1; i <= rounds; i++) {
        context_switch(&pair.own, &pair.other);
        assert_int_equal(pair.count, i);
    }
    context_switch(&pair.own, &pair.other);
    end(&pair);
}

TEST(a_million_times_there_and_back)
{
    play(1000000);
}

static volatile sig_atomic_t signal_count;

static void count_signal(int number)
{
    (void)number;
    signal_count = signal_count + 1;
}

/* Goes on until some signals have come, however fast the machine is. */
TEST(signals_may_come_at_any_moment)
{
    struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART}, before;
    const struct itimerval each_ms = {.it_interval.tv_usec = 1000, .it_value.tv_usec = 1000};
    const struct itimerval never = {.it_value.tv_usec = 0};
    assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &each_ms, NULL), 0);
    signal_count = 0;
    play(1000000);
    while (signal_count < 20)
        play(10000);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
}

/* --- From one to the next --- */

enum { CROWD = 50 };

struct crowd {
    struct context own;
    struct crowd_member {
        struct context_stack stack;
        struct context context;
        struct crowd *crowd;
        int index;
    } members[CROWD];
    int order[CROWD], count;
};

static void pass_on(void *argument)
{
    struct crowd_member *member = argument;
    struct crowd *crowd = member->crowd;
    crowd->order[crowd->count++] = member->index;
    context_leave(&member->context, member->index + 1 < CROWD
                                        ? &crowd->members[member->index + 1].context
                                        : &crowd->own);
}

TEST(contexts_go_on_with_each_other)
{
    static struct crowd crowd;
    for (int i = 0; i < CROWD; i++) {
        struct crowd_member *member = &crowd.members[i];
        member->crowd = &crowd;
        member->index = i;
        assert_int_equal(context_stack_take(&member->stack, CONTEXT_STACK_SIZE), 0);
        context_make(&member->context, &member->stack, pass_on, member);
    }
    context_switch(&crowd.own, &crowd.members[0].context);
    assert_int_equal(crowd.count, CROWD);
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(crowd.order[i], i);
        context_end(&crowd.members[i].context);
        context_stack_give(&crowd.members[i].stack);
    }
}

/* Sanitizers keep something for each; a stack is used again after each. */
TEST(thousands_begin_and_end)
{
    for (int i = 0; i < 10000; i++) {
        struct pair pair = {.count = 0};
        begin(&pair, tell_where);
        context_switch(&pair.own, &pair.other);
        end(&pair);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_runs_on_its_stack),
        cmocka_unit_test(the_stack_of_a_body_is_aligned),
        cmocka_unit_test(recursion_uses_the_stack),
        cmocka_unit_test(what_a_function_relies_on_survives),
        cmocka_unit_test(rounding_belongs_to_a_context),
        cmocka_unit_test(a_million_times_there_and_back),
        cmocka_unit_test(signals_may_come_at_any_moment),
        cmocka_unit_test(contexts_go_on_with_each_other),
        cmocka_unit_test(thousands_begin_and_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
