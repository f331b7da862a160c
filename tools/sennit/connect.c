/* sennit connect: standard input to a socket, the socket to standard output. */
#include <limits.h>
#include <stdio.h>

#include "arguments/arguments.h"
#include "carry.h"
#include "command.h"
#include "report.h"
#include "way.h"

struct choices {
    const char *endpoint;
    struct way way;
    long wait_ms;
    long answers;
    long idle_ms;
    bool is_hex;
    bool is_verbose;
};

static int parse(int argc, char **argv, struct choices *choices)
{
    const struct argument_option options[] = {
        WAY_OPTIONS(choices->way),
        VIA_OPTIONS(choices->way),
        ARGUMENT_NUMBER("idle", &choices->idle_ms, 1, INT_MAX, "MS",
                        "end the connection when nothing moves for so many ms"),
        ARGUMENT_NUMBER("wait", &choices->wait_ms, 0, INT_MAX, "MS",
                        "datagrams: after the end of input, wait so long for answers (500)"),
        ARGUMENT_NUMBER("answers", &choices->answers, 1, LONG_MAX, "N",
                        "datagrams: end as soon as so many have come back"),
        {.name = "hex",
         .flag = &choices->is_hex,
         .help = "print what moves as hexadecimal digits, in both directions"},
        {.name = "verbose",
         .flag = &choices->is_verbose,
         .help = "say on standard error what it is connected to"},
    };
    const struct argument_table table = {
        .program = "sennit connect",
        .about = "Connects, sends standard input and prints what comes back, both at once.\n"
                 "The end of input shuts sending down; receiving goes on until the peer's end.\n"
                 "The addresses of a name race, and the first that answers is taken.\n",
        .operand = "ENDPOINT",
        .one_word = ONE_WORD_HELP,
        .out_text = &choices->endpoint,
        .outcome = ENDPOINT_HELP "\n" STATUS_HELP,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

static void announce(const struct target *target, sn_socket *socket, const char *peer)
{
    char own[TARGET_PEER_TEXT_SIZE];
    sn_endpoint local = {0};
    if (sn_socket_get_local_endpoint(socket, &local))
        local = (sn_endpoint){0};
    target_format(target, &local, own);
    fprintf(stderr, "sennit: connected to %s from %s\n", peer, own);
}

int command_connect(int argc, char **argv)
{
    struct target target;
    struct choices choices = {.wait_ms = 500};
    const char *wrong = NULL;
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    const char *complaint = target_parse_remote(choices.endpoint, &target);
    if (complaint)
        return report_usage("connect", choices.endpoint, complaint);
    complaint = way_check(&choices.way, &target, &wrong);
    if (complaint)
        return report_usage("connect", wrong, complaint);
    if (choices.answers > 0 && target_is_connected_kind(&target))
        return report_usage("connect", choices.endpoint, "--answers is for datagrams");

    sn_socket *socket = NULL;
    status = way_connect(&choices.way, &target, "connect", NULL, &socket);
    if (status != EXIT_DONE)
        return status;
    char peer[TARGET_PEER_TEXT_SIZE];
    target_peer_text(&target, socket, peer);
    if (choices.way.proxy)
        snprintf(peer, sizeof peer, "%s via %s", target.text, choices.way.via.place);
    if (choices.is_verbose)
        announce(&target, socket, peer);

    /* A Unix datagram socket without a path of its own has no address for answers to come to. */
    bool is_answerable = target.family != SN_FAMILY_UNIX || choices.way.from;
    const struct carry carry = {.socket = socket,
                                .text = peer,
                                .piece_size = target.piece_size,
                                .has_end = target_is_connected_kind(&target),
                                .wait_ms = is_answerable ? (int)choices.wait_ms : 0,
                                .answers = choices.answers,
                                .idle_ms = choices.idle_ms,
                                .is_hex = choices.is_hex};
    status = carry_run(&carry);
    sn_socket_release(socket);
    return status;
}
