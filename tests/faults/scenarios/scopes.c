/* A thread that is ended in what it waits for, by a handle that another one cancels. */
#include "faults/scenarios/all.h"

#include <string.h>

static struct {
    struct op post, receiving;
    sn_cancellation *cancellation;
    char byte;
} room;

static void cancel(struct op *op)
{
    (void)op;
    sn_cancellation_cancel(room.cancellation);
}

/* Also where the post itself has failed, so that nobody waits for ever. */
static sn_error ended(sn_error error)
{
    return error == SN_ERROR_OPERATION_CANCELED ? SN_OK : error;
}

static void wait_inside(sn_engine *engine, sn_socket *pair[2])
{
    size_t size = 0;
    sn_ip_address address;
    if (!step("send", sn_socket_send(pair[1], "x", 1, SN_FLAG_NONE, NULL)) ||
        !step("receive", sn_socket_receive(pair[0], &room.byte, 1, SN_FLAG_NONE, &size)))
        return;
    /* Without a descriptor left the C library finds nobody. */
    sn_error error = sn_dns_get_host_addresses("localhost", SN_FAMILY_IPV4, &address, 1, &size);
    if (!step("look up", error == SN_ERROR_HOST_NOT_FOUND ? SN_OK : error))
        return;
    sn_engine_post_async(engine, op_ready(&room.post, cancel));
    if (!step("be ended", ended(sn_socket_receive(pair[0], &room.byte, 1, SN_FLAG_NONE, &size))))
        return;
    sn_socket_receive_async(pair[0], &room.byte, 1, SN_FLAG_NONE, op_ready(&room.receiving, NULL));
    (void)step("wait", ended(sn_operation_wait(&room.receiving.operation)));
}

void play_scopes(void)
{
    sn_socket *pair[2] = {NULL, NULL};
    sn_cancellation_scope scope;
    memset(&room, 0, sizeof room);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (step("make a cancellation", sn_cancellation_create(&room.cancellation)) &&
        step("make a pair", sn_socket_pair(SN_TYPE_STREAM, pair))) {
        keep(pair[0]);
        keep(pair[1]);
        if (step("set the engine", sn_socket_set_engine(pair[0], engine)) &&
            step("enter", sn_cancellation_enter(room.cancellation, &scope))) {
            wait_inside(engine, pair);
            must(sn_cancellation_leave(&scope) == SN_OK, "a scope could not be left");
        }
    }
    engine_end(engine, 1);
    sn_cancellation_release(room.cancellation);
}
