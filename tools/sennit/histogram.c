#include "histogram.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Below this the steps are one nanosecond wide. */
enum { LINEAR = 2 * HISTOGRAM_STEPS };

/* What is drawn at most, and how wide where nobody knows. */
enum { ROWS = 20, WIDTH = 80, WIDTH_MAX = 160, LABEL_WIDTH = 36 };

static size_t step_of(int64_t span_ns)
{
    uint64_t value = span_ns > 0 ? (uint64_t)span_ns : 0;
    if (value < LINEAR)
        return (size_t)value;
    unsigned doublings = 0;
    for (uint64_t rest = value; rest >= LINEAR; rest >>= 1)
        doublings++;
    size_t step = (size_t)(doublings * HISTOGRAM_STEPS + (value >> doublings));
    return step < HISTOGRAM_SIZE ? step : HISTOGRAM_SIZE - 1;
}

int64_t histogram_step_ns(size_t step)
{
    if (step < LINEAR)
        return (int64_t)step;
    size_t doublings = step / HISTOGRAM_STEPS - 1;
    return (int64_t)((step - doublings * HISTOGRAM_STEPS) << doublings);
}

void histogram_add(struct histogram *histogram, int64_t span_ns)
{
    histogram->counts[step_of(span_ns)]++;
    if (histogram->total++ == 0 || span_ns < histogram->shortest_ns)
        histogram->shortest_ns = span_ns;
    if (span_ns > histogram->longest_ns)
        histogram->longest_ns = span_ns;
}

void histogram_join(struct histogram *histogram, const struct histogram *other)
{
    if (other->total == 0)
        return;
    if (histogram->total == 0 || other->shortest_ns < histogram->shortest_ns)
        histogram->shortest_ns = other->shortest_ns;
    if (other->longest_ns > histogram->longest_ns)
        histogram->longest_ns = other->longest_ns;
    histogram->total += other->total;
    for (size_t i = 0; i < HISTOGRAM_SIZE; i++)
        histogram->counts[i] += other->counts[i];
}

int64_t histogram_per_mille(const struct histogram *histogram, unsigned per_mille)
{
    uint64_t wanted = (histogram->total * per_mille + 999) / 1000, seen = 0;
    for (size_t i = 0; i < HISTOGRAM_SIZE; i++) {
        seen += histogram->counts[i];
        if (seen >= wanted && seen > 0) {
            int64_t end_ns = histogram_step_ns(i + 1);
            return end_ns < histogram->longest_ns ? end_ns : histogram->longest_ns;
        }
    }
    return histogram->longest_ns;
}

void histogram_format(int64_t span_ns, char out_text[HISTOGRAM_TIME_TEXT])
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    double value = (double)span_ns;
    size_t unit = 0;
    while (value >= 999.5 && unit < 3) {
        value /= 1000;
        unit++;
    }
    int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    snprintf(out_text, HISTOGRAM_TIME_TEXT, "%.*f %s", digits, value, units[unit]);
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static int terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH;
    return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

static uint64_t count_between(const struct histogram *histogram, size_t from, size_t to)
{
    uint64_t count = 0;
    for (size_t i = from; i < to && i < HISTOGRAM_SIZE; i++)
        count += histogram->counts[i];
    return count;
}

static void draw_row(const struct histogram *histogram, size_t from, size_t to, uint64_t most,
                     int room)
{
    char begin[HISTOGRAM_TIME_TEXT], end[HISTOGRAM_TIME_TEXT];
    uint64_t count = count_between(histogram, from, to);
    int length = (int)((double)count / (double)most * room + 0.5);
    histogram_format(histogram_step_ns(from), begin);
    histogram_format(histogram_step_ns(to), end);
    printf("  %9s - %9s %6.2f %% |", begin, end, 100.0 * (double)count / (double)histogram->total);
    for (int i = 0; i < length; i++)
        putchar('#');
    /* Few are not none. */
    printf("%s\n", length == 0 && count > 0 ? "." : "");
}

/* The few that took longest would make a picture of nothing but empty rows: they share the last. */
void histogram_draw(const struct histogram *histogram)
{
    if (histogram->total == 0)
        return;
    size_t first = step_of(histogram->shortest_ns), step = 1;
    size_t last = step_of(histogram_per_mille(histogram, 990));
    while ((last - first) / step + 1 > ROWS)
        step *= 2;
    uint64_t most = 1;
    for (size_t i = first; i <= last; i += step) {
        uint64_t count = count_between(histogram, i, i + step);
        most = count > most ? count : most;
    }
    int room = terminal_width() - LABEL_WIDTH;
    size_t i = first;
    for (; i <= last; i += step)
        draw_row(histogram, i, i + step, most, room > 10 ? room : 10);
    uint64_t above = count_between(histogram, i, HISTOGRAM_SIZE);
    if (above > 0) {
        char begin[HISTOGRAM_TIME_TEXT], end[HISTOGRAM_TIME_TEXT];
        histogram_format(histogram_step_ns(i), begin);
        histogram_format(histogram->longest_ns, end);
        printf("  %9s - %9s %6.2f %% |.\n", begin, end,
               100.0 * (double)above / (double)histogram->total);
    }
}
