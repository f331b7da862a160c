/* TcpListener. */
#include "player.h"

#include <sennit/dotnet.h>

#include <stdlib.h>
#include <string.h>

static sn_tcp_listener *listener_of(struct run *run, const struct step *step)
{
    return object_get(run, step, 0, OBJECT_TCP_LISTENER);
}

static void keep(struct run *run, const struct step *step, sn_error error, sn_tcp_listener *made,
                 text *out)
{
    if (!show_failed(out, error))
        object_keep(run, argument(run, step, 0)->text, OBJECT_TCP_LISTENER, made);
}

/* listener NAME ENDPOINT */
static void create(struct run *run, const struct step *step, text *out)
{
    sn_tcp_listener *made = NULL;
    sn_endpoint *local = value_endpoint(run, step, argument(run, step, 1));
    sn_error error = sn_tcp_listener_create(local, &made);
    keep(run, step, error, made, out);
    free(local);
}

/* listener-dual NAME PORT */
static void create_dual(struct run *run, const struct step *step, text *out)
{
    sn_tcp_listener *made = NULL;
    int port = (int)value_number(run, step, argument(run, step, 1));
    sn_error error = sn_tcp_listener_create_dual_mode(port, &made);
    keep(run, step, error, made, out);
}

/* listener-start NAME [BACKLOG] */
static void start(struct run *run, const struct step *step, text *out)
{
    int backlog = INT32_MAX;
    if (step->words.count > 1)
        backlog = (int)value_number(run, step, argument(run, step, 1));
    show_error(out, sn_tcp_listener_start(listener_of(run, step), backlog));
}

/* listener-stop NAME */
static void stop(struct run *run, const struct step *step, text *out)
{
    sn_tcp_listener_stop(listener_of(run, step));
    run_let_engine_close(run);
    show_error(out, SN_OK);
}

/* listener-pending NAME */
static void pending(struct run *run, const struct step *step, text *out)
{
    bool is_pending;
    if (!show_failed(out, sn_tcp_listener_pending(listener_of(run, step), &is_pending)))
        show_bool(out, is_pending);
}

/* listener-nat NAME true|false */
static void allow_nat(struct run *run, const struct step *step, text *out)
{
    bool allowed = value_bool(run, step, argument(run, step, 1));
    show_error(out, sn_tcp_listener_allow_nat_traversal(listener_of(run, step), allowed));
}

/* listener-socket SOCKET NAME */
static void show_socket(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket;
    sn_tcp_listener *listener = object_get(run, step, 1, OBJECT_TCP_LISTENER);
    sn_error error = sn_tcp_listener_get_socket(listener, &socket);
    if (error == SN_OK)
        object_show_socket(run, step, socket, out);
    else
        show_error(out, error);
}

/* listener-get NAME PROPERTY */
static void step_get(struct run *run, const struct step *step, text *out)
{
    sn_tcp_listener *listener = listener_of(run, step);
    const char *name = argument(run, step, 1)->text;
    sn_endpoint local;
    bool is_true;
    if (strcmp(name, "Active") == 0) {
        show_error(out, SN_OK);
        show_bool(out, sn_tcp_listener_is_active(listener));
    } else if (strcmp(name, "LocalEndpoint") == 0) {
        if (!show_failed(out, sn_tcp_listener_get_local_endpoint(listener, &local)))
            show_endpoint(run, out, &local);
    } else if (strcmp(name, "ExclusiveAddressUse") == 0) {
        if (!show_failed(out, sn_tcp_listener_get_exclusive_address_use(listener, &is_true)))
            show_bool(out, is_true);
    } else {
        run_broken(run, step, "unknown property: %s", name);
    }
}

/* listener-set NAME ExclusiveAddressUse true|false */
static void step_set(struct run *run, const struct step *step, text *out)
{
    bool value = value_bool(run, step, argument(run, step, 2));
    if (!word_is(argument(run, step, 1), "ExclusiveAddressUse"))
        run_broken(run, step, "unknown property, or one that is only read");
    show_error(out, sn_tcp_listener_set_exclusive_address_use(listener_of(run, step), value));
}

/* --- listener-accept NAME SOCKET, listener-accept-client NAME CLIENT -------------------------- */

static void accept_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->object = listener_of(run, step);
    call->target = argument(run, step, 1)->text;
}

static sn_error socket_blocking(struct call *call)
{
    return sn_tcp_listener_accept_socket(call->object, &call->accepted);
}

static void socket_start(struct call *call)
{
    sn_tcp_listener_accept_socket_async(call->object, &call->operation);
}

static void socket_show(struct run *run, struct call *call, text *out)
{
    (void)out;
    value_keep_socket(run, call->target, call->accepted);
}

static sn_error client_blocking(struct call *call)
{
    return sn_tcp_listener_accept_tcp_client(call->object, &call->client);
}

static void client_start(struct call *call)
{
    sn_tcp_listener_accept_tcp_client_async(call->object, &call->operation);
}

/* An operation carries a socket; the client of it is made here. */
static void client_show(struct run *run, struct call *call, text *out)
{
    sn_error error = SN_OK;
    if (!call->client) {
        error = sn_tcp_client_from_socket(call->accepted, &call->client); /* takes it over */
        if (error != SN_OK)
            sn_socket_release(call->accepted);
    }
    if (error != SN_OK)
        text_add(out, " but no client: %s", sn_error_name(error));
    else
        object_keep(run, call->target, OBJECT_TCP_CLIENT, call->client);
}

static const call_verb socket_call = {accept_prepare, socket_blocking, socket_start, socket_show};
static const call_verb client_call = {accept_prepare, client_blocking, client_start, client_show};

const struct verb listener_verbs[] = {
    {"listener", 2, 2, create, NULL, false},
    {"listener-dual", 2, 2, create_dual, NULL, false},
    {"listener-start", 1, 2, start, NULL, false},
    {"listener-stop", 1, 1, stop, NULL, false},
    {"listener-pending", 1, 1, pending, NULL, false},
    {"listener-nat", 2, 2, allow_nat, NULL, false},
    {"listener-socket", 2, 2, show_socket, NULL, false},
    {"listener-accept", 2, 2, NULL, &socket_call, false},
    {"listener-accept-client", 2, 2, NULL, &client_call, false},
    {"listener-get", 2, 2, step_get, NULL, false},
    {"listener-set", 3, 3, step_set, NULL, false},
    {0},
};
