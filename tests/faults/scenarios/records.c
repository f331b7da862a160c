/* Records asked from a name server, by a datagram and then by a connection, in both forms. The
 * server is the scenario's own and makes its calls itself, so they never fail; but it needs
 * descriptors as everybody does. */
#include "faults/scenarios/all.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "sys/sys.h"

static struct {
    int datagram, listener;
    int stop[2]; /* its thread ends when it can be read */
    pthread_t thread;
    sn_endpoint endpoint;
} server;

static struct op asking;

/* The question with a few bits changed: a response, cut short for a datagram, and whole, without a
 * record, for a connection. */
static void answer_datagram(void)
{
    unsigned char bytes[600];
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    ssize_t count =
        recvfrom(server.datagram, bytes, sizeof bytes, 0, (struct sockaddr *)&peer, &size);
    bytes[2] = 0x83;
    if (count > 0)
        (void)!sendto(server.datagram, bytes, (size_t)count, 0, (struct sockaddr *)&peer, size);
}

static void answer_connection(void)
{
    unsigned char bytes[600];
    int connection = accept(server.listener, NULL, NULL);
    if (connection < 0)
        return;
    ssize_t count = recv(connection, bytes, 2, MSG_WAITALL);
    if (count == 2)
        count = recv(connection, bytes + 2, bytes[1], MSG_WAITALL);
    bytes[4] = 0x81;
    if (count > 2)
        (void)!send(connection, bytes, (size_t)count + 2, MSG_NOSIGNAL);
    close(connection);
}

/* Where no descriptor is left for a connection, the peer waits in vain, and so must not this. */
static void *serve(void *context)
{
    (void)context;
    struct pollfd polled[] = {{.fd = server.stop[0], .events = POLLIN},
                              {.fd = server.datagram, .events = POLLIN},
                              {.fd = server.listener, .events = POLLIN}};
    while (poll(polled, 3, -1) > 0 && !polled[0].revents) {
        if (polled[1].revents)
            answer_datagram();
        if (polled[2].revents)
            answer_connection();
    }
    return NULL;
}

static bool bind_server(void)
{
    size_t size;
    sn_endpoint address = scene_address();
    const struct sockaddr *name = sn_endpoint_get_sockaddr(&address, &size);
    socklen_t bound_size = sizeof server.endpoint.as.sockaddr;
    server.endpoint = address;
    server.listener = socket(AF_INET, SOCK_STREAM, 0);
    server.datagram = socket(AF_INET, SOCK_DGRAM, 0);
    /* Nobody else uses this address, so the port is free for both. */
    return bind(server.listener, name, (socklen_t)size) == 0 && listen(server.listener, 4) == 0 &&
           getsockname(server.listener, (void *)server.endpoint.as.sockaddr, &bound_size) == 0 &&
           bind(server.datagram, (void *)server.endpoint.as.sockaddr, bound_size) == 0;
}

static void close_all(void)
{
    const int handles[] = {server.listener, server.datagram, server.stop[0], server.stop[1]};
    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++)
        if (handles[i] >= 0)
            close(handles[i]);
}

static bool begin_serving(void)
{
    server.stop[0] = server.stop[1] = -1;
    bool is_there = bind_server() && pipe(server.stop) == 0 &&
                    pthread_create(&server.thread, NULL, serve, NULL) == 0;
    if (!is_there)
        close_all();
    return step("make a server", is_there ? SN_OK : SN_ERROR_TOO_MANY_OPEN_SOCKETS);
}

static void end_serving(void)
{
    must(write(server.stop[1], "x", 1) == 1, "a server that does not end");
    (void)pthread_join(server.thread, NULL);
    close_all();
}

static void ask(sn_resolver *resolver)
{
    sn_dns_result *result = NULL, *second = NULL;
    bool is_fine =
        step("look a name up by its records",
             sn_resolver_resolve(resolver, "a.example", SN_DNS_TYPE_MX, SN_FOREVER, &result));
    must(is_fine == (result != NULL), "an answer without a result, or the reverse");
    sn_dns_result_release(result);
    if (!is_fine)
        return;
    sn_resolver_resolve_async(resolver, "a.example", SN_DNS_TYPE_ADDRESSES, &second,
                              op_ready(&asking, NULL));
    (void)step("look a name up by its records asynchronously",
               sn_operation_wait(&asking.operation));
    ops_finish(NULL); /* the result is lent until then */
    must(!asking.operation.error == (second != NULL), "an answer without a result, or the reverse");
    sn_dns_result_release(second);
}

void play_records(void)
{
    memset(&asking, 0, sizeof asking);
    if (!begin_serving())
        return;
    const sn_resolver_options options = {
        .servers = &server.endpoint, .server_count = 1, .attempt_timeout_ms = 2000, .attempts = 1};
    sn_resolver *resolver = NULL, *of_system = NULL;
    if (step("make a resolver", sn_resolver_create(&options, &resolver)) &&
        step("make the system's resolver", sn_resolver_create(NULL, &of_system)))
        ask(resolver);
    sn_resolver_release(resolver);
    sn_resolver_release(of_system);
    end_serving();
}
