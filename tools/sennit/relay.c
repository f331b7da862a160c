/* sennit relay: from one end to another, and back. */
#include "relay.h"

#include <limits.h>
#include <stdio.h>

#include "carry.h"
#include "command.h"
#include "opening.h"
#include "report.h"
#include "service.h"

static const char ABOUT[] =
    "Carries bytes between two ends, in both directions, with each end of sending passed\n"
    "on. A listens and B is connected to for each connection, any number at a time until\n"
    "Ctrl-C. Datagrams: each peer of A gets a socket of its own to B.\n\n"
    "An end is an ENDPOINT, or one of\n"
    "  listen:ENDPOINT                 to listen there\n"
    "  connect:ENDPOINT                to connect there\n"
    "  exec:COMMAND                    a shell command's standard input and output\n"
    "  -                               the standard input and output of this program\n"
    "If A does not listen, there is one connection.\n";

static int parse(int argc, char **argv, struct relay_choices *choices)
{
    const struct argument_option options[] = {
        {.name = "once", .flag = &choices->is_once, .help = "end after one connection"},
        ARGUMENT_NUMBER("count", &choices->count, 1, LONG_MAX, "N",
                        "end after so many connections"),
        ARGUMENT_NUMBER("limit", &choices->limit, 1, INT_MAX, "N",
                        "carry so many at the same time (1000); others wait"),
        ARGUMENT_NUMBER("idle", &choices->idle_ms, 1, INT_MAX, "MS",
                        "end what does not move for so many ms (datagrams: 60000)"),
        ARGUMENT_NUMBER("lifetime", &choices->lifetime_ms, 1, INT_MAX, "MS",
                        "end each connection after so many ms, whatever it does"),
        WAY_OPTIONS(choices->way),
        VIA_OPTIONS(choices->way),
        {.name = "verbose",
         .flag = &choices->is_verbose,
         .help = "say where it listens, who comes and how much has moved"},
    };
    const struct argument_table table = {
        .program = "sennit relay",
        .about = ABOUT,
        .operand = "A",
        .out_text = &choices->first,
        .second = "B",
        .out_second = &choices->second,
        .outcome = ENDPOINT_HELP "\n" STATUS_HELP,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

/* --- What goes together ----------------------------------------------------------------------- */

static const char *check_ends(const struct relay_choices *choices)
{
    const struct relay_end *a = &choices->ends[0], *b = &choices->ends[1];
    bool is_hall = a->role == RELAY_LISTENS && relay_end_is_datagrams(a);
    if (a->role == RELAY_STANDARD && b->role == RELAY_STANDARD)
        return "only one of the two ends can be the standard input and output";
    if (b->role == RELAY_LISTENS && relay_end_is_datagrams(b))
        return "B cannot listen for datagrams; write it as A";
    if (is_hall && b->role != RELAY_CONNECTS)
        return "datagrams go to an end point that is connected to; for a program there is "
               "'sennit listen --exec'";
    if (is_hall && (choices->count > 0 || choices->lifetime_ms > 0))
        return "--once, --count and --lifetime are for connections";
    if ((choices->is_once && choices->count > 1))
        return "--once and --count exclude each other";
    return NULL;
}

static const char *check(struct relay_choices *choices, const char **out_wrong)
{
    const char *texts[] = {choices->first, choices->second};
    const enum relay_role roles[] = {RELAY_LISTENS, RELAY_CONNECTS};
    for (int i = 0; i < 2; i++) {
        *out_wrong = texts[i];
        const char *complaint = relay_end_parse(texts[i], roles[i], &choices->ends[i]);
        if (!complaint && choices->ends[i].role == RELAY_CONNECTS)
            complaint = way_check(&choices->way, &choices->ends[i].target, out_wrong);
        if (complaint)
            return complaint;
    }
    if (choices->is_once && choices->count == 0)
        choices->count = 1;
    *out_wrong = choices->second;
    return check_ends(choices);
}

/* --- Connections ------------------------------------------------------------------------------ */

static bool has_end(const struct relay_end *end)
{
    return !relay_end_is_datagrams(end);
}

static size_t piece_size(const struct relay_choices *choices)
{
    size_t smallest = 64 * 1024;
    for (int i = 0; i < 2; i++)
        if (choices->ends[i].target.piece_size > 0 && choices->ends[i].target.piece_size < smallest)
            smallest = choices->ends[i].target.piece_size;
    return smallest;
}

/* Joins what is open already with the other end. */
static int carry_on(sn_socket *socket, const char *text, struct relay_choices *choices)
{
    struct relay_pair pair = {
        .sockets = {socket},
        .piece_size = piece_size(choices),
        .has_end = {has_end(&choices->ends[0]), has_end(&choices->ends[1])},
        .is_program = {choices->ends[0].role == RELAY_RUNS, choices->ends[1].role == RELAY_RUNS}};
    snprintf(pair.texts[0], sizeof pair.texts[0], "%s", text);
    int status =
        relay_end_open(&choices->ends[1], choices, socket, &pair.sockets[1], pair.texts[1]);
    if (status == EXIT_DONE)
        status = relay_join(&pair, choices);
    sn_socket_release(pair.sockets[1]);
    return status;
}

static int serve(sn_socket *socket, const char *peer, struct service *service)
{
    return carry_on(socket, peer, service->context);
}

static int run_standard(struct relay_choices *choices, struct relay_end *end)
{
    sn_socket *socket = NULL;
    char text[TARGET_PEER_TEXT_SIZE];
    int status = relay_end_open(end, choices, NULL, &socket, text);
    if (status != EXIT_DONE)
        return status;
    const struct carry carry = {.socket = socket,
                                .text = text,
                                .piece_size = piece_size(choices),
                                .has_end = has_end(end),
                                .wait_ms = 500,
                                .idle_ms = choices->idle_ms};
    status = carry_run(&carry);
    sn_socket_release(socket);
    return status;
}

static int run(struct relay_choices *choices)
{
    struct relay_end *a = &choices->ends[0], *b = &choices->ends[1];
    if (a->role == RELAY_STANDARD || b->role == RELAY_STANDARD)
        return run_standard(choices, a->role == RELAY_STANDARD ? b : a);
    if (a->role == RELAY_LISTENS && relay_end_is_datagrams(a))
        return relay_datagrams(a->listener, choices);
    if (a->role == RELAY_LISTENS) {
        struct service service = {.listener = a->listener,
                                  .target = &a->target,
                                  .limit = choices->limit,
                                  .count = choices->count,
                                  .is_verbose = choices->is_verbose,
                                  .serve = serve,
                                  .context = choices};
        return service_serve(&service);
    }
    sn_socket *socket = NULL;
    char text[TARGET_PEER_TEXT_SIZE];
    int status = relay_end_open(a, choices, NULL, &socket, text);
    if (status == EXIT_DONE)
        status = carry_on(socket, text, choices);
    sn_socket_release(socket);
    return status;
}

int command_relay(int argc, char **argv)
{
    static const struct argument_list no_options;
    struct relay_choices choices = {.limit = 1000};
    const char *wrong = NULL;
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    const char *complaint = check(&choices, &wrong);
    if (complaint)
        return report_usage("relay", wrong, complaint);
    status = EXIT_DONE;
    for (int i = 0; i < 2 && status == EXIT_DONE; i++)
        if (choices.ends[i].role == RELAY_LISTENS)
            status = opening_listen(&choices.ends[i].target, &no_options, choices.is_verbose,
                                    &choices.ends[i].listener);
    if (status == EXIT_DONE)
        status = run(&choices);
    int programs = relay_programs_wait();
    if (status == EXIT_DONE) /* also of a service, which ends so after a count only */
        status = programs;
    for (int i = 0; i < 2; i++)
        sn_socket_release(choices.ends[i].listener);
    return status;
}
