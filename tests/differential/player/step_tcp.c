/* TcpClient. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

static sn_tcp_client *client_of(struct run *run, const struct step *step)
{
    return object_get(run, step, 0, OBJECT_TCP_CLIENT);
}

static void keep(struct run *run, const struct step *step, sn_error error, sn_tcp_client *made,
                 text *out)
{
    if (!show_failed(out, error))
        object_keep(run, argument(run, step, 0)->text, OBJECT_TCP_CLIENT, made);
}

/* --- Making and closing ----------------------------------------------------------------------- */

/* tcp-client NAME [FAMILY] */
static void create(struct run *run, const struct step *step, text *out)
{
    sn_tcp_client *made = NULL;
    long family = SN_FAMILY_UNSPECIFIED;
    if (step->words.count > 1)
        family = value_name(run, step, "family", argument(run, step, 1));
    sn_error error = sn_tcp_client_create((sn_address_family)family, &made);
    keep(run, step, error, made, out);
}

/* tcp-client-bound NAME ENDPOINT */
static void create_bound(struct run *run, const struct step *step, text *out)
{
    sn_tcp_client *made = NULL;
    sn_endpoint *local = value_endpoint(run, step, argument(run, step, 1));
    sn_error error = sn_tcp_client_create_bound(local, &made);
    keep(run, step, error, made, out);
    free(local);
}

/* tcp-client-connected NAME HOST PORT */
static void create_connected(struct run *run, const struct step *step, text *out)
{
    sn_tcp_client *made = NULL;
    sn_error error =
        sn_tcp_client_create_connected(value_text_or_null(argument(run, step, 1)),
                                       (int)value_number(run, step, argument(run, step, 2)), &made);
    keep(run, step, error, made, out);
}

/* tcp-close NAME */
static void step_close(struct run *run, const struct step *step, text *out)
{
    sn_tcp_client_close(client_of(run, step));
    run_let_engine_close(run);
    show_error(out, SN_OK);
}

/* tcp-socket SOCKET NAME */
static void show_socket(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket = NULL;
    sn_error error = sn_tcp_client_get_socket(object_get(run, step, 1, OBJECT_TCP_CLIENT), &socket);
    if (!error)
        object_show_socket(run, step, socket, out);
    else
        show_error(out, error);
}

/* tcp-set-socket NAME SOCKET|null */
static void set_socket(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket = sn_socket_retain(value_socket_or_null(run, step, argument(run, step, 1)));
    show_error(out, sn_tcp_client_set_socket(client_of(run, step), socket));
}

/* tcp-stream STREAM NAME */
static void get_stream(struct run *run, const struct step *step, text *out)
{
    sn_network_stream *stream;
    sn_tcp_client *client = object_get(run, step, 1, OBJECT_TCP_CLIENT);
    if (!show_failed(out, sn_tcp_client_get_stream(client, &stream)))
        object_keep(run, argument(run, step, 0)->text, OBJECT_STREAM,
                    sn_network_stream_retain(stream));
}

/* --- Connecting ------------------------------------------------------------------------------- */

/* tcp-connect NAME ENDPOINT */
static void connect_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->object = client_of(run, step);
    call->endpoint = value_endpoint(run, step, argument(run, step, 1));
}

static sn_error connect_blocking(struct call *call)
{
    return sn_tcp_client_connect(call->object, call->endpoint);
}

static void connect_start(struct call *call)
{
    sn_tcp_client_connect_async(call->object, call->endpoint, &call->operation);
}

/* tcp-connect-host NAME HOST PORT */
static void host_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->object = client_of(run, step);
    const word *host = argument(run, step, 1);
    call->host = word_is(host, "null") ? NULL : copy_text(host->text);
    call->port = (int)value_number(run, step, argument(run, step, 2));
}

static sn_error host_blocking(struct call *call)
{
    return sn_tcp_client_connect_host(call->object, call->host, call->port);
}

static void host_start(struct call *call)
{
    sn_tcp_client_connect_host_async(call->object, call->host, call->port, &call->operation);
}

/* tcp-connect-addresses NAME PORT null|ADDRESS... */
static void addresses_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->object = client_of(run, step);
    call->port = (int)value_number(run, step, argument(run, step, 1));
    call_take_addresses(run, step, 2, call);
}

static sn_error addresses_blocking(struct call *call)
{
    return sn_tcp_client_connect_addresses(call->object, call->addresses, call->address_count,
                                           call->port);
}

static void addresses_start(struct call *call)
{
    sn_tcp_client_connect_addresses_async(call->object, call->addresses, call->address_count,
                                          call->port, &call->operation);
}

/* --- Properties ------------------------------------------------------------------------------- */

static sn_error get_connected(sn_tcp_client *client, bool *out_value)
{
    *out_value = sn_tcp_client_is_connected(client);
    return SN_OK;
}

static sn_error get_active(sn_tcp_client *client, bool *out_value)
{
    *out_value = sn_tcp_client_is_active(client);
    return SN_OK;
}

