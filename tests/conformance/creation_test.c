/*
 * Making sockets (contract A.2, D.2 to D.4; traps 1 to 6): every number of the three enumerations
 * either makes a socket or gives exactly the error that is named for it.
 */
#include "support/run.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/transfer_support.h"

#ifndef AF_CAN
#define AF_CAN 29
#endif

/* --- What the contract says ------------------------------------------------------------------ */

#define UNMAPPED (-1000)

/* D.2: every value that is not here is rejected. */
static int native_family(int family)
{
    switch (family) {
    case SN_FAMILY_UNSPECIFIED: return AF_UNSPEC;
    case SN_FAMILY_UNIX: return AF_UNIX;
    case SN_FAMILY_IPV4: return AF_INET;
    case SN_FAMILY_IPV6: return AF_INET6;
    case SN_FAMILY_PACKET: return AF_PACKET;
    case SN_FAMILY_CAN: return AF_CAN;
    default: return UNMAPPED;
    }
}

/* D.3 */
static int native_type(int type)
{
    return type >= SN_TYPE_STREAM && type <= SN_TYPE_SEQPACKET ? type : UNMAPPED;
}

/* D.4, a row a protocol; the columns are IPv4, IPv6, Unix and unspecified, CAN. */
static const struct {
    int protocol, ipv4, ipv6, local, can;
} protocols[] = {
    {SN_PROTOCOL_UNSPECIFIED, 0, 0, 0, 0},
    {SN_PROTOCOL_ICMP, IPPROTO_ICMP, IPPROTO_ICMPV6, UNMAPPED, UNMAPPED},
    {SN_PROTOCOL_IGMP, IPPROTO_IGMP, IPPROTO_IGMP, UNMAPPED, UNMAPPED},
    {SN_PROTOCOL_TCP, IPPROTO_TCP, IPPROTO_TCP, UNMAPPED, UNMAPPED},
    {SN_PROTOCOL_UDP, IPPROTO_UDP, IPPROTO_UDP, UNMAPPED, UNMAPPED},
    {SN_PROTOCOL_IPV6_ROUTING_HEADER, UNMAPPED, IPPROTO_ROUTING, UNMAPPED, UNMAPPED},
    {SN_PROTOCOL_IPV6_FRAGMENT_HEADER, UNMAPPED, IPPROTO_FRAGMENT, UNMAPPED, UNMAPPED},
    {SN_PROTOCOL_ICMPV6, UNMAPPED, IPPROTO_ICMPV6, UNMAPPED, UNMAPPED},
    {SN_PROTOCOL_IPV6_NO_NEXT_HEADER, UNMAPPED, IPPROTO_NONE, UNMAPPED, UNMAPPED},
    {SN_PROTOCOL_IPV6_DESTINATION_OPTIONS, UNMAPPED, IPPROTO_DSTOPTS, UNMAPPED, UNMAPPED},
    {SN_PROTOCOL_RAW, IPPROTO_RAW, IPPROTO_RAW, UNMAPPED, 1 /* CAN_RAW */},
};

static int native_protocol(int family, int protocol)
{
    if (family == SN_FAMILY_PACKET)
        return protocol; /* any number, unchanged */
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        if (protocols[i].protocol != protocol)
            continue;
        switch (family) {
        case SN_FAMILY_IPV4: return protocols[i].ipv4;
        case SN_FAMILY_IPV6: return protocols[i].ipv6;
        case SN_FAMILY_CAN: return protocols[i].can;
        default: return protocols[i].local;
        }
    }
    return UNMAPPED;
}

/* The first of the three that cannot be mapped decides; then the kernel is asked (A.2). */
static sn_error expected_error(int family, int type, int protocol)
{
    if (native_family(family) == UNMAPPED)
        return SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED;
    if (native_type(type) == UNMAPPED)
        return SN_ERROR_PROTOCOL_TYPE;
    if (native_protocol(family, protocol) == UNMAPPED)
        return SN_ERROR_PROTOCOL_NOT_SUPPORTED;
    int handle = socket(native_family(family), native_type(type) | SOCK_CLOEXEC,
                        native_protocol(family, protocol));
    if (handle < 0)
        return sn_error_from_native(errno);
    close(handle);
    return SN_OK;
}

