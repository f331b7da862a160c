/* Messages: pieces, end points and control messages in a record, one or several of them in one
 * call. */
#include "sys/sys.h"

#include <limits.h>

#include "sys/linux/call.h"
#include "sys/retry.h"

static int64_t call_again(bool is_send, int32_t handle, const struct msghdr *message, int flags)
{
    int64_t result;
    do
        result = sys_call_message(is_send, handle, message, flags);
    while (unlikely(result == -EINTR));
    return result;
}

/* Without room for control messages none can bring a descriptor, and a packet socket refuses a flag
 * that it does not know. */
int64_t sys_receive_message(int32_t handle, struct msghdr *message, int flags)
{
    flags |= MSG_DONTWAIT | (message->msg_control ? MSG_CMSG_CLOEXEC : 0);
    return call_again(false, handle, message, flags);
}

int64_t sys_send_message(int32_t handle, const struct msghdr *message, int flags)
{
    return call_again(true, handle, message, flags | MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Flags are an int to glibc and unsigned to musl: both take what has these bits. */
#define FLAGS_MASK INT_MAX

int64_t sys_send_messages(int32_t handle, struct mmsghdr *messages, uint32_t count, int flags)
{
    return SYS_RETRY(int64_t, sendmmsg(handle, messages, count,
                                       (flags | MSG_NOSIGNAL | MSG_DONTWAIT) & FLAGS_MASK));
}

int64_t sys_receive_messages(int32_t handle, struct mmsghdr *messages, uint32_t count, int flags)
{
    return SYS_RETRY(int64_t,
                     recvmmsg(handle, messages, count, (flags | MSG_DONTWAIT) & FLAGS_MASK, NULL));
}
