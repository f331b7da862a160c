/*
 * Names for tests that ask for "localhost". A machine without an /etc/hosts that knows it, such as
 * a bare container, cannot answer, whatever the library does. So such a process gets an /etc/hosts
 * of its own, Debian's usual one, in a mount namespace that nobody else sees and that ends with it.
 *
 * Nothing of the library is used here: tests/tools/own_hosts.c is built from this file alone.
 */
#ifndef TESTS_SUPPORT_HOSTS_H
#define TESTS_SUPPORT_HOSTS_H

#include <stdbool.h>

/* Whether /etc/hosts has a row that gives "localhost" this address. */
bool hosts_know(const char *address);

/* Gives the process an /etc/hosts of its own; it must have one thread only. NULL, or why not. */
const char *hosts_bring(void);

/* In a test program: why "localhost" has no address here, or NULL. */
const char *hosts_missing(void);

/* In a test program, at the begin of a test that asks for "localhost". */
#define NEED_LOCALHOST()                                                                           \
    do {                                                                                           \
        if (hosts_missing())                                                                       \
            SKIP("%s", hosts_missing());                                                           \
    } while (0)

#endif
