/**
 * Inside fiber only: the exceptions of C++ that a fiber is in the middle of.
 *
 * C++ has a record of each thread: those that are being handled, and how many are on their way. A
 * fiber that waits in a handler leaves its own there, and the next fiber of the thread would end
 * that one instead of its own. So each fiber has such a record, and it is exchanged as the stack
 * is.
 *
 * The library is not linked with C++. Where the program is, the runtime's function is found when
 * the library is loaded; where it is not, there is nothing to exchange.
 */
#ifndef FIBER_EXCEPTIONS_H
#define FIBER_EXCEPTIONS_H

#include "base/base.h"

/* As the ABI of C++ has it ("caught exception stack"), whichever runtime it is. */
struct exceptions {
    void *handled; /* the last of a list that the runtime keeps */
    unsigned int thrown_count;
#ifdef __ARM_EABI__
    void *propagating;
#endif
};

/* The calling thread's. The ABI's name, since it is not ours. */
__attribute__((weak, visibility("default"))) struct exceptions *__cxa_get_globals(void);

/* NULL: there is no C++. It is the thread's as long as that lives. */
static inline struct exceptions *exceptions_of_thread(void)
{
    return __cxa_get_globals ? __cxa_get_globals() : NULL;
}

/* What the thread is in the middle of is kept, and what was kept is the thread's from now on. */
static inline void exceptions_exchange(struct exceptions *of_thread, struct exceptions *kept)
{
    if (of_thread) {
        struct exceptions other = *of_thread;
        *of_thread = *kept;
        *kept = other;
    }
}

#endif
