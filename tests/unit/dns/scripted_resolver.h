/*
 * A resolver that does what the test says, put under the dns room by the linker (--wrap). It asks
 * nobody.
 *
 *     quick...      has the address 192.0.2.1
 *     stuck...      gets stuck until script_release(), then is quick
 *     once...       gets stuck like that in the first lookup only
 *     fails-N       fails with the number N, such as fails-200001 for SYS_RESOLVE_TRY_AGAIN
 *     listed        has the addresses of script.listed
 *     own.example   is this machine, and 127.0.1.1 to the resolver
 *
 * Any other name is not found.
 */
#ifndef TESTS_UNIT_DNS_SCRIPTED_RESOLVER_H
#define TESTS_UNIT_DNS_SCRIPTED_RESOLVER_H

#include <sennit.h>

#include "sys/resolve.h"

#define SCRIPT_ADDRESS_MAX 8

struct script_address {
    const char *text;
    bool is_loopback;
};

extern struct script {
    struct script_address listed[SCRIPT_ADDRESS_MAX];
    struct script_address interfaces[SCRIPT_ADDRESS_MAX];
    int32_t interfaces_result; /* failure instead of a list */
    const char *canonical_name;
    const char *reverse_name;
    int32_t reverse_result;
    int32_t host_name_result;
    int32_t thread_result; /* no thread can be started */
} script;                  /* set by the test while nobody looks anything up */

/* Everything as at the start; nobody may be stuck. */
void script_reset(void);
/* Whoever sleeps for long sleeps for a moment, until the next reset. */
void script_shorten_time(void);
/* Waits until so many lookups are stuck. */
void script_wait_stuck(unsigned count);
/* Lets go of those that are stuck, and of all to come, until the next reset. */
void script_release(void);
/* The most that were stuck at the same time; how many lookups there were. */
unsigned script_stuck_max(void);
unsigned script_lookup_count(void);
/* The pool's threads; waits until there are no more of them than `count`. */
void script_wait_threads(unsigned count);
unsigned script_thread_count(void);

#endif
