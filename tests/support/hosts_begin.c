/* Linked into every test program (see tests/CMakeLists.txt) and run before its main function. */
#include "support/hosts.h"

#include <stddef.h>

void test_hosts_begin(void);

static const char *missing;

/* First of all: a process with a second thread cannot change its namespaces. */
__attribute__((constructor(101))) void test_hosts_begin(void)
{
    if (!hosts_know("127.0.0.1"))
        missing = hosts_bring();
}

const char *hosts_missing(void)
{
    return missing;
}
