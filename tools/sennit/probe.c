/* sennit probe: what the library can do on this system, found out by doing it. */
#include "probe.h"

#include <stdio.h>

#include <sennit.h>

#include "arguments/arguments.h"
#include "command.h"

int command_probe(int argc, char **argv)
{
    bool sockets_only = false, options_only = false;
    const struct argument_option options[] = {
        {.name = "sockets", .flag = &sockets_only, .help = "only families, types and protocols"},
        {.name = "options", .flag = &options_only, .help = "only the socket options"},
    };
    const struct argument_table table = {
        .program = "sennit probe",
        .about = "Makes a socket of every family, type and protocol, and reads and writes every\n"
                 "option, then prints what worked and the error's name where it did not.\n"
                 "Raw and packet sockets need a privilege.\n",
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    int status = arguments_parse(&table, argc, argv);
    if (status != ARGUMENTS_GO_ON)
        return status;

    printf("Sennit %s\n", sn_version());
    if (!options_only || sockets_only)
        probe_sockets();
    if (!sockets_only || options_only)
        probe_options();
    return EXIT_DONE;
}
