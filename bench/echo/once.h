/**
 * What is measured with a server that is started for it and ended behind it.
 */
#ifndef BENCH_ECHO_ONCE_H
#define BENCH_ECHO_ONCE_H

#include "entry.h"

/**
 * One turn: from the start to the first answer, or the memory of idle connections, as the scenario
 * says.
 *
 * @return false after saying why; the entry is out of the race
 */
bool once_turn(struct entry *entry, size_t core);

#endif
