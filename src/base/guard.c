#include "base/guard.h"

#include <stddef.h>
#include <stdint.h>

/* Descriptors have most, since every call that sleeps takes its descriptor's. The thread sanitizer
 * lets one thread hold 64 locks and ends the program at the next: with the two other locks that a
 * fork holds, the sum leaves some for a program that forks with its own locked. */
#define CLIENT_GUARDS       4u
#define WAITING_GUARDS      8u
#define CANCELLATION_GUARDS 8u
#define SINGLE_GUARDS       3u /* of ranks that have one each */
#define DESCRIPTOR_GUARDS   24u
#define WORD_GUARDS         8u
#define GUARDS                                                                                     \
    (CLIENT_GUARDS + WAITING_GUARDS + CANCELLATION_GUARDS + SINGLE_GUARDS + DESCRIPTOR_GUARDS +    \
     WORD_GUARDS)

/* Each in a cache line of its own. */
struct guard {
    _Alignas(64) struct lock lock;
};

#define ONE                                                                                        \
    {                                                                                              \
        .lock = LOCK_INITIALIZER                                                                   \
    }
#define THREE ONE, ONE, ONE
#define FOUR  THREE, ONE
#define EIGHT FOUR, FOUR

static struct guard guards[GUARDS] = {EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, FOUR, THREE};

#define FIRST_SINGLE     (CLIENT_GUARDS + WAITING_GUARDS + CANCELLATION_GUARDS)
#define FIRST_DESCRIPTOR (FIRST_SINGLE + SINGLE_GUARDS)

/* In the order of the ranks, which is that of the guards. */
static const struct {
    uint32_t first, count;
} rows[] = {
    [GUARD_CLIENT] = {0, CLIENT_GUARDS},
    [GUARD_WAITING] = {CLIENT_GUARDS, WAITING_GUARDS},
    [GUARD_CANCELLATION] = {CLIENT_GUARDS + WAITING_GUARDS, CANCELLATION_GUARDS},
    [GUARD_DEFAULT_ENGINE] = {FIRST_SINGLE, 1},
    [GUARD_METRICS] = {FIRST_SINGLE + 1, 1},
    [GUARD_CANCELS] = {FIRST_SINGLE + 2, 1},
    [GUARD_DESCRIPTOR] = {FIRST_DESCRIPTOR, DESCRIPTOR_GUARDS},
    [GUARD_WORD] = {FIRST_DESCRIPTOR + DESCRIPTOR_GUARDS, WORD_GUARDS},
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

/* --- Forks ------------------------------------------------------------------------------------ */

static void hold_all(void)
{
    for (uint32_t i = 0; i < GUARDS; i++)
        lock_acquire(&guards[i].lock);
}

static void let_all_go(void)
{
    for (uint32_t i = GUARDS; i-- > 0;)
        lock_release(&guards[i].lock);
}

/* Here, so that of the static library nobody gets guards without it. */
__attribute__((constructor)) static void watch_forks(void)
{
    (void)pthread_atfork(hold_all, let_all_go, let_all_go);
}
