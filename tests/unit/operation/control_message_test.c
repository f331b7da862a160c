/* The reader of control messages: what it finds, and that nothing outside the bytes is read. */
#include "operation/control_message.h"

#include "support/sockets.h"
#include "support/test.h"

#include <netinet/in.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/base.h"

/* Bytes being written, one message after the other. */
struct bytes {
    uint8_t data[256];
    size_t size;
};

/* A message as the kernel lays it out: header, payload, padding. */
static void add(struct bytes *bytes, int level, int type, const void *payload, size_t size)
{
    struct cmsghdr header = {.cmsg_level = level, .cmsg_type = type};
    header.cmsg_len = (socklen_t)CMSG_LEN(size); /* fits any type of it */
    memset(bytes->data + bytes->size, 0, CMSG_SPACE(size));
    memcpy(bytes->data + bytes->size, &header, sizeof header);
    memcpy(bytes->data + bytes->size + CMSG_LEN(0), payload, size);
    bytes->size += CMSG_SPACE(size);
}

static void add_ipv4(struct bytes *bytes, int interface)
{
    struct in_pktinfo native = {.ipi_ifindex = interface};
    native.ipi_spec_dst.s_addr = htonl(0x7F0000FE); /* not what is reported */
    native.ipi_addr.s_addr = htonl(0xEF010203);
    add(bytes, IPPROTO_IP, IP_PKTINFO, &native, sizeof native);
}

static void add_ipv6(struct bytes *bytes, const sn_ip_address *address, unsigned interface)
{
    struct in6_pktinfo native = {.ipi6_ifindex = interface};
    memcpy(&native.ipi6_addr, address->bytes, sizeof native.ipi6_addr);
    add(bytes, IPPROTO_IPV6, IPV6_PKTINFO, &native, sizeof native);
}

/* Reads the first `size` bytes out of memory of exactly that size. */
static bool read_exactly(const void *data, size_t size, sn_ip_packet_information *out)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);
    assert_non_null(exact);
    if (size > 0)
        memcpy(exact, data, size);
    bool is_found = control_message_read(exact, size, out);
    free(exact);
    return is_found;
}

static bool read_all(const struct bytes *bytes, sn_ip_packet_information *out)
{
    return read_exactly(bytes->data, bytes->size, out);
}

static sn_ip_address address_of(const char *text)
{
    sn_ip_address address;
    assert_ok(sn_ip_address_parse(text, &address));
    return address;
}

static void assert_information(const char *address, int interface,
                               const sn_ip_packet_information *actual)
{
    sn_ip_address expected = address_of(address);
    assert_true(sn_ip_address_equals(&expected, &actual->address));
    assert_int_equal(interface, actual->interface_index);
}

TEST(ipv4_information_is_the_destination_and_the_interface)
{
    struct bytes bytes = {.size = 0};
    sn_ip_packet_information information;
    add_ipv4(&bytes, 7);
    assert_true(read_all(&bytes, &information));
    assert_information("239.1.2.3", 7, &information);
}

TEST(ipv6_information_is_the_destination_and_the_interface)
{
    struct bytes bytes = {.size = 0};
    sn_ip_packet_information information;
    sn_ip_address address = address_of("ff02::1:2");
    add_ipv6(&bytes, &address, 9);
    assert_true(read_all(&bytes, &information));
    assert_information("ff02::1:2", 9, &information);
}

TEST(a_mapped_destination_is_told_as_plain_ipv4)
{
    struct bytes bytes = {.size = 0};
    sn_ip_packet_information information;
    sn_ip_address address = address_of("::ffff:127.0.0.1");
    add_ipv6(&bytes, &address, 1);
    assert_true(read_all(&bytes, &information));
    assert_information("127.0.0.1", 1, &information);
}

TEST(of_both_informations_the_ipv4_one_counts_in_either_order)
{
    sn_ip_packet_information information;
    sn_ip_address address = address_of("::ffff:127.0.0.1");
    for (int ipv4_first = 0; ipv4_first <= 1; ipv4_first++) {
        struct bytes bytes = {.size = 0};
        if (ipv4_first)
            add_ipv4(&bytes, 7);
        add_ipv6(&bytes, &address, 1);
        if (!ipv4_first)
            add_ipv4(&bytes, 7);
        assert_true(read_all(&bytes, &information));
        assert_information("239.1.2.3", 7, &information);
    }
}

