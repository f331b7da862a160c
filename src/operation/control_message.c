#include "operation/control_message.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

size_t control_message_first(const uint8_t *bytes, size_t size, struct control_message *message)
{
    struct cmsghdr header;
    if (size < CMSG_LEN(0))
        return 0;
    memcpy(&header, bytes, sizeof header);
    size_t length = header.cmsg_len;
    if (length < CMSG_LEN(0) || length > size)
        return 0;
    *message = (struct control_message){
        .level = header.cmsg_level,
        .type = header.cmsg_type,
        .payload = bytes + CMSG_LEN(0),
        .payload_size = length - CMSG_LEN(0),
    };
    /* The padding of the last one may be missing. */
    size_t padded = CMSG_ALIGN(length);
    return padded < size ? padded : size;
}

static bool read_ipv4(const struct control_message *message, sn_ip_packet_information *out)
{
    struct in_pktinfo native;
    if (message->level != IPPROTO_IP || message->type != IP_PKTINFO ||
        message->payload_size < sizeof native)
        return false;
    memcpy(&native, message->payload, sizeof native);
    *out = (sn_ip_packet_information){.address.family = SN_FAMILY_IPV4,
                                      .interface_index = native.ipi_ifindex};
    memcpy(out->address.bytes, &native.ipi_addr, sizeof native.ipi_addr);
    return true;
}

/* An IPv4 datagram on a dual-mode socket is told as plain IPv4, never as a mapped address. */
static bool read_ipv6(const struct control_message *message, sn_ip_packet_information *out)
{
    struct in6_pktinfo native;
    if (message->level != IPPROTO_IPV6 || message->type != IPV6_PKTINFO ||
        message->payload_size < sizeof native)
        return false;
    memcpy(&native, message->payload, sizeof native);
    *out = (sn_ip_packet_information){.address.family = SN_FAMILY_IPV6,
                                      .interface_index = (int32_t)native.ipi6_ifindex};
    memcpy(out->address.bytes, &native.ipi6_addr, sizeof native.ipi6_addr);
    if (sn_ip_address_is_ipv4_mapped_to_ipv6(&out->address))
        out->address = sn_ip_address_map_to_ipv4(&out->address);
    return true;
}

/* Where a datagram came to, as far as its control messages have been read. */
struct arrival {
    sn_ip_packet_information information;
    bool is_told, is_by_ipv4;
};

/* The kernel adds IPv4 information to IPv4 datagrams only, so where both are there it is the one.
 */
static void read_arrival(const struct control_message *message, struct arrival *arrival)
{
    if (arrival->is_by_ipv4)
        return;
    if (read_ipv4(message, &arrival->information))
        arrival->is_told = arrival->is_by_ipv4 = true;
    else if (!arrival->is_told)
        arrival->is_told = read_ipv6(message, &arrival->information);
}

bool control_message_read(const void *bytes, size_t size, sn_ip_packet_information *out)
{
    const uint8_t *at = bytes;
    struct control_message message;
    struct arrival arrival;
    arrival.is_told = arrival.is_by_ipv4 = false;
    for (size_t used; !arrival.is_by_ipv4 && (used = control_message_first(at, size, &message)) > 0;
         at += used, size -= used)
        read_arrival(&message, &arrival);
    if (arrival.is_told)
        *out = arrival.information;
    return arrival.is_told;
}

/* --- All of it ------------------------------------------------------------------------------- */

static bool read_int(const struct control_message *message, int *out)
{
    if (message->payload_size < sizeof *out)
        return false;
    memcpy(out, message->payload, sizeof *out);
    return true;
}

static void tell_byte(int value, uint32_t extra, int32_t *to, sn_datagram_extras *out)
{
    if (value < 0 || value > UINT8_MAX)
        return;
    *to = value;
    out->present |= extra;
}

/* The kernel tells it in a byte, and takes an int, which is what an extra becomes. */
static bool read_service(const struct control_message *message, int *out)
{
    if (read_int(message, out))
        return true;
    if (message->payload_size == 0)
        return false;
    *out = message->payload[0];
    return true;
}

