/*
 * sennit: the library's calls on the command line. This file knows which commands exist and nothing
 * of what they do.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <sennit.h>

#include "command.h"
#include "interrupt.h"
#include "standard/standard.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} COMMANDS[] = {
    {"listen", command_listen,
     "wait for connections or datagrams, print what arrives, or run a command"},
    {"connect", command_connect, "connect, send standard input, print what comes back"},
    {"relay", command_relay, "carry connections from one end point on to another"},
    {"send", command_send, "send a file to where it is received, with a checksum"},
    {"receive", command_receive, "receive files; an interrupted transfer goes on"},
    {"check", command_check, "whether an end point can be reached, by which address"},
    {"resolve", command_resolve, "ask name servers for records of a name"},
    {"ping", command_ping, "measure round trips to a host or an end point"},
    {"echo", command_echo, "send back what comes: a server to measure with"},
    {"bench", command_bench, "measure latency and throughput between two ends"},
    {"probe", command_probe, "show which protocols and socket options work on this system"},
};

enum { COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS };

static void print_help(FILE *file)
{
    fprintf(file, "usage: sennit COMMAND [ARGUMENT]...\n\n"
                  "Sockets from the command line, by the Sennit library.\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(file, "  %-10s %s\n", COMMANDS[i].name, COMMANDS[i].help);
    fprintf(file, "  %-10s %s\n", "help", "print this text, or that of a command: help COMMAND");
    fprintf(file,
            "\n  --help     print this text\n  --version  print the version\n\n"
            "Examples:\n"
            "    sennit listen :7000                        wait for a connection\n"
            "    sennit connect localhost:7000              connect to it, and type\n"
            "    sennit relay :8080 unix:///run/app.sock    let TCP clients reach a Unix socket\n"
            "    sennit check www.example.org:https         which address answers\n\n" STATUS_HELP);
}

static int run_command(const char *name, int argc, char **argv)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, COMMANDS[i].name) == 0) {
            interrupt_begin();
            return COMMANDS[i].run(argc, argv);
        }
    }
    fprintf(stderr, "sennit: %s '%s'\nTry 'sennit --help'.\n",
            name[0] == '-' ? "unknown option" : "there is no command", name);
    return EXIT_USAGE;
}

/* `help COMMAND` is `COMMAND --help`. */
static int run_help(int argc, char **argv)
{
    char option[] = "--help";
    char *arguments[] = {option, NULL};
    if (argc > 1) {
        fprintf(stderr, "sennit: help takes one command\nTry 'sennit --help'.\n");
        return EXIT_USAGE;
    }
    if (argc == 1 && strcmp(argv[0], "help") != 0)
        return run_command(argv[0], 1, arguments);
    print_help(stdout);
    return EXIT_DONE;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return run_help(argc - 2, argv + 2);
    if (strcmp(name, "--version") == 0) {
        printf("sennit %s\n", sn_version());
        return EXIT_DONE;
    }
    return run_command(name, argc - 2, argv + 2);
}

int main(int argc, char **argv)
{
    int status = standard_begin();
    if (status != EXIT_DONE)
        return status;
    /* A closed output is an error of the write that meets it, so that the rest can be put in order
     * first: a socket's file removed, a partial file named. */
    (void)signal(SIGPIPE, SIG_IGN);
    status = standard_end("sennit", run(argc, argv), EXIT_FAILED);
    interrupt_die_if_due();
    return status;
}
