/**
 * What the receives share that name the sender (receive_from, receive_message_from). For this room
 * only.
 */
#ifndef SOCKET_SENDER_H
#define SOCKET_SENDER_H

#include <sys/socket.h>

#include "socket/verbs/transfer.h"

/* The first steps of a prepare; `checked` is what the check of the memory has said. Nothing is
 * written to `from`. */
sn_error sender_check(sn_operation *operation, sn_socket *socket, sn_error checked, sn_flags flags,
                      const sn_endpoint *from);
/* Where the sender goes. The kernel writes its bytes; the rest of the end point is filled at the
 * end. */
void sender_set(sn_operation *operation, sn_endpoint *from);
/* Where the datagram goes. With no bytes for it the operation waits for one and leaves it: one byte
 * is looked at. */
void sender_set_data(sn_operation *operation, void *data, size_t size);
void sender_set_buffers(sn_operation *operation, const sn_buffer *buffers, size_t count);

/* The sender whose address the kernel has written into `sender`, where the family was 0 before. */
void sender_tell(const sn_socket *socket, const struct sockaddr_storage *sender, uint32_t size,
                 sn_endpoint *out_from);
/* The same of one that stands in `from` already, with the kernel's size. Twice does no harm. */
void sender_set_told(const sn_socket *socket, sn_endpoint *from);
/* After a success: the flags, the sender, the count of bytes. Twice does no harm. */
void sender_finish(const sn_socket *socket, sn_operation *operation);

#endif
