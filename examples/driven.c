/*
 * An engine without threads: the program drives it, and every callback runs inside
 * sn_engine_run(), on this thread. So nothing here needs a lock.
 *
 *     cc driven.c $(pkg-config --cflags --libs sennit)
 */
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 1000

struct player {
    sn_operation operation;
    sn_socket *socket; /* owned */
    int rest;          /* strokes still to play */
    char ball[1];
};

static int playing = 2;
static unsigned ticks;

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void received(sn_operation *operation);

static void wait_for_ball(sn_operation *operation)
{
    struct player *player = operation->context;
    check(operation->error);
    operation->completed = received;
    sn_socket_receive_async(player->socket, player->ball, 1, SN_FLAG_NONE, operation);
}

static void strike(struct player *player)
{
    if (player->rest-- > 0) {
        player->operation.completed = wait_for_ball; /* once it is sent */
        sn_socket_send_async(player->socket, player->ball, 1, SN_FLAG_NONE, &player->operation);
        return;
    }
    sn_socket_close(player->socket); /* which the other notices */
    playing--;
}

static void received(sn_operation *operation)
{
    check(operation->error);
    if (operation->transferred > 0)
        strike(operation->context);
    else
        playing--; /* the other has gone */
}

/* Every 10 ms; when it comes late, it is told how many periods have passed. */
static void tick(sn_operation *operation, uint64_t periods)
{
    (void)operation;
    ticks += (unsigned)periods;
}

int main(void)
{
    sn_engine *engine;
    sn_engine_options options = {.threads = 0};
    check(sn_engine_create(&options, &engine));
    printf("%s\n", sn_engine_get_backend_reason(engine));

    sn_socket *pair[2];
    struct player players[2] = {0};
    check(sn_socket_pair(SN_TYPE_STREAM, pair));
    for (int i = 0; i < 2; i++) {
        players[i] = (struct player){.socket = pair[i], .rest = ROUNDS};
        players[i].operation.context = &players[i];
        check(sn_socket_set_engine(pair[i], engine)); /* before its first asynchronous call */
    }
    sn_operation clock = {0};
    sn_engine_repeat_async(engine, 10, tick, &clock);

    /* One has the ball, the other waits for it. */
    strike(&players[0]);
    wait_for_ball(&players[1].operation);
    size_t total = 0;
    while (playing > 0 || ticks < 3) {
        size_t count;
        check(sn_engine_run(engine, SN_FOREVER, &count)); /* sleeps until there is work */
        total += count;
    }
    printf("%d strokes, %u ticks, %zu operations\n", 2 * ROUNDS, ticks, total);

    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
    check(sn_engine_destroy(engine)); /* completes the clock with SN_ERROR_OPERATION_ABORTED */
    return clock.error == SN_ERROR_OPERATION_ABORTED ? EXIT_SUCCESS : EXIT_FAILURE;
}
