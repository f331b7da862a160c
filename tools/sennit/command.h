/**
 * The commands of the tool: a file each, all of one shape. Each reads its own arguments, which do
 * not include the command's name, and gives the status to exit with.
 */
#ifndef TOOLS_SENNIT_COMMAND_H
#define TOOLS_SENNIT_COMMAND_H

#include "arguments/arguments.h"

int command_listen(int argc, char **argv);
int command_connect(int argc, char **argv);
int command_relay(int argc, char **argv);
int command_send(int argc, char **argv);
int command_receive(int argc, char **argv);
int command_check(int argc, char **argv);
int command_resolve(int argc, char **argv);
int command_echo(int argc, char **argv);
int command_bench(int argc, char **argv);
int command_ping(int argc, char **argv);
int command_probe(int argc, char **argv);

/* The part of the help that the commands with end points share. */
#define ENDPOINT_HELP                                                                              \
    "ENDPOINT is one of\n"                                                                         \
    "  host:port, tcp://host:port      TCP; an IPv6 address in brackets: [::1]:80\n"               \
    "  udp://host:port                 UDP; a port is a number or a service's name\n"              \
    "  unix:///path                    Unix stream; unix://@name: a name without a file\n"         \
    "  unix-dgram:///path              Unix datagrams\n"                                           \
    "  unix-seqpacket:///path          Unix messages in order, with a connection\n"                \
    "and besides mptcp://, udplite://, vsock:context:port, netlink:port:groups, can:interface.\n"

/* What people try who have used others. */
#define ONE_WORD_HELP "host and port are one word: host:port"

/* How the commands end that have no outcome of their own. */
#define STATUS_HELP                                                                                \
    "Exit status: 0 done, 1 a socket or a file failed, 2 a mistake in the arguments; 130, 143:\n"  \
    "by Ctrl-C, by SIGTERM.\n"

#endif
