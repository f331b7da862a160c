/* sennit echo: sends back what comes, the other end of `sennit ping` and `sennit bench`. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <sennit/relay.h>

#include "command.h"
#include "echo.h"
#include "interrupt.h"
#include "opening.h"
#include "report.h"
#include "service.h"
#include "socket_options.h"

enum { MESSAGE_SIZE_MAX = 256 * 1024 };

static int parse(int argc, char **argv, struct echo_choices *choices)
{
    const struct argument_option options[] = {
        ARGUMENT_NUMBER("count", &choices->count, 1, LONG_MAX, "N",
                        "end after so many connections or datagrams"),
        ARGUMENT_NUMBER("limit", &choices->limit, 1, INT_MAX, "N",
                        "serve so many connections at the same time (1000)"),
        ARGUMENT_NUMBER("idle", &choices->idle_ms, 1, INT_MAX, "MS",
                        "end a connection on which nothing moves for so many ms"),
        {.name = "option",
         .list = &choices->options,
         .value = "NAME=VALUE",
         .help = "set an option of the socket; may be repeated"},
        {.name = "verbose",
         .flag = &choices->is_verbose,
         .help = "say on standard error where it listens and who comes"},
    };
    const struct argument_table table = {
        .program = "sennit echo",
        .about =
            "Sends back everything that comes, until Ctrl-C: connections, any number at a time,\n"
            "or datagrams. The other end is 'sennit ping ENDPOINT' or 'sennit bench "
            "ENDPOINT'.\n",
        .operand = "ENDPOINT",
        .one_word = ONE_WORD_HELP,
        .out_text = &choices->endpoint,
        .outcome = ENDPOINT_HELP "\n" STATUS_HELP,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

static sn_error echo_messages(sn_socket *socket, const struct echo_choices *choices)
{
    char *data = malloc(MESSAGE_SIZE_MAX);
    size_t size = 1;
    sn_error error = data ? SN_OK : SN_ERROR_OUT_OF_MEMORY;
    if (!error && choices->idle_ms > 0)
        error = sn_socket_set_receive_timeout(socket, choices->idle_ms);
    while (!error && size > 0) {
        error = sn_socket_receive(socket, data, MESSAGE_SIZE_MAX, SN_FLAG_NONE, &size);
        if (!error && size > 0)
            error = sn_socket_send(socket, data, size, SN_FLAG_NONE, NULL);
    }
    free(data);
    return error;
}

int echo_serve(sn_socket *socket, const char *peer, struct service *service)
{
    const struct echo_choices *choices = service->context;
    sn_error error =
        service->target->type == SN_TYPE_STREAM
            ? sn_socket_copy_to(socket, socket, SN_FOREVER,
                                choices->idle_ms > 0 ? choices->idle_ms : SN_FOREVER, NULL)
            : echo_messages(socket, choices);
    if (error == SN_ERROR_TIMED_OUT)
        return report_words("echo", peer,
                            "TimedOut: nothing has moved for as long as --idle allows");
    return error ? report_failure("echo", peer, error) : EXIT_DONE;
}

static int echo_datagrams(sn_socket *socket, const struct echo_choices *choices)
{
    char *data = malloc(MESSAGE_SIZE_MAX);
    sn_error error = data ? SN_OK : SN_ERROR_OUT_OF_MEMORY;
    for (long i = 0; !error && (choices->count == 0 || i < choices->count); i++) {
        sn_endpoint from;
        size_t size = 0;
        error = sn_socket_receive_from(socket, data, MESSAGE_SIZE_MAX, SN_FLAG_NONE, &from, &size);
        /* Whoever has no address, or has gone, gets no answer; that is no failure of this end. */
        if (!error)
            (void)!sn_socket_send_to(socket, data, size, SN_FLAG_NONE, &from, NULL);
        else if (error == SN_ERROR_CONNECTION_REFUSED || error == SN_ERROR_CONNECTION_RESET)
            error = SN_OK;
    }
    free(data);
    return error ? report_failure("receive", choices->endpoint, error) : EXIT_DONE;
}

int command_echo(int argc, char **argv)
{
    struct target target;
    struct echo_choices choices = {.limit = 1000};
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    const char *wrong = choices.endpoint;
    const char *complaint = target_parse(choices.endpoint, &target);
    if (!complaint)
        complaint = socket_options_check(&choices.options, &wrong);
    if (complaint)
        return report_usage("echo", wrong, complaint);
    sn_socket *socket = NULL;
    status = opening_listen(&target, &choices.options, choices.is_verbose, &socket);
    if (status != EXIT_DONE)
        return status;
    struct service service = {.listener = socket,
                              .target = &target,
                              .limit = choices.limit,
                              .count = choices.count,
                              .is_verbose = choices.is_verbose,
                              .serve = echo_serve,
                              .context = &choices};
    status = target_is_connected_kind(&target) ? service_serve(&service)
                                               : echo_datagrams(socket, &choices);
    sn_socket_release(socket);
    return status;
}
