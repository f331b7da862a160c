/* sennit connect: standard input to a socket, the socket to standard output. */
#include "arguments/arguments.h"
#include "command.h"
#include "relay.h"
#include "report.h"
#include "target.h"

struct choices {
    const char *endpoint;
    long timeout_ms;
    long wait_ms;
};

static int parse(int argc, char **argv, struct choices *choices)
{
    const struct argument_option options[] = {
        {.name = "timeout",
         .number = &choices->timeout_ms,
         .maximum = 2147483647L,
         .value = "MS",
         .help = "give up connecting to an address after so many milliseconds; 0: never"},
        {.name = "wait",
         .number = &choices->wait_ms,
         .maximum = 2147483647L,
         .value = "MS",
         .help = "datagrams: after the end of input, wait so long for answers (500)"},
    };
    const struct argument_table table = {
        .program = "sennit connect",
        .about = "Connects, sends standard input and prints what comes back, both at once.\n"
                 "The end of input shuts sending down; receiving goes on until the peer's "
                 "end.\n\n" ENDPOINT_HELP,
        .operand = "ENDPOINT",
        .out_text = &choices->endpoint,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

static sn_error open_connected(const struct target *target, sn_milliseconds timeout_ms,
                               sn_socket **out_socket)
{
    sn_socket *socket = NULL;
    sn_error error = target_open(target, &socket);
    if (!error)
        error = sn_socket_set_connect_timeout(socket, timeout_ms);
    if (!error)
        error = sn_socket_connect(socket, &target->endpoint);
    if (error) {
        sn_socket_release(socket);
        return error;
    }
    *out_socket = socket;
    return SN_OK;
}

int command_connect(int argc, char **argv)
{
    struct choices choices = {.wait_ms = 500};
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;

    struct target target;
    const char *complaint = target_parse(choices.endpoint, &target);
    if (!complaint && sn_endpoint_get_kind(&target.endpoint) == SN_ENDPOINT_NONE)
        complaint = "the host is missing; write host:port";
    if (complaint)
        return report_usage("connect", choices.endpoint, complaint);

    sn_socket *socket = NULL;
    sn_error error = open_connected(&target, choices.timeout_ms, &socket);
    if (error)
        return report_failure("connect", target.text, error);

    char peer[TARGET_PEER_TEXT_SIZE];
    target_peer_text(&target, socket, peer);

    /* A Unix datagram socket without a path of its own has no address for answers to come to. */
    bool is_answerable = target.family != SN_FAMILY_UNIX;
    const struct relay relay = {.socket = socket,
                                .text = peer,
                                .piece_size = target.piece_size,
                                .has_end = target_is_connected_kind(&target),
                                .wait_ms = is_answerable ? (int)choices.wait_ms : 0};
    status = relay_run(&relay);
    sn_socket_release(socket);
    return status;
}
