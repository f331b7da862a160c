/*
 * Calls that block, on every kind of socket: what close_race_test.c and blocked_call_test.c end by
 * closing and by cancelling. One row a call.
 */
#ifndef TESTS_SUPPORT_BLOCKED_CALLS_H
#define TESTS_SUPPORT_BLOCKED_CALLS_H

#include "support/sockets.h"
#include "support/threads.h"

/* The end of a blocked call by a close in another thread (contract A.10), by verb and kind of
 * socket. */
#define BLOCKED_CALL_TABLE(X)                                                                      \
    X(ACCEPT, TCP_IPV4, INTERRUPTED)                                                               \
    X(ACCEPT, TCP_IPV6, INTERRUPTED)                                                               \
    X(ACCEPT, UNIX_STREAM, INTERRUPTED)                                                            \
    X(ACCEPT, UNIX_SEQPACKET, INTERRUPTED)                                                         \
    X(CONNECT, TCP_IPV4, NOT_SOCKET)                                                               \
    X(CONNECT, TCP_IPV6, NOT_SOCKET)                                                               \
    X(CONNECT, UNIX_STREAM, NOT_SOCKET)                                                            \
    X(CONNECT, UNIX_SEQPACKET, NOT_SOCKET)                                                         \
    X(RECEIVE, TCP_IPV4, CONNECTION_ABORTED)                                                       \
    X(RECEIVE, TCP_IPV6, CONNECTION_ABORTED)                                                       \
    X(RECEIVE, UNIX_STREAM, CONNECTION_ABORTED)                                                    \
    X(RECEIVE, UNIX_SEQPACKET, INTERRUPTED)                                                        \
    X(RECEIVE, UNIX_DATAGRAM, INTERRUPTED)                                                         \
    X(RECEIVE, UDP_IPV4, INTERRUPTED)                                                              \
    X(RECEIVE, UDP_IPV6, INTERRUPTED)                                                              \
    X(RECEIVE, RAW_ICMP, INTERRUPTED)                                                              \
    X(RECEIVE_NOTHING, TCP_IPV4, CONNECTION_ABORTED)                                               \
    X(RECEIVE_NOTHING, UDP_IPV4, INTERRUPTED)                                                      \
    X(RECEIVE_BUFFERS, TCP_IPV4, CONNECTION_ABORTED)                                               \
    X(RECEIVE_BUFFERS, UNIX_DATAGRAM, INTERRUPTED)                                                 \
    X(RECEIVE_FROM, TCP_IPV4, CONNECTION_ABORTED)                                                  \
    X(RECEIVE_FROM, UNIX_STREAM, CONNECTION_ABORTED)                                               \
    X(RECEIVE_FROM, UNIX_SEQPACKET, INTERRUPTED)                                                   \
    X(RECEIVE_FROM, UNIX_DATAGRAM, INTERRUPTED)                                                    \
    X(RECEIVE_FROM, UDP_IPV4, INTERRUPTED)                                                         \
    X(RECEIVE_FROM, UDP_IPV6, INTERRUPTED)                                                         \
    X(RECEIVE_FROM, RAW_ICMP, INTERRUPTED)                                                         \
    X(SEND, TCP_IPV4, CONNECTION_ABORTED)                                                          \
    X(SEND, TCP_IPV6, CONNECTION_ABORTED)                                                          \
    X(SEND, UNIX_STREAM, CONNECTION_ABORTED)                                                       \
    X(SEND, UNIX_SEQPACKET, INTERRUPTED)                                                           \
    X(SEND, UNIX_DATAGRAM, INTERRUPTED)                                                            \
    X(SEND_BUFFERS, TCP_IPV4, CONNECTION_ABORTED)                                                  \
    X(SEND_TO, UNIX_DATAGRAM, INTERRUPTED)                                                         \
    X(POLL, TCP_IPV4, INTERRUPTED)                                                                 \
    X(POLL, TCP_IPV6, INTERRUPTED)                                                                 \
    X(POLL, UNIX_STREAM, INTERRUPTED)                                                              \
    X(POLL, UNIX_SEQPACKET, INTERRUPTED)                                                           \
    X(POLL, UNIX_DATAGRAM, INTERRUPTED)                                                            \
    X(POLL, UDP_IPV4, INTERRUPTED)                                                                 \
    X(POLL, UDP_IPV6, INTERRUPTED)                                                                 \
    X(POLL, RAW_ICMP, INTERRUPTED)                                                                 \
    X(SELECT, TCP_IPV4, INTERRUPTED)                                                               \
    X(SELECT, UDP_IPV4, INTERRUPTED)                                                               \
    X(SELECT, UNIX_STREAM, INTERRUPTED)

enum blocked_verb {
    BLOCKED_ACCEPT,
    BLOCKED_CONNECT,
    BLOCKED_RECEIVE,
    BLOCKED_RECEIVE_NOTHING, /* a buffer of no bytes: waits for data */
    BLOCKED_RECEIVE_BUFFERS,
    BLOCKED_RECEIVE_FROM,
    BLOCKED_SEND,
    BLOCKED_SEND_BUFFERS,
    BLOCKED_SEND_TO,
    BLOCKED_POLL,
    BLOCKED_SELECT
};

struct blocked_call {
    const char *name;
    enum blocked_verb verb;
    enum transport transport;
    sn_error at_close;
};

extern const struct blocked_call blocked_calls[];
extern const size_t blocked_call_count;

/* What a call of the table needs to block, and the thread that makes it. */
struct blocked_scene {
    const struct blocked_call *call;
    sn_socket *socket; /* the one that the call is made on */
    sn_socket *peer;   /* connected to it, or NULL */
    struct socket_pair pair;
    struct full_listener full;
    sn_endpoint address;
    atomic_uint successes; /* calls that ended well and were made again */
    struct thread thread;
};

void blocked_scene_open(struct blocked_scene *scene, const struct blocked_call *call);
/* Makes the call until it fails; the function of a thread. */
sn_error blocked_scene_run(void *scene);
/* How often its call has succeeded and been made again; to be read before a cancel. */
unsigned blocked_scene_successes(struct blocked_scene *scene);
/*
 * Joins the thread of a cancelled call. One that succeeded just then (a full buffer took one more
 * byte) is being made again and is cancelled again; a cancel that was lost makes this wait for
 * ever.
 */
sn_error blocked_scene_join_cancelled(struct blocked_scene *scene, unsigned successes_before);
void blocked_scene_release(struct blocked_scene *scene);

#endif
