#include "process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../measure.h"
#include "trace.h"

static const uint64_t LISTEN_MAX_NS = 20000000000;

/* --- The child --- */

static void say(const char *text)
{
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        _exit(1);
}

static void become(char *const *words)
{
    (void)execvp(words[0], words);
    say("unable ");
    say(errno == ENOENT ? "it is not installed" : strerror(errno));
    say("\n");
    _exit(1);
}

/* Never returns. */
static void be_server(const struct process_start *start, int pipe_end, pid_t parent)
{
    /* The second look is for a parent that was gone before the first line. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(pipe_end, STDOUT_FILENO) < 0)
        _exit(1);
    (void)measure_pin(start->core);
    if (start->calls)
        trace_run(start->words, become, start->calls);
    else
        become(start->words);
    _exit(1);
}

/* --- Its first line --- */

/* Up to the end of the line, of the output, or of patience. */
static bool read_line(int pipe_end, char *line, size_t size)
{
    uint64_t end_ns = measure_clock_ns() + LISTEN_MAX_NS;
    size_t filled = 0;
    while (filled + 1 < size && measure_clock_ns() < end_ns) {
        struct pollfd waited = {.fd = pipe_end, .events = POLLIN};
        if (poll(&waited, 1, 100) <= 0)
            continue;
        ssize_t got = read(pipe_end, line + filled, 1);
        if (got <= 0)
            break;
        if (line[filled] == '\n') {
            line[filled] = '\0';
            return true;
        }
        filled += (size_t)got;
    }
    return false;
}

static bool hear(struct process *process, int pipe_end)
{
    char line[256] = "";
    int at = 0;
    bool has_line = read_line(pipe_end, line, sizeof line);
    if (has_line && sscanf(line, "port %d %n", &process->port, &at) == 1 && at > 0) {
        (void)snprintf(process->version, sizeof process->version, "%.*s",
                       (int)sizeof process->version - 1, line + at);
        return process->port > 0;
    }
    const char *reason = "it said no port";
    if (has_line && strncmp(line, "unable ", 7) == 0)
        reason = line + 7;
    (void)snprintf(process->reason, sizeof process->reason, "%.*s", (int)sizeof process->reason - 1,
                   reason);
    return false;
}

bool process_start(struct process *process, const struct process_start *start)
{
    int ends[2];
    *process = (struct process){.id = 0, .reason = "no process could be started"};
    if (pipe(ends) != 0)
        return false;
    (void)fflush(NULL); /* or the child would print it again */
    pid_t parent = getpid(), id = fork();
    if (id == 0) {
        (void)close(ends[0]);
        be_server(start, ends[1], parent);
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

/* --- While it runs --- */

uint64_t process_cpu_ns(const struct process *process)
{
    struct timespec used = {0};
    (void)clock_gettime(process->clock, &used);
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

size_t process_memory(const struct process *process)
{
    char path[64], line[256];
    size_t kib = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/status", (long)process->id);
    FILE *status = fopen(path, "r");
    while (status && fgets(line, sizeof line, status)) {
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = strtoul(line + 8, NULL, 10);
    }
    if (status)
        (void)fclose(status);
    return kib * 1024;
}

bool process_has_died(const struct process *process, char *out_text, size_t size)
{
    siginfo_t news = {.si_pid = 0};
    if (waitid(P_PID, (id_t)process->id, &news, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        news.si_pid == 0)
        return false;
    (void)snprintf(out_text, size, "it died (%s %d)",
                   news.si_code == CLD_EXITED ? "status" : "signal", news.si_status);
    return true;
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
