#include "base/guard.h"

#include <stddef.h>
#include <stdint.h>

/* Descriptors have most, since every call that sleeps takes its descriptor's. The thread sanitizer
 * lets one thread hold 64 locks and ends the program at the next: with the five other locks that a
 * fork holds, the sum leaves some for a program that forks with its own locked. */
#define CLIENT_GUARDS       4u
#define WAITING_GUARDS      8u
#define CANCELLATION_GUARDS 8u
#define DESCRIPTOR_GUARDS   24u
#define WORD_GUARDS         8u
#define GUARDS                                                                                     \
    (CLIENT_GUARDS + WAITING_GUARDS + CANCELLATION_GUARDS + DESCRIPTOR_GUARDS + WORD_GUARDS)

/* Each in a cache line of its own. */
struct guard {
    _Alignas(64) struct lock lock;
};

#define ONE                                                                                        \
    {                                                                                              \
        .lock = LOCK_INITIALIZER                                                                   \
    }
#define FOUR  ONE, ONE, ONE, ONE
#define EIGHT FOUR, FOUR

static struct guard guards[GUARDS] = {EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, FOUR};

/* Read by nobody: the linker brings the other file along. */
__attribute__((used)) static const char *const holder = &guards_holder;

static const struct {
    uint32_t first, count;
} rows[] = {
    [GUARD_CLIENT] = {0, CLIENT_GUARDS},
    [GUARD_WAITING] = {CLIENT_GUARDS, WAITING_GUARDS},
    [GUARD_CANCELLATION] = {CLIENT_GUARDS + WAITING_GUARDS, CANCELLATION_GUARDS},
    [GUARD_DESCRIPTOR] = {CLIENT_GUARDS + WAITING_GUARDS + CANCELLATION_GUARDS, DESCRIPTOR_GUARDS},
    [GUARD_WORD] = {GUARDS - WORD_GUARDS, WORD_GUARDS},
};

static struct lock *lock_of(enum guard_rank rank, const void *record)
{
    /* Allocators hand out neighbours: the high bits of the product depend on all of the address. */
    uint64_t mixed = ((uint64_t)(uintptr_t)record >> 4) * UINT64_C(0x9e3779b97f4a7c15);
    return &guards[rows[rank].first + (uint32_t)(mixed >> 32) % rows[rank].count].lock;
}

void guard_acquire(enum guard_rank rank, const void *record)
{
    lock_acquire(lock_of(rank, record));
}

void guard_release(enum guard_rank rank, const void *record)
{
    lock_release(lock_of(rank, record));
}

void guards_hold(enum guard_rank rank)
{
    for (uint32_t i = 0; i < rows[rank].count; i++)
        lock_acquire(&guards[rows[rank].first + i].lock);
}

void guards_let_go(enum guard_rank rank)
{
    for (uint32_t i = rows[rank].count; i-- > 0;)
        lock_release(&guards[rows[rank].first + i].lock);
}
