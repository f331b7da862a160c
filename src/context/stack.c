/*
 * Where stacks come from: a pool of those of the default size, the last one given first, since its
 * upper pages are in the processor's caches. What is free is bounded by what is in use, and a few.
 *
 * A free stack keeps the pages that were touched. How deep it was used cannot be told without a
 * system call, which costs more than everything else about taking and giving; so a stack that is
 * too many is unmapped, and the others keep what they have.
 */
#include "context/context.h"

#include <errno.h>

#include "base/base.h"
#include "context/machine.h"
#include "context/pool.h"
#include "context/tell.h"
#include "sys/sys.h"

/* Free ones, beside as many as are in use. At most 64 MiB, mostly 8. */
#define SPARE_STACKS 1024u

/*
 * All stacks begin at the same place of a page, so what runs on them would meet in the same few
 * sets of the processor's caches. So they begin with room that stays free, of 16 sizes.
 */
#define COLOURS     16u
#define COLOUR_SIZE 128u

/* In a free stack, at its end. */
struct free_stack {
    struct free_stack *next;
    struct context_stack stack;
};

static struct {
    struct lock lock; /* held for a few instructions, and during a fork */
    struct free_stack *free;
    struct free_stack *stuck;      /* of any size: could not be unmapped */
    size_t free_count, used_count; /* of the default size */
    uintptr_t lowest,
        highest; /* where stacks have been; only grows, and is read without the lock */
} pool = {.lock = LOCK_INITIALIZER, .lowest = UINTPTR_MAX};

static void hold(void)
{
    lock_acquire(&pool.lock);
}

static void let_go(void)
{
    lock_release(&pool.lock);
}

__attribute__((constructor)) static void watch_forks(void)
{
    (void)sys_on_fork(hold, let_go, let_go);
}

/* --- The lists ------------------------------------------------------------------------------- */

static void push(struct free_stack **list, const struct context_stack *stack)
{
    struct free_stack *freed = (struct free_stack *)(void *)((char *)stack->base + stack->size) - 1;
    freed->stack = *stack;
    freed->next = *list;
    *list = freed;
}

static bool pop(struct free_stack **list, struct context_stack *out_stack)
{
    struct free_stack *first = *list;
    if (!first)
        return false;
    *list = first->next;
    *out_stack = first->stack;
    return true;
}

static void push_stuck(const struct context_stack *stack)
{
    lock_acquire(&pool.lock);
    push(&pool.stuck, stack);
    lock_release(&pool.lock);
}

static bool pop_stuck(struct context_stack *out_stack)
{
    lock_acquire(&pool.lock);
    bool is_one = pop(&pool.stuck, out_stack);
    lock_release(&pool.lock);
    return is_one;
}

/* --- Taking ---------------------------------------------------------------------------------- */

static void note_span(const struct context_stack *stack)
{
    uintptr_t base = (uintptr_t)stack->base;
    lock_acquire(&pool.lock);
    if (base - stack->guard_size < pool.lowest)
        atomic_store_relaxed(&pool.lowest, base - stack->guard_size);
    if (base + stack->size > pool.highest)
        atomic_store_relaxed(&pool.highest, base + stack->size);
    lock_release(&pool.lock);
}

bool pool_spans(const void *address)
{
    return (uintptr_t)address >= atomic_load_relaxed(&pool.lowest) &&
           (uintptr_t)address < atomic_load_relaxed(&pool.highest);
}

static int32_t map(struct context_stack *out_stack, size_t size)
{
    void *base;
    int32_t failed = sys_stack_map(size, &base);
    if (failed)
        return failed;
    *out_stack = (struct context_stack){.base = base, .size = size, .guard_size = sys_page_size()};
    note_span(out_stack);
    tell_mapped(out_stack);
    return 0;
}

static int32_t take_default(struct context_stack *out_stack)
{
    lock_acquire(&pool.lock);
    bool is_one = pop(&pool.free, out_stack);
    pool.free_count -= is_one;
    pool.used_count++;
    lock_release(&pool.lock);
    if (is_one)
        return 0;
    int32_t failed = map(out_stack, CONTEXT_STACK_SIZE);
    if (failed) {
        lock_acquire(&pool.lock);
        pool.used_count--;
        lock_release(&pool.lock);
    }
    return failed;
}

static int32_t take(struct context_stack *out_stack, size_t size)
{
    if (size == CONTEXT_STACK_SIZE)
        return take_default(out_stack);
    size_t page = sys_page_size();
    if (size == 0)
        return -EINVAL;
    if (size > SIZE_MAX - page)
        return -ENOMEM;
    return map(out_stack, (size + page - 1) / page * page);
}

static uint32_t colour_of(const void *base)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)base >> 12) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32) % COLOURS;
}

int32_t context_stack_take(struct context_stack *out_stack, size_t size)
{
#if !defined(CONTEXT_BY_HAND) && !defined(CONTEXT_BY_UCONTEXT)
    return -ENOSYS;
#endif
    int32_t failed = take(out_stack, size);
    if (!failed)
        out_stack->reserved = colour_of(out_stack->base) * COLOUR_SIZE;
    return failed;
}

void *context_stack_reserve(struct context_stack *stack, size_t size)
{
    assert(size <= CONTEXT_STACK_SIZE_MIN / 4);
    stack->reserved += (uint32_t)(size + 63) & ~UINT32_C(63);
    void *reserved = (char *)stack->base + stack->size - stack->reserved;
    tell_reserved(reserved, size);
    return reserved;
}

/* --- Giving ---------------------------------------------------------------------------------- */

/* What could not be unmapped is tried again once another one could. */
static void unmap(const struct context_stack *stack)
{
    struct context_stack one = *stack;
    tell_unmapped(&one);
    do {
        if (sys_stack_unmap(one.base, one.size) < 0) {
            push_stuck(&one);
            return;
        }
    } while (pop_stuck(&one));
}

/* Each one that comes back while there are too many takes another one with it, so that few are left
 * after many were in use. */
static bool is_too_many(void)
{
    return pool.free_count > pool.used_count + SPARE_STACKS;
}

static void give_default(struct context_stack *stack)
{
    struct context_stack surplus[2];
    size_t count = 0;
    lock_acquire(&pool.lock);
    push(&pool.free, stack);
    pool.free_count++;
    pool.used_count--;
    while (count < array_count(surplus) && is_too_many()) {
        (void)pop(&pool.free, &surplus[count++]);
        pool.free_count--;
    }
    lock_release(&pool.lock);
    for (size_t i = 0; i < count; i++)
        unmap(&surplus[i]);
}

void context_stack_give(struct context_stack *stack)
{
    if (!stack->base)
        return;
    tell_unused(stack);
    if (stack->size == CONTEXT_STACK_SIZE)
        give_default(stack);
    else
        unmap(stack);
    *stack = (struct context_stack){.base = NULL};
}
