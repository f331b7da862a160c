#include "connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- Raw --- */

static bool raw_no_delay(int raw)
{
    int one = 1;
    return setsockopt(raw, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0;
}

static int raw_listen(struct sockaddr_in *out_address)
{
    socklen_t size = sizeof *out_address;
    int raw = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *out_address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (raw >= 0 && bind(raw, (struct sockaddr *)out_address, sizeof *out_address) == 0 &&
        listen(raw, 1) == 0 && getsockname(raw, (struct sockaddr *)out_address, &size) == 0)
        return raw;
    if (raw >= 0)
        (void)close(raw);
    return -1;
}

static bool raw_connect(const struct sockaddr_in *address, struct bench_end *out_end)
{
    out_end->raw = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return out_end->raw >= 0 &&
           connect(out_end->raw, (const struct sockaddr *)address, sizeof *address) == 0 &&
           raw_no_delay(out_end->raw);
}

static bool raw_accept(int listener, struct bench_end *out_end)
{
    out_end->raw = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    return out_end->raw >= 0 && raw_no_delay(out_end->raw);
}

/* --- Sennit --- */

static bool sennit_listen(sn_socket **out_listener, struct sockaddr_in *out_address)
{
    sn_endpoint local;
    size_t size = 0;
    if (sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &local) ||
        sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, out_listener) ||
        sn_socket_bind(*out_listener, &local) || sn_socket_listen(*out_listener, 1) ||
        sn_socket_get_local_endpoint(*out_listener, &local))
        return false;
    const void *bytes = sn_endpoint_get_sockaddr(&local, &size);
    memcpy(out_address, bytes, size < sizeof *out_address ? size : sizeof *out_address);
    return true;
}

static bool sennit_connect(const struct sockaddr_in *address, struct bench_end *out_end)
{
    sn_endpoint remote;
    return !sn_endpoint_from_sockaddr(address, sizeof *address, &remote) &&
           !sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &out_end->socket) &&
           !sn_socket_connect(out_end->socket, &remote) &&
           !sn_socket_set_no_delay(out_end->socket, true);
}

static bool sennit_accept(sn_socket *listener, struct bench_end *out_end)
{
    return !sn_socket_accept(listener, &out_end->socket) &&
           !sn_socket_set_no_delay(out_end->socket, true);
}

/* --- Both --- */

/* The kernel completes a connect before anybody accepts it, so one thread can do both. */
static bool open_ends(struct connection *connection, bool near_is_sennit, bool far_is_sennit)
{
    struct sockaddr_in address;
    sn_socket *listener = NULL;
    int raw = -1;
    bool is_ok =
        far_is_sennit ? sennit_listen(&listener, &address) : (raw = raw_listen(&address)) >= 0;
    if (is_ok)
        is_ok = near_is_sennit ? sennit_connect(&address, &connection->near)
                               : raw_connect(&address, &connection->near);
    if (is_ok)
        is_ok = far_is_sennit ? sennit_accept(listener, &connection->far)
                              : raw_accept(raw, &connection->far);
    sn_socket_release(listener);
    if (raw >= 0)
        (void)close(raw);
    return is_ok;
}

bool connection_open(struct connection *connection, bool near_is_sennit, bool far_is_sennit)
{
    *connection = (struct connection){.near.raw = -1, .far.raw = -1};
    errno = 0;
    if (open_ends(connection, near_is_sennit, far_is_sennit))
        return true;
    int native = near_is_sennit || far_is_sennit ? sn_error_last_native() : errno;
    fprintf(stderr, "a connection over the loopback interface failed: %s\n", strerror(native));
    connection_close(connection);
    return false;
}

void bench_end_shutdown(struct bench_end *end)
{
    if (end->socket) {
        sn_error ignored = sn_socket_shutdown(end->socket, SN_SHUTDOWN_BOTH);
        (void)ignored;
    } else {
        (void)shutdown(end->raw, SHUT_RDWR);
    }
}

static void close_end(struct bench_end *end)
{
    sn_socket_release(end->socket);
    if (end->raw >= 0)
        (void)close(end->raw);
    *end = (struct bench_end){.raw = -1};
}

void connection_close(struct connection *connection)
{
    close_end(&connection->near);
    close_end(&connection->far);
}

bool bench_end_send(const struct bench_end *end, const void *data, size_t size)
{
    if (end->socket)
        return sn_socket_send(end->socket, data, size, SN_FLAG_NONE, NULL) == SN_OK;
    /* A blocking send of a stream is only cut short by a signal or an error. */
    return send(end->raw, data, size, MSG_NOSIGNAL) == (ssize_t)size;
}

size_t bench_end_receive(const struct bench_end *end, void *data, size_t size)
{
    size_t received = 0;
    if (end->socket) {
        sn_error error = sn_socket_receive(end->socket, data, size, SN_FLAG_NONE, &received);
        return error ? 0 : received;
    }
    ssize_t native = recv(end->raw, data, size, 0);
    return native > 0 ? (size_t)native : 0;
}
