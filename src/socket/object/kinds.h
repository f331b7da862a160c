/**
 * Socket types and protocols: .NET's numbers and the kernel's. For this room only.
 */
#ifndef SOCKET_KINDS_H
#define SOCKET_KINDS_H

#include <sennit/types.h>

/* -1 for a type that does not exist. */
int type_to_native(sn_socket_type type);
sn_socket_type type_from_native(int native);

/* -1 for a protocol that the family does not have. */
int protocol_to_native(sn_address_family family, sn_protocol_type protocol);
sn_protocol_type protocol_from_native(sn_address_family family, int native);

#endif
