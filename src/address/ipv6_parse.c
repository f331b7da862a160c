/**
 * Text of an IPv6 address, as .NET reads it: optional brackets, an ignored port behind them, eight
 * groups with one gap, a dotted end, a scope.
 *
 * The parts are read in the order they stand in the text, each by one function that moves a cursor.
 */
#include "address/address.h"
#include "address/ip_address.h"
#include "address/ip_parse.h"
#include "address/text.h"
#include "sys/sys.h"

#define GROUP_COUNT         8
#define INTERFACE_NAME_SIZE 16 /* with the NUL; the kernel knows no longer ones */

struct cursor {
    const char *at;
    const char *end;
};

struct groups {
    uint16_t value[GROUP_COUNT];
    unsigned count;
    int gap; /* how many groups stand before the "::"; -1 without one */
};

static bool next_is(const struct cursor *cursor, char c)
{
    return cursor->at < cursor->end && *cursor->at == c;
}

static bool take(struct cursor *cursor, char c)
{
    if (!next_is(cursor, c))
        return false;
    cursor->at++;
    return true;
}

/* The groups end where the text does, at the scope, or at the bracket. */
static bool groups_have_ended(const struct cursor *cursor)
{
    return cursor->at == cursor->end || *cursor->at == '%' || *cursor->at == ']';
}

static bool take_dotted_end(struct cursor *cursor, struct groups *groups)
{
    struct cursor dotted = *cursor;
    while (!groups_have_ended(cursor))
        cursor->at++;
    uint8_t bytes[IPV4_SIZE];
    if (groups->count + 2 > GROUP_COUNT ||
        !ipv4_parse_embedded(dotted.at, (size_t)(cursor->at - dotted.at), bytes))
        return false;
    groups->value[groups->count++] = (uint16_t)((bytes[0] << 8) | bytes[1]);
    groups->value[groups->count++] = (uint16_t)((bytes[2] << 8) | bytes[3]);
    return true;
}

/* One group, or the dotted end, which looks like a group until its first dot. */
static bool take_group(struct cursor *cursor, struct groups *groups)
{
    struct cursor start = *cursor;
    uint32_t value = 0;
    while (cursor->at < cursor->end && text_digit_value(*cursor->at) < 16) {
        if (cursor->at - start.at == 4)
            return false;
        value = value * 16 + text_digit_value(*cursor->at++);
    }
    if (next_is(cursor, '.')) {
        *cursor = start;
        return take_dotted_end(cursor, groups);
    }
    if (cursor->at == start.at || groups->count == GROUP_COUNT)
        return false;
    groups->value[groups->count++] = (uint16_t)value;
    return true;
}

/* Behind a colon already taken: a second one makes the gap, of which there is one at most. */
static bool take_gap(struct cursor *cursor, struct groups *groups)
{
    if (!take(cursor, ':'))
        return true;
    if (groups->gap >= 0)
        return false;
    groups->gap = (int)groups->count;
    return true;
}

static bool take_groups(struct cursor *cursor, struct groups *groups)
{
    bool just_had_gap = false;
    if (take(cursor, ':')) {
        if (!next_is(cursor, ':'))
            return false;
        take_gap(cursor, groups);
        just_had_gap = true;
    }
    while (!just_had_gap || !groups_have_ended(cursor)) {
        if (!take_group(cursor, groups))
            return false;
        if (groups_have_ended(cursor))
            break;
        const char *colon = cursor->at;
        if (!take(cursor, ':') || !take_gap(cursor, groups))
            return false;
        just_had_gap = cursor->at - colon == 2;
    }
    /* A gap stands for one group at least. */
    return groups->gap >= 0 ? groups->count < GROUP_COUNT : groups->count == GROUP_COUNT;
}

/* The name may hold anything, for .NET hands it to the system as it is: a NUL ends it there, and
 * one more '%' in front of it is dropped. */
static uint32_t find_interface(const char *text, size_t size)
{
    if (size > 0 && *text == '%') {
        text++;
        size--;
    }
    char name[INTERFACE_NAME_SIZE] = {0};
    const char *nul = memchr(text, '\0', size);
    size_t length = nul ? (size_t)(nul - text) : size;
    if (length == 0 || length >= sizeof name)
        return 0;
    memcpy(name, text, length);
    int64_t index = sys_interface_index(name);
    return index > 0 ? (uint32_t)index : 0;
}

/* A name that nobody knows gives scope 0 and no error. See an_unknown_scope_name_gives_scope_0. */
static bool take_scope(struct cursor *cursor, const char **out_scope, size_t *out_size)
{
    const char *start = cursor->at;
    while (cursor->at < cursor->end && *cursor->at != ']')
        if (*cursor->at++ == '/') /* a prefix length: this is no address */
            return false;
    *out_scope = start;
    *out_size = (size_t)(cursor->at - start);
    return true;
}

/* The port says nothing about the address, but it must look like one: decimal digits, or lower-case
 * "0x" and hexadecimal digits; in both there may be none. */
static bool take_ignored_port(struct cursor *cursor)
{
    uint32_t base = 10;
    if (cursor->end - cursor->at >= 2 && cursor->at[0] == '0' && cursor->at[1] == 'x') {
        base = 16;
        cursor->at += 2;
    }
    while (cursor->at < cursor->end && text_digit_value(*cursor->at) < base)
        cursor->at++;
    return cursor->at == cursor->end;
}

static void groups_to_bytes(const struct groups *groups, uint8_t bytes[IPV6_SIZE])
{
    unsigned before = groups->gap >= 0 ? (unsigned)groups->gap : groups->count;
    unsigned skipped = GROUP_COUNT - groups->count;
    for (unsigned i = 0; i < groups->count; i++) {
        unsigned place = i < before ? i : i + skipped;
        bytes[2 * place] = (uint8_t)(groups->value[i] >> 8);
        bytes[2 * place + 1] = (uint8_t)groups->value[i];
    }
}

bool ipv6_parse(const char *text, size_t size, sn_ip_address *out_address)
{
    struct cursor cursor = {text, text + size};
    struct groups groups = {.gap = -1};
    const char *scope = NULL;
    size_t scope_size = 0;

    bool is_bracketed = take(&cursor, '[');
    if (!take_groups(&cursor, &groups))
        return false;
    if (take(&cursor, '%') && !take_scope(&cursor, &scope, &scope_size))
        return false;
    if (is_bracketed) {
        if (!take(&cursor, ']'))
            return false;
        if (take(&cursor, ':') && !take_ignored_port(&cursor))
            return false;
    }
    if (cursor.at != cursor.end)
        return false;

    sn_ip_address address = {SN_FAMILY_IPV6, 0, {0}};
    groups_to_bytes(&groups, address.bytes);
    if (scope && !text_to_number(scope, scope_size, UINT32_MAX, &address.scope_id))
        address.scope_id = find_interface(scope, scope_size);
    *out_address = address;
    return true;
}
