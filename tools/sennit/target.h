/**
 * ENDPOINT texts: which kind of socket is wanted, and where it shall listen or connect.
 *
 * It knows the grammar and makes the socket; it never connects, binds or prints.
 */
#ifndef TOOLS_SENNIT_TARGET_H
#define TOOLS_SENNIT_TARGET_H

#include <sennit.h>

/* A parsed ENDPOINT. */
struct target {
    const char *text;         /* borrowed: what the user typed */
    const char *scheme;       /* static: what stands before an address of this kind */
    sn_address_family family; /* SN_FAMILY_UNSPECIFIED: a host name or no host: IPv6 and IPv4 */
    sn_socket_type type;
    sn_protocol_type protocol;
    sn_endpoint endpoint; /* of kind SN_ENDPOINT_NONE when only a port was given */
    int port;             /* 0 for Unix sockets */
    size_t piece_size;    /* how much is sent at once */
};

/**
 * Parses an ENDPOINT.
 *
 * @param text        borrowed as long as the target
 * @param out_target  written on success
 * @return            NULL, or what is wrong with the text
 */
const char *target_parse(const char *text, struct target *out_target);

/** Whether there is a connection to be accepted, and an end to be seen. */
bool target_is_connected_kind(const struct target *target);

/**
 * Turns what a listener was given (a host name, or a port alone) into an address to bind to.
 *
 * @error SN_ERROR_HOST_NOT_FOUND the name is not known
 */
SN_MUST_USE sn_error target_resolve_local(struct target *target);

/* Room for what target_peer_text() writes. */
#define TARGET_PEER_TEXT_SIZE (SN_ENDPOINT_TEXT_SIZE + 20)

/** Who is at the other end of a connection, for messages: "tcp://192.0.2.1:40000". */
void target_peer_text(const struct target *target, sn_socket *socket,
                      char out_text[TARGET_PEER_TEXT_SIZE]);

/** Makes the socket. @param out_socket owned by the caller */
SN_MUST_USE sn_error target_open(const struct target *target, sn_socket **out_socket);

#endif
