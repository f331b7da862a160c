/*
 * The foreign program connects to a TCP listener of ours, and to a Unix listener of ours, and
 * carries everything from the one to the other. So it takes what Sennit sends, and Sennit takes
 * what it sends; and since it connects, no free port has to be guessed for it.
 *
 * It runs in the demo's folder and knows the Unix socket by its bare name: a path would have to be
 * quoted in the language of each program.
 */
#include "foreign.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streams.h"

extern char **environ;

#define UNIX_NAME "foreign"

enum { COMMAND_SIZE = 200 };

static const struct program {
    const char *name;
    const char *title;
    /* The command for sh, around the TCP port; exec, so that the process is the program's. */
    const char *before;
    const char *after;
} PROGRAMS[] = {
    {"socat", "TCP, socat, Unix", "exec socat -u TCP4:127.0.0.1:", " UNIX-CONNECT:" UNIX_NAME},
    {"ncat", "TCP, ncat, Unix", "ncat --recv-only 127.0.0.1 ",
     " | exec ncat --send-only -U " UNIX_NAME},
};

/* The running program, and a thread that notices its end. */
struct process {
    const struct program *program;
    pid_t id; /* 0: none */
    pthread_t watcher;
    bool has_watcher;
    sn_socket *listener; /* borrowed: closed at the program's end, so that nobody waits for it */
};

static bool is_on_path(const char *name)
{
    const char *part = getenv("PATH");
    while (part && *part) {
        size_t size = strcspn(part, ":");
        char file[4096];
        int written = snprintf(file, sizeof file, "%.*s/%s", (int)size, part, name);
        if (size > 0 && written > 0 && (size_t)written < sizeof file && access(file, X_OK) == 0)
            return true;
        part += size + (part[size] == ':' ? 1 : 0);
    }
    return false;
}

static const struct program *find_program(void)
{
    for (size_t i = 0; i < sizeof PROGRAMS / sizeof *PROGRAMS; i++) {
        if (is_on_path(PROGRAMS[i].name))
            return &PROGRAMS[i];
    }
    return NULL;
}

const char *foreign_title(void)
{
    const struct program *program = find_program();
    return program ? program->title : "a foreign program";
}

/* WNOWAIT: the program stays known under its number, so that finish() can still send it a signal.
 */
static void *watch(void *argument)
{
    const struct process *process = argument;
    siginfo_t info;
    while (waitid(P_PID, (id_t)process->id, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        ;
    sn_socket_close(process->listener);
    return NULL;
}

/* Starts a command in the folder; our descriptors are close-on-exec and stay here. */
static int spawn(char *command, const struct folder *folder, pid_t *out_id)
{
    char shell[] = "sh", option[] = "-c";
    char *arguments[] = {shell, option, command, NULL};
    posix_spawn_file_actions_t actions;
    int native = posix_spawn_file_actions_init(&actions);
    if (native != 0)
        return native;
    native = posix_spawn_file_actions_addchdir_np(&actions, folder->path);
    if (native == 0)
        native = posix_spawn(out_id, "/bin/sh", &actions, NULL, arguments, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return native;
}

/* Starts the program; it will connect to the port. */
static int start(struct process *process, int port, const struct folder *folder)
{
    char command[COMMAND_SIZE];
    snprintf(command, sizeof command, "%s%d%s", process->program->before, port,
             process->program->after);
    int native = spawn(command, folder, &process->id);
    if (native != 0)
        process->id = 0;
    else
        process->has_watcher = pthread_create(&process->watcher, NULL, watch, process) == 0;
    return native;
}

static void describe_end(int status, char *text, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(text, size, "it was ended by signal %d", WTERMSIG(status));
    else
        snprintf(text, size, "it ended with status %d", WEXITSTATUS(status));
}

/* Waits for the program's end, and ends it first if it is no longer wanted. */
static void finish(struct process *process, struct end *near)
{
    siginfo_t info = {.si_pid = 0};
    int status = 0;
    if (process->id == 0)
        return;
    (void)waitid(P_PID, (id_t)process->id, &info, WEXITED | WNOWAIT | WNOHANG);
    bool is_running = info.si_pid == 0;
    if (is_running && end_has_failed(near))
        (void)kill(process->id, SIGTERM);
    if (process->has_watcher)
        (void)pthread_join(process->watcher, NULL);
    while (waitpid(process->id, &status, 0) < 0 && errno == EINTR)
        ;
    if (status == 0)
        return;
    char reason[80];
    describe_end(status, reason, sizeof reason);
    if (!is_running)
        near->failure[0] = '\0'; /* its end is the cause of whatever failed here */
    end_fail_with(near, process->program->name, reason);
}

static void send_to_program(sn_socket *listener, const char *path, struct end *near)
{
    sn_socket *socket = NULL;
    sn_error error = sn_socket_accept(listener, &socket);
    if (error)
        end_fail(near, "accept", error);
    else
        stream_send_file(socket, path, near);
    sn_socket_release(socket);
}

static void transfer(const struct program *program, const char *path, const struct folder *folder,
                     sn_socket *tcp_listener, sn_socket *unix_listener, struct row *out_row)
{
    sn_endpoint local;
    sn_error error = sn_socket_get_local_endpoint(tcp_listener, &local);
    if (error) {
        row_fail(out_row, "listen", error);
        return;
    }
    struct stream_far far;
    struct end near;
    end_begin(&near);
    double begin = end_clock();
    bool has_thread = stream_far_start(&far, unix_listener);
    struct process process = {.program = program, .listener = tcp_listener};
    int native = has_thread ? start(&process, sn_endpoint_get_port(&local), folder) : 0;
    if (native != 0)
        end_fail_with(&near, program->name, strerror(native));
    else if (has_thread)
        send_to_program(tcp_listener, path, &near);

    finish(&process, &near);
    if (has_thread)
        stream_far_join(&far, end_has_failed(&near));
    row_conclude(out_row, &near, &far.end, end_clock() - begin);
}

void demo_foreign(const char *path, const struct folder *folder, struct row *out_row)
{
    const struct program *program = find_program();
    if (!program) {
        row_set(out_row, ROW_FAILED,
                "neither socat nor ncat is here; install one (Debian, Ubuntu: apt install socat)");
        return;
    }
    sn_endpoint tcp, name;
    sn_socket *tcp_listener = NULL, *unix_listener = NULL;
    sn_error error = sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &tcp);
    if (!error)
        error = folder_endpoint(folder, UNIX_NAME, &name);
    if (!error)
        error = stream_listen(&tcp, &tcp_listener);
    if (!error)
        error = stream_listen(&name, &unix_listener);
    if (error)
        row_fail(out_row, "listen", error);
    else
        transfer(program, path, folder, tcp_listener, unix_listener, out_row);
    sn_socket_release(tcp_listener);
    sn_socket_release(unix_listener);
}
