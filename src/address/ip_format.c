#include "address/address.h"
#include "address/ip_address.h"
#include "address/ip_format.h"

#include <inttypes.h>

#define GROUP_COUNT               8
#define GROUP_COUNT_BEFORE_DOTTED 6

struct run {
    unsigned start;
    unsigned count;
};

/* Whether the last four bytes are shown as IPv4: compatible, mapped and translated addresses, and
 * ISATAP ones. The group right before the last must not be zero in the first three kinds, so that
 * "::1" does not become "::0.0.0.1". */
static bool ends_dotted(const uint16_t group[GROUP_COUNT])
{
    if (group[4] == 0 && group[5] == 0x5efe)
        return true;
    if (group[0] || group[1] || group[2] || group[3] || !group[6])
        return false;
    if (group[4] == 0)
        return group[5] == 0 || group[5] == 0xffff;
    return group[4] == 0xffff && group[5] == 0;
}

/* The longest run of zero groups, the first of several; none (count 0) if no run has two. */
static struct run find_gap(const uint16_t *group, unsigned count)
{
    struct run longest = {0, 1};
    struct run run = {0, 0};
    for (unsigned i = 0; i < count; i++) {
        if (group[i] != 0) {
            run.count = 0;
            continue;
        }
        if (run.count++ == 0)
            run.start = i;
        if (run.count > longest.count)
            longest = run;
    }
    return longest.count > 1 ? longest : (struct run){0, 0};
}

static void append_dotted(const uint8_t bytes[IPV4_SIZE], struct text_writer *writer)
{
    text_append(writer, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
}

static void append_ipv6(const sn_ip_address *address, struct text_writer *writer)
{
    uint16_t group[GROUP_COUNT];
    for (unsigned i = 0; i < GROUP_COUNT; i++)
        group[i] = (uint16_t)((address->bytes[2 * i] << 8) | address->bytes[2 * i + 1]);

    bool is_dotted = ends_dotted(group);
    unsigned count = is_dotted ? GROUP_COUNT_BEFORE_DOTTED : GROUP_COUNT;
    struct run gap = find_gap(group, count);
    const char *colon = ""; /* what stands before the next group */
    for (unsigned i = 0; i < count; i++) {
        if (gap.count > 0 && i == gap.start) {
            text_append(writer, "::");
            i += gap.count - 1;
            colon = "";
        } else {
            text_append(writer, "%s%x", colon, group[i]);
            colon = ":";
        }
    }
    if (is_dotted) {
        text_append(writer, "%s", colon);
        append_dotted(address->bytes + IPV6_SIZE - IPV4_SIZE, writer);
    }
    if (address->scope_id != 0)
        text_append(writer, "%%%" PRIu32, address->scope_id);
}

bool ip_address_append(const sn_ip_address *address, struct text_writer *writer)
{
    if (address->family == SN_FAMILY_IPV4)
        append_dotted(address->bytes, writer);
    else if (address->family == SN_FAMILY_IPV6)
        append_ipv6(address, writer);
    else
        return false;
    return true;
}

sn_error sn_ip_address_format(const sn_ip_address *address, char *text, size_t size)
{
    char finished[SN_IP_ADDRESS_TEXT_SIZE];
    struct text_writer writer = {finished, sizeof finished, 0};
    if (!address || !text)
        return SN_ERROR_ARGUMENT_NULL;
    if (!ip_address_append(address, &writer))
        return SN_ERROR_ARGUMENT;
    return text_deliver(finished, writer.length, text, size);
}