/* --- Every combination ----------------------------------------------------------------------- */

static const int families[] = {
#define X(id, number, name) number,
    SN_ADDRESS_FAMILY_TABLE(X)
#undef X
        20,
    23 + 7,
    10,
    17,
    65538,
    INT_MAX,
    INT_MIN};
static const int types[] = {-1, 0, 1, 2, 3, 4, 5, 6, 10, 2049, INT_MIN};
static const int protocol_numbers[] = {
#define X(id, number, name) number,
    SN_PROTOCOL_TYPE_TABLE(X)
#undef X
        3,
    5,
    132,
    136,
    256,
    262,
    INT_MAX,
    INT_MIN};

static void check_combination(int family, int type, int protocol)
{
    sn_socket *const untouched = (sn_socket *)(uintptr_t)&family;
    sn_socket *made = untouched;
    row_begin("family %d, type %d, protocol %d", family, type, protocol);
    sn_error expected = expected_error(family, type, protocol);
    row_error(expected, sn_socket_create((sn_address_family)family, (sn_socket_type)type,
                                         (sn_protocol_type)protocol, &made));
    if (made == untouched)
        return;
    row_equal(SN_OK, expected);
    /* The properties say what was asked for, also where the kernel chose (A.1). */
    row_equal(family, sn_socket_get_address_family(made));
    row_equal(type, sn_socket_get_socket_type(made));
    row_equal(protocol, sn_socket_get_protocol_type(made));
    row_equal(false, sn_socket_is_bound(made));
    row_equal(false, sn_socket_is_connected(made));
    row_equal(true, sn_socket_is_blocking(made));
    sn_socket_release(made);
}

/* Traps 2, 3, 4 and 6 among others. The kernel's own answer is asked for each, so that the test
 * holds with and without a privilege and whatever modules the kernel has. */
TEST(every_combination_of_family_type_and_protocol_works_or_gives_the_named_error)
{
    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (size_t t = 0; t < COUNT_OF(types); t++)
            for (size_t p = 0; p < COUNT_OF(protocol_numbers); p++)
                check_combination(families[f], types[t], protocol_numbers[p]);
    rows_end();
}

/* What a program relies on, said without the help of the tables above. */
static const struct {
    int family, type, protocol;
    sn_error expected;
    bool needs_privilege;
} known[] = {
    {SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, SN_OK, false},
    {SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED, SN_OK, false},
    {SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, SN_OK, false},
    {SN_FAMILY_UNIX, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED, SN_OK, false},
    {SN_FAMILY_UNIX, SN_TYPE_DATAGRAM, SN_PROTOCOL_UNSPECIFIED, SN_OK, false},
    {SN_FAMILY_UNIX, SN_TYPE_SEQPACKET, SN_PROTOCOL_UNSPECIFIED, SN_OK, false},
    {SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_ICMP, SN_OK, true},
    {SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_IGMP, SN_OK, true},
    {SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_TCP, SN_OK, true},
    {SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_UDP, SN_OK, true},
    {SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_RAW, SN_OK, true},
    {SN_FAMILY_PACKET, SN_TYPE_RAW, SN_PROTOCOL_UNSPECIFIED, SN_OK, true},
    {SN_FAMILY_PACKET, SN_TYPE_RAW, SN_PROTOCOL_RAW, SN_OK, true},
    {SN_FAMILY_PACKET, SN_TYPE_DATAGRAM, SN_PROTOCOL_UNSPECIFIED, SN_OK, true},
    {SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_TCP, SN_ERROR_PROTOCOL_NOT_SUPPORTED, false},
    {SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_UDP, SN_ERROR_PROTOCOL_NOT_SUPPORTED, false},
    {SN_FAMILY_IPV4, SN_TYPE_RDM, SN_PROTOCOL_TCP, SN_ERROR_SOCKET_NOT_SUPPORTED, false},
    {SN_FAMILY_IPV4, SN_TYPE_UNKNOWN, SN_PROTOCOL_TCP, SN_ERROR_PROTOCOL_TYPE, false},
    {SN_FAMILY_UNIX, SN_TYPE_RDM, SN_PROTOCOL_UNSPECIFIED, SN_ERROR_SOCKET_NOT_SUPPORTED, false},
    {SN_FAMILY_UNIX, SN_TYPE_STREAM, SN_PROTOCOL_TCP, SN_ERROR_PROTOCOL_NOT_SUPPORTED, false},
    {SN_FAMILY_UNKNOWN, SN_TYPE_STREAM, SN_PROTOCOL_TCP, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED,
     false},
    {SN_FAMILY_UNSPECIFIED, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED,
     SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED, false},
    {SN_FAMILY_UNKNOWN, SN_TYPE_UNKNOWN, SN_PROTOCOL_UNKNOWN, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED,
     false},
};

