/*
 * Raw sockets (contract A.2, C.3 HeaderIncluded, D.4): ICMP and ICMPv6 on the loopback interface,
 * the other IP protocols, packets whose IP header the program writes. Trap 4.
 *
 * A raw socket hears everything of its protocol, so that each test takes what is its own and passes
 * over the rest.
 */
#include "support/transfer_support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <sys/wait.h>
#include <unistd.h>

static void need_privilege(void)
{
    if (!is_privileged())
        SKIP("raw sockets need a privilege");
}

static sn_socket *raw_make(sn_address_family family, sn_protocol_type protocol)
{
    sn_socket *socket = NULL;
    assert_ok(sn_socket_create(family, SN_TYPE_RAW, protocol, &socket));
    return socket;
}

static uint16_t internet_checksum(const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < size; i += 2)
        sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
    if (size % 2)
        sum += (uint32_t)(bytes[size - 1] << 8);
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static uint16_t own_id(void)
{
    return (uint16_t)getpid();
}

/* --- Echo ------------------------------------------------------------------------------------ */

struct echo {
    struct icmphdr header;
    char data[32];
};

static struct echo echo_request(uint16_t sequence)
{
    struct echo echo;
    memset(&echo, 0, sizeof echo);
    echo.header.type = ICMP_ECHO;
    echo.header.un.echo.id = htons(own_id());
    echo.header.un.echo.sequence = htons(sequence);
    snprintf(echo.data, sizeof echo.data, "sennit echo %d", sequence);
    echo.header.checksum = internet_checksum(&echo, sizeof echo);
    return echo;
}

/* An IPv4 raw socket receives the IP header too. False: somebody else's packet. */
static bool is_echo_reply(const uint8_t *packet, size_t size, const struct echo *request)
{
    struct iphdr ip;
    struct echo reply;
    if (size < sizeof ip)
        return false;
    memcpy(&ip, packet, sizeof ip);
    size_t header_size = ip.ihl * 4u;
    if (ip.protocol != IPPROTO_ICMP || size != header_size + sizeof reply)
        return false;
    memcpy(&reply, packet + header_size, sizeof reply);
    return reply.header.type == ICMP_ECHOREPLY &&
           reply.header.un.echo.id == request->header.un.echo.id &&
           reply.header.un.echo.sequence == request->header.un.echo.sequence &&
           memcmp(reply.data, request->data, sizeof reply.data) == 0;
}

/* D.4 Icmp */
TEST(an_icmp_echo_comes_back_over_ipv4)
{
    need_privilege();
    sn_socket *socket = raw_make(SN_FAMILY_IPV4, SN_PROTOCOL_ICMP);
    assert_int_equal(SN_TYPE_RAW, sn_socket_get_socket_type(socket));
    assert_int_equal(SN_PROTOCOL_ICMP, sn_socket_get_protocol_type(socket));
    sn_endpoint to = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    for (uint16_t sequence = 1; sequence <= 3; sequence++) {
        struct echo request = echo_request(sequence);
        size_t size = 0;
        assert_ok(do_send_to(socket, &request, sizeof request, SN_FLAG_NONE, &to, &size));
        assert_int_equal(sizeof request, size);
        uint8_t packet[256];
        sn_endpoint from;
        do {
            assert_ok(do_receive_from(socket, packet, sizeof packet, SN_FLAG_NONE, &from, &size));
        } while (!is_echo_reply(packet, size, &request));
        assert_same_endpoint(&to, &from);
    }
    sn_socket_release(socket);
}

/* A connected raw socket sends and receives without addresses. */
TEST(an_icmp_echo_comes_back_to_a_connected_socket)
{
    need_privilege();
    sn_socket *socket = raw_make(SN_FAMILY_IPV4, SN_PROTOCOL_ICMP);
    sn_endpoint to = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    assert_ok(do_connect(socket, &to));
    assert_true(sn_socket_is_connected(socket));
    struct echo request = echo_request(100);
    assert_ok(do_send(socket, &request, sizeof request, SN_FLAG_NONE, NULL));
    uint8_t packet[256];
    size_t size = 0;
    do {
        assert_ok(do_receive(socket, packet, sizeof packet, SN_FLAG_NONE, &size));
    } while (!is_echo_reply(packet, size, &request));
    sn_socket_release(socket);
}

