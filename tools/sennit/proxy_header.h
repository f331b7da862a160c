/** The first words of a connection that tell a server who is really there: the PROXY protocol. */
#ifndef TOOLS_SENNIT_PROXY_HEADER_H
#define TOOLS_SENNIT_PROXY_HEADER_H

#include <sennit.h>

/**
 * Sends it.
 *
 * @param version  1: a line of text; 2: bytes
 * @param client   borrowed; the connection that is passed on: its peer is the source, and its own
 *                 address the destination. NULL: `socket` itself, from here to the server
 */
SN_MUST_USE sn_error proxy_header_send(sn_socket *socket, long version, sn_socket *client);

#endif
