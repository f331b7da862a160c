/* How often an engine asks the kernel, counted: what comes at once is taken at once. */
#include <liburing.h>

#include "base/base.h"
#include "support/threads.h"
#include "support/transfer_support.h"
#include "sys/sys.h"

static unsigned rounds; /* calls that may report something */
static bool is_cut;     /* a signal ends the next wait, after its entries were handed over */

/* X(name, parameters, arguments) */
#define WAIT_CALL_TABLE(X)                                                                         \
    X(io_uring_submit_and_get_events, (struct io_uring * ring), (ring))                            \
    X(io_uring_submit_and_wait_timeout,                                                            \
      (struct io_uring * ring, struct io_uring_cqe * *entry, unsigned count,                       \
       struct __kernel_timespec *limit, sigset_t *mask),                                           \
      (ring, entry, count, limit, mask))                                                           \
    X(sys_epoll_wait,                                                                              \
      (int32_t epoll, struct epoll_event * events, int32_t count, int64_t deadline_ns),            \
      (epoll, events, count, deadline_ns))

#define X(name, parameters, arguments)                                                             \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        rounds++;                                                                                  \
        return __real_##name arguments;                                                            \
    }
WAIT_CALL_TABLE(X)
#undef X

int __real_io_uring_submit_and_wait(struct io_uring *ring, unsigned count);
int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned count);
int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned count)
{
    rounds++;
    if (!is_cut)
        return __real_io_uring_submit_and_wait(ring, count);
    is_cut = false;
    return io_uring_submit(ring); /* how many were handed over, and nothing of the signal */
}

static sn_engine *engine_on(sn_engine_backend backend)
{
    const sn_engine_options options = {.threads = 0, .backend = backend};
    sn_engine *engine = NULL;
    sn_error error = sn_engine_create(&options, &engine);
    if (error == SN_ERROR_PLATFORM_NOT_SUPPORTED)
        return NULL;
    assert_ok(error);
    return engine;
}

/* --- A server that has one receive at a time -------------------------------------------------- */

enum { DATAGRAMS = 100 };

struct server {
    sn_operation operation; /* first: the callback finds the rest by it */
    sn_socket *socket;
    sn_endpoint peer;
    char byte;
    int answered;
};

static void on_received(sn_operation *operation);

static void on_sent(sn_operation *operation)
{
    struct server *server = (struct server *)operation;
    server->answered++;
    operation->completed = on_received;
    sn_socket_receive_from_async(server->socket, &server->byte, 1, SN_FLAG_NONE, &server->peer,
                                 operation);
}

static void on_received(sn_operation *operation)
{
    struct server *server = (struct server *)operation;
    if (operation->error)
        return;
    operation->completed = on_sent;
    sn_socket_send_to_async(server->socket, &server->byte, 1, SN_FLAG_NONE, &server->peer,
                            operation);
}

/* Its receive waits, as before the first request ever. */
static void server_open(struct server *server, sn_engine *engine, sn_socket *socket)
{
    *server = (struct server){.socket = socket, .operation.completed = on_received};
    assert_ok(sn_socket_set_engine(socket, engine));
    sn_socket_receive_from_async(socket, &server->byte, 1, SN_FLAG_NONE, &server->peer,
                                 &server->operation);
    assert_ok(sn_engine_run(engine, 0, NULL));
}

static void answer(struct server *server, sn_engine *engine, sn_socket *client, int count)
{
    char byte;
    int wanted = server->answered + count;
    for (int i = 0; i < count; i++)
        send_text(client, "x");
    while (server->answered < wanted)
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    for (int i = 0; i < count; i++)
        receive_exactly(client, &byte, 1);
}

static void server_close(struct server *server, sn_engine *engine)
{
    sn_socket_cancel(server->socket);
    while (!sn_operation_is_completed(&server->operation))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
}

static void serve(sn_engine_backend backend)
{
    sn_engine *engine = engine_on(backend);
    struct server server;
    if (!engine)
        return;
    struct socket_pair pair = pair_connected(UDP_IPV4);
    server_open(&server, engine, pair.server);
    rounds = 0;
    answer(&server, engine, pair.client, DATAGRAMS);
    /* Each takes two callbacks, of which more than a few run between two looks at the kernel. */
    if (rounds > DATAGRAMS / 4)
        fail_msg("%s: %u rounds", sn_engine_backend_name(backend), rounds);
    /* One request at a time: no request has many attempts in vain. Nor is one lost. */
    rounds = 0;
    for (int i = 0; i < DATAGRAMS; i++)
        answer(&server, engine, pair.client, 1);
    if (rounds > 3 * DATAGRAMS)
        fail_msg("%s: %u rounds, one by one", sn_engine_backend_name(backend), rounds);
    server_close(&server, engine);
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_busy_server_with_one_receive_asks_the_kernel_seldom)
{
    serve(SN_ENGINE_BACKEND_EPOLL);
    serve(SN_ENGINE_BACKEND_IO_URING);
}

/* --- One that never comes to an end ------------------------------------------------------------
 */

static int posts;

static void post_again(sn_operation *operation)
{
    posts++;
    sn_engine_post_async(operation->context, operation);
}

static void share(sn_engine_backend backend)
{
    sn_engine *engine = engine_on(backend);
    struct server server;
    sn_operation post = {.completed = post_again};
    if (!engine)
        return;
    struct socket_pair pair = pair_connected(UDP_IPV4);
    server_open(&server, engine, pair.server);
    post.context = engine;
    posts = 0;
    sn_engine_post_async(engine, &post);
    answer(&server, engine, pair.client, 1);   /* in spite of it */
    assert_ok(sn_engine_run(engine, 0, NULL)); /* which comes back, too */
    assert_true(posts > 0);
    server_close(&server, engine);
    pair_release(&pair);
    post.completed = NULL; /* its next run is the last */
    while (!sn_operation_is_completed(&post))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_callback_that_always_starts_another_leaves_the_others_their_turn)
{
    share(SN_ENGINE_BACKEND_EPOLL);
    share(SN_ENGINE_BACKEND_IO_URING);
}

/* --- A signal --------------------------------------------------------------------------------- */

static bool say_so(void *context)
{
    *(int *)context += 1;
    return true;
}

/* The kernel tells of the entries then, and not of the signal. */
TEST(a_signal_is_noticed_by_a_wait_that_hands_entries_over)
{
    int asked = 0;
    sn_engine *engine = engine_on(SN_ENGINE_BACKEND_IO_URING);
    if (!engine)
        SKIP("io_uring does not work here");
    sn_set_interrupt_hook(say_so, &asked);
    is_cut = true; /* the first wait hands over what wakes the engine */
    assert_error(SN_ERROR_INTERRUPTED, sn_engine_run(engine, SN_FOREVER, NULL));
    assert_int_equal(asked, 1);
    sn_set_interrupt_hook(NULL, NULL);
    assert_ok(sn_engine_destroy(engine));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_busy_server_with_one_receive_asks_the_kernel_seldom),
        CASE(a_signal_is_noticed_by_a_wait_that_hands_entries_over),
        CASE(a_callback_that_always_starts_another_leaves_the_others_their_turn),
    };
    return RUN(cases);
}
