#include "rival.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct rival rivals[] = {
    {"sennit-io_uring", "Sennit on io_uring, driven by sn_engine_run()", NULL, "sennit", "io_uring",
     RIVAL_MAIN},
    {"raw-io_uring", "a hand-written io_uring loop", NULL, "raw", "io_uring", RIVAL_MAIN},
    {"sennit-epoll", "Sennit on epoll, driven by sn_engine_run()", NULL, "sennit", "epoll",
     RIVAL_MAIN},
    {"raw-epoll", "a hand-written edge-triggered epoll loop", NULL, "raw", "epoll", RIVAL_MAIN},
    {"sennit-thread", "Sennit, with one thread of the engine's own", NULL, "sennit", "thread",
     RIVAL_MAIN},
    {"libuv", "libuv, answering with uv_write()", NULL, "libuv", "write", RIVAL_MAIN},
    {"libevent", "libevent, with bufferevents", NULL, "libevent", "bufferevent", RIVAL_MAIN},
    {"asio-epoll", "Asio on epoll", NULL, "asio", "async", RIVAL_MAIN},
    {"asio-io_uring", "Asio on io_uring", NULL, "asio-io_uring", "async", RIVAL_MAIN},
    {"glib", "GLib's GIO, with asynchronous streams", NULL, "glib", "async", RIVAL_MAIN},
    {"dotnet", ".NET, with async and await", "dotnet", "dotnet/contender.dll", "await", RIVAL_MAIN},
    {"go", "Go, with a goroutine for each connection", NULL, "go/contender", "async", RIVAL_MAIN},
    {"node", "Node.js, with a stream for each connection", "node", "node/contender.js", "async",
     RIVAL_MAIN},
    {"dotnet-args", ".NET, with SocketAsyncEventArgs", "dotnet", "dotnet/contender.dll", "args",
     RIVAL_EXTRA},
    {"sennit-epoll-limit", "as sennit-epoll, each operation with a time limit", NULL, "sennit",
     "epoll-limit", RIVAL_EXTRA},
    {"sennit-epoll-handle", "as sennit-epoll, each operation with a cancellation handle", NULL,
     "sennit", "epoll-handle", RIVAL_EXTRA},
    {"libuv-try", "libuv, answering with uv_try_write()", NULL, "libuv", "try", RIVAL_EXTRA},
};
const size_t rival_count = sizeof rivals / sizeof *rivals;

const struct rival *rival_find(const char *name, size_t size)
{
    for (size_t i = 0; i < rival_count; i++) {
        if (strlen(rivals[i].name) == size && memcmp(rivals[i].name, name, size) == 0)
            return &rivals[i];
    }
    return NULL;
}

bool rival_takes_part(const struct rival *rival, const struct scenario *scenario, bool is_quick)
{
    if (rival->part == RIVAL_BLOCKING || scenario->is_blocking)
        return rival->part == RIVAL_BLOCKING && scenario->is_blocking;
    return rival->part == RIVAL_MAIN || (scenario->has_extras && !is_quick);
}

/* --- Where it is --- */

/* Beside this program, unless the environment names another folder. */
static bool find_program(const char *name, char out_path[RIVAL_TEXT_SIZE])
{
    char own[PATH_MAX];
    const char *folder = getenv("BENCH_CONTENDERS");
    int size;
    if (folder) {
        size = snprintf(out_path, RIVAL_TEXT_SIZE, "%s/%s", folder, name);
    } else {
        ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
        own[length > 0 ? length : 0] = '\0';
        char *slash = strrchr(own, '/');
        if (slash)
            *slash = '\0';
        size = snprintf(out_path, RIVAL_TEXT_SIZE, "%s/contenders/%s", own, name);
    }
    return size > 0 && size < RIVAL_TEXT_SIZE && access(out_path, R_OK) == 0;
}

bool rival_prepare(const struct rival *rival, const struct scenario *scenario, int port,
                   struct rival_command *out_command)
{
    char **word = out_command->words;
    if (!find_program(rival->program, out_command->program))
        return false;
    (void)snprintf(out_command->port, sizeof out_command->port, "%d", port);
    (void)snprintf(out_command->message_size, sizeof out_command->message_size, "%zu",
                   scenario->load.message_size);
    (void)snprintf(out_command->buffer_size, sizeof out_command->buffer_size, "%zu",
                   scenario->buffer_size);
    if (rival->command)
        *word++ = (char *)rival->command;
    *word++ = out_command->program;
    *word++ = (char *)rival->style;
    *word++ = (char *)scenario->service;
    *word++ = out_command->port;
    *word++ = out_command->message_size;
    *word++ = out_command->buffer_size;
    if (scenario->file)
        *word++ = (char *)scenario->file;
    *word = NULL;
    return true;
}
