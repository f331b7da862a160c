/*
 * Each command is a session of its own, and so a group of processes: a signal reaches what it has
 * started in turn. It has no terminal: many could not share one, and a group in the background that
 * asks it for something is stopped, and its peer waits for ever.
 *
 * It stands in a list from its start until it is collected, and both happen under the lock: so no
 * signal goes to a number that somebody else has by then.
 */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arguments/arguments.h"
#include "interrupt.h"
#include "report.h"

static const char PEER_NAME[] = "SENNIT_PEER=";

struct running {
    struct running *next;
    pid_t process; /* the first of its group */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct running *first; /* under the lock, and so is the next */
static int last_signal;       /* 0: none has come */

static void end_all(int number)
{
    (void)pthread_mutex_lock(&lock);
    last_signal = number;
    for (const struct running *one = first; one; one = one->next)
        (void)kill(-one->process, number);
    (void)pthread_mutex_unlock(&lock);
}

void exec_prepare(void)
{
    /* Where whoever started the program ignores it, the kernel collects the commands itself. */
    (void)signal(SIGCHLD, SIG_DFL);
    interrupt_tell(end_all);
}

/* The program's environment and one line more, `peer`. @return owned; NULL: no memory */
static char **make_environment(char *peer)
{
    size_t count = 0, used = 0;
    while (environ[count])
        count++;
    char **lines = calloc(count + 2, sizeof *lines);
    if (!lines)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], PEER_NAME, sizeof PEER_NAME - 1) != 0)
            lines[used++] = environ[i];
    lines[used] = peer;
    return lines;
}

/* The program has signals blocked and SIGPIPE ignored; what it starts begins as it did itself. */
static int spawn_plain(char *const *arguments, char *const *environment,
                       const posix_spawn_file_actions_t *actions, pid_t *out_process)
{
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    int native = posix_spawnattr_init(&attributes);
    if (native != 0)
        return native;
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETSID);
    (void)posix_spawnattr_setsigmask(&attributes, interrupt_mask_before());
    (void)posix_spawnattr_setsigdefault(&attributes, &defaults);
    native = posix_spawn(out_process, arguments[0], actions, &attributes, arguments, environment);
    (void)posix_spawnattr_destroy(&attributes);
    return native;
}

/* One that begins after a signal gets that at once. */
static int spawn_listed(char *const *arguments, char *const *environment,
                        const posix_spawn_file_actions_t *actions, struct running *out_running)
{
    (void)pthread_mutex_lock(&lock);
    int native = spawn_plain(arguments, environment, actions, &out_running->process);
    if (native == 0) {
        out_running->next = first;
        first = out_running;
        if (last_signal != 0)
            (void)kill(-out_running->process, last_signal);
    }
    (void)pthread_mutex_unlock(&lock);
    return native;
}

static int spawn(const char *command, int input, int output, const char *peer,
                 struct running *out_running)
{
    char shell[] = "/bin/sh", option[] = "-c";
    char *text = strdup(command), *line = NULL;
    if (asprintf(&line, "%s%s", PEER_NAME, peer) < 0)
        line = NULL;
    char **environment = line ? make_environment(line) : NULL;
    posix_spawn_file_actions_t actions;
    int native = text && environment ? posix_spawn_file_actions_init(&actions) : ENOMEM;
    if (native == 0) {
        char *const arguments[] = {shell, option, text, NULL};
        native = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        if (native == 0)
            native = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        if (native == 0)
            native = spawn_listed(arguments, environment, &actions, out_running);
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    free(environment);
    free(line);
    free(text);
    return native;
}

static void collect(const struct running *running, int *out_how)
{
    siginfo_t ended;
    while (waitid(P_PID, (id_t)running->process, &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR)
        continue;
    (void)pthread_mutex_lock(&lock);
    struct running **place = &first;
    while (*place && *place != running)
        place = &(*place)->next;
    if (*place)
        *place = running->next;
    while (waitpid(running->process, out_how, 0) < 0 && errno == EINTR)
        continue;
    (void)pthread_mutex_unlock(&lock);
}

static int wait_for(const struct running *running, const char *command)
{
    int how = 0;
    char words[80];
    collect(running, &how);
    if (interrupt_is_coming()) /* which has ended the command, too */
        return EXIT_DONE;
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0)
        return EXIT_DONE;
    if (WIFEXITED(how))
        snprintf(words, sizeof words, "the command ended with status %d", WEXITSTATUS(how));
    else
        snprintf(words, sizeof words, "the command was ended by signal %d", WTERMSIG(how));
    return report_words("exec", command, words);
}

int exec_with_socket(const char *command, sn_socket *socket, const char *peer)
{
    sn_handle handle;
    struct running running = {.process = -1};
    sn_error error =
        sn_socket_detach(socket, true, &handle); /* programs expect to wait in read() */
    if (error)
        return report_failure("exec for", peer, error);
    int native = spawn(command, (int)handle, (int)handle, peer, &running);
    (void)close((int)handle); /* so that the peer sees the end when the program does */
    return native == 0 ? wait_for(&running, command) : report_file_failure(command, native);
}

/* A file in memory: bytes in a pipe could fill it before anybody reads them. */
static int open_bytes(const void *data, size_t size)
{
    int file = memfd_create("sennit", MFD_CLOEXEC);
    if (file >= 0 && (write(file, data, size) != (ssize_t)size || lseek(file, 0, SEEK_SET) != 0)) {
        (void)close(file);
        file = -1;
    }
    return file;
}

static ssize_t read_all(int from, char *answer, size_t room)
{
    size_t used = 0;
    for (;;) {
        ssize_t got = read(from, answer + used, room - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -1 : (ssize_t)used;
        used += (size_t)got;
        if (used == room) {
            errno = EMSGSIZE;
            return -1;
        }
    }
}

int exec_with_bytes(const char *command, const void *data, size_t size, const char *peer,
                    void *answer, size_t room, size_t *out_answer)
{
    int ends[2] = {-1, -1};
    struct running running = {.process = -1};
    ssize_t got = -1;
    int input = open_bytes(data, size);
    int native = input < 0 || pipe2(ends, O_CLOEXEC) != 0 ? errno : 0;
    if (native == 0)
        native = spawn(command, input, ends[1], peer, &running);
    if (ends[1] >= 0)
        (void)close(ends[1]); /* or there would be no end to read */
    if (native == 0 && (got = read_all(ends[0], answer, room)) < 0)
        native = errno;
    if (ends[0] >= 0)
        (void)close(ends[0]);
    if (input >= 0)
        (void)close(input);
    int status = native == 0 ? EXIT_DONE : report_file_failure(command, native);
    if (running.process > 0 && wait_for(&running, command) != EXIT_DONE)
        status = EXIT_FAILED;
    if (status == EXIT_DONE)
        *out_answer = (size_t)got;
    return status;
}
