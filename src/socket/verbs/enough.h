/**
 * A receive that goes on until it has enough: what the verbs of receive_enough.c and the reader
 * share. For this room only.
 */
#ifndef SOCKET_ENOUGH_H
#define SOCKET_ENOUGH_H

#include "socket/object/object.h"

/* Whether it carries a stream: a socket of that type, or what is no socket. */
sn_error enough_check_socket(sn_socket *socket);

/* The operation, of a verb with `is_all_or_error`, receives into `data` until there is enough.
 * `enough` says what that is; its `is_reached` is false. */
void enough_prepare(sn_operation *operation, sn_socket *socket, void *data, size_t size,
                    const struct enough_place *enough);

/* Completes one that needs nothing of the socket, with its results as they stand. */
static inline void enough_complete(sn_socket *socket, sn_operation *operation)
{
    operation_refuse(&socket->descriptor, operation);
}

#endif
