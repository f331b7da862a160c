/* Several messages in one call. */
#include "sys/sys.h"

#include <limits.h>

#include "sys/retry.h"

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
