/*
 * Another host, and none (contract B.4, B.7, B.8, C.3 DontFragment, D.1): what is too long for the
 * path, what nobody answers or somebody refuses, and frames below IP. On two hosts that the program
 * makes itself, see support/network.h.
 */
#include "support/network_sockets.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "support/threads.h"

static bool is_ipv4(sn_address_family family)
{
    return family == SN_FAMILY_IPV4;
}

/* --- The path -------------------------------------------------------------------------------- */

static void check_size(sn_socket *sender, sn_socket *receiver, const sn_endpoint *to, size_t size)
{
    char *data = calloc(2, size);
    sn_endpoint from;
    size_t received = 0;
    assert_ok(do_send_to(sender, data, size, SN_FLAG_NONE, to, NULL));
    assert_ok(do_receive_from(receiver, data, 2 * size, SN_FLAG_NONE, &from, &received));
    assert_int_equal(size, received);
    free(data);
}

/* More than the cable takes is refused, or sent in pieces that arrive as one. */
TEST(what_is_longer_than_the_path_takes_is_refused_or_cut_into_pieces)
{
    needs_network();
    static const int mtus[] = {1500, 1300, 1500};
    static const char data[2000];
    sn_ip_address far = network_address(HOST_FAR, 0, SN_FAMILY_IPV4);
    sn_endpoint to = endpoint_of(&far, PORT);
    sn_socket *receiver = udp_on(HOST_FAR, SN_FAMILY_IPV4, PORT);
    for (size_t i = 0; i < COUNT_OF(mtus); i++) {
        size_t fits = (size_t)mtus[i] - 20 - 8; /* what IP and UDP take */
        network_set_mtu(HOST_NEAR, 0, mtus[i]);
        sn_socket *sender = udp_on(HOST_NEAR, SN_FAMILY_IPV4, 0);
        assert_ok(sn_socket_set_dont_fragment(sender, true));
        assert_error(SN_ERROR_MESSAGE_SIZE,
                     do_send_to(sender, data, fits + 1, SN_FLAG_NONE, &to, NULL));
        check_size(sender, receiver, &to, fits);
        assert_ok(sn_socket_set_dont_fragment(sender, false));
        check_size(sender, receiver, &to, fits + 1);
        check_size(sender, receiver, &to, sizeof data);
        sn_socket_release(sender);
    }
    sn_socket_release(receiver);
}

/* --- Nobody ---------------------------------------------------------------------------------- */

TEST(without_a_route_the_network_is_unreachable)
{
    sn_address_family family = family_of_case(state);
    sn_ip_address nowhere = address_of(is_ipv4(family) ? "192.0.2.1" : "2001:db8::1");
    sn_endpoint to = endpoint_of(&nowhere, PORT);
    sn_socket *udp = udp_on(HOST_NEAR, family, 0), *tcp = tcp_near(family);
    assert_error(SN_ERROR_NETWORK_UNREACHABLE, do_send_to(udp, "x", 1, SN_FLAG_NONE, &to, NULL));
    assert_error(SN_ERROR_NETWORK_UNREACHABLE, do_connect(udp, &to));
    assert_error(SN_ERROR_NETWORK_UNREACHABLE, do_connect(tcp, &to));
    assert_false(sn_socket_is_connected(tcp));
    sn_socket_release(udp);
    sn_socket_release(tcp);
}

/* A host that is not there is no error that the kernel tells a UDP socket of its own accord. */
static sn_socket *udp_that_hears_of_errors(sn_address_family family)
{
    const int level = is_ipv4(family) ? IPPROTO_IP : IPPROTO_IPV6, on = 1;
    sn_socket *udp = udp_on(HOST_NEAR, family, 0);
    assert_ok(sn_socket_set_raw_option(udp, level, is_ipv4(family) ? IP_RECVERR : IPV6_RECVERR, &on,
                                       sizeof on));
    return udp;
}

