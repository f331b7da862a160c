/* Poll, and how its times and conditions are meant; select.c uses them too (contract B.13). */
#include "socket/verbs/poll.h"

#include <errno.h>
#include <poll.h>

#include "error/error.h"
#include "sys/sys.h"

int16_t poll_asked(sn_select_mode mode)
{
    switch (mode) {
    case SN_SELECT_READ: return POLLIN;
    case SN_SELECT_WRITE: return POLLOUT;
    case SN_SELECT_ERROR: return POLLPRI;
    }
    return 0;
}

int16_t poll_answers(sn_select_mode mode)
{
    switch (mode) {
    case SN_SELECT_READ: return POLLIN | POLLHUP;
    case SN_SELECT_WRITE: return POLLOUT;
    case SN_SELECT_ERROR: return POLLERR | POLLPRI;
    }
    return 0;
}

/*
 * .NET divides by 1000 with truncation toward zero and gives the rest to poll(2): so less than a
 * millisecond does not wait, -1 and what truncates to -1 ms wait without limit, and anything below
 * is refused.
 */
bool poll_deadline(int timeout_us, int64_t *out_deadline_ns)
{
    int timeout_ms = timeout_us == -1 ? -1 : timeout_us / 1000;
    if (timeout_ms < -1)
        return false;
    if (timeout_ms == -1)
        *out_deadline_ns = SYS_NEVER;
    else
        *out_deadline_ns = timeout_ms == 0 ? 0 : sys_now() + timeout_ms * INT64_C(1000000);
    return true;
}

sn_error poll_error(int64_t result)
{
    int native = result > -100000 ? (int)-result : result == OUTCOME_INTERRUPTED ? EINTR : 0;
    error_set_last_native(native);
    switch (result) {
    case OUTCOME_INTERRUPTED:
    case OUTCOME_CLOSED: return SN_ERROR_INTERRUPTED;
    case OUTCOME_RECALLED:
    case OUTCOME_CANCELED: return SN_ERROR_OPERATION_CANCELED;
    case OUTCOME_OVERDUE: return SN_ERROR_TIMED_OUT;
    case OUTCOME_STOPPED:
    case OUTCOME_NO_MEMORY: return scope_error((int32_t)result);
    default: return sn_error_from_native(native);
    }
}

static int32_t poll_once(sn_socket *socket, int16_t events, int16_t *out_revents)
{
    struct sys_poll poll = {.handle = socket_handle(socket), .events = events};
    int32_t ready = sys_poll(&poll, 1, 0);
    *out_revents = poll.revents;
    return ready == 0 ? OUTCOME_TIMED_OUT : ready < 0 ? ready : OUTCOME_READY;
}

/*
 * poll(2) reports POLLERR and POLLHUP whether they are asked for or not, and then .NET answers at
 * once even if that is not what the mode looks for. So the wait ends on any report here too.
 */
static sn_error poll_socket(sn_socket *socket, int timeout_us, sn_select_mode mode, bool *out_ready)
{
    int64_t deadline_ns;
    if (!out_ready)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (!poll_deadline(timeout_us, &deadline_ns))
        return socket_result(socket, -EINVAL);
    int16_t revents = 0;
    uint32_t cancels = atomic_load_acquire(&socket->descriptor.cancels);
    int32_t result = poll_once(socket, poll_asked(mode), &revents);
    if (result == OUTCOME_TIMED_OUT && deadline_ns != 0)
        result =
            descriptor_wait(&socket->descriptor, poll_asked(mode), deadline_ns, cancels, &revents);
    if (result != OUTCOME_READY && result != OUTCOME_TIMED_OUT)
        return poll_error(result);
    *out_ready = (revents & poll_answers(mode)) != 0;
    return SN_OK;
}

sn_error sn_socket_poll(sn_socket *socket, int timeout_us, sn_select_mode mode, bool *out_ready)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = poll_socket(socket, timeout_us, mode, out_ready);
    socket_unref(socket);
    return error;
}
