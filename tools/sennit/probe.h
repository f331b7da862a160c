/** The parts of `sennit probe`. Each prints its tables. */
#ifndef TOOLS_SENNIT_PROBE_H
#define TOOLS_SENNIT_PROBE_H

/** Families, types and protocols: which sockets can be made here. */
void probe_sockets(void);

/** Options: which can be read and written here. */
void probe_options(void);

/** Engines: which back-ends work here, and what a ring offers. */
void probe_engines(void);

#endif
