#include "support/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum call_style test_style = STYLE_BLOCKING;

static const struct {
    const char *name;
    bool is_built;
} styles[] = {
#define X(id, name, is_built) {name, is_built},
    CALL_STYLE_TABLE(X)
#undef X
};

void verbs_choose_style(void)
{
    const char *wanted = getenv("SENNIT_TEST_STYLE");
    if (!wanted)
        return;
    for (int style = 0; style < STYLE_COUNT; style++) {
        if (strcmp(wanted, styles[style].name) == 0 && styles[style].is_built) {
            test_style = (enum call_style)style;
            return;
        }
    }
    fprintf(stderr, "SENNIT_TEST_STYLE=%s: there is no such style of calling\n", wanted);
    exit(2);
}

/* The style was checked at the start, so getting here is a mistake in this file. */
static sn_error no_such_style(void)
{
    fprintf(stderr, "this verb is missing in the style \"%s\"\n", styles[test_style].name);
    abort();
}

#define IN_STYLE(blocking)                                                                         \
    do {                                                                                           \
        switch (test_style) {                                                                      \
        case STYLE_BLOCKING: return blocking;                                                      \
        case STYLE_CALLBACK:                                                                       \
        case STYLE_WAIT:                                                                           \
        case STYLE_DRIVEN:                                                                         \
        case STYLE_COUNT: break;                                                                   \
        }                                                                                          \
        return no_such_style();                                                                    \
    } while (0)

sn_error do_accept(sn_socket *socket, sn_socket **out_socket)
{
    IN_STYLE(sn_socket_accept(socket, out_socket));
}

sn_error do_connect(sn_socket *socket, const sn_endpoint *remote)
{
    IN_STYLE(sn_socket_connect(socket, remote));
}

sn_error do_connect_host(sn_socket *socket, const char *host, int port)
{
    IN_STYLE(sn_socket_connect_host(socket, host, port));
}

sn_error do_connect_addresses(sn_socket *socket, const sn_ip_address *addresses, size_t count,
                              int port)
{
    IN_STYLE(sn_socket_connect_addresses(socket, addresses, count, port));
}

sn_error do_disconnect(sn_socket *socket, bool reuse)
{
    IN_STYLE(sn_socket_disconnect(socket, reuse));
}

sn_error do_send(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                 size_t *out_sent)
{
    IN_STYLE(sn_socket_send(socket, data, size, flags, out_sent));
}

sn_error do_send_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count, sn_flags flags,
                         size_t *out_sent)
{
    IN_STYLE(sn_socket_send_buffers(socket, buffers, count, flags, out_sent));
}

sn_error do_send_to(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                    const sn_endpoint *to, size_t *out_sent)
{
    IN_STYLE(sn_socket_send_to(socket, data, size, flags, to, out_sent));
}

sn_error do_receive(sn_socket *socket, void *data, size_t size, sn_flags flags,
                    size_t *out_received)
{
    IN_STYLE(sn_socket_receive(socket, data, size, flags, out_received));
}

sn_error do_receive_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                            sn_flags flags, size_t *out_received)
{
    IN_STYLE(sn_socket_receive_buffers(socket, buffers, count, flags, out_received));
}

sn_error do_receive_from(sn_socket *socket, void *data, size_t size, sn_flags flags,
                         sn_endpoint *out_from, size_t *out_received)
{
    IN_STYLE(sn_socket_receive_from(socket, data, size, flags, out_from, out_received));
}
