/*
 * Sockets in the states that tests start from, for every kind of socket: made, bound, listening,
 * connected in pairs. Everything stays on this machine: loopback addresses, ports that the system
 * chooses, Unix paths in a folder of this process that is removed at the end.
 *
 * A helper that cannot do its work fails the test.
 */
#ifndef TESTS_SUPPORT_SOCKETS_H
#define TESTS_SUPPORT_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include <sennit.h>

/* X(ID, family, type, protocol) */
#define TRANSPORT_TABLE(X)                                                                         \
    X(TCP_IPV4, IPV4, STREAM, TCP)                                                                 \
    X(TCP_IPV6, IPV6, STREAM, TCP)                                                                 \
    X(UNIX_STREAM, UNIX, STREAM, UNSPECIFIED)                                                      \
    X(UNIX_SEQPACKET, UNIX, SEQPACKET, UNSPECIFIED)                                                \
    X(UNIX_DATAGRAM, UNIX, DATAGRAM, UNSPECIFIED)                                                  \
    X(UDP_IPV4, IPV4, DATAGRAM, UDP)                                                               \
    X(UDP_IPV6, IPV6, DATAGRAM, UDP)                                                               \
    X(RAW_ICMP, IPV4, RAW, ICMP) /* needs a privilege */

enum transport {
#define X(id, family, type, protocol) id,
    TRANSPORT_TABLE(X)
#undef X
        TRANSPORT_COUNT
};

const char *transport_name(enum transport transport);
sn_address_family transport_family(enum transport transport);
sn_socket_type transport_type(enum transport transport);
sn_protocol_type transport_protocol(enum transport transport);
bool transport_is_stream(enum transport transport);
bool transport_is_tcp(enum transport transport);
bool transport_is_ip(enum transport transport);
/* Whether connections are made through a listener. */
bool transport_listens(enum transport transport);
/* Why this machine cannot run it, or NULL. */
const char *transport_missing(enum transport transport);

bool has_ipv6(void);
/* Whether raw sockets may be made. */
bool is_privileged(void);

/* --- Addresses ------------------------------------------------------------------------------- */

sn_endpoint endpoint_of(const sn_ip_address *address, int port);
sn_endpoint endpoint_of_text(const char *text);
sn_endpoint endpoint_of_path(const char *path);
/* Where a socket of this kind can be bound: loopback with port 0, or a Unix path that nobody uses.
 */
sn_endpoint endpoint_free(enum transport transport);
/* The same with the address that stands for all interfaces (IP only). */
sn_endpoint endpoint_wildcard(enum transport transport);
/* What the socket says of itself. */
sn_endpoint local_endpoint(sn_socket *socket);
sn_endpoint remote_endpoint(sn_socket *socket);
/* Fails the test unless both are the same address. */
void assert_same_endpoint(const sn_endpoint *expected, const sn_endpoint *actual);
void assert_no_endpoint(const sn_endpoint *actual);

/* A Unix path in this process's folder that was never given before. */
struct unix_path {
    char text[SN_UNIX_PATH_SIZE_MAX];
};
struct unix_path unix_path_new(void);
/* Removes the folder and what is in it. */
void unix_paths_remove(void);

/* --- Sockets: each is the caller's, to be released ------------------------------------------- */

sn_socket *socket_make(enum transport transport);
sn_socket *socket_bound(enum transport transport);
sn_socket *socket_listening(enum transport transport, int backlog);
/* Bound but not listening: a connect to its address is refused for as long as it is open. */
sn_socket *socket_refusing(enum transport transport);

/* Two connected sockets; `listener` is NULL where there is none. */
struct socket_pair {
    sn_socket *listener, *client, *server;
};
struct socket_pair pair_connected(enum transport transport);
void pair_release(struct socket_pair *pair);

/* A listener whose queue is full, so that the next connect waits. */
struct full_listener {
    sn_socket *listener, *queued[4];
    sn_endpoint address;
};
struct full_listener full_listener_make(enum transport transport);
/* The same at an address of TCP; false where another program has its port. To be released in both
 * cases. */
bool full_listener_try_at(const sn_endpoint *local, struct full_listener *out_full);
void full_listener_release(struct full_listener *full);

/* --- Steps ----------------------------------------------------------------------------------- */

void set_blocking(sn_socket *socket, bool blocking);
/* Waits until poll says so. */
void wait_readable(sn_socket *socket);
void wait_writable(sn_socket *socket);
/* Sends, without waiting, until no more fits; the socket is blocking afterwards. Gives the bytes
 * sent. */
size_t fill_until_full(sn_socket *socket);
/* The same until it stays so: what a TCP stream has in flight when it is full makes room again when
 * it is acknowledged, which takes the kernel some 40 ms. */
size_t fill_for_good(sn_socket *socket);
void send_text(sn_socket *socket, const char *text);
/* Receives and compares. */
void assert_receives(sn_socket *socket, const char *text);
/* Receives, expecting the end of the stream or an error. */
void assert_receives_end(sn_socket *socket);
void assert_receive_fails(sn_socket *socket, sn_error expected);

#endif
