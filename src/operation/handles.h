/**
 * One attempt to send or to receive descriptors beside the bytes of a Unix socket.
 *
 * A ring has entries that could do it, but the kernel reads and writes the control messages when
 * such an entry is carried out, which may be long after its submission: they would have to stand
 * somewhere until then, and a record has no room for 253 descriptors. So they are polled and
 * attempted, with the messages on the stack.
 */
#ifndef OPERATION_HANDLES_H
#define OPERATION_HANDLES_H

#include "operation/record.h"

int64_t handles_send_attempt(sn_operation *operation, int32_t handle);
int64_t handles_receive_attempt(sn_operation *operation, int32_t handle);

/* Whether a receive without bytes has brought some, so that it is not the end of the stream. */
bool handles_have_come(const sn_operation *operation);

#endif