static const struct {
    const char *name;
    sn_error (*get)(sn_tcp_client *client, bool *out_value);
    sn_error (*set)(sn_tcp_client *client, bool value);
} flags[] = {
    {"Active", get_active, sn_tcp_client_set_active},
    {"Connected", get_connected, NULL},
    {"ExclusiveAddressUse", sn_tcp_client_get_exclusive_address_use,
     sn_tcp_client_set_exclusive_address_use},
    {"NoDelay", sn_tcp_client_get_no_delay, sn_tcp_client_set_no_delay},
};

/* .NET's time limits are ints. */
#define TIME_LIMIT(name)                                                                           \
    static sn_error get_##name(sn_tcp_client *object, int *out_value)                              \
    {                                                                                              \
        sn_milliseconds value = 0;                                                                 \
        sn_error error = sn_tcp_client_get_##name(object, &value);                                 \
        *out_value = (int)value;                                                                   \
        return error;                                                                              \
    }                                                                                              \
    static sn_error set_##name(sn_tcp_client *object, int value)                                   \
    {                                                                                              \
        return sn_tcp_client_set_##name(object, value);                                            \
    }
TIME_LIMIT(receive_timeout)
TIME_LIMIT(send_timeout)

static const struct {
    const char *name;
    sn_error (*get)(sn_tcp_client *client, int *out_value);
    sn_error (*set)(sn_tcp_client *client, int value);
} numbers[] = {
    {"ReceiveBufferSize", sn_tcp_client_get_receive_buffer_size,
     sn_tcp_client_set_receive_buffer_size},
    {"SendBufferSize", sn_tcp_client_get_send_buffer_size, sn_tcp_client_set_send_buffer_size},
    {"ReceiveTimeout", get_receive_timeout, set_receive_timeout},
    {"SendTimeout", get_send_timeout, set_send_timeout},
};

static bool get_from_tables(sn_tcp_client *client, const char *name, text *out)
{
    bool is_true;
    int number;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(flags[i].name, name) != 0)
            continue;
        if (!show_failed(out, flags[i].get(client, &is_true)))
            show_bool(out, is_true);
        return true;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(numbers[i].name, name) != 0)
            continue;
        if (!show_failed(out, numbers[i].get(client, &number)))
            text_add(out, " %d", number);
        return true;
    }
    return false;
}

/* tcp-get NAME PROPERTY */
static void step_get(struct run *run, const struct step *step, text *out)
{
    sn_tcp_client *client = client_of(run, step);
    const char *name = argument(run, step, 1)->text;
    sn_linger_option linger;
    size_t available;
    if (get_from_tables(client, name, out))
        return;
    if (strcmp(name, "LingerState") == 0) {
        if (!show_failed(out, sn_tcp_client_get_linger_state(client, &linger)))
            show_linger(out, &linger);
    } else if (strcmp(name, "Available") == 0) {
        if (!show_failed(out, sn_tcp_client_get_available(client, &available)))
            text_add(out, " %zu", available);
    } else {
        run_broken(run, step, "unknown property: %s", name);
    }
}

/* tcp-set NAME PROPERTY VALUE */
static void step_set(struct run *run, const struct step *step, text *out)
{
    sn_tcp_client *client = client_of(run, step);
    const char *name = argument(run, step, 1)->text;
    const word *value = argument(run, step, 2);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(flags[i].name, name) == 0 && flags[i].set) {
            show_error(out, flags[i].set(client, value_bool(run, step, value)));
            return;
        }
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(numbers[i].name, name) == 0) {
            show_error(out, numbers[i].set(client, (int)value_number(run, step, value)));
            return;
        }
    }
    sn_linger_option linger;
    if (strcmp(name, "LingerState") != 0)
        run_broken(run, step, "unknown property, or one that is only read: %s", name);
    bool is_there = value_linger(run, step, value, &linger);
    show_error(out, sn_tcp_client_set_linger_state(client, is_there ? &linger : NULL));
}

static const call_verb connect_call = {connect_prepare, connect_blocking, connect_start, NULL};
static const call_verb host_call = {host_prepare, host_blocking, host_start, NULL};
static const call_verb addresses_call = {addresses_prepare, addresses_blocking, addresses_start,
                                         NULL};

const struct verb tcp_verbs[] = {
    {"tcp-client", 1, 2, create, NULL, false},
    {"tcp-client-bound", 2, 2, create_bound, NULL, false},
    {"tcp-client-connected", 3, 3, create_connected, NULL, false},
    {"tcp-close", 1, 1, step_close, NULL, false},
    {"tcp-socket", 2, 2, show_socket, NULL, false},
    {"tcp-set-socket", 2, 2, set_socket, NULL, false},
    {"tcp-stream", 2, 2, get_stream, NULL, false},
    {"tcp-connect", 2, 2, NULL, &connect_call, false},
    {"tcp-connect-host", 3, 3, NULL, &host_call, false},
    {"tcp-connect-addresses", 2, 20, NULL, &addresses_call, false},
    {"tcp-get", 2, 2, step_get, NULL, false},
    {"tcp-set", 3, 3, step_set, NULL, false},
    {0},
};
