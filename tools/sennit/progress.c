#include "progress.h"

#include <stdio.h>

#include "clock.h"

/* A terminal is not written to more often than this. */
enum { STEP_NS = 100000000 };

void progress_begin(struct progress *progress, const char *name, uint64_t total, uint64_t first,
                    bool is_shown)
{
    *progress = (struct progress){.name = name,
                                  .total = total,
                                  .first = first,
                                  .done = first,
                                  .begin_ns = clock_now_ns(),
                                  .is_shown = is_shown};
}

double progress_seconds(const struct progress *progress)
{
    int64_t end_ns = progress->end_ns ? progress->end_ns : clock_now_ns();
    return (double)(end_ns - progress->begin_ns) / 1e9;
}

double progress_rate(const struct progress *progress)
{
    double seconds = progress_seconds(progress);
    return seconds > 0 ? (double)(progress->done - progress->first) / seconds : 0;
}

void progress_format_size(double bytes, char out_text[PROGRESS_SIZE_TEXT])
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        unit++;
    }
    snprintf(out_text, PROGRESS_SIZE_TEXT, bytes < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes,
             units[unit]);
}

static void show(const struct progress *progress)
{
    char done[PROGRESS_SIZE_TEXT], rate[PROGRESS_SIZE_TEXT];
    double per_second = progress_rate(progress);
    double percent =
        progress->total > 0 ? 100.0 * (double)progress->done / (double)progress->total : 100;
    progress_format_size((double)progress->done, done);
    progress_format_size(per_second, rate);
    fprintf(stderr, "\r%s: %3.0f %%  %s  %s/s", progress->name, percent, done, rate);
    if (per_second > 0) {
        double left = (double)(progress->total - progress->done) / per_second;
        long seconds = left < 359999 ? (long)(left + 0.5) : 359999;
        fprintf(stderr, "  %02ld:%02ld:%02ld left", seconds / 3600, seconds / 60 % 60,
                seconds % 60);
    }
    fprintf(stderr, "\033[K"); /* what a longer line has left over */
}

void progress_advance(struct progress *progress, size_t size)
{
    progress->done += size;
    if (!progress->is_shown)
        return;
    int64_t now = clock_now_ns();
    if (progress->shown_ns != 0 && now - progress->shown_ns < STEP_NS)
        return;
    progress->shown_ns = now;
    show(progress);
}

void progress_end(struct progress *progress)
{
    progress->end_ns = clock_now_ns();
    if (progress->shown_ns != 0)
        fprintf(stderr, "\r\033[K");
}
