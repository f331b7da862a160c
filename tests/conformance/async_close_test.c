/*
 * Closing a socket with operations pending: each completes as aborted, exactly once, and what it
 * had is given back (contract A.10, B.14 "closing"). Traps 37, 45, 59.
 */
#include "support/async.h"

#include <stdlib.h>

#define QUEUED 3

/* Everything that a socket can have pending; each operation has what it was lent. */
struct scene {
    const struct scene_row *row;
    struct socket_pair pair;
    struct full_listener full;
    sn_socket *socket; /* the one that is closed */
    struct pending operations[QUEUED];
    char data[QUEUED];
    sn_endpoint from[QUEUED];
    sn_socket *into[QUEUED];
    unsigned char *large;
};

enum { LARGE = 8000000 };

static void open_listening(struct scene *scene, enum transport transport)
{
    scene->pair.listener = socket_listening(transport, 4);
    scene->socket = scene->pair.listener;
}

static void open_connected(struct scene *scene, enum transport transport)
{
    scene->pair = pair_plain(transport);
    scene->socket = scene->pair.server;
}

static void open_connecting(struct scene *scene, enum transport transport)
{
    scene->full = full_listener_make(transport);
    scene->pair.client = scene->socket = socket_make(transport);
}

static void start_accept(struct scene *scene, int i)
{
    sn_socket_accept_async(scene->socket, NULL, &scene->operations[i].operation);
}

static void start_accept_into(struct scene *scene, int i)
{
    scene->into[i] = socket_make(TCP_IPV4);
    sn_socket_accept_async(scene->socket, scene->into[i], &scene->operations[i].operation);
}

static void start_connect(struct scene *scene, int i)
{
    if (i == 0)
        sn_socket_connect_async(scene->socket, &scene->full.address,
                                &scene->operations[i].operation);
    else /* waits behind it (B.14 "connect") */
        sn_socket_send_async(scene->socket, "x", 1, SN_FLAG_NONE, &scene->operations[i].operation);
}

static void start_receive(struct scene *scene, int i)
{
    sn_socket_receive_async(scene->socket, &scene->data[i], 1, SN_FLAG_NONE,
                            &scene->operations[i].operation);
}

static void start_receive_nothing(struct scene *scene, int i)
{
    sn_socket_receive_async(scene->socket, NULL, 0, SN_FLAG_NONE, &scene->operations[i].operation);
}

static void start_receive_from(struct scene *scene, int i)
{
    sn_socket_receive_from_async(scene->socket, &scene->data[i], 1, SN_FLAG_NONE, &scene->from[i],
                                 &scene->operations[i].operation);
}

static void start_send(struct scene *scene, int i)
{
    if (i == 0) {
        scene->large = malloc(LARGE);
        fill_pattern(scene->large, LARGE, 0);
        (void)fill_for_good(scene->socket);
    }
    sn_socket_send_async(scene->socket, scene->large, LARGE, SN_FLAG_NONE,
                         &scene->operations[i].operation);
}

#define SCENE_TABLE(X)                                                                             \
    X(accept, listening, TCP_IPV4)                                                                 \
    X(accept, listening, UNIX_SEQPACKET)                                                           \
    X(accept_into, listening, TCP_IPV4)                                                            \
    X(connect, connecting, TCP_IPV4)                                                               \
    X(connect, connecting, UNIX_STREAM)                                                            \
    X(receive, connected, TCP_IPV4)                                                                \
    X(receive, connected, UNIX_STREAM)                                                             \
    X(receive, connected, UNIX_SEQPACKET)                                                          \
    X(receive, connected, UDP_IPV4)                                                                \
    X(receive_nothing, connected, TCP_IPV4)                                                        \
    X(receive_nothing, connected, UNIX_DATAGRAM)                                                   \
    X(receive_from, connected, UDP_IPV4)                                                           \
    X(receive_from, connected, UNIX_DATAGRAM)                                                      \
    X(send, connected, TCP_IPV4)                                                                   \
    X(send, connected, UNIX_STREAM)

