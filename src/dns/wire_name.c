#include "dns/wire_name.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"

/* The two highest bits of a label's size: a pointer to where the rest of the name stands. */
#define POINTER_MASK 0xC0
/* A name has at most so many labels, and no use for a pointer that no label follows. */
#define POINTER_COUNT_MAX 127

static bool append_label(struct wire_name *name, const uint8_t *label, size_t size)
{
    if (size == 0 || size > WIRE_LABEL_SIZE_MAX || name->size + size + 2u > WIRE_NAME_SIZE_MAX)
        return false; /* the root's byte has to follow */
    name->bytes[name->size] = (uint8_t)size;
    memcpy(name->bytes + name->size + 1, label, size);
    name->size = (uint8_t)(name->size + size + 1);
    return true;
}

static void append_root(struct wire_name *name)
{
    assert(name->size < WIRE_NAME_SIZE_MAX);
    name->bytes[name->size++] = 0;
}

/* --- Text ------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A byte that is written as itself, "\c" or "\ddd"; moves behind it. -1: none of them. */
static int read_byte(const char **inout_text)
{
    const char *text = *inout_text;
    if (*text <= ' ' || *text > '~')
        return -1;
    if (*text != '\\') {
        *inout_text = text + 1;
        return (uint8_t)*text;
    }
    text++;
    if (!is_digit(*text)) {
        *inout_text = text + 1;
        return *text >= ' ' && *text <= '~' ? (uint8_t)*text : -1;
    }
    if (!is_digit(text[1]) || !is_digit(text[2]))
        return -1;
    int value = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
    *inout_text = text + 3;
    return value <= UINT8_MAX ? value : -1;
}

/* Up to a dot or the end, which stays. */
static bool read_label(const char **inout_text, struct wire_name *out)
{
    uint8_t label[WIRE_LABEL_SIZE_MAX];
    size_t size = 0;
    while (**inout_text != '.' && **inout_text != '\0') {
        int byte = read_byte(inout_text);
        if (byte < 0 || size == sizeof label)
            return false;
        label[size++] = (uint8_t)byte;
    }
    return append_label(out, label, size);
}

bool wire_name_from_text(const char *text, struct wire_name *out)
{
    out->size = 0;
    bool is_root = strcmp(text, ".") == 0;
    while (!is_root) {
        if (!read_label(&text, out))
            return false;
        if (*text == '\0' || *++text == '\0')
            break;
    }
    append_root(out);
    return true;
}

bool wire_name_from_address(const sn_ip_address *address, struct wire_name *out)
{
    char text[80];
    size_t used = 0;
    int i;
    switch ((int)address->family) {
    case SN_FAMILY_IPV4:
        for (i = 3; i >= 0; i--)
            used += (size_t)snprintf(text + used, sizeof text - used, "%u.", address->bytes[i]);
        memcpy(text + used, "in-addr.arpa", sizeof "in-addr.arpa");
        break;
    case SN_FAMILY_IPV6:
        for (i = 15; i >= 0; i--)
            used += (size_t)snprintf(text + used, sizeof text - used, "%x.%x.",
                                     address->bytes[i] & 0xFu, (unsigned)address->bytes[i] >> 4);
        memcpy(text + used, "ip6.arpa", sizeof "ip6.arpa");
        break;
    default: return false;
    }
    return wire_name_from_text(text, out);
}

static size_t put_byte(uint8_t byte, char *text)
{
    if (byte <= ' ' || byte > '~')
        return (size_t)sprintf(text, "\\%03u", byte);
    size_t size = 0;
    if (byte == '.' || byte == '\\')
        text[size++] = '\\';
    text[size++] = (char)byte;
    return size;
}

size_t wire_name_to_text(const struct wire_name *name, char *text)
{
    char byte_text[8];
    size_t size = 0;
    for (size_t at = 0, next; name->bytes[at] != 0; at = next) {
        next = at + 1 + name->bytes[at];
        while (++at < next) {
            size_t more = put_byte(name->bytes[at], byte_text);
            if (text)
                memcpy(text + size, byte_text, more);
            size += more;
        }
        if (text && name->bytes[next] != 0)
            text[size] = '.';
        size += name->bytes[next] != 0;
    }
    if (size == 0) {
        if (text)
            text[0] = '.';
        size = 1;
    }
    if (text)
        text[size] = '\0';
    return size;
}

/* --- In a message ----------------------------------------------------------------------------- */

/* A label's size is below any letter. */
static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

bool wire_name_equals(const struct wire_name *a, const struct wire_name *b)
{
    if (a->size != b->size)
        return false;
    for (size_t i = 0; i < a->size; i++)
        if (lower(a->bytes[i]) != lower(b->bytes[i]))
            return false;
    return true;
}

/* A pointer must lead to before the labels that it stands behind. So each one leads further to the
 * front, and no loop is possible; who writes a message can only point at what is there already. A
 * chain of thousands of them, which one message of 64 KiB could have for each of its names, would
 * still keep a processor busy for seconds. */
bool wire_name_read(const uint8_t *message, size_t size, size_t *inout_at, struct wire_name *out)
{
    size_t at = *inout_at, begin = at, behind = 0;
    unsigned pointers = 0;
    out->size = 0;
    while (at < size && message[at] != 0) {
        size_t label_size = message[at];
        if ((label_size & POINTER_MASK) == POINTER_MASK) {
            if (size - at < 2 || pointers++ == POINTER_COUNT_MAX)
                return false;
            behind = behind ? behind : at + 2;
            at = (label_size & ~(size_t)POINTER_MASK) << 8 | message[at + 1];
            if (at >= begin)
                return false;
            begin = at;
        } else if (label_size >= size - at || !append_label(out, message + at + 1, label_size)) {
            return false; /* also what is too large: the kinds of labels that were given up */
        } else {
            at += label_size + 1;
        }
    }
    if (at >= size)
        return false;
    append_root(out);
    *inout_at = behind ? behind : at + 1;
    return true;
}
