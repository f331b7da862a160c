/*
 * The verbs in the style of calling that a run of the tests has chosen with SENNIT_TEST_STYLE. So
 * one test says what a verb does, and it holds however the verb is called.
 *
 * Parameters and results are those of the blocking functions. An asynchronous operation does not
 * know the socket's own time limits, so in the asynchronous styles the limit of the socket becomes
 * the operation's. It knows no WouldBlock either: a test that makes its socket non-blocking wants
 * one attempt, which has no asynchronous form, and gets the plain call in every style.
 */
#ifndef TESTS_SUPPORT_VERBS_H
#define TESTS_SUPPORT_VERBS_H

#include <sennit.h>

#include "support/style.h"

SN_MUST_USE sn_error do_accept(sn_socket *socket, sn_socket **out_socket);
SN_MUST_USE sn_error do_connect(sn_socket *socket, const sn_endpoint *remote);
SN_MUST_USE sn_error do_connect_host(sn_socket *socket, const char *host, int port);
SN_MUST_USE sn_error do_connect_addresses(sn_socket *socket, const sn_ip_address *addresses,
                                          size_t count, int port);
SN_MUST_USE sn_error do_disconnect(sn_socket *socket, bool reuse);
SN_MUST_USE sn_error do_send(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                             size_t *out_sent);
SN_MUST_USE sn_error do_send_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                     sn_flags flags, size_t *out_sent);
SN_MUST_USE sn_error do_send_to(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                                const sn_endpoint *to, size_t *out_sent);
SN_MUST_USE sn_error do_send_to_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                        sn_flags flags, const sn_endpoint *to, size_t *out_sent);
SN_MUST_USE sn_error do_receive_from_buffers(sn_socket *socket, const sn_buffer *buffers,
                                             size_t count, sn_flags flags, sn_endpoint *out_from,
                                             size_t *out_received);
SN_MUST_USE sn_error do_receive(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                size_t *out_received);
/* `out_received` as the blocking function writes it, also after an error. */
SN_MUST_USE sn_error do_receive_at_least(sn_socket *socket, void *data, size_t size, size_t minimum,
                                         size_t *out_received);
SN_MUST_USE sn_error do_receive_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                        sn_flags flags, size_t *out_received);
SN_MUST_USE sn_error do_receive_from(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                     sn_endpoint *out_from, size_t *out_received);
SN_MUST_USE sn_error do_receive_message_from(sn_socket *socket, void *data, size_t size,
                                             sn_flags *inout_flags, sn_endpoint *out_from,
                                             sn_ip_packet_information *out_information,
                                             size_t *out_received);
SN_MUST_USE sn_error do_receive_message_from_buffers(sn_socket *socket, const sn_buffer *buffers,
                                                     size_t count, sn_flags *inout_flags,
                                                     sn_endpoint *out_from,
                                                     sn_ip_packet_information *out_information,
                                                     size_t *out_received);
/* They write `out_count` in any case, as the blocking functions do. */
SN_MUST_USE sn_error do_send_batch(sn_socket *socket, sn_datagram *datagrams, size_t count,
                                   sn_flags flags, size_t *out_count);
SN_MUST_USE sn_error do_receive_batch(sn_socket *socket, sn_datagram *datagrams, size_t count,
                                      sn_flags flags, size_t *out_count);
SN_MUST_USE sn_error do_send_file(sn_socket *socket, const sn_file_send *send, size_t *out_sent);
/* A whole file and nothing else, for the calls that send one. */
#define WHOLE_FILE(name) (&(const sn_file_send){.kind = SN_FILE_PATH, .path = (name)})
/* There is no blocking function of it: that style starts it and waits. */
SN_MUST_USE sn_error do_send_packets(sn_socket *socket, const sn_send_packets_element *elements,
                                     size_t count, sn_transmit_flags flags, size_t *out_sent);

#endif