static void check_known(bool privileged_rows)
{
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (known[i].needs_privilege != privileged_rows)
            continue;
        sn_socket *made = NULL;
        row_begin("family %d, type %d, protocol %d", known[i].family, known[i].type,
                  known[i].protocol);
        row_error(known[i].expected, sn_socket_create((sn_address_family)known[i].family,
                                                      (sn_socket_type)known[i].type,
                                                      (sn_protocol_type)known[i].protocol, &made));
        sn_socket_release(made);
    }
    rows_end();
}

TEST(the_common_sockets_can_be_made_and_the_common_mistakes_get_their_error)
{
    check_known(false);
}

TEST(raw_and_packet_sockets_can_be_made_with_a_privilege)
{
    if (!is_privileged())
        SKIP("raw sockets need a privilege");
    check_known(true);
}

TEST(raw_ipv6_sockets_can_be_made_with_a_privilege)
{
    static const sn_protocol_type made_here[] = {
        SN_PROTOCOL_ICMPV6, SN_PROTOCOL_ICMP,
        SN_PROTOCOL_RAW,    SN_PROTOCOL_IPV6_ROUTING_HEADER,
        SN_PROTOCOL_UDP,    SN_PROTOCOL_IPV6_FRAGMENT_HEADER,
        SN_PROTOCOL_TCP,    SN_PROTOCOL_IPV6_NO_NEXT_HEADER,
        SN_PROTOCOL_IGMP,   SN_PROTOCOL_IPV6_DESTINATION_OPTIONS,
    };
    if (!is_privileged())
        SKIP("raw sockets need a privilege");
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    for (size_t i = 0; i < COUNT_OF(made_here); i++) {
        sn_socket *made = NULL;
        row_begin("raw IPv6, protocol %s", sn_protocol_type_name(made_here[i]));
        row_error(SN_OK, sn_socket_create(SN_FAMILY_IPV6, SN_TYPE_RAW, made_here[i], &made));
        sn_socket_release(made);
    }
    rows_end();
}

/* A packet socket is told what to hear by a number of its own: 802.3, in network byte order (D.4).
 */
TEST(a_packet_socket_takes_any_protocol_number)
{
    if (!is_privileged())
        SKIP("packet sockets need a privilege");
    sn_socket *made = NULL;
    assert_ok(sn_socket_create(SN_FAMILY_PACKET, SN_TYPE_RAW, (sn_protocol_type)htons(ETH_P_LOOP),
                               &made));
    assert_int_equal(htons(ETH_P_LOOP), sn_socket_get_protocol_type(made));
    sn_socket_release(made);
}

/* --- Dual mode ------------------------------------------------------------------------------- */

