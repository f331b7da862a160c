/* Clients, listeners and streams: they have names as the sockets have. */
#include "player.h"

void object_close(const named *item)
{
    switch (item->kind) {
    case OBJECT_NONE: return;
    case OBJECT_TCP_CLIENT: sn_tcp_client_close(item->object); return;
    case OBJECT_TCP_LISTENER: sn_tcp_listener_stop(item->object); return;
    case OBJECT_UDP_CLIENT: sn_udp_client_close(item->object); return;
    case OBJECT_STREAM: sn_network_stream_close(item->object); return;
    }
}

void object_release(named *item)
{
    switch (item->kind) {
    case OBJECT_NONE: break;
    case OBJECT_TCP_CLIENT: sn_tcp_client_release(item->object); break;
    case OBJECT_TCP_LISTENER: sn_tcp_listener_release(item->object); break;
    case OBJECT_UDP_CLIENT: sn_udp_client_release(item->object); break;
    case OBJECT_STREAM: sn_network_stream_release(item->object); break;
    }
    item->kind = OBJECT_NONE;
}

void object_keep(struct run *run, const char *name, object_kind kind, void *object)
{
    value_keep_socket(run, name, NULL);
    named *item = value_named(run, name);
    object_release(item);
    item->kind = kind;
    item->object = object;
}

void *object_get(struct run *run, const struct step *step, size_t index, object_kind kind)
{
    static const char *const kinds[] = {"socket", "TcpClient", "TcpListener", "UdpClient",
                                        "NetworkStream"};
    const word *item = argument(run, step, index);
    const named *found = value_named(run, item->text);
    if (!found || found->kind != kind)
        run_broken(run, step, "no %s of this name: %s", kinds[kind], item->text);
    return found->object;
}

void object_show_socket(struct run *run, const struct step *step, sn_socket *socket, text *out)
{
    text_add(out, socket ? "ok" : "ok null");
    if (socket)
        value_keep_socket(run, argument(run, step, 0)->text, sn_socket_retain(socket));
}
