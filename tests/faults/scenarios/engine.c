/* Engines themselves: made, given something to do, and destroyed while something is pending. */
#include "faults/scenarios/all.h"

#include <string.h>

static struct {
    struct op delay, post, late, waiting, cancelled, repeating;
    unsigned ended;
    char byte;
} room;

static void ended(struct op *op)
{
    if (!step("a delay or a post", op->operation.error))
        stop();
    note(&room.ended);
}

/* Ended by itself, unless a step before it has failed; then by the end of its engine. */
static void ticked(sn_operation *operation, uint64_t periods)
{
    must(periods > 0, "a period that has not passed");
    if (operation->transferred == 2)
        sn_operation_cancel(operation);
}

static void repeated(struct op *op)
{
    if (op->operation.error == SN_ERROR_OPERATION_CANCELED)
        must(op->operation.transferred >= 2, "a timer has ended early");
    else
        (void)step("a timer that repeats", op->operation.error);
    note(&room.ended);
}

/* What may come of an operation that the end of its engine, a close or a cancel has ended. */
static void aborted(struct op *op)
{
    sn_error error = op->operation.error;
    if (error != SN_ERROR_OPERATION_ABORTED && error != SN_ERROR_OPERATION_CANCELED)
        (void)step("what was to be ended", error);
}

static void play_in(sn_engine *engine, sn_socket *pair[2], sn_cancellation *cancellation,
                    bool is_driven)
{
    sn_engine_delay_async(engine, 1, op_ready(&room.delay, ended));
    sn_engine_post_async(engine, op_ready(&room.post, ended));
    sn_engine_repeat_async(engine, 1, ticked, op_ready(&room.repeating, repeated));
    sn_engine_delay_async(engine, 100000, op_ready(&room.late, aborted));
    if (pair[0] && step("set the engine", sn_socket_set_engine(pair[0], engine))) {
        sn_operation *waiting = op_ready(&room.waiting, aborted);
        sn_operation *cancelled = op_ready(&room.cancelled, aborted);
        cancelled->cancellation = cancellation;
        sn_socket_receive_async(pair[0], &room.byte, 1, SN_FLAG_NONE, waiting);
        sn_socket_receive_async(pair[0], &room.byte, 1, SN_FLAG_NONE, cancelled);
        sn_cancellation_cancel(cancellation);
    }
    wait_for(is_driven ? engine : NULL, &room.ended, 3);
}

/* The late ones complete in the destroy, and the sockets are closed after it. */
static void destroy(sn_engine *engine)
{
    sn_error error = sn_engine_destroy(engine);
    must(!error, "an engine could not be destroyed");
}

static void play(int threads)
{
    sn_socket *pair[2] = {NULL, NULL};
    sn_cancellation *cancellation = NULL;
    memset(&room, 0, sizeof room);
    sn_engine *engine = engine_open(threads);
    if (!engine)
        return;
    if (step("make a cancellation", sn_cancellation_create(&cancellation))) {
        if (step("make a pair", sn_socket_pair(SN_TYPE_STREAM, pair))) {
            keep(pair[0]);
            keep(pair[1]);
        }
        play_in(engine, pair, cancellation, threads == 0);
    }
    destroy(engine);
    sn_cancellation_release(cancellation);
}

void play_engine(void)
{
    play(2);
}

void play_engine_driven(void)
{
    play(0);
}
