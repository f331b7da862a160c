/**
 * What the kernel says about a datagram beside its bytes: reading the control messages.
 *
 * Pure: bytes in, a value out. The bytes are not trusted: whatever they hold, nothing outside them
 * is read.
 */
#ifndef OPERATION_CONTROL_MESSAGE_H
#define OPERATION_CONTROL_MESSAGE_H

#include <sennit/operation.h>

/*
 * Where the datagram was sent to, and which interface it came in on. False, and nothing written, if
 * no message tells it.
 */
bool control_message_read(const void *bytes, size_t size, sn_ip_packet_information *out);

#endif
