/*
 * The verbs in the style of calling that a run of the tests has chosen with SENNIT_TEST_STYLE. So one
 * test says what a verb does, and it holds however the verb is called.
 *
 * Parameters and results are those of the blocking functions.
 */
#ifndef TESTS_SUPPORT_VERBS_H
#define TESTS_SUPPORT_VERBS_H

#include <sennit.h>

/* X(ID, "its name in SENNIT_TEST_STYLE", whether this version of the library has it) */
#define CALL_STYLE_TABLE(X)                                                                        \
    X(BLOCKING, "blocking", true)  /* the blocking function itself */                              \
    X(CALLBACK, "callback", false) /* start, and a callback tells the end */                       \
    X(WAIT, "wait", false)         /* start, then sn_operation_wait() */                           \
    X(DRIVEN, "driven", false)     /* on an engine that the test itself runs */

enum call_style {
#define X(id, name, is_built) STYLE_##id,
    CALL_STYLE_TABLE(X)
#undef X
        STYLE_COUNT
};

extern enum call_style test_style;

/* Reads SENNIT_TEST_STYLE. A style that is unknown, or not built yet, ends the program. */
void verbs_choose_style(void);

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
SN_MUST_USE sn_error do_receive(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                size_t *out_received);
SN_MUST_USE sn_error do_receive_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                        sn_flags flags, size_t *out_received);
SN_MUST_USE sn_error do_receive_from(sn_socket *socket, void *data, size_t size, sn_flags flags,
                                     sn_endpoint *out_from, size_t *out_received);

#endif
