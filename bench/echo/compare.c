#include "compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "../measure.h"
#include "report.h"

enum {
    DESCRIPTORS_SPARE = 64, /* for everything but connections */
    WINDOW_MIN_MS = 20,
    WINDOW_SPAN_MS = 61, /* 20 to 80 */
    /* From here on one answer on every connection takes a good part of a window. */
    MANY_CONNECTIONS = 2000,
    MANY_FACTOR = 3
};

/* What all groups share. */
struct contest {
    const struct plan *plan;
    size_t server_core;
    uint64_t end_ns; /* 0: no limit */
    size_t groups_left;
    bool is_ok;
};

/* --- Chance --- */

static uint64_t next_random(void)
{
    static uint64_t state;
    if (state == 0)
        state = measure_clock_ns() | 1;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void shuffle(struct entry **order, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t k = (size_t)(next_random() % i);
        struct entry *kept = order[i - 1];
        order[i - 1] = order[k];
        order[k] = kept;
    }
}

static uint64_t random_window_ns(size_t connection_count)
{
    uint64_t ms = WINDOW_MIN_MS + next_random() % WINDOW_SPAN_MS;
    return ms * 1000000u * (connection_count < MANY_CONNECTIONS ? 1 : MANY_FACTOR);
}

/* --- A group: what is alive at once --- */

static void run_round(struct contest *contest, size_t connection_count, struct entry **order,
                      size_t count, bool is_kept)
{
    shuffle(order, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t window_ns = random_window_ns(connection_count);
        if (order[i]->is_measured && !entry_turn(order[i], window_ns, is_kept))
            contest->is_ok = false;
    }
}

static void run_group(struct contest *contest, struct comparison *comparison, size_t first,
                      size_t end)
{
    struct entry *order[SERVER_COUNT];
    size_t count = 0, round_count = contest->plan->round_count;
    uint64_t now_ns = measure_clock_ns(), stop_ns = UINT64_MAX;
    if (contest->end_ns > 0) {
        uint64_t left_ns = contest->end_ns > now_ns ? contest->end_ns - now_ns : 0;
        stop_ns = now_ns + left_ns / contest->groups_left;
    }
    contest->groups_left--;

    for (size_t i = first; i < end; i++) {
        struct entry *entry = &comparison->entries[i];
        if (entry_open(entry, comparison->connection_count, round_count, contest->server_core))
            order[count++] = entry;
    }
    run_round(contest, comparison->connection_count, order, count, false);
    for (size_t i = 0; i < round_count && measure_clock_ns() < stop_ns; i++)
        run_round(contest, comparison->connection_count, order, count, true);
    for (size_t i = first; i < end; i++)
        entry_close(&comparison->entries[i]);
}

/* --- All groups --- */

/* The load's process has one descriptor for each connection to each contender; a server has its own
 * limit for its own ends. */
static size_t alive_max(size_t connection_count)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= DESCRIPTORS_SPARE)
        return 0;
    return (size_t)((limit.rlim_cur - DESCRIPTORS_SPARE) / connection_count);
}

static size_t chosen_count(const struct plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < SERVER_COUNT; i++)
        count += plan->chosen[i];
    return count;
}

static size_t group_count(const struct plan *plan, size_t connection_count)
{
    size_t alive = alive_max(connection_count);
    return alive == 0 ? 0 : (chosen_count(plan) + alive - 1) / alive;
}

static void prepare(struct comparison *comparison, const struct plan *plan, size_t connection_count)
{
    comparison->connection_count = connection_count;
    size_t alive = alive_max(connection_count);
    for (size_t i = 0; i < SERVER_COUNT; i++) {
        if (!plan->chosen[i])
            continue;
        struct entry *entry = &comparison->entries[comparison->count];
        entry->server = &servers[i];
        entry->group = alive == 0 ? 0 : comparison->count / alive;
        comparison->count++;
    }
}

static void compare_size(struct contest *contest, struct comparison *comparison)
{
    size_t alive = alive_max(comparison->connection_count);
    if (alive == 0) {
        printf("left out: %zu connections: too many for the limit of open files\n\n",
               comparison->connection_count);
        comparison->count = 0;
        return;
    }
    if (alive < comparison->count)
        printf("%zu connections: the limit of open files allows %zu contenders at a time; only "
               "these are compared with each other\n",
               comparison->connection_count, alive);
    for (size_t first = 0; first < comparison->count; first += alive) {
        size_t end = first + alive < comparison->count ? first + alive : comparison->count;
        run_group(contest, comparison, first, end);
    }
    report_table(comparison);
}

static size_t pin_load(void)
{
    size_t server_core = measure_core(0), load_core = measure_core(1);
    if (server_core == load_core)
        printf("only one processor: server and load share it, and rates say little\n");
    if (!measure_pin(load_core))
        printf("this process cannot be kept on one processor: expect noise\n");
    return server_core;
}

bool compare_run(const struct plan *plan)
{
    static struct comparison comparisons[SIZES_MAX];
    struct contest contest = {.plan = plan, .is_ok = true};
    bool is_measured = false;
    if (plan->time_max_ns > 0)
        contest.end_ns = measure_clock_ns() + plan->time_max_ns;
    contest.server_core = pin_load();
    for (size_t i = 0; i < plan->size_count; i++)
        contest.groups_left += group_count(plan, plan->sizes[i]);
    for (size_t i = 0; i < plan->size_count; i++) {
        prepare(&comparisons[i], plan, plan->sizes[i]);
        compare_size(&contest, &comparisons[i]);
    }
    for (size_t i = 0; i < plan->size_count; i++) {
        is_measured |= report_ratios(&comparisons[i]);
        for (size_t k = 0; k < comparisons[i].count; k++)
            entry_deinit(&comparisons[i].entries[k]);
    }
    if (!is_measured)
        fprintf(stderr, "echo: nothing could be compared\n");
    return contest.is_ok && is_measured;
}
