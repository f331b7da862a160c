/* TcpListener, TcpClient and NetworkStream. */
#include "faults/scenarios/all.h"

#include <string.h>

struct room {
    sn_tcp_listener *listener;
    sn_tcp_client *client, *server;
    sn_network_stream *near, *far; /* the clients' */
    sn_endpoint address;
};

static bool open_room(struct room *room)
{
    sn_endpoint any = scene_address();
    return step("create a listener", sn_tcp_listener_create(&any, &room->listener)) &&
           step("start it", sn_tcp_listener_start(room->listener, 4)) &&
           step("ask for its end point",
                sn_tcp_listener_get_local_endpoint(room->listener, &room->address)) &&
           step("create a client", sn_tcp_client_create(SN_FAMILY_IPV4, &room->client)) &&
           step("connect", sn_tcp_client_connect(room->client, &room->address)) &&
           step("accept a client",
                sn_tcp_listener_accept_tcp_client(room->listener, &room->server)) &&
           step("get its stream", sn_tcp_client_get_stream(room->client, &room->near)) &&
           step("get the other stream", sn_tcp_client_get_stream(room->server, &room->far));
}

static bool talk(const struct room *room)
{
    char data[8] = "";
    size_t size = 0;
    bool is_pending = true;
    if (!step("ask who waits", sn_tcp_listener_pending(room->listener, &is_pending)) ||
        !step("write", sn_network_stream_write(room->near, "stream", 6)) ||
        !step("read", sn_network_stream_read(room->far, data, sizeof data, &size)))
        return false;
    must(!is_pending, "somebody waits who is not there");
    must(size == 6 && memcmp(data, "stream", 6) == 0, "other bytes came than were written");
    sn_network_stream_close(room->near);
    if (!step("read the end", sn_network_stream_read(room->far, data, sizeof data, &size)))
        return false;
    must(size == 0, "bytes came behind the end");
    return true;
}

void play_clients(void)
{
    struct room room = {.listener = NULL};
    if (open_room(&room))
        (void)talk(&room);
    sn_tcp_client_release(room.client);
    sn_tcp_client_release(room.server);
    sn_tcp_listener_release(room.listener);
}
