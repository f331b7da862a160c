/*
 * What a forked child finds: the threads and the operations of its parent are not there, and
 * nothing may wait for them. The child can close and use what it has inherited, and the parent
 * notices nothing. The guide says so under "fork".
 */
#include "conformance/forks.h"
#include "support/async.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>

#include "support/children.h"

/* --- Threads of the parent that are inside ---------------------------------------------------- */

struct blocked {
    struct socket_pair pair;
    struct full_listener full;
    sn_socket *socket; /* the one the parent's thread is blocked in */
    sn_endpoint to;
};

static sn_error block_in_accept(void *context)
{
    struct blocked *blocked = context;
    sn_socket *accepted = NULL;
    sn_error error = sn_socket_accept(blocked->socket, &accepted);
    sn_socket_release(accepted);
    return error;
}

static sn_error block_in_receive(void *context)
{
    struct blocked *blocked = context;
    char byte;
    size_t count;
    return sn_socket_receive(blocked->socket, &byte, 1, SN_FLAG_NONE, &count);
}

static sn_error block_in_send(void *context)
{
    struct blocked *blocked = context;
    static const char data[100000];
    return sn_socket_send(blocked->socket, data, sizeof data, SN_FLAG_NONE, NULL);
}

static sn_error block_in_connect(void *context)
{
    struct blocked *blocked = context;
    return sn_socket_connect(blocked->socket, &blocked->to);
}

static sn_error block_in_poll(void *context)
{
    struct blocked *blocked = context;
    bool is_ready;
    return sn_socket_poll(blocked->socket, -1, SN_SELECT_READ, &is_ready);
}

static sn_error block_in_select(void *context)
{
    struct blocked *blocked = context;
    sn_socket *sockets[] = {blocked->socket};
    sn_socket_list list = {.sockets = sockets, .count = 1};
    return sn_socket_select(&list, NULL, NULL, -1);
}

static void open_listening(struct blocked *blocked)
{
    blocked->pair.listener = socket_listening(TCP_IPV4, 4);
    blocked->socket = blocked->pair.listener;
}

static void open_connected(struct blocked *blocked)
{
    blocked->pair = pair_plain(TCP_IPV4);
    blocked->socket = blocked->pair.client;
}

static void open_full(struct blocked *blocked)
{
    open_connected(blocked);
    (void)fill_for_good(blocked->socket);
}

static void open_connecting(struct blocked *blocked)
{
    blocked->full = full_listener_make(TCP_IPV4);
    blocked->to = blocked->full.address;
    blocked->socket = blocked->pair.client = socket_make(TCP_IPV4);
}

static void open_datagrams(struct blocked *blocked)
{
    blocked->socket = blocked->pair.client = socket_bound(UDP_IPV4);
}

static int close_it(void *context)
{
    struct blocked *blocked = context;
    int handle = sn_socket_get_handle(blocked->socket);
    sn_socket_close(blocked->socket);
    CHILD_EXPECT(fcntl(handle, F_GETFD) < 0 && errno == EBADF);
    sn_socket_release(blocked->socket);
    return 0;
}

static int cancel_and_release_it(void *context)
{
    struct blocked *blocked = context;
    int handle = sn_socket_get_handle(blocked->socket);
    sn_socket_cancel(blocked->socket);
    sn_socket_release(blocked->socket);
    CHILD_EXPECT(fcntl(handle, F_GETFD) < 0 && errno == EBADF);
    return 0;
}

TEST(a_child_closes_a_socket_in_which_threads_of_its_parent_are_blocked)
{
    static const struct {
        void (*open)(struct blocked *);
        thread_function run;
    } rows[] = {
        {open_listening, block_in_accept},  {open_connected, block_in_receive},
        {open_full, block_in_send},         {open_connecting, block_in_connect},
        {open_connected, block_in_poll},    {open_connected, block_in_select},
        {open_datagrams, block_in_receive},
    };
    static const child_function ends[] = {close_it, cancel_and_release_it};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct blocked blocked = {0};
        struct thread threads[2]; /* of two that send, the second waits for its turn */
        rows[i].open(&blocked);
        for (size_t k = 0; k < COUNT_OF(threads); k++)
            if (k == 0 || rows[i].run != block_in_connect)
                thread_start_blocked(&threads[k], rows[i].run, &blocked);
        for (size_t k = 0; k < COUNT_OF(ends); k++)
            assert_int_equal(child_run(ends[k], &blocked), 0);
        for (size_t k = 0; k < COUNT_OF(threads); k++)
            if (k == 0 || rows[i].run != block_in_connect)
                assert_false(thread_is_done(&threads[k]));
        sn_socket_cancel(blocked.socket);
        for (size_t k = 0; k < COUNT_OF(threads); k++)
            if (k == 0 || rows[i].run != block_in_connect)
                assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&threads[k]));
        if (blocked.full.listener)
            full_listener_release(&blocked.full);
        pair_release(&blocked.pair);
    }
}