static void read_of_ipv4(const struct control_message *message, sn_datagram_extras *out)
{
    int value = -1;
    if (message->type == IP_TTL && read_int(message, &value))
        tell_byte(value, SN_DATAGRAM_TIME_TO_LIVE, &out->time_to_live, out);
    else if (message->type == IP_TOS && read_service(message, &value))
        tell_byte(value, SN_DATAGRAM_TRAFFIC_CLASS, &out->traffic_class, out);
}

static void read_of_ipv6(const struct control_message *message, sn_datagram_extras *out)
{
    int value = -1;
    if (message->type == IPV6_HOPLIMIT && read_int(message, &value))
        tell_byte(value, SN_DATAGRAM_TIME_TO_LIVE, &out->time_to_live, out);
    else if (message->type == IPV6_TCLASS && read_int(message, &value))
        tell_byte(value, SN_DATAGRAM_TRAFFIC_CLASS, &out->traffic_class, out);
}

bool control_message_read_time(const struct control_message *message, size_t index,
                               int64_t *out_time_ns)
{
    const int64_t second = 1000000000;
    struct timespec time;
    if (message->payload_size < (index + 1) * sizeof time)
        return false;
    memcpy(&time, message->payload + index * sizeof time, sizeof time);
    int64_t nanoseconds = 0;
    if (time.tv_nsec < 0 || time.tv_nsec >= second ||
        __builtin_mul_overflow((int64_t)time.tv_sec, second, &nanoseconds) ||
        __builtin_add_overflow(nanoseconds, (int64_t)time.tv_nsec, &nanoseconds))
        return false;
    *out_time_ns = nanoseconds;
    return true;
}

static void read_time(const struct control_message *message, sn_datagram_extras *out)
{
    if (message->type == SCM_TIMESTAMPNS && control_message_read_time(message, 0, &out->time_ns))
        out->present |= SN_DATAGRAM_TIME;
}

static void read_segment_size(const struct control_message *message, sn_datagram_extras *out)
{
    int size = 0;
    if (message->type != UDP_GRO || !read_int(message, &size) || size <= 0 ||
        size > SN_DATAGRAM_SEGMENTS_SIZE_MAX)
        return;
    out->segment_size = (size_t)size;
    out->present |= SN_DATAGRAM_SEGMENT_SIZE;
}

void control_message_read_extra(const struct control_message *message, sn_datagram_extras *out)
{
    switch (message->level) {
    case IPPROTO_IP: read_of_ipv4(message, out); break;
    case IPPROTO_IPV6: read_of_ipv6(message, out); break;
    case IPPROTO_UDP: read_segment_size(message, out); break;
    case SOL_SOCKET: read_time(message, out); break;
    default: break;
    }
}

static void tell_arrival(const struct arrival *arrival, sn_datagram_extras *out)
{
    if (!arrival->is_told)
        return;
    out->address = arrival->information.address;
    out->interface_index = arrival->information.interface_index;
    out->present |= SN_DATAGRAM_ADDRESS;
    /* Of a datagram from before the kernel was asked it does not know it any more. */
    if (arrival->information.interface_index > 0)
        out->present |= SN_DATAGRAM_INTERFACE;
}

void control_message_read_extras(const void *bytes, size_t size, sn_datagram_extras *out)
{
    const uint8_t *at = bytes;
    struct control_message message;
    struct arrival arrival;
    arrival.is_told = arrival.is_by_ipv4 = false;
    out->present = 0;
    for (size_t used; (used = control_message_first(at, size, &message)) > 0;
         at += used, size -= used) {
        read_arrival(&message, &arrival);
        control_message_read_extra(&message, out);
    }
    tell_arrival(&arrival, out);
}

/* --- Writing --------------------------------------------------------------------------------- */

size_t control_message_append(uint8_t *room, size_t size, int level, int type, const void *payload,
                              size_t payload_size)
{
    const struct cmsghdr header = {
        .cmsg_len = (uint32_t)CMSG_LEN(payload_size), .cmsg_level = level, .cmsg_type = type};
    memset(room + size, 0, CMSG_SPACE(payload_size));
    memcpy(room + size, &header, sizeof header);
    if (payload_size > 0)
        memcpy(room + size + CMSG_LEN(0), payload, payload_size);
    return size + CMSG_SPACE(payload_size);
}

