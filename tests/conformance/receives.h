/*
 * A receive of its own thread, and the sockets that keep messages apart: for the tests of receive.
 */
#ifndef TESTS_CONFORMANCE_RECEIVES_H
#define TESTS_CONFORMANCE_RECEIVES_H

#include "support/transfer_support.h"

/* A receive of its own, for a thread to block in. */
struct receiver {
    sn_socket *socket; /* borrowed */
    size_t size;
    bool as_list;
    char data[64];
    size_t received;
};

static inline sn_error receive_once(void *context)
{
    struct receiver *receiver = context;
    sn_buffer buffer = {receiver->data, receiver->size};
    receiver->received = 77;
    return receiver->as_list
               ? do_receive_buffers(receiver->socket, &buffer, 1, SN_FLAG_NONE, &receiver->received)
               : do_receive(receiver->socket, receiver->data, receiver->size, SN_FLAG_NONE,
                            &receiver->received);
}

#define ON_DATAGRAMS(test) ON_UDP(test), CASE_ON(test, UNIX_DATAGRAM), CASE_ON(test, UNIX_SEQPACKET)

#endif
