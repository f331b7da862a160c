/**
 * ENDPOINT texts: which kind of socket is wanted, and where it shall listen or connect. What they
 * mean is the library's to say (sn_endpoint_from_text()); on top of that stand ports by name, no
 * host for every address, and what is wrong in words.
 *
 * It knows the grammar and makes the socket; it never connects, binds or prints.
 */
#ifndef TOOLS_SENNIT_TARGET_H
#define TOOLS_SENNIT_TARGET_H

#include <sennit.h>

enum { TARGET_TEXT_SIZE = 400 };

/* A parsed ENDPOINT. */
struct target {
    const char *text;             /* borrowed: what the user typed */
    char plain[TARGET_TEXT_SIZE]; /* the same as the library reads it */
    char scheme[20];              /* what stands before an address of this kind: "tcp://" */
    sn_address_family family;     /* SN_FAMILY_UNSPECIFIED: a host name or no host: IPv6 and IPv4 */
    sn_socket_type type;
    sn_protocol_type protocol;
    sn_endpoint endpoint;
    bool has_host;     /* false: only a port was given, so nobody can be connected to */
    bool has_port;     /* host and port: TCP, UDP and their kin */
    size_t piece_size; /* how much is sent at once */
};

/**
 * Parses an ENDPOINT.
 *
 * @param text        borrowed as long as the target
 * @param out_target  written on success
 * @return            NULL, or what is wrong with the text
 */
const char *target_parse(const char *text, struct target *out_target);

/** The same for one that is connected to. */
const char *target_parse_remote(const char *text, struct target *out_target);

/** Whether there is a connection to be accepted, and an end to be seen. */
bool target_is_connected_kind(const struct target *target);

/* Room for what target_peer_text() writes. */
#define TARGET_PEER_TEXT_SIZE (SN_ENDPOINT_TEXT_SIZE + 20)

/** An end point for messages: "tcp://192.0.2.1:40000"; IPv4 as IPv4, on a socket for both too. */
void target_format(const struct target *target, const sn_endpoint *endpoint,
                   char out_text[TARGET_PEER_TEXT_SIZE]);

/** Who is at the other end of a connection, for messages. */
void target_peer_text(const struct target *target, sn_socket *socket,
                      char out_text[TARGET_PEER_TEXT_SIZE]);

/** Makes the socket to connect with. @param out_socket owned by the caller */
SN_MUST_USE sn_error target_open(const struct target *target, sn_socket **out_socket);

#endif
