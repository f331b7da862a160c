/*
 * Copies and relays in every style of calling, between two connections: what `near.client` sends
 * arrives at `near.server`, goes to `far.client`, and arrives at `far.server`.
 */
#ifndef TESTS_CONFORMANCE_RELAYS_H
#define TESTS_CONFORMANCE_RELAYS_H

#include "support/clients_support.h"
#include "support/async.h"

#include <sched.h>
#include <stdlib.h>

static struct socket_pair near, far;

static inline void open_both(enum transport one, enum transport other)
{
    near = pair_unbound(one);
    far = pair_unbound(other);
}

static inline void close_both(void)
{
    pair_release(&near);
    pair_release(&far);
    settle();
}

struct relaying {
    struct call call;
    sn_socket *first, *second;
    sn_milliseconds idle_ms;
    sn_relay_result *result;
    bool is_copy;
};

static inline void start_relay(void *arguments)
{
    struct relaying *relaying = arguments;
    if (relaying->is_copy)
        sn_socket_copy_to_async(relaying->first, relaying->second, relaying->idle_ms,
                                relaying->result, &relaying->call.operation);
    else
        sn_socket_relay_async(relaying->first, relaying->second, relaying->idle_ms,
                              relaying->result, &relaying->call.operation);
}

static inline sn_error run_relay(struct relaying *relaying, sn_milliseconds timeout_ms)
{
    if (!call_begin(&relaying->call, relaying->first, NULL))
        return relaying->is_copy ? sn_socket_copy_to(relaying->first, relaying->second, timeout_ms,
                                                     relaying->idle_ms, relaying->result)
                                 : sn_socket_relay(relaying->first, relaying->second, timeout_ms,
                                                   relaying->idle_ms, relaying->result);
    relaying->call.operation.timeout_ms = timeout_ms == SN_FOREVER ? 0 : timeout_ms;
    call_start(&relaying->call, start_relay, relaying);
    return call_end(&relaying->call, NULL);
}

static inline sn_error do_copy(sn_socket *from, sn_socket *to, sn_milliseconds timeout_ms,
                               sn_milliseconds idle_ms, sn_relay_result *result)
{
    struct relaying relaying = {
        .first = from, .second = to, .idle_ms = idle_ms, .result = result, .is_copy = true};
    return run_relay(&relaying, timeout_ms);
}

static inline sn_error do_relay(sn_socket *first, sn_socket *second, sn_milliseconds timeout_ms,
                                sn_milliseconds idle_ms, sn_relay_result *result)
{
    struct relaying relaying = {
        .first = first, .second = second, .idle_ms = idle_ms, .result = result};
    return run_relay(&relaying, timeout_ms);
}

/* --- Other threads, with blocking calls ------------------------------------------------------- */

struct flow {
    sn_socket *socket;
    size_t size, offset; /* of the pattern */
    bool ends;           /* shuts sending down when it has sent */
    bool is_right;       /* out, of a receiver: the pattern came */
};

static inline sn_error send_flow(void *context)
{
    struct flow *flow = context;
    unsigned char *data = malloc(flow->size + 1);
    fill_pattern(data, flow->size, flow->offset);
    sn_error error = sn_socket_send(flow->socket, data, flow->size, SN_FLAG_NONE, NULL);
    if (!error && flow->ends)
        error = sn_socket_shutdown(flow->socket, SN_SHUTDOWN_SEND);
    free(data);
    return error;
}

/* With `ends`, until the end, before which nothing more comes. */
static inline sn_error receive_flow(void *context)
{
    struct flow *flow = context;
    unsigned char *data = calloc(1, flow->size + 1);
    size_t received = 0;
    sn_error error =
        sn_socket_receive_exactly(flow->socket, data, flow->size + (flow->ends ? 1 : 0), &received);
    if (flow->ends && error == SN_ERROR_END_OF_STREAM)
        error = SN_OK;
    flow->is_right = received == flow->size && is_pattern(data, flow->size, flow->offset);
    free(data);
    return error;
}

#endif
