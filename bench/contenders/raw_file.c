/*
 * sendfile() from an edge-triggered epoll loop: each whole request adds the file to what is owed.
 */
#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 256, INPUT_SIZE = 4096 };

struct connection {
    int handle;
    size_t received; /* of the request */
    off_t left;      /* of the file that is being sent */
};

static const struct service *service;
static int file = -1;
static off_t file_size;

/* Whether the connection goes on. */
static bool send_some(struct connection *connection)
{
    while (connection->left > 0) {
        off_t at = file_size - connection->left;
        ssize_t sent = sendfile(connection->handle, file, &at, (size_t)connection->left);
        if (sent <= 0)
            return sent < 0 && errno == EAGAIN;
        connection->left -= sent;
    }
    return true;
}

static bool receive_some(struct connection *connection)
{
    char input[INPUT_SIZE];
    size_t wanted = service->message_size - connection->received;
    ssize_t received = recv(connection->handle, input,
                            wanted < sizeof input ? wanted : sizeof input, MSG_DONTWAIT);
    if (received <= 0)
        return received < 0 && errno == EAGAIN;
    connection->received += (size_t)received;
    if (connection->received == service->message_size) {
        connection->received = 0;
        connection->left = file_size;
    }
    return true;
}

/* The load has one request under way at a time, so that is all there can be to receive. */
static void connection_ready(struct connection *connection)
{
    bool goes_on = send_some(connection);
    if (goes_on && connection->left == 0)
        goes_on = receive_some(connection) && send_some(connection);
    if (goes_on)
        return;
    (void)close(connection->handle);
    free(connection);
}

static void accept_one(int epoll, int listener)
{
    int handle = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (handle < 0)
        return;
    struct connection *connection = calloc(1, sizeof *connection);
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

static bool open_file(void)
{
    struct stat facts;
    file = open(service->file, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &facts) != 0)
        return false;
    file_size = facts.st_size;
    return file_size > 0;
}

const char *raw_file_serve(const struct service *wanted)
{
    struct epoll_event events[EVENTS_AT_ONCE] = {{.events = EPOLLIN}};
    service = wanted;
    if (!open_file())
        return "it cannot read the file";
    int epoll = epoll_create1(EPOLL_CLOEXEC), listener = contender_listen(service);
    if (epoll < 0 || listener < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &events[0]) != 0)
        return "it cannot listen";
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, -1);
        if (count < 0 && errno != EINTR)
            return "epoll_wait() failed";
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                connection_ready(events[i].data.ptr);
            else
                accept_one(epoll, listener);
        }
    }
}
