/* A hook that is asked when a signal has interrupted a wait: in every call that waits. */
#include "unit/engine/engines.h"

#include <pthread.h>
#include <signal.h>

#include "socket/object/object.h"
#include "support/threads.h"
#include "support/transfer_support.h"

/* --- The hook --------------------------------------------------------------------------------- */

static struct {
    uint32_t asked;   /* atomic */
    bool ends;        /* what it answers */
    sn_socket *other; /* if set, it receives a byte from it: a wait inside the wait */
} hook;

static bool answer(void *context)
{
    char byte;
    size_t received;
    assert_ptr_equal(context, &hook);
    if (hook.other) {
        sn_socket *other = hook.other;
        hook.other = NULL; /* a signal in there asks again */
        (void)!sn_socket_receive(other, &byte, 1, SN_FLAG_NONE, &received);
    }
    atomic_add_acq_rel(&hook.asked, 1u);
    return hook.ends;
}

static void note_signal(int number)
{
    (void)number;
}

static void hook_begin(bool ends)
{
    const struct sigaction action = {.sa_handler = note_signal}; /* no SA_RESTART */
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    hook.asked = 0;
    hook.ends = ends;
    hook.other = NULL;
    sn_set_interrupt_hook(answer, &hook);
}

static void hook_end(void)
{
    sn_set_interrupt_hook(NULL, NULL);
}

/* A signal that comes just before the sleep is not noticed, so another one is sent. */
static sn_error join_interrupted(struct thread *thread)
{
    while (!thread_is_done(thread)) {
        (void)pthread_kill(thread->id, SIGUSR1);
        sched_yield();
    }
    return thread_join(thread);
}

static void signal_until_asked(struct thread *thread)
{
    while (atomic_load_acquire(&hook.asked) == 0) {
        (void)pthread_kill(thread->id, SIGUSR1);
        sched_yield();
    }
}

/* --- Calls that wait -------------------------------------------------------------------------- */

struct scene {
    struct socket_pair pair;
    struct socket_pair other;
    sn_engine *engine;
    sn_operation first, second;
    char data[8];
    size_t count;
    int native;
};

static sn_error told(struct scene *scene, sn_error error)
{
    scene->native = sn_error_last_native();
    return error;
}

static sn_error call_receive(void *context)
{
    struct scene *scene = context;
    return told(scene,
                sn_socket_receive(scene->pair.server, scene->data, 1, SN_FLAG_NONE, &scene->count));
}

static sn_error call_receive_from(void *context)
{
    struct scene *scene = context;
    sn_endpoint from;
    return told(scene, sn_socket_receive_from(scene->pair.server, scene->data, 1, SN_FLAG_NONE,
                                              &from, &scene->count));
}

static sn_error call_receive_behind(void *context)
{
    struct scene *scene = context;
    scene->first = (sn_operation){.timeout_ms = 60000};
    sn_socket_receive_async(scene->pair.server, scene->data, 1, SN_FLAG_NONE, &scene->first);
    return call_receive(context);
}

static sn_error call_accept(void *context)
{
    struct scene *scene = context;
    sn_socket *accepted = NULL;
    return told(scene, sn_socket_accept(scene->pair.listener, &accepted));
}

static sn_error call_poll(void *context)
{
    struct scene *scene = context;
    bool is_ready;
    return told(scene, sn_socket_poll(scene->pair.server, -1, SN_SELECT_READ, &is_ready));
}

static sn_error call_select(void *context)
{
    struct scene *scene = context;
    sn_socket *sockets[] = {scene->pair.server};
    sn_socket_list list = {.sockets = sockets, .count = 1};
    return told(scene, sn_socket_select(&list, NULL, NULL, -1));
}

static void start(struct scene *scene, sn_operation *operation, sn_milliseconds limit_ms)
{
    *operation = (sn_operation){.timeout_ms = limit_ms};
    sn_socket_receive_async(scene->pair.server, scene->data, 1, SN_FLAG_NONE, operation);
}

static sn_error call_wait_kept(void *context)
{
    struct scene *scene = context;
    start(scene, &scene->first, 0);
    scene->native = EINTR;
    return sn_operation_wait(&scene->first);
}

static sn_error call_wait_handed(void *context)
{
    struct scene *scene = context;
    start(scene, &scene->first, 60000);
    scene->native = EINTR;
    return sn_operation_wait(&scene->first);
}

static sn_error call_wait_all(void *context)
{
    struct scene *scene = context;
    sn_operation *all[] = {&scene->first};
    start(scene, &scene->first, 60000);
    scene->native = EINTR;
    return sn_operation_wait_all(all, 1, SN_FOREVER);
}

