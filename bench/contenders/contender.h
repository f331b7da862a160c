/**
 * What the contenders written in C share: each is a program of its own, which serves in one of
 * several styles until it is killed.
 *
 * All of them serve any number of clients, give each a buffer of the same size, and close a
 * connection at its end or its first error. They know nothing of the load or of the measuring.
 *
 *     usage: PROGRAM STYLE SERVICE PORT SIZE BUFFER [FILE]
 *
 * The first line of the output is "port N VERSION", or "unable REASON". The contenders in other
 * languages take and say the same.
 */
#ifndef BENCH_CONTENDER_H
#define BENCH_CONTENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* What is served. */
enum service_kind {
    SERVICE_ECHO,     /* what was received is sent back */
    SERVICE_PIPELINE, /* each request of `message_size` bytes is answered by a send of its own */
    SERVICE_FILE,     /* each request of `message_size` bytes is answered by the file */
    SERVICE_DATAGRAM, /* each UDP datagram is sent back */
    SERVICE_COUNT
};

struct service {
    enum service_kind kind;
    int port;            /* on 127.0.0.1; 0: any that is free */
    size_t message_size; /* bytes of a request */
    /* Larger than a message, as in any real program: an edge-triggered loop takes a receive that
     * did not fill its buffer as the news that the socket is empty. */
    size_t buffer_size;
    const char *file; /* of SERVICE_FILE */
};

enum { CONTENDER_BACKLOG = 4096, CONTENDER_PIECES_MAX = 64 };

/* A style; a service that it does not have is NULL. Each serves for ever and returns only if that
 * is not possible, with the reason in words. */
struct contender_style {
    const char *name;
    const char *(*serve[SERVICE_COUNT])(const struct service *service);
};

/* What each program defines. */
struct contender_program {
    const char *(*version)(void); /* of the library, with its name */
    const struct contender_style *styles;
    size_t count;
};
extern const struct contender_program contender_program;

/** Says where clients can connect. */
void contender_announce(int port);

/** A listening descriptor, after the announcement; -1 if it failed. */
int contender_listen(const struct service *service);

/** A bound UDP descriptor, after the announcement; -1 if it failed. */
int contender_bind(const struct service *service);

/** Sends small answers at once. */
void contender_no_delay(int handle);

/** The part of `size` bytes that is whole requests, of which the rest is to be kept. */
size_t contender_whole(const struct service *service, size_t size);

/** Cuts whole requests into the pieces of a gathered call: `message` has room for
 * CONTENDER_PIECES_MAX of them. */
void contender_cut(const struct service *service, char *data, size_t size, struct msghdr *message);

#endif
