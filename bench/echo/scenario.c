#include "scenario.h"

#include <stdio.h>
#include <string.h>

enum {
    MESSAGE = 64,
    KIB = 1024,
    BUFFER = 4 * KIB,
    LARGE_BUFFER = 64 * KIB,
    PIPELINE = 64, /* requests in flight on a connection */
    FILE_SIZE = 1024 * KIB,
    IDLE = 10000,
    IDLE_QUICK = 1000,
    /* Where a round takes long. */
    ROUNDS_OF_MANY = 10,
    ROUNDS_OF_IDLE = 10,
    ROUNDS_OF_START = 20
};

#define ECHO(count, quick, rounds)                                                                 \
    {                                                                                              \
        .name = "echo-" #count, .about = "64 bytes to and fro, connections: " #count,              \
        .service = "echo", .buffer_size = BUFFER,                                                  \
        .extras = (count) < 1000 ? EXTRAS_ECHO : EXTRAS_NONE, .is_quick = (quick),                 \
        .round_max = (rounds), .load = {                                                           \
            .connection_count = (count),                                                           \
            .message_size = MESSAGE,                                                               \
            .in_flight = 1                                                                         \
        }                                                                                          \
    }

const struct scenario scenarios[] = {
    ECHO(1, false, 0),
    ECHO(10, false, 0),
    ECHO(50, true, 0),
    ECHO(500, true, 0),
    ECHO(1000, false, 0),
    ECHO(5000, false, ROUNDS_OF_MANY),
    ECHO(10000, false, ROUNDS_OF_MANY),
    {.name = "pipeline-64-8",
     .about = "64 requests of 64 bytes in flight on each of 8 connections",
     .service = "pipeline",
     .extras = EXTRAS_PIPELINE,
     .buffer_size = 2 * PIPELINE * MESSAGE,
     .load = {.connection_count = 8, .message_size = MESSAGE, .in_flight = PIPELINE}},
    {.name = "pipeline-64-50",
     .about = "64 requests of 64 bytes in flight on each of 50 connections",
     .service = "pipeline",
     .extras = EXTRAS_PIPELINE,
     .buffer_size = 2 * PIPELINE * MESSAGE,
     .is_quick = true,
     .load = {.connection_count = 50, .message_size = MESSAGE, .in_flight = PIPELINE}},
    {.name = "pipeline-1k-8",
     .about = "64 requests of 1 KiB in flight on each of 8 connections",
     .service = "pipeline",
     .extras = EXTRAS_PIPELINE,
     .buffer_size = 2 * PIPELINE * KIB,
     .load = {.connection_count = 8, .message_size = KIB, .in_flight = PIPELINE}},
    {.name = "pipeline-1k-50",
     .about = "64 requests of 1 KiB in flight on each of 50 connections",
     .service = "pipeline",
     .extras = EXTRAS_PIPELINE,
     .buffer_size = 2 * PIPELINE * KIB,
     .is_quick = true,
     .load = {.connection_count = 50, .message_size = KIB, .in_flight = PIPELINE}},
    {.name = "echo-16k",
     .about = "16 KiB to and fro on 8 connections",
     .service = "echo",
     .buffer_size = LARGE_BUFFER,
     .load = {.connection_count = 8, .message_size = 16 * KIB, .in_flight = 1}},
    {.name = "echo-64k",
     .about = "64 KiB to and fro on 8 connections",
     .service = "echo",
     .buffer_size = LARGE_BUFFER,
     .is_quick = true,
     .load = {.connection_count = 8, .message_size = 64 * KIB, .in_flight = 1}},
    {.name = "short",
     .about = "connect, one request of 64 bytes, close; 50 at a time",
     .service = "echo",
     .buffer_size = BUFFER,
     .is_quick = true,
     .load = {.connection_count = 50, .message_size = MESSAGE, .in_flight = 1, .is_short = true}},
    {.name = "file",
     .about = "a request of 64 bytes is answered by a file of 1 MiB; 8 connections",
     .service = "file",
     .buffer_size = BUFFER,
     .is_quick = true,
     .load = {.connection_count = 8,
              .message_size = MESSAGE,
              .answer_size = FILE_SIZE,
              .in_flight = 1}},
    {.name = "datagram",
     .about = "UDP: 64 bytes to and fro, 50 clients",
     .service = "datagram",
     .buffer_size = 2 * KIB,
     .extras = EXTRAS_DATAGRAM,
     .is_quick = true,
     .load =
         {.connection_count = 50, .message_size = MESSAGE, .in_flight = 1, .is_datagram = true}},
    {.name = "blocking",
     .about = "1 byte to and fro on one connection, served by calls that block",
     .service = "echo",
     .buffer_size = BUFFER,
     .extras = EXTRAS_BLOCKING,
     .is_quick = true,
     .load = {.connection_count = 1, .message_size = 1, .in_flight = 1}},
    {.name = "idle",
     .about =
         "memory of the server's own for each of 10000 connections that wait, with a buffer of "
         "64 bytes",
     .way = WAY_IDLE,
     .service = "echo",
     .buffer_size = MESSAGE,
     .round_max = ROUNDS_OF_IDLE,
     .quick_count = IDLE_QUICK,
     .is_quick = true,
     .load = {.connection_count = IDLE, .message_size = MESSAGE, .in_flight = 1}},
    {.name = "start",
     .about = "from starting the program to its first answer",
     .way = WAY_START,
     .service = "echo",
     .buffer_size = BUFFER,
     .round_max = ROUNDS_OF_START,
     .is_quick = true,
     .load = {.connection_count = 1, .message_size = MESSAGE, .in_flight = 1}},
};
const size_t scenario_count = sizeof scenarios / sizeof *scenarios;

const struct scenario *scenario_find(const char *name, size_t size)
{
    for (size_t i = 0; i < scenario_count; i++) {
        if (strlen(scenarios[i].name) == size && memcmp(scenarios[i].name, name, size) == 0)
            return &scenarios[i];
    }
    return NULL;
}

struct scenario scenario_echo(size_t connection_count)
{
    struct scenario scenario = scenarios[0];
    (void)snprintf(scenario.name, sizeof scenario.name, "echo-%zu", connection_count);
    scenario.about = "64 bytes to and fro";
    scenario.load.connection_count = connection_count;
    return scenario;
}

const char *scenario_unit(const struct scenario *scenario)
{
    return scenario->load.is_short ? "connection" : "request";
}
