#include "server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const struct server servers[SERVER_COUNT] = {
    {"sennit-io_uring", "Sennit on io_uring, driven by sn_engine_run()", serve_sennit_io_uring,
     true},
    {"raw-io_uring", "a hand-written io_uring loop", serve_raw_io_uring, true},
    {"libuv", "libuv, answering with uv_write()", serve_libuv, true},
    {"sennit-epoll", "Sennit on epoll, driven by sn_engine_run()", serve_sennit_epoll, true},
    {"raw-epoll", "a hand-written edge-triggered epoll loop", serve_raw_epoll, true},
    {"sennit-thread", "Sennit, with one thread of the engine's own", serve_sennit_thread, false},
    {"sennit-epoll-limit", "as sennit-epoll, each operation with a time limit",
     serve_sennit_epoll_limit, false},
    {"sennit-epoll-handle", "as sennit-epoll, each operation with a cancellation handle",
     serve_sennit_epoll_handle, false},
    {"libuv-try", "libuv, answering with uv_try_write()", serve_libuv_try, false},
};

const struct server *server_find(const char *name, size_t size)
{
    for (size_t i = 0; i < SERVER_COUNT; i++) {
        if (strlen(servers[i].name) == size && memcmp(servers[i].name, name, size) == 0)
            return &servers[i];
    }
    return NULL;
}

int server_listen(const struct server_place *place)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)place->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int one = 1;
    int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (handle >= 0 && setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        bind(handle, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(handle, ECHO_BACKLOG) == 0 &&
        getsockname(handle, (struct sockaddr *)&address, &size) == 0) {
        place->listening(place->context, ntohs(address.sin_port));
        return handle;
    }
    if (handle >= 0)
        (void)close(handle);
    return -1;
}

void server_no_delay(int handle)
{
    int one = 1;
    (void)setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}