/* The lock of a record, the turn to send, the list of waiters: all of it may be in use. */
static int use_it(void *context)
{
    struct blocked *blocked = context;
    sn_socket *client = blocked->pair.client, *server = blocked->pair.server;
    char data[4096];
    size_t count = 0, sent = 0;
    bool is_ready = false;
    CHILD_EXPECT(sn_socket_set_blocking(server, false) == SN_OK);
    while (sn_socket_receive(server, data, sizeof data, SN_FLAG_NONE, &count) == SN_OK)
        CHILD_EXPECT(count > 0);
    CHILD_EXPECT(sn_socket_set_blocking(server, true) == SN_OK);
    CHILD_EXPECT(sn_socket_send(client, "abc", 3, SN_FLAG_NONE, &sent) == SN_OK && sent == 3);
    CHILD_EXPECT(sn_socket_poll(server, -1, SN_SELECT_READ, &is_ready) == SN_OK && is_ready);
    return 0;
}

TEST(a_child_goes_on_sending_where_a_thread_of_its_parent_was_about_to)
{
    struct blocked blocked = {0};
    struct thread thread;
    open_full(&blocked);
    thread_start_blocked(&thread, block_in_send, &blocked);
    assert_int_equal(child_run(use_it, &blocked), 0);
    assert_ok(thread_join(&thread)); /* the child has made room for it */
    pair_release(&blocked.pair);
}

/* --- Operations of the parent ----------------------------------------------------------------- */

struct shared {
    struct socket_pair pair;
    struct pending receive; /* the parent's, of the client */
    sn_cancellation *cancellation;
    sn_engine *engine;
};

static struct shared shared_open(void)
{
    struct shared shared = {.pair = pair_plain(TCP_IPV4)};
    return shared;
}

static void shared_begin(struct shared *shared, char *byte)
{
    pending_init(&shared->receive);
    shared->receive.operation.cancellation = shared->cancellation;
    sn_socket_receive_async(shared->pair.client, byte, 1, SN_FLAG_NONE, &shared->receive.operation);
}

/* The parent's own receive is as it was. */
static void shared_end(struct shared *shared, const char *byte)
{
    send_plain(shared->pair.server, "p", 1);
    assert_pending(SN_OK, &shared->receive);
    assert_int_equal(*byte, 'p');
    pair_release(&shared->pair);
}

static int use_own_engine(void *context)
{
    struct shared *shared = context;
    sn_operation send = {0}, receive = {0};
    char data[4] = "";
    sn_socket_receive_async(shared->pair.server, data, 3, SN_FLAG_NONE, &receive);
    sn_socket_send_async(shared->pair.client, "abc", 3, SN_FLAG_NONE, &send);
    CHILD_EXPECT(sn_operation_wait(&send) == SN_OK);
    CHILD_EXPECT(sn_operation_wait(&receive) == SN_OK);
    CHILD_EXPECT(strcmp(data, "abc") == 0);
    sn_socket_release(shared->pair.server);
    sn_socket_release(shared->pair.client);
    return 0;
}

TEST(a_child_uses_sockets_asynchronously_that_were_so_in_its_parent)
{
    struct shared shared = shared_open();
    char byte = 0;
    shared_begin(&shared, &byte);
    assert_int_equal(child_run(use_own_engine, &shared), 0);
    shared_end(&shared, &byte);
}

static int set_own_engine(void *context)
{
    struct shared *shared = context;
    sn_engine *engine = NULL;
    sn_operation receive = {0};
    char byte = 0;
    CHILD_EXPECT(sn_socket_set_engine(shared->pair.server, shared->engine) ==
                 SN_ERROR_INVALID_OPERATION);
    CHILD_EXPECT(sn_engine_create(NULL, &engine) == SN_OK); /* driven */
    CHILD_EXPECT(sn_socket_set_engine(shared->pair.server, engine) == SN_OK);
    sn_socket_receive_async(shared->pair.server, &byte, 1, SN_FLAG_NONE, &receive);
    CHILD_EXPECT(sn_engine_run(engine, 0, NULL) == SN_OK);
    CHILD_EXPECT(sn_socket_send(shared->pair.client, "c", 1, SN_FLAG_NONE, NULL) == SN_OK);
    while (!sn_operation_is_completed(&receive))
        CHILD_EXPECT(sn_engine_run(engine, SN_FOREVER, NULL) == SN_OK);
    CHILD_EXPECT(receive.error == SN_OK && byte == 'c');
    sn_socket_close(shared->pair.server);
    CHILD_EXPECT(sn_engine_destroy(engine) == SN_OK);
    return 0;
}

