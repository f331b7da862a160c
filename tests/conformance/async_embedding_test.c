/*
 * An engine inside the loop of another library: whatever gives it something to do ends the sleep.
 * The loop sleeps without a limit, so an event that does not wake it makes the test stand still.
 */
#include <string.h>

#include "conformance/loops/loops.h"
#include "support/threads.h"
#include "support/async.h"

static const struct loop *const loops[] = {
    &loop_poll, &loop_select, &loop_epoll, &loop_epoll_edges, &loop_uv, &loop_glib,
};

/* --- A thread that sleeps in a loop ----------------------------------------------------------- */

struct scene {
    struct host host;
    const struct loop *loop;
    void (*begin)(struct scene *scene); /* on the loop's thread, before the loop */
    struct thread thread;
    sn_socket *own, *peer; /* the first belongs to the engine */
    sn_socket *listener;   /* that connected them, or NULL */
};

static struct scene *scene_now;

static void count(sn_operation *operation)
{
    (void)operation;
    atomic_fetch_sub(&scene_now->host.wanted, 1);
}

static sn_error run_loop(void *context)
{
    struct scene *scene = context;
    sn_error error = sn_engine_get_handle(scene->host.engine, &scene->host.handle);
    if (error)
        return error;
    if (scene->begin)
        scene->begin(scene);
    scene->loop->run(&scene->host);
    error = sn_engine_destroy(scene->host.engine);
    return scene->host.error ? scene->host.error : error;
}

/* One that may sleep for a time only can be over already. */
static void wait_until_it_sleeps(struct scene *scene)
{
    while (atomic_load(&scene->host.sleeps) == 0 && !thread_is_done(&scene->thread))
        give_way();
    (void)thread_wait_blocked(&scene->thread);
}

static struct scene scene_open(const struct loop *loop, int wanted)
{
    struct scene scene = {.loop = loop, .host.engine = engine_make(0)};
    atomic_init(&scene.host.wanted, wanted);
    return scene;
}

/* The scene is where it will stay. */
static void scene_start(struct scene *scene)
{
    scene_now = scene;
    if (scene->own)
        assert_ok(sn_socket_set_engine(scene->own, scene->host.engine));
    thread_start(&scene->thread, run_loop, scene);
    wait_until_it_sleeps(scene);
}

static void scene_end(struct scene *scene)
{
    assert_ok(thread_join(&scene->thread));
    assert_int_equal(atomic_load(&scene->host.wanted), 0);
    sn_socket_release(scene->listener);
    sn_socket_release(scene->own);
    sn_socket_release(scene->peer);
}

static void in_each_loop(void (*test)(const struct loop *))
{
    for (size_t i = 0; i < COUNT_OF(loops); i++) {
        if (loops[i]->run)
            test(loops[i]);
        else
            print_message("skipped: %s is not installed\n", loops[i]->name);
    }
}

/* --- What the kernel tells -------------------------------------------------------------------- */

static sn_operation first;
static char byte;

static void begin_accept(struct scene *scene)
{
    first = (sn_operation){.completed = count};
    sn_socket_accept_async(scene->own, NULL, &first);
}

static void accept_in(const struct loop *loop)
{
    struct scene scene = scene_open(loop, 1);
    scene.begin = begin_accept;
    scene.own = socket_listening(TCP_IPV4, 4);
    scene.peer = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(scene.own);
    scene_start(&scene);
    assert_ok(sn_socket_connect(scene.peer, &address));
    scene_end(&scene);
    assert_ok(first.error);
    sn_socket_release(first.socket);
}

TEST(a_connection_wakes_the_loop)
{
    in_each_loop(accept_in);
}

static void use_pair(struct scene *scene, enum transport transport)
{
    struct socket_pair pair = pair_plain(transport);
    scene->listener = pair.listener;
    scene->own = pair.server;
    scene->peer = pair.client;
}

static void begin_receive(struct scene *scene)
{
    first = (sn_operation){.completed = count};
    sn_socket_receive_async(scene->own, &byte, 1, SN_FLAG_NONE, &first);
}

