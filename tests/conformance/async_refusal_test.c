/*
 * Operations that cannot be started: their callbacks come on the engine of their socket, also when
 * that is closed, never inside the start, and with nothing that could be short.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/async.h"

static char byte;

/* --- On the socket's own engine --------------------------------------------------------------- */

struct refusal {
    struct pending pending; /* first */
    pthread_t thread;       /* that called back */
};

static void note_thread(struct pending *pending)
{
    ((struct refusal *)pending)->thread = pthread_self();
}

static void refusal_init(struct refusal *refusal)
{
    pending_init(&refusal->pending);
    refusal->pending.then = note_thread;
}

static void assert_completes_in_run(sn_engine *engine, struct refusal *refusal, sn_error error)
{
    assert_int_equal(pending_count(&refusal->pending), 0);
    run_until(engine, &refusal->pending);
    assert_error(error, refusal->pending.operation.error);
    assert_true(pthread_equal(refusal->thread, pthread_self()));
}

TEST(what_a_driven_engines_socket_refuses_completes_when_it_is_run)
{
    sn_engine *engine = engine_make(0);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct refusal refusal;
    assert_ok(sn_socket_set_engine(pair.client, engine));
    refusal_init(&refusal);
    sn_socket_receive_async(pair.client, NULL, 1, SN_FLAG_NONE, &refusal.pending.operation);
    assert_completes_in_run(engine, &refusal, SN_ERROR_ARGUMENT_NULL);
    refusal_init(&refusal);
    sn_socket_accept_async(pair.client, NULL, &refusal.pending.operation);
    assert_completes_in_run(engine, &refusal, SN_ERROR_INVALID_OPERATION);
    refusal_init(&refusal);
    sn_engine_delay_async(engine, -2, &refusal.pending.operation);
    assert_completes_in_run(engine, &refusal, SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    sn_socket_close(pair.client);
    for (int i = 0; i < 3; i++) { /* before and after the engine has closed it */
        refusal_init(&refusal);
        sn_socket_send_async(pair.client, "x", 1, SN_FLAG_NONE, &refusal.pending.operation);
        assert_completes_in_run(engine, &refusal, SN_ERROR_OBJECT_DISPOSED);
    }
    pair_release(&pair);
    engine_destroy(engine);
}

static struct refusal inner;

static void start_refused(struct pending *pending)
{
    refusal_init(&inner);
    sn_socket_receive_async(pending->context, &byte, 1, SN_FLAG_NONE, &inner.pending.operation);
    if (pending_count(&inner.pending) != 0)
        abort(); /* inside the start */
}

TEST(in_a_callback_too)
{
    sn_engine *engine = engine_make(0);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending outer;
    assert_ok(sn_socket_set_engine(pair.client, engine));
    sn_socket_close(pair.client);
    pending_init(&outer);
    outer.then = start_refused;
    outer.context = pair.client;
    sn_engine_post_async(engine, &outer.operation);
    run_until(engine, &outer);
    run_until(engine, &inner.pending); /* in the same round, or in the next */
    assert_error(SN_ERROR_OBJECT_DISPOSED, inner.pending.operation.error);
    assert_true(pthread_equal(inner.thread, pthread_self()));
    pair_release(&pair);
    engine_destroy(engine);
}

/* The socket still names the engine that is gone. */
TEST(a_socket_whose_engine_is_gone_is_refused_by_another)
{
    for (int is_closed_before = 0; is_closed_before < 2; is_closed_before++) {
        sn_engine *engine = engine_make(1);
        struct socket_pair pair = pair_plain(TCP_IPV4);
        struct pending pending;
        assert_ok(sn_socket_set_engine(pair.client, engine));
        if (is_closed_before)
            sn_socket_close(pair.client);
        engine_destroy(engine);
        sn_socket_close(pair.client);
        for (int i = 0; i < 2; i++) {
            pending_init(&pending);
            sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &pending.operation);
            assert_pending(SN_ERROR_OBJECT_DISPOSED, &pending);
        }
        pair_release(&pair);
    }
}

/* --- Where nothing can be made any more ------------------------------------------------------- */

/* For a child: no descriptor is left, and there is no default engine. */
static void use_everything_up(void)
{
    struct rlimit none = {3, 3};
    if (setrlimit(RLIMIT_NOFILE, &none) != 0)
        _exit(77);
}

static int calls, depth, deepest;
static sn_error last;
static void (*start_again)(sn_operation *);

static void go_on(sn_operation *operation)
{
    calls++;
    last = operation->error;
    deepest = ++depth > deepest ? depth : deepest;
    if (calls < 5000)
        start_again(operation);
    depth--;
}

static sn_socket *subject;

static void accept_again(sn_operation *operation)
{
    sn_socket_accept_async(subject, NULL, operation);
}

static void delay_again(sn_operation *operation)
{
    sn_engine_delay_async(NULL, 1, operation);
}

static void lookup_again(sn_operation *operation)
{
    sn_dns_get_host_addresses_async("127.0.0.1", SN_FAMILY_UNSPECIFIED, NULL, 0, operation);
}

