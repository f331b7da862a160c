#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../measure.h"
#include "server.h"

enum { EVENTS_AT_ONCE = 256 };

struct client {
    int handle;
    uint32_t received; /* bytes of the answer */
    uint64_t sent_ns;  /* when its message was sent */
    uint64_t sequence; /* of the message */
};

/* The number of the message comes first; the rest is always the same. */
struct message {
    uint64_t sequence;
    char text[ECHO_MESSAGE_SIZE - sizeof(uint64_t)];
};

static bool fail(struct load *load, const char *failure)
{
    load->failure = failure;
    return false;
}

/* --- Connecting --- */

static int connect_to(int port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    /* Closed without farewell, so that thousands of ports do not stay in TIME_WAIT. */
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int one = 1;
    int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (handle >= 0 && connect(handle, (const struct sockaddr *)&address, sizeof address) == 0 &&
        setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
        setsockopt(handle, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0)
        return handle;
    if (handle >= 0)
        (void)close(handle);
    return -1;
}

static bool open_client(struct load *load, int port)
{
    struct client *client = &load->clients[load->count];
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = client};
    client->handle = connect_to(port);
    if (client->handle < 0)
        return fail(load, strerror(errno));
    load->count++;
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->handle, &event) != 0)
        return fail(load, strerror(errno));
    return true;
}

bool load_open(struct load *load, int port, size_t connection_count)
{
    *load = (struct load){.epoll = epoll_create1(EPOLL_CLOEXEC)};
    load->clients = calloc(connection_count, sizeof *load->clients);
    bool is_ok = load->epoll >= 0 && load->clients;
    if (!is_ok)
        (void)fail(load, strerror(errno));
    while (is_ok && load->count < connection_count)
        is_ok = open_client(load, port);
    if (!is_ok)
        load_close(load);
    return is_ok;
}

void load_close(struct load *load)
{
    for (size_t i = 0; i < load->count; i++)
        (void)close(load->clients[i].handle);
    free(load->clients);
    load->clients = NULL;
    load->count = 0;
    if (load->epoll >= 0)
        (void)close(load->epoll);
    load->epoll = -1;
}

/* --- Messages --- */

static bool send_next(struct load *load, struct client *client, uint64_t now_ns)
{
    static struct message message = {.text = "How many roads must a man walk down?"};
    load->sends_left--;
    message.sequence = ++client->sequence;
    client->received = 0;
    client->sent_ns = now_ns;
    /* The connection is empty: so little always fits. */
    if (send(client->handle, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL) !=
        (ssize_t)sizeof message)
        return fail(load, "a message could not be sent");
    return true;
}

static bool answer_complete(struct load *load, struct client *client)
{
    uint64_t now_ns = measure_clock_ns();
    load->completed++;
    if (load->latencies)
        histogram_add(load->latencies, now_ns - client->sent_ns);
    if (load->sends_left > 0)
        return send_next(load, client, now_ns);
    load->in_flight--;
    return true;
}

/* An answer that comes in pieces brings an edge with each of them. Of such a rare one only the
 * length is looked at. */
static bool receive_answer(struct load *load, struct client *client)
{
    struct message answer[2];
    ssize_t received = recv(client->handle, answer, sizeof answer, MSG_DONTWAIT);
    if (received < 0 && errno == EAGAIN)
        return true;
    if (received <= 0)
        return fail(load, "the server ended a connection");
    bool is_whole = client->received == 0 && received == ECHO_MESSAGE_SIZE;
    if (is_whole && answer[0].sequence != client->sequence)
        return fail(load, "an answer was not what had been sent");
    client->received += (uint32_t)received;
    if (client->received > ECHO_MESSAGE_SIZE)
        return fail(load, "an answer was longer than the message");
    return client->received < ECHO_MESSAGE_SIZE || answer_complete(load, client);
}

/* Waits for answers, but not beyond the deadline. */
static bool take_answers(struct load *load, uint64_t now_ns, uint64_t deadline_ns)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    uint64_t left_ms = (deadline_ns - now_ns) / 1000000u + 1;
    int timeout_ms = left_ms < 1000 ? (int)left_ms : 1000;
    int count = epoll_wait(load->epoll, events, EVENTS_AT_ONCE, timeout_ms);
    if (count < 0 && errno != EINTR)
        return fail(load, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (!receive_answer(load, events[i].data.ptr))
            return false;
    }
    return true;
}

/* --- A turn --- */

bool load_start(struct load *load, uint64_t sends_max)
{
    load->sends_left = sends_max;
    load->completed = 0;
    for (size_t i = 0; i < load->count && load->sends_left > 0; i++) {
        if (!send_next(load, &load->clients[i], measure_clock_ns()))
            return false;
        load->in_flight++;
    }
    return true;
}

bool load_run(struct load *load, uint64_t deadline_ns, uint64_t completed_goal)
{
    while (load->completed < completed_goal) {
        uint64_t now_ns = measure_clock_ns();
        if (now_ns >= deadline_ns)
            break;
        if (!take_answers(load, now_ns, deadline_ns))
            return false;
    }
    return true;
}

bool load_drain(struct load *load, uint64_t deadline_ns)
{
    load->sends_left = 0;
    while (load->in_flight > 0) {
        uint64_t now_ns = measure_clock_ns();
        if (now_ns >= deadline_ns)
            return fail(load, "answers are missing");
        if (!take_answers(load, now_ns, deadline_ns))
            return false;
    }
    return true;
}