TEST(messages_of_other_kinds_are_passed_over)
{
    struct bytes bytes = {.size = 0};
    sn_ip_packet_information information;
    add(&bytes, SOL_SOCKET, SCM_TIMESTAMP, "0123456789abcdef", 16);
    add(&bytes, IPPROTO_IP, IP_TOS, "x", 1);
    add(&bytes, IPPROTO_IPV6, IP_PKTINFO, "0123456789ab", 12);
    add(&bytes, 4711, -1, "", 0);
    assert_false(read_all(&bytes, &information));
    add_ipv4(&bytes, 7);
    assert_true(read_all(&bytes, &information));
    assert_information("239.1.2.3", 7, &information);
}

TEST(a_message_that_is_cut_anywhere_is_none)
{
    struct bytes bytes = {.size = 0};
    sn_ip_address address = address_of("::1");
    add_ipv6(&bytes, &address, 9);
    for (size_t size = 0; size <= bytes.size; size++) {
        sn_ip_packet_information information = {.interface_index = 77};
        bool is_whole = size >= CMSG_LEN(sizeof(struct in6_pktinfo));
        assert_int_equal(is_whole, read_exactly(bytes.data, size, &information));
        assert_int_equal(is_whole ? 9 : 77, information.interface_index);
    }
}

/* Every length that a header may claim, on both kinds, in room of every size around it. */
TEST(a_header_that_lies_about_its_length_reads_nothing_outside)
{
    static const size_t lengths[] = {
        0,  1,  8,  15,       16,           17,           27,        28,         29,       31, 32,
        35, 36, 37, SIZE_MAX, SIZE_MAX - 7, SIZE_MAX / 2, INT32_MAX, UINT32_MAX, 1u << 31, 48,
    };
    for (int kind = 0; kind < 2; kind++) {
        struct bytes bytes = {.size = 0};
        sn_ip_address address = address_of("::1");
        if (kind == 0)
            add_ipv4(&bytes, 7);
        else
            add_ipv6(&bytes, &address, 9);
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
            struct cmsghdr header;
            memcpy(&header, bytes.data, sizeof header);
            memcpy(&header.cmsg_len, &lengths[i], sizeof header.cmsg_len);
            memcpy(bytes.data, &header, sizeof header);
            for (size_t size = 0; size <= bytes.size; size++) {
                sn_ip_packet_information information;
                size_t payload = kind == 0 ? sizeof(struct in_pktinfo) : sizeof(struct in6_pktinfo);
                bool is_whole = header.cmsg_len >= CMSG_LEN(payload) && header.cmsg_len <= size;
                assert_int_equal(is_whole, read_exactly(bytes.data, size, &information));
            }
        }
    }
}

TEST(messages_without_payload_come_to_an_end)
{
    struct bytes bytes = {.size = 0};
    sn_ip_packet_information information;
    for (int i = 0; i < 8; i++)
        add(&bytes, IPPROTO_IP, IP_PKTINFO, "", 0);
    assert_false(read_all(&bytes, &information));
}

/* A small generator of its own: the same bytes in every run. */
TEST(random_bytes_read_nothing_outside)
{
    uint32_t random = 12345;
    for (int round = 0; round < 20000; round++) {
        struct bytes bytes = {.size = (size_t)round % 137};
        for (size_t i = 0; i < bytes.size; i++) {
            random = (uint32_t)((uint64_t)random * 1103515245u + 12345u);
            /* Mostly small numbers, so that lengths and types are often nearly right. */
            uint8_t byte = (uint8_t)(random >> 16);
            bytes.data[i] = i % 4 ? (uint8_t)(byte & 1) : (uint8_t)(byte & 63);
        }
        sn_ip_packet_information information;
        (void)read_all(&bytes, &information);
    }
}

/* --- Messages that the kernel writes --------------------------------------------------------- */

/* Sends a datagram to the socket itself and receives it, with so much room for control messages.
 * Returns the flags that the kernel sets; `bytes` is what it wrote. */
