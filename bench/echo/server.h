/**
 * The contenders: echo servers that differ only in how they reach the kernel.
 *
 * All of them take any number of connections, give each a buffer of the same size, send back what
 * they receive, and close a connection at its end or its first error. Each lives in a process of
 * its own. They know nothing of the load or of the measuring.
 */
#ifndef BENCH_ECHO_SERVER_H
#define BENCH_ECHO_SERVER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    ECHO_MESSAGE_SIZE = 64,
    /* Larger than a message, as in any real program: an edge-triggered loop takes a receive that
     * did not fill its buffer as the news that the socket is empty. With 64 bytes it would have to
     * ask again after every message. */
    ECHO_BUFFER_SIZE = 4096,
    ECHO_BACKLOG = 4096
};

/* Where to serve. */
struct server_place {
    int port;                                   /* on 127.0.0.1; 0: any that is free */
    void (*listening)(void *context, int port); /* told once, when connections can be made */
    void *context;                              /* borrowed */
};

/* One contender. */
struct server {
    const char *name;
    const char *about;
    /* Serves for ever; returns only if that is not possible, with the reason in words. */
    const char *(*serve)(const struct server_place *place);
    bool is_main; /* takes part in a quick run */
};

/* Contenders that are compared with each other stand side by side: if not all can be alive at once,
 * the table is cut into groups. */
enum { SERVER_COUNT = 9 };
extern const struct server servers[SERVER_COUNT];

/** The contender of that name, `size` characters long, or NULL. */
const struct server *server_find(const char *name, size_t size);

const char *serve_raw_epoll(const struct server_place *place);
const char *serve_raw_io_uring(const struct server_place *place);
const char *serve_libuv(const struct server_place *place);
const char *serve_libuv_try(const struct server_place *place);
const char *serve_sennit_epoll(const struct server_place *place);
const char *serve_sennit_epoll_limit(const struct server_place *place);
const char *serve_sennit_epoll_handle(const struct server_place *place);
const char *serve_sennit_io_uring(const struct server_place *place);
const char *serve_sennit_thread(const struct server_place *place);

/* --- For the servers that use the system's own calls --- */

/** A listening descriptor, after telling the place; -1 if it failed. */
int server_listen(const struct server_place *place);

/** Sends small answers at once. */
void server_no_delay(int handle);

#endif
