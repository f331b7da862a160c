/**
 * Sennit's contenders: the services, and what they share.
 */
#ifndef BENCH_CONTENDER_SENNIT_H
#define BENCH_CONTENDER_SENNIT_H

#include <sennit.h>

#include "contender.h"

/* What each operation is given beside its buffer, as the style wants it. */
struct sennit_care {
    sn_milliseconds limit_ms;
    sn_cancellation *handle; /* owned; NULL: none */
};

/* A connection of some service; `socket` is adopted. */
typedef void sennit_connected(sn_socket *socket, const struct service *service,
                              const struct sennit_care *care);

sennit_connected sennit_echo_connected;
sennit_connected sennit_pipeline_connected;

#endif
