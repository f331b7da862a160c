/*
 * One byte to the peer and back, as fast as it goes: the cost of a call that has to wait.
 *
 * Both threads are on the same processor. On two, waking an idle processor takes longer than
 * everything else together, and the benchmark would measure that.
 *
 * A blocking recv() cannot be ended by another thread, nor has it a deadline. What can is written
 * out here by hand as well, in two ways: to try, to sleep on two descriptors, and to try again; and
 * to sleep first, which saves a call when there is nothing yet, and costs one when there is.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "choices.h"
#include "connection.h"
#include "measure.h"

enum {
    CLOCK_EVERY = 16 /* round trips between two looks at the clock */
};

enum way { RAW, SENNIT, TRY_FIRST, POLL_FIRST };

/* One end as a thread uses it. */
struct player {
    const struct bench_end *end;
    enum way way;
    int wake; /* by hand: what another thread would end the sleep with; owned */
};

/* A contender: this thread plays the near end, a thread of its own answers at the far end. */
struct game {
    struct connection connection;
    struct player near, far;
    pthread_t thread;
    uint64_t turn_ns;
    size_t core;
    bool has_thread;
};

/* --- By hand ---------------------------------------------------------------------------------- */

static bool wait_by_hand(const struct player *player)
{
    struct pollfd handles[] = {{.fd = player->wake, .events = POLLIN},
                               {.fd = player->end->raw, .events = POLLIN | POLLRDHUP}};
    return ppoll(handles, 2, NULL, NULL) > 0 && !handles[0].revents;
}

static bool receive_by_hand(const struct player *player, void *data, size_t size)
{
    if (player->way == POLL_FIRST && !wait_by_hand(player))
        return false;
    for (;;) {
        ssize_t received = recv(player->end->raw, data, size, MSG_DONTWAIT);
        if (received >= 0)
            return received > 0;
        if (errno != EAGAIN || !wait_by_hand(player))
            return false;
    }
}

static bool send_by_hand(const struct player *player, const void *data, size_t size)
{
    return send(player->end->raw, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
}

/* --- The game --------------------------------------------------------------------------------- */

static bool is_by_hand(const struct player *player)
{
    return player->way == TRY_FIRST || player->way == POLL_FIRST;
}

static bool receive_byte(const struct player *player, char *byte)
{
    return is_by_hand(player) ? receive_by_hand(player, byte, 1)
                              : bench_end_receive(player->end, byte, 1) == 1;
}

static bool send_byte(const struct player *player, const char *byte)
{
    return is_by_hand(player) ? send_by_hand(player, byte, 1)
                              : bench_end_send(player->end, byte, 1);
}

static void *echo(void *argument)
{
    const struct game *game = argument;
    char byte;
    (void)measure_pin(game->core);
    while (receive_byte(&game->far, &byte)) {
        if (!send_byte(&game->far, &byte))
            break;
    }
    return NULL;
}

static double turn(void *context)
{
    const struct game *game = context;
    char byte = 'x';
    uint64_t count = 0, begin = measure_clock_ns(), now;
    do {
        for (int i = 0; i < CLOCK_EVERY; i++) {
            if (!send_byte(&game->near, &byte) || !receive_byte(&game->near, &byte))
                return -1;
        }
        count += CLOCK_EVERY;
        now = measure_clock_ns();
    } while (now - begin < game->turn_ns);
    return (double)count * 1e9 / (double)(now - begin);
}

static bool player_open(struct player *player, const struct bench_end *end, enum way way)
{
    *player = (struct player){.end = end, .way = way, .wake = -1};
    if (!is_by_hand(player))
        return true;
    player->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return player->wake >= 0;
}

static void player_close(struct player *player)
{
    if (player->wake >= 0)
        (void)close(player->wake);
}

static bool game_open(struct game *game, enum way near, enum way far, size_t core, long turn_ms)
{
    *game = (struct game){.core = core, .turn_ns = (uint64_t)turn_ms * 1000000u};
    game->near.wake = game->far.wake = -1;
    if (!connection_open(&game->connection, near == SENNIT, far == SENNIT) ||
        !player_open(&game->near, &game->connection.near, near) ||
        !player_open(&game->far, &game->connection.far, far))
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
    player_close(&game->near);
    player_close(&game->far);
    connection_close(&game->connection);
}

/* --- The contenders --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum way near, far;
} rows[] = {
    {"raw", RAW, RAW},
    {"sennit", SENNIT, RAW},
    {"both", SENNIT, SENNIT},
    {"try-first", TRY_FIRST, TRY_FIRST},
    {"poll-first", POLL_FIRST, POLL_FIRST},
};

enum { CONTENDERS = sizeof rows / sizeof rows[0] };

static bool measure_all(struct game *games, const struct choices *choices, size_t core)
{
    struct contender contenders[CONTENDERS] = {{.name = NULL}};
    for (size_t i = 0; i < CONTENDERS; i++) {
        if (!game_open(&games[i], rows[i].near, rows[i].far, core, choices->turn))
            return false;
        contenders[i] =
            (struct contender){.name = rows[i].name, .turn = turn, .context = &games[i]};
    }
    struct measurement measurement = {.title = "ping_pong",
                                      .unit = "round trips/s",
                                      .scale = 1,
                                      .contenders = contenders,
                                      .count = CONTENDERS,
                                      .round_count = (size_t)choices->round_count};
    if (!measure_run(&measurement))
        return false;
    printf("ratio ping_pong/both:try-first %.3f\n",
           measure_paired_ratio(contenders[2].rates, contenders[3].rates, measurement.round_count));
    measure_finish(&measurement);
    return true;
}

int main(int argc, char **argv)
{
    struct choices choices = {
        .program = "ping_pong",
        .about = "One-byte TCP ping-pong on one processor: Sennit against raw system calls.\n"
                 "  raw         raw calls that block at both ends: the reference\n"
                 "  sennit      Sennit at the measured end, raw calls at the other\n"
                 "  both        Sennit at both ends\n"
                 "  try-first   by hand at both ends, what can be interrupted: try, sleep, try\n"
                 "  poll-first  the same, asleep first\n",
        .can_be_dear = true,
        .round_count = 120,
        .turn = 25};
    int status = choices_parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;

    struct game games[CONTENDERS] = {{.has_thread = false}};
    size_t core = measure_core(0);
    if (!measure_pin(core))
        fprintf(stderr, "ping_pong: this process cannot be kept on one processor\n");
    bool is_measured = measure_all(games, &choices, core);
    printf("value null_call_ns %.0f\n", measure_null_call_ns());
    for (size_t i = 0; i < CONTENDERS; i++) {
        if (games[i].turn_ns)
            game_close(&games[i]);
    }
    return is_measured ? EXIT_DONE : EXIT_FAILED;
}
