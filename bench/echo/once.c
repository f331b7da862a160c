#include "once.h"

#include <sys/mman.h>

#include "../measure.h"
#include "../record.h"

/* --- Idle connections --- */

/* What the first client makes the server allocate is not counted. */
static bool measure_idle(struct entry *entry, double *out_bytes)
{
    const struct load_plan *plan = &entry->scenario->load;
    struct load_plan one = *plan;
    struct load first, crowd;
    one.connection_count = 1;
    if (!load_open(&first, entry->process.port, &one))
        return entry_fail(entry, first.failure);
    size_t before = process_memory(&entry->process);
    bool is_ok = load_open(&crowd, entry->process.port, plan);
    size_t after = process_memory(&entry->process);
    load_close(&first);
    if (!is_ok)
        return entry_fail(entry, crowd.failure);
    load_close(&crowd);
    *out_bytes = ((double)after - (double)before) / (double)plan->connection_count;
    return true;
}

static bool turn_idle(struct entry *entry, size_t core)
{
    double bytes = 0;
    if (!entry_start(entry, core, NULL))
        return false;
    bool is_ok = measure_idle(entry, &bytes);
    if (is_ok)
        entry->values[METRIC_MEMORY][entry->round_count++] = bytes;
    process_stop(&entry->process, NULL);
    return is_ok;
}

/* --- The start --- */

/* Up to the first answer; the server goes on. */
static bool start_once(struct entry *entry, size_t core, atomic_ulong *calls)
{
    struct load load;
    if (!entry_start(entry, core, calls))
        return false;
    bool is_ok = load_open(&load, entry->process.port, &entry->scenario->load);
    if (is_ok) {
        load_close(&load);
        return true;
    }
    (void)entry_fail(entry, load.failure);
    process_stop(&entry->process, NULL);
    return false;
}

/* The system calls are counted in a start of their own, since counting takes longer than calling.
 */
static bool count_calls(struct entry *entry, size_t core, double *out_count)
{
    atomic_ulong *calls =
        mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (calls == MAP_FAILED)
        return false;
    bool is_ok = start_once(entry, core, calls);
    if (is_ok) {
        *out_count = (double)atomic_load(calls);
        process_stop(&entry->process, NULL);
    }
    (void)munmap(calls, sizeof *calls);
    return is_ok;
}

static bool turn_start(struct entry *entry, size_t core)
{
    uint64_t begin_ns = measure_clock_ns();
    double calls = 0;
    if (!start_once(entry, core, NULL))
        return false;
    uint64_t elapsed_ns = measure_clock_ns() - begin_ns, cpu_ns = process_cpu_ns(&entry->process);
    process_stop(&entry->process, NULL);
    if (!count_calls(entry, core, &calls))
        return false;
    size_t round = entry->round_count++;
    entry->values[METRIC_START][round] = (double)elapsed_ns;
    entry->values[METRIC_START_CPU][round] = (double)cpu_ns;
    entry->values[METRIC_START_CALLS][round] = calls;
    return true;
}

bool once_turn(struct entry *entry, size_t core)
{
    entry->is_measured =
        entry->scenario->way == WAY_IDLE ? turn_idle(entry, core) : turn_start(entry, core);
    return entry->is_measured;
}