static int receive_own(sn_socket *socket, size_t room, struct bytes *bytes)
{
    char data[8];
    struct iovec piece = {data, sizeof data};
    uint8_t *control = malloc(room > 0 ? room : 1); /* exactly: the kernel must not write more */
    assert_non_null(control);
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = (socklen_t)room};
    sn_endpoint self = local_endpoint(socket);
    size_t sent;
    assert_ok(sn_socket_send_to(socket, "x", 1, SN_FLAG_NONE, &self, &sent));
    wait_readable(socket);
    assert_int_equal(1, recvmsg(sn_socket_get_handle(socket), &message, 0));
    assert_true(message.msg_controllen <= room);
    bytes->size = message.msg_controllen;
    memcpy(bytes->data, control, bytes->size);
    free(control);
    return message.msg_flags;
}

static void switch_on(sn_socket *socket, int level, int option)
{
    int one = 1;
    assert_int_equal(0, setsockopt(sn_socket_get_handle(socket), level, option, &one, sizeof one));
}

/* Where the payload of the message of that kind ends. The macros that go through messages compare
 * signed with unsigned in musl, so they are gone through by hand. */
static size_t end_of(const struct bytes *bytes, int level, int type)
{
    struct cmsghdr header;
    for (size_t place = 0;; place += CMSG_ALIGN(header.cmsg_len)) {
        assert_true(place + sizeof header <= bytes->size);
        memcpy(&header, bytes->data + place, sizeof header);
        if (header.cmsg_level == level && header.cmsg_type == type)
            return place + header.cmsg_len;
    }
}

/* The kernel cuts the last message to the room there is, header and length included, and says so.
 */
static void check_every_room(sn_socket *socket, int level, int type, const char *address)
{
    struct bytes whole;
    sn_ip_packet_information information;
    assert_int_equal(0, receive_own(socket, sizeof whole.data, &whole) & MSG_CTRUNC);
    size_t end = end_of(&whole, level, type);
    for (size_t room = 0; room <= whole.size; room++) {
        struct bytes bytes;
        int flags = receive_own(socket, room, &bytes);
        information = (sn_ip_packet_information){.interface_index = 77};
        assert_true(room >= end || (flags & MSG_CTRUNC));
        assert_int_equal(room >= end, read_all(&bytes, &information));
        if (room >= end)
            assert_information(address, 1, &information);
        else
            assert_int_equal(77, information.interface_index);
    }
}

TEST(what_the_kernel_cuts_off_of_ipv4_information_is_not_read)
{
    sn_socket *socket = socket_bound(UDP_IPV4);
    switch_on(socket, IPPROTO_IP, IP_PKTINFO);
    check_every_room(socket, IPPROTO_IP, IP_PKTINFO, "127.0.0.1");
    sn_socket_release(socket);
}

TEST(what_the_kernel_cuts_off_of_ipv6_information_is_not_read)
{
    if (transport_missing(UDP_IPV6))
        SKIP("%s", transport_missing(UDP_IPV6));
    sn_socket *socket = socket_bound(UDP_IPV6);
    switch_on(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO);
    check_every_room(socket, IPPROTO_IPV6, IPV6_PKTINFO, "::1");
    sn_socket_release(socket);
}

/* A timestamp comes before the information, the others behind it. */
TEST(what_the_kernel_adds_of_other_kinds_is_passed_over)
{
    sn_socket *socket = socket_bound(UDP_IPV4);
    switch_on(socket, SOL_SOCKET, SO_TIMESTAMP);
    switch_on(socket, IPPROTO_IP, IP_RECVTTL);
    switch_on(socket, IPPROTO_IP, IP_RECVTOS);
    struct bytes bytes;
    sn_ip_packet_information information;
    (void)receive_own(socket, sizeof bytes.data, &bytes);
    assert_true(bytes.size > 2 * CMSG_SPACE(1));
    assert_false(read_all(&bytes, &information));
    switch_on(socket, IPPROTO_IP, IP_PKTINFO);
    check_every_room(socket, IPPROTO_IP, IP_PKTINFO, "127.0.0.1");
    sn_socket_release(socket);
}

/* --- Extras ----------------------------------------------------------------------------------- */

/* Reads the first `size` bytes out of memory of exactly that size. */
static sn_datagram_extras read_extras(const void *data, size_t size)
{
    sn_datagram_extras extras;
    uint8_t *exact = malloc(size > 0 ? size : 1);
    assert_non_null(exact);
    if (size > 0)
        memcpy(exact, data, size);
    memset(&extras, 0xEE, sizeof extras);
    control_message_read_extras(exact, size, &extras);
    free(exact);
    return extras;
}

