/**
 * What this machine is: without it no figure can be compared with another.
 */
#ifndef BENCH_ECHO_MACHINE_H
#define BENCH_ECHO_MACHINE_H

#include <stdbool.h>

/** Prints records such as "fact kernel Linux 6.18", but nothing that names the machine. */
bool machine_print(void);

#endif
