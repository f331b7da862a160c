#include "dns/lookup.h"

#include <string.h>

#include "error/error.h"

sn_error sn_dns_get_host_name(char *name, size_t size)
{
    char own_name[SN_HOST_SIZE_MAX + 1];
    if (!name) {
        error_set_last_native(0);
        return SN_ERROR_ARGUMENT_NULL;
    }
    int32_t failed = sys_host_name(own_name, sizeof own_name);
    if (failed) {
        int native;
        sn_error error = dns_error_from_native(failed, &native);
        error_set_last_native(native);
        return error;
    }
    size_t length = strlen(own_name);
    if (size <= length) {
        error_set_last_native(0);
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    }
    memcpy(name, own_name, length + 1);
    return SN_OK;
}
