/*
 * One byte to the peer and back, as fast as it goes: the cost of a call that has to wait.
 *
 * Both threads are on the same processor. On two, waking an idle processor takes longer than
 * everything else together, and the benchmark would measure that.
 */
#include <pthread.h>
#include <stdio.h>

#include "choices.h"
#include "connection.h"
#include "measure.h"

enum {
    CLOCK_EVERY = 16 /* round trips between two looks at the clock */
};

/* A contender: this thread plays the near end, a thread of its own answers at the far end. */
struct game {
    struct connection connection;
    pthread_t thread;
    uint64_t turn_ns;
    size_t core;
    bool has_thread;
};

static void *echo(void *argument)
{
    const struct game *game = argument;
    char byte;
    (void)measure_pin(game->core);
    while (bench_end_receive(&game->connection.far, &byte, 1) == 1) {
        if (!bench_end_send(&game->connection.far, &byte, 1))
            break;
    }
    return NULL;
}

static double turn(void *context)
{
    const struct game *game = context;
    const struct bench_end *near = &game->connection.near;
    char byte = 'x';
    uint64_t count = 0, begin = measure_clock_ns(), now;
    do {
        for (int i = 0; i < CLOCK_EVERY; i++) {
            if (!bench_end_send(near, &byte, 1) || bench_end_receive(near, &byte, 1) != 1)
                return -1;
        }
        count += CLOCK_EVERY;
        now = measure_clock_ns();
    } while (now - begin < game->turn_ns);
    return (double)count * 1e9 / (double)(now - begin);
}

static bool game_open(struct game *game, bool near_is_sennit, bool far_is_sennit, size_t core,
                      long turn_ms)
{
    game->core = core;
    game->turn_ns = (uint64_t)turn_ms * 1000000u;
    if (!connection_open(&game->connection, near_is_sennit, far_is_sennit))
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

int main(int argc, char **argv)
{
    struct choices choices = {
        .program = "ping_pong",
        .about = "One-byte TCP ping-pong on one processor: Sennit against raw system calls.\n"
                 "  raw     raw calls at both ends: the reference\n"
                 "  sennit  Sennit at the measured end, raw calls at the other\n"
                 "  both    Sennit at both ends\n",
        .round_count = 120,
        .turn = 25};
    int status = choices_parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;

    size_t core = measure_core(0);
    if (!measure_pin(core))
        fprintf(stderr, "ping_pong: this process cannot be kept on one processor\n");

    struct game games[3] = {{.has_thread = false}};
    bool is_open = game_open(&games[0], false, false, core, choices.turn);
    is_open = is_open && game_open(&games[1], true, false, core, choices.turn);
    is_open = is_open && game_open(&games[2], true, true, core, choices.turn);

    struct contender contenders[] = {{.name = "raw", .turn = turn, .context = &games[0]},
                                     {.name = "sennit", .turn = turn, .context = &games[1]},
                                     {.name = "both", .turn = turn, .context = &games[2]}};
    struct measurement measurement = {.title = "ping_pong",
                                      .unit = "round trips/s",
                                      .scale = 1,
                                      .contenders = contenders,
                                      .count = 3,
                                      .round_count = (size_t)choices.round_count};
    bool is_measured = is_open && measure_run(&measurement);
    if (is_measured)
        measure_finish(&measurement);
    if (is_open) {
        for (size_t i = 0; i < 3; i++)
            game_close(&games[i]);
    }
    return is_measured ? EXIT_DONE : EXIT_FAILED;
}
