/* A pipe whose ends are adopted: descriptors that are no sockets, in both forms. */
#include "faults/scenarios/all.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct op receiving, sending;

/* The handle is the socket's, or closed. */
static sn_socket *adopt(int handle)
{
    sn_socket *socket = NULL;
    if (step("adopt an end", sn_socket_from_handle(handle, true, &socket)))
        return keep(socket);
    (void)close(handle);
    return NULL;
}

static bool talk(sn_socket *from, sn_socket *to)
{
    char data[8] = "";
    size_t size = 0;
    const sn_buffer pieces[] = {{"pi", 2}, {"pe", 2}};
    if (!step("send", sn_socket_send_buffers(from, pieces, 2, SN_FLAG_NONE, NULL)) ||
        !step("receive", sn_socket_receive(to, data, sizeof data, SN_FLAG_NONE, &size)))
        return false;
    must(size == 4 && memcmp(data, "pipe", 4) == 0, "other bytes came than were sent");
    return true;
}

static void talk_async(sn_engine *engine, sn_socket *from, sn_socket *to)
{
    static char data[8];
    memset(data, 0, sizeof data);
    if (!step("set the engine", sn_socket_set_engine(from, engine)) ||
        !step("set the other engine", sn_socket_set_engine(to, engine)))
        return;
    sn_socket_receive_async(to, data, sizeof data, SN_FLAG_NONE, op_ready(&receiving, NULL));
    sn_socket_send_async(from, "async", 5, SN_FLAG_NONE, op_ready(&sending, NULL));
    if (step("send asynchronously", sn_operation_wait(&sending.operation)) &&
        step("receive asynchronously", sn_operation_wait(&receiving.operation)))
        must(receiving.operation.transferred == 5 && memcmp(data, "async", 5) == 0,
             "other bytes came asynchronously");
}

/* Without a descriptor left there is no pipe, and nothing of the library's to be tried. */
static bool open_pipe(int ends[2])
{
    return step("make a pipe", pipe2(ends, O_CLOEXEC) < 0 ? SN_ERROR_TOO_MANY_OPEN_SOCKETS : SN_OK);
}

void play_pipes(void)
{
    int ends[2];
    memset(&receiving, 0, sizeof receiving);
    memset(&sending, 0, sizeof sending);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (open_pipe(ends)) {
        sn_socket *to = adopt(ends[0]), *from = adopt(ends[1]);
        if (to && from && talk(from, to))
            talk_async(engine, from, to);
    }
    engine_end(engine, 1);
}