/* D.4: Icmp on an IPv6 socket is ICMPv6, and IcmpV6 is the same */
TEST(an_icmp_echo_comes_back_over_ipv6)
{
    need_privilege();
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    static const sn_protocol_type protocols[] = {SN_PROTOCOL_ICMPV6, SN_PROTOCOL_ICMP};
    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        sn_socket *socket = raw_make(SN_FAMILY_IPV6, protocols[i]);
        assert_int_equal(protocols[i], sn_socket_get_protocol_type(socket));
        struct {
            struct icmp6_hdr header; /* the kernel fills in the checksum */
            char data[16];
        } request, reply;
        memset(&request, 0, sizeof request);
        request.header.icmp6_type = ICMP6_ECHO_REQUEST;
        request.header.icmp6_id = htons(own_id());
        request.header.icmp6_seq = htons((uint16_t)(i + 1));
        memcpy(request.data, "sennit over IPv6", sizeof request.data);
        sn_endpoint to = endpoint_of(&SN_IPV6_LOOPBACK, 0), from;
        size_t size = 0;
        assert_ok(do_send_to(socket, &request, sizeof request, SN_FLAG_NONE, &to, &size));
        do { /* no IP header here */
            assert_ok(do_receive_from(socket, &reply, sizeof reply, SN_FLAG_NONE, &from, &size));
        } while (size != sizeof reply || reply.header.icmp6_type != ICMP6_ECHO_REPLY ||
                 reply.header.icmp6_id != request.header.icmp6_id ||
                 reply.header.icmp6_seq != request.header.icmp6_seq);
        assert_memory_equal(request.data, reply.data, sizeof reply.data);
        assert_same_endpoint(&to, &from);
        sn_socket_release(socket);
    }
}

/* --- Other protocols ------------------------------------------------------------------------- */

