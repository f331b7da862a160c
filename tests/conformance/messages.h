/*
 * A receive of a message, and what it has told: for the tests of receive_message_from.
 */
#ifndef TESTS_CONFORMANCE_MESSAGES_H
#define TESTS_CONFORMANCE_MESSAGES_H

#include "support/transfer_support.h"

#include <net/if.h>

/* One received message. */
struct message {
    char data[64];
    size_t received;
    sn_flags flags;
    sn_endpoint from;
    sn_ip_packet_information information;
};

static inline sn_error receive_with(sn_socket *socket, size_t size, sn_flags flags,
                                    struct message *message)
{
    memset(message, 0, sizeof *message);
    memset(&message->from, 0xEE, sizeof message->from);
    memset(&message->information, 0xEE, sizeof message->information);
    message->received = 77;
    message->flags = flags;
    return do_receive_message_from(socket, size ? message->data : NULL, size, &message->flags,
                                   &message->from, &message->information, &message->received);
}

static inline struct message receive_message(sn_socket *socket, size_t size, const char *expected)
{
    struct message message;
    assert_ok(receive_with(socket, size, SN_FLAG_NONE, &message));
    assert_int_equal(strlen(expected), message.received);
    assert_string_equal(expected, message.data);
    return message;
}

static inline void send_text_to(sn_socket *socket, const char *text, const sn_endpoint *to)
{
    assert_ok(do_send_to(socket, text, strlen(text), SN_FLAG_NONE, to, NULL));
}

/* The first call switches the information on; only what arrives afterwards carries it. */
static inline void switch_on(sn_socket *socket)
{
    struct message message;
    bool was_blocking = sn_socket_is_blocking(socket);
    set_blocking(socket, false);
    message.flags = SN_FLAG_NONE;
    assert_error(SN_ERROR_WOULD_BLOCK, sn_socket_receive_message_from(
                                           socket, message.data, 1, &message.flags, &message.from,
                                           &message.information, &message.received));
    set_blocking(socket, was_blocking);
}

static inline int loopback_index(void)
{
    return (int)if_nametoindex("lo");
}

static inline void assert_information(const sn_ip_address *address, int interface,
                                      const sn_ip_packet_information *actual)
{
    assert_true(sn_ip_address_equals(address, &actual->address));
    assert_int_equal(interface, actual->interface_index);
}

static inline const sn_ip_address *loopback_of(enum transport transport)
{
    return transport == UDP_IPV6 ? &SN_IPV6_LOOPBACK : &SN_IPV4_LOOPBACK;
}

#endif
