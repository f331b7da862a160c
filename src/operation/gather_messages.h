/**
 * Several receives of datagrams as one system call: those that wait one behind the other in a
 * queue, each of which gets a datagram of its own.
 *
 * Not on a socket of SOCK_SEQPACKET, whose end the kernel gives as a message without bytes as often
 * as it is asked: there, one that is doubtful has to be asked for again (sys_end_is_doubtful()).
 */
#ifndef OPERATION_GATHER_MESSAGES_H
#define OPERATION_GATHER_MESSAGES_H

#include "operation/batch.h"

struct gathered_messages {
    size_t asked;                   /* receives that were in the call */
    uint32_t sizes[BATCH_MESSAGES]; /* what those that got a datagram have got, in their order */
};

/* Whether a receive can be one of several. */
bool gather_takes(const sn_operation *operation);
/* How many have got one; what else the kernel tells stands in their records. 0: fewer than two can
 * go together, or the call is forbidden. Else -errno, which is the first one's. */
int64_t gather_messages(struct gathered_messages *gather, const struct operation_queue *queue,
                        int32_t handle);

#endif
