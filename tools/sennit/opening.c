#include "opening.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "report.h"
#include "socket_options.h"

struct preparation {
    const struct argument_list *options;
    const char *failed; /* the option that could not be set */
};

static sn_error prepare(sn_socket *socket, void *context)
{
    struct preparation *preparation = context;
    return socket_options_apply(preparation->options, socket, &preparation->failed);
}

static void announce(sn_socket *socket, const struct target *target)
{
    char text[SN_ENDPOINT_TEXT_SIZE];
    sn_endpoint local;
    if (sn_socket_get_local_endpoint(socket, &local))
        return;
    if (sn_endpoint_format(&local, text, sizeof text) || text[0] == '\0')
        snprintf(text, sizeof text, "%.*s", TARGET_TEXT_SIZE, target->text);
    fprintf(stderr, "sennit: listening on %s\n", text);
}

int opening_listen(const struct target *target, const struct argument_list *options,
                   bool is_verbose, sn_socket **out_socket)
{
    struct preparation preparation = {.options = options};
    sn_socket *socket = NULL;
    sn_error error =
        sn_socket_open_listening(target->plain, INT_MAX, prepare, &preparation, &socket);
    if (error && preparation.failed) {
        char what[TARGET_TEXT_SIZE + 80];
        snprintf(what, sizeof what, "%.*s with the option %.60s", TARGET_TEXT_SIZE, target->text,
                 preparation.failed);
        return report_failure("listen", what, error);
    }
    if (error)
        return report_failure("listen", target->text, error);
    bool is_chosen_here = target->has_port && sn_endpoint_get_port(&target->endpoint) == 0;
    if (is_verbose || is_chosen_here || isatty(STDERR_FILENO))
        announce(socket, target);
    *out_socket = socket;
    return EXIT_DONE;
}
