/*
 * What a close does not cost: nobody is woken who does not wait. The calls that wake are counted.
 */
#include <sched.h>

#include "socket/object/object.h"
#include "support/async.h"
#include "sys/sys.h"

static uint32_t wakes; /* atomic: of both kinds */

void __real_sys_futex_wake_all(const uint32_t *word);
void __wrap_sys_futex_wake_all(const uint32_t *word);
void __wrap_sys_futex_wake_all(const uint32_t *word)
{
    atomic_add_relaxed(&wakes, 1u);
    __real_sys_futex_wake_all(word);
}

void __real_sys_wake_signal(int32_t handle);
void __wrap_sys_wake_signal(int32_t handle);
void __wrap_sys_wake_signal(int32_t handle)
{
    atomic_add_relaxed(&wakes, 1u);
    __real_sys_wake_signal(handle);
}

struct scene {
    sn_engine *engine;
    struct socket_pair pair;
    struct pending receive;
    char byte;
};

/* The socket has been the engine's, and has nothing pending any more. */
static void begin(struct scene *scene, sn_engine_backend backend, int threads)
{
    sn_engine_options options = {.threads = threads, .backend = backend};
    if (sn_engine_create(&options, &scene->engine))
        SKIP("%s does not work here", sn_engine_backend_name(backend));
    scene->pair = pair_connected(TCP_IPV4);
    assert_ok(sn_socket_set_engine(scene->pair.server, scene->engine));
    pending_init(&scene->receive);
}

static void end(struct scene *scene)
{
    pair_release(&scene->pair);
    engine_destroy(scene->engine);
}

static void receive(struct scene *scene)
{
    sn_socket_receive_async(scene->pair.server, &scene->byte, 1, SN_FLAG_NONE,
                            &scene->receive.operation);
    send_plain(scene->pair.client, "x", 1);
}

static void close_quietly(struct pending *pending)
{
    struct scene *scene = pending->context;
    atomic_store_relaxed(&wakes, 0u);
    sn_socket_close(scene->pair.server);
}

static void close_in_callback(sn_engine_backend backend)
{
    struct scene scene;
    begin(&scene, backend, 0);
    scene.receive.then = close_quietly;
    scene.receive.context = &scene;
    receive(&scene);
    run_until(scene.engine, &scene.receive);
    assert_int_equal(atomic_load_relaxed(&wakes), 0);
    end(&scene);
}

TEST(a_close_in_a_callback_wakes_nobody_on_epoll)
{
    close_in_callback(SN_ENGINE_BACKEND_EPOLL);
}

TEST(a_close_in_a_callback_wakes_nobody_on_io_uring)
{
    close_in_callback(SN_ENGINE_BACKEND_IO_URING);
}

TEST(a_close_by_a_thread_of_its_own_wakes_nobody)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    atomic_store_relaxed(&wakes, 0u);
    sn_socket_close(pair.server);
    assert_int_equal(atomic_load_relaxed(&wakes), 0);
    pair_release(&pair);
}

/* On epoll it does: an event that names the record may be on its way. */
TEST(a_close_of_what_has_nothing_pending_does_not_wake_the_engine_on_io_uring)
{
    struct scene scene;
    begin(&scene, SN_ENGINE_BACKEND_IO_URING, 1);
    struct descriptor *descriptor = &scene.pair.server->descriptor;
    receive(&scene);
    pending_wait(&scene.receive);
    while (atomic_load_acquire(&descriptor->refs) != DESCRIPTOR_OPEN + 1)
        sched_yield();
    atomic_store_relaxed(&wakes, 0u);
    sn_socket_close(scene.pair.server);
    assert_int_equal(atomic_load_relaxed(&wakes), 0);
    end(&scene);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_close_in_a_callback_wakes_nobody_on_epoll),
        CASE(a_close_in_a_callback_wakes_nobody_on_io_uring),
        CASE(a_close_by_a_thread_of_its_own_wakes_nobody),
        CASE(a_close_of_what_has_nothing_pending_does_not_wake_the_engine_on_io_uring),
    };
    return RUN(cases);
}
