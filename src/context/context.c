#include "context/context.h"

#include "base/base.h"
#include "context/machine.h"
#include "context/tell.h"

/* --- Which way ------------------------------------------------------------------------------- */

#if defined(CONTEXT_BY_HAND) && defined(CONTEXT_BY_UCONTEXT) && defined(__CET__) && (__CET__ & 2)

/* Where the processor keeps return addresses a second time, a return to somewhere else is a fault,
 * and only the C library knows how to exchange that stack too. Asked once: a process does not
 * change its mind while contexts are left. */
static bool has_shadow_stack;

__attribute__((constructor)) static void look_for_shadow_stack(void)
{
    uint64_t place = 0;
    __asm__ volatile("rdsspq %0" : "+r"(place)); /* does nothing where there is none */
    has_shadow_stack = place != 0;
}

#define IS_BY_HAND likely(!has_shadow_stack)

#elif defined(CONTEXT_BY_HAND)
#define IS_BY_HAND true
#endif

/* Inlined, so that the thread sanitizer sees no function that begins on one stack and ends on
 * another. */
static HOT void jump(void **out_place, void *place)
{
#ifdef CONTEXT_BY_HAND
    if (IS_BY_HAND) {
        context_jump(out_place, place);
        return;
    }
#endif
#ifdef CONTEXT_BY_UCONTEXT
    library_jump(out_place, place);
#else
    (void)out_place;
    (void)place;
#endif
}

/* --- A context ------------------------------------------------------------------------------- */

static void run(void *argument)
{
    struct context *context = argument;
    tell_arrived(context);
    context->body(context->argument);
    __builtin_unreachable();
}

static void *place_of_new(struct context *context, const struct context_stack *stack)
{
#ifdef CONTEXT_BY_HAND
    if (IS_BY_HAND)
        return hand_place(stack, run, context);
#endif
#ifdef CONTEXT_BY_UCONTEXT
    return library_place(stack, run, context);
#else
    (void)stack;
    (void)context;
    return NULL;
#endif
}

void context_make(struct context *context, const struct context_stack *stack, void (*body)(void *),
                  void *argument)
{
    context->body = body;
    context->argument = argument;
    context->place = place_of_new(context, stack);
    tell_made(context, stack);
}

void context_switch(struct context *from, struct context *to)
{
    tell_leaving(from, to, false);
    jump(&from->place, to->place);
    tell_arrived(from);
}

void context_leave(struct context *from, struct context *to)
{
    tell_leaving(from, to, true);
    jump(&from->place, to->place);
    __builtin_unreachable();
}

void context_end(struct context *context)
{
    tell_ended(context);
}