static const struct scene_row {
    const char *name;
    enum transport transport;
    void (*open)(struct scene *, enum transport);
    void (*start)(struct scene *, int);
} rows[] = {
#define X(verb, how, transport) {#verb " on " #transport, transport, open_##how, start_##verb},
    SCENE_TABLE(X)
#undef X
};

static void scene_open(struct scene *scene, const struct scene_row *row, int count)
{
    *scene = (struct scene){.row = row};
    row->open(scene, row->transport);
    pending_init_all(scene->operations, QUEUED);
    for (int i = 0; i < count; i++)
        row->start(scene, i);
}

static void scene_end(struct scene *scene, sn_error expected, int count)
{
    for (int i = 0; i < count; i++) {
        assert_pending(expected, &scene->operations[i]);
        assert_int_equal(0, scene->operations[i].operation.transferred);
        assert_null(scene->operations[i].operation.socket);
        sn_socket_release(scene->into[i]);
    }
    pair_release(&scene->pair);
    full_listener_release(&scene->full);
    free(scene->large);
}

static const struct scene_row *row_of(void **state)
{
    return &rows[(intptr_t)*state];
}

/* Traps 37, 45 and 59, the asynchronous halves. */
TEST(closing_aborts_everything_that_is_pending)
{
    for (int i = repetitions(4); i > 0; i--) {
        struct scene scene;
        scene_open(&scene, row_of(state), QUEUED);
        sn_socket_close(scene.socket);
        scene_end(&scene, SN_ERROR_OPERATION_ABORTED, QUEUED);
    }
}

/* The descriptor and the memory go with the last of them. */
TEST(releasing_the_last_reference_aborts_what_is_pending)
{
    for (int i = repetitions(4); i > 0; i--) {
        struct scene scene;
        scene_open(&scene, row_of(state), QUEUED);
        sn_socket **last = scene.socket == scene.pair.listener ? &scene.pair.listener
                           : scene.socket == scene.pair.server ? &scene.pair.server
                                                               : &scene.pair.client;
        *last = NULL;
        sn_socket_release(scene.socket);
        scene_end(&scene, SN_ERROR_OPERATION_ABORTED, QUEUED);
    }
}

TEST(cancelling_the_socket_ends_it_too)
{
    struct scene scene;
    scene_open(&scene, row_of(state), QUEUED);
    sn_socket_cancel(scene.socket);
    scene_end(&scene, SN_ERROR_OPERATION_CANCELED, QUEUED);
}

static void close_in_callback(struct pending *pending)
{
    sn_socket_close(pending->context);
}

/* The first is cancelled, and its callback closes the socket under the others. */
TEST(a_callback_may_close_the_socket_under_the_others)
{
    struct scene scene;
    scene_open(&scene, row_of(state), 0);
    scene.operations[0].then = close_in_callback;
    scene.operations[0].context = scene.socket;
    for (int i = 0; i < QUEUED; i++)
        scene.row->start(&scene, i);
    sn_operation_cancel(&scene.operations[0].operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &scene.operations[0]);
    for (int i = 1; i < QUEUED; i++)
        pending_wait(&scene.operations[i]);
    /* A send that waited behind the connect may have been refused before the close came. */
    if (scene.row->open != open_connecting)
        for (int i = 1; i < QUEUED; i++)
            assert_error(SN_ERROR_OPERATION_ABORTED, scene.operations[i].operation.error);
    for (int i = 0; i < QUEUED; i++)
        sn_socket_release(scene.into[i]);
    pair_release(&scene.pair);
    full_listener_release(&scene.full);
    free(scene.large);
}

/* --- Races ------------------------------------------------------------------------------------ */

static sn_error close_now(void *socket)
{
    sn_socket_close(socket);
    return SN_OK;
}

