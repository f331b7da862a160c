/**
 * What the files about end points share: reading the native bytes.
 *
 * The bytes are copied to and from the system's structures, never cast: the end point declares them
 * as bytes. An end point is a plain record that a program may have filled wrongly, so its size and
 * kind are checked on every read.
 */
#ifndef ADDRESS_ENDPOINT_LAYOUT_H
#define ADDRESS_ENDPOINT_LAYOUT_H

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <sennit/endpoint.h>

#include "base/base.h"

#define SN_PORT_MAX      65535
#define UNIX_PATH_OFFSET offsetof(struct sockaddr_un, sun_path)

/* Where a native address says what it is. */
#define FAMILY_END (offsetof(struct sockaddr, sa_family) + sizeof(sa_family_t))

static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) == SN_UNIX_PATH_SIZE_MAX,
              "the public limit is the system's");

/* An IP end point in both of its forms; `is_valid` is false for every other kind. */
struct endpoint_ip {
    sn_ip_address address;
    uint16_t port;
    bool is_valid;
};

struct endpoint_ip endpoint_read_ip(const sn_endpoint *endpoint);

/* Whether it is a DNS end point whose host name ends inside the record. */
bool endpoint_is_dns(const sn_endpoint *endpoint);

/* The bytes in use; 0 where there are none. */
uint32_t endpoint_read_size(const sn_endpoint *endpoint);

/* The family of native bytes that hold at least FAMILY_END of them. */
int endpoint_native_family(const void *sockaddr);

/* Brings the path that stands in `as.sockaddr` up to byte `size` into its one stored form; false if
 * it is longer than the system allows. */
bool endpoint_unix_finish(sn_endpoint *endpoint, uint32_t size);

#endif