TEST(a_child_gives_an_engine_of_its_own_to_what_had_one_of_its_parents)
{
    struct shared shared = shared_open();
    char byte = 0;
    shared.engine = engine_make(1);
    assert_ok(sn_socket_set_engine(shared.pair.server, shared.engine));
    assert_ok(sn_socket_set_engine(shared.pair.client, shared.engine));
    shared_begin(&shared, &byte);
    assert_int_equal(child_run(set_own_engine, &shared), 0);
    shared_end(&shared, &byte);
    engine_destroy(shared.engine);
}

static int cancel_everything(void *context)
{
    struct shared *shared = context;
    sn_operation own = {.cancellation = shared->cancellation}, timed = own;
    char byte;
    sn_operation_cancel(&shared->receive.operation); /* the parent's */
    CHILD_EXPECT(sn_cancellation_cancel_after(shared->cancellation, 1) == SN_OK);
    sn_socket_receive_async(shared->pair.server, &byte, 1, SN_FLAG_NONE, &timed);
    CHILD_EXPECT(sn_operation_wait(&timed) == SN_ERROR_TIMED_OUT);
    sn_socket_receive_async(shared->pair.server, &byte, 1, SN_FLAG_NONE, &own);
    CHILD_EXPECT(sn_operation_wait(&own) == SN_ERROR_TIMED_OUT);
    sn_cancellation_release(shared->cancellation);
    sn_socket_cancel(shared->pair.client);
    return 0;
}

TEST(a_child_that_cancels_ends_nothing_of_its_parents)
{
    struct shared shared = shared_open();
    char byte = 0;
    assert_ok(sn_cancellation_create(&shared.cancellation));
    assert_ok(sn_cancellation_cancel_after(shared.cancellation, 100000000)); /* a timer runs */
    shared_begin(&shared, &byte);
    assert_int_equal(child_run(cancel_everything, &shared), 0);
    assert_false(sn_cancellation_is_canceled(shared.cancellation));
    shared_end(&shared, &byte);
    sn_cancellation_release(shared.cancellation);
}

static int close_with_a_blocked_call(void *context)
{
    struct shared *shared = context;
    struct blocked blocked = {.socket = shared->pair.client};
    struct thread thread;
    thread_start(&thread, block_in_receive, &blocked);
    CHILD_EXPECT(thread_wait_blocked(&thread));
    sn_socket_close(shared->pair.client);
    CHILD_EXPECT(thread_join(&thread) == SN_ERROR_CONNECTION_ABORTED);
    return 0;
}

/* A reset is an option of the file, which both have. */
TEST(a_close_in_a_child_that_ends_a_call_does_not_reset_the_parents_connection)
{
#ifdef __SANITIZE_THREAD__
    SKIP("the thread sanitizer knows a child's thread by its parent's number, and stops");
#endif
    struct shared shared = shared_open();
    char byte = 0;
    assert_int_equal(child_run(close_with_a_blocked_call, &shared), 0);
    send_plain(shared.pair.client, "x", 1);
    receive_plain(shared.pair.server, &byte, 1);
    sn_socket_close(shared.pair.client);
    size_t count = 1;
    assert_ok(sn_socket_receive(shared.pair.server, &byte, 1, SN_FLAG_NONE, &count));
    assert_int_equal(count, 0);
    pair_release(&shared.pair);
}

/* --- Whatever else a fork may find half done -------------------------------------------------- */

static int look_up(void *context)
{
    sn_ip_address addresses[4];
    sn_operation lookup = {0};
    (void)context;
    sn_dns_get_host_addresses_async("localhost", SN_FAMILY_UNSPECIFIED, addresses, 4, &lookup);
    (void)!sn_operation_wait(&lookup); /* it ends; the machine may know no such name */
    return 0;
}

TEST(a_child_looks_up_names_with_threads_of_its_own)
{
    (void)look_up(NULL);
    assert_int_equal(child_run(look_up, NULL), 0);
}

