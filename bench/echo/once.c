#include "once.h"

#include <sys/mman.h>

#include "../measure.h"
#include "../record.h"

static void stop(struct entry *entry)
{
    load_close(&entry->load);
    process_stop(&entry->process, NULL);
}

/* --- Idle connections --- */

/* What the first client makes the server allocate is not counted. */
static bool turn_idle(struct entry *entry, size_t core)
{
    const struct load_plan *plan = &entry->scenario->load;
    struct load_plan one = *plan;
    struct load crowd;
    one.connection_count = 1;
    if (!entry_open(entry, &one, core))
        return false;
    size_t before = process_memory(&entry->process);
    bool is_ok = load_open(&crowd, entry->process.port, plan);
    size_t after = process_memory(&entry->process);
    if (is_ok) {
        double grown = (double)after - (double)before;
        entry->values[METRIC_MEMORY][entry->round_count++] = grown / (double)plan->connection_count;
        load_close(&crowd);
    } else {
        entry->load.failure = crowd.failure;
        (void)entry_fail(entry);
    }
    stop(entry);
    return is_ok;
}

/* --- The start --- */

static bool start_once(struct entry *entry, size_t core, atomic_ulong *calls)
{
    if (!entry_start(entry, core, calls))
        return false;
    if (load_open(&entry->load, entry->process.port, &entry->scenario->load))
        return true;
    (void)entry_fail(entry);
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
        stop(entry);
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
    stop(entry);
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
