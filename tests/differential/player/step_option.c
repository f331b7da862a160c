/* Steps that read and write options. */
#include "player.h"

#include <sennit/dotnet.h>

#include <stdlib.h>
#include <string.h>

struct option {
    sn_socket *socket;
    sn_option_level level;
    sn_option_name name;
};

static struct option read_option(struct run *run, const struct step *step)
{
    return (struct option){
        value_socket(run, step, argument(run, step, 0)),
        (sn_option_level)value_name(run, step, "level", argument(run, step, 1)),
        (sn_option_name)value_name(run, step, "option", argument(run, step, 2)),
    };
}

/* get-option SOCKET LEVEL NAME; Linger is an object in .NET, and is shown as get LingerState shows
 * it */
static void get_option(struct run *run, const struct step *step, text *out)
{
    struct option option = read_option(run, step);
    sn_linger_option linger;
    int value;
    if (option.level == SN_LEVEL_SOCKET && option.name == SN_OPTION_LINGER) {
        if (!show_failed(out, sn_socket_get_linger_state(option.socket, &linger)))
            text_add(out, " %s,%d", linger.enabled ? "true" : "false", linger.seconds);
        return;
    }
    if (!show_failed(out, sn_socket_get_option(option.socket, option.level, option.name, &value)))
        text_add(out, " %d", value);
}

/* set-option SOCKET LEVEL NAME VALUE */
static void set_option(struct run *run, const struct step *step, text *out)
{
    struct option option = read_option(run, step);
    int value = (int)value_number(run, step, argument(run, step, 3));
    show_error(out, sn_socket_set_option(option.socket, option.level, option.name, value));
}

/* get-option-bytes SOCKET LEVEL NAME SIZE */
static void get_option_bytes(struct run *run, const struct step *step, text *out)
{
    struct option option = read_option(run, step);
    size_t size = (size_t)value_number(run, step, argument(run, step, 3));
    uint8_t *data = room(size);
    size_t got = size;
    sn_error error = sn_socket_get_option_bytes(option.socket, option.level, option.name,
                                                size > 0 ? data : NULL, size, &got);
    if (!show_failed(out, error))
        show_hex(out, data, got);
    free(data);
}

/* set-option-bytes SOCKET LEVEL NAME HEX|-|null */
static void set_option_bytes(struct run *run, const struct step *step, text *out)
{
    struct option option = read_option(run, step);
    const word *item = argument(run, step, 3);
    size_t size = 0;
    uint8_t *data = word_is(item, "null") ? NULL : value_bytes(run, step, item, &size);
    show_error(out,
               sn_socket_set_option_bytes(option.socket, option.level, option.name, data, size));
    free(data);
}

/* get-raw-option SOCKET LEVEL NAME SIZE */
static void get_raw_option(struct run *run, const struct step *step, text *out)
{
    uint8_t data[64] = {0};
    size_t got = 0;
    size_t size = (size_t)value_number(run, step, argument(run, step, 3));
    sn_error error = sn_socket_get_raw_option(value_socket(run, step, argument(run, step, 0)),
                                              (int)value_number(run, step, argument(run, step, 1)),
                                              (int)value_number(run, step, argument(run, step, 2)),
                                              data, size < sizeof data ? size : sizeof data, &got);
    if (!show_failed(out, error))
        show_hex(out, data, got);
}

/* set-raw-option SOCKET LEVEL NAME HEX */
static void set_raw_option(struct run *run, const struct step *step, text *out)
{
    size_t size;
    uint8_t *data = value_bytes(run, step, argument(run, step, 3), &size);
    show_error(out, sn_socket_set_raw_option(value_socket(run, step, argument(run, step, 0)),
                                             (int)value_number(run, step, argument(run, step, 1)),
                                             (int)value_number(run, step, argument(run, step, 2)),
                                             data, size));
    free(data);
}

/* multicast SOCKET NAME GROUP INTERFACE: an index, or an address of this machine */
static void multicast(struct run *run, const struct step *step, text *out)
{
    sn_multicast_option option = {.group = value_address(run, step, argument(run, step, 2))};
    const word *interface = argument(run, step, 3);
    if (strchr(interface->text, '.'))
        option.local_address = value_address(run, step, interface);
    else
        option.interface_index = (int)value_number(run, step, interface);
    show_error(out, sn_socket_set_multicast_option(
                        value_socket(run, step, argument(run, step, 0)),
                        (sn_option_name)value_name(run, step, "option", argument(run, step, 1)),
                        &option));
}

/* multicast-ipv6 SOCKET NAME GROUP INDEX */
static void multicast_ipv6(struct run *run, const struct step *step, text *out)
{
    sn_ipv6_multicast_option option = {
        .group = value_address(run, step, argument(run, step, 2)),
        .interface_index = value_number(run, step, argument(run, step, 3)),
    };
    show_error(out, sn_socket_set_ipv6_multicast_option(
                        value_socket(run, step, argument(run, step, 0)),
                        (sn_option_name)value_name(run, step, "option", argument(run, step, 1)),
                        &option));
}

/* protection-level SOCKET LEVEL */
static void protection_level(struct run *run, const struct step *step, text *out)
{
    show_error(out, sn_socket_set_ip_protection_level(
                        value_socket(run, step, argument(run, step, 0)),
                        (sn_ip_protection_level)value_name(run, step, "protection",
                                                           argument(run, step, 1))));
}

const struct verb option_verbs[] = {
    {"get-option", 3, 3, get_option, NULL, false},
    {"set-option", 4, 4, set_option, NULL, false},
    {"get-option-bytes", 4, 4, get_option_bytes, NULL, false},
    {"set-option-bytes", 4, 4, set_option_bytes, NULL, false},
    {"get-raw-option", 4, 4, get_raw_option, NULL, false},
    {"set-raw-option", 4, 4, set_raw_option, NULL, false},
    {"multicast", 4, 4, multicast, NULL, false},
    {"multicast-ipv6", 4, 4, multicast_ipv6, NULL, false},
    {"protection-level", 2, 2, protection_level, NULL, false},
    {0},
};
