#include "client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../measure.h"

enum {
    SEQUENCE_SIZE = sizeof(uint64_t),
    INPUT_SIZE = 1 << 18, /* more than all answers of a connection, so a receive empties it */
    SOURCES = 200,        /* addresses that short connections come from */
    PROOF_MAX_S = 10
};

bool load_fail(struct load *load, const char *failure)
{
    load->failure = failure;
    return false;
}

/* --- Connecting --- */

/* An address has some ten thousand ports, and a short connection keeps its own for a minute. */
static bool choose_source(int handle)
{
    static uint32_t next;
    const struct sockaddr_in source = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + next++ % SOURCES)};
    int one = 1;
    return setsockopt(handle, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one) == 0 &&
           bind(handle, (const struct sockaddr *)&source, sizeof source) == 0;
}

static bool set_up_stream(const struct load *load, int handle)
{
    /* Closed without farewell, so that thousands of ports do not stay in TIME_WAIT. */
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int one = 1;
    if (setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0)
        return false;
    return load->plan.is_short
               ? choose_source(handle)
               : setsockopt(handle, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0;
}

static bool connect_to(const struct load *load, int handle)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)load->port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (!load->plan.is_datagram && !set_up_stream(load, handle))
        return false;
    return connect(handle, (const struct sockaddr *)&address, sizeof address) == 0 ||
           errno == EINPROGRESS;
}

/* A short connection is not waited for: it is there when the first bytes can be sent. */
bool client_open(struct load *load, struct client *client)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = client};
    int type = (load->plan.is_datagram ? SOCK_DGRAM : SOCK_STREAM) |
               (load->plan.is_short ? SOCK_NONBLOCK : 0);
    client->handle = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (client->handle >= 0 && connect_to(load, client->handle) &&
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->handle, &event) == 0)
        return true;
    (void)load_fail(load, strerror(errno));
    client_close(client);
    return false;
}

void client_close(struct client *client)
{
    if (client->handle >= 0)
        (void)close(client->handle);
    client->handle = -1;
}

/* --- Requests --- */

static bool has_sequence(const struct load *load)
{
    return load->out_size >= SEQUENCE_SIZE;
}

bool client_send_rest(struct load *load, struct client *client)
{
    if (!client->is_busy || client->sent == load->out_size)
        return true;
    if (has_sequence(load))
        memcpy(load->message, &client->sequence, SEQUENCE_SIZE);
    ssize_t sent = send(client->handle, load->message + client->sent, load->out_size - client->sent,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        return load_fail(load, "a request could not be sent");
    if (sent > 0)
        client->sent += (size_t)sent;
    return true;
}

bool client_send(struct load *load, struct client *client, uint64_t now_ns)
{
    load->sends_left -=
        load->plan.in_flight < load->sends_left ? load->plan.in_flight : load->sends_left;
    client->is_busy = true;
    client->sequence++;
    client->sent = client->received = 0;
    client->begin_ns = now_ns;
    return client_send_rest(load, client);
}

/* --- Answers --- */

/* What came is compared with what was sent, but for a number that is cut in two. */
static bool is_as_sent(const struct load *load, const struct client *client, const char *data,
                       size_t size)
{
    size_t from = client->received;
    if (has_sequence(load) && from < SEQUENCE_SIZE) {
        size_t skipped = SEQUENCE_SIZE - from < size ? SEQUENCE_SIZE - from : size;
        if (skipped == SEQUENCE_SIZE && memcmp(data, &client->sequence, SEQUENCE_SIZE) != 0)
            return false;
        data += skipped;
        from += skipped;
        size -= skipped;
    }
    return memcmp(data, load->message + from, size) == 0;
}

/* A file is not looked at, and not even copied: the kernel throws it away. */
static ssize_t receive_some(struct load *load, struct client *client, char *input, int flags)
{
    size_t left = load->in_size - client->received;
    if (load->plan.answer_size > 0)
        return recv(client->handle, NULL, left + 1, flags | MSG_TRUNC);
    return recv(client->handle, input, INPUT_SIZE, flags);
}

static enum client_news take(struct load *load, struct client *client, int flags)
{
    static char input[INPUT_SIZE];
    ssize_t received = receive_some(load, client, input, flags);
    if (received < 0 && errno == EAGAIN)
        return CLIENT_NOTHING;
    if (received <= 0)
        (void)load_fail(load, "the server ended a connection");
    else if (!client->is_busy || client->received + (size_t)received > load->in_size)
        (void)load_fail(load, "an answer was longer than it should be");
    else if (load->plan.answer_size == 0 && !is_as_sent(load, client, input, (size_t)received))
        (void)load_fail(load, "an answer was not what had been sent");
    if (load->failure)
        return CLIENT_FAILED;
    client->received += (size_t)received;
    if (client->received < load->in_size)
        return CLIENT_NOTHING;
    client->is_busy = false;
    return CLIENT_ALL_ANSWERED;
}

enum client_news client_receive(struct load *load, struct client *client)
{
    return take(load, client, MSG_DONTWAIT);
}

bool client_prove(struct load *load, struct client *client)
{
    uint64_t end_ns = measure_clock_ns() + PROOF_MAX_S * UINT64_C(1000000000);
    struct epoll_event event;
    enum client_news news = CLIENT_NOTHING;
    if (!client_send(load, client, measure_clock_ns()))
        return false;
    while (news == CLIENT_NOTHING) {
        if (measure_clock_ns() > end_ns)
            return load_fail(load, "no answer came");
        (void)epoll_wait(load->epoll, &event, 1, 100);
        if (!client_send_rest(load, client))
            return false;
        news = client_receive(load, client);
    }
    return news == CLIENT_ALL_ANSWERED;
}
