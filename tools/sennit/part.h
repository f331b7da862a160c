/**
 * A file that is not whole yet: it is written beside its name, and gets the name when it is whole.
 * Nobody sees half a file, and half a file is kept for the next time.
 */
#ifndef TOOLS_SENNIT_PART_H
#define TOOLS_SENNIT_PART_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a partial file's name ends with: nobody else's files do. */
#define PART_SUFFIX ".sennit-part"

struct part {
    char path[PATH_MAX];    /* what it will be called */
    char partial[PATH_MAX]; /* what it is called until then */
    int file;               /* -1: not open */
    uint64_t have;          /* bytes of an earlier time */
};

/* Each gives NULL, or what went wrong in words. */

/** @param folder  borrowed; NULL: the current one, or `name` is a path */
const char *part_open(struct part *part, const char *folder, const char *name, bool overwrites);

/** What is behind the first bytes goes, and what is written next stands behind them. */
const char *part_cut(struct part *part, uint64_t size);

const char *part_write(struct part *part, const char *data, size_t size);

/** Everything is on the disk and has its name. */
const char *part_finish(struct part *part, bool overwrites);

/** How much of the file there is. */
uint64_t part_size(const struct part *part);

/** The file goes. */
void part_remove(struct part *part);

/** Closes it; what it holds stays. May be repeated. */
void part_close(struct part *part);

#endif
