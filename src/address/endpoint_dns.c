/**
 * DNS end points: a host name that only the connect calls look up.
 */
#include "address/address.h"
#include "address/endpoint_layout.h"

static_assert(sizeof(((sn_endpoint *)0)->as.dns) > SN_SOCKADDR_SIZE_MAX,
              "a name needs more room than native bytes do");

sn_error sn_endpoint_from_dns(const char *host, int port, sn_address_family family,
                              sn_endpoint *out_endpoint)
{
    if (!host || !out_endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    size_t length = strnlen(host, SN_HOST_SIZE_MAX + 1);
    if (length == 0)
        return SN_ERROR_ARGUMENT;
    if (length > SN_HOST_SIZE_MAX || port < SN_PORT_MIN || port > SN_PORT_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (family != SN_FAMILY_UNSPECIFIED && family != SN_FAMILY_IPV4 && family != SN_FAMILY_IPV6)
        return SN_ERROR_ARGUMENT;
    sn_endpoint endpoint = {.kind = SN_ENDPOINT_DNS};
    endpoint.as.dns.family = (int32_t)family;
    endpoint.as.dns.port = port;
    memcpy(endpoint.as.dns.host, host, length);
    *out_endpoint = endpoint;
    return SN_OK;
}

const char *sn_endpoint_get_host(const sn_endpoint *endpoint)
{
    return endpoint_is_dns(endpoint) ? endpoint->as.dns.host : NULL;
}
