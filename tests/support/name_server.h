/*
 * A name server that does what the test says: on loopback, on a port of its own, for datagrams and
 * connections. A thread receives the questions and calls the test's script, which sends what it
 * likes, or nothing.
 *
 * Nothing of the library is used for the messages: they are made here byte by byte, so that they
 * can be wrong.
 */
#ifndef TESTS_SUPPORT_NAME_SERVER_H
#define TESTS_SUPPORT_NAME_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <sennit.h>

#define NAME_FLAGS_ANSWER    0x8180u /* a response, with recursion */
#define NAME_FLAGS_TRUNCATED 0x8380u

struct name_question {
    char name[256]; /* in small letters, dots between the labels */
    unsigned type;
    unsigned id;
    bool by_stream;
    int number; /* how many questions came to this server before */
    unsigned char bytes[600];
    size_t size;     /* of all bytes */
    size_t name_end; /* where type and class begin */
};

struct name_server;
typedef void (*name_script)(struct name_server *server, const struct name_question *question);

struct name_server {
    sn_endpoint endpoint;  /* where it is */
    name_script script;    /* runs on the server's thread */
    void *_Atomic context; /* the test's, which may set it once the server is there */
    atomic_int datagrams;  /* questions that came */
    atomic_int streams;
    /* The server's own. */
    pthread_t thread;
    int datagram, listener, stop, connection;
    unsigned char peer[128];
    unsigned peer_size;
};

void name_server_open(struct name_server *server, sn_address_family family, name_script script);
void name_server_close(struct name_server *server);
/* Waits until so many datagrams have come. */
void name_server_await(struct name_server *server, int datagrams);

/* --- What a script sends ---------------------------------------------------------------------- */

struct name_reply {
    unsigned char bytes[66000];
    size_t size;
};

enum name_section { NAME_ANSWER = 6, NAME_AUTHORITY = 8, NAME_ADDITIONAL = 10 };

/* Header and the question as it came. */
void name_reply_begin(struct name_reply *reply, const struct name_question *question,
                      unsigned flags);
/* A record; sections in order. `owner`: NULL for the name that was asked for. */
void name_reply_add(struct name_reply *reply, enum name_section section, const char *owner,
                    unsigned type, unsigned ttl_s, const void *data, size_t size);
/* The same, with `prefix_size` bytes and then a name as data. */
void name_reply_add_name(struct name_reply *reply, enum name_section section, const char *owner,
                         unsigned type, unsigned ttl_s, const void *prefix, size_t prefix_size,
                         const char *name);
void name_reply_add_address(struct name_reply *reply, enum name_section section, const char *owner,
                            unsigned ttl_s, const char *address);
void name_reply_add_soa(struct name_reply *reply, const char *zone, unsigned ttl_s,
                        unsigned minimum_s);
/* Any bytes. */
void name_reply_append(struct name_reply *reply, const void *bytes, size_t size);
void name_reply_set(struct name_reply *reply, size_t at, unsigned value); /* 16 bits */

/* To whoever asked; over a connection with the size before it, and the connection stays open. */
void name_server_send(struct name_server *server, const struct name_reply *reply);
/* Any bytes, over a connection without a size. */
void name_server_send_bytes(struct name_server *server, const void *bytes, size_t size);

#endif
