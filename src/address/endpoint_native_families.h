/**
 * End points of families that .NET has no class for: virtual machines, netlink, CAN. What this
 * room's files about texts share of them.
 */
#ifndef ADDRESS_ENDPOINT_NATIVE_FAMILIES_H
#define ADDRESS_ENDPOINT_NATIVE_FAMILIES_H

#include <sennit/endpoint.h>

#include "address/text.h"

/* The text behind the scheme. */
sn_error vsock_parse(const char *text, sn_endpoint *out_endpoint);
sn_error netlink_parse(const char *text, sn_endpoint *out_endpoint);
sn_error can_parse(const char *text, sn_endpoint *out_endpoint);

/* False, and nothing written, for another family and for an address that was cut off. */
bool endpoint_append_native_family(const sn_endpoint *endpoint, struct text_writer *writer);

#endif
