/* Steps that read and write properties, under .NET's names. */
#include "player.h"

#include <sennit/dotnet.h>

#include <stdlib.h>
#include <string.h>

typedef struct bool_property {
    const char *name;
    sn_error (*get)(sn_socket *socket, bool *out_value);
    sn_error (*set)(sn_socket *socket, bool value);
} bool_property;

typedef struct int_property {
    const char *name;
    sn_error (*get)(sn_socket *socket, int *out_value);
    sn_error (*set)(sn_socket *socket, int value);
} int_property;

static sn_error get_connected(sn_socket *socket, bool *out_value)
{
    *out_value = sn_socket_is_connected(socket);
    return SN_OK;
}

static sn_error get_is_bound(sn_socket *socket, bool *out_value)
{
    *out_value = sn_socket_is_bound(socket);
    return SN_OK;
}

static sn_error get_blocking(sn_socket *socket, bool *out_value)
{
    *out_value = sn_socket_is_blocking(socket);
    return SN_OK;
}

static const bool_property bools[] = {
    {"Connected", get_connected, NULL},
    {"IsBound", get_is_bound, NULL},
    {"Blocking", get_blocking, sn_socket_set_blocking},
    {"NoDelay", sn_socket_get_no_delay, sn_socket_set_no_delay},
    {"DualMode", sn_socket_get_dual_mode, sn_socket_set_dual_mode},
    {"DontFragment", sn_socket_get_dont_fragment, sn_socket_set_dont_fragment},
    {"EnableBroadcast", sn_socket_get_enable_broadcast, sn_socket_set_enable_broadcast},
    {"ExclusiveAddressUse", sn_socket_get_exclusive_address_use,
     sn_socket_set_exclusive_address_use},
    {"MulticastLoopback", sn_socket_get_multicast_loopback, sn_socket_set_multicast_loopback},
    {"UseOnlyOverlappedIO", sn_socket_get_use_only_overlapped_io,
     sn_socket_set_use_only_overlapped_io},
    {0},
};

/* .NET's time limits are ints. */
#define TIME_LIMIT(name)                                                                           \
    static sn_error get_##name(sn_socket *object, int *out_value)                                  \
    {                                                                                              \
        sn_milliseconds value = 0;                                                                 \
        sn_error error = sn_socket_get_##name(object, &value);                                     \
        *out_value = (int)value;                                                                   \
        return error;                                                                              \
    }                                                                                              \
    static sn_error set_##name(sn_socket *object, int value)                                       \
    {                                                                                              \
        return sn_socket_set_##name(object, value);                                                \
    }
TIME_LIMIT(receive_timeout)
TIME_LIMIT(send_timeout)

static const int_property ints[] = {
    {"ReceiveBufferSize", sn_socket_get_receive_buffer_size, sn_socket_set_receive_buffer_size},
    {"SendBufferSize", sn_socket_get_send_buffer_size, sn_socket_set_send_buffer_size},
    {"ReceiveTimeout", get_receive_timeout, set_receive_timeout},
    {"SendTimeout", get_send_timeout, set_send_timeout},
    {"Ttl", sn_socket_get_ttl, sn_socket_set_ttl},
    {0},
};

static const bool_property *find_bool(const char *name)
{
    const bool_property *row = bools;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    return row->name ? row : NULL;
}

static const int_property *find_int(const char *name)
{
    const int_property *row = ints;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    return row->name ? row : NULL;
}

/* --- get
 * ------------------------------------------------------------------------------------------------
 */

static void get_endpoint(struct run *run, text *out, sn_socket *socket, bool remote)
{
    sn_endpoint endpoint;
    sn_error error = remote ? sn_socket_get_remote_endpoint(socket, &endpoint)
                            : sn_socket_get_local_endpoint(socket, &endpoint);
    if (!show_failed(out, error))
        show_endpoint(run, out, &endpoint);
}

static void get_linger(text *out, sn_socket *socket)
{
    sn_linger_option linger;
    if (!show_failed(out, sn_socket_get_linger_state(socket, &linger)))
        show_linger(out, &linger);
}

