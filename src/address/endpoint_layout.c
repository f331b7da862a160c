/* What every kind of end point is asked first. */
#include "address/endpoint_layout.h"

#include <sys/socket.h>

sn_endpoint_kind sn_endpoint_get_kind(const sn_endpoint *endpoint)
{
    if (!endpoint || endpoint->kind > SN_ENDPOINT_OTHER)
        return SN_ENDPOINT_NONE;
    return (sn_endpoint_kind)endpoint->kind;
}

size_t sn_endpoint_size(void)
{
    return sizeof(sn_endpoint);
}

int endpoint_native_family(const void *sockaddr)
{
    sa_family_t family;
    memcpy(&family, (const char *)sockaddr + offsetof(struct sockaddr, sa_family), sizeof family);
    return family;
}

uint32_t endpoint_read_size(const sn_endpoint *endpoint)
{
    sn_endpoint_kind kind = sn_endpoint_get_kind(endpoint);
    if (kind == SN_ENDPOINT_NONE || kind == SN_ENDPOINT_DNS)
        return 0;
    return endpoint->size < SN_SOCKADDR_SIZE_MAX ? endpoint->size : SN_SOCKADDR_SIZE_MAX;
}

bool endpoint_is_dns(const sn_endpoint *endpoint)
{
    return sn_endpoint_get_kind(endpoint) == SN_ENDPOINT_DNS &&
           memchr(endpoint->as.dns.host, '\0', sizeof endpoint->as.dns.host);
}
