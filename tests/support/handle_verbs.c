#include "support/handle_verbs.h"

struct detach {
    struct call call;
    sn_socket *socket;
    sn_handle *out_handle;
    bool blocking;
};

static void start_detach(void *arguments)
{
    struct detach *detach = arguments;
    sn_socket_detach_async(detach->socket, detach->blocking, detach->out_handle,
                           &detach->call.operation);
}

sn_error do_detach(sn_socket *socket, bool blocking, sn_handle *out_handle)
{
    struct detach detach = {.socket = socket, .blocking = blocking, .out_handle = out_handle};
    if (!call_begin(&detach.call, socket, NULL))
        return sn_socket_detach(socket, blocking, out_handle);
    call_start(&detach.call, start_detach, &detach);
    return call_end(&detach.call, NULL);
}
