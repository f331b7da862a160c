#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../measure.h"
#include "client.h"

enum {
    EVENTS_AT_ONCE = 256,
    PROOF_EVERY = 128 /* connections: the queue of those that wait to be accepted never fills */
};

/* --- Opening --- */

static bool open_client(struct load *load)
{
    struct client *client = &load->clients[load->count];
    *client = (struct client){.handle = -1};
    if (!client_open(load, client))
        return false;
    load->count++;
    bool is_proof = load->count % PROOF_EVERY == 1 || load->count == load->plan.connection_count;
    if (is_proof && !client_prove(load, client))
        return false;
    if (load->plan.is_short)
        client_close(client);
    return true;
}

static bool fill_message(struct load *load)
{
    load->message = malloc(load->out_size);
    for (size_t i = 0; load->message && i < load->out_size; i++)
        load->message[i] = (char)(i * 7 + i / 251);
    return load->message;
}

bool load_open(struct load *load, int port, const struct load_plan *plan)
{
    *load = (struct load){.plan = *plan, .port = port, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    load->out_size = plan->message_size * plan->in_flight;
    load->in_size = plan->answer_size > 0 ? plan->answer_size * plan->in_flight : load->out_size;
    load->clients = calloc(plan->connection_count, sizeof *load->clients);
    bool is_ok = load->epoll >= 0 && load->clients && fill_message(load);
    if (!is_ok)
        (void)load_fail(load, strerror(errno));
    while (is_ok && load->count < plan->connection_count)
        is_ok = open_client(load);
    if (!is_ok)
        load_close(load);
    return is_ok;
}

void load_close(struct load *load)
{
    for (size_t i = 0; i < load->count; i++)
        client_close(&load->clients[i]);
    free(load->clients);
    free(load->message);
    load->clients = NULL;
    load->message = NULL;
    load->count = load->busy = 0;
    if (load->epoll >= 0)
        (void)close(load->epoll);
    load->epoll = -1;
}

/* --- Going round --- */

static bool send_next(struct load *load, struct client *client, uint64_t now_ns)
{
    if (load->plan.is_short && !client_open(load, client))
        return false;
    return client_send(load, client, now_ns);
}

static bool answers_complete(struct load *load, struct client *client)
{
    uint64_t now_ns = measure_clock_ns();
    load->completed += load->plan.in_flight;
    if (load->latencies)
        histogram_add(load->latencies, now_ns - client->begin_ns);
    if (load->plan.is_short)
        client_close(client);
    if (load->sends_left > 0)
        return send_next(load, client, now_ns);
    load->busy--;
    return true;
}

/* What comes in pieces brings an edge with each of them. A datagram server may have more to say. */
static bool client_ready(struct load *load, struct client *client, uint32_t events)
{
    if ((events & EPOLLOUT) && !client_send_rest(load, client))
        return false;
    switch (client_receive(load, client)) {
    case CLIENT_NOTHING: return true;
    case CLIENT_ALL_ANSWERED: return answers_complete(load, client);
    case CLIENT_FAILED: return false;
    }
    return false;
}

/* Waits for answers, but not beyond the deadline. */
static bool take_answers(struct load *load, uint64_t now_ns, uint64_t deadline_ns)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    uint64_t left_ms = (deadline_ns - now_ns) / 1000000u + 1;
    int timeout_ms = left_ms < 1000 ? (int)left_ms : 1000;
    int count = epoll_wait(load->epoll, events, EVENTS_AT_ONCE, timeout_ms);
    if (count < 0 && errno != EINTR)
        return load_fail(load, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (!client_ready(load, events[i].data.ptr, events[i].events))
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
        load->busy++;
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

/* Who has not run for so long finds its answers when it looks; so it is never told by the clock
 * alone that there are none. */
bool load_drain(struct load *load, uint64_t patience_ns)
{
    uint64_t deadline_ns = measure_clock_ns() + patience_ns;
    load->sends_left = 0;
    while (load->busy > 0) {
        size_t busy = load->busy;
        uint64_t now_ns = measure_clock_ns();
        bool is_late = now_ns >= deadline_ns;
        if (!take_answers(load, now_ns, is_late ? now_ns : deadline_ns))
            return false;
        if (load->busy < busy)
            deadline_ns = measure_clock_ns() + patience_ns;
        else if (is_late)
            return load_fail(load, "answers are missing");
    }
    return true;
}
