#include "dns/threads.h"

#include <stdlib.h>

#include <sennit/dns.h>

#include "error/error.h"
#include "sys/sys.h"

/* A number that makes no sense leaves the default in place: a typing error in the environment must
 * not keep a program from starting. */
static uint32_t limit_from_environment(void)
{
    const char *text = secure_getenv("SENNIT_DNS_THREADS");
    if (!text || *text < '0' || *text > '9')
        return DNS_THREADS_DEFAULT;
    char *end;
    unsigned long limit = strtoul(text, &end, 10); /* ULONG_MAX if it is larger than that */
    if (*end != '\0' || limit == 0)
        return DNS_THREADS_DEFAULT;
    return limit < POOL_LIMIT_MAX ? (uint32_t)limit : POOL_LIMIT_MAX;
}

struct pool dns_threads = {POOL_INITIALIZER(dns_threads), .first_limit = limit_from_environment};

static void begin_anew(void)
{
    pool_begin_anew(&dns_threads);
}

/* When the library is loaded, so that no fork is missed. */
__attribute__((constructor)) static void watch_forks(void)
{
    (void)sys_on_fork(NULL, NULL, begin_anew);
}

sn_error sn_dns_set_thread_limit(unsigned limit)
{
    if (limit == 0 || limit > POOL_LIMIT_MAX) {
        error_set_last_native(0);
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    }
    pool_set_limit(&dns_threads, limit);
    return SN_OK;
}

unsigned sn_dns_get_thread_limit(void)
{
    return pool_get_limit(&dns_threads);
}
