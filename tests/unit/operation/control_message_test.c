/* The reader of control messages: what it finds, and that nothing outside the bytes is read. */
#include "operation/control_message.h"

#include "support/sockets.h"
#include "support/test.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Bytes being written, one message after the other. */
struct bytes {
    uint8_t data[256];
    size_t size;
};

/* A message as the kernel lays it out: header, payload, padding. */
static void add(struct bytes *bytes, int level, int type, const void *payload, size_t size)
{
    struct cmsghdr header = {.cmsg_level = level, .cmsg_type = type};
    header.cmsg_len = CMSG_LEN(size);
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
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
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

/* Where the payload of the message of that kind ends. */
static size_t end_of(struct bytes *bytes, int level, int type)
{
    struct msghdr message = {.msg_control = bytes->data, .msg_controllen = bytes->size};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    while (header && (header->cmsg_level != level || header->cmsg_type != type))
        header = CMSG_NXTHDR(&message, header);
    assert_non_null(header);
    return (size_t)((uint8_t *)header - bytes->data) + header->cmsg_len;
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
