/*
 * A host with several addresses of which the first does not answer: they race, and what was tried
 * is told. The host is given, or else played here: a listener whose queue is full is as silent as
 * one that is not there.
 *
 *     cc race.c $(pkg-config --cflags --libs sennit)
 *     ./a.out [host port]
 */
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void print_attempts(const sn_connect_log *log)
{
    int64_t begin_ns = log->attempts[0].start_ns;
    for (size_t i = 0; i < log->count && i < log->capacity; i++) {
        const sn_connect_attempt *attempt = &log->attempts[i];
        char text[SN_HOST_SIZE_MAX + 1];
        check("format", sn_ip_address_format(&attempt->address, text, sizeof text));
        printf("%-20s after %3d ms: %s\n", text, (int)((attempt->start_ns - begin_ns) / 1000000),
               attempt->error ? sn_error_name(attempt->error) : "connected");
    }
}

/* --- A host by name --------------------------------------------------------------------------- */

static int connect_to(const char *host, int port)
{
    sn_socket *socket;
    check("create", sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));

    sn_connect_attempt attempts[16];
    sn_connect_log log = {.attempts = attempts, .capacity = 16};
    const sn_connect_options options = {
        .size = sizeof options, .algorithm = SN_CONNECT_PARALLEL, .log = &log};
    check("options", sn_socket_set_connect_options(socket, &options));

    sn_error error = sn_socket_connect_host(socket, host, port);
    if (log.count > 0)
        print_attempts(&log);
    check("connect", error);
    sn_socket_release(socket);
    return EXIT_SUCCESS;
}

/* --- A host that is played here --------------------------------------------------------------- */

static sn_socket *listen_at(const sn_ip_address *address, int port, int backlog)
{
    sn_endpoint endpoint;
    sn_socket *listener;
    check("end point", sn_endpoint_from_ip(address, port, &endpoint));
    check("create", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &listener));
    check("bind", sn_socket_bind(listener, &endpoint));
    check("listen", sn_socket_listen(listener, backlog));
    return listener;
}

/* Connects without waiting until the queue takes no more. */
static void fill_queue(const sn_endpoint *silent, sn_socket *queued[4])
{
    for (int i = 0; i < 4; i++) {
        check("create",
              sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &queued[i]));
        check("blocking", sn_socket_set_blocking(queued[i], false));
        sn_error error = sn_socket_connect(queued[i], silent);
        if (error && error != SN_ERROR_WOULD_BLOCK)
            check("fill", error);
    }
}

static int play(void)
{
    sn_ip_address addresses[2] = {SN_IPV4_LOOPBACK, SN_IPV4_LOOPBACK};
    sn_endpoint endpoint;
    check("parse", sn_ip_address_parse("127.0.0.2", &addresses[0]));
    sn_socket *silent = listen_at(&addresses[0], 0, 0), *queued[4];
    check("local", sn_socket_get_local_endpoint(silent, &endpoint));
    fill_queue(&endpoint, queued);
    int port = sn_endpoint_get_port(&endpoint);
    sn_socket *listener = listen_at(&addresses[1], port, 8);

    sn_socket *socket;
    sn_connect_attempt attempts[2];
    sn_connect_log log = {.attempts = attempts, .capacity = 2};
    const sn_connect_options options = {
        .size = sizeof options, .algorithm = SN_CONNECT_PARALLEL, .log = &log};
    check("create", sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    check("options", sn_socket_set_connect_options(socket, &options));
    check("connect", sn_socket_connect_addresses(socket, addresses, 2, port));
    print_attempts(&log);

    sn_socket_release(socket);
    sn_socket_release(listener);
    for (int i = 0; i < 4; i++)
        sn_socket_release(queued[i]);
    sn_socket_release(silent);
    return log.count == 2 && !attempts[1].error ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argument_count, char *arguments[])
{
    return argument_count == 3 ? connect_to(arguments[1], atoi(arguments[2])) : play();
}
