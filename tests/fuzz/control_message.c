/* The readers of control messages, control_message_read() and control_message_read_extras(). */
#include "operation/control_message.h"

#include <sennit/message.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include "fuzz.h"

/* Reads out of a block of exactly that size; false leaves `out` filled. */
static bool read_exactly(const uint8_t *data, size_t size, sn_ip_packet_information *out)
{
    uint8_t *exact = fuzz_exact(data, size);
    fuzz_fill(*out);
    bool is_found = control_message_read(exact, size, out);
    require(is_found || fuzz_is_untouched(*out));
    free(exact);
    return is_found;
}

static bool is_same(const sn_ip_packet_information *a, const sn_ip_packet_information *b)
{
    return memcmp(&a->address, &b->address, sizeof a->address) == 0 &&
           a->interface_index == b->interface_index;
}

/* Whether a message of the kind begins at that place, whole, and tells what was read. */
static bool tells(const uint8_t *data, size_t size, size_t at, const sn_ip_packet_information *read)
{
    struct cmsghdr header;
    struct in_pktinfo ipv4;
    struct in6_pktinfo ipv6;
    bool is_ipv4 = read->address.family == SN_FAMILY_IPV4;
    if (size - at < CMSG_LEN(0))
        return false;
    memcpy(&header, data + at, sizeof header);
    const uint8_t *payload = data + at + CMSG_LEN(0);
    if (header.cmsg_len > size - at)
        return false;
    if (is_ipv4 && header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_PKTINFO &&
        header.cmsg_len >= CMSG_LEN(sizeof ipv4)) {
        memcpy(&ipv4, payload, sizeof ipv4);
        return ipv4.ipi_ifindex == read->interface_index &&
               memcmp(&ipv4.ipi_addr, read->address.bytes, 4) == 0;
    }
    if (header.cmsg_level != IPPROTO_IPV6 || header.cmsg_type != IPV6_PKTINFO ||
        header.cmsg_len < CMSG_LEN(sizeof ipv6))
        return false;
    memcpy(&ipv6, payload, sizeof ipv6);
    const uint8_t *address = (const uint8_t *)&ipv6.ipi6_addr;
    return (int32_t)ipv6.ipi6_ifindex == read->interface_index &&
           memcmp(is_ipv4 ? address + 12 : address, read->address.bytes, is_ipv4 ? 4 : 16) == 0;
}

/* What was read stands in the bytes, where a message can begin. */
static void check_origin(const uint8_t *data, size_t size, const sn_ip_packet_information *read)
{
    require(read->address.family == SN_FAMILY_IPV4 || read->address.family == SN_FAMILY_IPV6);
    require(read->address.scope_id == 0);
    require(!sn_ip_address_is_ipv4_mapped_to_ipv6(&read->address));
    bool is_found = false;
    for (size_t at = 0; at < size && !is_found; at += CMSG_ALIGN(1))
        is_found = tells(data, size, at, read);
    require(is_found);
}

/* A message of each kind in front: an unknown one changes nothing, one that tells IPv4 decides. */
static void check_in_front(const uint8_t *data, size_t size, bool is_found,
                           const sn_ip_packet_information *read)
{
    struct in_pktinfo native = {.ipi_ifindex = 7, .ipi_addr = {htonl(0xC0000201)}};
    struct cmsghdr header = {
        .cmsg_len = CMSG_LEN(sizeof native), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_TIMESTAMP};
    size_t front = CMSG_SPACE(sizeof native);
    uint8_t *longer = calloc(1, front + size);
    require(longer);
    memcpy(longer, &header, sizeof header);
    memcpy(longer + CMSG_LEN(0), &native, sizeof native);
    if (size > 0)
        memcpy(longer + front, data, size);
    sn_ip_packet_information again;
    require(read_exactly(longer, front + size, &again) == is_found);
    require(!is_found || is_same(read, &again));

    header.cmsg_level = IPPROTO_IP;
    header.cmsg_type = IP_PKTINFO;
    memcpy(longer, &header, sizeof header);
    require(read_exactly(longer, front + size, &again));
    require(again.address.family == SN_FAMILY_IPV4 && again.interface_index == 7);
    require(memcmp(again.address.bytes, "\xC0\x00\x02\x01", 4) == 0);
    free(longer);
}

/* Cut off anywhere, nothing else is told than stands there. */
static void check_cut(const uint8_t *data, size_t size)
{
    sn_ip_packet_information read;
    for (size_t shorter = size > 128 ? 128 : size; shorter-- > 0;)
        if (read_exactly(data, shorter, &read))
            check_origin(data, shorter, &read);
}

/* --- Extras ----------------------------------------------------------------------------------- */

static sn_datagram_extras read_extras(const uint8_t *data, size_t size)
{
    sn_datagram_extras extras;
    uint8_t *exact = fuzz_exact(data, size);
    fuzz_fill(extras);
    control_message_read_extras(exact, size, &extras);
    free(exact);
    return extras;
}

/* What is told lies in its range; what is not told was not written; and the rest of the record is
 * the program's. */
