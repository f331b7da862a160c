/*
 * Which back-end works here. Not the kernel's version decides and not the headers of the build, but
 * a small test: a ring as the back-end makes it, and a byte received through it.
 */
#include "backends/backend.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "sys/sys.h"

static const uint8_t needed[] = {
    IORING_OP_NOP,  IORING_OP_POLL_ADD, IORING_OP_SENDMSG,      IORING_OP_RECVMSG, IORING_OP_SEND,
    IORING_OP_RECV, IORING_OP_ACCEPT,   IORING_OP_ASYNC_CANCEL, IORING_OP_CONNECT,
};

static int32_t test_operations(struct io_uring *ring)
{
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
    if (!probe)
        return -ENOMEM;
    int32_t result = 0;
    for (size_t i = 0; i < array_count(needed); i++)
        if (!io_uring_opcode_supported(probe, needed[i]))
            result = -EOPNOTSUPP;
    io_uring_free_probe(probe);
    return result;
}

/* A receive is queued first and the byte sent then, so that the waiting is tested too. */
static int32_t test_receive(struct io_uring *ring, const int32_t pair[2])
{
    char byte = 0;
    struct io_uring_cqe *completion = NULL;
    struct io_uring_sqe *entry = io_uring_get_sqe(ring); /* of an empty ring: there is one */
    io_uring_prep_recv(entry, pair[0], &byte, 1, 0);
    int result = io_uring_submit(ring);
    if (result < 0)
        return result;
    int64_t sent = sys_send(pair[1], "s", 1, 0);
    if (sent < 0)
        return (int32_t)sent;
    struct __kernel_timespec limit = {.tv_sec = 1};
    do
        result = io_uring_wait_cqe_timeout(ring, &completion, &limit);
    while (result == -EINTR); /* a signal says nothing of the ring */
    if (result < 0)
        return result;
    /* -EAGAIN is what older kernels answer; the back-end knows how to go on from there. */
    result = completion->res;
    if (result == -EAGAIN)
        result = 0;
    else if (result >= 0)
        result = result == 1 && byte == 's' ? 0 : -EIO;
    io_uring_cqe_seen(ring, completion);
    return result;
}

static int32_t test_ring(struct io_uring *ring)
{
    int32_t pair[2];
    int32_t result = test_operations(ring);
    if (result < 0)
        return result;
    result = sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, pair);
    if (result < 0)
        return result;
    result = test_receive(ring, pair);
    (void)sys_close(pair[0]);
    (void)sys_close(pair[1]);
    return result;
}

static int32_t test_io_uring(void)
{
    struct io_uring ring;
    struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                              IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |
                                              IORING_SETUP_CLAMP};
    int32_t result = io_uring_queue_init_params(8, &ring, &params);
    if (result < 0)
        return result;
    result = params.features & IORING_FEAT_EXT_ARG ? test_ring(&ring) : -EOPNOTSUPP;
    io_uring_queue_exit(&ring);
    return result;
}

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

const struct backend_class *backend_choose(sn_engine_backend wanted, const char **out_reason,
                                           int32_t *out_native)
{
    *out_native = 0;
    if (wanted == SN_ENGINE_BACKEND_EPOLL) {
        *out_reason = "epoll, because the program asked for it";
        return &backend_epoll;
    }
    const char *override = environment(wanted);
    if (override && strcasecmp(override, backend_epoll.name) == 0) {
        *out_reason = "epoll, because SENNIT_ENGINE in the environment says so";
        return &backend_epoll;
    }
    int32_t result = test_io_uring();
    *out_reason = reason_of(result);
    *out_native = result;
    if (result >= 0)
        return &backend_io_uring;
    return wanted == SN_ENGINE_BACKEND_IO_URING ? NULL : &backend_epoll;
}
