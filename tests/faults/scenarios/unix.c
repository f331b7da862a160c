/* A Unix socket with a file, which is gone at the end. */
#include "faults/scenarios/all.h"

#include <string.h>
#include <unistd.h>

#include "faults/faults.h"

static struct op accepting, receiving;

static sn_socket *open_unix(void)
{
    sn_socket *socket = NULL;
    sn_error error =
        sn_socket_create(SN_FAMILY_UNIX, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED, &socket);
    return step("create a socket", error) ? keep(socket) : NULL;
}

static bool talk(sn_socket *listener, sn_socket *client, const sn_endpoint *address)
{
    static char data[8];
    memset(data, 0, sizeof data);
    sn_socket_accept_async(listener, NULL, op_ready(&accepting, NULL));
    if (!step("connect", sn_socket_connect(client, address)) ||
        !step("accept", sn_operation_wait(&accepting.operation)))
        return false;
    sn_socket *server = keep(sn_socket_retain(accepting.operation.socket));
    sn_socket_receive_async(server, data, sizeof data, SN_FLAG_NONE, op_ready(&receiving, NULL));
    if (!step("send", sn_socket_send(client, "unix", 4, SN_FLAG_NONE, NULL)) ||
        !step("receive", sn_operation_wait(&receiving.operation)))
        return false;
    must(receiving.operation.transferred == 4 && memcmp(data, "unix", 4) == 0, "other bytes came");
    return true;
}

/* By a path that leads elsewhere when the socket is closed. */
static void bind_and_leave(const char *folder, const char *name)
{
    sn_endpoint address;
    sn_socket *socket = open_unix();
    must(!sn_endpoint_from_unix(name, &address), "no end point");
    must(chdir(folder) == 0, "no folder");
    if (socket && step("bind", sn_socket_bind(socket, &address)))
        must(access(name, F_OK) == 0, "bound, and without a file");
    must(chdir("/") == 0, "no root");
    stop();
}

static void play_at(sn_engine *engine, const char *path)
{
    sn_endpoint address;
    must(!sn_endpoint_from_unix(path, &address), "no end point");
    sn_socket *listener = open_unix(), *client = listener ? open_unix() : NULL;
    if (!client || !step("set the engine", sn_socket_set_engine(listener, engine)) ||
        !step("bind", sn_socket_bind(listener, &address)) ||
        !step("listen", sn_socket_listen(listener, 4)))
        return;
    must(access(path, F_OK) == 0, "bound, and without a file");
    (void)talk(listener, client, &address);
    stop();
    ops_finish(NULL);
    sn_socket_release(accepting.operation.socket);
}

/* A file that could not be removed stays, and would be in the way of the next play. */
static void check_removed(const char *path)
{
    bool is_there = access(path, F_OK) == 0;
    must(!is_there || fault_may_keep_file(), "the file of a closed socket is still there");
    (void)unlink(path);
}

void play_unix(void)
{
    char path[120];
    memset(&accepting, 0, sizeof accepting);
    memset(&receiving, 0, sizeof receiving);
    must(strlen(scene_path("socket")) < sizeof path, "the path is too long");
    strcpy(path, scene_path("socket"));
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    play_at(engine, path);
    engine_end(engine, 1);
    check_removed(path);
}

void play_unix_relative(void)
{
    char path[120];
    must(strlen(scene_path("relative")) < sizeof path, "the path is too long");
    strcpy(path, scene_path("relative"));
    char *name = strrchr(path, '/');
    *name = '\0';
    bind_and_leave(path, name + 1);
    *name = '/';
    check_removed(path);
}
