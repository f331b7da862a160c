#include "compare.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../measure.h"
#include "../record.h"
#include "once.h"
#include "report.h"

enum {
    DESCRIPTORS_SPARE = 64, /* for everything but connections */
    WINDOW_MIN_MS = 20,
    WINDOW_SPAN_MS = 61, /* 20 to 80 */
    /* From here on one answer on every connection takes a good part of a window. */
    MANY_CONNECTIONS = 2000,
    MANY_FACTOR = 3
};

static const uint64_t WARM_WINDOW_NS = 1000000, SLOW_NS = 15000000000;

/* What all scenarios share. */
struct contest {
    const struct plan *plan;
    struct entry_cores cores;
    uint64_t end_ns; /* 0: no limit */
    size_t scenarios_left;
    bool is_ok;
};

static size_t rounds_of(const struct plan *plan, const struct scenario *scenario)
{
    size_t round_max = scenario->round_max;
    return round_max > 0 && plan->round_count > round_max ? round_max : plan->round_count;
}

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

/* --- Rounds: all are alive at once --- */

static void run_round(struct contest *contest, const struct scenario *scenario,
                      struct entry **order, size_t count, bool is_kept)
{
    shuffle(order, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t window_ns =
            is_kept ? random_window_ns(scenario->load.connection_count) : WARM_WINDOW_NS;
        if (order[i]->is_measured && !entry_turn(order[i], window_ns, is_kept))
            contest->is_ok = false;
    }
}

/* Each server, and each load, is a process with a limit of its own. */
static bool has_descriptors(const struct scenario *scenario)
{
    struct rlimit limit;
    size_t wanted = scenario->load.connection_count + DESCRIPTORS_SPARE;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted)
        return true;
    printf("left out: %s: too many connections for the limit of open files\n", scenario->name);
    record_text("note", scenario->name, "left out: too many for the limit of open files");
    return false;
}

static bool is_chosen(const struct plan *plan, const struct rival *rival,
                      const struct scenario *scenario)
{
    for (size_t i = 0; i < plan->named_count; i++) {
        if (plan->named[i] == rival)
            return true;
    }
    return plan->named_count == 0 && rival_takes_part(rival, scenario, plan->is_quick);
}

static void prepare(struct comparison *comparison, const struct plan *plan,
                    const struct scenario *scenario)
{
    memset(comparison, 0, sizeof *comparison);
    comparison->scenario = scenario;
    for (size_t i = 0; i < rival_count; i++) {
        if (is_chosen(plan, &rivals[i], scenario))
            entry_init(&comparison->entries[comparison->count++], &rivals[i], scenario,
                       plan->round_count);
    }
}

/* An equal part of what is left of the time for each scenario. */
static uint64_t stop_time(struct contest *contest)
{
    uint64_t now_ns = measure_clock_ns();
    if (contest->end_ns == 0)
        return UINT64_MAX;
    uint64_t left_ns = contest->end_ns > now_ns ? contest->end_ns - now_ns : 0;
    return now_ns + left_ns / contest->scenarios_left;
}

static void run_rounds(struct contest *contest, struct comparison *comparison)
{
    const struct scenario *scenario = comparison->scenario;
    struct entry *order[RIVALS_MAX];
    size_t count = 0, round_count = rounds_of(contest->plan, scenario);
    uint64_t stop_ns = stop_time(contest);
    if (!has_descriptors(scenario))
        return;
    for (size_t i = 0; i < comparison->count; i++) {
        if (entry_open(&comparison->entries[i], &contest->cores))
            order[count++] = &comparison->entries[i];
    }
    run_round(contest, scenario, order, count, false);
    for (size_t i = 0; i < round_count && (i == 0 || measure_clock_ns() < stop_ns); i++)
        run_round(contest, scenario, order, count, true);
    for (size_t i = 0; i < comparison->count; i++)
        entry_close(&comparison->entries[i]);
}

/* Who takes very long is measured once: nobody waits ten times for 10,000 connections that are
 * accepted by the hundred a second. */
static void run_once(struct contest *contest, struct entry *entry, bool is_first)
{
    uint64_t begin_ns = measure_clock_ns();
    if (entry->is_slow || (!is_first && !entry->is_measured))
        return;
    if (!once_turn(entry, contest->cores.server) && entry->was_started)
        contest->is_ok = false;
    entry->is_slow = measure_clock_ns() - begin_ns > SLOW_NS;
}

/* One after the other, in random order. */
static void run_each(struct contest *contest, struct comparison *comparison)
{
    const struct scenario *scenario = comparison->scenario;
    struct entry *order[RIVALS_MAX];
    uint64_t stop_ns = stop_time(contest);
    size_t round_count = rounds_of(contest->plan, scenario);
    if (!has_descriptors(scenario))
        return;
    for (size_t i = 0; i < comparison->count; i++)
        order[i] = &comparison->entries[i];
    for (size_t round = 0; round < round_count; round++) {
        if (round > 0 && measure_clock_ns() > stop_ns)
            break;
        shuffle(order, comparison->count);
        for (size_t i = 0; i < comparison->count; i++)
            run_once(contest, order[i], round == 0);
    }
}

/* Of zeros: nobody looks at them. */
static bool make_file(char *path, size_t size)
{
    int handle = mkstemp(path);
    if (handle < 0)
        return false;
    bool is_ok =
        ftruncate(handle, (off_t)size) == 0 && posix_fallocate(handle, 0, (off_t)size) == 0;
    (void)close(handle);
    return is_ok;
}

static bool compare_scenario(struct contest *contest, const struct scenario *wanted)
{
    static struct comparison comparison;
    static struct scenario scenario_here;
    char path[] = "/tmp/sennit-bench-XXXXXX";
    struct scenario *scenario = &scenario_here;
    *scenario = *wanted;
    if (scenario->load.answer_size > 0) {
        if (!make_file(path, scenario->load.answer_size))
            perror(path);
        scenario->file = path;
    }
    prepare(&comparison, contest->plan, scenario);
    record_text("about", scenario->name, scenario->about);
    if (scenario->way == WAY_ROUNDS)
        run_rounds(contest, &comparison);
    else
        run_each(contest, &comparison);
    if (scenario->file)
        (void)unlink(path);
    contest->scenarios_left--;
    bool is_measured = report_comparison(&comparison);
    for (size_t i = 0; i < comparison.count; i++)
        entry_deinit(&comparison.entries[i]);
    return is_measured;
}

/* --- All scenarios --- */

static struct entry_cores choose_cores(void)
{
    const struct entry_cores cores = {.server = measure_core(0), .load = measure_core(1)};
    if (cores.server == cores.load)
        printf("only one processor: server and load share it, and rates say little\n");
    if (!measure_pin(cores.load))
        printf("this process cannot be kept on one processor: expect noise\n");
    return cores;
}

bool compare_run(const struct plan *plan)
{
    struct contest contest = {.plan = plan, .is_ok = true, .scenarios_left = plan->scenario_count};
    bool is_measured = false;
    if (plan->time_max_ns > 0)
        contest.end_ns = measure_clock_ns() + plan->time_max_ns;
    contest.cores = choose_cores();
    for (size_t i = 0; i < plan->scenario_count; i++)
        is_measured |= compare_scenario(&contest, &plan->scenarios[i]);
    if (!is_measured)
        fprintf(stderr, "echo: nothing could be compared\n");
    return contest.is_ok && is_measured;
}