/* D.4 */
TEST(a_raw_socket_can_be_made_for_each_protocol_of_its_family)
{
    need_privilege();
    static const struct {
        sn_protocol_type protocol;
        sn_error ipv4, ipv6;
    } cases[] = {
        {SN_PROTOCOL_ICMP, SN_OK, SN_OK},
        {SN_PROTOCOL_IGMP, SN_OK, SN_OK},
        {SN_PROTOCOL_TCP, SN_OK, SN_OK},
        {SN_PROTOCOL_UDP, SN_OK, SN_OK},
        {SN_PROTOCOL_RAW, SN_OK, SN_OK},
        {SN_PROTOCOL_IPV6_ROUTING_HEADER, SN_ERROR_PROTOCOL_NOT_SUPPORTED, SN_OK},
        {SN_PROTOCOL_IPV6_FRAGMENT_HEADER, SN_ERROR_PROTOCOL_NOT_SUPPORTED, SN_OK},
        {SN_PROTOCOL_ICMPV6, SN_ERROR_PROTOCOL_NOT_SUPPORTED, SN_OK},
        {SN_PROTOCOL_IPV6_NO_NEXT_HEADER, SN_ERROR_PROTOCOL_NOT_SUPPORTED, SN_OK},
        {SN_PROTOCOL_IPV6_DESTINATION_OPTIONS, SN_ERROR_PROTOCOL_NOT_SUPPORTED, SN_OK},
        {SN_PROTOCOL_UNSPECIFIED, SN_ERROR_PROTOCOL_NOT_SUPPORTED, SN_ERROR_PROTOCOL_NOT_SUPPORTED},
        {SN_PROTOCOL_GGP, SN_ERROR_PROTOCOL_NOT_SUPPORTED, SN_ERROR_PROTOCOL_NOT_SUPPORTED},
        {SN_PROTOCOL_IPX, SN_ERROR_PROTOCOL_NOT_SUPPORTED, SN_ERROR_PROTOCOL_NOT_SUPPORTED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (int is_ipv6 = 0; is_ipv6 <= 1; is_ipv6++) {
            if (is_ipv6 && !has_ipv6())
                continue;
            row_begin("%s over %s", sn_protocol_type_name(cases[i].protocol),
                      is_ipv6 ? "IPv6" : "IPv4");
            sn_socket *socket = NULL;
            sn_error expected = is_ipv6 ? cases[i].ipv6 : cases[i].ipv4;
            row_error(expected, sn_socket_create(is_ipv6 ? SN_FAMILY_IPV6 : SN_FAMILY_IPV4,
                                                 SN_TYPE_RAW, cases[i].protocol, &socket));
            row_equal(expected != SN_OK, socket == NULL);
            if (socket)
                row_equal(cases[i].protocol, sn_socket_get_protocol_type(socket));
            sn_socket_release(socket);
        }
    }
    rows_end();
}

/* The IGMP socket hears an IGMP packet that a raw sender makes. */
TEST(an_igmp_packet_arrives_at_an_igmp_socket)
{
    need_privilege();
    sn_socket *sender = raw_make(SN_FAMILY_IPV4, SN_PROTOCOL_IGMP);
    sn_socket *receiver = raw_make(SN_FAMILY_IPV4, SN_PROTOCOL_IGMP);
    sn_endpoint local = endpoint_of_text("127.0.0.78:0"), from;
    assert_ok(sn_socket_bind(receiver, &local));
    uint8_t query[8] = {0x11, 100, 0, 0, 239, 1, 2, 3}; /* who is a member of 239.1.2.3 */
    uint16_t checksum = internet_checksum(query, sizeof query);
    memcpy(query + 2, &checksum, sizeof checksum);
    assert_ok(do_send_to(sender, query, sizeof query, SN_FLAG_NONE, &local, NULL));
    uint8_t packet[128];
    size_t size = 0;
    assert_ok(do_receive_from(receiver, packet, sizeof packet, SN_FLAG_NONE, &from, &size));
    assert_true(size >= 20 + sizeof query);
    assert_memory_equal(query, packet + size - sizeof query, sizeof query);
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

/* --- Packets with a header of the program's -------------------------------------------------- */

struct packet {
    struct iphdr ip;
    struct udphdr udp;
    char data[5];
};

static struct packet udp_packet(int source_port, int port)
{
    struct packet packet;
    memset(&packet, 0, sizeof packet);
    packet.ip.version = 4;
    packet.ip.ihl = 5;
    packet.ip.ttl = 7;
    packet.ip.protocol = IPPROTO_UDP;    /* the kernel fills in length, id and checksum */
    packet.ip.saddr = htonl(0x7F000105); /* 127.0.1.5 */
    packet.ip.daddr = htonl(INADDR_LOOPBACK);
    packet.udp.source = htons((uint16_t)source_port);
    packet.udp.dest = htons((uint16_t)port);
    packet.udp.len = htons(sizeof packet.udp + sizeof packet.data); /* checksum 0: none */
    memcpy(packet.data, "hello", 5);
    return packet;
}

/* C.3 HeaderIncluded: with the Raw protocol it is on, with another one it is switched on */
TEST(a_packet_goes_out_with_the_header_that_the_program_wrote)
{
    need_privilege();
    static const sn_protocol_type protocols[] = {SN_PROTOCOL_RAW, SN_PROTOCOL_UDP};
    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        sn_socket *socket = raw_make(SN_FAMILY_IPV4, protocols[i]);
        sn_socket *receiver = socket_bound(UDP_IPV4);
        int value = -1;
        assert_ok(sn_socket_get_option(socket, SN_LEVEL_IP, SN_OPTION_HEADER_INCLUDED, &value));
        assert_int_equal(protocols[i] == SN_PROTOCOL_RAW, value);
        assert_ok(sn_socket_set_option(socket, SN_LEVEL_IP, SN_OPTION_HEADER_INCLUDED, 1));
        assert_ok(sn_socket_get_option(socket, SN_LEVEL_IP, SN_OPTION_HEADER_INCLUDED, &value));
        assert_int_equal(1, value);

        sn_endpoint to = local_endpoint(receiver), from;
        struct packet packet = udp_packet(4711, sn_endpoint_get_port(&to));
        size_t size = 0;
        assert_ok(do_send_to(socket, &packet, sizeof packet, SN_FLAG_NONE, &to, &size));
        assert_int_equal(sizeof packet, size);
        char data[8];
        assert_ok(do_receive_from(receiver, data, sizeof data, SN_FLAG_NONE, &from, &size));
        assert_int_equal(5, size);
        assert_memory_equal("hello", data, 5);
        sn_endpoint expected = endpoint_of_text("127.0.1.5:4711");
        assert_same_endpoint(&expected, &from);
        sn_socket_release(socket);
        sn_socket_release(receiver);
    }
}

/* The kernel refuses what is no IP packet. */
TEST(a_header_that_is_too_short_is_refused)
{
    need_privilege();
    sn_socket *socket = raw_make(SN_FAMILY_IPV4, SN_PROTOCOL_RAW);
    sn_endpoint to = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    size_t sent = 77;
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 do_send_to(socket, "short", 5, SN_FLAG_NONE, &to, &sent));
    assert_int_equal(77, sent);
    sn_socket_release(socket);
}

