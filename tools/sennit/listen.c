/* sennit listen: waits for connections or for datagrams, and prints what arrives. */
#include "listen.h"

#include <limits.h>
#include <stdio.h>

#include "carry.h"
#include "command.h"
#include "exec.h"
#include "opening.h"
#include "output.h"
#include "report.h"
#include "service.h"
#include "socket_options.h"

static const char ABOUT[] =
    "Takes one connection, prints what arrives and sends standard input, both at once.\n"
    "For datagrams: prints each one that arrives, until Ctrl-C, and sends standard input\n"
    "to whoever sent the last one.\n\n"
    "With --exec each connection gets a process of its own, any number of them until\n"
    "Ctrl-C; of a datagram the command reads the bytes, and what it prints is the answer.\n"
    "SENNIT_PEER in its environment says who the peer is.\n\n"
    "Without a host, as in tcp://:80, it listens on every address, and with port 0 on\n"
    "a port that the system chooses and that is then printed on standard error.\n";

static int parse(int argc, char **argv, struct listen_choices *choices)
{
    const struct argument_option options[] = {
        {.name = "keep",
         .flag = &choices->keeps,
         .help = "take connections, several at once, until Ctrl-C; nothing is sent"},
        {.name = "once", .flag = &choices->is_once, .help = "end after one connection or datagram"},
        ARGUMENT_NUMBER("count", &choices->count, 1, LONG_MAX, "N",
                        "end after so many connections or datagrams"),
        {.name = "exec",
         .text = &choices->command,
         .value = "COMMAND",
         .help = "a shell command serves each: the peer is its input and output"},
        ARGUMENT_NUMBER("limit", &choices->limit, 1, INT_MAX, "N",
                        "serve so many connections at the same time (1000)"),
        ARGUMENT_NUMBER("idle", &choices->idle_ms, 1, INT_MAX, "MS",
                        "end a connection on which nothing moves for so many ms"),
        {.name = "hex",
         .flag = &choices->is_hex,
         .help = "print what moves as hexadecimal digits, in both directions"},
        {.name = "option",
         .list = &choices->options,
         .value = "NAME=VALUE",
         .help = "set an option of the socket; may be repeated"},
        {.name = "verbose",
         .flag = &choices->is_verbose,
         .help = "say on standard error where it listens and who comes"},
    };
    const struct argument_table table = {
        .program = "sennit listen",
        .about = ABOUT,
        .operand = "ENDPOINT",
        .one_word = ONE_WORD_HELP,
        .out_text = &choices->endpoint,
        .outcome = ENDPOINT_HELP "\n" STATUS_HELP,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

static const char *check(struct listen_choices *choices, struct target *target,
                         const char **out_wrong)
{
    *out_wrong = choices->endpoint;
    const char *complaint = target_parse(choices->endpoint, target);
    if (complaint)
        return complaint;
    bool has_connections = target_is_connected_kind(target);
    if (choices->keeps && !has_connections)
        return "--keep is for connections; datagrams go on arriving anyway";
    if (choices->idle_ms > 0 && !has_connections)
        return "--idle is for connections; datagrams have no end";
    if (choices->is_once + (choices->count > 0) + choices->keeps > 1)
        return "--once, --count and --keep exclude each other";
    if (choices->command && (choices->is_hex || choices->idle_ms > 0))
        return "--hex and --idle do not go together with --exec: the command has the connection";
    return socket_options_check(&choices->options, out_wrong);
}

static int serve(sn_socket *socket, const char *peer, struct service *service)
{
    const struct listen_choices *choices = service->context;
    if (choices->command)
        return exec_with_socket(choices->command, socket, peer);
    const struct carry carry = {.socket = socket,
                                .text = peer,
                                .piece_size = service->target->piece_size,
                                .has_end = true,
                                .idle_ms = choices->idle_ms,
                                .is_hex = choices->is_hex,
                                .is_output_only = service->count != 1};
    int status = carry_run(&carry);
    if (output_has_failed())
        service_stop(service);
    return status;
}

static int serve_connections(sn_socket *listener, const struct target *target,
                             struct listen_choices *choices)
{
    struct service service = {.listener = listener,
                              .target = target,
                              .limit = choices->limit,
                              .count = choices->count,
                              .is_verbose = choices->is_verbose,
                              .serve = serve,
                              .context = choices};
    return service_serve(&service);
}

int command_listen(int argc, char **argv)
{
    struct target target;
    struct listen_choices choices = {.limit = 1000};
    const char *wrong = NULL;
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    const char *complaint = check(&choices, &target, &wrong);
    if (complaint)
        return report_usage("listen", wrong, complaint);
    bool has_connections = target_is_connected_kind(&target);
    if (choices.is_once ||
        (has_connections && choices.count == 0 && !choices.keeps && !choices.command))
        choices.count = 1;

    if (choices.command)
        exec_prepare();
    sn_socket *socket = NULL;
    status = opening_listen(&target, &choices.options, choices.is_verbose, &socket);
    if (status != EXIT_DONE)
        return status;
    status = has_connections ? serve_connections(socket, &target, &choices)
                             : listen_to_datagrams(socket, &target, &choices);
    sn_socket_release(socket);
    return status;
}
