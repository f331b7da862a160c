/* sennit send: a file to where `sennit receive` waits for it. */
#include "send.h"

#include <limits.h>
#include <string.h>

#include "command.h"
#include "report.h"
#include "transfer.h"

static int parse(int argc, char **argv, struct send_choices *choices)
{
    const struct argument_option options[] = {
        {.name = "name",
         .text = &choices->name,
         .value = "NAME",
         .help = "what the receiver calls it (the name of the file)"},
        {.name = "listen",
         .flag = &choices->listens,
         .help = "wait there for 'sennit receive --connect', do not connect"},
        {.name = "verbose",
         .flag = &choices->is_verbose,
         .help = "--listen: say on standard error where, and who comes"},
        {.name = "idle",
         .number = &choices->idle_ms,
         .minimum = 1,
         .maximum = INT_MAX,
         .value = "MS",
         .help = "give up when nothing moves for so many ms (60000)"},
        {.name = "progress",
         .flag = &choices->shows_progress,
         .help = "show it although standard error is no terminal"},
        {.name = "quiet", .flag = &choices->is_quiet, .help = "say nothing but what went wrong"},
        {.name = "json", .flag = &choices->is_json, .help = "print the outcome for a script"},
        WAY_OPTIONS(choices->way),
        VIA_OPTIONS(choices->way),
    };
    const struct argument_table table = {
        .program = "sennit send",
        .about =
            "Sends a file to where 'sennit receive' listens. What the receiver has of it from\n"
            "an earlier time that was interrupted is not sent again, if it is the same; at the\n"
            "end both compare a SHA-256 of the whole. With --listen it is the receiver that\n"
            "connects: of the two, one that can be reached is enough.\n"
            "A file needs a stream: TCP, or a Unix stream.\n",
        .operand = "FILE",
        .out_text = &choices->path,
        .second = "ENDPOINT",
        .out_second = &choices->endpoint,
        .outcome = ENDPOINT_HELP "\n" STATUS_HELP,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

static const char *check(struct send_choices *choices, struct target *target,
                         const char **out_wrong)
{
    *out_wrong = choices->endpoint;
    const char *complaint = choices->listens ? target_parse(choices->endpoint, target)
                                             : target_parse_remote(choices->endpoint, target);
    if (!complaint && target->type != SN_TYPE_STREAM)
        complaint = "a file needs a stream: tcp://, unix:// or vsock:";
    if (!complaint)
        complaint = choices->listens ? way_check_none(&choices->way, out_wrong)
                                     : way_check(&choices->way, target, out_wrong);
    if (complaint)
        return complaint;
    if (!choices->name) {
        const char *slash = strrchr(choices->path, '/');
        choices->name = slash ? slash + 1 : choices->path;
    }
    *out_wrong = choices->name;
    return transfer_is_name(choices->name)
               ? NULL
               : "no name for others: it is empty or too long, begins with a dot, or has a "
                 "control character; give one with --name";
}

int command_send(int argc, char **argv)
{
    struct target target;
    struct send_choices choices = {.idle_ms = 60000};
    const char *wrong = NULL;
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    const char *complaint = check(&choices, &target, &wrong);
    if (complaint)
        return report_usage("send", wrong, complaint);

    return send_file(&choices, &target);
}
