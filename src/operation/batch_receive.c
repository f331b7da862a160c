/*
 * Receiving: what is there already, each datagram into its record.
 *
 * On a socket of SOCK_SEQPACKET the end is a message without bytes that the kernel tells again and
 * again, and would fill all the records with. So there every message is a call, and so it is where
 * the call for several is forbidden.
 */
#include "operation/batch.h"

#include <errno.h>

#include "operation/control_message.h"
#include "sys/sys.h"

static uint32_t is_call_missing; /* atomic */

int64_t batch_receive_messages(int32_t handle, struct mmsghdr *messages, size_t count, int flags)
{
    if (atomic_load_relaxed(&is_call_missing))
        return -ENOSYS;
    int64_t received = sys_receive_messages(handle, messages, (uint32_t)count, flags);
    if (!batch_call_is_missing(received))
        return received;
    atomic_store_relaxed(&is_call_missing, 1u);
    return -ENOSYS;
}

/* True: there may be control messages. What is not written here the kernel does not read. */
static inline bool prepare(const struct record *record, const sn_datagram *datagram,
                           struct msghdr *message)
{
    sn_endpoint *from = datagram->endpoint;
    sn_datagram_extras *extras = datagram->extras;
    datagram_set_pieces(datagram, message);
    message->msg_name = from ? from->as.sockaddr : NULL;
    message->msg_namelen = from ? sizeof from->as.sockaddr : 0;
    message->msg_control = NULL;
    message->msg_controllen = 0;
    if (likely(!extras) || !record->room.batch.is_ip || extras->wanted == 0)
        return false;
    message->msg_control = extras_control(extras);
    message->msg_controllen = EXTRAS_CONTROL_SIZE;
    return true;
}

static inline void take(sn_datagram *datagram, const struct msghdr *message, size_t bytes)
{
    datagram->transferred = bytes;
    datagram->error = SN_OK;
    datagram->flags = (sn_flags)message->msg_flags;
    if (datagram->endpoint)
        datagram->endpoint->size = message->msg_namelen;
    if (unlikely(datagram->extras))
        extras_set_control_size(datagram->extras,
                                message->msg_control ? message->msg_controllen : 0);
}

/* Bytes, 0 also at the end, or -errno. */
static int64_t receive_one(sn_operation *operation, int32_t handle, struct msghdr *message)
{
    struct record *record = record_of(operation);
    (void)prepare(record, &record->datagrams.first[record->room.batch.done], message);
    return sys_receive_message(handle, message, (int)record->native_flags);
}

static int64_t receive_singly(sn_operation *operation, int32_t handle, size_t until)
{
    struct record *record = record_of(operation);
    struct batch_place *place = &record->room.batch;
    while (place->done < until) {
        struct msghdr message;
        int64_t result = receive_one(operation, handle, &message);
        if (result == 0 && sys_end_is_doubtful(handle)) {
            result = receive_one(operation, handle, &message);
            if (result == 0)
                break;
        }
        if (result < 0 && (result != -EAGAIN || place->done == 0))
            return result;
        if (result < 0)
            break;
        take(&record->datagrams.first[place->done++], &message, (size_t)result);
        operation->transferred += (size_t)result;
    }
    return (int64_t)place->done;
}

/* As batch_receive_messages(). */
static int64_t receive_several(sn_operation *operation, int32_t handle, size_t count)
{
    struct record *record = record_of(operation);
    struct mmsghdr messages[BATCH_MESSAGES]; /* not cleared */
    sn_datagram *first = &record->datagrams.first[record->room.batch.done];
    int flags = (int)record->native_flags;
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        if (unlikely(prepare(record, &first[i], &messages[i].msg_hdr)))
            flags |= MSG_CMSG_CLOEXEC; /* a packet socket refuses the flag */
    int64_t received = batch_receive_messages(handle, messages, count, flags);
    for (int64_t i = 0; i < received; i++) {
        take(&first[i], &messages[i].msg_hdr, messages[i].msg_len);
        bytes += messages[i].msg_len;
    }
    operation->transferred += bytes;
    record->room.batch.done += received > 0 ? (size_t)received : 0;
    return received;
}

int64_t batch_receive_attempt(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    struct batch_place *place = &record->room.batch;
    size_t count = record->datagrams.count;
    size_t until = count < BATCH_TURN ? count : BATCH_TURN;
    if (record->native_flags & MSG_PEEK)
        until = 1; /* it would be the same one each time */
    /* The call for several is dearer than that for one, and one may be many datagrams (GRO). */
    while (until - place->done > 1 && !place->is_single) {
        size_t asked = until - place->done < BATCH_MESSAGES ? until - place->done : BATCH_MESSAGES;
        int64_t received = receive_several(operation, handle, asked);
        if (received == -ENOSYS)
            break;
        if (received < 0 && (received != -EAGAIN || place->done == 0))
            return received;
        if (received < (int64_t)asked)
            return (int64_t)place->done;
    }
    return receive_singly(operation, handle, until);
}
