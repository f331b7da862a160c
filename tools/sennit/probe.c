/* sennit probe: what the library can do on this system, found out by doing it. */
#include "probe.h"

#include <stdio.h>

#include <sennit.h>

#include "arguments/arguments.h"
#include "command.h"
#include "json.h"

int command_probe(int argc, char **argv)
{
    bool sockets = false, socket_options = false, engines = false, is_json = false;
    const struct argument_option options[] = {
        {.name = "sockets", .flag = &sockets, .help = "only families, types and protocols"},
        {.name = "options", .flag = &socket_options, .help = "only the socket options"},
        {.name = "engines", .flag = &engines, .help = "only the back-ends, and what a ring offers"},
        {.name = "json", .flag = &is_json, .help = "print the tables for a script"},
    };
    const struct argument_table table = {
        .program = "sennit probe",
        .about = "Makes a socket of every family, type and protocol, and reads and writes every\n"
                 "option, makes an engine on every back-end and an entry of every kind in a ring,\n"
                 "then prints what worked and the error's name where it did not.\n"
                 "Raw and packet sockets need a privilege.\n",
        .outcome = STATUS_HELP,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    int status = arguments_parse(&table, argc, argv);
    if (status != ARGUMENTS_GO_ON)
        return status;

    if (is_json) {
        probe_use_json();
        json_open_object(NULL);
        json_text("version", sn_version());
    } else {
        printf("Sennit %s\n", sn_version());
    }
    bool all = !sockets && !socket_options && !engines;
    if (all || sockets)
        probe_sockets();
    if (all || socket_options)
        probe_options();
    if (all || engines)
        probe_engines();
    if (is_json)
        json_close_object();
    return EXIT_DONE;
}
