/*
 * What a switch costs, there and back, and what a context costs from taking its stack to giving it
 * back: ours beside what else a C program could take.
 *
 * It uses the insides of the library, and so is none of the benchmarks. The contenders take short
 * turns; the fastest turn of each is the one that nothing else on the machine has disturbed.
 *
 * usage: switch [ROUNDS]
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef HAS_UCONTEXT
#include <ucontext.h>
#endif
#ifdef HAS_PCL
#include <pcl.h>
#endif
#ifdef HAS_ST
#include <st.h>
#endif

#include "context/context.h"

enum { SWITCHES = 20000, LIVES = 2000, STACK_SIZE = 64 << 10 };

static void fail(const char *what)
{
    fprintf(stderr, "switch: %s\n", what);
    exit(1);
}

/* --- Ours --- */

static struct context own, other;
static struct context_stack stack;

static void go_back(void *unused)
{
    (void)unused;
    for (;;)
        context_switch(&other, &own);
}

static void our_switches(long count)
{
    if (!stack.base) {
        if (context_stack_take(&stack, CONTEXT_STACK_SIZE) < 0)
            fail("no stack");
        context_make(&other, &stack, go_back, NULL);
    }
    for (long i = 0; i < count; i++)
        context_switch(&own, &other);
}

static void leave(void *context)
{
    context_leave(context, &own);
}

static void our_lives(long count)
{
    for (long i = 0; i < count; i++) {
        struct context context = {.place = NULL};
        struct context_stack taken;
        if (context_stack_take(&taken, CONTEXT_STACK_SIZE) < 0)
            fail("no stack");
        context_make(&context, &taken, leave, &context);
        context_switch(&own, &context);
        context_end(&context);
        context_stack_give(&taken);
    }
}

static void our_takes(long count)
{
    for (long i = 0; i < count; i++) {
        struct context_stack taken;
        if (context_stack_take(&taken, CONTEXT_STACK_SIZE) < 0)
            fail("no stack");
        context_stack_give(&taken);
    }
}

/* --- The C library's --- */

#ifdef HAS_UCONTEXT

static ucontext_t library_own, library_other;

static void library_back(void)
{
    for (;;)
        (void)swapcontext(&library_other, &library_own);
}

static void library_make(void (*body)(void))
{
    static char room[STACK_SIZE];
    (void)getcontext(&library_other);
    library_other.uc_stack.ss_sp = room;
    library_other.uc_stack.ss_size = sizeof room;
    library_other.uc_link = &library_own;
    makecontext(&library_other, body, 0);
}

static void library_switches(long count)
{
    library_make(library_back);
    for (long i = 0; i < count; i++)
        (void)swapcontext(&library_own, &library_other);
}

static void library_once(void)
{
}

static void library_lives(long count)
{
    for (long i = 0; i < count; i++) {
        library_make(library_once);
        (void)swapcontext(&library_own, &library_other);
    }
}

#endif

/* --- libpcl --- */

#ifdef HAS_PCL

static char pcl_room[STACK_SIZE];

static void pcl_back(void *unused)
{
    (void)unused;
    for (;;)
        co_resume();
}

static void pcl_once(void *unused)
{
    (void)unused;
}

static void pcl_switches(long count)
{
    coroutine_t coroutine = co_create(pcl_back, NULL, pcl_room, sizeof pcl_room);
    for (long i = 0; i < count; i++)
        co_call(coroutine);
    co_delete(coroutine);
}

static void pcl_lives(long count)
{
    for (long i = 0; i < count; i++)
        co_call(co_create(pcl_once, NULL, pcl_room, sizeof pcl_room));
}

#endif

/* --- State Threads: a switch goes through its scheduler --- */

#ifdef HAS_ST

static st_cond_t st_to, st_fro;
static bool st_is_ending;

static void *st_back(void *unused)
{
    while (!st_is_ending) {
        (void)st_cond_signal(st_fro);
        (void)st_cond_wait(st_to);
    }
    return unused;
}

static void *st_once(void *unused)
{
    return unused;
}

static void st_prepare(void)
{
    if (!st_to && (st_init() < 0 || !(st_to = st_cond_new()) || !(st_fro = st_cond_new())))
        fail("no state threads");
}

static void st_switches(long count)
{
    st_prepare();
    st_is_ending = false;
    st_thread_t thread = st_thread_create(st_back, NULL, 1, STACK_SIZE);
    (void)st_cond_wait(st_fro);
    for (long i = 0; i < count; i++) {
        (void)st_cond_signal(st_to);
        (void)st_cond_wait(st_fro);
    }
    st_is_ending = true;
    (void)st_cond_signal(st_to);
    (void)st_thread_join(thread, NULL);
}

static void st_lives(long count)
{
    st_prepare();
    for (long i = 0; i < count; i++)
        (void)st_thread_join(st_thread_create(st_once, NULL, 1, STACK_SIZE), NULL);
}

#endif

/* --- Turns --- */

struct contender {
    const char *name;
    void (*turn)(long count);
    long count;
    double best_ns;
};

static struct contender contenders[] = {
    {"switch there and back: sennit", our_switches, SWITCHES, 0},
#ifdef HAS_UCONTEXT
    {"switch there and back: ucontext", library_switches, SWITCHES, 0},
#endif
#ifdef HAS_PCL
    {"switch there and back: libpcl", pcl_switches, SWITCHES, 0},
#endif
#ifdef HAS_ST
    {"switch there and back: State Threads", st_switches, SWITCHES, 0},
#endif
    {"take a stack and give it: sennit", our_takes, LIVES, 0},
    {"make, run, end: sennit, stack from the pool", our_lives, LIVES, 0},
#ifdef HAS_UCONTEXT
    {"make, run, end: ucontext, always the same stack", library_lives, LIVES, 0},
#endif
#ifdef HAS_PCL
    {"make, run, end: libpcl, always the same stack", pcl_lives, LIVES, 0},
#endif
#ifdef HAS_ST
    {"make, run, join: State Threads", st_lives, LIVES, 0},
#endif
};
enum { CONTENDERS = sizeof contenders / sizeof contenders[0] };

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void take_turn(struct contender *contender)
{
    double begin_ns = now_ns();
    contender->turn(contender->count);
    double each_ns = (now_ns() - begin_ns) / (double)contender->count;
    if (contender->best_ns <= 0 || each_ns < contender->best_ns)
        contender->best_ns = each_ns;
}

int main(int count, char **arguments)
{
    long rounds = count > 1 ? strtol(arguments[1], NULL, 10) : 200;
    if (rounds < 1 || count > 2) {
        fprintf(stderr, "usage: switch [ROUNDS]\n");
        return 2;
    }
#ifdef HAS_PCL
    if (co_thread_init() != 0)
        fail("no libpcl");
#endif
    for (long round = 0; round < rounds; round++)
        for (int i = 0; i < CONTENDERS; i++)
            take_turn(&contenders[i]);
    for (int i = 0; i < CONTENDERS; i++)
        printf("%-50s %8.1f ns\n", contenders[i].name, contenders[i].best_ns);
    return 0;
}
