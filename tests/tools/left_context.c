/*
 * For backtrace_test.sh: leaves a context in the middle of some functions, and comes to a place
 * where a debugger can stop it.
 */
#include <stddef.h>

#include "context/context.h"

struct context own_context, left_context;

void stop_here(void);
void inner_wait(void);
void outer_wait(void);

/* No call is a function's last step, so that each has a frame. */
#define KEEP_FRAME() __asm__ volatile("")

__attribute__((noinline)) void stop_here(void)
{
    KEEP_FRAME();
}

__attribute__((noinline)) void inner_wait(void)
{
    context_switch(&left_context, &own_context);
    KEEP_FRAME();
}

__attribute__((noinline)) void outer_wait(void)
{
    inner_wait();
    KEEP_FRAME();
}

static void body(void *argument)
{
    (void)argument;
    outer_wait();
    context_leave(&left_context, &own_context);
}

int main(void)
{
    struct context_stack stack;
    if (context_stack_take(&stack, CONTEXT_STACK_SIZE) < 0)
        return 1;
    context_make(&left_context, &stack, body, NULL);
    context_switch(&own_context, &left_context);
    stop_here();
    context_switch(&own_context, &left_context);
    context_end(&left_context);
    context_stack_give(&stack);
    return 0;
}
