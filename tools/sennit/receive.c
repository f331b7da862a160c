/* sennit receive: waits for files that `sennit send` sends. */
#include "receive.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "command.h"
#include "opening.h"
#include "report.h"
#include "service.h"

static const char ABOUT[] =
    "Listens, and takes the file that 'sennit send' sends there. Until it is whole and\n"
    "its SHA-256 is the sender's, it is called NAME.sennit-part; what an interrupted\n"
    "transfer has left there is not asked for again. No file is replaced "
    "unasked.\nWith --connect it comes from where 'sennit send --listen' waits.\nA file needs a "
    "stream: TCP, or a Unix stream.\n";

static int parse(int argc, char **argv, struct receive_choices *choices)
{
    const struct argument_option options[] = {
        {.name = "into",
         .text = &choices->folder,
         .value = "FOLDER",
         .help = "where the files go (the current folder)"},
        {.name = "as",
         .text = &choices->path,
         .value = "FILE",
         .help = "what the file is called, whatever the sender calls it"},
        {.name = "overwrite",
         .flag = &choices->overwrites,
         .help = "replace a file that is there already"},
        {.name = "keep", .flag = &choices->keeps, .help = "take files until Ctrl-C"},
        ARGUMENT_NUMBER("count", &choices->count, 1, LONG_MAX, "N", "end after so many (1)"),
        ARGUMENT_NUMBER("limit", &choices->limit, 1, INT_MAX, "N",
                        "take so many at the same time (100)"),
        ARGUMENT_NUMBER("idle", &choices->idle_ms, 1, INT_MAX, "MS",
                        "give up when nothing comes for so many ms (60000)"),
        {.name = "progress",
         .flag = &choices->shows_progress,
         .help = "show it although standard error is no terminal"},
        {.name = "quiet", .flag = &choices->is_quiet, .help = "say nothing but what went wrong"},
        {.name = "json", .flag = &choices->is_json, .help = "print each outcome for a script"},
        {.name = "verbose",
         .flag = &choices->is_verbose,
         .help = "say on standard error where it listens and who comes"},
        {.name = "connect",
         .flag = &choices->connects,
         .help = "connect to 'sennit send --listen', do not listen"},
        WAY_OPTIONS(choices->way),
        VIA_OPTIONS(choices->way),
    };
    const struct argument_table table = {
        .program = "sennit receive",
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

static const char *check_way(struct receive_choices *choices, struct target *target,
                             const char **out_wrong)
{
    if (!choices->connects)
        return way_check_none(&choices->way, out_wrong);
    if (choices->keeps || choices->count > 1)
        return "--connect fetches one file, without --keep or --count";
    return way_check(&choices->way, target, out_wrong);
}

static const char *check(struct receive_choices *choices, struct target *target,
                         const char **out_wrong)
{
    *out_wrong = choices->endpoint;
    const char *complaint = choices->connects ? target_parse_remote(choices->endpoint, target)
                                              : target_parse(choices->endpoint, target);
    if (!complaint && target->type != SN_TYPE_STREAM)
        complaint = "a file needs a stream: tcp://, unix:// or vsock:";
    if (!complaint && choices->keeps && choices->count > 0)
        complaint = "--keep and --count exclude each other";
    if (!complaint && choices->path && (choices->keeps || choices->count > 1))
        complaint = "--as is for one file, not with --keep or --count";
    if (!complaint && choices->path && choices->folder)
        complaint = "--as and --into exclude each other; --as takes a path";
    return complaint ? complaint : check_way(choices, target, out_wrong);
}

static int serve(sn_socket *socket, const char *peer, struct service *service)
{
    return receive_file(socket, peer, service->context);
}

static int fetch(const struct target *target, const struct receive_choices *choices)
{
    char peer[TARGET_PEER_TEXT_SIZE];
    sn_socket *socket = NULL;
    int status = way_connect(&choices->way, target, "receive from", NULL, &socket);
    if (status != EXIT_DONE)
        return status;
    target_peer_text(target, socket, peer);
    status = receive_file(socket, peer, choices);
    sn_socket_release(socket);
    return status;
}

static int run(const struct target *target, struct receive_choices *choices)
{
    struct stat facts;
    if (choices->folder && stat(choices->folder, &facts) != 0)
        return report_file_failure(choices->folder, errno);
    if (choices->connects)
        return fetch(target, choices);
    sn_socket *socket = NULL;
    int status = opening_listen(target, &choices->way.options, choices->is_verbose, &socket);
    if (status != EXIT_DONE)
        return status;
    struct service service = {.listener = socket,
                              .target = target,
                              .limit = choices->limit,
                              .count = choices->count,
                              .is_verbose = choices->is_verbose,
                              .serve = serve,
                              .context = choices};
    status = service_serve(&service);
    sn_socket_release(socket);
    return status;
}

int command_receive(int argc, char **argv)
{
    struct target target;
    struct receive_choices choices = {.idle_ms = 60000, .limit = 100};
    const char *wrong = NULL;
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    const char *complaint = check(&choices, &target, &wrong);
    if (complaint)
        return report_usage("receive", wrong, complaint);
    if (!choices.keeps && choices.count == 0)
        choices.count = 1;
    return run(&target, &choices);
}
