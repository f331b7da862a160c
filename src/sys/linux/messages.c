/* Several messages in one call. */
#include "sys/sys.h"

#include "sys/retry.h"

int64_t sys_send_messages(int32_t handle, struct mmsghdr *messages, uint32_t count, int flags)
{
    return SYS_RETRY(int64_t,
                     sendmmsg(handle, messages, count, flags | MSG_NOSIGNAL | MSG_DONTWAIT));
}

int64_t sys_receive_messages(int32_t handle, struct mmsghdr *messages, uint32_t count, int flags)
{
    return SYS_RETRY(int64_t, recvmmsg(handle, messages, count, flags | MSG_DONTWAIT, NULL));
}
