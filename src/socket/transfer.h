/**
 * What the sending and receiving verbs share. For this room only.
 */
#ifndef SOCKET_TRANSFER_H
#define SOCKET_TRANSFER_H

#include "socket/object.h"

/* NULL memory is fine when it is empty; a size must fit ssize_t. */
sn_error transfer_check_data(const void *data, size_t size);
sn_error transfer_check_buffers(const sn_buffer *buffers, size_t count);

/* The first steps of a prepare: what moves, and how. */
sn_error transfer_prepare_flags(sn_operation *operation, sn_socket *socket, sn_flags flags);
void transfer_set_data(sn_operation *operation, const void *data, size_t size);
void transfer_set_buffers(sn_operation *operation, const sn_buffer *buffers, size_t count);
/* A receive of no bytes that names a sender: waits for a datagram and leaves it, one byte is looked
 * at. */
void transfer_set_look(sn_operation *operation);
bool transfer_is_look(const sn_operation *operation);
bool transfer_are_all_empty(const sn_buffer *buffers, size_t count);
/* Where a send or a connect goes: `to` is used where it stands, unless it has to be mapped. */
sn_error transfer_set_destination(sn_operation *operation, const sn_socket *socket,
                                  const sn_endpoint *to);

#endif
