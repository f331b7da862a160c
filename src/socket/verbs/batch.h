/**
 * What the two verbs of batches share. For this room only.
 */
#ifndef SOCKET_BATCH_H
#define SOCKET_BATCH_H

#include <sennit/batch.h>

#include "socket/verbs/transfer.h"

/* The first steps of a prepare: everything but the records. */
sn_error batch_prepare(sn_operation *operation, sn_socket *socket, sn_datagram *datagrams,
                       size_t count, sn_flags flags);

/* Whether the memory of a record can be used. */
COLD sn_error batch_check_buffers(const sn_datagram *datagram);

static inline sn_error batch_check_memory(const sn_datagram *datagram)
{
    return likely(datagram->buffer_count == 0)
               ? transfer_check_data(datagram->buffer.data, datagram->buffer.size)
               : batch_check_buffers(datagram);
}

/* A record is wrong: nothing moves, and it says why. */
COLD sn_error batch_refuse(const sn_operation *operation, sn_datagram *datagram, sn_error error);

/* Runs it, and writes how many have moved. */
sn_error batch_run(sn_socket *socket, sn_operation *operation);

/* The first part of a finish step. False: it has been done already. */
bool batch_finish(const sn_socket *socket, sn_operation *operation, enum metric bytes,
                  enum metric datagrams);

#endif
