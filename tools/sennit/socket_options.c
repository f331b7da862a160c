#include "socket_options.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "option_facts.h"

static const struct known {
    const char *name;
    sn_option_name option;
    unsigned facts;
} KNOWN[] = {
#define X(id, number, name) {name, SN_OPTION_##id, FACTS_##id},
    SN_OPTION_NAME_TABLE(X)
#undef X
};

/* By name, whose case does not matter, as it does not in what people remember. */
static const struct known *find(const char *text, size_t size)
{
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (strlen(KNOWN[i].name) == size && strncasecmp(KNOWN[i].name, text, size) == 0)
            return &KNOWN[i];
    return NULL;
}

/* A number, or yes and no in a word. */
static bool read_value(const char *text, int *out_value)
{
    static const char *const words[][2] = {{"no", "yes"}, {"off", "on"}, {"false", "true"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (int value = 0; value < 2; value++)
            if (strcasecmp(text, words[i][value]) == 0) {
                *out_value = value;
                return true;
            }
    char *end = NULL;
    long value = strtol(text, &end, 0);
    if (end == text || *end != '\0' || value < -0x7FFFFFFFL || value > 0x7FFFFFFFL)
        return false;
    *out_value = (int)value;
    return true;
}

static const char *check(const char *text)
{
    int value;
    size_t size = strcspn(text, "=");
    const struct known *known = find(text, size);
    if (!known)
        return "there is no such option; 'sennit probe --options' lists them";
    if (known->facts & (AS_BYTES | AS_SOURCE | AS_MEMBERSHIP))
        return "this option's value is no number, and cannot be set here";
    if (text[size] == '\0')
        return "a value is missing; write NAME=VALUE, such as NoDelay=yes";
    return read_value(text + size + 1, &value) ? NULL : "the value must be a number, yes or no";
}

const char *socket_options_check(const struct argument_list *list, const char **out_wrong)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *complaint = check(list->texts[i]);
        *out_wrong = list->texts[i];
        if (complaint)
            return complaint;
    }
    return NULL;
}

/* Some options are there on the level of either family of addresses. */
static sn_option_level choose_level(const struct known *known, sn_socket *socket)
{
    bool is_ipv6 = sn_socket_get_address_family(socket) == SN_FAMILY_IPV6;
    if (known->facts & ON_SOCKET)
        return SN_LEVEL_SOCKET;
    if (known->facts & ON_TCP)
        return SN_LEVEL_TCP;
    if (known->facts & ON_UDP)
        return SN_LEVEL_UDP;
    if (is_ipv6 && (known->facts & ON_IPV6))
        return SN_LEVEL_IPV6;
    return known->facts & ON_IP ? SN_LEVEL_IP : SN_LEVEL_IPV6;
}

static sn_error apply(const char *text, sn_socket *socket)
{
    size_t size = strcspn(text, "=");
    const struct known *known = find(text, size);
    int value = 0;
    if (!known || !read_value(text + size + 1, &value))
        return SN_ERROR_FORMAT; /* it was checked before */
    if (known->facts & AS_LINGER) {
        const sn_linger_option linger = {.enabled = value >= 0, .seconds = value < 0 ? 0 : value};
        return sn_socket_set_linger_state(socket, &linger);
    }
    return sn_socket_set_option(socket, choose_level(known, socket), known->option, value);
}

sn_error socket_options_apply(const struct argument_list *list, sn_socket *socket,
                              const char **out_failed)
{
    for (size_t i = 0; i < list->count; i++) {
        sn_error error = apply(list->texts[i], socket);
        if (error) {
            *out_failed = list->texts[i];
            return error;
        }
    }
    return SN_OK;
}
