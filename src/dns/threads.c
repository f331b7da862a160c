#include <sennit/dns.h>

#include "dns/pool.h"
#include "error/error.h"

sn_error sn_dns_set_thread_limit(unsigned limit)
{
    if (limit == 0 || limit > POOL_LIMIT_MAX) {
        error_set_last_native(0);
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    }
    pool_set_limit(limit);
    return SN_OK;
}

unsigned sn_dns_get_thread_limit(void)
{
    return pool_get_limit();
}