/* Exits with 0 when everything was right. */
static void restart_for_ever(void (*start)(sn_operation *), sn_error expected)
{
    sn_operation operation = {.completed = go_on};
    start_again = start;
    start(&operation);
    _exit(calls == 5000 && deepest == 1 && last == expected ? 0 : 1);
}

static void in_child(void (*run)(void))
{
    pid_t child = fork();
    if (child == 0)
        run();
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) != 77)
        assert_int_equal(WEXITSTATUS(status), 0);
}

static void accept_without_a_socket(void)
{
    use_everything_up();
    restart_for_ever(accept_again, SN_ERROR_ARGUMENT_NULL);
}

static void accept_of_a_closed_socket(void)
{
    subject = socket_listening(TCP_IPV4, 4);
    sn_socket_close(subject);
    use_everything_up();
    restart_for_ever(accept_again, SN_ERROR_OBJECT_DISPOSED);
}

static void accept_without_an_engine(void)
{
    subject = socket_listening(TCP_IPV4, 4);
    use_everything_up();
    restart_for_ever(accept_again, SN_ERROR_TOO_MANY_OPEN_SOCKETS);
}

static void delay_without_an_engine(void)
{
    use_everything_up();
    restart_for_ever(delay_again, SN_ERROR_TOO_MANY_OPEN_SOCKETS);
}

static void lookup_without_an_engine(void)
{
    use_everything_up();
    restart_for_ever(lookup_again, SN_ERROR_TOO_MANY_OPEN_SOCKETS);
}

/* A loop that takes no error for the end stays on a flat stack. */
TEST(without_any_engine_callbacks_do_not_nest)
{
    in_child(accept_without_a_socket);
    in_child(accept_of_a_closed_socket);
    in_child(accept_without_an_engine);
    in_child(delay_without_an_engine);
    in_child(lookup_without_an_engine);
}

/* The accept loop of the guide, on an engine of its own: the listener is closed at the limit. */
static void listen_at_the_limit(void)
{
    sn_engine *engine;
    sn_operation operation = {.completed = go_on};
    struct rlimit limit;
    if (sn_engine_create(&(sn_engine_options){0}, &engine))
        _exit(2);
    subject = socket_listening(TCP_IPV4, 4);
    if (sn_socket_set_engine(subject, engine))
        _exit(3);
    getrlimit(RLIMIT_NOFILE, &limit);
    sn_socket_accept_async(subject, NULL, &operation);
    if (sn_engine_run(engine, 0, NULL))
        _exit(4);
    use_everything_up();
    sn_socket_close(subject);
    start_again = accept_again;
    calls = 5000 - 3; /* the third is the last */
    while (calls < 5000)
        if (sn_engine_run(engine, SN_FOREVER, NULL))
            _exit(5);
    _exit(deepest == 1 && last == SN_ERROR_OBJECT_DISPOSED ? 0 : 6);
}

TEST(a_listener_that_is_closed_at_the_limit_is_told_so)
{
    in_child(listen_at_the_limit);
}

/* --- A loop that waits ------------------------------------------------------------------------ */

/* Not one attempt after the other: each waits for a while, since no event tells of descriptors. */
static void wait_at_the_limit(void)
{
    subject = socket_listening(TCP_IPV4, 4);
    sn_socket *client = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(subject);
    sn_operation operation = {0};
    struct rlimit limit;
    if (sn_socket_connect(client, &address))
        _exit(2);
    sn_socket_accept_async(subject, NULL, &operation); /* makes its engine */
    if (sn_operation_wait(&operation))
        _exit(3);
    sn_socket_release(operation.socket);
    sn_socket *second = socket_make(TCP_IPV4);
    if (sn_socket_connect(second, &address))
        _exit(4);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < 20; i++) {
        sn_socket_accept_async(subject, NULL, &operation);
        /* The first attempt is made at once, the others are the engine's. */
        if (i > 0 && sn_operation_is_completed(&operation))
            _exit(5);
        if (sn_operation_wait(&operation) != SN_ERROR_TOO_MANY_OPEN_SOCKETS)
            _exit(6);
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    sn_socket_accept_async(subject, NULL, &operation);
    _exit(sn_operation_wait(&operation) ? 7 : 0);
}

TEST(a_waiting_accept_loop_at_the_limit_does_not_spin)
{
    in_child(wait_at_the_limit);
}

const char *__tsan_default_options(void) __attribute__((visibility("default")));
const char *__tsan_default_options(void)
{
    return "die_after_fork=0"; /* a child starts the thread of its default engine */
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(what_a_driven_engines_socket_refuses_completes_when_it_is_run),
        CASE(in_a_callback_too),
        CASE(a_socket_whose_engine_is_gone_is_refused_by_another),
        CASE(without_any_engine_callbacks_do_not_nest),
        CASE(a_listener_that_is_closed_at_the_limit_is_told_so),
        CASE(a_waiting_accept_loop_at_the_limit_does_not_spin),
    };
    return RUN(cases);
}
