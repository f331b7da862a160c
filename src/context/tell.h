/*
 * Inside context only: telling them. Each step of context.c has its own function here.
 */
#ifndef CONTEXT_TELL_H
#define CONTEXT_TELL_H

#include "context/context.h"

#if defined(CONTEXT_ADDRESS_SANITIZER)

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

static inline void tell_made(struct context *context, const struct context_stack *stack)
{
    context->told = (struct context_told){.stack_bottom = stack->base, .stack_size = stack->size};
}

static inline void tell_leaving(struct context *from, struct context *to, bool is_last)
{
    to->told.previous = from;
    __sanitizer_start_switch_fiber(is_last ? NULL : &from->told.fake_stack, to->told.stack_bottom,
                                   to->told.stack_size);
}

/* The bounds of a thread's own stack are learnt here, when it is left. */
static inline void tell_arrived(struct context *context)
{
    struct context *previous = context->told.previous;
    __sanitizer_finish_switch_fiber(context->told.fake_stack, &previous->told.stack_bottom,
                                    &previous->told.stack_size);
}

static inline void tell_ended(struct context *context)
{
    (void)context;
}

/* Functions that never returned have left their marks. */
static inline void tell_unused(const struct context_stack *stack)
{
    __asan_unpoison_memory_region(stack->base, stack->size);
}

#elif defined(CONTEXT_THREAD_SANITIZER)

#include <sanitizer/tsan_interface.h>

static inline void tell_made(struct context *context, const struct context_stack *stack)
{
    (void)stack;
    context->told = (struct context_told){.fiber = __tsan_create_fiber(0), .is_made = true};
}

/* Just before the switch, so that no function ends in another fiber than it began in. */
static inline __attribute__((always_inline)) void tell_leaving(struct context *from,
                                                               struct context *to, bool is_last)
{
    (void)is_last;
    if (!from->told.is_made)
        from->told.fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to->told.fiber, 0);
}

static inline void tell_arrived(struct context *context)
{
    (void)context;
}

static inline void tell_ended(struct context *context)
{
    if (context->told.is_made)
        __tsan_destroy_fiber(context->told.fiber);
    context->told = (struct context_told){.fiber = NULL};
}

static inline void tell_unused(const struct context_stack *stack)
{
    (void)stack;
}

#else

static inline void tell_made(struct context *context, const struct context_stack *stack)
{
    (void)context;
    (void)stack;
}

static inline void tell_leaving(struct context *from, struct context *to, bool is_last)
{
    (void)from;
    (void)to;
    (void)is_last;
}

static inline void tell_arrived(struct context *context)
{
    (void)context;
}

static inline void tell_ended(struct context *context)
{
    (void)context;
}

static inline void tell_unused(const struct context_stack *stack)
{
    (void)stack;
}

#endif

/* --- Once for each stack --- */

#ifdef SENNIT_VALGRIND
#include <valgrind/memcheck.h>
#endif
#ifdef CONTEXT_ADDRESS_SANITIZER
#include <sanitizer/lsan_interface.h>
#endif

/* What only a stack points to has not leaked. */
static inline void tell_mapped(struct context_stack *stack)
{
    stack->valgrind_id = 0;
#ifdef SENNIT_VALGRIND
    stack->valgrind_id =
        (uint32_t)VALGRIND_STACK_REGISTER(stack->base, (char *)stack->base + stack->size);
#endif
#ifdef CONTEXT_ADDRESS_SANITIZER
    __lsan_register_root_region(stack->base, stack->size);
#endif
}

/* Frames of an earlier use may have lain there, and are gone. */
static inline void tell_reserved(void *memory, size_t size)
{
#ifdef SENNIT_VALGRIND
    VALGRIND_MAKE_MEM_UNDEFINED(memory, size);
#endif
    (void)memory;
    (void)size;
}

static inline void tell_unmapped(const struct context_stack *stack)
{
#ifdef SENNIT_VALGRIND
    VALGRIND_STACK_DEREGISTER(stack->valgrind_id);
#endif
#ifdef CONTEXT_ADDRESS_SANITIZER
    __lsan_unregister_root_region(stack->base, stack->size);
#endif
    (void)stack;
}

#endif