static void add_int(struct bytes *bytes, int level, int type, int value)
{
    add(bytes, level, type, &value, sizeof value);
}

TEST(each_extra_is_told_by_its_message)
{
    struct bytes bytes = {.size = 0};
    const struct timespec time = {.tv_sec = 5, .tv_nsec = 7};
    const uint8_t class = 0xB9;
    add(&bytes, SOL_SOCKET, SCM_TIMESTAMPNS, &time, sizeof time);
    add_ipv4(&bytes, 3);
    add_int(&bytes, IPPROTO_IP, IP_TTL, 61);
    add(&bytes, IPPROTO_IP, IP_TOS, &class, sizeof class);
    add_int(&bytes, IPPROTO_UDP, UDP_GRO, 1200);
    sn_datagram_extras extras = read_extras(bytes.data, bytes.size);
    assert_int_equal(extras.present, DATAGRAM_EXTRAS);
    assert_int_equal(extras.time_ns, 5000000007);
    assert_int_equal(extras.interface_index, 3);
    assert_int_equal(extras.time_to_live, 61);
    assert_int_equal(extras.traffic_class, 0xB9);
    assert_int_equal(extras.segment_size, 1200);

    bytes.size = 0;
    sn_ip_address address = address_of("fe80::1");
    add_ipv6(&bytes, &address, 4);
    add_int(&bytes, IPPROTO_IPV6, IPV6_HOPLIMIT, 255);
    add_int(&bytes, IPPROTO_IPV6, IPV6_TCLASS, 1);
    extras = read_extras(bytes.data, bytes.size);
    assert_int_equal(extras.present, SN_DATAGRAM_ADDRESS | SN_DATAGRAM_INTERFACE |
                                         SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_TRAFFIC_CLASS);
    assert_int_equal(extras.interface_index, 4);
    assert_int_equal(extras.time_to_live, 255);
    assert_int_equal(extras.traffic_class, 1);
}

/* As it is written for a send, and as it comes; a longer number is no class. */
TEST(a_class_is_a_byte_or_a_number)
{
    struct bytes bytes = {.size = 0};
    add_int(&bytes, IPPROTO_IP, IP_TOS, 0xB9);
    sn_datagram_extras extras = read_extras(bytes.data, bytes.size);
    assert_int_equal(extras.present, SN_DATAGRAM_TRAFFIC_CLASS);
    assert_int_equal(extras.traffic_class, 0xB9);
    bytes.size = 0;
    add_int(&bytes, IPPROTO_IP, IP_TOS, 0x390000B9);
    assert_int_equal(read_extras(bytes.data, bytes.size).present, 0);
    bytes.size = 0;
    add(&bytes, IPPROTO_IP, IP_TOS, "", 0);
    assert_int_equal(read_extras(bytes.data, bytes.size).present, 0);
}

/* From before the kernel was asked: it knows the address and not the interface. */
TEST(an_interface_that_is_not_known_is_not_told)
{
    struct bytes bytes = {.size = 0};
    add_ipv4(&bytes, 0);
    sn_datagram_extras extras = read_extras(bytes.data, bytes.size);
    assert_int_equal(extras.present, SN_DATAGRAM_ADDRESS);
}

TEST(a_number_that_cannot_be_is_not_told)
{
    static const struct {
        int level, type, value;
    } rows[] = {
        {IPPROTO_IP, IP_TTL, 256},          {IPPROTO_IP, IP_TTL, -1},
        {IPPROTO_IPV6, IPV6_HOPLIMIT, 999}, {IPPROTO_IPV6, IPV6_TCLASS, INT_MIN},
        {IPPROTO_UDP, UDP_GRO, 0},          {IPPROTO_UDP, UDP_GRO, -5},
        {IPPROTO_UDP, UDP_GRO, 65536},      {SOL_SOCKET, SCM_TIMESTAMPNS, 1},
        {IPPROTO_UDP, UDP_SEGMENT, 100},    {IPPROTO_IP, IP_RECVTTL, 5},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        struct bytes bytes = {.size = 0};
        add_int(&bytes, rows[i].level, rows[i].type, rows[i].value);
        assert_int_equal(read_extras(bytes.data, bytes.size).present, 0);
    }
    static const struct timespec times[] = {
        {.tv_sec = 1, .tv_nsec = 1000000000}, {.tv_sec = 1, .tv_nsec = -1}, {.tv_sec = LONG_MAX}};
    for (size_t i = 0; i < array_count(times); i++) {
        struct bytes bytes = {.size = 0};
        add(&bytes, SOL_SOCKET, SCM_TIMESTAMPNS, &times[i], sizeof times[i]);
        assert_int_equal(read_extras(bytes.data, bytes.size).present, 0);
    }
}

