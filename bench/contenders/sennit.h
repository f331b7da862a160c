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
    bool gathers;            /* the answers of a pipeline are one send */
};

/* A connection of some service; `socket` is adopted. */
typedef void sennit_connected(sn_socket *socket, const struct service *service,
                              const struct sennit_care *care);

sennit_connected sennit_echo_connected;
sennit_connected sennit_pipeline_connected;
sennit_connected sennit_gather_connected;
sennit_connected sennit_file_connected;

/** Binds and begins to answer datagrams. */
sn_error sennit_datagrams_start(sn_engine *engine, const struct service *service);

/** A thread for each connection. */
const char *sennit_serve_blocking(const struct service *service);
const char *sennit_serve_waiting(const struct service *service);

/** A fiber for each connection. */
const char *sennit_serve_fiber(const struct service *service, const sn_engine_options *options);

/** A listening socket, after the announcement. @param engine  NULL: the default one */
sn_error sennit_listen(const struct service *service, sn_engine *engine, sn_socket **out_listener);

#endif