static void receive_on(const struct loop *loop, enum transport transport)
{
    struct scene scene = scene_open(loop, 1);
    scene.begin = begin_receive;
    use_pair(&scene, transport);
    scene_start(&scene);
    send_plain(scene.peer, "x", 1);
    scene_end(&scene);
    assert_ok(first.error);
    assert_int_equal(byte, 'x');
}

static void receive_in(const struct loop *loop)
{
    receive_on(loop, TCP_IPV4);
    receive_on(loop, UDP_IPV4);
    receive_on(loop, UNIX_STREAM);
}

TEST(data_wakes_the_loop)
{
    in_each_loop(receive_in);
}

/* A callback that starts the next one, which has to sleep again, and so on. */
static void receive_again(sn_operation *operation)
{
    count(operation);
    if (atomic_load(&scene_now->host.wanted) > 0)
        sn_socket_receive_async(scene_now->own, &byte, 1, SN_FLAG_NONE, operation);
}

static void begin_receives(struct scene *scene)
{
    first = (sn_operation){.completed = receive_again};
    sn_socket_receive_async(scene->own, &byte, 1, SN_FLAG_NONE, &first);
}

static void wake_again_in(const struct loop *loop)
{
    struct scene scene = scene_open(loop, 5);
    scene.begin = begin_receives;
    use_pair(&scene, TCP_IPV4);
    scene_start(&scene);
    for (int rest = 5; rest > 0; rest--) {
        while (atomic_load(&scene.host.wanted) > rest)
            give_way();
        assert_true(thread_wait_blocked(&scene.thread));
        send_plain(scene.peer, "x", 1);
    }
    scene_end(&scene);
}

TEST(it_is_woken_each_time)
{
    in_each_loop(wake_again_in);
}

/* More than the kernel hands over at once. */
enum { MANY = 100 };

static struct socket_pair many[MANY];
static sn_operation receives[MANY];
static char bytes[MANY];

static void begin_many(struct scene *scene)
{
    (void)scene;
    for (int i = 0; i < MANY; i++) {
        receives[i] = (sn_operation){.completed = count};
        sn_socket_receive_async(many[i].server, &bytes[i], 1, SN_FLAG_NONE, &receives[i]);
    }
}

static void receive_many_in(const struct loop *loop)
{
    struct scene scene = scene_open(loop, MANY);
    scene.begin = begin_many;
    for (int i = 0; i < MANY; i++) {
        many[i] = pair_plain(UNIX_STREAM);
        assert_ok(sn_socket_set_engine(many[i].server, scene.host.engine));
    }
    scene_start(&scene);
    for (int i = 0; i < MANY; i++)
        send_plain(many[i].client, "x", 1);
    scene_end(&scene);
    for (int i = 0; i < MANY; i++)
        pair_release(&many[i]);
}

TEST(many_events_at_once_are_all_seen)
{
    in_each_loop(receive_many_in);
}

static char large[4 << 20];

static void begin_send(struct scene *scene)
{
    first = (sn_operation){.completed = count};
    sn_socket_send_async(scene->own, large, sizeof large, SN_FLAG_NONE, &first);
}

static void send_in(const struct loop *loop)
{
    static char taken[sizeof large];
    struct scene scene = scene_open(loop, 1);
    scene.begin = begin_send;
    use_pair(&scene, TCP_IPV4);
    scene_start(&scene);
    receive_plain(scene.peer, taken, sizeof taken);
    scene_end(&scene);
    assert_int_equal(first.transferred, sizeof large);
}

TEST(room_to_send_wakes_the_loop)
{
    in_each_loop(send_in);
}

/* --- What other threads do -------------------------------------------------------------------- */

static void post_in(const struct loop *loop)
{
    struct scene scene = scene_open(loop, 1);
    scene_start(&scene);
    first = (sn_operation){.completed = count};
    sn_engine_post_async(scene.host.engine, &first);
    scene_end(&scene);
}

TEST(a_post_wakes_the_loop)
{
    in_each_loop(post_in);
}

