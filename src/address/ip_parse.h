/**
 * The two grammars of address text.
 */
#ifndef ADDRESS_IP_PARSE_H
#define ADDRESS_IP_PARSE_H

#include <sennit/address.h>

/* One to four numbers, each decimal, octal or hexadecimal; the last fills the remaining bytes. */
bool ipv4_parse(const char *text, size_t size, uint8_t out_bytes[4]);

/* Exactly four decimal numbers: the only form at the end of an IPv6 address. */
bool ipv4_parse_embedded(const char *text, size_t size, uint8_t out_bytes[4]);

bool ipv6_parse(const char *text, size_t size, sn_ip_address *out_address);

#endif