/* The start may come before the close, meanwhile, or after it. */
TEST(an_operation_that_is_started_while_the_socket_is_closed_completes_once)
{
    for (int i = repetitions(30); i > 0; i--) {
        struct scene scene;
        struct thread closer;
        scene_open(&scene, row_of(state), 0);
        if (scene.row->start == start_send)
            start_send(&scene, 0); /* fills the socket first, which has to be open for that */
        int first = scene.row->start == start_send ? 1 : 0;
        thread_start(&closer, close_now, scene.socket);
        for (int k = first; k < QUEUED; k++)
            scene.row->start(&scene, k);
        for (int k = 0; k < QUEUED; k++) {
            pending_wait(&scene.operations[k]);
            sn_error error = scene.operations[k].operation.error;
            if (error != SN_ERROR_OBJECT_DISPOSED)
                assert_error(SN_ERROR_OPERATION_ABORTED, error);
            assert_int_equal(1, pending_count(&scene.operations[k]));
            assert_true(scene.operations[k].is_foreign);
            sn_socket_release(scene.into[k]);
        }
        assert_ok(thread_join(&closer));
        pair_release(&scene.pair);
        full_listener_release(&scene.full);
        free(scene.large);
    }
}

/* Whoever closes then finds the engine, or none: what it asks of a worker is never lost. */
enum { CROWD = 24 };

struct crowd {
    sn_socket *sockets[CROWD];
};

static sn_error close_crowd(void *context)
{
    struct crowd *crowd = context;
    for (int i = 0; i < CROWD; i++)
        sn_socket_close(crowd->sockets[i]);
    return SN_OK;
}

TEST(sockets_may_be_closed_while_their_engine_is_destroyed)
{
    const sn_engine_options options = {.threads = 1};
    for (int round = repetitions(200); round > 0; round--) {
        struct crowd crowd;
        struct thread closer;
        sn_engine *engine;
        assert_ok(sn_engine_create(&options, &engine));
        for (int i = 0; i < CROWD; i++) {
            crowd.sockets[i] = socket_bound(UDP_IPV4);
            assert_ok(sn_socket_set_engine(crowd.sockets[i], engine));
        }
        thread_start(&closer, close_crowd, &crowd);
        assert_ok(sn_engine_destroy(engine));
        assert_ok(thread_join(&closer));
        for (int i = 0; i < CROWD; i++)
            sn_socket_release(crowd.sockets[i]);
    }
}

TEST(an_operation_on_a_closed_socket_says_so)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    struct pending receive;
    char byte;
    sn_socket_close(socket);
    pending_init(&receive);
    sn_socket_receive_async(socket, &byte, 1, SN_FLAG_NONE, &receive.operation);
    assert_pending(SN_ERROR_OBJECT_DISPOSED, &receive);
    sn_socket_release(socket);
}

/* Trap 59: the peer is not told that everything was taken in good order. */
TEST(the_peer_of_a_socket_closed_during_a_receive_sees_a_reset)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct pending receive;
    char byte;
    pending_init(&receive);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    sn_socket_close(pair.server);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &receive);
    size_t received = 0;
    assert_error(SN_ERROR_CONNECTION_RESET,
                 sn_socket_receive(pair.client, &byte, 1, SN_FLAG_NONE, &received));
    pair_release(&pair);
}

int main(void)
{
#define ROWS COUNT_OF(rows)
    static const struct CMUnitTest per_row[] = {
        CASE(closing_aborts_everything_that_is_pending),
        CASE(releasing_the_last_reference_aborts_what_is_pending),
        CASE(cancelling_the_socket_ends_it_too),
        CASE(a_callback_may_close_the_socket_under_the_others),
        CASE(an_operation_that_is_started_while_the_socket_is_closed_completes_once),
    };
    static const struct CMUnitTest others[] = {
        CASE(sockets_may_be_closed_while_their_engine_is_destroyed),
        CASE(an_operation_on_a_closed_socket_says_so),
        ON_TCP(the_peer_of_a_socket_closed_during_a_receive_sees_a_reset),
    };
    static struct CMUnitTest cases[ROWS * COUNT_OF(per_row) + COUNT_OF(others)];
    static char names[ROWS * COUNT_OF(per_row)][160];
    size_t count = 0;
    for (size_t test = 0; test < COUNT_OF(per_row); test++) {
        for (size_t row = 0; row < ROWS; row++, count++) {
            snprintf(names[count], sizeof names[count], "%s [%s]", per_row[test].name,
                     rows[row].name);
            cases[count] = per_row[test];
            cases[count].name = names[count];
            cases[count].initial_state = (void *)(intptr_t)row;
        }
    }
    memcpy(&cases[count], others, sizeof others);
    return RUN(cases);
}
