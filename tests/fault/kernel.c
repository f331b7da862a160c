#include "fault/kernel.h"

#include <liburing.h>

#include "base/atomic.h"

static struct {
    unsigned count; /* atomic */
    unsigned nth;   /* atomic: of the count; 0: none, UINT32_MAX: all */
    int32_t result; /* atomic */
} calls[KERNEL_CALL_COUNT];

static size_t send_limit;      /* atomic */
static uint32_t message_limit; /* atomic */

void kernel_reset(void)
{
    for (int i = 0; i < KERNEL_CALL_COUNT; i++) {
        atomic_store_relaxed(&calls[i].nth, 0u);
        atomic_store_relaxed(&calls[i].count, 0u);
    }
    atomic_store_relaxed(&send_limit, (size_t)0);
    atomic_store_relaxed(&message_limit, 0u);
}

void kernel_fail_nth(enum kernel_call call, unsigned n, int32_t result)
{
    atomic_store_relaxed(&calls[call].result, result);
    atomic_store_relaxed(&calls[call].nth, atomic_load_relaxed(&calls[call].count) + n);
}

void kernel_fail_all(enum kernel_call call, int32_t result)
{
    atomic_store_relaxed(&calls[call].result, result);
    atomic_store_relaxed(&calls[call].nth, UINT32_MAX);
}

unsigned kernel_count(enum kernel_call call)
{
    return atomic_load_relaxed(&calls[call].count);
}

void kernel_limit_sends(size_t bytes)
{
    atomic_store_relaxed(&send_limit, bytes);
}

void kernel_limit_messages(uint32_t count)
{
    atomic_store_relaxed(&message_limit, count);
}

/* Whether this call is one that fails. */
static bool fails(enum kernel_call call, int32_t *out_result)
{
    unsigned number = atomic_add_relaxed(&calls[call].count, 1u) + 1;
    unsigned nth = atomic_load_relaxed(&calls[call].nth);
    *out_result = atomic_load_relaxed(&calls[call].result);
    return nth == UINT32_MAX || nth == number;
}

#define X(name, type, parameters, arguments)                                                       \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        int32_t result;                                                                            \
        return fails(KERNEL_##name, &result) ? result : __real_##name arguments;                   \
    }
KERNEL_CALL_TABLE(X)
#undef X

int64_t __real_sys_send(int32_t handle, const void *data, size_t size, int flags);
int64_t __wrap_sys_send(int32_t handle, const void *data, size_t size, int flags);
int64_t __wrap_sys_send(int32_t handle, const void *data, size_t size, int flags)
{
    int32_t result;
    size_t limit = atomic_load_relaxed(&send_limit);
    if (fails(KERNEL_sys_send, &result))
        return result;
    return __real_sys_send(handle, data, limit > 0 && limit < size ? limit : size, flags);
}

int64_t __real_sys_send_messages(int32_t handle, struct mmsghdr *messages, uint32_t count,
                                 int flags);
int64_t __wrap_sys_send_messages(int32_t handle, struct mmsghdr *messages, uint32_t count,
                                 int flags);
int64_t __wrap_sys_send_messages(int32_t handle, struct mmsghdr *messages, uint32_t count,
                                 int flags)
{
    int32_t result;
    uint32_t limit = atomic_load_relaxed(&message_limit);
    if (fails(KERNEL_sys_send_messages, &result))
        return result;
    return __real_sys_send_messages(handle, messages, limit > 0 && limit < count ? limit : count,
                                    flags);
}

/* On the data path of the engine; scripted as the same kinds of calls. */
int64_t __real_sys_send_once(int32_t handle, const void *data, size_t size);
int64_t __wrap_sys_send_once(int32_t handle, const void *data, size_t size);
int64_t __wrap_sys_send_once(int32_t handle, const void *data, size_t size)
{
    int32_t result;
    size_t limit = atomic_load_relaxed(&send_limit);
    if (fails(KERNEL_sys_send, &result))
        return result;
    return __real_sys_send_once(handle, data, limit > 0 && limit < size ? limit : size);
}

int64_t __real_sys_receive_once(int32_t handle, void *data, size_t size);
int64_t __wrap_sys_receive_once(int32_t handle, void *data, size_t size);
int64_t __wrap_sys_receive_once(int32_t handle, void *data, size_t size)
{
    int32_t result;
    return fails(KERNEL_sys_receive, &result) ? result
                                              : __real_sys_receive_once(handle, data, size);
}

int64_t __real_sys_receive_from_once(int32_t handle, void *data, size_t size, int flags,
                                     void *sockaddr, uint32_t *sockaddr_size);
int64_t __wrap_sys_receive_from_once(int32_t handle, void *data, size_t size, int flags,
                                     void *sockaddr, uint32_t *sockaddr_size);
int64_t __wrap_sys_receive_from_once(int32_t handle, void *data, size_t size, int flags,
                                     void *sockaddr, uint32_t *sockaddr_size)
{
    int32_t result;
    return fails(sockaddr ? KERNEL_sys_receive_from : KERNEL_sys_receive, &result)
               ? result
               : __real_sys_receive_from_once(handle, data, size, flags, sockaddr, sockaddr_size);
}

int64_t __real_sys_send_to_once(int32_t handle, const void *data, size_t size, const void *sockaddr,
                                uint32_t sockaddr_size);
int64_t __wrap_sys_send_to_once(int32_t handle, const void *data, size_t size, const void *sockaddr,
                                uint32_t sockaddr_size);
int64_t __wrap_sys_send_to_once(int32_t handle, const void *data, size_t size, const void *sockaddr,
                                uint32_t sockaddr_size)
{
    int32_t result;
    return fails(sockaddr ? KERNEL_sys_send_to : KERNEL_sys_send, &result)
               ? result
               : __real_sys_send_to_once(handle, data, size, sockaddr, sockaddr_size);
}