/* The kernel asks for the host up to 3 seconds; for all three sockets at once. */
TEST(a_host_that_is_not_there_is_unreachable)
{
    sn_address_family family = family_of_case(state);
    sn_ip_address nobody = address_of(is_ipv4(family) ? "10.99.0.77" : "fd99::77");
    sn_endpoint to = endpoint_of(&nobody, PORT);
    sn_socket *receiving = udp_that_hears_of_errors(family);
    sn_socket *sending = udp_that_hears_of_errors(family), *tcp = tcp_near(family);
    char byte;
    size_t received = 77;
    assert_ok(do_connect(receiving, &to));
    assert_ok(do_connect(sending, &to));
    send_text(receiving, "x"); /* is told by the next call only */
    send_text(sending, "x");
    assert_error(SN_ERROR_HOST_UNREACHABLE, do_connect(tcp, &to));
    assert_false(sn_socket_is_connected(tcp));
    assert_error(SN_ERROR_HOST_UNREACHABLE,
                 do_receive(receiving, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal(77, received);
    wait_error(sending);
    assert_error(SN_ERROR_HOST_UNREACHABLE, do_send(sending, "x", 1, SN_FLAG_NONE, NULL));
    sn_socket_release(receiving);
    sn_socket_release(sending);
    sn_socket_release(tcp);
}

/* B.7 "connected UDP, peer port closed", between hosts */
TEST(a_closed_port_of_another_host_refuses)
{
    sn_address_family family = family_of_case(state);
    sn_ip_address far = network_address(HOST_FAR, 0, family);
    sn_endpoint to = endpoint_of(&far, PORT + 1);
    sn_socket *udp = udp_on(HOST_NEAR, family, 0), *tcp = tcp_near(family);
    char byte;
    size_t received = 77;
    assert_ok(do_connect(udp, &to));
    assert_ok(do_send(udp, "x", 1, SN_FLAG_NONE, NULL));
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_receive(udp, &byte, 1, SN_FLAG_NONE, &received));
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(tcp, &to));
    assert_false(sn_socket_is_connected(tcp));
    sn_socket_release(udp);
    sn_socket_release(tcp);
}

/* --- A silent host: a connect would wait for minutes ------------------------------------------ */

static sn_endpoint silent_host(sn_address_family family)
{
    sn_ip_address silent = address_of(is_ipv4(family) ? "10.99.0.66" : "fd99::66");
    return endpoint_of(&silent, PORT);
}

/* Afterwards it connects to somebody who answers. */
TEST(a_connect_to_a_silent_host_ends_with_its_time_limit)
{
    sn_address_family family = family_of_case(state);
    sn_ip_address far = network_address(HOST_FAR, 0, family);
    sn_endpoint silent = silent_host(family), to = endpoint_of(&far, PORT);
    network_enter(HOST_FAR);
    sn_socket *listener = tcp_near(family), *server = NULL;
    network_enter(HOST_NEAR);
    assert_ok(sn_socket_bind(listener, &to));
    assert_ok(sn_socket_listen(listener, 1));
    sn_socket *client = tcp_near(family);
    assert_ok(sn_socket_set_connect_timeout(client, 20));
    assert_error(SN_ERROR_TIMED_OUT, do_connect(client, &silent));
    assert_false(sn_socket_is_connected(client));
    assert_ok(sn_socket_set_connect_timeout(client, -1));
    assert_ok(do_connect(client, &to));
    assert_ok(do_accept(listener, &server));
    send_text(client, "from host to host");
    assert_receives(server, "from host to host");
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

TEST(an_asynchronous_connect_to_a_silent_host_times_out_or_is_cancelled)
{
    sn_address_family family = family_of_case(state);
    if (style_is_blocking())
        SKIP("about asynchronous operations");
    sn_endpoint silent = silent_host(family);
    sn_operation timed = {.timeout_ms = 20}, cancelled = {0};
    sn_socket *sockets[] = {tcp_near(family), tcp_near(family)};
    sn_socket_connect_async(sockets[0], &silent, &timed);
    sn_socket_connect_async(sockets[1], &silent, &cancelled);
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait(&timed));
    assert_false(sn_operation_is_completed(&cancelled));
    sn_operation_cancel(&cancelled);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&cancelled));
    for (int i = 0; i < 2; i++) {
        assert_false(sn_socket_is_connected(sockets[i]));
        sn_socket_release(sockets[i]);
    }
}

struct connecting {
    sn_socket *socket;
    sn_endpoint to;
    struct thread thread;
};

static sn_error connect_run(void *context)
{
    struct connecting *connecting = context;
    return do_connect(connecting->socket, &connecting->to);
}

TEST(a_connect_to_a_silent_host_ends_with_a_cancel_or_a_close)
{
    sn_address_family family = family_of_case(state);
    for (int close = 0; close <= 1; close++) {
        struct connecting connecting = {.socket = tcp_near(family), .to = silent_host(family)};
        thread_start_blocked(&connecting.thread, connect_run, &connecting);
        if (close)
            sn_socket_close(connecting.socket);
        else
            sn_socket_cancel(connecting.socket);
        sn_error error = thread_join(&connecting.thread);
        if (close)
            assert_ended_by_close(SN_ERROR_NOT_SOCKET, error);
        else
            assert_error(SN_ERROR_OPERATION_CANCELED, error);
        sn_socket_release(connecting.socket);
    }
}

/* --- Frames ---------------------------------------------------------------------------------- */

#define EXPERIMENTAL 0x88B5 /* the type of frames that nobody else uses */

/* A packet socket on a cable's end; its protocol is the type of the frames, in network order (D.4).
 */
