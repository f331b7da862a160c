/* sennit listen: waits for a connection or for datagrams, and prints what arrives. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "arguments/arguments.h"
#include "command.h"
#include "connections.h"
#include "interrupt.h"
#include "output.h"
#include "relay.h"
#include "report.h"
#include "target.h"

enum {
    DATAGRAM_SIZE_MAX = 256 * 1024 /* Unix datagrams may be longer than UDP's 64 KiB */
};

struct choices {
    const char *endpoint;
    bool keeps;
    long count;
    bool is_verbose;
};

static int parse(int argc, char **argv, struct choices *choices)
{
    const struct argument_option options[] = {
        {.name = "keep",
         .flag = &choices->keeps,
         .help = "serve connections, several at once, until Ctrl-C; nothing is sent"},
        {.name = "count",
         .number = &choices->count,
         .minimum = 1,
         .maximum = LONG_MAX,
         .value = "N",
         .help = "datagrams: end after so many (goes on without an end)"},
        {.name = "verbose",
         .flag = &choices->is_verbose,
         .help = "say on standard error where it listens and who comes"},
    };
    const struct argument_table table = {
        .program = "sennit listen",
        .about =
            "Takes one connection, prints what arrives and sends standard input, both at once.\n"
            "For datagrams: prints each one that arrives.\n\n" ENDPOINT_HELP
            "Without a host, as in tcp://:80, it listens on every address, and with port 0 on\n"
            "a port that the system chooses and that is then printed on standard error.\n",
        .operand = "ENDPOINT",
        .out_text = &choices->endpoint,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

static void announce(const char *what, const sn_endpoint *endpoint)
{
    char text[SN_ENDPOINT_TEXT_SIZE];
    if (sn_endpoint_format(endpoint, text, sizeof text) || text[0] == '\0')
        snprintf(text, sizeof text, "a socket without an address");
    fprintf(stderr, "sennit: %s %s\n", what, text);
}

/* The choice of port 0 must be told, or nobody could connect. */
static void announce_listening(sn_socket *socket, const struct target *target, bool is_verbose)
{
    sn_endpoint local;
    bool is_chosen_here = target->family != SN_FAMILY_UNIX && target->port == 0;
    if ((is_verbose || is_chosen_here) && !sn_socket_get_local_endpoint(socket, &local))
        announce("listening on", &local);
}

static sn_error open_bound(struct target *target, sn_socket **out_socket)
{
    /* Opened before a missing host becomes an address: without a host the socket is dual-mode. */
    sn_error error = SN_OK;
    if (sn_endpoint_get_kind(&target->endpoint) == SN_ENDPOINT_DNS)
        error = target_resolve_local(target);
    sn_socket *socket = NULL;
    if (!error)
        error = target_open(target, &socket);
    if (!error)
        error = target_resolve_local(target);
    if (!error)
        error = sn_socket_bind(socket, &target->endpoint);
    if (!error && target_is_connected_kind(target))
        error = sn_socket_listen(socket, INT_MAX);
    if (error) {
        sn_socket_release(socket);
        return error;
    }
    *out_socket = socket;
    return SN_OK;
}

static int accept_next(sn_socket *listener, const struct choices *choices, sn_socket **out_socket)
{
    sn_error error;
    while (sn_error_is_transient(error = sn_socket_accept(listener, out_socket))) {
        /* What is short does not come back by asking again at once. */
        if (error == SN_ERROR_TOO_MANY_OPEN_SOCKETS || error == SN_ERROR_NO_BUFFER_SPACE_AVAILABLE)
            connections_wait_for_room();
    }
    if (error) {
        interrupt_wait_if_coming();
        /* Who saw standard output fail has closed the listener, and has said why. */
        return output_has_failed() ? EXIT_FAILED
                                   : report_failure("accept", choices->endpoint, error);
    }

    sn_endpoint remote;
    if (choices->is_verbose && !sn_socket_get_remote_endpoint(*out_socket, &remote))
        announce("connection from", &remote);
    return EXIT_DONE;
}

static int serve_one(sn_socket *listener, const struct target *target,
                     const struct choices *choices)
{
    char peer[TARGET_PEER_TEXT_SIZE];
    struct relay relay = {.text = peer, .piece_size = target->piece_size, .has_end = true};
    int status = accept_next(listener, choices, &relay.socket);
    if (status != EXIT_DONE)
        return status;
    sn_socket_close(listener); /* others are refused from now on, and a path is free again */
    target_peer_text(target, relay.socket, peer);
    status = relay_run(&relay);
    sn_socket_release(relay.socket);
    return status;
}

/* A connection that fails is reported and does not end the service. */
static int serve_all(sn_socket *listener, const struct target *target,
                     const struct choices *choices)
{
    int status;
    sn_socket *socket = NULL;
    while ((status = accept_next(listener, choices, &socket)) == EXIT_DONE)
        connections_add(target, listener, socket);
    sn_socket_close(listener);
    if (!output_has_failed()) /* else nothing is to be waited for, and a peer may be silent */
        connections_wait_for_all();
    return status;
}

static int serve_connections(sn_socket *listener, const struct target *target,
                             const struct choices *choices)
{
    return choices->keeps ? serve_all(listener, target, choices)
                          : serve_one(listener, target, choices);
}

static int print_datagrams(sn_socket *socket, const struct choices *choices)
{
    char *data = malloc(DATAGRAM_SIZE_MAX);
    if (!data)
        return report_failure("receive", choices->endpoint, SN_ERROR_OUT_OF_MEMORY);

    int status = EXIT_DONE;
    for (long i = 0; status == EXIT_DONE && (choices->count == 0 || i < choices->count); i++) {
        sn_endpoint from;
        size_t size = 0;
        sn_error error =
            sn_socket_receive_from(socket, data, DATAGRAM_SIZE_MAX, SN_FLAG_NONE, &from, &size);
        if (error) {
            interrupt_wait_if_coming();
            status = report_failure("receive", choices->endpoint, error);
            break;
        }
        if (choices->is_verbose)
            announce("datagram from", &from);
        if (!output_write(data, size))
            status = EXIT_FAILED;
    }
    free(data);
    return status;
}

int command_listen(int argc, char **argv)
{
    struct choices choices = {.count = 0};
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;

    struct target target;
    const char *complaint = target_parse(choices.endpoint, &target);
    if (!complaint && choices.keeps && !target_is_connected_kind(&target))
        complaint = "--keep is for connections; datagrams go on arriving anyway";
    if (!complaint && choices.count > 0 && target_is_connected_kind(&target))
        complaint = "--count is for datagrams";
    if (complaint)
        return report_usage("listen", choices.endpoint, complaint);

    sn_socket *socket = NULL;
    sn_error error = open_bound(&target, &socket);
    if (error)
        return report_failure("listen", target.text, error);
    interrupt_closes(socket);
    announce_listening(socket, &target, choices.is_verbose);

    status = target_is_connected_kind(&target) ? serve_connections(socket, &target, &choices)
                                               : print_datagrams(socket, &choices);
    sn_socket_close(socket); /* releasing alone would leave it to interrupt.c's reference */
    sn_socket_release(socket);
    return status;
}
