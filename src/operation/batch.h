/**
 * Several datagrams as one operation: with few system calls, each of which takes many.
 *
 * An attempt may move a part, so it writes by itself what it has moved: into the records and, as
 * their count, into the operation (struct batch_place). Results stay native in the records as well,
 * until the verb's finish step: `flags` are the kernel's, `size` of an end point is what it
 * reported, and control messages stand in the extras.
 *
 * What works underneath is on the attempt's stack, so one call takes so many messages and pieces of
 * memory. More would gain nothing: a call is a hundredth of them by then.
 */
#ifndef OPERATION_BATCH_H
#define OPERATION_BATCH_H

#include "operation/attempt.h"

#define BATCH_MESSAGES 64
#define BATCH_PIECES   256

/* After so many records it is others' turn. */
#define BATCH_TURN 1024

/* The most segments that every kernel cuts one message into, and the longest message. */
#define SEGMENTS_MAX      64
#define SEGMENTS_SIZE_MAX 65507

/* Why the kernel would not make the call for several messages. */
static inline bool batch_call_is_missing(int64_t result)
{
    return result == -ENOSYS || result == -EPERM;
}

/* As sys_receive_messages(), but where it is forbidden, which is remembered: -ENOSYS. */
int64_t batch_receive_messages(int32_t handle, struct mmsghdr *messages, size_t count, int flags);

/* How many have moved, or -errno: what stands in the operation counts in any case. */
int64_t batch_send_attempt(sn_operation *operation, int32_t handle);
/* The same; 0: the end. */
int64_t batch_receive_attempt(sn_operation *operation, int32_t handle);

/* Whether the next record goes to an address of that family. */
bool batch_goes_to(const sn_operation *operation, int family);

/* The bytes of a record. */
static inline size_t datagram_size(const sn_datagram *datagram)
{
    size_t size = datagram->buffer.size;
    if (unlikely(datagram->buffer_count > 0)) {
        size = 0;
        for (size_t i = 0; i < datagram->buffer_count; i++)
            size += datagram->buffers[i].size;
    }
    return size;
}

static inline void datagram_set_moved(sn_datagram *datagram, size_t bytes)
{
    datagram->transferred = bytes;
    datagram->error = SN_OK;
    datagram->flags = 0;
}

/* Where they are, as the kernel wants it: the caller's own array, only read. */
static inline void datagram_set_pieces(const sn_datagram *datagram, struct msghdr *message)
{
    bool is_one = likely(datagram->buffer_count == 0);
    const sn_buffer *pieces = is_one ? &datagram->buffer : datagram->buffers;
    message->msg_iov = (struct iovec *)(uintptr_t)pieces;
    message->msg_iovlen = is_one ? 1 : (uint16_t)datagram->buffer_count;
}

static inline struct msghdr datagram_message(const sn_datagram *datagram)
{
    struct msghdr message = {.msg_name = NULL};
    datagram_set_pieces(datagram, &message);
    return message;
}

#endif