static sn_socket *packet_on(enum host host, sn_socket_type type, struct sockaddr_ll *out_address)
{
    sn_socket *socket = NULL;
    sn_endpoint end;
    *out_address = (struct sockaddr_ll){.sll_family = AF_PACKET,
                                        .sll_protocol = htons(EXPERIMENTAL),
                                        .sll_ifindex = network_interface(host, 0)};
    network_enter(host);
    sn_error error =
        sn_socket_create(SN_FAMILY_PACKET, type, (sn_protocol_type)htons(EXPERIMENTAL), &socket);
    network_enter(HOST_NEAR);
    assert_ok(error);
    assert_ok(sn_endpoint_from_sockaddr(out_address, sizeof *out_address, &end));
    assert_ok(sn_socket_bind(socket, &end));
    return socket;
}

struct frame {
    struct ether_header head;
    char text[64];
};

static const struct frame frame = {.head = {.ether_dhost = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
                                            .ether_shost = {2, 0x99, 0, 0, 0, 1}},
                                   .text = "below IP: a frame of its own, long enough for a cable"};

enum way { IN_ONE_BUFFER, IN_TWO_BUFFERS, WITH_SENDER, AS_MESSAGE, WAYS };

static size_t receive_frame(sn_socket *receiver, enum way way, char data[256], sn_endpoint *from)
{
    sn_buffer buffers[] = {{data, 10}, {data + 10, 246}};
    sn_ip_packet_information information;
    sn_flags flags = SN_FLAG_NONE;
    size_t size = 0;
    switch (way) {
    case IN_ONE_BUFFER: assert_ok(do_receive(receiver, data, 256, SN_FLAG_NONE, &size)); break;
    case IN_TWO_BUFFERS:
        assert_ok(do_receive_buffers(receiver, buffers, 2, SN_FLAG_NONE, &size));
        break;
    case AS_MESSAGE:
        assert_ok(do_receive_message_from(receiver, data, 256, &flags, from, &information, &size));
        assert_int_equal(0, information.interface_index); /* it is in the sender's address */
        break;
    case WITH_SENDER:
    case WAYS: assert_ok(do_receive_from(receiver, data, 256, SN_FLAG_NONE, from, &size)); break;
    }
    return size;
}

static void assert_frame_from(const sn_endpoint *from, bool has_head)
{
    struct sockaddr_ll sender;
    size_t size = 0;
    const void *address = sn_endpoint_get_sockaddr(from, &size);
    assert_true(size >= offsetof(struct sockaddr_ll, sll_addr) + 6);
    memset(&sender, 0, sizeof sender);
    memcpy(&sender, address, size < sizeof sender ? size : sizeof sender);
    assert_int_equal(network_interface(HOST_FAR, 0), sender.sll_ifindex);
    if (has_head)
        assert_memory_equal(frame.head.ether_shost, sender.sll_addr, 6);
}

/* As raw frames with their head, and as datagrams whose head the kernel writes. */
TEST(a_packet_socket_sends_frames_over_a_cable)
{
    needs_network();
    static const sn_socket_type types[] = {SN_TYPE_RAW, SN_TYPE_DATAGRAM};
    struct frame out = frame;
    out.head.ether_type = htons(EXPERIMENTAL);
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct sockaddr_ll near, far;
        sn_socket *sender = packet_on(HOST_NEAR, types[i], &near);
        sn_socket *receiver = packet_on(HOST_FAR, types[i], &far);
        bool has_head = types[i] == SN_TYPE_RAW;
        const char *data = has_head ? (const char *)&out : out.text;
        size_t size = has_head ? sizeof out : sizeof out.text, sent = 0;
        near.sll_halen = 6;
        memset(near.sll_addr, 0xFF, 6);
        sn_endpoint to, from = {0};
        assert_ok(sn_endpoint_from_sockaddr(&near, sizeof near, &to));
        for (enum way way = IN_ONE_BUFFER; way < WAYS; way++) {
            char seen[256] = "";
            assert_ok(do_send_to(sender, data, size, SN_FLAG_NONE, &to, &sent));
            assert_int_equal(size, sent);
            assert_int_equal(size, receive_frame(receiver, way, seen, &from));
            assert_memory_equal(data, seen, size);
            if (way >= WITH_SENDER)
                assert_frame_from(&from, has_head);
        }
        sn_socket_release(sender);
        sn_socket_release(receiver);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(what_is_longer_than_the_path_takes_is_refused_or_cut_into_pieces),
        ON_UDP(without_a_route_the_network_is_unreachable),
        ON_UDP(a_host_that_is_not_there_is_unreachable),
        ON_UDP(a_closed_port_of_another_host_refuses),
        ON_UDP(a_connect_to_a_silent_host_ends_with_its_time_limit),
        ON_UDP(an_asynchronous_connect_to_a_silent_host_times_out_or_is_cancelled),
        ON_UDP(a_connect_to_a_silent_host_ends_with_a_cancel_or_a_close),
        CASE(a_packet_socket_sends_frames_over_a_cable),
    };
    network_begin();
    int failed = RUN(cases);
    network_end();
    return failed;
}
