/*
 * The self-test that chooses the back-end, on rings that do not do what is needed: each ends with
 * epoll and its reason, and leaves nothing open.
 */
#include <errno.h>
#include <liburing.h>
#include <string.h>

#include "backends/backend.h"
#include "fault/deny.h"
#include "support/descriptors.h"
#include "support/transfer_support.h"

/* --- The ring --------------------------------------------------------------------------------- */

enum fault {
    FAULT_NONE,
    FAULT_SETUP,     /* no ring can be made */
    FAULT_FEATURE,   /* a kernel whose waits take no time limit */
    FAULT_WAIT,      /* it is not waited for */
    FAULT_SHORT,     /* nothing comes in the time */
    FAULT_INTERRUPT, /* a signal, before the wait is made */
    FAULT_RESULT     /* of one entry, see `wrong` */
};

static enum fault fault;
static struct denial wrong;
static unsigned wait_count;

int __real_io_uring_queue_init_params(unsigned, struct io_uring *, struct io_uring_params *);
int __wrap_io_uring_queue_init_params(unsigned, struct io_uring *, struct io_uring_params *);
int __wrap_io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
                                      struct io_uring_params *params)
{
    if (fault == FAULT_SETUP)
        return wrong.result;
    int result = __real_io_uring_queue_init_params(entries, ring, params);
    if (fault == FAULT_FEATURE)
        ring->features &= ~IORING_FEAT_EXT_ARG;
    return result;
}

int __real_io_uring_submit_and_wait_timeout(struct io_uring *, struct io_uring_cqe **, unsigned,
                                            struct __kernel_timespec *, sigset_t *);
int __wrap_io_uring_submit_and_wait_timeout(struct io_uring *, struct io_uring_cqe **, unsigned,
                                            struct __kernel_timespec *, sigset_t *);
int __wrap_io_uring_submit_and_wait_timeout(struct io_uring *ring, struct io_uring_cqe **out_entry,
                                            unsigned count, struct __kernel_timespec *limit,
                                            sigset_t *mask)
{
    wait_count++;
    if (fault == FAULT_WAIT)
        return -ENOMEM;
    if (fault == FAULT_INTERRUPT && wait_count == 1)
        return -EINTR;
    if (fault == FAULT_SHORT)
        return -ETIME;
    if (fault == FAULT_RESULT)
        deny_entries(ring, &wrong);
    return __real_io_uring_submit_and_wait_timeout(ring, out_entry, count, limit, mask);
}

/* --- The choice ------------------------------------------------------------------------------- */

static bool has_ring; /* and results of its entries can be chosen */

/* What an engine settles for. */
static struct backend_choice choose(sn_engine_backend wanted, enum fault how, int32_t *out_native)
{
    struct backend_host host = {.wake_handle = sys_wake_open(), .watched = -1};
    struct backend_choice choice = backend_choose(wanted);
    struct backend *backend = choice.class->make(&host);
    assert_non_null(backend);
    fault = how;
    wait_count = 0;
    *out_native = backend_settle(&choice, 64, &host, &backend);
    fault = FAULT_NONE;
    if (backend)
        choice.class->close(backend);
    (void)sys_close(host.wake_handle);
    return choice;
}

static void skip_without_rings(void)
{
    if (!has_ring)
        SKIP("there is no io_uring here whose results can be chosen");
}

static void begin(void)
{
    int32_t native;
    wrong.opcode = IORING_OP_RECV;
    wrong.result = -EXDEV;
    has_ring = choose(SN_ENGINE_BACKEND_IO_URING, FAULT_NONE, &native).class != NULL;
    (void)choose(SN_ENGINE_BACKEND_IO_URING, FAULT_RESULT, &native);
    has_ring = has_ring && native == -EXDEV;
}

TEST(a_ring_that_lacks_something_is_not_chosen)
{
    static const struct {
        enum fault fault;
        uint8_t opcode;
        int32_t result; /* of the entry, or of the making */
        int32_t native;
        const char *part; /* of the reason */
    } rows[] = {
        {FAULT_SETUP, 0, -ENOSYS, -ENOSYS, "no io_uring"},
        {FAULT_SETUP, 0, -EPERM, -EPERM, "io_uring is forbidden"},
        {FAULT_SETUP, 0, -EACCES, -EACCES, "io_uring is forbidden"},
        {FAULT_SETUP, 0, -EINVAL, -EINVAL, "older"},
        {FAULT_SETUP, 0, -EMFILE, -EMFILE, "descriptor"},
        {FAULT_FEATURE, 0, 0, -EOPNOTSUPP, "older"},
        {FAULT_WAIT, 0, 0, -ENOMEM, "memory"},
        {FAULT_SHORT, 0, 0, -ETIME, "self-test"},
        {FAULT_RESULT, IORING_OP_RECV, -EINVAL, -EINVAL, "older"},
        {FAULT_RESULT, IORING_OP_RECV, 0, -EIO, "self-test"},
        {FAULT_RESULT, IORING_OP_RECV, -EACCES, -EACCES, "a filter denies"},
        {FAULT_RESULT, IORING_OP_POLL_ADD, -EACCES, -EACCES, "a filter denies"},
        {FAULT_RESULT, IORING_OP_SEND, -EACCES, -EACCES, "a filter denies"},
        {FAULT_RESULT, IORING_OP_ASYNC_CANCEL, -EACCES, -EACCES, "a filter denies"},
    };
    skip_without_rings();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int32_t native = 0;
        row_begin("row %zu: %s", i, strerror(-rows[i].native));
        wrong.opcode = rows[i].opcode;
        wrong.result = rows[i].result;
        struct backend_choice asked = choose(SN_ENGINE_BACKEND_IO_URING, rows[i].fault, &native);
        row_equal(true, asked.class == NULL);
        row_equal(rows[i].native, native);
        row_equal(true, strstr(asked.reason, rows[i].part) != NULL);
        struct backend_choice automatic =
            choose(SN_ENGINE_BACKEND_AUTOMATIC, rows[i].fault, &native);
        row_equal(true, automatic.class == &backend_epoll);
        row_equal(0, native);
        row_equal(true, automatic.reason == asked.reason);
    }
    rows_end();
}

TEST(what_says_nothing_of_the_ring_does_not_end_the_choice)
{
    int32_t native;
    skip_without_rings();
    assert_ptr_equal(choose(SN_ENGINE_BACKEND_IO_URING, FAULT_INTERRUPT, &native).class,
                     &backend_io_uring);
    assert_int_equal(wait_count, 2);
    /* What older kernels answer, which the back-end takes for "not yet". */
    wrong.opcode = IORING_OP_RECV;
    wrong.result = -EAGAIN;
    assert_ptr_equal(choose(SN_ENGINE_BACKEND_IO_URING, FAULT_RESULT, &native).class,
                     &backend_io_uring);
    assert_int_equal(native, 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_ring_that_lacks_something_is_not_chosen),
        CASE(what_says_nothing_of_the_ring_does_not_end_the_choice),
    };
    begin();
    return RUN(cases);
}
