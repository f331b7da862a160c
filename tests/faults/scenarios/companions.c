/* TcpListener, TcpClient, NetworkStream and UdpClient, asynchronously. */
#include "faults/scenarios/all.h"

#include <string.h>

static struct op one, other;

static struct {
    sn_tcp_listener *listener;
    sn_tcp_client *client, *server;
    sn_udp_client *udp[2];
    sn_endpoint address;
} room;

static bool set_engine(sn_engine *engine, sn_socket *socket)
{
    return socket && step("set the engine", sn_socket_set_engine(socket, engine));
}

/* `other` first: `one` waits for what it brings, and in vain where it fails. */
static bool wait_both(const char *what, const char *what_else)
{
    return step(what_else, sn_operation_wait(&other.operation)) &&
           step(what, sn_operation_wait(&one.operation));
}

/* --- TCP -------------------------------------------------------------------------------------- */

static bool open_tcp(sn_engine *engine)
{
    sn_endpoint any = scene_address();
    sn_socket *server = NULL, *socket = NULL;
    return step("create a listener", sn_tcp_listener_create(&any, &room.listener)) &&
           step("start it", sn_tcp_listener_start(room.listener, 4)) &&
           step("ask for its socket", sn_tcp_listener_get_socket(room.listener, &server)) &&
           set_engine(engine, server) &&
           step("ask for its end point",
                sn_tcp_listener_get_local_endpoint(room.listener, &room.address)) &&
           step("create a client", sn_tcp_client_create(SN_FAMILY_IPV4, &room.client)) &&
           step("ask for its socket", sn_tcp_client_get_socket(room.client, &socket)) &&
           set_engine(engine, socket);
}

static bool meet(void)
{
    sn_tcp_listener_accept_tcp_client_async(room.listener, op_ready(&one, NULL));
    sn_tcp_client_connect_async(room.client, &room.address, op_ready(&other, NULL));
    bool is_fine = wait_both("accept a client", "connect a client");
    if (!is_fine) { /* or it would be waited for in vain */
        sn_tcp_listener_stop(room.listener);
        sn_tcp_client_close(room.client);
        ops_finish(NULL);
    }
    sn_socket *accepted = one.operation.error ? NULL : one.operation.socket;
    if (is_fine)
        is_fine = step("make a client of it", sn_tcp_client_from_socket(accepted, &room.server));
    if (!is_fine)
        sn_socket_release(accepted);
    return is_fine;
}

static void talk(void)
{
    static char data[8];
    sn_network_stream *near, *far;
    if (!step("get its stream", sn_tcp_client_get_stream(room.client, &near)) ||
        !step("get the other stream", sn_tcp_client_get_stream(room.server, &far)))
        return;
    sn_network_stream_read_async(far, data, sizeof data, op_ready(&one, NULL));
    sn_network_stream_write_async(near, "stream", 6, op_ready(&other, NULL));
    bool is_fine = wait_both("read", "write");
    if (is_fine) {
        must(one.operation.transferred == 6 && memcmp(data, "stream", 6) == 0,
             "other bytes came than were written");
        return;
    }
    sn_network_stream_close(near);
    sn_network_stream_close(far);
    ops_finish(NULL);
}

void play_companions(void)
{
    memset(&room, 0, sizeof room);
    memset(&one, 0, sizeof one);
    memset(&other, 0, sizeof other);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (open_tcp(engine) && meet())
        talk();
    sn_tcp_client_release(room.client);
    sn_tcp_client_release(room.server);
    sn_tcp_listener_release(room.listener);
    engine_end(engine, 1);
}

/* --- UDP -------------------------------------------------------------------------------------- */

static bool open_udp(sn_engine *engine)
{
    sn_endpoint any = scene_address();
    for (int i = 0; i < 2; i++)
        if (!step("create a client", sn_udp_client_create_bound(&any, &room.udp[i])) ||
            !set_engine(engine, sn_udp_client_get_socket(room.udp[i])))
            return false;
    return step("ask for its end point",
                sn_socket_get_local_endpoint(sn_udp_client_get_socket(room.udp[1]), &room.address));
}

/* On the loopback interface; nothing is sent to the group, and the close leaves it. */
static bool join(void)
{
    static const uint8_t bytes[] = {239, 255, 7, 7};
    sn_ip_address group;
    must(!sn_ip_address_from_bytes(bytes, sizeof bytes, &group), "no group");
    return step("join a group", sn_udp_client_join_multicast_group_on_address(room.udp[0], &group,
                                                                              &SN_IPV4_LOOPBACK));
}

static void exchange(void)
{
    static char data[8];
    static sn_endpoint from;
    sn_udp_client_receive_async(room.udp[1], data, sizeof data, &from, op_ready(&one, NULL));
    sn_udp_client_send_async(room.udp[0], "packet", 6, &room.address, op_ready(&other, NULL));
    if (wait_both("receive a packet", "send a packet")) {
        must(one.operation.transferred == 6 && memcmp(data, "packet", 6) == 0,
             "another packet came than was sent");
        return;
    }
    sn_udp_client_close(room.udp[0]);
    sn_udp_client_close(room.udp[1]);
    ops_finish(NULL);
}

void play_udp_companions(void)
{
    memset(&room, 0, sizeof room);
    memset(&one, 0, sizeof one);
    memset(&other, 0, sizeof other);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (open_udp(engine) && join())
        exchange();
    sn_udp_client_release(room.udp[0]);
    sn_udp_client_release(room.udp[1]);
    engine_end(engine, 1);
}
