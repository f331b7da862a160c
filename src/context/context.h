/**
 * context: stacks of their own, and the switch between them.
 *
 * A flow of control is left in the middle of a function and gone on with later, on the same thread.
 * The room must never know what runs on a stack, when and why it is left, or what an engine is.
 * Sanitizers and valgrind are told of every stack and every switch here, so nobody else has to
 * know them either.
 */
#ifndef CONTEXT_CONTEXT_H
#define CONTEXT_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "context/inform.h"

/* --- Stacks ---------------------------------------------------------------------------------- */

/* Bytes that can be used. One of the default size comes from the pool. */
#define CONTEXT_STACK_SIZE     ((size_t)64 << 10)
#define CONTEXT_STACK_SIZE_MIN ((size_t)16 << 10)
#define CONTEXT_STACK_SIZE_MAX ((size_t)1 << 30)

struct context_stack {
    void *base;  /* owned; the guard lies below it */
    size_t size; /* bytes from `base` upward: whole pages */
    uint32_t guard_size;
    uint32_t reserved; /* bytes at the highest addresses where nothing runs */
    uint32_t valgrind_id;
};

/*
 * A stack of `size` bytes, rounded up to pages; memory is taken where it is touched. -EINVAL: 0
 * bytes; -ENOMEM; -ENOSYS: this machine has neither a switch of ours nor one of its C library.
 */
int32_t context_stack_take(struct context_stack *out_stack, size_t size);
/*
 * `size` bytes of it, for who takes it: before a context is made on it, and until it is given back.
 * They are not cleared. Mostly they lie in the page that is touched anyway.
 */
void *context_stack_reserve(struct context_stack *stack, size_t size);
/* Nothing runs on it any more. It is empty then. */
void context_stack_give(struct context_stack *stack);

/* Whether a fault at this address means that the stack was too small. */
static inline bool context_is_overflow(const struct context_stack *stack, const void *address)
{
    return (uintptr_t)stack->base - (uintptr_t)address - 1 < stack->guard_size;
}

/* --- The switch ------------------------------------------------------------------------------ */

/* One flow of control. All zero: the one that a thread has anyway, when it is left first. */
struct context {
    void *place; /* while it is left: what the switch has saved, on its own stack */
    void (*body)(void *);
    void *argument; /* borrowed: for `body` */
    struct context_told told;
};

/* What a thread has anyway, before it is left: what of it is looked at then. */
static inline void context_init_own(struct context *context)
{
    context->told = (struct context_told){0};
}
/* The first switch to it calls `body` on the stack, which ends with context_leave() and never
 * returns. The context must stay where it is. */
void context_make(struct context *context, const struct context_stack *stack, void (*body)(void *),
                  void *argument);
/* Leaves `from`, which is what runs now, and goes on with `to`, of the same thread. Returns once
 * something goes on with `from`. */
void context_switch(struct context *from, struct context *to);
/* The same for the last time: `from` never runs again. */
__attribute__((noreturn)) void context_leave(struct context *from, struct context *to);
/* After it has left: nothing is kept for it any more. Its stack may be given back. */
void context_end(struct context *context);

/* --- Overflows ------------------------------------------------------------------------------- */

/* What the calling thread runs on now, for the message. */
struct context_running {
    const struct context_stack *stack; /* borrowed */
    const char *kind, *name;           /* borrowed: "fiber", and which one; "" for none */
    const char *advice;                /* borrowed: "start it with ..." */
};

/*
 * From now on a stack that overflows says so on stderr, before the process ends as it would have
 * ended. It takes the process's signals SIGSEGV and SIGBUS, and hands on what is not its own; so it
 * is done only where the program has asked for it.
 *
 * `running` is called inside the signal's handler. False: the thread is on its own stack.
 */
int32_t context_watch_overflows(bool (*running)(struct context_running *out_running));
/* Before this thread runs on one of our stacks: where its handlers of signals can run once that
 * stack is full. Does nothing where overflows are not watched, or where it has such a place. */
int32_t context_prepare_thread(void);

#endif
