#include "scenario.h"

#include <stdio.h>
#include <string.h>

enum {
    MESSAGE = 64,
    KIB = 1024,
    BUFFER = 4 * KIB,
    LARGE_BUFFER = 64 * KIB,
    PIPELINE = 64 /* requests in flight on a connection */
};

#define ECHO(count, quick)                                                                         \
    {                                                                                              \
        .name = "echo-" #count, .about = "64 bytes to and fro, connections: " #count,              \
        .service = "echo", .buffer_size = BUFFER, .has_extras = true, .is_quick = (quick),         \
        .load = {                                                                                  \
            .connection_count = (count),                                                           \
            .message_size = MESSAGE,                                                               \
            .in_flight = 1                                                                         \
        }                                                                                          \
    }

const struct scenario scenarios[] = {
    ECHO(1, false),
    ECHO(10, false),
    ECHO(50, true),
    ECHO(100, false),
    ECHO(500, true),
    ECHO(1000, false),
    ECHO(5000, false),
    ECHO(10000, false),
    {.name = "pipeline-64-8",
     .about = "64 requests of 64 bytes in flight on each of 8 connections",
     .service = "pipeline",
     .buffer_size = 2 * PIPELINE * MESSAGE,
     .load = {.connection_count = 8, .message_size = MESSAGE, .in_flight = PIPELINE}},
    {.name = "pipeline-64-50",
     .about = "64 requests of 64 bytes in flight on each of 50 connections",
     .service = "pipeline",
     .buffer_size = 2 * PIPELINE * MESSAGE,
     .is_quick = true,
     .load = {.connection_count = 50, .message_size = MESSAGE, .in_flight = PIPELINE}},
    {.name = "pipeline-1k-8",
     .about = "64 requests of 1 KiB in flight on each of 8 connections",
     .service = "pipeline",
     .buffer_size = 2 * PIPELINE * KIB,
     .load = {.connection_count = 8, .message_size = KIB, .in_flight = PIPELINE}},
    {.name = "pipeline-1k-50",
     .about = "64 requests of 1 KiB in flight on each of 50 connections",
     .service = "pipeline",
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
