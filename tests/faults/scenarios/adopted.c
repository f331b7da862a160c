/* One descriptor in the hands of several objects: each waits for itself. */
#include "faults/scenarios/all.h"

#include <string.h>

static struct op first, second;

static sn_socket *adopt(sn_engine *engine, sn_socket *socket)
{
    sn_socket *adopted = NULL;
    if (!step("adopt", sn_socket_from_handle(sn_socket_get_handle(socket), false, &adopted)))
        return NULL;
    keep(adopted);
    return step("set the engine", sn_socket_set_engine(adopted, engine)) ? adopted : NULL;
}

static bool wait_both(const char *what)
{
    return step(what, sn_operation_wait(&first.operation)) &&
           step(what, sn_operation_wait(&second.operation));
}

/* Each gets one byte of the two, whichever. */
static void receive_twice(sn_engine *engine, sn_socket *pair[2])
{
    static char bytes[2];
    sn_socket *again = NULL;
    if (!step("set the engine", sn_socket_set_engine(pair[0], engine)) ||
        !(again = adopt(engine, pair[0])))
        return;
    sn_socket_receive_async(pair[0], &bytes[0], 1, SN_FLAG_NONE, op_ready(&first, NULL));
    sn_socket_receive_async(again, &bytes[1], 1, SN_FLAG_NONE, op_ready(&second, NULL));
    if (!step("send", sn_socket_send(pair[1], "xy", 2, SN_FLAG_NONE, NULL)) ||
        !wait_both("receive"))
        return;
    must(bytes[0] + bytes[1] == 'x' + 'y', "other bytes came, or one came twice");
}

static void accept_twice(sn_engine *engine)
{
    sn_endpoint address;
    sn_socket *listener = listener_open(engine, &address);
    sn_socket *again = listener ? adopt(engine, listener) : NULL;
    if (!again)
        return;
    sn_socket_accept_async(listener, NULL, op_ready(&first, NULL));
    sn_socket_accept_async(again, NULL, op_ready(&second, NULL));
    bool is_fine = true;
    for (int i = 0; is_fine && i < 2; i++) {
        sn_socket *client = client_open(NULL);
        is_fine = client && step("connect", sn_socket_connect(client, &address));
    }
    if (is_fine)
        (void)wait_both("accept");
    stop();
    ops_finish(NULL);
    sn_socket_release(first.operation.socket);
    sn_socket_release(second.operation.socket);
}

void play_adopted(void)
{
    sn_socket *pair[2] = {NULL, NULL};
    memset(&first, 0, sizeof first);
    memset(&second, 0, sizeof second);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (step("make a pair", sn_socket_pair(SN_TYPE_STREAM, pair))) {
        keep(pair[0]);
        keep(pair[1]);
        receive_twice(engine, pair);
    }
    engine_end(engine, 1);
}

void play_adopted_listener(void)
{
    memset(&first, 0, sizeof first);
    memset(&second, 0, sizeof second);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    accept_twice(engine);
    engine_end(engine, 1);
}
