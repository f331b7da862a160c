/* What an exchange waits for: its socket, its time, a cancel, a signal that the program wants to
 * know of. */
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

int32_t exchange_wait(const struct exchange *exchange, int32_t handle, int16_t events,
                      int64_t deadline_ns)
{
    int32_t wake = exchange->limits->wake;
    struct sys_poll polled[] = {{.handle = handle, .events = events},
                                {.handle = wake, .events = POLLIN}};
    int32_t ready;
    /* Signals are for the program's own threads; those of the pool have them blocked. */
    while ((ready = wake < 0 ? waiter_poll(polled, array_count(polled), deadline_ns)
                             : sys_poll(polled, array_count(polled), deadline_ns)) == -EINTR)
        if (interrupt_ends_wait())
            return EXCHANGE_INTERRUPTED;
    if (ready < 0)
        return ready;
    if (polled[1].revents)
        return EXCHANGE_CANCELED;
    return polled[0].revents ? 0 : exchange_too_late(exchange);
}
