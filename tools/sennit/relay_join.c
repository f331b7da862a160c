/*
 * Two streams are the library's to join: the kernel moves their bytes. Where messages are kept
 * apart on either side, each is taken and passed on as one, by a thread for each direction.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <sennit/relay.h>

#include "clock.h"
#include "interrupt.h"
#include "relay.h"
#include "report.h"

enum { PIECE_MAX = 256 * 1024 };

/* How long datagrams are waited for that may never come, where nothing else was said. */
enum { DATAGRAM_IDLE_MS = 60000 };

static void tell(const struct relay_pair *pair, uint64_t there, uint64_t back)
{
    fprintf(stderr, "sennit: %s and %s: %" PRIu64 " bytes there, %" PRIu64 " back\n",
            pair->texts[0], pair->texts[1], there, back);
}

/* --- Streams ---------------------------------------------------------------------------------- */

static int join_streams(const struct relay_pair *pair, const struct relay_choices *choices)
{
    sn_relay_result result = {0};
    sn_error error = sn_socket_relay(pair->sockets[0], pair->sockets[1],
                                     choices->lifetime_ms > 0 ? choices->lifetime_ms : SN_FOREVER,
                                     choices->idle_ms > 0 ? choices->idle_ms : SN_FOREVER, &result);
    if (choices->is_verbose)
        tell(pair, result.there, result.back);
    if (!error)
        return EXIT_DONE;
    if (error == SN_ERROR_TIMED_OUT)
        return report_words("relay", pair->texts[0],
                            "TimedOut: it lasted, or nothing moved, as long as is allowed");
    int failed = result.failed == pair->sockets[1];
    if (pair->is_program[failed] &&
        (error == SN_ERROR_CONNECTION_RESET || error == SN_ERROR_SHUTDOWN))
        return EXIT_DONE;
    return report_failure("relay", pair->texts[failed], error);
}

/* --- Messages --------------------------------------------------------------------------------- */

struct join {
    const struct relay_pair *pair;
    int64_t idle_ms;              /* 0: no limit */
    atomic_int_fast64_t moved_ms; /* when something moved last, in either direction */
    atomic_bool is_over;          /* the limit has passed, or a direction has failed */
    int64_t until_ms;             /* when it has lasted long enough; 0: no limit */
};

struct direction {
    struct join *join;
    int from; /* of the two sockets */
    uint64_t moved;
    int status;
    sn_cancellation_scope scope;
};

static void finish(struct join *join)
{
    atomic_store(&join->is_over, true);
    for (int i = 0; i < 2; i++)
        sn_socket_close(join->pair->sockets[i]); /* which ends the other direction */
}

static int64_t left_ms(struct join *join)
{
    int64_t now = clock_now_ms();
    int64_t left =
        join->idle_ms > 0 ? atomic_load(&join->moved_ms) + join->idle_ms - now : INT64_C(86400000);
    return join->until_ms > 0 && join->until_ms - now < left ? join->until_ms - now : left;
}

static sn_error receive(struct direction *direction, char *piece, size_t room, size_t *out_size)
{
    struct join *join = direction->join;
    sn_socket *socket = join->pair->sockets[direction->from];
    sn_error error = SN_ERROR_TIMED_OUT;
    int64_t wait_ms;
    while (error == SN_ERROR_TIMED_OUT && (wait_ms = left_ms(join)) > 0) {
        error = sn_socket_set_receive_timeout(socket, wait_ms);
        if (!error)
            error = sn_socket_receive(socket, piece, room, SN_FLAG_NONE, out_size);
    }
    return error;
}

/* A time that is over is how datagrams end, and a failure only of what has an end of its own. */
static int explain(struct direction *direction, sn_error error)
{
    const struct relay_pair *pair = direction->join->pair;
    if (atomic_load(&direction->join->is_over))
        return EXIT_DONE;
    if (error != SN_ERROR_TIMED_OUT)
        return report_failure("relay", pair->texts[direction->from], error);
    return pair->has_end[0] && pair->has_end[1]
               ? report_words("relay", pair->texts[0],
                              "TimedOut: it lasted, or nothing moved, as long as is allowed")
               : EXIT_DONE;
}

static int pump(struct direction *direction, char *piece)
{
    struct join *join = direction->join;
    const struct relay_pair *pair = join->pair;
    int from = direction->from, to = !from;
    size_t room = pair->has_end[from] ? pair->piece_size : PIECE_MAX;
    for (;;) {
        size_t size = 0;
        sn_error error = receive(direction, piece, room, &size);
        if (!error && size == 0 && pair->has_end[from]) {
            if (pair->has_end[to])
                (void)sn_socket_shutdown(pair->sockets[to], SN_SHUTDOWN_SEND);
            return EXIT_DONE;
        }
        if (!error)
            error = sn_socket_send(pair->sockets[to], piece, size, SN_FLAG_NONE, NULL);
        if (error) {
            int status = explain(direction, error);
            finish(join);
            return status;
        }
        atomic_store(&join->moved_ms, clock_now_ms());
        direction->moved += size;
    }
}

static void *run_direction(void *argument)
{
    struct direction *direction = argument;
    char *piece = malloc(PIECE_MAX);
    interrupt_enter(&direction->scope);
    direction->status =
        piece ? pump(direction, piece)
              : report_failure("relay", direction->join->pair->texts[0], SN_ERROR_OUT_OF_MEMORY);
    interrupt_leave(&direction->scope);
    free(piece);
    return NULL;
}

static int join_messages(const struct relay_pair *pair, const struct relay_choices *choices)
{
    struct join join = {.pair = pair, .idle_ms = choices->idle_ms};
    if (join.idle_ms == 0 && !(pair->has_end[0] && pair->has_end[1]))
        join.idle_ms = DATAGRAM_IDLE_MS;
    if (choices->lifetime_ms > 0)
        join.until_ms = clock_now_ms() + choices->lifetime_ms;
    atomic_store(&join.moved_ms, clock_now_ms());
    struct direction there = {.join = &join, .from = 0}, back = {.join = &join, .from = 1};
    pthread_t thread;
    int native = pthread_create(&thread, NULL, run_direction, &back);
    if (native != 0)
        return report_file_failure("starting a thread", native);
    (void)run_direction(&there);
    (void)pthread_join(thread, NULL);
    if (choices->is_verbose)
        tell(pair, there.moved, back.moved);
    return there.status != EXIT_DONE ? there.status : back.status;
}

int relay_join(const struct relay_pair *pair, const struct relay_choices *choices)
{
    bool are_streams = sn_socket_get_socket_type(pair->sockets[0]) == SN_TYPE_STREAM &&
                       sn_socket_get_socket_type(pair->sockets[1]) == SN_TYPE_STREAM;
    return are_streams ? join_streams(pair, choices) : join_messages(pair, choices);
}
