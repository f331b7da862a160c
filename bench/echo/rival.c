#include "rival.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct rival rivals[] = {
    {"sennit-io_uring", "Sennit on io_uring, driven by sn_engine_run()", NULL, "sennit", "io_uring",
     EXTRAS_NONE},
    {"raw-io_uring", "a hand-written io_uring loop", NULL, "raw", "io_uring", EXTRAS_NONE},
    {"sennit-epoll", "Sennit on epoll, driven by sn_engine_run()", NULL, "sennit", "epoll",
     EXTRAS_NONE},
    {"raw-epoll", "a hand-written edge-triggered epoll loop", NULL, "raw", "epoll", EXTRAS_NONE},
    {"sennit-thread", "Sennit, with one thread of the engine's own", NULL, "sennit", "thread",
     EXTRAS_NONE},
    {"libuv", "libuv, answering with uv_write()", NULL, "libuv", "write", EXTRAS_NONE},
    {"libevent", "libevent, with bufferevents", NULL, "libevent", "bufferevent", EXTRAS_NONE},
    {"asio-epoll", "Asio on epoll", NULL, "asio", "async", EXTRAS_NONE},
    {"asio-io_uring", "Asio on io_uring", NULL, "asio-io_uring", "async", EXTRAS_NONE},
    {"glib", "GLib's GIO, with asynchronous streams", NULL, "glib", "async", EXTRAS_NONE},
    {"dotnet", ".NET, with async and await", "dotnet", "dotnet/contender.dll", "await",
     EXTRAS_NONE},
    {"go", "Go, with a goroutine for each connection", NULL, "go/contender", "async", EXTRAS_NONE},
    {"node", "Node.js, with a stream for each connection", "node", "node/contender.js", "async",
     EXTRAS_NONE},
    {"dotnet-args", ".NET, with SocketAsyncEventArgs", "dotnet", "dotnet/contender.dll", "args",
     EXTRAS_ECHO},
    {"sennit-epoll-limit", "as sennit-epoll, each operation with a time limit", NULL, "sennit",
     "epoll-limit", EXTRAS_ECHO},
    {"sennit-epoll-handle", "as sennit-epoll, each operation with a cancellation handle", NULL,
     "sennit", "epoll-handle", EXTRAS_ECHO},
    {"sennit-io_uring-fiber", "as sennit-io_uring, with a fiber for each connection", NULL,
     "sennit", "io_uring-fiber", EXTRAS_ECHO | EXTRAS_BLOCKING},
    {"sennit-epoll-fiber", "as sennit-epoll, with a fiber for each connection", NULL, "sennit",
     "epoll-fiber", EXTRAS_ECHO | EXTRAS_BLOCKING},
    {"state_threads", "State Threads, with a thread of its kind for each connection", NULL,
     "state_threads", "thread", EXTRAS_ECHO | EXTRAS_BLOCKING},
    {"libuv-try", "libuv, answering with uv_try_write()", NULL, "libuv", "try", EXTRAS_ECHO},
    {"sennit-io_uring-gather", "as sennit-io_uring, all answers given to one send", NULL, "sennit",
     "io_uring-gather", EXTRAS_PIPELINE},
    {"sennit-epoll-gather", "as sennit-epoll, all answers given to one send", NULL, "sennit",
     "epoll-gather", EXTRAS_PIPELINE},
    {"libuv-gather", "libuv, all answers given to one uv_write()", NULL, "libuv", "gather",
     EXTRAS_PIPELINE},
    {"raw-batch", "recvmmsg() and sendmmsg()", NULL, "raw", "batch", EXTRAS_DATAGRAM},
    {"sennit-blocking", "Sennit's blocking calls, a thread for each connection", NULL, "sennit",
     "blocking", EXTRAS_ECHO | EXTRAS_BLOCKING},
    {"raw-blocking", "recv() and send(), a thread for each connection", NULL, "raw", "blocking",
     EXTRAS_BLOCKING},
    {"sennit-waiting", "as sennit-blocking, each receive started and waited for", NULL, "sennit",
     "waiting", EXTRAS_BLOCKING},
    {"asio-blocking", "Asio's blocking calls", NULL, "asio", "blocking", EXTRAS_BLOCKING},
    {"glib-blocking", "GLib's blocking calls", NULL, "glib", "blocking", EXTRAS_BLOCKING},
    {"dotnet-blocking", ".NET's blocking calls", "dotnet", "dotnet/contender.dll", "blocking",
     EXTRAS_BLOCKING},
    {"go-blocking", "Go, whose calls look as if they blocked", NULL, "go/contender", "blocking",
     EXTRAS_BLOCKING},
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
    if (rival->extras == EXTRAS_NONE)
        return scenario->extras != EXTRAS_BLOCKING;
    return (rival->extras & scenario->extras) && !(is_quick && scenario->extras == EXTRAS_ECHO);
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
