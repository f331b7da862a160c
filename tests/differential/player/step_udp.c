/* UdpClient. */
#include "player.h"

#include <sennit/dotnet.h>

#include <stdlib.h>
#include <string.h>

static sn_udp_client *client_of(struct run *run, const struct step *step)
{
    return object_get(run, step, 0, OBJECT_UDP_CLIENT);
}

static void keep(struct run *run, const struct step *step, sn_error error, sn_udp_client *made,
                 text *out)
{
    if (!show_failed(out, error))
        object_keep(run, argument(run, step, 0)->text, OBJECT_UDP_CLIENT, made);
}

static sn_address_family family_of(struct run *run, const struct step *step, size_t index)
{
    if (step->words.count <= index)
        return SN_FAMILY_IPV4;
    return (sn_address_family)value_name(run, step, "family", argument(run, step, index));
}

/* --- Making and closing ----------------------------------------------------------------------- */

/* udp-client NAME [FAMILY] */
static void create(struct run *run, const struct step *step, text *out)
{
    sn_udp_client *made = NULL;
    sn_error error = sn_udp_client_create(family_of(run, step, 1), &made);
    keep(run, step, error, made, out);
}

/* udp-client-bound NAME ENDPOINT */
static void create_bound(struct run *run, const struct step *step, text *out)
{
    sn_udp_client *made = NULL;
    sn_endpoint *local = value_endpoint(run, step, argument(run, step, 1));
    sn_error error = sn_udp_client_create_bound(local, &made);
    keep(run, step, error, made, out);
    free(local);
}

/* udp-client-on-port NAME PORT [FAMILY] */
static void create_on_port(struct run *run, const struct step *step, text *out)
{
    sn_udp_client *made = NULL;
    int port = (int)value_number(run, step, argument(run, step, 1));
    sn_error error = sn_udp_client_create_on_port(port, family_of(run, step, 2), &made);
    keep(run, step, error, made, out);
}

/* udp-client-connected NAME HOST PORT */
static void create_connected(struct run *run, const struct step *step, text *out)
{
    sn_udp_client *made = NULL;
    sn_error error =
        sn_udp_client_create_connected(value_text_or_null(argument(run, step, 1)),
                                       (int)value_number(run, step, argument(run, step, 2)), &made);
    keep(run, step, error, made, out);
}

/* udp-close NAME */
static void step_close(struct run *run, const struct step *step, text *out)
{
    sn_udp_client_close(client_of(run, step));
    run_let_engine_close(run);
    show_error(out, SN_OK);
}

/* udp-socket SOCKET NAME */
static void show_socket(struct run *run, const struct step *step, text *out)
{
    object_show_socket(run, step,
                       sn_udp_client_get_socket(object_get(run, step, 1, OBJECT_UDP_CLIENT)), out);
}

/* udp-set-socket NAME SOCKET|null */
static void set_socket(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket = sn_socket_retain(value_socket_or_null(run, step, argument(run, step, 1)));
    show_error(out, sn_udp_client_set_socket(client_of(run, step), socket));
}

/* udp-connect NAME ENDPOINT */
static void step_connect(struct run *run, const struct step *step, text *out)
{
    sn_endpoint *remote = value_endpoint(run, step, argument(run, step, 1));
    show_error(out, sn_udp_client_connect(client_of(run, step), remote));
    free(remote);
}

/* udp-connect-host NAME HOST PORT */
static void connect_host(struct run *run, const struct step *step, text *out)
{
    show_error(out, sn_udp_client_connect_host(
                        client_of(run, step), value_text_or_null(argument(run, step, 1)),
                        (int)value_number(run, step, argument(run, step, 2))));
}

/* --- Sending and receiving -------------------------------------------------------------------- */

/* udp-send NAME DATA [ENDPOINT] */
static void send_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->object = client_of(run, step);
    call_take_data(run, argument(run, step, 1), call);
    if (step->words.count > 2)
        call->endpoint = value_endpoint(run, step, argument(run, step, 2));
}

