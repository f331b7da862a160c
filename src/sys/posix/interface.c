/* Network interfaces. */
#include "sys/sys.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

#include "sys/retry.h"

_Static_assert(SYS_INTERFACE_NAME_SIZE == IF_NAMESIZE, "a name that the system knows fits");

/*
 * Any socket will do. The C library's own if_nametoindex() and if_indextoname() do the same, but
 * where no descriptor is free one of them leaves the errno of something else, and another cuts a
 * name that is too long. The number of a question has 16 bits, and fits what each C library takes.
 */
static int32_t ask(uint16_t question, struct ifreq *inout_request)
{
    int32_t handle = sys_socket(AF_UNIX, SOCK_DGRAM, 0);
    if (handle < 0)
        return handle;
    int32_t result = SYS_RETRY(int32_t, ioctl(handle, question, inout_request));
    (void)sys_close(handle);
    return result < 0 ? result : 0;
}

int64_t sys_interface_index(const char *name)
{
    struct ifreq request = {.ifr_ifindex = 0};
    size_t length = strnlen(name, IF_NAMESIZE);
    if (length == IF_NAMESIZE)
        return -ENODEV;
    memcpy(request.ifr_name, name, length);
    int32_t result = ask(SIOCGIFINDEX, &request);
    return result < 0 ? result : request.ifr_ifindex;
}

int32_t sys_interface_name(uint32_t index, char out_name[SYS_INTERFACE_NAME_SIZE])
{
    struct ifreq request = {.ifr_ifindex = (int)index};
    int32_t result = ask(SIOCGIFNAME, &request);
    if (result == 0)
        memcpy(out_name, request.ifr_name, SYS_INTERFACE_NAME_SIZE);
    return result;
}

/* musl says ENOBUFS whatever it was. What a user can do something about is asked again. */
static int32_t reason_without_list(int native)
{
    int32_t handle = native == ENOBUFS ? sys_socket(AF_UNIX, SOCK_DGRAM, 0) : -native;
    if (handle < 0)
        return handle;
    (void)sys_close(handle);
    return -native;
}

int32_t sys_interface_list(struct sys_interface *out_interfaces, size_t capacity, size_t *out_count)
{
    errno = ENOBUFS; /* when memory is short nobody may set it */
    struct if_nameindex *list = if_nameindex();
    size_t count = 0;
    if (!list)
        return reason_without_list(errno);
    for (; list[count].if_index != 0 || list[count].if_name; count++) {
        if (count >= capacity)
            continue;
        struct sys_interface *interface = &out_interfaces[count];
        *interface = (struct sys_interface){.index = list[count].if_index};
        strncpy(interface->name, list[count].if_name, sizeof interface->name - 1);
    }
    if_freenameindex(list);
    *out_count = count;
    return 0;
}