/* Trap 1. */
TEST(a_dual_mode_socket_is_an_ipv6_socket_that_speaks_ipv4_too)
{
    static const struct {
        sn_socket_type type;
        sn_protocol_type protocol;
    } rows[] = {{SN_TYPE_STREAM, SN_PROTOCOL_TCP},
                {SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP},
                {SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED},
                {SN_TYPE_DATAGRAM, SN_PROTOCOL_UNSPECIFIED}};
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_socket *made = NULL;
        bool is_dual = false;
        assert_ok(sn_socket_create_dual_mode(rows[i].type, rows[i].protocol, &made));
        assert_int_equal(SN_FAMILY_IPV6, sn_socket_get_address_family(made));
        assert_ok(sn_socket_get_dual_mode(made, &is_dual));
        assert_true(is_dual);
        sn_socket_release(made);
    }
}

/* Trap 1. */
TEST(an_ipv6_socket_speaks_ipv6_only)
{
    static const enum transport transports[] = {TCP_IPV6, UDP_IPV6};
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        sn_socket *made = socket_make(transports[i]);
        bool is_dual = true;
        assert_ok(sn_socket_get_dual_mode(made, &is_dual));
        assert_false(is_dual);
        sn_socket_release(made);
    }
}

/* As .NET 10 answers; a dual-mode raw socket fails when dual mode is switched on. */
TEST(a_dual_mode_socket_of_a_wrong_type_or_protocol_gets_the_named_error)
{
    static const struct {
        int type, protocol;
        sn_error expected;
    } rows[] = {
        {SN_TYPE_UNKNOWN, SN_PROTOCOL_TCP, SN_ERROR_PROTOCOL_TYPE},
        {0, SN_PROTOCOL_TCP, SN_ERROR_PROTOCOL_TYPE},
        {6, SN_PROTOCOL_UNKNOWN, SN_ERROR_PROTOCOL_TYPE},
        {SN_TYPE_STREAM, SN_PROTOCOL_UNKNOWN, SN_ERROR_PROTOCOL_NOT_SUPPORTED},
        {SN_TYPE_STREAM, SN_PROTOCOL_UDP, SN_ERROR_PROTOCOL_NOT_SUPPORTED},
        {SN_TYPE_DATAGRAM, SN_PROTOCOL_TCP, SN_ERROR_PROTOCOL_NOT_SUPPORTED},
        {SN_TYPE_RAW, SN_PROTOCOL_UNKNOWN, SN_ERROR_PROTOCOL_NOT_SUPPORTED},
        {SN_TYPE_RDM, SN_PROTOCOL_TCP, SN_ERROR_SOCKET_NOT_SUPPORTED},
        {SN_TYPE_SEQPACKET, SN_PROTOCOL_TCP, SN_ERROR_SOCKET_NOT_SUPPORTED},
    };
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_socket *made = NULL;
        row_begin("dual mode, type %d, protocol %d", rows[i].type, rows[i].protocol);
        row_error(rows[i].expected,
                  sn_socket_create_dual_mode((sn_socket_type)rows[i].type,
                                             (sn_protocol_type)rows[i].protocol, &made));
        sn_socket_release(made);
    }
    rows_end();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(every_combination_of_family_type_and_protocol_works_or_gives_the_named_error),
        CASE(the_common_sockets_can_be_made_and_the_common_mistakes_get_their_error),
        CASE(raw_and_packet_sockets_can_be_made_with_a_privilege),
        CASE(raw_ipv6_sockets_can_be_made_with_a_privilege),
        CASE(a_packet_socket_takes_any_protocol_number),
        CASE(a_dual_mode_socket_is_an_ipv6_socket_that_speaks_ipv4_too),
        CASE(an_ipv6_socket_speaks_ipv6_only),
        CASE(a_dual_mode_socket_of_a_wrong_type_or_protocol_gets_the_named_error),
    };
    return RUN(cases);
}