static sn_error send_blocking(struct call *call)
{
    return sn_udp_client_send(call->object, call->data, call->size, call->endpoint,
                              &call->transferred);
}

static void send_start(struct call *call)
{
    sn_udp_client_send_async(call->object, call->data, call->size, call->endpoint,
                             &call->operation);
}

/* udp-send-host NAME DATA HOST PORT */
static void host_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->object = client_of(run, step);
    call_take_data(run, argument(run, step, 1), call);
    const word *host = argument(run, step, 2);
    call->host = word_is(host, "null") ? NULL : copy_text(host->text);
    call->port = (int)value_number(run, step, argument(run, step, 3));
}

static sn_error host_blocking(struct call *call)
{
    return sn_udp_client_send_host(call->object, call->data, call->size, call->host, call->port,
                                   &call->transferred);
}

static void host_start(struct call *call)
{
    sn_udp_client_send_host_async(call->object, call->data, call->size, call->host, call->port,
                                  &call->from, &call->operation);
}

/* udp-receive NAME */
static void receive_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->object = client_of(run, step);
    call->size = SN_UDP_SIZE_MAX;
    call->data = room(call->size);
}

static sn_error receive_blocking(struct call *call)
{
    return sn_udp_client_receive(call->object, call->data, call->size, &call->from,
                                 &call->transferred);
}

static void receive_start(struct call *call)
{
    sn_udp_client_receive_async(call->object, call->data, call->size, &call->from,
                                &call->operation);
}

static void receive_show(struct run *run, struct call *call, text *out)
{
    call_show_received(run, call, out);
    text_add(out, " from");
    show_endpoint(run, out, &call->from);
}

/* --- Groups ----------------------------------------------------------------------------------- */

/* udp-join NAME GROUP [ttl=N|on=ADDRESS|interface=N] */
static void join(struct run *run, const struct step *step, text *out)
{
    sn_udp_client *client = client_of(run, step);
    const char *ttl = argument_named(step, "ttl"), *on = argument_named(step, "on"),
               *interface = argument_named(step, "interface");
    const word *item = argument(run, step, 1);
    bool is_null = word_is(item, "null");
    sn_ip_address given = is_null ? (sn_ip_address){0} : value_address(run, step, item), local;
    const sn_ip_address *group = is_null ? NULL : &given;
    sn_error error;
    if (on && sn_ip_address_parse(on, &local) != SN_OK)
        run_broken(run, step, "not an address: %s", on);
    if (ttl)
        error = sn_udp_client_join_multicast_group_with_ttl(client, group, atoi(ttl));
    else if (on)
        error = sn_udp_client_join_multicast_group_on_address(client, group, &local);
    else if (interface)
        error = sn_udp_client_join_multicast_group_on_interface(client, group, atoi(interface));
    else
        error = sn_udp_client_join_multicast_group(client, group);
    show_error(out, error);
}

/* udp-drop NAME GROUP [interface=N] */
static void drop(struct run *run, const struct step *step, text *out)
{
    sn_udp_client *client = client_of(run, step);
    const char *interface = argument_named(step, "interface");
    const word *item = argument(run, step, 1);
    bool is_null = word_is(item, "null");
    sn_ip_address given = is_null ? (sn_ip_address){0} : value_address(run, step, item);
    const sn_ip_address *group = is_null ? NULL : &given;
    show_error(out, interface ? sn_udp_client_drop_multicast_group_on_interface(client, group,
                                                                                atoi(interface))
                              : sn_udp_client_drop_multicast_group(client, group));
}

/* --- Properties ------------------------------------------------------------------------------- */

static sn_error get_active(sn_udp_client *client, bool *out_value)
{
    *out_value = sn_udp_client_is_active(client);
    return SN_OK;
}

