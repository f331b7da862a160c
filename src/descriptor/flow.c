#include "descriptor/flow.h"

/* The child of a child is still what its grandparent's flow was. */
void flow_forget(void)
{
    if (thread_words.flow)
        thread_words.flow_before_fork = thread_words.flow;
    thread_words.flow = NULL;
}

/* --- Words ----------------------------------------------------------------------------------- */

/*
 * The kernel's futex knows threads only. A flow that sleeps on a word stands in the list of the
 * word's bucket, on its own stack.
 */
struct sleeper {
    struct list link;
    const uint32_t *word;
    struct flow *flow;
};

#define BUCKETS 256

static struct bucket {
    struct list sleepers; /* under its guard; zero: empty */
    uint64_t sleeping;    /* atomic: flows, and threads times THREAD */
} buckets[BUCKETS];

#define THREAD (UINT64_C(1) << 32)

static struct bucket *bucket_of(const uint32_t *word)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)word >> 2) * UINT64_C(0x9e3779b97f4a7c15);
    return &buckets[(mixed >> 32) % BUCKETS];
}

/* Counted before the look at the word, and who changes the word looks at the count afterwards, with
 * a write: so either that one sees the sleeper, or the sleeper sees the change. */
static bool enlist(struct bucket *bucket, struct sleeper *sleeper, uint32_t seen)
{
    guard_acquire(GUARD_WORD, bucket);
    if (!bucket->sleepers.next)
        list_init(&bucket->sleepers);
    list_append(&bucket->sleepers, &sleeper->link);
    atomic_add_acq_rel(&bucket->sleeping, UINT64_C(1));
    bool is_same = atomic_load_acquire(sleeper->word) == seen;
    guard_release(GUARD_WORD, bucket);
    return is_same;
}

static void delist(struct bucket *bucket, struct sleeper *sleeper)
{
    guard_acquire(GUARD_WORD, bucket);
    list_remove(&sleeper->link);
    atomic_sub_acq_rel(&bucket->sleeping, UINT64_C(1));
    guard_release(GUARD_WORD, bucket);
}

static void sleep_as_flow(struct flow *flow, const uint32_t *word, uint32_t seen,
                          int64_t deadline_ns)
{
    struct bucket *bucket = bucket_of(word);
    struct sleeper sleeper = {.word = word, .flow = flow};
    flow_note(flow, FLOW_WAIT_OPERATION, -1);
    if (enlist(bucket, &sleeper, seen))
        flow->class->sleep(flow, deadline_ns);
    delist(bucket, &sleeper);
}

/* The kernel looks at the word once more, after the count. A handler that interrupts it may fork;
 * the child's counts have begun anew, without this one. */
static bool sleep_as_thread(const uint32_t *word, uint32_t seen, int64_t deadline_ns)
{
    struct bucket *bucket = bucket_of(word);
    uint32_t forks = sys_fork_count();
    atomic_add_acq_rel(&bucket->sleeping, THREAD);
    bool is_interrupted = sys_futex_wait(word, seen, deadline_ns);
    if (likely(forks == sys_fork_count()))
        atomic_sub_acq_rel(&bucket->sleeping, THREAD);
    return is_interrupted;
}

bool word_sleep(const uint32_t *word, uint32_t seen, int64_t deadline_ns)
{
    struct flow *flow = flow_current();
    if (likely(!flow))
        return sleep_as_thread(word, seen, deadline_ns);
    sleep_as_flow(flow, word, seen, deadline_ns);
    return false;
}

/* Whoever is in a list is there until this lets go of the guard. */
COLD static void wake_flows(struct bucket *bucket, const uint32_t *word)
{
    guard_acquire(GUARD_WORD, bucket);
    struct list *link = bucket->sleepers.next;
    for (; link && link != &bucket->sleepers; link = link->next) {
        struct sleeper *sleeper = container_of(link, struct sleeper, link);
        if (sleeper->word == word)
            sleeper->flow->class->wake(sleeper->flow);
    }
    guard_release(GUARD_WORD, bucket);
}

/* The kernel is asked where a thread may sleep: it is dear, and flows mostly wait for flows. */
void word_wake_all(const uint32_t *word)
{
    struct bucket *bucket = bucket_of(word);
    uint64_t sleeping = atomic_add_acq_rel(&bucket->sleeping, UINT64_C(0)); /* see enlist() */
    if (sleeping >= THREAD)
        sys_futex_wake_all(word);
    if (unlikely((uint32_t)sleeping != 0))
        wake_flows(bucket, word);
}

void words_begin_anew(void)
{
    for (size_t i = 0; i < BUCKETS; i++)
        buckets[i] = (struct bucket){.sleeping = 0};
}
