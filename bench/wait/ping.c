/*
 * The near end plays in three ways; the far end always answers with raw blocking calls. Everything
 * is kept on one processor, the engine's thread too: on two, waking an idle processor takes longer
 * than everything else together.
 */
#include "parts.h"

#include <pthread.h>
#include <stdio.h>

#include "../connection.h"
#include "../measure.h"

enum {
    CLOCK_EVERY = 16, /* round trips between two looks at the clock */
    RAW = 0,
    BLOCKING = 1,
    WAIT = 2,
    WAYS = 3
};

/* A contender: this thread plays the near end, a thread of its own answers at the far end. */
struct game {
    struct connection connection;
    pthread_t thread;
    bool (*trip)(const struct bench_end *near);
    uint64_t turn_ns;
    bool has_thread;
};

static bool trip_blocking(const struct bench_end *near)
{
    char byte = 'x';
    return bench_end_send(near, &byte, 1) && bench_end_receive(near, &byte, 1) == 1;
}

static bool trip_wait(const struct bench_end *near)
{
    sn_operation operation = {.completed = NULL};
    char byte = 'x';
    if (!bench_end_send(near, &byte, 1))
        return false;
    sn_socket_receive_async(near->socket, &byte, 1, SN_FLAG_NONE, &operation);
    return sn_operation_wait(&operation) == SN_OK && operation.transferred == 1;
}

static void *echo(void *argument)
{
    const struct game *game = argument;
    const struct bench_end *far = &game->connection.far;
    char byte;
    while (bench_end_receive(far, &byte, 1) == 1 && bench_end_send(far, &byte, 1))
        ;
    return NULL;
}

static double turn(void *context)
{
    const struct game *game = context;
    uint64_t count = 0, begin_ns = measure_clock_ns(), now_ns;
    do {
        for (int i = 0; i < CLOCK_EVERY; i++) {
            if (!game->trip(&game->connection.near))
                return -1;
        }
        count += CLOCK_EVERY;
        now_ns = measure_clock_ns();
    } while (now_ns - begin_ns < game->turn_ns);
    return (double)count * 1e9 / (double)(now_ns - begin_ns);
}

static bool game_open(struct game *game, int way, long turn_ms)
{
    game->trip = way == WAIT ? trip_wait : trip_blocking;
    game->turn_ns = (uint64_t)turn_ms * 1000000u;
    if (!connection_open(&game->connection, way != RAW, false))
        return false;
    game->has_thread = pthread_create(&game->thread, NULL, echo, game) == 0;
    return game->has_thread;
}

static void game_close(struct game *game)
{
    if (game->has_thread) {
        bench_end_shutdown(&game->connection.near);
        (void)pthread_join(game->thread, NULL);
    }
    connection_close(&game->connection);
}

static void print_ratios(struct measurement *measurement)
{
    const struct contender *contenders = measurement->contenders;
    printf("ratio wait/wait:blocking %.3f\n",
           measure_paired_ratio(contenders[WAIT].rates, contenders[BLOCKING].rates,
                                measurement->round_count));
    measure_finish(measurement);
}

bool ping_measure(size_t round_count, long turn_ms)
{
    struct game games[WAYS] = {{.has_thread = false}};
    struct contender contenders[WAYS] = {{.name = "raw"}, {.name = "blocking"}, {.name = "wait"}};
    struct measurement measurement = {.title = "wait",
                                      .unit = "round trips/s",
                                      .scale = 1,
                                      .contenders = contenders,
                                      .count = WAYS,
                                      .round_count = round_count};
    /* Before the first asynchronous call: the threads of the engine inherit it. */
    if (!measure_pin(measure_core(0)))
        fprintf(stderr, "wait: this process cannot be kept on one processor\n");
    int open_count = 0;
    while (open_count < WAYS && game_open(&games[open_count], open_count, turn_ms)) {
        contenders[open_count].turn = turn;
        contenders[open_count].context = &games[open_count];
        open_count++;
    }
    bool is_ok = open_count == WAYS && measure_run(&measurement);
    if (is_ok)
        print_ratios(&measurement);
    while (open_count > 0)
        game_close(&games[--open_count]);
    return is_ok;
}
