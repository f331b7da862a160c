/** How far a transfer is: a line on a terminal that is written over, and figures for people. */
#ifndef TOOLS_SENNIT_PROGRESS_H
#define TOOLS_SENNIT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *name; /* borrowed */
    uint64_t total;   /* bytes in all */
    uint64_t first;   /* bytes that were there before */
    uint64_t done;    /* bytes that are there now */
    int64_t begin_ns, shown_ns, end_ns;
    bool is_shown;
};

/** @param is_shown  whether the line is printed, to standard error */
void progress_begin(struct progress *progress, const char *name, uint64_t total, uint64_t first,
                    bool is_shown);

/** So many bytes more. */
void progress_advance(struct progress *progress, size_t size);

/** The line is wiped away. */
void progress_end(struct progress *progress);

/** Seconds it took, and bytes a second; 0 where that was too short to tell. */
double progress_seconds(const struct progress *progress);
double progress_rate(const struct progress *progress);

enum { PROGRESS_SIZE_TEXT = 16 };

/** "1.5 MB", "12 bytes": in powers of 1000. */
void progress_format_size(double bytes, char out_text[PROGRESS_SIZE_TEXT]);

#endif
