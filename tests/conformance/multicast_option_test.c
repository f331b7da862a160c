/*
 * Multicast options (contract C.1, C.3, C.4): the interface, the groups of both families, single
 * sources. Traps 88, 89.
 */
#include "support/transfer_support.h"

#include <limits.h>
#include <netinet/in.h>

#define ANY INT_MIN /* any value will do */

/* C.4 MulticastInterface; trap 89 */
TEST(the_ipv4_multicast_interface_is_an_index_or_an_address_in_network_order)
{
    static const struct {
        uint32_t value; /* host order */
        sn_error error;
        uint32_t reads;
    } steps[] = {
        {1, SN_OK, 0},                                                 /* the loopback interface */
        {31415, SN_ERROR_ADDRESS_NOT_AVAILABLE, 0},                    /* no such interface */
        {0x00FFFFFF, SN_ERROR_ADDRESS_NOT_AVAILABLE, 0},               /* the largest index */
        {INADDR_LOOPBACK, SN_OK, INADDR_LOOPBACK},                     /* an address */
        {0xCB007101, SN_ERROR_ADDRESS_NOT_AVAILABLE, INADDR_LOOPBACK}, /* not ours: 203.0.113.1 */
        {0, SN_OK, 0},                                                 /* any */
    };
    sn_socket *socket = socket_make(UDP_IPV4);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        row_begin("step %zu", i);
        row_error(steps[i].error,
                  sn_socket_set_option(socket, SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE,
                                       (int)htonl(steps[i].value)));
        int value = ANY;
        row_error(SN_OK,
                  sn_socket_get_option(socket, SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE, &value));
        row_equal(steps[i].reads, ntohl((uint32_t)value));
    }
    rows_end();
    sn_socket_release(socket);
}

/* C.3 IPv6 MulticastInterface: an index in host order */
TEST(the_ipv6_multicast_interface_is_an_index)
{
    if (transport_missing(UDP_IPV6))
        SKIP("no IPv6 here");
    sn_socket *socket = socket_make(UDP_IPV6);
    int value = ANY;
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_IPV6, SN_OPTION_MULTICAST_INTERFACE, 1));
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_IPV6, SN_OPTION_MULTICAST_INTERFACE, &value));
    assert_int_equal(1, value);
    /* ENODEV has no SocketError: the catch-all */
    assert_error(SN_ERROR_SOCKET_ERROR,
                 sn_socket_set_option(socket, SN_LEVEL_IPV6, SN_OPTION_MULTICAST_INTERFACE, 31415));
    sn_socket_release(socket);
}

#define GROUP4                                                                                     \
    {                                                                                              \
        SN_FAMILY_IPV4, 0,                                                                         \
        {                                                                                          \
            239, 1, 2, 3                                                                           \
        }                                                                                          \
    }
#define GROUP6                                                                                     \
    {                                                                                              \
        SN_FAMILY_IPV6, 0,                                                                         \
        {                                                                                          \
            0xff, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2                                   \
        }                                                                                          \
    }

/* C.1, C.4 MulticastOption */
TEST(an_ipv4_group_is_joined_and_left_as_the_option_says)
{
    static const struct {
        const char *what;
        sn_option_name name;
        sn_multicast_option option;
        sn_error error;
    } steps[] = {
        {"join by address",
         SN_OPTION_ADD_MEMBERSHIP,
         {GROUP4, {SN_FAMILY_IPV4, 0, {127, 0, 0, 1}}, 0},
         SN_OK},
        {"join again",
         SN_OPTION_ADD_MEMBERSHIP,
         {GROUP4, {SN_FAMILY_IPV4, 0, {127, 0, 0, 1}}, 0},
         SN_ERROR_ADDRESS_ALREADY_IN_USE},
        {"leave",
         SN_OPTION_DROP_MEMBERSHIP,
         {GROUP4, {SN_FAMILY_IPV4, 0, {127, 0, 0, 1}}, 0},
         SN_OK},
        {"leave again",
         SN_OPTION_DROP_MEMBERSHIP,
         {GROUP4, {SN_FAMILY_IPV4, 0, {127, 0, 0, 1}}, 0},
         SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {"join by index", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, {0}, 1}, SN_OK},
        {"leave by index", SN_OPTION_DROP_MEMBERSHIP, {GROUP4, {0}, 1}, SN_OK},
        {"no such interface",
         SN_OPTION_ADD_MEMBERSHIP,
         {GROUP4, {0}, 31415},
         SN_ERROR_SOCKET_ERROR},
        {"largest index",
         SN_OPTION_ADD_MEMBERSHIP,
         {GROUP4, {0}, 0x00FFFFFF},
         SN_ERROR_SOCKET_ERROR},
        {"index too large",
         SN_OPTION_ADD_MEMBERSHIP,
         {GROUP4, {0}, 0x01000000},
         SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"index negative",
         SN_OPTION_ADD_MEMBERSHIP,
         {GROUP4, {0}, -1},
         SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"not a group",
         SN_OPTION_ADD_MEMBERSHIP,
         {{SN_FAMILY_IPV4, 0, {127, 0, 0, 1}}, {0}, 1},
         SN_ERROR_INVALID_ARGUMENT},
        {"an IPv6 group", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, {0}, 1}, SN_ERROR_ARGUMENT},
        {"an IPv6 interface", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, GROUP6, 0}, SN_ERROR_ARGUMENT},
        {"another name", SN_OPTION_MULTICAST_LOOPBACK, {GROUP4, {0}, 1}, SN_ERROR_ARGUMENT},
    };
    sn_socket *socket = socket_bound(UDP_IPV4);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        row_begin("%s", steps[i].what);
        row_error(steps[i].error,
                  sn_socket_set_multicast_option(socket, steps[i].name, &steps[i].option));
    }
    rows_end();
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_socket_set_multicast_option(socket, SN_OPTION_ADD_MEMBERSHIP, NULL));
    sn_socket_release(socket);
}

