#include "telemetry/telemetry.h"

#include "base/base.h"

enum { COPIES = 16, CACHE_LINE = 64 };

static struct copy {
    int64_t values[METRIC_COUNT]; /* atomic */
} __attribute__((aligned(CACHE_LINE))) copies[COPIES];

_Static_assert(sizeof(struct copy) == CACHE_LINE, "a copy fills its line and no other");

static uint32_t next_copy; /* atomic */
static _Thread_local struct copy *own;

static struct copy *own_copy(void)
{
    if (!own)
        own = &copies[atomic_add_relaxed(&next_copy, 1u) % COPIES];
    return own;
}

void metrics_add(enum metric metric, int64_t amount)
{
    atomic_add_relaxed(&own_copy()->values[metric], amount);
}

void metrics_add_sent(size_t bytes, bool is_datagram)
{
    struct copy *copy = own_copy();
    atomic_add_relaxed(&copy->values[METRIC_BYTES_SENT], (int64_t)bytes);
    if (is_datagram)
        atomic_add_relaxed(&copy->values[METRIC_DATAGRAMS_SENT], 1);
}

void metrics_add_received(size_t bytes, bool is_datagram)
{
    struct copy *copy = own_copy();
    atomic_add_relaxed(&copy->values[METRIC_BYTES_RECEIVED], (int64_t)bytes);
    if (is_datagram)
        atomic_add_relaxed(&copy->values[METRIC_DATAGRAMS_RECEIVED], 1);
}

static int64_t total(enum metric metric)
{
    int64_t sum = 0;
    for (size_t i = 0; i < array_count(copies); i++)
        sum += atomic_load_relaxed(&copies[i].values[metric]);
    return sum;
}

void sn_metrics_get(sn_metrics *out_metrics)
{
    if (!out_metrics)
        return;
#define X(id, field, name) out_metrics->field = total(METRIC_##id);
    SN_METRICS_TABLE(X)
#undef X
}
