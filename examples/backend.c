/* Which mechanism of the kernel asynchronous calls use here, and why; and that they work. */
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

int main(void)
{
    sn_engine *engine;
    check(sn_engine_default(&engine));
    printf("%s, %d threads: %s\n", sn_engine_backend_name(sn_engine_get_backend(engine)),
           sn_engine_get_thread_count(engine), sn_engine_get_backend_reason(engine));

    sn_socket *pair[2];
    char byte = 0;
    sn_operation receive = {.timeout_ms = 5000};
    check(sn_socket_pair(SN_TYPE_STREAM, pair));
    sn_socket_receive_async(pair[0], &byte, 1, SN_FLAG_NONE, &receive);
    check(sn_socket_send(pair[1], "x", 1, SN_FLAG_NONE, NULL));
    check(sn_operation_wait(&receive));
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
    return byte == 'x' ? EXIT_SUCCESS : EXIT_FAILURE;
}
