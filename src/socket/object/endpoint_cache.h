/**
 * A remembered end point, in 28 bytes: an IP address stands inside, anything longer apart.
 */
#ifndef SOCKET_ENDPOINT_CACHE_H
#define SOCKET_ENDPOINT_CACHE_H

#include <sennit/endpoint.h>

#define ENDPOINT_CACHE_SIZE 28 /* sizeof(struct sockaddr_in6) */

/*
 * The first byte says what there is: 0 for nothing, or how many bytes of an address follow it. An
 * IPv6 address needs all of them: the byte is the first of its family, which is known. What is
 * longer is behind a pointer, which stands among the bytes, since its alignment would cost every
 * socket 4 of them. A record has the bytes where a pointer could stand all the same: only there do
 * tools that look for leaks find it.
 */
struct endpoint_cache {
    _Alignas(4) uint8_t bytes[ENDPOINT_CACHE_SIZE];
};

/* Without memory nothing is remembered: the kernel is asked again next time. */
void endpoint_cache_set(struct endpoint_cache *cache, const sn_endpoint *endpoint);
/* False, and the end point untouched, if nothing is remembered. */
bool endpoint_cache_get(const struct endpoint_cache *cache, sn_endpoint *endpoint);
void endpoint_cache_clear(struct endpoint_cache *cache);

#endif
