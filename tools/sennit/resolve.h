/** The parts of `sennit resolve`. */
#ifndef TOOLS_SENNIT_RESOLVE_H
#define TOOLS_SENNIT_RESOLVE_H

#include <sennit/resolver.h>

/** A line: name, time to live, type, and what the record says. */
void resolve_print_record(const char *name, const sn_dns_record *record);

/** The same as an object of JSON, inside an array. */
void resolve_write_record(const char *name, const sn_dns_record *record);

#endif
