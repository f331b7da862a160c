/*
 * One direction, 64 KiB a call: the cost of moving much.
 *
 * Each turn sends a fixed amount; the receiver answers with one byte when it has all of it, and
 * that ends the turn. The two threads are on two processors where there are two.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "choices.h"
#include "connection.h"
#include "measure.h"

enum { PIECE_SIZE = 64 * 1024, MEBIBYTE = 1024 * 1024 };

/* A contender: this thread sends, a thread of its own receives. */
struct flow {
    struct connection connection;
    pthread_t thread;
    size_t turn_size;
    size_t receiver_core;
    bool has_thread;
};

/* Receives one turn. @return false at the end of the stream */
static bool receive_turn(const struct flow *flow, char *piece)
{
    size_t rest = flow->turn_size;
    while (rest > 0) {
        size_t wanted = rest < PIECE_SIZE ? rest : PIECE_SIZE;
        size_t size = bench_end_receive(&flow->connection.far, piece, wanted);
        if (size == 0)
            return false;
        rest -= size;
    }
    return bench_end_send(&flow->connection.far, "x", 1);
}

static void *receive_all(void *argument)
{
    const struct flow *flow = argument;
    char *piece = malloc(PIECE_SIZE);
    (void)measure_pin(flow->receiver_core);
    while (piece && receive_turn(flow, piece))
        ;
    free(piece);
    return NULL;
}

static double turn(void *context)
{
    static const char piece[PIECE_SIZE];
    const struct flow *flow = context;
    const struct bench_end *near = &flow->connection.near;
    char byte;
    uint64_t begin = measure_clock_ns();
    for (size_t sent = 0; sent < flow->turn_size; sent += PIECE_SIZE) {
        if (!bench_end_send(near, piece, PIECE_SIZE))
            return -1;
    }
    if (bench_end_receive(near, &byte, 1) != 1)
        return -1;
    return (double)flow->turn_size * 1e9 / (double)(measure_clock_ns() - begin);
}

static bool flow_open(struct flow *flow, bool sender_is_sennit, bool receiver_is_sennit,
                      long turn_mib)
{
    flow->receiver_core = measure_core(1);
    flow->turn_size = (size_t)turn_mib * MEBIBYTE;
    if (!connection_open(&flow->connection, sender_is_sennit, receiver_is_sennit))
        return false;
    flow->has_thread = pthread_create(&flow->thread, NULL, receive_all, flow) == 0;
    return flow->has_thread;
}

static void flow_close(struct flow *flow)
{
    if (flow->has_thread) {
        bench_end_shutdown(&flow->connection.near);
        (void)pthread_join(flow->thread, NULL);
    }
    connection_close(&flow->connection);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        bool sender_is_sennit, receiver_is_sennit;
    } KINDS[] = {{"raw", false, false},
                 {"sender", true, false},
                 {"receiver", false, true},
                 {"both", true, true}};
    enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

    struct choices choices = {
        .program = "stream",
        .about = "64 KiB a call in one direction over TCP: Sennit against raw system calls.\n"
                 "  raw       raw calls at both ends: the reference\n"
                 "  sender    Sennit sends, raw calls receive\n"
                 "  receiver  raw calls send, Sennit receives\n"
                 "  both      Sennit at both ends\n",
        .round_count = 60,
        .turn = 64,
        .turn_value = "MIB",
        .turn_help = "how much a turn sends"};
    int status = choices_parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;

    struct flow flows[KIND_COUNT] = {{.has_thread = false}};
    struct contender contenders[KIND_COUNT];
    bool is_open = true;
    for (size_t i = 0; is_open && i < KIND_COUNT; i++) {
        is_open = flow_open(&flows[i], KINDS[i].sender_is_sennit, KINDS[i].receiver_is_sennit,
                            choices.turn);
        contenders[i] =
            (struct contender){.name = KINDS[i].name, .turn = turn, .context = &flows[i]};
    }
    struct measurement measurement = {.title = "stream",
                                      .unit = "MB/s",
                                      .scale = 1e6,
                                      .contenders = contenders,
                                      .count = KIND_COUNT,
                                      .round_count = (size_t)choices.round_count};
    /* Only now: measure_core() counts the processors that this process may use. */
    if (!measure_pin(measure_core(0)))
        fprintf(stderr, "stream: this process cannot be kept on one processor\n");
    bool is_measured = is_open && measure_run(&measurement);
    if (is_measured)
        measure_finish(&measurement);
    if (is_open) {
        for (size_t i = 0; i < KIND_COUNT; i++)
            flow_close(&flows[i]);
    }
    return is_measured ? EXIT_DONE : EXIT_FAILED;
}
