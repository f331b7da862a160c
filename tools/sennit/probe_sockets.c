/*
 * Every family with every type and every protocol would be thousands of rows, nearly all of them
 * "no". So a row is a family and a type, with the protocols that worked; and families of which
 * nothing works share one line at the end.
 */
#include "probe.h"

#include <stdio.h>
#include <string.h>

#include <sennit.h>

#include "json.h"

static const sn_address_family FAMILIES[] = {
#define X(id, number, name) SN_FAMILY_##id,
    SN_ADDRESS_FAMILY_TABLE(X)
#undef X
};
static const sn_socket_type TYPES[] = {
#define X(id, number, name) SN_TYPE_##id,
    SN_SOCKET_TYPE_TABLE(X)
#undef X
};
static const sn_protocol_type PROTOCOLS[] = {
#define X(id, number, name) SN_PROTOCOL_##id,
    SN_PROTOCOL_TYPE_TABLE(X)
#undef X
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What came of one family and type. */
struct finding {
    char worked[400]; /* the names of the protocols that did */
    char denied[400]; /* and of those that need a privilege or a setting */
    sn_error error;   /* the most telling one, where none worked */
};

static sn_error try_socket(sn_address_family family, sn_socket_type type, sn_protocol_type protocol)
{
    sn_socket *socket = NULL;
    sn_error error = sn_socket_create(family, type, protocol, &socket);
    sn_socket_release(socket);
    return error;
}

static void add_name(char *names, size_t size, const char *name)
{
    size_t used = strlen(names);
    snprintf(names + used, size - used, "%s%s", used > 0 ? " " : "", name);
}

/* Most protocols do not fit most types, so that answer says least: any other one is preferred. */
static void add_error(struct finding *finding, sn_error error)
{
    if (!finding->error || finding->error == SN_ERROR_PROTOCOL_NOT_SUPPORTED)
        finding->error = error;
}

static void probe_protocol(sn_address_family family, sn_socket_type type, sn_protocol_type protocol,
                           const char *name, struct finding *finding)
{
    sn_error error = try_socket(family, type, protocol);
    if (!error)
        add_name(finding->worked, sizeof finding->worked, name);
    else
        add_error(finding, error);
    if (error == SN_ERROR_ACCESS_DENIED)
        add_name(finding->denied, sizeof finding->denied, name);
}

static void probe_type(sn_address_family family, sn_socket_type type, struct finding *finding)
{
    *finding = (struct finding){.error = SN_OK};
    /* Packet sockets take every number as an 802.3 protocol, so that naming ours would mislead. */
    if (family == SN_FAMILY_PACKET) {
        probe_protocol(family, type, SN_PROTOCOL_UNSPECIFIED, "(any of 802.3)", finding);
        return;
    }
    for (size_t i = 0; i < COUNT(PROTOCOLS); i++)
        probe_protocol(family, type, PROTOCOLS[i], sn_protocol_type_name(PROTOCOLS[i]), finding);
}

static bool is_family_offered(sn_address_family family)
{
    sn_error error = try_socket(family, SN_TYPE_DATAGRAM, SN_PROTOCOL_UNSPECIFIED);
    return error != SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED;
}

static void print_finding(sn_address_family family, sn_socket_type type,
                          const struct finding *finding)
{
    char text[900];
    const char *cells[] = {sn_address_family_name(family), sn_socket_type_name(type),
                           finding->worked[0] ? "yes" : "no", text};
    if (!finding->worked[0])
        snprintf(text, sizeof text, "%s", sn_error_name(finding->error));
    else if (!finding->denied[0])
        snprintf(text, sizeof text, "%s", finding->worked);
    else
        snprintf(text, sizeof text, "%s (%s: %s)", finding->worked,
                 sn_error_name(SN_ERROR_ACCESS_DENIED), finding->denied);
    probe_table_row(cells);
}

static void print_family(sn_address_family family)
{
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        struct finding finding;
        if (TYPES[i] == SN_TYPE_UNKNOWN)
            continue;
        probe_type(family, TYPES[i], &finding);
        print_finding(family, TYPES[i], &finding);
    }
}

static void print_missing(void)
{
    unsigned count = 0;
    if (probe_is_json())
        json_open_array("missing_families");
    else
        printf("\nNot here (%s):", sn_error_name(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED));
    for (size_t i = 0; i < COUNT(FAMILIES); i++) {
        if (is_family_offered(FAMILIES[i]))
            continue;
        const char *name = sn_address_family_name(FAMILIES[i]);
        if (probe_is_json())
            json_text(NULL, name);
        else
            printf("%s%s", count++ % 10 == 0 ? "\n  " : " ", name);
    }
    if (probe_is_json())
        json_close_array();
    else
        printf("\n");
}

void probe_sockets(void)
{
    static const struct probe_column columns[] = {{"FAMILY", "family", 16},
                                                  {"TYPE", "type", 10},
                                                  {"WORK", "works", 4},
                                                  {"PROTOCOLS, OR WHY NOT", "detail", 0}};
    probe_table_begin("sockets", columns, COUNT(columns));
    for (size_t i = 0; i < COUNT(FAMILIES); i++) {
        if (is_family_offered(FAMILIES[i]))
            print_family(FAMILIES[i]);
    }
    probe_table_end();
    print_missing();
}
