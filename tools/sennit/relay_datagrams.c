/*
 * A listener of datagrams has one socket for all its peers, so each peer gets a socket of its own
 * at the other end: what comes back there is that peer's. A peer is gone when nothing has moved
 * for a while.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "interrupt.h"
#include "relay.h"
#include "report.h"

enum { DATAGRAM_SIZE_MAX = 256 * 1024, IDLE_MS = 60000 };

struct peer {
    struct peer *next;
    struct hall *hall;
    sn_endpoint endpoint;
    sn_socket *socket; /* to the other end */
    char far[TARGET_PEER_TEXT_SIZE];
    atomic_int_fast64_t moved_ms;
    sn_cancellation_scope scope;
};

/* Where the peers come in. */
struct hall {
    sn_socket *socket;
    struct relay_choices *choices;
    int64_t idle_ms;
    pthread_mutex_t lock;
    pthread_cond_t has_left;
    struct peer *peers; /* under the lock */
    long count;         /* the same */
};

/* --- Back to the peer ------------------------------------------------------------------------- */

static void leave(struct peer *peer)
{
    struct hall *hall = peer->hall;
    (void)pthread_mutex_lock(&hall->lock);
    struct peer **at = &hall->peers;
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    hall->count--;
    (void)pthread_cond_signal(&hall->has_left);
    (void)pthread_mutex_unlock(&hall->lock);
    sn_socket_release(peer->socket);
    free(peer);
}

static sn_error pass_back(struct peer *peer, char *data)
{
    struct hall *hall = peer->hall;
    bool has_end = target_is_connected_kind(&hall->choices->ends[1].target);
    for (;;) {
        size_t size = 0;
        int64_t left = atomic_load(&peer->moved_ms) + hall->idle_ms - clock_now_ms();
        if (left <= 0)
            return SN_OK;
        sn_error error = sn_socket_set_receive_timeout(peer->socket, left);
        if (!error)
            error = sn_socket_receive(peer->socket, data, DATAGRAM_SIZE_MAX, SN_FLAG_NONE, &size);
        if (error == SN_ERROR_TIMED_OUT)
            continue;
        if (error || (size == 0 && has_end))
            return error;
        error = sn_socket_send_to(hall->socket, data, size, SN_FLAG_NONE, &peer->endpoint, NULL);
        if (error)
            return error;
        atomic_store(&peer->moved_ms, clock_now_ms());
    }
}

static void *run_peer(void *argument)
{
    struct peer *peer = argument;
    char *data = malloc(DATAGRAM_SIZE_MAX);
    interrupt_enter(&peer->scope);
    sn_error error = data ? pass_back(peer, data) : SN_ERROR_OUT_OF_MEMORY;
    if (error && error != SN_ERROR_OBJECT_DISPOSED)
        (void)report_failure("relay", peer->far, error);
    interrupt_leave(&peer->scope);
    free(data);
    leave(peer);
    return NULL;
}

/* --- To the other end ------------------------------------------------------------------------- */

static struct peer *find(struct hall *hall, const sn_endpoint *endpoint)
{
    for (struct peer *peer = hall->peers; peer; peer = peer->next)
        if (sn_endpoint_equals(&peer->endpoint, endpoint))
            return peer;
    return NULL;
}

static void announce(const struct hall *hall, const struct peer *peer)
{
    char text[TARGET_PEER_TEXT_SIZE];
    target_format(&hall->choices->ends[0].target, &peer->endpoint, text);
    fprintf(stderr, "sennit: %s and %s\n", text, peer->far);
}

/* Under the lock. NULL after a report: its datagram is lost, which senders of datagrams expect. */
static struct peer *add(struct hall *hall, const sn_endpoint *endpoint)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return NULL;
    peer->hall = hall;
    peer->endpoint = *endpoint;
    atomic_store(&peer->moved_ms, clock_now_ms());
    if (relay_end_open(&hall->choices->ends[1], hall->choices, NULL, &peer->socket, peer->far) !=
        EXIT_DONE) {
        free(peer);
        return NULL;
    }
    pthread_t thread;
    int native = pthread_create(&thread, NULL, run_peer, peer);
    if (native != 0) {
        (void)report_file_failure("starting a thread", native);
        sn_socket_release(peer->socket);
        free(peer);
        return NULL;
    }
    (void)pthread_detach(thread);
    if (hall->choices->is_verbose)
        announce(hall, peer);
    peer->next = hall->peers;
    hall->peers = peer;
    hall->count++;
    return peer;
}

/* Nothing here waits for one peer: the others' datagrams come in at the same socket. */
static void pass_on(struct hall *hall, const char *data, size_t size, const sn_endpoint *from)
{
    (void)pthread_mutex_lock(&hall->lock);
    struct peer *peer = find(hall, from);
    if (!peer && hall->count < hall->choices->limit)
        peer = add(hall, from);
    size_t sent = 0;
    if (peer) {
        sn_error error = sn_socket_send(peer->socket, data, size, SN_FLAG_DONT_WAIT, &sent);
        atomic_store(&peer->moved_ms, clock_now_ms());
        /* A stream with a hole in it is none any more. */
        if ((error || sent < size) && target_is_connected_kind(&hall->choices->ends[1].target))
            sn_socket_close(peer->socket);
    }
    (void)pthread_mutex_unlock(&hall->lock);
}

static void wait_for_all(struct hall *hall)
{
    (void)pthread_mutex_lock(&hall->lock);
    while (hall->count > 0)
        (void)pthread_cond_wait(&hall->has_left, &hall->lock);
    (void)pthread_mutex_unlock(&hall->lock);
}

int relay_datagrams(sn_socket *socket, struct relay_choices *choices)
{
    struct hall hall = {.socket = socket,
                        .choices = choices,
                        .idle_ms = choices->idle_ms > 0 ? choices->idle_ms : IDLE_MS,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .has_left = PTHREAD_COND_INITIALIZER};
    char *data = malloc(DATAGRAM_SIZE_MAX);
    sn_error error = data ? SN_OK : SN_ERROR_OUT_OF_MEMORY;
    while (!error) {
        sn_endpoint from;
        size_t size = 0;
        error = sn_socket_receive_from(socket, data, DATAGRAM_SIZE_MAX, SN_FLAG_NONE, &from, &size);
        if (!error)
            pass_on(&hall, data, size, &from);
        else if (error == SN_ERROR_CONNECTION_REFUSED || error == SN_ERROR_CONNECTION_RESET)
            error = SN_OK; /* about an answer to a peer that has left */
    }
    int status = report_failure("receive", choices->ends[0].target.text, error);
    wait_for_all(&hall);
    free(data);
    return status;
}
