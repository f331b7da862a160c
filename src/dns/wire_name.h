/**
 * Inside dns only: names of the name system, as their bytes in a message and as text.
 */
#ifndef DNS_WIRE_NAME_H
#define DNS_WIRE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sennit/address.h>

/* RFC 1035, 3.1: each label with its size before it, and the empty one of the root at the end. */
#define WIRE_NAME_SIZE_MAX  255
#define WIRE_LABEL_SIZE_MAX 63
/* Each byte of a label as "\ddd", and a NUL. */
#define WIRE_NAME_TEXT_SIZE (4 * WIRE_NAME_SIZE_MAX + 1)

struct wire_name {
    uint8_t size; /* at least 1: the root */
    uint8_t bytes[WIRE_NAME_SIZE_MAX];
};

/* What a program writes, see <sennit/resolver.h>. False: it is no name; `out` may be changed. */
bool wire_name_from_text(const char *text, struct wire_name *out);

/* The name that the PTR records of an address have; false: it is no address. */
bool wire_name_from_address(const sn_ip_address *address, struct wire_name *out);

/* The size without the NUL. `text`: NULL, or WIRE_NAME_TEXT_SIZE, or as much as this has said. */
size_t wire_name_to_text(const struct wire_name *name, char *text);

/* The case of ASCII letters makes no difference. */
bool wire_name_equals(const struct wire_name *a, const struct wire_name *b);

/* The name at *inout_at of a message, pointers followed; *inout_at is behind it then. False: it
 * leaves the message, is too long, or points forward. */
bool wire_name_read(const uint8_t *message, size_t size, size_t *inout_at, struct wire_name *out);

#endif
