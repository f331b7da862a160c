/* The accept loop as it is documented: after a passing error it goes on. */
#include "faults/scenarios/all.h"

#include <string.h>

enum { CLIENTS = 3, PATIENCE = 4 };

static struct {
    sn_socket *listener;
    struct op accept;
    unsigned accepted, errors;
} room;

static void go_on(void);

static void accepted(struct op *op)
{
    sn_error error = op->operation.error;
    must(!error == (op->operation.socket != NULL), "an accept without a socket, or the reverse");
    if (!error) {
        keep(op->operation.socket);
        note(&room.accepted);
        go_on();
    } else if (sn_error_is_transient(error) && room.errors++ < PATIENCE) {
        go_on();
    } else if (!is_stopped()) {
        (void)step("accept", error);
        stop();
    }
}

static void go_on(void)
{
    sn_socket_accept_async(room.listener, NULL, op_ready(&room.accept, accepted));
}

void play_accept_loop(void)
{
    sn_endpoint address;
    memset(&room, 0, sizeof room);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if ((room.listener = listener_open(engine, &address)) != NULL) {
        go_on();
        bool is_fine = true;
        for (int i = 0; is_fine && i < CLIENTS; i++) {
            sn_socket *client = client_open(NULL);
            is_fine = client && step("connect", sn_socket_connect(client, &address));
        }
        if (is_fine)
            wait_for(NULL, &room.accepted, CLIENTS);
    }
    engine_end(engine, 1);
}