static sn_error call_wait_any(void *context)
{
    struct scene *scene = context;
    sn_operation *all[] = {&scene->first};
    size_t index;
    start(scene, &scene->first, 0);
    scene->native = EINTR;
    return sn_operation_wait_any(all, 1, SN_FOREVER, &index);
}

static sn_error call_run(void *context)
{
    struct scene *scene = context;
    return told(scene, sn_engine_run(scene->engine, SN_FOREVER, NULL));
}

static const struct {
    const char *name;
    thread_function call;
    enum transport transport;
} calls[] = {
    {"receive", call_receive, TCP_IPV4},
    {"receive_from", call_receive_from, UDP_IPV4},
    {"receive behind", call_receive_behind, TCP_IPV4},
    {"accept", call_accept, TCP_IPV4},
    {"poll", call_poll, UNIX_STREAM},
    {"select", call_select, TCP_IPV4},
    {"wait, kept", call_wait_kept, TCP_IPV4},
    {"wait, handed", call_wait_handed, TCP_IPV4},
    {"wait_all", call_wait_all, TCP_IPV4},
    {"wait_any", call_wait_any, UDP_IPV4},
};

static void scene_open(struct scene *scene, enum transport transport)
{
    *scene = (struct scene){.pair = pair_connected(transport)};
}

static void scene_close(struct scene *scene)
{
    /* What waited for them has ended; they have not. */
    sn_operation *operations[] = {&scene->first, &scene->second};
    for (size_t i = 0; i < 2; i++) {
        if (operation_is_pending(operations[i])) {
            sn_operation_cancel(operations[i]);
            assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(operations[i]));
        }
    }
    pair_release(&scene->pair);
}

TEST(the_hook_ends_each_call_that_waits)
{
    hook_begin(true);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct scene scene;
        struct thread thread;
        scene_open(&scene, calls[i].transport);
        thread_start(&thread, calls[i].call, &scene);
        sn_error error = join_interrupted(&thread);
        if (error != SN_ERROR_INTERRUPTED || scene.native != EINTR)
            fail_msg("%s: %s, %d", calls[i].name, sn_error_name(error), scene.native);
        assert_true(hook.asked > 0);
        if (calls[i].transport == TCP_IPV4) /* it says nothing of the connection */
            assert_true(sn_socket_is_connected(scene.pair.server));
        scene_close(&scene);
        hook.asked = 0;
    }
    hook_end();
}

TEST(a_call_goes_on_when_the_hook_says_so_and_loses_nothing)
{
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct scene scene;
        struct thread thread;
        if (calls[i].call == call_accept || calls[i].call == call_receive_behind)
            continue; /* a connection, and two bytes: the same otherwise */
        hook_begin(false);
        scene_open(&scene, calls[i].transport);
        thread_start(&thread, calls[i].call, &scene);
        signal_until_asked(&thread);
        send_text(scene.pair.client, "x");
        if (thread_join(&thread) != SN_OK)
            fail_msg("%s", calls[i].name);
        scene_close(&scene);
    }
    hook_end();
}

TEST(an_engine_that_is_driven_gives_the_control_back)
{
    struct scene scene = {.engine = engine_of(state, 0)};
    struct thread thread;
    hook_begin(true);
    thread_start(&thread, call_run, &scene);
    assert_error(SN_ERROR_INTERRUPTED, join_interrupted(&thread));
    assert_int_equal(scene.native, EINTR);
    hook_end();
    destroy_engine(scene.engine);
}

/* --- What has moved --------------------------------------------------------------------------- */

static char large[8 << 20];

static sn_error send_large(void *context)
{
    struct scene *scene = context;
    return sn_socket_send(scene->pair.client, large, sizeof large, SN_FLAG_NONE, &scene->count);
}

/* Also where it has queued behind an asynchronous one. */
static sn_error send_large_behind(void *context)
{
    struct scene *scene = context;
    scene->first = (sn_operation){.timeout_ms = 60000};
    sn_socket_send_async(scene->pair.client, large, sizeof large, SN_FLAG_NONE, &scene->first);
    return send_large(context);
}

static size_t count_rest(sn_socket *socket)
{
    static char data[1 << 16];
    size_t all = 0, received;
    while (!sn_socket_receive(socket, data, sizeof data, SN_FLAG_NONE, &received) && received > 0)
        all += received;
    return all;
}

/* Its peer's buffer does not grow: after a quick reader it would take all of a send. */
static void scene_open_narrow(struct scene *scene)
{
    scene_open(scene, TCP_IPV4);
    assert_ok(sn_socket_set_receive_buffer_size(scene->pair.server, 1 << 16));
}

