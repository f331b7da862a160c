/*
 * For fibers_gdb_test.sh: fibers that wait, and a place where a debugger can stop the program.
 */
#include <stdlib.h>

#include <sennit.h>

/* No call is a function's last step, so that each has a frame. */
#define KEEP_FRAME() __asm__ volatile("")

void stop_here(void);
sn_error inner_wait(sn_socket *socket);
sn_error outer_wait(void *context);
sn_error sleep_long(void *context);

__attribute__((noinline)) void stop_here(void)
{
    KEEP_FRAME();
}

__attribute__((noinline)) sn_error inner_wait(sn_socket *socket)
{
    char byte;
    size_t received;
    sn_error error = sn_socket_receive(socket, &byte, 1, SN_FLAG_NONE, &received);
    KEEP_FRAME();
    return error;
}

__attribute__((noinline)) sn_error outer_wait(void *context)
{
    sn_error error = inner_wait(context);
    KEEP_FRAME();
    return error;
}

__attribute__((noinline)) sn_error sleep_long(void *context)
{
    (void)context;
    sn_error error = sn_fiber_sleep(SN_FOREVER);
    KEEP_FRAME();
    return error;
}

static bool is_waiting(const sn_fiber *fiber)
{
    sn_fiber_info info = {.size = sizeof info};
    return sn_fiber_get_info(fiber, &info) == SN_OK && info.state == SN_FIBER_WAITING;
}

int main(int count, char **arguments)
{
    (void)arguments;
    const sn_fiber_options named = {.name = "reader of nothing"};
    sn_engine *engine;
    sn_socket *socket;
    sn_endpoint here;
    sn_fiber *fibers[2];
    if (sn_engine_create(&(sn_engine_options){.threads = 0}, &engine) ||
        sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket) ||
        sn_endpoint_parse("127.0.0.1:0", &here) || sn_socket_bind(socket, &here) ||
        sn_fiber_start(engine, outer_wait, socket, &named, &fibers[0]) ||
        sn_fiber_start(engine, sleep_long, NULL, NULL, &fibers[1]))
        return 1;
    while (!is_waiting(fibers[0]) || !is_waiting(fibers[1]))
        if (sn_engine_run(engine, SN_FOREVER, NULL))
            return 2;
    stop_here();
    if (count > 1) /* a core is wanted */
        abort();
    if (sn_engine_destroy(engine)) /* ends what they wait in */
        return 3;
    stop_here();
    for (int i = 0; i < 2; i++) {
        sn_error result;
        if (sn_fiber_join(fibers[i], 0, &result) || result != SN_ERROR_OPERATION_ABORTED)
            return 4;
        sn_fiber_release(fibers[i]);
    }
    sn_socket_release(socket);
    return 0;
}