static void start_in(const struct loop *loop)
{
    struct scene scene = scene_open(loop, 1);
    use_pair(&scene, TCP_IPV4);
    send_plain(scene.peer, "x", 1);
    scene_start(&scene);
    begin_receive(&scene);
    scene_end(&scene);
    assert_ok(first.error);
}

TEST(a_start_on_another_thread_wakes_the_loop)
{
    in_each_loop(start_in);
}

static void cancel_in(const struct loop *loop)
{
    struct scene scene = scene_open(loop, 1);
    scene.begin = begin_receive;
    use_pair(&scene, TCP_IPV4);
    scene_start(&scene);
    sn_operation_cancel(&first);
    scene_end(&scene);
    assert_error(SN_ERROR_OPERATION_CANCELED, first.error);
}

static void close_in(const struct loop *loop)
{
    struct scene scene = scene_open(loop, 1);
    scene.begin = begin_receive;
    use_pair(&scene, TCP_IPV4);
    scene_start(&scene);
    sn_socket_close(scene.own);
    scene_end(&scene);
    assert_error(SN_ERROR_OPERATION_ABORTED, first.error);
}

TEST(a_cancel_and_a_close_wake_the_loop)
{
    in_each_loop(cancel_in);
    in_each_loop(close_in);
}

/* --- What happens by time --------------------------------------------------------------------- */

static sn_operation second;

static void begin_times(struct scene *scene)
{
    first = (sn_operation){.completed = count};
    second = (sn_operation){.completed = count, .timeout_ms = 5};
    sn_engine_delay_async(scene->host.engine, 3, &first);
    sn_socket_receive_async(scene->own, &byte, 1, SN_FLAG_NONE, &second);
}

static void times_in(const struct loop *loop)
{
    struct scene scene = scene_open(loop, 2);
    scene.begin = begin_times;
    use_pair(&scene, TCP_IPV4);
    scene_start(&scene);
    scene_end(&scene);
    assert_ok(first.error);
    assert_error(SN_ERROR_TIMED_OUT, second.error);
}

TEST(delays_and_time_limits_end_the_sleep)
{
    in_each_loop(times_in);
}

/* No event tells that a Unix socket's queue has room again. */
static void begin_send_to_full(struct scene *scene)
{
    first = (sn_operation){.completed = count};
    sn_socket_send_async(scene->own, "x", 1, SN_FLAG_NONE, &first);
}

static void full_queue_in(const struct loop *loop)
{
    struct scene scene = scene_open(loop, 1);
    char data[8];
    size_t received;
    scene.begin = begin_send_to_full;
    scene.own = socket_bound(UNIX_DATAGRAM);
    scene.peer = socket_bound(UNIX_DATAGRAM);
    sn_endpoint address = local_endpoint(scene.peer);
    assert_ok(sn_socket_connect(scene.own, &address));
    assert_ok(sn_socket_set_blocking(scene.own, false));
    while (sn_socket_send(scene.own, "full", 4, SN_FLAG_NONE, NULL) == SN_OK)
        ;
    scene_start(&scene);
    assert_ok(sn_socket_receive(scene.peer, data, sizeof data, SN_FLAG_NONE, &received));
    scene_end(&scene);
    assert_ok(first.error);
}

TEST(what_is_tried_again_by_time_ends_the_sleep)
{
    in_each_loop(full_queue_in);
}

int main(void)
{
    loop_uv_begin();
    static const struct CMUnitTest cases[] = {
        CASE(a_connection_wakes_the_loop),
        CASE(data_wakes_the_loop),
        CASE(it_is_woken_each_time),
        CASE(many_events_at_once_are_all_seen),
        CASE(room_to_send_wakes_the_loop),
        CASE(a_post_wakes_the_loop),
        CASE(a_start_on_another_thread_wakes_the_loop),
        CASE(a_cancel_and_a_close_wake_the_loop),
        CASE(delays_and_time_limits_end_the_sleep),
        CASE(what_is_tried_again_by_time_ends_the_sleep),
    };
    return RUN(cases);
}
