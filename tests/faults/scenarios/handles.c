/* Descriptors that leave their objects, go over a Unix socket, and come back. */
#include "faults/scenarios/all.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "error/error.h"

static struct op receiving, sending, reading, detaching;
static sn_socket *way[2];

/* Handles for which there is no room any more are told by a flag. */
static sn_error error_of_receive(size_t count, size_t wanted, sn_flags flags)
{
    if (count == wanted)
        return SN_OK;
    must(count < wanted && (flags & SN_FLAG_CONTROL_DATA_TRUNCATED), "handles are missing");
    return sn_error_from_native(EMFILE);
}

/* Takes over what came. */
static sn_socket *adopt(sn_handle handle)
{
    sn_socket *socket = NULL;
    if (step("adopt", sn_socket_from_handle(handle, true, &socket)))
        return keep(socket);
    (void)close(handle);
    return NULL;
}

static sn_socket *pass_blocking(sn_handle handle)
{
    sn_handle arrived = SN_HANDLE_NONE;
    sn_flags flags = SN_FLAG_NONE;
    size_t count = 0, size = 0;
    char byte;
    if (!step("send handles",
              sn_socket_send_handles(way[0], "x", 1, &handle, 1, SN_FLAG_NONE, NULL)) ||
        !step("receive handles",
              sn_socket_receive_handles(way[1], &byte, 1, &arrived, 1, &flags, &count, &size)))
        return NULL;
    must(size == 1 && byte == 'x', "another byte came");
    return step("receive handles", error_of_receive(count, 1, flags)) ? adopt(arrived) : NULL;
}

/* Of three, for one of which there is room. */
static void pass_too_many(sn_handle handle)
{
    static sn_handle handles[3], arrived;
    static char byte;
    handles[0] = handles[1] = handles[2] = handle;
    arrived = SN_HANDLE_NONE;
    sn_socket_receive_handles_async(way[1], &byte, 1, &arrived, 1, SN_FLAG_NONE,
                                    op_ready(&receiving, NULL));
    sn_socket_send_handles_async(way[0], "y", 1, handles, 3, SN_FLAG_NONE,
                                 op_ready(&sending, NULL));
    if (!step("send handles asynchronously", sn_operation_wait(&sending.operation)))
        return;
    bool is_received =
        step("receive handles asynchronously", sn_operation_wait(&receiving.operation));
    size_t count = sn_operation_get_handle_count(&receiving.operation);
    if (count > 0)
        (void)close(arrived);
    if (is_received)
        (void)step("receive handles asynchronously",
                   error_of_receive(count, 1, receiving.operation.flags));
}

static void detach(sn_socket *socket)
{
    static sn_handle handle;
    static char byte;
    handle = SN_HANDLE_NONE;
    sn_socket_receive_async(socket, &byte, 1, SN_FLAG_NONE, op_ready(&reading, NULL));
    sn_socket_detach_async(socket, true, &handle, op_ready(&detaching, NULL));
    if (!step("detach asynchronously", sn_operation_wait(&detaching.operation)))
        return;
    must(sn_operation_is_completed(&reading.operation), "something is pending after a detach");
    must(close(handle) == 0, "a detach gave what is not open");
}

static void exchange(sn_engine *engine)
{
    sn_socket *pair[2] = {NULL, NULL}, *copy = NULL, *arrived;
    sn_handle handle = SN_HANDLE_NONE;
    if (!step("make a pair", sn_socket_pair(SN_TYPE_STREAM, pair)))
        return;
    keep(pair[0]);
    keep(pair[1]);
    if (!step("duplicate", sn_socket_duplicate(pair[0], &copy)))
        return;
    keep(copy);
    if (!step("detach", sn_socket_detach(pair[0], false, &handle)))
        return;
    arrived = pass_blocking(handle);
    if (arrived)
        pass_too_many(handle);
    (void)close(handle);
    if (arrived && step("set the engine", sn_socket_set_engine(arrived, engine)))
        detach(arrived);
}

void play_handles(void)
{
    memset(&receiving, 0, sizeof receiving);
    memset(&sending, 0, sizeof sending);
    memset(&reading, 0, sizeof reading);
    memset(&detaching, 0, sizeof detaching);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (step("make a way", sn_socket_pair(SN_TYPE_STREAM, way))) {
        keep(way[0]);
        keep(way[1]);
        if (step("set the engine", sn_socket_set_engine(way[0], engine)) &&
            step("set the engine", sn_socket_set_engine(way[1], engine)))
            exchange(engine);
    }
    engine_end(engine, 1);
}
