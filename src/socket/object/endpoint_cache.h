/**
 * A remembered end point, in 32 bytes: an IP address stands inside, anything longer apart.
 */
#ifndef SOCKET_ENDPOINT_CACHE_H
#define SOCKET_ENDPOINT_CACHE_H

#include <sennit/endpoint.h>

#define ENDPOINT_CACHE_INSIDE 28 /* sizeof(struct sockaddr_in6) */

struct endpoint_cache {
    /* Packed, since the pointer's alignment would cost every socket 8 bytes. */
    union __attribute__((packed, aligned(4))) {
        uint8_t inside[ENDPOINT_CACHE_INSIDE];
        uint8_t *apart; /* owned; when size > ENDPOINT_CACHE_INSIDE */
    } bytes;
    uint32_t size; /* 0: nothing is remembered */
};

/* Without memory nothing is remembered: the kernel is asked again next time. */
void endpoint_cache_set(struct endpoint_cache *cache, const sn_endpoint *endpoint);
/* False, and the end point untouched, if nothing is remembered. */
bool endpoint_cache_get(const struct endpoint_cache *cache, sn_endpoint *endpoint);
void endpoint_cache_clear(struct endpoint_cache *cache);

#endif