/* Each message that stands there whole is told, however the bytes end. */
TEST(extras_that_are_cut_off_are_told_up_to_there)
{
    struct bytes bytes = {.size = 0};
    add_int(&bytes, IPPROTO_IP, IP_TTL, 61);
    add_int(&bytes, IPPROTO_UDP, UDP_GRO, 1200);
    for (size_t size = 0; size <= bytes.size; size++) {
        uint32_t expected = size >= CMSG_LEN(sizeof(int)) ? SN_DATAGRAM_TIME_TO_LIVE : 0;
        if (size >= CMSG_SPACE(sizeof(int)) + CMSG_LEN(sizeof(int)))
            expected |= SN_DATAGRAM_SEGMENT_SIZE;
        assert_int_equal(read_extras(bytes.data, size).present, expected);
    }
}

/* What is written for the kernel says the same as what it would tell. */
TEST(what_is_written_can_be_read)
{
    for (int is_ipv4 = 0; is_ipv4 < 2; is_ipv4++) {
        sn_datagram_extras extras = {.present = SN_DATAGRAM_INTERFACE | SN_DATAGRAM_TIME_TO_LIVE |
                                                SN_DATAGRAM_TRAFFIC_CLASS,
                                     .interface_index = 7,
                                     .time_to_live = 3,
                                     .traffic_class = 0xB8};
        control_message_write_extras(&extras, is_ipv4);
        size_t size = extras_control_size(&extras);
        assert_true(size + CONTROL_SEGMENT_SIZE <= EXTRAS_CONTROL_SIZE);
        sn_datagram_extras read = read_extras(extras_control(&extras), size);
        assert_int_equal(read.present, extras.present | SN_DATAGRAM_ADDRESS);
        assert_int_equal(read.interface_index, 7);
        assert_int_equal(read.time_to_live, 3);
        assert_int_equal(read.traffic_class, 0xB8);
        extras.present = 0;
        control_message_write_extras(&extras, is_ipv4);
        assert_int_equal(extras_control_size(&extras), 0);
    }
}

TEST(a_size_that_was_written_over_is_not_believed)
{
    sn_datagram_extras extras;
    memset(&extras, 0xFF, sizeof extras);
    assert_int_equal(extras_control_size(&extras), EXTRAS_CONTROL_SIZE);
    control_message_read_extras(extras_control(&extras), extras_control_size(&extras), &extras);
    assert_int_equal(extras.present, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4_information_is_the_destination_and_the_interface),
        cmocka_unit_test(ipv6_information_is_the_destination_and_the_interface),
        cmocka_unit_test(a_mapped_destination_is_told_as_plain_ipv4),
        cmocka_unit_test(of_both_informations_the_ipv4_one_counts_in_either_order),
        cmocka_unit_test(messages_of_other_kinds_are_passed_over),
        cmocka_unit_test(a_message_that_is_cut_anywhere_is_none),
        cmocka_unit_test(a_header_that_lies_about_its_length_reads_nothing_outside),
        cmocka_unit_test(messages_without_payload_come_to_an_end),
        cmocka_unit_test(random_bytes_read_nothing_outside),
        cmocka_unit_test(what_the_kernel_cuts_off_of_ipv4_information_is_not_read),
        cmocka_unit_test(what_the_kernel_cuts_off_of_ipv6_information_is_not_read),
        cmocka_unit_test(what_the_kernel_adds_of_other_kinds_is_passed_over),
        cmocka_unit_test(each_extra_is_told_by_its_message),
        cmocka_unit_test(a_class_is_a_byte_or_a_number),
        cmocka_unit_test(an_interface_that_is_not_known_is_not_told),
        cmocka_unit_test(a_number_that_cannot_be_is_not_told),
        cmocka_unit_test(extras_that_are_cut_off_are_told_up_to_there),
        cmocka_unit_test(what_is_written_can_be_read),
        cmocka_unit_test(a_size_that_was_written_over_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
