/* What an exchange waits for: its socket, its time, a cancel, the end of a scope, a signal that the
 * program wants to know of. */
#include "dns/exchange.h"

#include <errno.h>
#include <poll.h>

#include "base/base.h"
#include "descriptor/descriptor.h"
#include "sys/sys.h"

int64_t exchange_deadline(const struct exchange *exchange)
{
    int64_t at_ns = sys_now() + exchange->timeout_ns;
    return at_ns < exchange->limits->deadline_ns ? at_ns : exchange->limits->deadline_ns;
}

int32_t exchange_too_late(const struct exchange *exchange)
{
    return sys_now() >= exchange->limits->deadline_ns ? EXCHANGE_OUT_OF_TIME : EXCHANGE_SILENT;
}

/* What has ended the sleep of a thread of the program's: a signal, a scope, or what is wrong. */
static int32_t why(int32_t outcome)
{
    switch (outcome) {
    case OUTCOME_OVERDUE: return EXCHANGE_OVERDUE;
    case OUTCOME_STOPPED:
    case OUTCOME_RECALLED: return EXCHANGE_CANCELED;
    case OUTCOME_NO_MEMORY: return -ENOMEM;
    case -EINTR: return interrupt_ends_wait() ? EXCHANGE_INTERRUPTED : 0;
    default: return outcome;
    }
}

/* Of a thread of the program's, which sleeps as it does in a socket. What else has signalled its
 * wake event is over. */
static int32_t wait_blocking(const struct exchange *exchange, struct sys_poll *polled,
                             int64_t deadline_ns)
{
    int32_t failed = 0;
    polled[0].handle = thread_wake();
    if (polled[0].handle < 0)
        return polled[0].handle;
    while (!failed) {
        int32_t ready = waiter_poll(polled, 2, deadline_ns);
        if (ready < 0)
            failed = why(ready);
        else if (polled[1].revents)
            return 0;
        else if (ready == 0)
            return exchange_too_late(exchange);
        else
            sys_wake_drain(polled[0].handle);
    }
    return failed;
}

int32_t exchange_wait(const struct exchange *exchange, int32_t handle, int16_t events,
                      int64_t deadline_ns)
{
    struct sys_poll polled[] = {{.handle = exchange->limits->wake, .events = POLLIN},
                                {.handle = handle, .events = events}};
    if (exchange->limits->wake < 0)
        return wait_blocking(exchange, polled, deadline_ns);
    int32_t ready;
    do { /* threads of the pool have signals blocked, but for those that nobody can */
        ready = sys_poll(polled, array_count(polled), deadline_ns);
    } while (ready == -EINTR);
    if (ready < 0)
        return ready;
    if (polled[0].revents)
        return EXCHANGE_CANCELED;
    return polled[1].revents ? 0 : exchange_too_late(exchange);
}
