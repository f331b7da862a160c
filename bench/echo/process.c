#include "process.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../measure.h"

/* What the child tells its parent, once: a port, or why there is none. */
struct news {
    int port;
    char reason[160];
};

static void tell(int pipe_end, int port, const char *reason)
{
    struct news news = {.port = port};
    (void)snprintf(news.reason, sizeof news.reason, "%s", reason);
    if (write(pipe_end, &news, sizeof news) != (ssize_t)sizeof news)
        _exit(1);
}

static void on_listening(void *context, int port)
{
    tell(*(int *)context, port, "");
}

/* The child: never returns. */
static void serve(const struct server *server, size_t core, int pipe_end, pid_t parent)
{
    /* The second look is for a parent that was gone before the first line. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    (void)measure_pin(core);
    const struct server_place place = {.listening = on_listening, .context = &pipe_end};
    tell(pipe_end, 0, server->serve(&place));
    _exit(1);
}

static bool hear(struct process *process, int pipe_end)
{
    struct news news = {.reason = "it ended without a word"};
    ssize_t size = read(pipe_end, &news, sizeof news);
    process->port = size == (ssize_t)sizeof news ? news.port : 0;
    memcpy(process->reason, news.reason, sizeof process->reason);
    return process->port != 0;
}

bool process_start(struct process *process, const struct server *server, size_t core)
{
    int ends[2];
    *process = (struct process){.id = 0, .reason = "no process could be started"};
    if (pipe(ends) != 0)
        return false;
    (void)fflush(NULL); /* or the child would print it again */
    pid_t parent = getpid(), id = fork();
    if (id == 0) {
        (void)close(ends[0]);
        serve(server, core, ends[1], parent);
    }
    (void)close(ends[1]);
    process->id = id < 0 ? 0 : id;
    bool is_running =
        id > 0 && hear(process, ends[0]) && clock_getcpuclockid(id, &process->clock) == 0;
    (void)close(ends[0]);
    if (!is_running)
        process_stop(process, NULL);
    return is_running;
}

uint64_t process_cpu_ns(const struct process *process)
{
    struct timespec used = {0};
    (void)clock_gettime(process->clock, &used);
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

void process_stop(struct process *process, struct rusage *out_usage)
{
    struct rusage usage;
    if (process->id == 0)
        return;
    (void)kill(process->id, SIGKILL);
    (void)wait4(process->id, NULL, 0, &usage);
    process->id = 0;
    if (out_usage)
        *out_usage = usage;
}