static void check_extras(const uint8_t *data, size_t size)
{
    sn_datagram_extras read = read_extras(data, size), untouched;
    sn_ip_packet_information information;
    bool is_found = read_exactly(data, size, &information);
    fuzz_fill(untouched);
    require(read.wanted == untouched.wanted);
    require(memcmp(read.opaque, untouched.opaque, sizeof read.opaque) == 0);
    require((read.present & ~DATAGRAM_EXTRAS) == 0);
    require(is_found == ((read.present & SN_DATAGRAM_ADDRESS) != 0));
    require(!is_found || (read.interface_index == information.interface_index &&
                          sn_ip_address_equals(&read.address, &information.address)));
    require(((read.present & SN_DATAGRAM_INTERFACE) != 0) ==
            (is_found && information.interface_index > 0));
    if (read.present & SN_DATAGRAM_TIME_TO_LIVE)
        require(read.time_to_live >= 0 && read.time_to_live <= 255);
    else
        require(read.time_to_live == untouched.time_to_live);
    if (read.present & SN_DATAGRAM_TRAFFIC_CLASS)
        require(read.traffic_class >= 0 && read.traffic_class <= 255);
    else
        require(read.traffic_class == untouched.traffic_class);
    if (read.present & SN_DATAGRAM_SEGMENT_SIZE)
        require(read.segment_size > 0 && read.segment_size <= SN_DATAGRAM_SEGMENTS_SIZE_MAX);
    else
        require(read.segment_size == untouched.segment_size);
    require((read.present & SN_DATAGRAM_TIME) || read.time_ns == untouched.time_ns);
}

/* Messages in front of the bytes are told too, and what the bytes tell of the same comes later. */
static void check_extras_behind(const uint8_t *data, size_t size)
{
    sn_datagram_extras said = {.present = SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_TRAFFIC_CLASS,
                               .time_to_live = 7,
                               .traffic_class = 9};
    control_message_write_extras(&said, true);
    size_t front = extras_control_size(&said);
    uint8_t *longer = calloc(1, front + size + 1);
    require(longer);
    memcpy(longer, extras_control(&said), front);
    if (size > 0)
        memcpy(longer + front, data, size);
    sn_datagram_extras before = read_extras(data, size), read = read_extras(longer, front + size);
    require(read.present == (before.present | said.present));
    require((before.present & SN_DATAGRAM_TIME_TO_LIVE) || read.time_to_live == 7);
    require(!(before.present & SN_DATAGRAM_TIME_TO_LIVE) ||
            read.time_to_live == before.time_to_live);
    free(longer);
}

/* Cut off anywhere, no more is told than by the whole. */
static void check_extras_cut(const uint8_t *data, size_t size)
{
    for (size_t shorter = size > 128 ? 128 : size; shorter-- > 0;)
        check_extras(data, shorter);
}

/* --- Descriptors ------------------------------------------------------------------------------ */

/* Each stands in the bytes, and there is room for all. */
static void check_handles(const uint8_t *data, size_t size)
{
    static int32_t handles[CONTROL_HANDLES_MAX];
    size_t sent = SIZE_MAX;
    uint8_t *exact = fuzz_exact(data, size);
    size_t count = control_message_read_handles(exact, size, handles, &sent);
    require(count <= CONTROL_HANDLES_MAX && sent <= count);
    require(count * sizeof handles[0] <= size);
    for (size_t i = 0; i < count; i++)
        require(memmem(data, size, &handles[i], sizeof handles[i]));
    free(exact);
}

/* What is written in front comes first. */
static void check_handles_behind(const uint8_t *data, size_t size)
{
    static int32_t handles[CONTROL_HANDLES_MAX], behind[CONTROL_HANDLES_MAX];
    const int32_t written[3] = {7, 0, INT32_MAX};
    size_t front = CMSG_SPACE(sizeof written), sent = 0, sent_behind = 0;
    uint8_t *longer = calloc(1, front + size + 1);
    require(longer);
    require(control_message_write_handles(longer, written, 3) == front);
    if (size > 0)
        memcpy(longer + front, data, size);
    size_t count = control_message_read_handles(longer, front + size, handles, &sent);
    size_t rest = control_message_read_handles(data, size, behind, &sent_behind);
    require(sent >= 3 && memcmp(handles, written, sizeof written) == 0);
    require(rest + 3 > CONTROL_HANDLES_MAX || count == rest + 3);
    require(sent_behind + 3 > CONTROL_HANDLES_MAX ||
            memcmp(&handles[3], behind, sent_behind * sizeof behind[0]) == 0);
    free(longer);
}

/* --- As programs read them -------------------------------------------------------------------- */

/* Each lies in the bytes, behind the one before it; and written anew they are read the same. */
static void check_controls(const uint8_t *data, size_t size)
{
    uint8_t *exact = fuzz_exact(data, size), *copy = calloc(1, size + 64);
    sn_control control = {0}, again = {0};
    size_t copied = 0;
    const uint8_t *behind = exact;
    require(copy);
    while (sn_control_next(exact, size, &control)) {
        const uint8_t *at = control.data;
        require(at >= behind && at + control.size <= exact + size);
        behind = at + control.size;
        require(!sn_control_append(copy, size + 64, &copied, &control));
        require(sn_control_next(copy, copied, &again));
        require(again.level == control.level && again.type == control.type);
        require(again.size == control.size);
        require(memcmp(again.data, control.data, control.size) == 0);
    }
    require(!sn_control_next(copy, copied, &again));
    require(control_message_are_whole(copy, copied));
    free(copy);
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sn_ip_packet_information read;
    bool is_found = read_exactly(data, size, &read);
    if (is_found)
        check_origin(data, size, &read);
    check_in_front(data, size, is_found, &read);
    check_cut(data, size);
    check_extras(data, size);
    check_extras_behind(data, size);
    check_extras_cut(data, size);
    check_handles(data, size);
    check_handles_behind(data, size);
    check_controls(data, size);
    return 0;
}