/* C.1, C.4 IPv6MulticastOption */
TEST(an_ipv6_group_is_joined_and_left_as_the_option_says)
{
    if (transport_missing(UDP_IPV6))
        SKIP("no IPv6 here");
    static const struct {
        const char *what;
        sn_option_name name;
        sn_ipv6_multicast_option option;
        sn_error error;
    } steps[] = {
        {"join", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, 1}, SN_OK},
        {"join again", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, 1}, SN_ERROR_ADDRESS_ALREADY_IN_USE},
        {"leave", SN_OPTION_DROP_MEMBERSHIP, {GROUP6, 1}, SN_OK},
        {"leave again", SN_OPTION_DROP_MEMBERSHIP, {GROUP6, 1}, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {"no such interface", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, 31415}, SN_ERROR_SOCKET_ERROR},
        {"index negative", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, -1}, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"index too large",
         SN_OPTION_ADD_MEMBERSHIP,
         {GROUP6, INT64_C(0x100000000)},
         SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"not a group",
         SN_OPTION_ADD_MEMBERSHIP,
         {{SN_FAMILY_IPV6, 0, {0}}, 1},
         SN_ERROR_INVALID_ARGUMENT},
        {"an IPv4 group", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, 1}, SN_ERROR_ARGUMENT},
        {"another name", SN_OPTION_MULTICAST_LOOPBACK, {GROUP6, 1}, SN_ERROR_ARGUMENT},
    };
    sn_socket *socket = socket_bound(UDP_IPV6);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        row_begin("%s", steps[i].what);
        row_error(steps[i].error,
                  sn_socket_set_ipv6_multicast_option(socket, steps[i].name, &steps[i].option));
    }
    rows_end();
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_socket_set_ipv6_multicast_option(socket, SN_OPTION_ADD_MEMBERSHIP, NULL));
    sn_socket_release(socket);
}

/* C.4: what is joined is heard, and the sender chose the interface */
TEST(a_member_hears_what_is_sent_to_the_group)
{
    sn_socket *receiver = socket_make(UDP_IPV4), *sender = socket_make(UDP_IPV4);
    sn_ip_address group = GROUP4;
    sn_endpoint local;
    assert_ok(sn_endpoint_from_ip(&group, 0, &local));
    assert_ok(sn_socket_bind(receiver, &local));
    sn_multicast_option option = {.group = group, .interface_index = 1};
    assert_ok(sn_socket_set_multicast_option(receiver, SN_OPTION_ADD_MEMBERSHIP, &option));
    assert_ok(
        sn_socket_set_option(sender, SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE, (int)htonl(1)));
    sn_endpoint to = local_endpoint(receiver);
    assert_ok(sn_socket_send_to(sender, "hello", 5, SN_FLAG_NONE, &to, NULL));
    char text[8];
    size_t received = 0;
    assert_ok(sn_socket_receive(receiver, text, sizeof text, SN_FLAG_NONE, &received));
    assert_int_equal(5, received);
    assert_memory_equal("hello", text, 5);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* C.3 the four source memberships: bytes, struct ip_mreq_source */
TEST(source_memberships_take_the_kernels_structure)
{
    sn_socket *socket = socket_bound(UDP_IPV4);
    struct ip_mreq_source source = {
        .imr_multiaddr.s_addr = htonl(0xE8010203), /* 232.1.2.3 */
        .imr_interface.s_addr = htonl(INADDR_LOOPBACK),
        .imr_sourceaddr.s_addr = htonl(INADDR_LOOPBACK),
    };
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_ADD_SOURCE_MEMBERSHIP,
                                         &source, sizeof source));
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_DROP_SOURCE_MEMBERSHIP,
                                         &source, sizeof source));
    sn_multicast_option group = {.group = {SN_FAMILY_IPV4, 0, {232, 1, 2, 3}},
                                 .local_address = SN_IPV4_LOOPBACK};
    assert_ok(sn_socket_set_multicast_option(socket, SN_OPTION_ADD_MEMBERSHIP, &group));
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_BLOCK_SOURCE, &source,
                                         sizeof source));
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_UNBLOCK_SOURCE, &source,
                                         sizeof source));
    sn_socket_release(socket);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_ipv4_multicast_interface_is_an_index_or_an_address_in_network_order),
        CASE(the_ipv6_multicast_interface_is_an_index),
        CASE(an_ipv4_group_is_joined_and_left_as_the_option_says),
        CASE(an_ipv6_group_is_joined_and_left_as_the_option_says),
        CASE(a_member_hears_what_is_sent_to_the_group),
        CASE(source_memberships_take_the_kernels_structure),
    };
    return RUN(cases);
}
