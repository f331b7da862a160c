/**
 * Making a list of packets: what send_file and send_packets share. For this room only.
 */
#ifndef SOCKET_PACKETS_H
#define SOCKET_PACKETS_H

#include <sennit/packets.h>

#include "engine/engine.h"
#include "socket/verbs/transfer.h"

/* An empty list with room for `capacity` packets, or NULL. */
struct packet_list *packets_new(size_t capacity);

/* Each adds one packet, or none where there is nothing to send. */
sn_error packets_add_memory(struct packet_list *list, const void *data, size_t size);
/* `count` bytes from `offset` on, 0: up to the end. */
sn_error packets_add_handle(struct packet_list *list, sn_handle file, int64_t offset,
                            int64_t count);
/* The file is opened here, and closed with the list. */
sn_error packets_add_path(struct packet_list *list, const char *path, int64_t offset,
                          int64_t count);

/* The verb of both. */
extern const struct verb packets_verb;
bool packets_finish(sn_socket *socket, sn_operation *operation);

/* Gives the list to the operation; with an error the list is destroyed. */
sn_error packets_prepare(sn_operation *operation, sn_socket *socket, struct packet_list *list,
                         sn_error error, sn_transmit_flags flags);

#endif
