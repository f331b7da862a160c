/* Network interfaces by name and by index, as the options of multicast and devices take them. */
#include <sennit/interface.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "error/error.h"
#include "socket/object/object.h"
#include "sys/sys.h"

_Static_assert(SN_INTERFACE_NAME_SIZE == SYS_INTERFACE_NAME_SIZE, "the system's names fit");
_Static_assert(sizeof(sn_interface) == sizeof(struct sys_interface) &&
                   offsetof(sn_interface, name) == offsetof(struct sys_interface, name),
               "a list is written where the caller says");

/* Of "no such device" .NET knows nothing; for an address that is not there it has a name. */
static sn_error failed(int32_t native)
{
    error_set_last_native(-native);
    return native == -ENODEV ? SN_ERROR_ADDRESS_NOT_AVAILABLE : sn_error_from_native(-native);
}

sn_error sn_interface_index_from_name(const char *name, int *out_index)
{
    if (!name || !out_index)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    int64_t index = sys_interface_index(name);
    if (index < 0)
        return failed((int32_t)index);
    *out_index = (int)index;
    return SN_OK;
}

sn_error sn_interface_name_from_index(int index, char *name, size_t size)
{
    char found[SYS_INTERFACE_NAME_SIZE];
    if (!name)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    int32_t native = index > 0 ? sys_interface_name((uint32_t)index, found) : -ENODEV;
    if (native)
        return failed(native);
    size_t length = strnlen(found, sizeof found - 1);
    if (size <= length)
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    memcpy(name, found, length);
    name[length] = '\0';
    return SN_OK;
}

sn_error sn_interface_list(sn_interface *interfaces, size_t capacity, size_t *out_count)
{
    if (!out_count || (!interfaces && capacity > 0))
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    int32_t native = sys_interface_list((void *)interfaces, capacity, out_count);
    return native ? failed(native) : SN_OK;
}
