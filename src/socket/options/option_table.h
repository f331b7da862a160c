/**
 * The one table of options: what .NET calls them and what the kernel does. For this room only.
 */
#ifndef SOCKET_OPTION_TABLE_H
#define SOCKET_OPTION_TABLE_H

#include "socket/object/object.h"

struct option_row;

/* Both return 0 or -errno. `get` may change the size to what was written. */
typedef int32_t option_set(sn_socket *socket, const struct option_row *row, const void *data,
                           uint32_t size);
typedef int32_t option_get(sn_socket *socket, const struct option_row *row, void *data,
                           uint32_t *inout_size);

enum option_kind {
    OPTION_UNTRACKED, /* a set makes the descriptor irreplaceable */
    OPTION_TRACKED,   /* copied to the new descriptor after a failed connect (contract B.5.4) */
};

struct option_row {
    sn_option_level level;
    sn_option_name name;
    int native_level;
    int native_name;
    enum option_kind kind;
    option_set *set_int; /* for a value given as a number */
    option_set *set;     /* for a value given as bytes */
    option_get *get;
};

/* NULL for a pair that does not exist on this system. */
const struct option_row *option_find(sn_option_level level, sn_option_name name);

/* The rows in order, for copying: NULL behind the last. */
const struct option_row *option_at(uint32_t index);
uint32_t option_index(const struct option_row *row);

/* The plain ones, and those with a rule of their own (option_special.c, contract C.4). */
option_set option_set_plain;
option_get option_get_plain;
option_set option_set_reuse_address;
option_set option_set_exclusive_address_use;
option_get option_get_reuse_address;
option_get option_get_exclusive_address_use;
option_set option_set_timeout;
option_get option_get_timeout;
option_get option_get_error;
option_get option_get_type;
option_set option_set_dont_fragment;
option_get option_get_dont_fragment;
option_set option_set_multicast_interface;
option_set option_set_ipv6_only;
option_set option_set_packet_information;

/* Reads whether an IPv6 socket speaks IPv4 too, after something may have changed it. */
void option_refresh_dual_mode(sn_socket *socket);

#endif