/* --- Without a privilege --------------------------------------------------------------------- */

/* What becomes of the attempt in a process without rights: its error, handed over as an exit
 * status. */
static sn_error error_without_privilege(sn_address_family family, sn_protocol_type protocol)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        sn_socket *socket = NULL;
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(9);
        switch ((int)sn_socket_create(family, SN_TYPE_RAW, protocol, &socket)) {
        case SN_OK: _exit(0);
        case SN_ERROR_ACCESS_DENIED: _exit(1);
        case SN_ERROR_PROTOCOL_NOT_SUPPORTED: _exit(2);
        default: _exit(3);
        }
    }
    int status = 0;
    pid_t ended;
    do {
        ended = waitpid(child, &status, 0);
    } while (ended < 0 && errno == EINTR);
    assert_int_equal(child, ended);
    static const sn_error errors[] = {SN_OK, SN_ERROR_ACCESS_DENIED,
                                      SN_ERROR_PROTOCOL_NOT_SUPPORTED};
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
    return code < 3 ? errors[code] : SN_ERROR_SOCKET_ERROR;
}

/* trap 4 */
TEST(a_raw_socket_without_a_privilege_is_denied)
{
    if (geteuid() != 0) {
        sn_socket *socket = NULL;
        if (is_privileged())
            SKIP("this user may make raw sockets");
        assert_error(SN_ERROR_ACCESS_DENIED,
                     sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_ICMP, &socket));
        assert_null(socket);
        return;
    }
    assert_error(SN_ERROR_ACCESS_DENIED, error_without_privilege(SN_FAMILY_IPV4, SN_PROTOCOL_ICMP));
    assert_error(SN_ERROR_ACCESS_DENIED, error_without_privilege(SN_FAMILY_IPV4, SN_PROTOCOL_RAW));
    if (has_ipv6())
        assert_error(SN_ERROR_ACCESS_DENIED,
                     error_without_privilege(SN_FAMILY_IPV6, SN_PROTOCOL_ICMPV6));
    assert_error(SN_ERROR_ACCESS_DENIED,
                 error_without_privilege(SN_FAMILY_PACKET, SN_PROTOCOL_UNSPECIFIED));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(an_icmp_echo_comes_back_over_ipv4),
        CASE(an_icmp_echo_comes_back_to_a_connected_socket),
        CASE(an_icmp_echo_comes_back_over_ipv6),
        CASE(a_raw_socket_can_be_made_for_each_protocol_of_its_family),
        CASE(an_igmp_packet_arrives_at_an_igmp_socket),
        CASE(a_packet_goes_out_with_the_header_that_the_program_wrote),
        CASE(a_header_that_is_too_short_is_refused),
        CASE(a_raw_socket_without_a_privilege_is_denied),
    };
    return RUN(cases);
}
