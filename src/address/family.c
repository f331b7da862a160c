#include "address/address.h"
#include "base/base.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <linux/netlink.h>
#include <linux/vm_sockets.h>

/* The families that .NET passes on, and our own. Its other names are numbers of systems long gone.
 */
#define FAMILY_TABLE(X)                                                                            \
    /* id           native     size */                                                             \
    X(UNSPECIFIED, AF_UNSPEC, SN_SOCKADDR_SIZE_MAX)                                                \
    X(UNIX, AF_UNIX, sizeof(struct sockaddr_un))                                                   \
    X(IPV4, AF_INET, sizeof(struct sockaddr_in))                                                   \
    X(IPV6, AF_INET6, sizeof(struct sockaddr_in6))                                                 \
    X(PACKET, AF_PACKET, SN_SOCKADDR_SIZE_MAX)                                                     \
    X(CAN, AF_CAN, SN_SOCKADDR_SIZE_MAX)                                                           \
    X(NETLINK, AF_NETLINK, sizeof(struct sockaddr_nl))                                             \
    X(VSOCK, AF_VSOCK, sizeof(struct sockaddr_vm))

static_assert(sizeof(struct sockaddr_storage) == SN_SOCKADDR_SIZE_MAX,
              "an end point has room for every native address");

int address_family_to_native(sn_address_family family)
{
    switch ((int)family) {
#define X(id, native, size)                                                                        \
    case SN_FAMILY_##id: return native;
        FAMILY_TABLE(X)
#undef X
    default: return -1;
    }
}

sn_address_family address_family_from_native(int native)
{
    switch (native) {
#define X(id, number, size)                                                                        \
    case number: return SN_FAMILY_##id;
        FAMILY_TABLE(X)
#undef X
    default: return SN_FAMILY_UNKNOWN;
    }
}

uint32_t address_sockaddr_size_max(sn_address_family family)
{
    switch ((int)family) {
#define X(id, native, size)                                                                        \
    case SN_FAMILY_##id: return (uint32_t)(size);
        FAMILY_TABLE(X)
#undef X
    default: return SN_SOCKADDR_SIZE_MAX;
    }
}

size_t sn_endpoint_get_maximum_sockaddr_size(sn_address_family family)
{
    return address_sockaddr_size_max(family);
}

const char *sn_address_family_name(sn_address_family family)
{
    switch ((int)family) {
#define X(id, number, name)                                                                        \
    case number: return name;
        SN_ADDRESS_FAMILY_TABLE(X)
        SN_ADDRESS_FAMILY_NATIVE_TABLE(X)
#undef X
    default: return "?";
    }
}