static void get_available(text *out, sn_socket *socket)
{
    size_t available;
    if (!show_failed(out, sn_socket_get_available(socket, &available)))
        text_add(out, " %zu", available);
}

static const char *known_name(const char *name, long number, char *room_for_number)
{
    if (strcmp(name, "?") != 0)
        return name;
    snprintf(room_for_number, 24, "%ld", number);
    return room_for_number;
}

/* Properties that never fail and are neither true nor false. */
static bool get_identity(text *out, sn_socket *socket, const char *name)
{
    char number[24];
    const char *shown;
    sn_address_family family = sn_socket_get_address_family(socket);
    sn_socket_type type = sn_socket_get_socket_type(socket);
    sn_protocol_type protocol = sn_socket_get_protocol_type(socket);
    if (strcmp(name, "AddressFamily") == 0)
        shown = known_name(sn_address_family_name(family), family, number);
    else if (strcmp(name, "SocketType") == 0)
        shown = known_name(sn_socket_type_name(type), type, number);
    else if (strcmp(name, "ProtocolType") == 0)
        shown = protocol == 0 ? "0" : known_name(sn_protocol_type_name(protocol), protocol, number);
    else if (strcmp(name, "Handle") == 0)
        shown = sn_socket_get_handle(socket) == SN_HANDLE_NONE ? "closed" : "open";
    else
        return false;
    text_add(out, "ok %s", shown);
    return true;
}

/* get SOCKET PROPERTY */
static void step_get(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket = value_socket(run, step, argument(run, step, 0));
    const char *name = argument(run, step, 1)->text;
    const bool_property *flag = find_bool(name);
    const int_property *number = find_int(name);
    bool is_true;
    int value;
    if (flag) {
        if (!show_failed(out, flag->get(socket, &is_true)))
            show_bool(out, is_true);
    } else if (number) {
        if (!show_failed(out, number->get(socket, &value)))
            text_add(out, " %d", value);
    } else if (strcmp(name, "LocalEndPoint") == 0 || strcmp(name, "RemoteEndPoint") == 0) {
        get_endpoint(run, out, socket, name[0] == 'R');
    } else if (strcmp(name, "LingerState") == 0) {
        get_linger(out, socket);
    } else if (strcmp(name, "Available") == 0) {
        get_available(out, socket);
    } else if (!get_identity(out, socket, name)) {
        run_broken(run, step, "unknown property: %s", name);
    }
}

/* --- set
 * ------------------------------------------------------------------------------------------------
 */

static void set_linger(struct run *run, const struct step *step, text *out, sn_socket *socket)
{
    sn_linger_option linger;
    bool is_there = value_linger(run, step, argument(run, step, 2), &linger);
    show_error(out, sn_socket_set_linger_state(socket, is_there ? &linger : NULL));
}

/* set SOCKET PROPERTY VALUE */
static void step_set(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket = value_socket(run, step, argument(run, step, 0));
    const char *name = argument(run, step, 1)->text;
    const bool_property *flag = find_bool(name);
    const int_property *number = find_int(name);
    if (flag && flag->set)
        show_error(out, flag->set(socket, value_bool(run, step, argument(run, step, 2))));
    else if (number)
        show_error(out, number->set(socket, (int)value_number(run, step, argument(run, step, 2))));
    else if (strcmp(name, "LingerState") == 0)
        set_linger(run, step, out, socket);
    else
        run_broken(run, step, "unknown property, or one that is only read: %s", name);
}

/* state SOCKET: what never fails, in one line */
static void step_state(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket = value_socket(run, step, argument(run, step, 0));
    text_add(out, "ok bound");
    show_bool(out, sn_socket_is_bound(socket));
    text_add(out, " connected");
    show_bool(out, sn_socket_is_connected(socket));
    text_add(out, " blocking");
    show_bool(out, sn_socket_is_blocking(socket));
}

const struct verb property_verbs[] = {
    {"get", 2, 2, step_get, NULL, false},
    {"set", 3, 3, step_set, NULL, false},
    {"state", 1, 1, step_state, NULL, false},
    {0},
};
