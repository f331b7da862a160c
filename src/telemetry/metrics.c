#include "telemetry/telemetry.h"

#include <string.h>

enum { OWN_COPIES = 32, SHARED_COPIES = 16, CACHE_LINE = 64 };

static struct metrics_copy {
    struct metrics_counters counters;
} __attribute__((aligned(CACHE_LINE))) copies[OWN_COPIES + SHARED_COPIES];

_Static_assert(sizeof(struct metrics_copy) == CACHE_LINE, "a copy fills its line and no other");

/* How many threads have counted. It never comes back to 0, or two threads would own one copy. */
static uint64_t thread_count; /* atomic */

/* Words of a thread, in one record, see base/thread.h. */
static _Thread_local struct counting {
    struct metrics_counters *copy; /* of this thread, once it has one */
    bool is_copy_own;
    bool is_alone; /* no other thread counts there */
    /* Where it counts now; NULL: its copy, which is still to be found. */
    struct metrics_counters *current;
} of_thread;

/* --- Counting -------------------------------------------------------------------------------- */

static void take_copy(struct counting *counting)
{
    if (!counting->copy) {
        uint64_t number = atomic_add_relaxed(&thread_count, 1u);
        bool is_own = number < OWN_COPIES;
        counting->is_copy_own = is_own;
        counting->copy = &copies[is_own ? number : OWN_COPIES + number % SHARED_COPIES].counters;
    }
    counting->current = counting->copy;
    counting->is_alone = counting->is_copy_own;
}

static const struct counting *counting_here(void)
{
    struct counting *counting = &of_thread;
    if (unlikely(!counting->current))
        take_copy(counting);
    return counting;
}

static void add(const struct counting *counting, enum metric metric, int64_t amount)
{
    int64_t *value = &counting->current->values[metric];
    if (counting->is_alone)
        atomic_store_relaxed(value, atomic_load_relaxed(value) + amount);
    else
        atomic_add_relaxed(value, amount);
}

void metrics_add(enum metric metric, int64_t amount)
{
    assert(metric != METRIC_CONNECT_ATTEMPTS);
    add(counting_here(), metric, amount);
}

void metrics_add_sent(size_t bytes, bool is_datagram)
{
    const struct counting *counting = counting_here();
    add(counting, METRIC_BYTES_SENT, (int64_t)bytes);
    if (is_datagram)
        add(counting, METRIC_DATAGRAMS_SENT, 1);
}

void metrics_add_received(size_t bytes, bool is_datagram)
{
    const struct counting *counting = counting_here();
    add(counting, METRIC_BYTES_RECEIVED, (int64_t)bytes);
    if (is_datagram)
        add(counting, METRIC_DATAGRAMS_RECEIVED, 1);
}

/* Always an atomic addition: many threads start connects of one worker. Where it begins and ends at
 * no source, the first shared copy will do: connects are rare beside what they cost. */
void metrics_add_attempt(struct metrics_source *source, int64_t amount)
{
    struct metrics_counters *to = source ? &source->counters : &copies[OWN_COPIES].counters;
    atomic_add_relaxed(&to->values[METRIC_CONNECT_ATTEMPTS], amount);
}

void metrics_use(struct metrics_source *source)
{
    struct counting *counting = &of_thread;
    counting->current = source ? &source->counters : NULL;
    counting->is_alone = true;
}

/* --- Sources --------------------------------------------------------------------------------- */

/* Under their guard, which holds sources up that are about to end, so that nothing is read twice or
 * not at all. */
static struct list sources = {&sources, &sources};

void metrics_source_init(struct metrics_source *source)
{
    *source = (struct metrics_source){.counters = {{0}}};
    guard_acquire(GUARD_METRICS, NULL);
    list_append(&sources, &source->link);
    guard_release(GUARD_METRICS, NULL);
}

void metrics_source_deinit(struct metrics_source *source)
{
    struct metrics_counters *rest = &copies[OWN_COPIES].counters;
    guard_acquire(GUARD_METRICS, NULL);
    for (size_t i = 0; i < METRIC_COUNT; i++)
        atomic_add_relaxed(&rest->values[i], atomic_load_relaxed(&source->counters.values[i]));
    list_remove(&source->link);
    guard_release(GUARD_METRICS, NULL);
}

void metrics_forget_attempts(void)
{
    for (size_t i = 0; i < OWN_COPIES + SHARED_COPIES; i++)
        atomic_store_relaxed(&copies[i].counters.values[METRIC_CONNECT_ATTEMPTS], 0);
    for (struct list *link = sources.next; link != &sources; link = link->next)
        atomic_store_relaxed(&container_of(link, struct metrics_source, link)
                                  ->counters.values[METRIC_CONNECT_ATTEMPTS],
                             0);
}

/* --- Reading --------------------------------------------------------------------------------- */

static void add_up(const struct metrics_counters *from, sn_metrics *metrics)
{
#define X(id, field, name) metrics->field += atomic_load_relaxed(&from->values[METRIC_##id]);
    SN_METRICS_TABLE(X)
#undef X
}

void metrics_add_up(const struct metrics_source *source, sn_metrics *metrics)
{
    add_up(&source->counters, metrics);
}

void metrics_hand_out(const sn_metrics *metrics, sn_metrics *out_metrics, size_t size)
{
    size_t known = size < sizeof *metrics ? size : sizeof *metrics;
    memcpy(out_metrics, metrics, known);
    memset((char *)out_metrics + known, 0, size - known);
}

void sn_metrics_get(sn_metrics *out_metrics, size_t size)
{
    if (!out_metrics)
        return;
    sn_metrics metrics = {0};
    guard_acquire(GUARD_METRICS, NULL);
    for (size_t i = 0; i < OWN_COPIES + SHARED_COPIES; i++)
        add_up(&copies[i].counters, &metrics);
    for (struct list *link = sources.next; link != &sources; link = link->next)
        metrics_add_up(container_of(link, struct metrics_source, link), &metrics);
    guard_release(GUARD_METRICS, NULL);
    metrics_hand_out(&metrics, out_metrics, size);
}
