/**
 * One client of the load: a connection, what has been sent on it and what came back.
 */
#ifndef BENCH_ECHO_CLIENT_H
#define BENCH_ECHO_CLIENT_H

#include "load.h"

struct client {
    int handle;        /* -1: none */
    bool is_busy;      /* answers are under way */
    size_t sent;       /* bytes of the requests */
    size_t received;   /* bytes of the answers */
    uint64_t begin_ns; /* when the requests began to leave */
    uint64_t sequence; /* of the requests */
};

/* How a receive went. */
enum client_news { CLIENT_NOTHING, CLIENT_ALL_ANSWERED, CLIENT_FAILED };

/** Connects, and watches. @return false, with the load's failure in words */
bool client_open(struct load *load, struct client *client);

/** Ends the connection, if there is one. */
void client_close(struct client *client);

/** Sends the next requests, or as much of them as goes now. */
bool client_send(struct load *load, struct client *client, uint64_t now_ns);

/** Goes on with what did not go at once. */
bool client_send_rest(struct load *load, struct client *client);

/** Takes what came. */
enum client_news client_receive(struct load *load, struct client *client);

/** Waits for a whole answer: the server has accepted by then. */
bool client_prove(struct load *load, struct client *client);

/** @return false, always */
bool load_fail(struct load *load, const char *failure);

#endif
