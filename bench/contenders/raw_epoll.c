/*
 * The best epoll loop we know, as epoll(7) describes the edge-triggered way: every descriptor is
 * registered once, and the loop remembers what it knows of each. A receive that did not fill the
 * buffer has emptied the socket, so the loop does not ask again; what comes later brings a new
 * edge. That is two system calls a request, and one for all the connections that became ready
 * together.
 */
#include "raw.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 256 };

static const struct service *service;

struct connection {
    int handle;
    bool is_readable;  /* a receive may find something */
    bool is_ending;    /* the end of the stream is near: it will bring no edge of its own */
    size_t begin, end; /* what is still to be sent */
    size_t filled;     /* of the buffer, with what is no whole request yet */
    char buffer[];
};

/* How an attempt ended. */
enum outcome { WENT_ON, MUST_WAIT, HAS_ENDED };

static ssize_t send_answers(struct connection *connection)
{
    struct iovec pieces[CONTENDER_PIECES_MAX];
    struct msghdr message = {.msg_iov = pieces};
    char *data = connection->buffer + connection->begin;
    size_t size = connection->end - connection->begin;
    if (service->kind == SERVICE_ECHO)
        return send(connection->handle, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    contender_cut(service, data, size, &message);
    return sendmsg(connection->handle, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static enum outcome send_some(struct connection *connection)
{
    ssize_t sent = send_answers(connection);
    if (sent < 0)
        return errno == EAGAIN ? MUST_WAIT : HAS_ENDED;
    connection->begin += (size_t)sent;
    if (connection->begin < connection->end)
        return WENT_ON;
    connection->filled -= connection->end;
    memmove(connection->buffer, connection->buffer + connection->end, connection->filled);
    connection->begin = connection->end = 0;
    return WENT_ON;
}

static enum outcome receive_some(struct connection *connection)
{
    size_t room = service->buffer_size - connection->filled;
    ssize_t received =
        recv(connection->handle, connection->buffer + connection->filled, room, MSG_DONTWAIT);
    if (received == 0 || (received < 0 && errno != EAGAIN))
        return HAS_ENDED;
    bool is_short = received < (ssize_t)room;
    connection->is_readable = !is_short || (received > 0 && connection->is_ending);
    if (received < 0)
        return MUST_WAIT;
    connection->filled += (size_t)received;
    connection->end = contender_whole(service, connection->filled);
    return WENT_ON;
}

/* Does what can be done now. */
static enum outcome advance(struct connection *connection)
{
    enum outcome outcome;
    do {
        if (connection->begin < connection->end)
            outcome = send_some(connection);
        else if (connection->is_readable)
            outcome = receive_some(connection);
        else
            outcome = MUST_WAIT;
    } while (outcome == WENT_ON);
    return outcome;
}

static void connection_ready(struct connection *connection, uint32_t events)
{
    if (events & ~(uint32_t)EPOLLOUT)
        connection->is_readable = true;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        connection->is_ending = true;
    if (advance(connection) != HAS_ENDED)
        return;
    (void)close(connection->handle);
    free(connection);
}

/* The listener is level-triggered, so one connection for each report is enough. */
static void accept_one(int epoll, int listener)
{
    int handle = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (handle < 0)
        return;
    struct connection *connection = calloc(1, sizeof *connection + service->buffer_size);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = connection};
    contender_no_delay(handle);
    if (connection && epoll_ctl(epoll, EPOLL_CTL_ADD, handle, &event) == 0) {
        connection->handle = handle;
        return;
    }
    free(connection);
    (void)close(handle);
}

const char *raw_epoll_serve(const struct service *wanted)
{
    struct epoll_event events[EVENTS_AT_ONCE] = {{.events = EPOLLIN}};
    service = wanted;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int listener = contender_listen(service);
    if (epoll < 0 || listener < 0)
        return "it cannot listen";
    /* The listener is the one without a connection. */
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &events[0]) != 0)
        return "it cannot watch its listener";
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, -1);
        if (count < 0 && errno != EINTR)
            return "epoll_wait() failed";
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                connection_ready(events[i].data.ptr, events[i].events);
            else
                accept_one(epoll, listener);
        }
    }
}
