/* Steps that make and end connections. */
#include "player.h"

#include <stdlib.h>

/* --- accept LISTENER NAME [into=SOCKET]
 * ------------------------------------------------------------- */

static void accept_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->socket = value_socket(run, step, argument(run, step, 0));
    call->target = argument(run, step, 1)->text;
    const char *into = argument_named(step, "into");
    named *found = into ? value_named(run, into) : NULL;
    if (into && !found)
        run_broken(run, step, "no socket of this name: %s", into);
    call->into = found ? found->socket : NULL;
}

static sn_error accept_blocking(struct call *call)
{
    return sn_socket_accept(call->socket, &call->accepted);
}

static void accept_start(struct call *call)
{
    sn_socket_accept_async(call->socket, call->into, &call->operation);
}

static void accept_show(struct run *run, struct call *call, text *out)
{
    (void)out;
    /* The socket that was accepted into has a name already, and this is another one for it. */
    if (call->into)
        call->accepted = sn_socket_retain(call->into);
    value_keep_socket(run, call->target, call->accepted);
}

/* --- connect
 * ------------------------------------------------------------------------------------------ */

static void connect_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->socket = value_socket(run, step, argument(run, step, 0));
    call->endpoint = value_endpoint(run, step, argument(run, step, 1));
}

static sn_error connect_blocking(struct call *call)
{
    return sn_socket_connect(call->socket, call->endpoint);
}

static void connect_start(struct call *call)
{
    sn_socket_connect_async(call->socket, call->endpoint, &call->operation);
}

static void connect_host_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->socket = value_socket(run, step, argument(run, step, 0));
    const word *host = argument(run, step, 1);
    call->host = word_is(host, "null") ? NULL : copy_text(host->text);
    call->port = (int)value_number(run, step, argument(run, step, 2));
}

static sn_error connect_host_blocking(struct call *call)
{
    return sn_socket_connect_host(call->socket, call->host, call->port);
}

static void connect_host_start(struct call *call)
{
    sn_socket_connect_host_async(call->socket, call->host, call->port, &call->operation);
}

/* connect-addresses SOCKET PORT null|ADDRESS... */
static void connect_addresses_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->socket = value_socket(run, step, argument(run, step, 0));
    call->port = (int)value_number(run, step, argument(run, step, 1));
    call_take_addresses(run, step, 2, call);
}

static sn_error connect_addresses_blocking(struct call *call)
{
    return sn_socket_connect_addresses(call->socket, call->addresses, call->address_count,
                                       call->port);
}

static void connect_addresses_start(struct call *call)
{
    sn_socket_connect_addresses_async(call->socket, call->addresses, call->address_count,
                                      call->port, &call->operation);
}

/* connect-new NAME TYPE PROTOCOL ENDPOINT: makes the socket too; asynchronous in every style */
static void connect_new_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->target = argument(run, step, 0)->text;
    call->type = (sn_socket_type)value_name(run, step, "type", argument(run, step, 1));
    call->protocol = (sn_protocol_type)value_name(run, step, "protocol", argument(run, step, 2));
    call->endpoint = value_endpoint(run, step, argument(run, step, 3));
}

static void connect_new_start(struct call *call)
{
    sn_socket_create_connected_async(call->type, call->protocol, call->endpoint, &call->operation);
}

/* connect-new-racing: the same, with addresses that race */
static void connect_racing_start(struct call *call)
{
    const sn_connect_options options = {.algorithm = SN_CONNECT_PARALLEL};
    sn_socket_create_connected_with_async(call->type, call->protocol, call->endpoint, &options,
                                          &call->operation);
}

static sn_error connect_racing_blocking(struct call *call)
{
    connect_racing_start(call);
    sn_error error = sn_operation_wait(&call->operation);
    call->accepted = call->operation.socket;
    return error;
}

static sn_error connect_new_blocking(struct call *call)
{
    connect_new_start(call);
    sn_error error = sn_operation_wait(&call->operation);
    call->accepted = call->operation.socket;
    return error;
}

static void connect_new_show(struct run *run, struct call *call, text *out)
{
    (void)out;
    value_keep_socket(run, call->target, call->accepted);
}

/* --- disconnect SOCKET true|false
 * ----------------------------------------------------------------------- */

static void disconnect_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->socket = value_socket(run, step, argument(run, step, 0));
    call->reuse = value_bool(run, step, argument(run, step, 1));
}

static sn_error disconnect_blocking(struct call *call)
{
    return sn_socket_disconnect(call->socket, call->reuse);
}

static void disconnect_start(struct call *call)
{
    sn_socket_disconnect_async(call->socket, call->reuse, &call->operation);
}

static const call_verb accept_call = {accept_prepare, accept_blocking, accept_start, accept_show};
static const call_verb connect_call = {connect_prepare, connect_blocking, connect_start, NULL};
static const call_verb connect_host_call = {connect_host_prepare, connect_host_blocking,
                                            connect_host_start, NULL};
static const call_verb connect_addresses_call = {
    connect_addresses_prepare, connect_addresses_blocking, connect_addresses_start, NULL};
static const call_verb connect_new_call = {connect_new_prepare, connect_new_blocking,
                                           connect_new_start, connect_new_show};
static const call_verb connect_racing_call = {connect_new_prepare, connect_racing_blocking,
                                              connect_racing_start, connect_new_show};
static const call_verb disconnect_call = {disconnect_prepare, disconnect_blocking, disconnect_start,
                                          NULL};

const struct verb connect_verbs[] = {
    {"accept", 2, 3, NULL, &accept_call, false},
    {"try-accept", 2, 2, NULL, &accept_call, true},
    {"connect", 2, 2, NULL, &connect_call, false},
    {"connect-host", 3, 3, NULL, &connect_host_call, false},
    {"connect-addresses", 2, 20, NULL, &connect_addresses_call, false},
    {"connect-new", 4, 4, NULL, &connect_new_call, false},
    {"connect-new-racing", 4, 4, NULL, &connect_racing_call, false},
    {"disconnect", 2, 2, NULL, &disconnect_call, false},
    {0},
};
