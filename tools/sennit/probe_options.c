/*
 * Each option is read, and then written with the value just read, on a fresh socket of the kind
 * that has it. Multicast options have no value to read: they join a group on the loopback
 * interface.
 */
#include "probe.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>

#include <sennit.h>

#include "option_facts.h"

struct option_row {
    const char *text;
    sn_option_name name;
    unsigned facts;
};

static const struct option_row OPTIONS[] = {
#define X(id, number, text) {text, SN_OPTION_##id, FACTS_##id},
    SN_OPTION_NAME_TABLE(X)
#undef X
};

static const struct level_row {
    const char *text;
    sn_option_level level;
    unsigned fact;
} LEVELS[] = {
#define X(id, number, text) {text, SN_LEVEL_##id, ON_##id},
    SN_OPTION_LEVEL_TABLE(X)
#undef X
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static sn_error open_socket(const struct option_row *option, sn_option_level level,
                            sn_socket **out_socket)
{
    if (option->facts & OF_RAW)
        return sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_ICMP, out_socket);
    switch (level) {
    case SN_LEVEL_IP:
    case SN_LEVEL_UDP:
        return sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, out_socket);
    case SN_LEVEL_IPV6:
        return sn_socket_create(SN_FAMILY_IPV6, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, out_socket);
    case SN_LEVEL_TCP:
    case SN_LEVEL_SOCKET: break;
    }
    return sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, out_socket);
}

static sn_error join(sn_socket *socket, sn_option_level level, sn_option_name name)
{
    if (level == SN_LEVEL_IPV6) {
        sn_ipv6_multicast_option option = {.interface_index = (int64_t)if_nametoindex("lo")};
        sn_error error = sn_ip_address_parse("ff01::5e4e", &option.group);
        return error ? error : sn_socket_set_ipv6_multicast_option(socket, name, &option);
    }
    sn_multicast_option option = {.local_address = SN_IPV4_LOOPBACK};
    sn_error error = sn_ip_address_parse("239.255.94.78", &option.group);
    return error ? error : sn_socket_set_multicast_option(socket, name, &option);
}

static sn_error use_source(sn_socket *socket, sn_option_name name)
{
    struct ip_mreq_source value = {.imr_interface.s_addr = htonl(INADDR_LOOPBACK),
                                   .imr_sourceaddr.s_addr = htonl(INADDR_LOOPBACK)};
    (void)inet_pton(AF_INET, "239.255.94.78", &value.imr_multiaddr);
    return sn_socket_set_option_bytes(socket, SN_LEVEL_IP, name, &value, sizeof value);
}

/* Dropping needs something that was added, blocking a group that was joined. Should that fail, the
 * attempt itself fails too and says why. */
static void prepare(sn_socket *socket, sn_option_level level, sn_option_name name)
{
    sn_error ignored = SN_OK;
    switch ((int)name) {
    case SN_OPTION_DROP_MEMBERSHIP:
    case SN_OPTION_BLOCK_SOURCE: ignored = join(socket, level, SN_OPTION_ADD_MEMBERSHIP); break;
    case SN_OPTION_DROP_SOURCE_MEMBERSHIP:
        ignored = use_source(socket, SN_OPTION_ADD_SOURCE_MEMBERSHIP);
        break;
    case SN_OPTION_UNBLOCK_SOURCE:
        ignored = join(socket, level, SN_OPTION_ADD_MEMBERSHIP);
        if (!ignored)
            ignored = use_source(socket, SN_OPTION_BLOCK_SOURCE);
        break;
    }
    (void)ignored;
}

/* Reads the option; what was read is kept for writing it. */
static sn_error try_read(sn_socket *socket, const struct option_row *option, sn_option_level level,
                         int *out_number, sn_linger_option *out_linger)
{
    if (option->facts & AS_LINGER)
        return sn_socket_get_linger_state(socket, out_linger);
    if (option->facts & (AS_BYTES | AS_SOURCE)) {
        uint8_t bytes[64];
        return sn_socket_get_option_bytes(socket, level, option->name, bytes, sizeof bytes, NULL);
    }
    return sn_socket_get_option(socket, level, option->name, out_number);
}

static sn_error try_write(sn_socket *socket, const struct option_row *option, sn_option_level level,
                          int number, const sn_linger_option *linger)
{
    if (option->facts & AS_LINGER)
        return sn_socket_set_linger_state(socket, linger);
    if (option->facts & AS_BYTES)
        return sn_socket_set_option_bytes(socket, level, option->name, "", 0);
    if (option->facts & AS_MEMBERSHIP) {
        prepare(socket, level, option->name);
        return join(socket, level, option->name);
    }
    if (option->facts & AS_SOURCE) {
        prepare(socket, level, option->name);
        return use_source(socket, option->name);
    }
    return sn_socket_set_option(socket, level, option->name, number);
}

static const char *verdict(sn_error error)
{
    return error ? sn_error_name(error) : "yes";
}

/* Counts what worked in out_counts: read, written. */
static void probe_option(const struct option_row *option, const struct level_row *level,
                         unsigned out_counts[2])
{
    sn_socket *socket = NULL;
    int number = 1;
    sn_linger_option linger = {.enabled = false};
    sn_error read_error, write_error;

    read_error = write_error = open_socket(option, level->level, &socket);
    if (!read_error) {
        read_error = try_read(socket, option, level->level, &number, &linger);
        write_error = try_write(socket, option, level->level, number, &linger);
    }
    sn_socket_release(socket);

    const char *cells[] = {level->text, option->text, verdict(read_error), verdict(write_error)};
    probe_table_row(cells);
    out_counts[0] += read_error ? 0 : 1;
    out_counts[1] += write_error ? 0 : 1;
}

void probe_options(void)
{
    static const struct probe_column columns[] = {{"LEVEL", "level", 8},
                                                  {"OPTION", "option", 26},
                                                  {"READ", "read", 24},
                                                  {"WRITE", "write", 0}};
    unsigned counts[2] = {0, 0}, total = 0;
    probe_table_begin("options", columns, COUNT(columns));
    for (size_t i = 0; i < COUNT(LEVELS); i++) {
        for (size_t k = 0; k < COUNT(OPTIONS); k++) {
            if (!(OPTIONS[k].facts & LEVELS[i].fact))
                continue;
            probe_option(&OPTIONS[k], &LEVELS[i], counts);
            total++;
        }
    }
    probe_table_end();
    if (!probe_is_json())
        printf("\n%u options: %u can be read, %u can be written\n", total, counts[0], counts[1]);
}
