/*
 * The fault of a run, and the points at which it may strike. There is one fault at a time; the
 * wrappers (inject_*.c) ask here whether it is theirs.
 */
#ifndef TESTS_FAULTS_FAULTS_H
#define TESTS_FAULTS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "faults/table.h"

enum fault_point {
#define X(name, ...) POINT_##name,
    FAULT_SYS_TABLE(X) FAULT_RING_TABLE(X)
#undef X
#define X(name, ...) POINT_entry_##name,
        FAULT_ENTRY_TABLE(X)
#undef X
            POINT_MEMORY,
    POINT_DESCRIPTORS, /* the limit of descriptors; the occurrence is the limit */
    POINT_COUNT
};

struct fault {
    enum fault_point point;
    int native;          /* of the result; above 200000: the resolver's own (sys/resolve.h) */
    unsigned occurrence; /* the n-th from 1; 0: no fault */
    bool is_lasting;     /* and all after it; for what passes by its nature a few dozen */
};

/* How often each point was passed. */
struct fault_counts {
    uint32_t of[POINT_COUNT];
};

const char *fault_point_name(enum fault_point point);
const char *fault_native_name(int native);
/* -1: there is none of that name. */
int fault_point_find(const char *name);
int fault_native_find(const char *name);
/* What the point may fail with; a list that ends with 0. */
const int *fault_natives(enum fault_point point);
/* Whether the caller is to try again, so that for ever would be no fault of the caller's. */
bool fault_passes(enum fault_point point, int native);

/* From now on. Counting begins anew. */
void fault_arm(const struct fault *fault);
void fault_disarm(void);
/* Whether the fault has struck since it was armed. */
bool fault_has_struck(void);
/* Whether it may leave the file of a Unix socket behind. */
bool fault_may_keep_file(void);
void fault_get_counts(struct fault_counts *out_counts);

/* For the wrappers: counts, and says whether this time it fails, and how: the negative errno. */
bool fault_strikes(enum fault_point point, int32_t *out_result);

/* --- Memory: inject_memory.c ------------------------------------------------------------------ */

/* Before the first use of the library. */
void memory_watch(void);
/* What is allocated and not released. */
size_t memory_outstanding(void);

/* --- The ring: inject_ring.c ------------------------------------------------------------------ */

/* Whether this kernel lets a result be chosen (6.10 and later). */
bool ring_can_choose_results(void);

#endif
