/**
 * The way to an end point: from which address, with which options, how long it may take, and what
 * stands in between. The commands that connect share these options.
 */
#ifndef TOOLS_SENNIT_WAY_H
#define TOOLS_SENNIT_WAY_H

#include <limits.h>

#include <sennit.h>

#include "arguments/arguments.h"
#include "target.h"
#include "via.h"

struct way {
    const char *from;             /* borrowed: --from */
    struct argument_list options; /* --option */
    long timeout_ms;              /* for the whole of it; 0: no limit */
    bool is_ipv4_only;
    bool is_ipv6_only;
    const char *proxy;   /* borrowed: --via */
    long header_version; /* --proxy-header; 0: none is sent */
    sn_connect_log *log; /* NULL: none is kept */

    /* From here on it is way_check()'s. */
    sn_endpoint source; /* of kind SN_ENDPOINT_NONE where none was given */
    struct via via;
};

/* The rows of the options; `way` is a struct way. */
#define WAY_OPTIONS(way)                                                                           \
    {.name = "from",                                                                               \
     .text = &(way).from,                                                                          \
     .value = "ADDRESS",                                                                           \
     .help = "bind to it before: an address, address:port, or a path"},                            \
        {.name = "option",                                                                         \
         .list = &(way).options,                                                                   \
         .value = "NAME=VALUE",                                                                    \
         .help = "set an option of the socket; may be repeated"},                                  \
        {.name = "timeout",                                                                        \
         .number = &(way).timeout_ms,                                                              \
         .maximum = INT_MAX,                                                                       \
         .value = "MS",                                                                            \
         .help = "give up connecting after so many ms; 0: never (0)"},                             \
        {.name = "ipv4", .flag = &(way).is_ipv4_only, .help = "use only IPv4 addresses"},          \
    {                                                                                              \
        .name = "ipv6", .flag = &(way).is_ipv6_only, .help = "use only IPv6 addresses"             \
    }

/* The rows of those that come to it through others. */
#define VIA_OPTIONS(way)                                                                           \
    {.name = "via",                                                                                \
     .text = &(way).proxy,                                                                         \
     .value = "PROXY",                                                                             \
     .help = "through socks5://[user:password@]host:port or http://..."},                          \
    {                                                                                              \
        .name = "proxy-header", .number = &(way).header_version, .minimum = 1, .maximum = 2,       \
        .value = "VERSION", .help = "begin with a line of the PROXY protocol, 1 or 2"              \
    }

/**
 * Looks at what was given before anything is done.
 *
 * @param target     changed: the family that was wanted
 * @param out_wrong  which argument the complaint is about
 * @return           NULL, or what is wrong
 */
const char *way_check(struct way *way, struct target *target, const char **out_wrong);

/**
 * The same where the program waits for others instead: of a way it takes the options only.
 *
 * @param out_wrong  which argument the complaint is about
 * @return           NULL, or what is wrong
 */
const char *way_check_none(const struct way *way, const char **out_wrong);

/**
 * Connects. The addresses of a name race, a stream's; a failure is reported.
 *
 * @param doing       for the report, such as "connect"
 * @param client      borrowed; whom it is for, which --proxy-header tells; NULL: this program
 * @param out_socket  owned by the caller
 * @return            EXIT_DONE or EXIT_FAILED
 */
int way_connect(const struct way *way, const struct target *target, const char *doing,
                sn_socket *client, sn_socket **out_socket);

/** Options and source for a socket that is not connected yet: as way_connect() does it. */
int way_prepare(const struct way *way, const struct target *target, const char *doing,
                sn_socket *socket);

#endif
