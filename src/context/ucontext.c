/*
 * The switch of the C library, for machines without one by hand and for shadow stacks. It also
 * exchanges the mask of blocked signals, with a system call each time.
 *
 * The records are large (968 bytes on x86-64), and only needed while a context is left; so each
 * lies on the stack that was left.
 */
#include "context/machine.h"

#ifdef CONTEXT_BY_UCONTEXT

#include <ucontext.h>

#include "base/base.h"

struct first {
    ucontext_t place;
    void (*run)(void *);
    void *argument;
};

/* Arguments of such a function are ints. */
static void begin(unsigned int high, unsigned int low)
{
    const struct first *first = (const struct first *)(uintptr_t)((uint64_t)high << 32 | low);
    first->run(first->argument);
}

void *library_place(const struct context_stack *stack, void (*run)(void *), void *argument)
{
    uintptr_t at = (machine_top(stack) - sizeof(struct first)) & ~(uintptr_t)63;
    struct first *first = (struct first *)at;
    int failed = getcontext(&first->place);
    assert(!failed); /* it reads this thread's mask of signals */
    (void)failed;
    first->run = run;
    first->argument = argument;
    first->place.uc_link = NULL;
    first->place.uc_stack.ss_sp = stack->base;
    first->place.uc_stack.ss_size = at - (uintptr_t)stack->base;
    makecontext(&first->place, (void (*)(void))(void *)begin, 2, (unsigned int)((uint64_t)at >> 32),
                (unsigned int)at);
    return first;
}

__attribute__((no_sanitize("thread"))) void library_jump(void **out_place, void *place)
{
    ucontext_t own;
    *out_place = &own;
    int failed = swapcontext(&own, place);
    assert(!failed);
    (void)failed;
}

#endif
