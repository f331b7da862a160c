/**
 * Inside dns only: one question to one server, and its answer.
 */
#ifndef DNS_EXCHANGE_H
#define DNS_EXCHANGE_H

#include <sennit/endpoint.h>

#include "dns/message.h"
#include "dns/resolver.h"

/* Why there is no answer, where no errno says it. Below the range of -errno, as those of
 * enum sys_resolve_failure are. */
enum exchange_failure {
    EXCHANGE_SILENT = -300001,      /* the time of the attempt has passed */
    EXCHANGE_BROKEN_OFF = -300002,  /* the connection ended before the answer did */
    EXCHANGE_MALFORMED = -300003,   /* what came is no answer that can be understood */
    EXCHANGE_OUT_OF_TIME = -300004, /* the deadline of the limits has passed */
    EXCHANGE_CANCELED = -300005,    /* the wake event, or the handle of the thread's scope */
    EXCHANGE_INTERRUPTED = -300006, /* a signal, and the hook ends the wait */
    EXCHANGE_OVERDUE = -300008,     /* the time of the handle of the thread's scope is over */
    EXCHANGE_TOO_LONG = -300007,    /* for a datagram; never comes out of exchange_run() */
};

struct exchange {
    const sn_endpoint *server;               /* borrowed, as the rest */
    const struct message_question *question; /* its id is made anew by the exchange */
    const struct resolve_limits *limits;
    int64_t timeout_ns; /* for a datagram, and once more for a connection */
};

/* A whole message, of which `message.bytes` is owned: memory_free(). 0, -errno or an enum
 * exchange_failure. */
int32_t exchange_run(const struct exchange *exchange, struct message *out_message);

/* --- Parts ------------------------------------------------------------------------------------ */

/* When an attempt that begins now is over. */
int64_t exchange_deadline(const struct exchange *exchange);
/* Why it is over, when its time is. */
int32_t exchange_too_late(const struct exchange *exchange);
/* Until one of the events, or the deadline. 0, -errno or an enum exchange_failure. */
int32_t exchange_wait(const struct exchange *exchange, int32_t handle, int16_t events,
                      int64_t deadline_ns);
int32_t exchange_by_stream(const struct exchange *exchange, struct message *out_message);

#endif