static const struct {
    const char *name;
    sn_error (*get)(sn_udp_client *client, bool *out_value);
    sn_error (*set)(sn_udp_client *client, bool value);
} flags[] = {
    {"Active", get_active, sn_udp_client_set_active},
    {"DontFragment", sn_udp_client_get_dont_fragment, sn_udp_client_set_dont_fragment},
    {"EnableBroadcast", sn_udp_client_get_enable_broadcast, sn_udp_client_set_enable_broadcast},
    {"ExclusiveAddressUse", sn_udp_client_get_exclusive_address_use,
     sn_udp_client_set_exclusive_address_use},
    {"MulticastLoopback", sn_udp_client_get_multicast_loopback,
     sn_udp_client_set_multicast_loopback},
};

/* udp-get NAME PROPERTY */
static void step_get(struct run *run, const struct step *step, text *out)
{
    sn_udp_client *client = client_of(run, step);
    const char *name = argument(run, step, 1)->text;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        bool is_true;
        if (strcmp(flags[i].name, name) != 0)
            continue;
        if (!show_failed(out, flags[i].get(client, &is_true)))
            show_bool(out, is_true);
        return;
    }
    int number;
    size_t available;
    if (strcmp(name, "Ttl") == 0) {
        if (!show_failed(out, sn_udp_client_get_ttl(client, &number)))
            text_add(out, " %d", number);
    } else if (strcmp(name, "Available") == 0) {
        if (!show_failed(out, sn_udp_client_get_available(client, &available)))
            text_add(out, " %zu", available);
    } else {
        run_broken(run, step, "unknown property: %s", name);
    }
}

/* udp-set NAME PROPERTY VALUE */
static void step_set(struct run *run, const struct step *step, text *out)
{
    sn_udp_client *client = client_of(run, step);
    const char *name = argument(run, step, 1)->text;
    const word *value = argument(run, step, 2);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(flags[i].name, name) == 0) {
            show_error(out, flags[i].set(client, value_bool(run, step, value)));
            return;
        }
    }
    if (strcmp(name, "Ttl") != 0)
        run_broken(run, step, "unknown property, or one that is only read: %s", name);
    show_error(out, sn_udp_client_set_ttl(client, (int)value_number(run, step, value)));
}

/* udp-nat NAME true|false */
static void allow_nat(struct run *run, const struct step *step, text *out)
{
    bool allowed = value_bool(run, step, argument(run, step, 1));
    show_error(out, sn_udp_client_allow_nat_traversal(client_of(run, step), allowed));
}

static const call_verb send_call = {send_prepare, send_blocking, send_start, call_show_sent};
static const call_verb host_call = {host_prepare, host_blocking, host_start, call_show_sent};
static const call_verb receive_call = {receive_prepare, receive_blocking, receive_start,
                                       receive_show};

const struct verb udp_verbs[] = {
    {"udp-client", 1, 2, create, NULL, false},
    {"udp-client-bound", 2, 2, create_bound, NULL, false},
    {"udp-client-on-port", 2, 3, create_on_port, NULL, false},
    {"udp-client-connected", 3, 3, create_connected, NULL, false},
    {"udp-close", 1, 1, step_close, NULL, false},
    {"udp-socket", 2, 2, show_socket, NULL, false},
    {"udp-set-socket", 2, 2, set_socket, NULL, false},
    {"udp-connect", 2, 2, step_connect, NULL, false},
    {"udp-connect-host", 3, 3, connect_host, NULL, false},
    {"udp-send", 2, 3, NULL, &send_call, false},
    {"udp-send-host", 4, 4, NULL, &host_call, false},
    {"udp-receive", 1, 1, NULL, &receive_call, false},
    {"udp-join", 2, 3, join, NULL, false},
    {"udp-drop", 2, 3, drop, NULL, false},
    {"udp-get", 2, 2, step_get, NULL, false},
    {"udp-set", 3, 3, step_set, NULL, false},
    {"udp-nat", 2, 2, allow_nat, NULL, false},
    {0},
};
