/* What a fiber that waits for many sockets registers, counted. */
#include "conformance/fibers.h"

#include "sys/sys.h"

enum { PLACES = 300 };

/* All on the test's own thread, which drives the engine. */
static struct {
    int32_t handle; /* which is counted */
    int registered, forgotten;
} counted = {.handle = -1};

static bool is_counted(int32_t handle)
{
    return handle == counted.handle;
}

int32_t __real_sys_epoll_register(int32_t epoll, int32_t handle, uint32_t events, void *context);
int32_t __wrap_sys_epoll_register(int32_t epoll, int32_t handle, uint32_t events, void *context);
int32_t __wrap_sys_epoll_register(int32_t epoll, int32_t handle, uint32_t events, void *context)
{
    counted.registered += is_counted(handle);
    return __real_sys_epoll_register(epoll, handle, events, context);
}

int32_t __real_sys_epoll_forget(int32_t epoll, int32_t handle);
int32_t __wrap_sys_epoll_forget(int32_t epoll, int32_t handle);
int32_t __wrap_sys_epoll_forget(int32_t epoll, int32_t handle)
{
    counted.forgotten += is_counted(handle);
    return __real_sys_epoll_forget(epoll, handle);
}

struct selecting {
    sn_socket *socket;
    size_t readable, failed;
};

static sn_error select_one_in_many_places(void *context)
{
    struct selecting *selecting = context;
    sn_socket *sockets[2][PLACES];
    for (size_t i = 0; i < PLACES; i++)
        sockets[0][i] = sockets[1][i] = selecting->socket;
    sn_socket_list read = {sockets[0], PLACES}, error = {sockets[1], PLACES};
    sn_error result = sn_socket_select(&read, NULL, &error, -1);
    selecting->readable = read.count;
    selecting->failed = error.count;
    return result;
}

/* Or a select of thousands would look through all of them for each. */
TEST(a_socket_in_many_places_of_a_select_is_registered_once)
{
    sn_engine *engine = engine_with_threads(0);
    struct socket_pair pair = pair_plain(UDP_IPV4);
    struct selecting selecting = {.socket = pair.server};
    counted.handle = (int32_t)sn_socket_get_handle(pair.server);
    sn_fiber *fiber = start(engine, select_one_in_many_places, &selecting);
    drive_until_waiting(engine, fiber);
    assert_int_equal(1, counted.registered);
    assert_int_equal(0, counted.forgotten);
    send_plain(pair.client, "x", 1);
    assert_ok(finish(engine, fiber));
    assert_int_equal(PLACES, selecting.readable);
    assert_int_equal(0, selecting.failed);
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_socket_in_many_places_of_a_select_is_registered_once),
    };
    return RUN(cases);
}
