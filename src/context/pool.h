/*
 * Inside context only: what the pool of stacks tells the handler of overflows.
 */
#ifndef CONTEXT_POOL_H
#define CONTEXT_POOL_H

#include <stdbool.h>

/* Whether a stack, or its guard, may lie there: between the lowest and the highest there ever was.
 * May be called in a signal's handler. */
bool pool_spans(const void *address);

#endif
