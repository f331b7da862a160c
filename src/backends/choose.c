/*
 * Which back-end an engine uses: the best that works here. Whether it does is found out with the
 * first worker's own (io_uring_check.c), so nothing is made twice.
 */
#include "backends/backend.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#define DENIED "epoll, because a filter denies operations of io_uring that an engine needs"

static const char *reason_of(int32_t result)
{
    switch (-result) {
    case 0: return "io_uring works here: a test byte came through a ring";
    case ENOSYS: return "epoll, because the kernel has no io_uring";
    case EPERM:
    case EACCES:
        return "epoll, because io_uring is forbidden here (a seccomp filter, or the "
               "kernel.io_uring_disabled setting)";
    case EINVAL:
    case EOPNOTSUPP: return "epoll, because the kernel's io_uring is older than 6.1";
    case ENOMEM: return "epoll, because there is not enough (locked) memory for a ring";
    case EMFILE:
    case ENFILE: return "epoll, because there is no descriptor free for a ring";
    default: return "epoll, because the self-test of io_uring failed";
    }
}

/* NULL: it asks for nothing. */
static const char *environment(sn_engine_backend wanted)
{
    const char *text =
        wanted == SN_ENGINE_BACKEND_AUTOMATIC ? secure_getenv("SENNIT_ENGINE") : NULL;
    return text && *text ? text : NULL;
}

const char *backend_mistake(sn_engine_backend wanted)
{
    const char *text = environment(wanted);
    bool is_known = text && (strcasecmp(text, backend_epoll.name) == 0 ||
                             strcasecmp(text, backend_io_uring.name) == 0);
    return is_known ? NULL : text;
}

struct backend_choice backend_choose(sn_engine_backend wanted)
{
    struct backend_choice choice = {.wanted = wanted, .class = &backend_io_uring};
    const char *override = environment(wanted);
    if (wanted == SN_ENGINE_BACKEND_EPOLL)
        choice.reason = "epoll, because the program asked for it";
    else if (override && strcasecmp(override, backend_epoll.name) == 0)
        choice.reason = "epoll, because SENNIT_ENGINE in the environment says so";
    if (choice.reason)
        choice.class = &backend_epoll;
    return choice;
}

static int32_t try_to_open(const struct backend_class *class, uint32_t queue_size,
                           struct backend **inout_backend, bool *out_is_open)
{
    int32_t result = class->open(*inout_backend, queue_size);
    *out_is_open = result >= 0;
    if (result >= 0 && class->check)
        result = class->check(*inout_backend);
    if (result < 0) {
        class->close(*inout_backend);
        *inout_backend = NULL;
    }
    return result;
}

int32_t backend_settle(struct backend_choice *choice, uint32_t queue_size,
                       struct backend_host *host, struct backend **inout_backend)
{
    bool is_open;
    int32_t result = try_to_open(choice->class, queue_size, inout_backend, &is_open);
    if (!choice->class->check)
        return result;
    choice->reason = is_open && result == -EACCES ? DENIED : reason_of(result);
    if (choice->class->absence)
        choice->reason = choice->class->absence;
    if (result >= 0)
        return 0;
    choice->class = choice->wanted == SN_ENGINE_BACKEND_IO_URING ? NULL : &backend_epoll;
    if (!choice->class)
        return result;
    *inout_backend = choice->class->make(host);
    return *inout_backend ? try_to_open(choice->class, queue_size, inout_backend, &is_open)
                          : -ENOMEM;
}
