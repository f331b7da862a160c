/*
 * Order within a direction: several receives queued on one socket are filled and completed in the
 * order in which they were started, whoever starts them, and the same holds for sends.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "base/atomic.h"
#include "stress/stress.h"
#include "support/sockets.h"
#include "support/test.h"

enum { QUEUED = 3, PIECE = 5, ROUNDS = 10000 };

static sn_engine *engine;

/* The receives of one round. */
struct round {
    sn_socket *socket;
    sn_operation operations[QUEUED], starter;
    unsigned char data[QUEUED][PIECE];
    uint32_t order[QUEUED]; /* atomic: 1 for the first that completed */
    uint32_t completed;     /* atomic */
    uint32_t is_started;    /* atomic */
};

static void note_completed(sn_operation *operation)
{
    struct round *round = operation->context;
    uint32_t place = atomic_load_acquire(&round->completed) + 1; /* callbacks never overlap */
    atomic_store_release(&round->order[operation - round->operations], place);
    atomic_add_acq_rel(&round->completed, 1u);
}

static void start_receives(struct round *round)
{
    for (int i = 0; i < QUEUED; i++)
        sn_socket_receive_async(round->socket, round->data[i], PIECE, SN_FLAG_NONE,
                                &round->operations[i]);
    atomic_store_release(&round->is_started, 1u);
}

static void start_on_engine(sn_operation *starter)
{
    start_receives(starter->context);
}

enum starter { BY_THREAD, BY_THREAD_TO_WAIT, BY_CALLBACK, STARTER_COUNT };

static void begin(struct round *round, sn_socket *socket, enum starter starter)
{
    memset(round, 0, sizeof *round);
    round->socket = socket;
    for (int i = 0; i < QUEUED; i++) {
        round->operations[i].completed = starter == BY_THREAD_TO_WAIT ? NULL : note_completed;
        round->operations[i].context = round;
    }
    round->starter = (sn_operation){.completed = start_on_engine, .context = round};
    if (starter == BY_CALLBACK)
        sn_engine_post_async(engine, &round->starter);
    else
        start_receives(round);
}

static void send_pieces(sn_socket *socket, const unsigned char *data, size_t size,
                        struct randomness *randomness)
{
    while (size > 0) {
        size_t moved, part = 1 + random_below(randomness, (uint32_t)size);
        CHECK_OK(sn_socket_send(socket, data, part, SN_FLAG_NONE, &moved));
        CHECK(moved == part);
        data += part;
        size -= part;
    }
}

/* What came, in the order of starting, is the beginning of what was sent; the rest is still there.
 */
static void check(struct round *round, const unsigned char *sent, size_t size, enum starter starter)
{
    size_t place = 0;
    for (uint32_t i = 0; i < QUEUED; i++) {
        const sn_operation *operation = &round->operations[i];
        CHECK_OK(operation->error);
        CHECK(operation->transferred > 0);
        CHECK(memcmp(round->data[i], sent + place, operation->transferred) == 0);
        CHECK(starter == BY_THREAD_TO_WAIT || atomic_load_acquire(&round->order[i]) == i + 1);
        place += operation->transferred;
    }
    while (place < size) {
        unsigned char rest[QUEUED * PIECE];
        size_t moved;
        CHECK_OK(sn_socket_receive(round->socket, rest, size - place, SN_FLAG_NONE, &moved));
        CHECK(moved > 0 && memcmp(rest, sent + place, moved) == 0);
        place += moved;
    }
}

static void wait_for_round(struct round *round, enum starter starter)
{
    while (!atomic_load_acquire(&round->is_started))
        sched_yield(); /* a callback starts them */
    for (int i = 0; i < QUEUED; i++)
        CHECK_OK(sn_operation_wait(&round->operations[i]));
    while (starter != BY_THREAD_TO_WAIT && atomic_load_acquire(&round->completed) < QUEUED)
        sched_yield(); /* a callback comes after the state */
}

static void run_rounds(enum transport transport)
{
    struct randomness randomness = randomness_of(transport);
    struct socket_pair pair = pair_connected(transport);
    assert_ok(sn_socket_set_engine(pair.server, engine));
    for (int i = 0; i < ROUNDS; i++) {
        struct round round;
        unsigned char sent[QUEUED * PIECE];
        enum starter starter = (enum starter)(i % STARTER_COUNT);
        for (size_t j = 0; j < sizeof sent; j++)
            sent[j] = (unsigned char)random_below(&randomness, 256);
        bool is_sent_before = random_once_in(&randomness, 3);
        if (is_sent_before)
            send_pieces(pair.client, sent, sizeof sent, &randomness);
        begin(&round, pair.server, starter);
        if (!is_sent_before)
            send_pieces(pair.client, sent, sizeof sent, &randomness);
        wait_for_round(&round, starter);
        check(&round, sent, sizeof sent, starter);
    }
    pair_release(&pair);
}

TEST(queued_receives_are_filled_in_the_order_they_were_started)
{
    stress_skip_without_engine();
    engine = stress_engine(2);
    run_rounds(TCP_IPV4);
    run_rounds(UNIX_STREAM);
    CHECK_OK(sn_engine_destroy(engine));
}

/* --- Sends ------------------------------------------------------------------------------------ */

enum { SEND_SIZE = 30000, SENDERS = 3 };

/* Sends blocks that are all of one letter. */
static void *send_blocks(void *argument)
{
    static unsigned char letter;
    unsigned char block[SEND_SIZE];
    memset(block, 'a' + atomic_add_relaxed(&letter, 1), sizeof block);
    for (int i = 0; i < 60; i++) {
        size_t moved = 0;
        sn_operation operation = {0};
        if (i % 2) {
            CHECK_OK(sn_socket_send(argument, block, sizeof block, SN_FLAG_NONE, &moved));
        } else {
            sn_socket_send_async(argument, block, sizeof block, SN_FLAG_NONE, &operation);
            CHECK_OK(sn_operation_wait(&operation));
            moved = operation.transferred;
        }
        CHECK(moved == sizeof block);
    }
    return NULL;
}

static void receive_block(sn_socket *socket, unsigned char *block)
{
    for (size_t place = 0, moved; place < SEND_SIZE; place += moved) {
        CHECK_OK(sn_socket_receive(socket, block + place, SEND_SIZE - place, SN_FLAG_NONE, &moved));
        CHECK(moved > 0);
    }
}

TEST(the_bytes_of_one_send_stay_together_however_many_threads_send)
{
    stress_skip_without_engine();
    engine = stress_engine(2);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(sn_socket_set_engine(pair.client, engine));
    assert_ok(sn_socket_set_send_buffer_size(pair.client, 4096));
    pthread_t senders[SENDERS];
    for (int i = 0; i < SENDERS; i++)
        CHECK(pthread_create(&senders[i], NULL, send_blocks, pair.client) == 0);
    for (int i = 0; i < SENDERS * 60; i++) {
        static unsigned char block[SEND_SIZE];
        receive_block(pair.server, block);
        for (size_t j = 0; j < SEND_SIZE; j++)
            CHECK(block[j] == block[0]);
    }
    for (int i = 0; i < SENDERS; i++)
        CHECK(pthread_join(senders[i], NULL) == 0);
    pair_release(&pair);
    CHECK_OK(sn_engine_destroy(engine));
}

int main(void)
{
    stress_begin("order_test");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queued_receives_are_filled_in_the_order_they_were_started),
        cmocka_unit_test(the_bytes_of_one_send_stay_together_however_many_threads_send),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
