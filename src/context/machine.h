/*
 * Inside context only: which switch this machine has. Some have both: where the processor keeps
 * shadow stacks, the one by hand cannot be used.
 *
 * A place is what a context that is left is gone on with by; it means something to its own way
 * only.
 */
#ifndef CONTEXT_MACHINE_H
#define CONTEXT_MACHINE_H

#include <features.h>

#include "context/context.h"

/* CONTEXT_UCONTEXT_ONLY: for a test of the other way. */
#if !defined(CONTEXT_UCONTEXT_ONLY) && defined(__LP64__) &&                                        \
    (defined(__x86_64__) || defined(__aarch64__))
#define CONTEXT_BY_HAND
#endif

/* musl declares those functions and has none. */
#ifdef __GLIBC__
#define CONTEXT_BY_UCONTEXT
#endif

/* Below it the first frame lies. */
static inline uintptr_t machine_top(const struct context_stack *stack)
{
    return (uintptr_t)stack->base + stack->size - stack->reserved;
}

#ifdef CONTEXT_BY_HAND
/* Assembly: a place is a stack pointer, at which everything is saved that a function has to keep.
 */
__attribute__((visibility("hidden"))) void context_jump(void **out_place, void *place);
/* Where a new context begins. */
__attribute__((visibility("hidden"))) void context_begin(void);
#ifdef __aarch64__
/* The return address as that processor wants it on a stack, for this stack pointer. */
__attribute__((visibility("hidden"))) uintptr_t context_sign(uintptr_t address, uintptr_t stack);
#endif

void *hand_place(const struct context_stack *stack, void (*run)(void *), void *argument);
#endif

#ifdef CONTEXT_BY_UCONTEXT
void *library_place(const struct context_stack *stack, void (*run)(void *), void *argument);
void library_jump(void **out_place, void *place);
#endif

#endif
