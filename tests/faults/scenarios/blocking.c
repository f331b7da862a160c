/* Blocking calls: an echo between two threads, a look at readiness, and what one socket is asked.
 */
#include "faults/scenarios/all.h"

#include <string.h>

/* --- Echo ------------------------------------------------------------------------------------- */

static void *serve(void *context)
{
    sn_socket *listener = context, *server = NULL;
    char data[8] = "";
    size_t size = 0;
    bool is_fine = step("accept", sn_socket_accept(listener, &server));
    if (is_fine) {
        keep(server);
        is_fine = step("receive in the server",
                       sn_socket_receive(server, data, sizeof data, SN_FLAG_NONE, &size)) &&
                  step("send back", sn_socket_send(server, data, size, SN_FLAG_NONE, NULL));
    }
    if (!is_fine)
        stop(); /* nobody is left waiting for this thread */
    return NULL;
}

static bool echo(sn_socket *client, const sn_endpoint *address)
{
    char data[8] = "";
    size_t size = 0;
    const sn_buffer pieces[] = {{"ec", 2}, {"ho", 2}};
    if (!step("connect", sn_socket_connect(client, address)) ||
        !step("send", sn_socket_send_buffers(client, pieces, 2, SN_FLAG_NONE, NULL)) ||
        !step("receive", sn_socket_receive(client, data, sizeof data, SN_FLAG_NONE, &size)))
        return false;
    must(size == 4 && memcmp(data, "echo", 4) == 0, "other bytes came back than were sent");
    return step("shut down", sn_socket_shutdown(client, SN_SHUTDOWN_BOTH));
}

void play_blocking_echo(void)
{
    sn_endpoint address;
    pthread_t thread;
    sn_socket *listener = listener_open(NULL, &address);
    if (!listener)
        return;
    must(pthread_create(&thread, NULL, serve, listener) == 0, "no thread for the server");
    sn_socket *client = client_open(NULL);
    if (!client || !echo(client, &address))
        stop();
    (void)pthread_join(thread, NULL);
}

/* --- Poll, select, available ------------------------------------------------------------------ */

static bool look(sn_socket *pair[2])
{
    bool is_ready = false;
    char data[4];
    size_t available = 0, size = 0;
    sn_socket *readable[2] = {pair[0], pair[1]}, *writable[1] = {pair[0]};
    sn_socket_list read = {readable, 2}, write = {writable, 1};
    if (!step("poll", sn_socket_poll(pair[0], 1000, SN_SELECT_READ, &is_ready)))
        return false;
    must(!is_ready, "ready though nothing has come");
    if (!step("send", sn_socket_send(pair[1], "abc", 3, SN_FLAG_NONE, NULL)) ||
        !step("poll again", sn_socket_poll(pair[0], -1, SN_SELECT_READ, &is_ready)))
        return false;
    must(is_ready, "not ready though something has come");
    if (!step("ask what is available", sn_socket_get_available(pair[0], &available)) ||
        !step("select", sn_socket_select(&read, &write, NULL, -1)))
        return false;
    must(available == 3, "another number is available than was sent");
    must(read.count == 1 && readable[0] == pair[0], "select found another socket");
    must(write.count == 1, "select found no room to write");
    return step("receive", sn_socket_receive(pair[0], data, sizeof data, SN_FLAG_NONE, &size));
}

void play_readiness(void)
{
    sn_socket *pair[2] = {NULL, NULL};
    if (!step("make a pair", sn_socket_pair(SN_TYPE_STREAM, pair)))
        return;
    keep(pair[0]);
    keep(pair[1]);
    (void)look(pair);
}

/* --- Options, adoption, disconnecting --------------------------------------------------------- */

static bool ask(sn_socket *socket)
{
    bool flag = false;
    int number = 0;
    sn_linger_option linger = {.enabled = false};
    if (!step("set NoDelay", sn_socket_set_no_delay(socket, true)) ||
        !step("get NoDelay", sn_socket_get_no_delay(socket, &flag)))
        return false;
    must(flag, "an option is not what was set");
    return step("get the buffer's size", sn_socket_get_receive_buffer_size(socket, &number)) &&
           step("set the buffer's size", sn_socket_set_receive_buffer_size(socket, 8192)) &&
           step("get the linger state", sn_socket_get_linger_state(socket, &linger)) &&
           step("set the linger state", sn_socket_set_linger_state(socket, &linger));
}

static bool adopt(sn_socket *socket)
{
    sn_socket *adopted = NULL;
    sn_endpoint remote;
    if (!step("adopt", sn_socket_from_handle(sn_socket_get_handle(socket), false, &adopted)))
        return false;
    must(sn_socket_is_connected(adopted), "adopted, and not connected any more");
    bool is_fine = step("ask for the peer", sn_socket_get_remote_endpoint(adopted, &remote));
    sn_socket_release(adopted);
    return is_fine;
}

/* A connect that is refused leaves a descriptor that is replaced before the next one. */
static bool connect_twice(sn_socket *client, sn_socket *refusing, const sn_endpoint *address)
{
    sn_endpoint any = scene_address(), nobody;
    if (!step("bind", sn_socket_bind(refusing, &any)) ||
        !step("ask for its end point", sn_socket_get_local_endpoint(refusing, &nobody)))
        return false;
    sn_error error = sn_socket_connect(client, &nobody);
    must(error, "connected to nobody");
    if (error != SN_ERROR_CONNECTION_REFUSED && !step("connect to nobody", error))
        return false;
    return step("connect", sn_socket_connect(client, address));
}

void play_states(void)
{
    sn_endpoint address, local;
    sn_socket *listener = listener_open(NULL, &address);
    sn_socket *client = listener ? client_open(NULL) : NULL;
    sn_socket *refusing = client ? client_open(NULL) : NULL, *server = NULL;
    if (!refusing || !ask(client) || !connect_twice(client, refusing, &address) ||
        !step("accept", sn_socket_accept(listener, &server)))
        return;
    keep(server);
    int32_t is_at_mark = -1;
    if (adopt(client) &&
        step("ask for the urgent mark",
             sn_socket_io_control(client, SN_IO_CONTROL_OOB_DATA_READ, NULL, 0, &is_at_mark,
                                  sizeof is_at_mark, NULL)) &&
        step("ask for the local end point", sn_socket_get_local_endpoint(server, &local)) &&
        step("shut down", sn_socket_shutdown(server, SN_SHUTDOWN_BOTH)) &&
        step("disconnect", sn_socket_disconnect(client, true)) &&
        step("close in time", sn_socket_close_within(server, 1)))
        must(sn_socket_get_handle(server) < 0, "closed, and still with a descriptor");
}
