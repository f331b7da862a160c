#include "entry.h"

#include <stdio.h>
#include <stdlib.h>

#include "../measure.h"

/* The part of a turn that is not counted: so long, and until every connection had some answers. A
 * server that is slower than that is measured as it is. */
static const uint64_t WARM_MIN_NS = 8000000, WARM_MAX_NS = 1000000000, DRAIN_MAX_NS = 5000000000;
enum { WARM_ANSWERS = 2 };

bool entry_open(struct entry *entry, size_t connection_count, size_t round_max, size_t core)
{
    entry->cpu_ns = calloc(round_max, sizeof(double));
    entry->rates = calloc(round_max, sizeof(double));
    if (!entry->cpu_ns || !entry->rates)
        abort();
    if (!process_start(&entry->process, entry->server, core)) {
        printf("left out: %s: %s\n", entry->server->name, entry->process.reason);
        return false;
    }
    if (!load_open(&entry->load, entry->process.port, connection_count)) {
        printf("left out: %s: %zu connections: %s\n", entry->server->name, connection_count,
               entry->load.failure);
        process_stop(&entry->process, NULL);
        return false;
    }
    entry->is_measured = true;
    return true;
}

static bool warm_up(struct load *load)
{
    uint64_t now_ns = measure_clock_ns();
    return load_start(load, UINT64_MAX) && load_run(load, now_ns + WARM_MIN_NS, UINT64_MAX) &&
           load_run(load, now_ns + WARM_MAX_NS, WARM_ANSWERS * load->count);
}

/* The processor time is read just inside the clock's interval at both ends. */
static bool count_window(struct entry *entry, uint64_t window_ns, bool is_kept)
{
    struct load *load = &entry->load;
    uint64_t begin_ns = measure_clock_ns(), completed = load->completed;
    uint64_t cpu_ns = process_cpu_ns(&entry->process);
    load->latencies = is_kept ? &entry->latencies : NULL;
    bool is_ok = load_run(load, begin_ns + window_ns, UINT64_MAX);
    load->latencies = NULL;
    cpu_ns = process_cpu_ns(&entry->process) - cpu_ns;
    uint64_t elapsed_ns = measure_clock_ns() - begin_ns;
    completed = load->completed - completed;
    if (is_ok && completed == 0) {
        load->failure = "no answer came";
        return false;
    }
    if (is_ok && is_kept) {
        entry->cpu_ns[entry->round_count] = (double)cpu_ns / (double)completed;
        entry->rates[entry->round_count] = (double)completed * 1e9 / (double)elapsed_ns;
        entry->round_count++;
    }
    return is_ok;
}

bool entry_turn(struct entry *entry, uint64_t window_ns, bool is_kept)
{
    entry->is_measured = warm_up(&entry->load) && count_window(entry, window_ns, is_kept) &&
                         load_drain(&entry->load, measure_clock_ns() + DRAIN_MAX_NS);
    if (!entry->is_measured)
        fprintf(stderr, "echo: %s with %zu connections: %s\n", entry->server->name,
                entry->load.count, entry->load.failure);
    return entry->is_measured;
}

void entry_close(struct entry *entry)
{
    if (entry->process.id == 0)
        return;
    load_close(&entry->load);
    process_stop(&entry->process, &entry->usage);
}

void entry_deinit(struct entry *entry)
{
    free(entry->cpu_ns);
    free(entry->rates);
    entry->cpu_ns = entry->rates = NULL;
}