static int attempts_of_child(void *context)
{
    sn_metrics metrics;
    (void)context;
    sn_metrics_get(&metrics, sizeof metrics);
    CHILD_EXPECT(metrics.current_outgoing_connect_attempts == 0);
    return 0;
}

TEST(a_child_has_no_connect_on_its_way)
{
    struct full_listener full = full_listener_make(TCP_IPV4);
    sn_socket *socket = socket_make(TCP_IPV4);
    struct pending connect;
    sn_metrics metrics;
    pending_init(&connect);
    sn_socket_connect_async(socket, &full.address, &connect.operation);
    sn_metrics_get(&metrics, sizeof metrics);
    assert_int_equal(metrics.current_outgoing_connect_attempts, 1);
    assert_int_equal(child_run(attempts_of_child, NULL), 0);
    sn_socket_close(socket);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &connect);
    sn_socket_release(socket);
    full_listener_release(&full);
}

static int stop_and_release(void *listener)
{
    sn_tcp_listener_stop(listener);
    sn_tcp_listener_release(listener);
    return 0;
}

static sn_error accept_one(void *listener)
{
    sn_socket *accepted = NULL;
    return sn_tcp_listener_accept_socket(listener, &accepted);
}

TEST(a_child_stops_a_listener_in_which_its_parent_waits)
{
    sn_endpoint local = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    sn_tcp_listener *listener = NULL;
    struct thread thread;
    assert_ok(sn_tcp_listener_create(&local, &listener));
    assert_ok(sn_tcp_listener_start(listener, 4));
    thread_start_blocked(&thread, accept_one, listener);
    assert_int_equal(child_run(stop_and_release, listener), 0);
    assert_false(thread_is_done(&thread));
    sn_tcp_listener_stop(listener);
    assert_error(SN_ERROR_INTERRUPTED, thread_join(&thread));
    sn_tcp_listener_release(listener);
}

static struct {
    sem_t is_held, may_go;
} hold;

static void hold_worker(struct pending *pending)
{
    (void)pending;
    sem_post(&hold.is_held);
    while (sem_wait(&hold.may_go) < 0)
        continue;
}

struct closing {
    sn_socket *socket;
    int handle;
};

static int release_what_was_closing(void *context)
{
    struct closing *closing = context;
    CHILD_EXPECT(fcntl(closing->handle, F_GETFD) >= 0);
    sn_socket_release(closing->socket);
    CHILD_EXPECT(fcntl(closing->handle, F_GETFD) < 0 && errno == EBADF);
    return 0;
}

/* Its worker, which has to end a receive, is in a callback meanwhile: so the parent's close is not
 * over at the fork. */
TEST(a_close_that_was_going_on_ends_in_the_child_too)
{
    sn_engine *engine = engine_make(1);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct closing closing = {.socket = pair.server};
    struct pending post, receive;
    char byte;
    assert_int_equal(sem_init(&hold.is_held, 0, 0), 0);
    assert_int_equal(sem_init(&hold.may_go, 0, 0), 0);
    closing.handle = sn_socket_get_handle(closing.socket);
    assert_ok(sn_socket_set_engine(closing.socket, engine));
    pending_init(&post);
    post.then = hold_worker;
    sn_engine_post_async(engine, &post.operation);
    while (sem_wait(&hold.is_held) < 0)
        continue;
    pending_init(&receive);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    sn_socket_close(closing.socket);
    assert_int_equal(child_run(release_what_was_closing, &closing), 0);
    sem_post(&hold.may_go);
    pending_wait(&post);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &receive);
    pair_release(&pair);
    engine_destroy(engine);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_child_closes_a_socket_in_which_threads_of_its_parent_are_blocked),
        CASE(a_child_goes_on_sending_where_a_thread_of_its_parent_was_about_to),
        CASE(a_child_uses_sockets_asynchronously_that_were_so_in_its_parent),
        CASE(a_child_gives_an_engine_of_its_own_to_what_had_one_of_its_parents),
        CASE(a_child_that_cancels_ends_nothing_of_its_parents),
        CASE(a_close_in_a_child_that_ends_a_call_does_not_reset_the_parents_connection),
        CASE(a_child_looks_up_names_with_threads_of_its_own),
        CASE(a_child_has_no_connect_on_its_way),
        CASE(a_child_stops_a_listener_in_which_its_parent_waits),
        CASE(a_close_that_was_going_on_ends_in_the_child_too),
    };
    return RUN(cases);
}
