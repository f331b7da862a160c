/* Stands in for server_libuv.c where the benchmark was built without libuv. */
#include "server.h"

static const char reason[] = "the benchmark was built without libuv (libuv1-dev)";

const char *serve_libuv(const struct server_place *place)
{
    (void)place;
    return reason;
}

const char *serve_libuv_try(const struct server_place *place)
{
    (void)place;
    return reason;
}
