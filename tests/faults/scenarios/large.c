/* More, in pieces, than the kernel takes at once: what is left goes out when there is room. */
#include "faults/scenarios/all.h"

#include <string.h>

enum { PIECE = 100000, WHOLE = 2 * PIECE };

static struct op sending;
static char pieces[2][PIECE], arrived[WHOLE];

/* Nobody is left waiting for the rest. */
static void sent(struct op *op)
{
    if (!step("send in pieces", op->operation.error))
        stop();
    else
        must(op->operation.transferred == WHOLE, "another number of bytes was sent");
}

static void receive_whole(sn_socket *socket)
{
    size_t size = 0;
    for (size_t total = 0; total < WHOLE; total += size) {
        if (!step("receive",
                  sn_socket_receive(socket, arrived + total, WHOLE - total, SN_FLAG_NONE, &size)))
            return;
        must(size > 0 || is_stopped(), "the stream ended before everything had come");
        if (size == 0)
            return;
    }
    must(memcmp(arrived, pieces[0], PIECE) == 0 && memcmp(arrived + PIECE, pieces[1], PIECE) == 0,
         "other bytes came than were sent");
}

static void send_large(sn_engine *engine, sn_socket *from, sn_socket *to)
{
    bool is_ready;
    static const sn_buffer buffers[] = {{pieces[0], PIECE}, {pieces[1], PIECE}};
    /* A thread that has slept once keeps what it is woken by; whether it has to sleep later is a
     * matter of luck. */
    if (!step("sleep", sn_socket_poll(to, 1000, SN_SELECT_READ, &is_ready)) ||
        !step("set the engine", sn_socket_set_engine(from, engine)) ||
        !step("set the buffer's size", sn_socket_set_send_buffer_size(from, 10000)))
        return;
    sn_socket_send_buffers_async(from, buffers, 2, SN_FLAG_NONE, op_ready(&sending, sent));
    receive_whole(to);
}

void play_large(void)
{
    sn_socket *pair[2] = {NULL, NULL};
    memset(&sending, 0, sizeof sending);
    memset(pieces[0], 'a', PIECE);
    memset(pieces[1], 'b', PIECE);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (step("make a pair", sn_socket_pair(SN_TYPE_STREAM, pair))) {
        keep(pair[0]);
        keep(pair[1]);
        send_large(engine, pair[0], pair[1]);
    }
    engine_end(engine, 1);
}
