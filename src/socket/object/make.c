#include "socket/object/object.h"

#include <stdlib.h>
#include <string.h>

/* SENNIT_FAST=0 in the environment: every send and receive goes the general way, so that the tests
 * can show that both ways do the same. Not for programs. */
static bool is_fast_way_off(void)
{
    static uint32_t known; /* atomic: 0 not yet, 1 no, 2 yes */
    uint32_t is_off = atomic_load_relaxed(&known);
    if (is_off == 0) {
        const char *text = secure_getenv("SENNIT_FAST");
        is_off = text && strcmp(text, "0") == 0 ? 2 : 1;
        atomic_store_relaxed(&known, is_off);
    }
    return is_off == 2;
}

sn_socket *socket_new(int32_t handle, bool owned, sn_address_family family, sn_socket_type type,
                      sn_protocol_type protocol)
{
    sn_socket *socket = memory_zeroed(sizeof *socket);
    if (!socket)
        return NULL;
    uint32_t marks = owned ? DESCRIPTOR_OWNED : 0;
    /* Multipath TCP answers a receive of no bytes at once, and has no such short counts. */
    if (type == SN_TYPE_STREAM && (family == SN_FAMILY_IPV4 || family == SN_FAMILY_IPV6) &&
        protocol != SN_PROTOCOL_MPTCP)
        marks |= DESCRIPTOR_STREAM_TCP;
    if (type != SN_TYPE_STREAM && type != SN_TYPE_UNKNOWN)
        marks |= DESCRIPTOR_MESSAGES;
    if (type == SN_TYPE_DATAGRAM || type == SN_TYPE_RAW)
        marks |= DESCRIPTOR_DATAGRAMS;
    if (unlikely(is_fast_way_off()))
        marks |= DESCRIPTOR_SLOW;
    descriptor_init(&socket->descriptor, handle, marks, &socket_class);
    socket->references = 1;
    socket->lives = 2;
    socket_set_identity(socket, family, type, protocol);
    return socket;
}
