/*
 * A mutex: a word that says who has it, and a line of those who wait. Taking it and giving it back
 * are one exchange each while nobody waits; from then on the word changes under the guard alone,
 * and whoever gives it back hands it to the first of the line.
 */
#include "fiber/mutex.h"

#include "error/error.h"

/*
 * The word: the owner's address (that of a flow's record, or of a word of the thread's), above it
 * the process in which it was taken, and in its lowest bit whether somebody waits. (User addresses
 * have 48 bits, unless a program asks the kernel for higher ones.)
 */
#define WAITED     UINT64_C(1)
#define OWNER_BITS 48
#define OWNER      ((UINT64_C(1) << OWNER_BITS) - 2)

static sn_error misuse(sn_error error)
{
    error_set_last_native(0);
    return error;
}

static inline uint64_t process(void)
{
    return (uint64_t)(sys_fork_count() & 0xffff) << OWNER_BITS;
}

static inline uint64_t owner_at(const void *place)
{
    return (uint64_t)(uintptr_t)place & OWNER;
}

static inline uint64_t self(void)
{
    const struct flow *flow = flow_current();
    return owner_at(flow ? (const void *)flow : (const void *)&thread_words.flow) | process();
}

static bool is_of_this_process(uint64_t word)
{
    return word >> OWNER_BITS == process() >> OWNER_BITS;
}

/* What a thread held when it forked is its copy's in the child, and so is what a flow held. */
static bool is_own(uint64_t word)
{
    if ((word & OWNER) == (self() & OWNER))
        return true;
    return word && !is_of_this_process(word) && thread_words.flow_before_fork &&
           (word & OWNER) == owner_at(thread_words.flow_before_fork);
}

bool mutex_is_own(const struct mutex *mutex)
{
    return is_own(atomic_load_relaxed(&mutex->word));
}

/* --- Taking it -------------------------------------------------------------------------------- */

struct mutex_waiting {
    struct waiting waiting; /* first */
    struct mutex *mutex;
    uint64_t owner;
};

static bool refuse(struct waiting *waiting)
{
    waiting->error = SN_ERROR_INVALID_OPERATION;
    return true;
}

/* Its owner may give it back at any time as long as nobody waits. */
static bool attempt(struct waiting *waiting, bool may_wait)
{
    const struct mutex_waiting *own = container_of(waiting, struct mutex_waiting, waiting);
    uint64_t *word = &own->mutex->word, seen = atomic_load_relaxed(word);
    for (;;) {
        if (seen == 0) {
            if (atomic_replace_acq_rel(word, &seen, own->owner))
                return true;
        } else if (is_own(seen) || !is_of_this_process(seen)) {
            return refuse(waiting); /* it would wait for itself, or for one that stayed behind */
        } else if (!may_wait || (seen & WAITED)) {
            return false;
        } else if (atomic_replace_acq_rel(word, &seen, seen | WAITED)) {
            return false;
        }
    }
}

static const struct waiting_class mutex_class = {.wait = FLOW_WAIT_LOCK, .attempt = attempt},
                                  mutex_again_class = {.wait = FLOW_WAIT_LOCK,
                                                       .ignores_signals = true,
                                                       .attempt = attempt};

COLD static sn_error take(struct mutex *mutex, const struct waiting_class *class,
                          int64_t deadline_ns)
{
    struct mutex_waiting own;
    waiting_begin(&own.waiting, class, mutex, &mutex->line);
    own.mutex = mutex;
    own.owner = self();
    return waiting_run(&own.waiting, deadline_ns);
}

sn_error sn_mutex_acquire(sn_mutex *mutex, sn_milliseconds timeout_ms)
{
    uint64_t nobody = 0;
    if (unlikely(!mutex))
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (unlikely(timeout_ms < SN_FOREVER))
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (likely(atomic_replace_acq_rel(&mutex_of(mutex)->word, &nobody, self())))
        return SN_OK;
    return take(mutex_of(mutex), &mutex_class, deadline_of_wait(timeout_ms));
}

void mutex_take_again(struct mutex *mutex)
{
    struct scope *scopes = scopes_suspend();
    uint64_t nobody = 0;
    if (!atomic_replace_acq_rel(&mutex->word, &nobody, self())) {
        sn_error error = take(mutex, &mutex_again_class, SYS_NEVER);
        assert(!error);
        (void)error;
    }
    scopes_resume(scopes);
}

/* --- Giving it back --------------------------------------------------------------------------- */

/* Under the guard. */
static void hand_over(struct mutex *mutex)
{
    struct waiting *next = line_first(&mutex->line);
    if (!next) {
        atomic_store_release(&mutex->word, UINT64_C(0));
        return;
    }
    uint64_t owner = container_of(next, struct mutex_waiting, waiting)->owner;
    bool is_last = list_is_empty(&next->link);
    atomic_store_release(&mutex->word, is_last ? owner : owner | WAITED);
    waiting_tell(next, SN_OK);
}

COLD static sn_error give_slowly(struct mutex *mutex)
{
    waiting_hold(mutex);
    bool may = mutex_is_own(mutex);
    if (may)
        hand_over(mutex);
    waiting_let_go(mutex);
    return may ? SN_OK : misuse(SN_ERROR_INVALID_OPERATION);
}

sn_error sn_mutex_release(sn_mutex *mutex)
{
    uint64_t owner = self();
    if (unlikely(!mutex))
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (likely(atomic_replace_acq_rel(&mutex_of(mutex)->word, &owner, UINT64_C(0))))
        return SN_OK;
    return give_slowly(mutex_of(mutex));
}

void mutex_give(struct mutex *mutex)
{
    uint64_t owner = self();
    if (!atomic_replace_acq_rel(&mutex->word, &owner, UINT64_C(0)))
        (void)give_slowly(mutex);
}

bool sn_mutex_is_own(const sn_mutex *mutex)
{
    return mutex && mutex_is_own((const struct mutex *)(const void *)mutex);
}
