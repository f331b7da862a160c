#include "socket/object/endpoint_cache.h"

#include <string.h>

#include "address/address.h"
#include "base/base.h"

_Static_assert(sizeof(struct endpoint_cache) <= 32, "one stands in every socket");

void endpoint_cache_clear(struct endpoint_cache *cache)
{
    if (cache->size > ENDPOINT_CACHE_INSIDE)
        memory_free(cache->bytes.apart);
    cache->size = 0;
}

void endpoint_cache_set(struct endpoint_cache *cache, const sn_endpoint *endpoint)
{
    endpoint_cache_clear(cache);
    uint8_t *room = cache->bytes.inside;
    if (endpoint->size > ENDPOINT_CACHE_INSIDE) {
        room = memory_zeroed(endpoint->size);
        if (!room)
            return;
        cache->bytes.apart = room;
    }
    memcpy(room, endpoint->as.sockaddr, endpoint->size);
    cache->size = endpoint->size;
}

bool endpoint_cache_get(const struct endpoint_cache *cache, sn_endpoint *endpoint)
{
    if (cache->size == 0)
        return false;
    const uint8_t *bytes =
        cache->size > ENDPOINT_CACHE_INSIDE ? cache->bytes.apart : cache->bytes.inside;
    memcpy(endpoint->as.sockaddr, bytes, cache->size);
    endpoint_set_from_native(endpoint, cache->size);
    return true;
}
