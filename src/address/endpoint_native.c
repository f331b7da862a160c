/**
 * Native address bytes in and out.
 *
 * What the kernel reports and what a program brings become the same stored form, so that end points
 * of one peer are equal however they were made. A family that is not known here is kept as it is.
 */
#include "address/address.h"
#include "address/endpoint_layout.h"

const void *sn_endpoint_get_sockaddr(const sn_endpoint *endpoint, size_t *out_size)
{
    uint32_t size = endpoint_read_size(endpoint);
    if (out_size)
        *out_size = size;
    return size > 0 ? endpoint->as.sockaddr : NULL;
}

/* Tells the kind of the first `size` bytes and brings them into their stored form. An address too
 * short for its family keeps its bytes as SN_ENDPOINT_OTHER. False: a Unix path that is too long.
 */
static bool finish(sn_endpoint *endpoint, uint32_t size)
{
    int family = endpoint_native_family(endpoint->as.sockaddr);
    if (family == AF_UNIX)
        return endpoint_unix_finish(endpoint, size);
    if (family == AF_INET && size >= sizeof(struct sockaddr_in)) {
        /* The kernel may leave anything in the padding. */
        memset(endpoint->as.sockaddr + offsetof(struct sockaddr_in, sin_zero), 0,
               sizeof(struct sockaddr_in) - offsetof(struct sockaddr_in, sin_zero));
        endpoint->size = sizeof(struct sockaddr_in);
        endpoint->kind = SN_ENDPOINT_IP;
    } else if (family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
        endpoint->size = sizeof(struct sockaddr_in6);
        endpoint->kind = SN_ENDPOINT_IP;
    } else {
        endpoint->size = size;
        endpoint->kind = SN_ENDPOINT_OTHER;
    }
    return true;
}

sn_error sn_endpoint_from_sockaddr(const void *sockaddr, size_t size, sn_endpoint *out_endpoint)
{
    if (!sockaddr || !out_endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    if (size < FAMILY_END || size > SN_SOCKADDR_SIZE_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    int family = endpoint_native_family(sockaddr);
    if ((family == AF_INET && size < sizeof(struct sockaddr_in)) ||
        (family == AF_INET6 && size < sizeof(struct sockaddr_in6)))
        return SN_ERROR_ARGUMENT;
    sn_endpoint endpoint = {0};
    memcpy(endpoint.as.sockaddr, sockaddr, size);
    if (!finish(&endpoint, (uint32_t)size))
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    *out_endpoint = endpoint;
    return SN_OK;
}

void endpoint_set_from_native(sn_endpoint *endpoint, uint32_t size)
{
    if (size > SN_SOCKADDR_SIZE_MAX)
        size =
            SN_SOCKADDR_SIZE_MAX; /* the kernel reports how much there was, not how much it wrote */
    if (size < FAMILY_END || !finish(endpoint, size))
        *endpoint = (sn_endpoint){0};
}
