/** The table that the demo prints: a row a transfer. */
#ifndef TOOLS_DEMO_TABLE_H
#define TOOLS_DEMO_TABLE_H

#include "end.h"

enum row_state {
    ROW_OK,
    ROW_DIFFERENT,     /* what arrived is not what was sent */
    ROW_FAILED,        /* with a note */
    ROW_NOT_AVAILABLE, /* with a note: the machine does not have it, which is no failure */
};

struct row {
    enum row_state state;
    uint64_t bytes; /* that arrived */
    double seconds;
    struct digest digest; /* of what arrived */
    char note[520];
};

/** Fills a row from the two ends of a transfer. */
void row_conclude(struct row *row, const struct end *near, const struct end *far, double seconds);

void row_fail(struct row *row, const char *doing, sn_error error);
void row_set(struct row *row, enum row_state state, const char *note);

void table_print_head(void);
void table_print_row(const char *protocol, const struct row *row);

#endif
