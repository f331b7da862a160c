/*
 * Inside context only: what the tools that watch a program are told. Nothing, where none does.
 *
 * The address sanitizer has to know the bounds of the stack in use, and keeps a stack of its own
 * beside each (the "fake" one); the thread sanitizer takes each context for a thread. Valgrind
 * guesses from the stack pointer, unless it knows the stacks.
 */
#ifndef CONTEXT_INFORM_H
#define CONTEXT_INFORM_H

#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#define CONTEXT_ADDRESS_SANITIZER
#elif defined(__SANITIZE_THREAD__)
#define CONTEXT_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CONTEXT_ADDRESS_SANITIZER
#elif __has_feature(thread_sanitizer)
#define CONTEXT_THREAD_SANITIZER
#endif
#endif

struct context;

/* What has to be kept for them. */
struct context_told {
#if defined(CONTEXT_ADDRESS_SANITIZER)
    struct context *previous; /* what was left for this one */
    void *fake_stack;
    const void *stack_bottom;
    size_t stack_size;
#elif defined(CONTEXT_THREAD_SANITIZER)
    void *fiber;
    _Bool is_made; /* and not the thread's own */
#else
    char nothing[1]; /* a record without members is none in C */
#endif
};

#endif
