#include "socket/object/endpoint_cache.h"

#include <netinet/in.h>
#include <string.h>

#include "address/address.h"
#include "base/base.h"

#define INSIDE_MAX (ENDPOINT_CACHE_SIZE - 1)

/* The first byte, where it is not a size. */
enum { KIND_IPV6 = ENDPOINT_CACHE_SIZE, KIND_APART = 255 };

_Static_assert(sizeof(struct sockaddr_in6) == ENDPOINT_CACHE_SIZE, "all bytes are the address's");

/* With KIND_APART: all bytes, from the first on. */
struct apart {
    uint8_t kind;
    uint32_t size;
    uint8_t *bytes; /* owned */
};

_Static_assert(sizeof(struct apart) <= ENDPOINT_CACHE_SIZE, "fits");

static struct apart apart_of(const struct endpoint_cache *cache)
{
    struct apart apart;
    memcpy(&apart, cache->bytes, sizeof apart);
    return apart;
}

static bool is_ipv6(const sn_endpoint *endpoint)
{
    return endpoint->size == sizeof(struct sockaddr_in6) &&
           sn_endpoint_get_family(endpoint) == SN_FAMILY_IPV6;
}

void endpoint_cache_clear(struct endpoint_cache *cache)
{
    if (cache->bytes[0] == KIND_APART)
        memory_free(apart_of(cache).bytes);
    cache->bytes[0] = 0;
}

static void set_apart(struct endpoint_cache *cache, const sn_endpoint *endpoint)
{
    struct apart apart = {
        .kind = KIND_APART, .size = endpoint->size, .bytes = memory_zeroed(endpoint->size)};
    if (!apart.bytes)
        return;
    memcpy(apart.bytes, endpoint->as.sockaddr, apart.size);
    memcpy(cache->bytes, &apart, sizeof apart);
}

void endpoint_cache_set(struct endpoint_cache *cache, const sn_endpoint *endpoint)
{
    endpoint_cache_clear(cache);
    if (is_ipv6(endpoint)) {
        memcpy(cache->bytes, endpoint->as.sockaddr, sizeof cache->bytes);
        cache->bytes[0] = KIND_IPV6;
    } else if (endpoint->size <= INSIDE_MAX) {
        memcpy(cache->bytes + 1, endpoint->as.sockaddr, endpoint->size);
        cache->bytes[0] = (uint8_t)endpoint->size;
    } else {
        set_apart(cache, endpoint);
    }
}

bool endpoint_cache_get(const struct endpoint_cache *cache, sn_endpoint *endpoint)
{
    const struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
    struct apart apart;
    uint32_t size = cache->bytes[0];
    switch (size) {
    case 0: return false;
    case KIND_IPV6:
        memcpy(endpoint->as.sockaddr, cache->bytes, size);
        memcpy(endpoint->as.sockaddr, &ipv6, 1);
        break;
    case KIND_APART:
        apart = apart_of(cache);
        size = apart.size;
        memcpy(endpoint->as.sockaddr, apart.bytes, size);
        break;
    default: memcpy(endpoint->as.sockaddr, cache->bytes + 1, size); break;
    }
    endpoint_set_from_native(endpoint, size);
    return true;
}
