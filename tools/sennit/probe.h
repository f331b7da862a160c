/** The parts of `sennit probe`, and the tables that they fill. */
#ifndef TOOLS_SENNIT_PROBE_H
#define TOOLS_SENNIT_PROBE_H

#include <stdbool.h>
#include <stddef.h>

/* --- Tables: columns for people, arrays of objects for scripts -------------------------------- */

struct probe_column {
    const char *title; /* above the column */
    const char *key;   /* of the object's member */
    int width;         /* of the column; the last one has none */
};

/** From now on everything is JSON. */
void probe_use_json(void);
bool probe_is_json(void);

/** @param columns  borrowed until the table ends */
void probe_table_begin(const char *name, const struct probe_column *columns, size_t count);
/** @param cells  one for each column; "yes" and "no" are true and false to scripts */
void probe_table_row(const char *const *cells);
void probe_table_end(void);

/* --- The parts -------------------------------------------------------------------------------- */

/** Families, types and protocols: which sockets can be made here. */
void probe_sockets(void);

/** Options: which can be read and written here. */
void probe_options(void);

/** Engines: which back-ends work here, and what a ring offers. */
void probe_engines(void);

#endif
