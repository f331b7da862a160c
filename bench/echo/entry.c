#include "entry.h"

#include <stdio.h>
#include <stdlib.h>

#include "../measure.h"
#include "../record.h"

/* The part of a turn that is not counted: so long, and until every connection had some answers. A
 * server that is slower than that is measured as it is. */
static const uint64_t WARM_MIN_NS = 8000000, WARM_MAX_NS = 1000000000, DRAIN_MAX_NS = 5000000000;
enum { WARM_ANSWERS = 2 };
/* A window also lasts until every connection had some answers on the average: a server that takes
 * hundreds of them at a time would otherwise be measured with a part of a round of its loop. */
static const uint64_t WINDOW_MAX_NS = 1500000000;
enum { WINDOW_ANSWERS = 4 };

const struct metric_form metric_forms[METRIC_COUNT] = {
    [METRIC_CPU] = {"cpu", "us", 1e3},
    [METRIC_RATE] = {"rate", "1/s", 1},
    [METRIC_P50] = {"p50", "us", 1e3},
    [METRIC_P99] = {"p99", "us", 1e3},
    [METRIC_MEMORY] = {"memory", "bytes", 1},
    [METRIC_START] = {"start", "ms", 1e6},
    [METRIC_START_CPU] = {"start_cpu", "ms", 1e6},
    [METRIC_START_CALLS] = {"start_calls", "calls", 1},
};

enum metric metrics_of(enum scenario_way way, enum metric *out_end)
{
    switch (way) {
    case WAY_ROUNDS: *out_end = METRIC_P99 + 1; return METRIC_CPU;
    case WAY_IDLE: *out_end = METRIC_MEMORY + 1; return METRIC_MEMORY;
    case WAY_START: *out_end = METRIC_START_CALLS + 1; return METRIC_START;
    }
    abort();
}

void entry_init(struct entry *entry, const struct rival *rival, const struct scenario *scenario,
                size_t round_max)
{
    entry->rival = rival;
    entry->scenario = scenario;
    for (int i = 0; i < METRIC_COUNT; i++) {
        entry->values[i] = calloc(round_max, sizeof(double));
        if (!entry->values[i])
            abort();
    }
}

/* --- Opening --- */

static bool leave_out(const struct entry *entry, const char *how, const char *reason)
{
    printf("%s: %s: %s\n", how, entry->rival->name, reason);
    record_absent(entry->scenario->name, entry->rival->name, reason);
    return false;
}

bool entry_start(struct entry *entry, size_t core, atomic_ulong *calls)
{
    struct rival_command command;
    if (!rival_prepare(entry->rival, entry->scenario, 0, &command))
        return leave_out(entry, "not here", "its program is not built");
    const struct process_start start = {.words = command.words, .core = core, .calls = calls};
    if (!process_start(&entry->process, &start))
        return leave_out(entry, "left out", entry->process.reason);
    if (!entry->was_started)
        record_text("version", entry->rival->name, entry->process.version);
    entry->is_measured = entry->was_started = true;
    return true;
}

bool entry_open(struct entry *entry, const struct load_plan *plan, size_t core)
{
    if (!entry_start(entry, core, NULL))
        return false;
    if (!load_open(&entry->load, entry->process.port, plan)) {
        process_stop(&entry->process, NULL);
        entry->is_measured = false;
        return leave_out(entry, "left out", entry->load.failure);
    }
    return true;
}

bool entry_fail(struct entry *entry)
{
    char death[64] = "";
    bool has_died = process_has_died(&entry->process, death, sizeof death);
    fprintf(stderr, "echo: %s in %s: %s%s%s\n", entry->rival->name, entry->scenario->name,
            entry->load.failure, has_died ? ": " : "", death);
    record_absent(entry->scenario->name, entry->rival->name,
                  has_died ? death : entry->load.failure);
    entry->is_measured = false;
    return false;
}

/* --- A turn under load --- */

static void keep(struct entry *entry, uint64_t cpu_ns, uint64_t elapsed_ns, uint64_t completed)
{
    size_t round = entry->round_count++;
    entry->values[METRIC_CPU][round] = (double)cpu_ns / (double)completed;
    entry->values[METRIC_RATE][round] = (double)completed * 1e9 / (double)elapsed_ns;
    entry->values[METRIC_P50][round] = histogram_percentile_ns(&entry->latencies, 50);
    entry->values[METRIC_P99][round] = histogram_percentile_ns(&entry->latencies, 99);
    histogram_move(&entry->latencies, &entry->all);
}

static bool warm_up(struct load *load)
{
    uint64_t now_ns = measure_clock_ns();
    return load_start(load, UINT64_MAX) && load_run(load, now_ns + WARM_MIN_NS, UINT64_MAX) &&
           load_run(load, now_ns + WARM_MAX_NS, WARM_ANSWERS * load->count * load->plan.in_flight);
}

/* The processor time is read just inside the clock's interval at both ends. */
static bool count_window(struct entry *entry, uint64_t window_ns, bool is_kept)
{
    struct load *load = &entry->load;
    uint64_t begin_ns = measure_clock_ns(), completed = load->completed;
    uint64_t cpu_ns = process_cpu_ns(&entry->process);
    load->latencies = is_kept ? &entry->latencies : NULL;
    bool is_ok = load_run(load, begin_ns + window_ns, UINT64_MAX) &&
                 load_run(load, begin_ns + WINDOW_MAX_NS,
                          completed + WINDOW_ANSWERS * load->count * load->plan.in_flight);
    load->latencies = NULL;
    cpu_ns = process_cpu_ns(&entry->process) - cpu_ns;
    uint64_t elapsed_ns = measure_clock_ns() - begin_ns;
    completed = load->completed - completed;
    if (is_ok && completed == 0) {
        load->failure = "no answer came";
        return false;
    }
    if (is_ok && is_kept)
        keep(entry, cpu_ns, elapsed_ns, completed);
    return is_ok;
}

bool entry_turn(struct entry *entry, uint64_t window_ns, bool is_kept)
{
    entry->is_measured = warm_up(&entry->load) && count_window(entry, window_ns, is_kept) &&
                         load_drain(&entry->load, measure_clock_ns() + DRAIN_MAX_NS);
    return entry->is_measured || entry_fail(entry);
}

/* --- Closing --- */

void entry_close(struct entry *entry)
{
    if (entry->process.id == 0)
        return;
    load_close(&entry->load);
    process_stop(&entry->process, &entry->usage);
}

void entry_deinit(struct entry *entry)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        free(entry->values[i]);
        entry->values[i] = NULL;
    }
}

bool entry_has_figures(const struct entry *entry)
{
    return entry->is_measured && entry->round_count > 0;
}
