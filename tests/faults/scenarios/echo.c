/* An asynchronous echo: by callbacks on a thread of an engine, on one that the program drives, and
 * on one that is embedded in a loop of its own. */
#include "faults/scenarios/all.h"

#include <poll.h>
#include <string.h>

static struct {
    sn_engine *engine;
    sn_socket *client, *server;
    struct op accept, connect, client_send, client_receive, server_receive, server_send, leave;
    char question[4], answer[4];
    unsigned ended;
} room;

/* Whether an operation went well; if not, the scene ends. */
static bool is_fine(const char *what, struct op *op)
{
    bool fine = step(what, op->operation.error);
    if (!fine)
        stop();
    return fine;
}

static void left(struct op *op)
{
    if (is_fine("disconnect", op))
        note(&room.ended);
}

static void answered(struct op *op)
{
    if (!is_fine("receive the answer", op))
        return;
    must(op->operation.transferred == 4 || is_stopped(), "an answer of another size");
    if (is_stopped())
        return;
    must(memcmp(room.answer, "echo", 4) == 0, "another answer");
    sn_socket_disconnect_async(room.client, false, op_ready(&room.leave, left));
}

static void server_sent(struct op *op)
{
    (void)is_fine("send the answer", op);
}

static void asked(struct op *op)
{
    if (!is_fine("receive the question", op))
        return;
    /* Where the client has failed its socket is closed, which is an end like any other. */
    must(op->operation.transferred == 4 || is_stopped(), "a question of another size");
    sn_socket_send_async(room.server, room.question, 4, SN_FLAG_NONE,
                         op_ready(&room.server_send, server_sent));
}

static void accepted(struct op *op)
{
    if (!is_fine("accept", op))
        return;
    room.server = keep(op->operation.socket);
    sn_socket_receive_async(room.server, room.question, 4, SN_FLAG_NONE,
                            op_ready(&room.server_receive, asked));
}

static void client_sent(struct op *op)
{
    if (!is_fine("send the question", op))
        return;
    sn_socket_receive_async(room.client, room.answer, 4, SN_FLAG_NONE,
                            op_ready(&room.client_receive, answered));
}

static void connected(struct op *op)
{
    if (!is_fine("connect", op))
        return;
    sn_socket_send_async(room.client, "echo", 4, SN_FLAG_NONE,
                         op_ready(&room.client_send, client_sent));
}

/* As a loop of the program's own does it, with whatever else it watches. */
static bool sleep_and_run(sn_engine *engine)
{
    sn_handle handle = -1;
    sn_milliseconds timeout_ms = SN_FOREVER;
    if (!step("ask for the handle", sn_engine_get_handle(engine, &handle)) ||
        !step("ask for the time", sn_engine_get_timeout(engine, &timeout_ms)))
        return false;
    struct pollfd watched = {.fd = handle, .events = POLLIN};
    (void)poll(&watched, 1, (int)timeout_ms);
    return step("run", sn_engine_run(engine, 0, NULL));
}

static void embed(sn_engine *engine)
{
    while (room.ended == 0 && !is_stopped())
        if (!sleep_and_run(engine))
            stop();
}

static void start_echo(sn_socket *listener, const sn_endpoint *address)
{
    sn_socket_accept_async(listener, NULL, op_ready(&room.accept, accepted));
    sn_socket_connect_async(room.client, address, op_ready(&room.connect, connected));
}

static void play_echo(int threads, bool is_embedded)
{
    sn_endpoint address;
    memset(&room, 0, sizeof room);
    if (!(room.engine = engine_open(threads)))
        return;
    sn_socket *listener = listener_open(room.engine, &address);
    if (listener && (room.client = client_open(room.engine))) {
        start_echo(listener, &address);
        if (is_embedded)
            embed(room.engine);
        wait_for(threads == 0 ? room.engine : NULL, &room.ended, 1);
    }
    engine_end(room.engine, threads);
}

void play_callbacks(void)
{
    play_echo(1, false);
}

void play_driven(void)
{
    play_echo(0, false);
}

void play_embedded(void)
{
    play_echo(0, true);
}
