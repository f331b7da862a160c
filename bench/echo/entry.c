#include "entry.h"

#include <stdio.h>
#include <stdlib.h>

#include "../record.h"

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

bool entry_open(struct entry *entry, const struct entry_cores *cores)
{
    if (!entry_start(entry, cores->server, NULL))
        return false;
    if (worker_start(&entry->worker, &entry->process, &entry->scenario->load, cores->load))
        return true;
    entry->is_measured = false;
    return leave_out(entry, "left out",
                     entry->worker.turn ? entry->worker.turn->failure : "no load could be started");
}

bool entry_fail(struct entry *entry, const char *failure)
{
    char death[64] = "";
    bool has_died = process_has_died(&entry->process, death, sizeof death);
    fprintf(stderr, "echo: %s in %s: %s%s%s\n", entry->rival->name, entry->scenario->name, failure,
            has_died ? ": " : "", death);
    record_absent(entry->scenario->name, entry->rival->name, has_died ? death : failure);
    entry->is_measured = false;
    return false;
}

/* --- A turn under load --- */

static void keep(struct entry *entry, struct turn *turn)
{
    size_t round = entry->round_count++;
    entry->values[METRIC_CPU][round] = (double)turn->cpu_ns / (double)turn->completed;
    entry->values[METRIC_RATE][round] = (double)turn->completed * 1e9 / (double)turn->elapsed_ns;
    entry->values[METRIC_P50][round] = histogram_percentile_ns(&turn->latencies, 50);
    entry->values[METRIC_P99][round] = histogram_percentile_ns(&turn->latencies, 99);
    histogram_move(&turn->latencies, &entry->all);
}

bool entry_turn(struct entry *entry, uint64_t window_ns, bool is_kept)
{
    if (!worker_turn(&entry->worker, window_ns))
        return entry_fail(entry, entry->worker.turn->failure);
    if (is_kept)
        keep(entry, entry->worker.turn);
    return true;
}

/* --- Closing --- */

void entry_close(struct entry *entry)
{
    worker_stop(&entry->worker);
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