static size_t append_ipv4(const sn_datagram_extras *extras, uint8_t *room, size_t size)
{
    struct in_pktinfo native = {0};
    if (extras->present & SN_DATAGRAM_INTERFACE)
        native.ipi_ifindex = extras->interface_index;
    if (extras->present & SN_DATAGRAM_ADDRESS)
        memcpy(&native.ipi_spec_dst, extras->address.bytes, sizeof native.ipi_spec_dst);
    return control_message_append(room, size, IPPROTO_IP, IP_PKTINFO, &native, sizeof native);
}

static size_t append_ipv6(const sn_datagram_extras *extras, uint8_t *room, size_t size)
{
    struct in6_pktinfo native = {0};
    if (extras->present & SN_DATAGRAM_INTERFACE)
        native.ipi6_ifindex = (unsigned)extras->interface_index;
    if (extras->present & SN_DATAGRAM_ADDRESS)
        memcpy(&native.ipi6_addr, extras->address.bytes, sizeof native.ipi6_addr);
    return control_message_append(room, size, IPPROTO_IPV6, IPV6_PKTINFO, &native, sizeof native);
}

_Static_assert(CONTROL_SENT_SIZE_MAX <= EXTRAS_CONTROL_SIZE, "fits");

void control_message_write_extras(sn_datagram_extras *extras, bool is_ipv4)
{
    uint8_t *room = extras_control(extras);
    int level = is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
    size_t size = 0;
    if (extras->present & (SN_DATAGRAM_ADDRESS | SN_DATAGRAM_INTERFACE))
        size = is_ipv4 ? append_ipv4(extras, room, size) : append_ipv6(extras, room, size);
    if (extras->present & SN_DATAGRAM_TIME_TO_LIVE)
        size = control_message_append(room, size, level, is_ipv4 ? IP_TTL : IPV6_HOPLIMIT,
                                      &extras->time_to_live, sizeof extras->time_to_live);
    if (extras->present & SN_DATAGRAM_TRAFFIC_CLASS)
        size = control_message_append(room, size, level, is_ipv4 ? IP_TOS : IPV6_TCLASS,
                                      &extras->traffic_class, sizeof extras->traffic_class);
    extras_set_control_size(extras, size);
}

size_t control_message_write_segment(void *room, uint16_t segment_size)
{
    return control_message_append(room, 0, IPPROTO_UDP, UDP_SEGMENT, &segment_size,
                                  sizeof segment_size);
}

/* --- Descriptors ----------------------------------------------------------------------------- */

size_t control_message_write_handles(void *room, const int32_t *handles, size_t count)
{
    return control_message_append(room, 0, SOL_SOCKET, SCM_RIGHTS, handles,
                                  count * sizeof *handles);
}

/* Those of one kind of message, behind `count` that are there. */
static size_t read_handles(const void *bytes, size_t size, int type, int32_t *handles, size_t count)
{
    const uint8_t *at = bytes;
    struct control_message message;
    for (size_t used; (used = control_message_first(at, size, &message)) > 0;
         at += used, size -= used) {
        size_t brought = message.payload_size / sizeof *handles;
        if (message.level != SOL_SOCKET || message.type != type)
            continue;
        if (brought > CONTROL_HANDLES_MAX - count) /* more bytes than the kernel was given */
            brought = CONTROL_HANDLES_MAX - count;
        if (brought > 0)
            memcpy(&handles[count], message.payload, brought * sizeof *handles);
        count += brought;
    }
    return count;
}

size_t control_message_read_handles(const void *bytes, size_t size, int32_t *out_handles,
                                    size_t *out_sent)
{
    *out_sent = read_handles(bytes, size, SCM_RIGHTS, out_handles, 0);
    return read_handles(bytes, size, SCM_PIDFD, out_handles, *out_sent);
}
