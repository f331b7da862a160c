/* Operations that are waited for, on engines with threads, and on the default one. */
#include "faults/scenarios/all.h"

#include <string.h>

static struct op accepting, connecting, receiving, sending;

/* A wait gives the operation's error, or tells that it could not wait. */
static bool wait_op(const char *what, struct op *op)
{
    return step(what, sn_operation_wait(&op->operation));
}

/* Whether both have come to their end, and well. */
static bool meet(sn_socket *listener, sn_socket *client, const sn_endpoint *address)
{
    sn_operation *both[] = {op_ready(&accepting, NULL), op_ready(&connecting, NULL)};
    size_t first = 0;
    sn_socket_accept_async(listener, NULL, both[0]);
    sn_socket_connect_async(client, address, both[1]);
    if (!step("wait for any", sn_operation_wait_any(both, 2, SN_FOREVER, &first)))
        return false;
    must(sn_operation_is_completed(both[first]), "the one that was first has not completed");
    if (!step("the first of accept and connect", both[first]->error))
        return false;
    return step("wait for both", sn_operation_wait_all(both, 2, SN_FOREVER)) &&
           step("connect", connecting.operation.error) && step("accept", accepting.operation.error);
}

static bool talk(sn_socket *client, sn_socket *server)
{
    char data[8] = "";
    keep(sn_socket_retain(server)); /* a stop closes it too */
    sn_socket_receive_async(server, data, sizeof data, SN_FLAG_NONE, op_ready(&receiving, NULL));
    sn_socket_send_async(client, "hello", 5, SN_FLAG_NONE, op_ready(&sending, NULL));
    bool is_fine = wait_op("send", &sending) && wait_op("receive", &receiving);
    if (!is_fine) {
        stop();
        ops_finish(NULL); /* `data` is lent until then */
        return false;
    }
    must(receiving.operation.transferred == 5 && memcmp(data, "hello", 5) == 0,
         "other bytes came than were sent");
    return true;
}

static void play_on(sn_engine *engine)
{
    sn_endpoint address;
    memset(&accepting, 0, sizeof accepting);
    memset(&connecting, 0, sizeof connecting);
    memset(&receiving, 0, sizeof receiving);
    memset(&sending, 0, sizeof sending);
    sn_socket *listener = listener_open(engine, &address), *client = NULL;
    if (!listener || !(client = client_open(engine)))
        return;
    if (meet(listener, client, &address))
        (void)talk(client, accepting.operation.socket);
    stop();
    ops_finish(NULL);
    sn_socket_release(accepting.operation.socket); /* also where the waiting for it failed */
}

void play_waiting(void)
{
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    play_on(engine);
    engine_end(engine, 1);
}

void play_default_engine(void)
{
    play_on(NULL);
}