TEST(a_send_that_a_signal_ends_tells_what_went_out)
{
    const thread_function sends[] = {send_large, send_large_behind};
    for (size_t i = 0; i < 2; i++) {
        struct scene scene;
        struct thread thread;
        scene_open_narrow(&scene);
        hook_begin(true);
        scene.count = 0; /* as its page says: written if something went out */
        thread_start(&thread, sends[i], &scene);
        assert_error(SN_ERROR_INTERRUPTED, join_interrupted(&thread));
        assert_true(scene.count < sizeof large);
        hook_end();
        if (i == 1) {
            sn_operation_cancel(&scene.first);
            (void)!sn_operation_wait(&scene.first);
        }
        assert_ok(sn_socket_shutdown(scene.pair.client, SN_SHUTDOWN_SEND));
        assert_int_equal(count_rest(scene.pair.server),
                         scene.count + (i == 1 ? scene.first.transferred : 0));
        scene_close(&scene);
    }
}

TEST(a_send_that_has_queued_and_was_begun_tells_what_went_out)
{
    static char received[sizeof large + 1000];
    struct scene scene;
    struct thread thread;
    scene_open_narrow(&scene);
    hook_begin(true);
    scene.count = 0;
    thread_start(&thread, send_large_behind, &scene);
    receive_exactly(scene.pair.server, received, sizeof received); /* all of the first, and more */
    assert_error(SN_ERROR_INTERRUPTED, join_interrupted(&thread));
    hook_end();
    assert_ok(sn_operation_wait(&scene.first));
    assert_int_equal(scene.first.transferred, sizeof large);
    assert_true(scene.count >= 1000 && scene.count < sizeof large);
    assert_ok(sn_socket_shutdown(scene.pair.client, SN_SHUTDOWN_SEND));
    assert_int_equal(count_rest(scene.pair.server), scene.count - 1000);
    scene_close(&scene);
}

TEST(a_send_whose_time_is_over_tells_what_went_out)
{
    struct scene scene;
    scene_open(&scene, TCP_IPV4);
    assert_ok(sn_socket_set_send_timeout(scene.pair.client, 5));
    assert_error(SN_ERROR_TIMED_OUT, send_large(&scene));
    assert_true(scene.count > 0 && scene.count < sizeof large);
    assert_ok(sn_socket_shutdown(scene.pair.client, SN_SHUTDOWN_SEND));
    assert_int_equal(count_rest(scene.pair.server), scene.count);
    scene_close(&scene);
}

/* --- The hook itself -------------------------------------------------------------------------- */

/* With the same wake event, which the wait outside needs again. */
TEST(the_hook_may_wait_itself)
{
    for (int i = 0; i < 50; i++) {
        struct scene scene, other;
        struct thread thread;
        scene_open(&scene, TCP_IPV4);
        scene_open(&other, TCP_IPV4);
        hook_begin(false);
        hook.other = other.pair.server;
        thread_start(&thread, call_receive, &scene);
        send_text(other.pair.client, "x");
        signal_until_asked(&thread);
        if (i % 2 == 0) {
            sn_socket_cancel(scene.pair.server); /* comes through after the wait inside */
            assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&thread));
        } else {
            send_text(scene.pair.client, "x");
            assert_ok(thread_join(&thread));
        }
        hook_end();
        scene_close(&scene);
        scene_close(&other);
    }
}

TEST(without_a_hook_signals_change_nothing)
{
    struct scene scene;
    struct thread thread;
    hook_begin(true);
    hook_end();
    scene_open(&scene, TCP_IPV4);
    thread_start_blocked(&thread, call_receive, &scene);
    for (int i = 0; i < 20; i++) {
        (void)pthread_kill(thread.id, SIGUSR1);
        sched_yield();
    }
    send_text(scene.pair.client, "x");
    assert_ok(thread_join(&thread));
    assert_int_equal(hook.asked, 0);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hook_ends_each_call_that_waits),
        cmocka_unit_test(a_call_goes_on_when_the_hook_says_so_and_loses_nothing),
        ON_BOTH(an_engine_that_is_driven_gives_the_control_back),
        cmocka_unit_test(a_send_that_a_signal_ends_tells_what_went_out),
        cmocka_unit_test(a_send_that_has_queued_and_was_begun_tells_what_went_out),
        cmocka_unit_test(a_send_whose_time_is_over_tells_what_went_out),
        cmocka_unit_test(the_hook_may_wait_itself),
        cmocka_unit_test(without_a_hook_signals_change_nothing),
    };
    return cmocka_run_group_tests_name("descriptor/interrupt", tests, NULL, NULL);
}
