/*
 * The self-test that chooses the back-end, on rings that do not do what is needed: each ends with
 * epoll and its reason, and leaves nothing open.
 */
#include <errno.h>
#include <liburing.h>
#include <string.h>

#include "backends/backend.h"
#include "support/descriptors.h"
#include "support/transfer_support.h"

/* --- The ring --------------------------------------------------------------------------------- */

enum fault {
    FAULT_NONE,
    FAULT_FEATURE, /* a kernel whose waits take no time limit */
    FAULT_PROBE,   /* it cannot be asked for its operations */
    FAULT_OPERATION,
    FAULT_SUBMIT,
    FAULT_SEND,
    FAULT_BYTE, /* another one than was sent */
    FAULT_WAIT,
    FAULT_INTERRUPT, /* a signal, before the wait is made */
    FAULT_RESULT     /* of the receive, see `receive_result` */
};

static enum fault fault;
static int receive_result;
static unsigned wait_count;

int __real_io_uring_queue_init_params(unsigned, struct io_uring *, struct io_uring_params *);
int __wrap_io_uring_queue_init_params(unsigned, struct io_uring *, struct io_uring_params *);
int __wrap_io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
                                      struct io_uring_params *params)
{
    int result = __real_io_uring_queue_init_params(entries, ring, params);
    if (fault == FAULT_FEATURE)
        params->features &= ~IORING_FEAT_EXT_ARG;
    return result;
}

struct io_uring_probe *__real_io_uring_get_probe_ring(struct io_uring *);
struct io_uring_probe *__wrap_io_uring_get_probe_ring(struct io_uring *);
struct io_uring_probe *__wrap_io_uring_get_probe_ring(struct io_uring *ring)
{
    if (fault == FAULT_PROBE)
        return NULL;
    struct io_uring_probe *probe = __real_io_uring_get_probe_ring(ring);
    if (probe && fault == FAULT_OPERATION)
        probe->ops[IORING_OP_ACCEPT].flags &= (__u16)~IO_URING_OP_SUPPORTED;
    return probe;
}

int __real_io_uring_submit(struct io_uring *);
int __wrap_io_uring_submit(struct io_uring *);
int __wrap_io_uring_submit(struct io_uring *ring)
{
    return fault == FAULT_SUBMIT ? -ENOMEM : __real_io_uring_submit(ring);
}

int64_t __real_sys_send(int32_t, const void *, size_t, int);
int64_t __wrap_sys_send(int32_t, const void *, size_t, int);
int64_t __wrap_sys_send(int32_t handle, const void *data, size_t size, int flags)
{
    if (fault == FAULT_SEND)
        return -ENOBUFS;
    return __real_sys_send(handle, fault == FAULT_BYTE ? "?" : data, size, flags);
}

int __real_io_uring_wait_cqe_timeout(struct io_uring *, struct io_uring_cqe **,
                                     struct __kernel_timespec *);
int __wrap_io_uring_wait_cqe_timeout(struct io_uring *, struct io_uring_cqe **,
                                     struct __kernel_timespec *);
int __wrap_io_uring_wait_cqe_timeout(struct io_uring *ring, struct io_uring_cqe **out_entry,
                                     struct __kernel_timespec *limit)
{
    if (fault == FAULT_WAIT)
        return -ETIME;
    if (fault == FAULT_INTERRUPT && wait_count++ == 0)
        return -EINTR;
    int result = __real_io_uring_wait_cqe_timeout(ring, out_entry, limit);
    if (result >= 0 && fault == FAULT_RESULT)
        (*out_entry)->res = receive_result;
    return result;
}

/* --- The choice ------------------------------------------------------------------------------- */

static const struct backend_class *choose(enum fault wanted, int result, const char **out_reason,
                                          int32_t *out_native)
{
    fault = wanted;
    receive_result = result;
    wait_count = 0;
    const struct backend_class *class =
        backend_choose(SN_ENGINE_BACKEND_IO_URING, out_reason, out_native);
    fault = FAULT_NONE;
    return class;
}

static void skip_without_rings(void)
{
    const char *reason;
    int32_t native;
    if (!choose(FAULT_NONE, 0, &reason, &native))
        SKIP("there is no io_uring here");
}

TEST(a_ring_that_lacks_something_is_not_chosen)
{
    static const struct {
        enum fault fault;
        int result; /* of the receive */
        int native;
        const char *part; /* of the reason */
    } rows[] = {
        {FAULT_FEATURE, 0, EOPNOTSUPP, "older"},   {FAULT_PROBE, 0, ENOMEM, "memory"},
        {FAULT_OPERATION, 0, EOPNOTSUPP, "older"}, {FAULT_SUBMIT, 0, ENOMEM, "memory"},
        {FAULT_SEND, 0, ENOBUFS, "self-test"},     {FAULT_BYTE, 0, EIO, "self-test"},
        {FAULT_WAIT, 0, ETIME, "self-test"},       {FAULT_RESULT, -EINVAL, EINVAL, "older"},
        {FAULT_RESULT, 0, EIO, "self-test"},
    };
    skip_without_rings();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *reason = NULL;
        int32_t native = 0;
        row_begin("row %zu: %s", i, strerror(rows[i].native));
        row_equal(true, choose(rows[i].fault, rows[i].result, &reason, &native) == NULL);
        row_equal(-rows[i].native, native);
        row_equal(true, strstr(reason, rows[i].part) != NULL);
    }
    rows_end();
}

TEST(what_says_nothing_of_the_ring_does_not_end_the_choice)
{
    const char *reason;
    int32_t native;
    skip_without_rings();
    assert_ptr_equal(choose(FAULT_INTERRUPT, 0, &reason, &native), &backend_io_uring);
    assert_int_equal(wait_count, 2);
    /* What older kernels answer, which the back-end takes for "not yet". */
    assert_ptr_equal(choose(FAULT_RESULT, -EAGAIN, &reason, &native), &backend_io_uring);
    assert_int_equal(native, 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_ring_that_lacks_something_is_not_chosen),
        CASE(what_says_nothing_of_the_ring_does_not_end_the_choice),
    };
    return RUN(cases);
}
