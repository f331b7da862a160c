#include "support/anew.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Tests put scripts under the C library (tests/fault), so what a script could make fail is called
 * here without it. */

#define HANDLE_COUNT 1024

/* What a limit is told by. */
#ifdef __GLIBC__
typedef __rlimit_resource_t limit_number;
#else
typedef int limit_number;
#endif

static struct {
    bool open[HANDLE_COUNT];
    char **environment;
    sigset_t mask;
    bool ignored[NSIG];
    struct rlimit limits[RLIM_NLIMITS];
    mode_t umask;
    char folder[PATH_MAX];
} begun;

/* Room for one more at the start, see anew_execute(). */
static char **copy_environment(void)
{
    size_t count = 0;
    while (environ[count])
        count++;
    char **copy = calloc(count + 2, sizeof *copy);
    for (size_t i = 0, next = 1; copy && i < count; i++)
        if (strncmp(environ[i], ANEW_VARIABLE "=", sizeof ANEW_VARIABLE) != 0)
            copy[next++] = strdup(environ[i]);
    return copy;
}

static void for_each_descriptor(void (*each)(int handle))
{
    DIR *directory = opendir("/proc/self/fd");
    for (struct dirent *entry; directory && (entry = readdir(directory)) != NULL;) {
        int handle = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && handle != dirfd(directory))
            each(handle);
    }
    if (directory)
        closedir(directory);
}

static void remember_descriptor(int handle)
{
    if (handle < HANDLE_COUNT)
        begun.open[handle] = true;
}

/* A test's own descriptors need not be close-on-exec. */
static void close_at_execution(int handle)
{
    if (handle >= HANDLE_COUNT || !begun.open[handle])
        (void)syscall(SYS_fcntl, handle, F_SETFD, FD_CLOEXEC);
}

void anew_remember(void)
{
    for_each_descriptor(remember_descriptor);
    begun.environment = copy_environment();
    (void)sigprocmask(SIG_SETMASK, NULL, &begun.mask);
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        begun.ignored[number] =
            sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
    }
    for (int i = 0; i < RLIM_NLIMITS; i++)
        (void)getrlimit((limit_number)i, &begun.limits[i]);
    begun.umask = umask(0);
    (void)umask(begun.umask);
    if (!getcwd(begun.folder, sizeof begun.folder))
        begun.folder[0] = '\0';
}

/* Handlers are taken away by the kernel. Signals that the storm of support/signals.c has sent
 * already must not meet the new program before its handler is there. */
static void restore_signals(void)
{
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (!begun.ignored[number] && sigaction(number, NULL, &action) == 0 &&
            action.sa_handler == SIG_IGN)
            (void)signal(number, SIG_DFL);
    }
    if (getenv("SENNIT_TEST_SIGNALS"))
        (void)signal(SIGALRM, SIG_IGN);
    (void)sigprocmask(SIG_SETMASK, &begun.mask, NULL);
}

/* What the kernel hands on. */
static void restore(void)
{
    restore_signals();
    for (int i = 0; i < RLIM_NLIMITS; i++)
        (void)setrlimit((limit_number)i, &begun.limits[i]);
    (void)umask(begun.umask);
    (void)!chdir(begun.folder);
    for_each_descriptor(close_at_execution);
}

/* An emulator sees to it that the program finds its own path; the kernel would find the emulator's.
 */
static size_t put_emulator(struct anew_command *command, const char *emulator)
{
    static char text[1024], program[PATH_MAX];
    size_t count = 0, room = sizeof command->words / sizeof command->words[0] - 3;
    snprintf(text, sizeof text, "%s", emulator);
    char *rest = text;
    for (char *word; count < room && (word = strtok_r(rest, " ", &rest)) != NULL;)
        command->words[count++] = word;
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    command->path = command->words[0];
    command->words[count++] = program;
    return count;
}

void anew_command_make(struct anew_command *out_command, const char *argument)
{
    const char *emulator = getenv("SENNIT_TEST_EMULATOR");
    size_t count = 0;
    /* Not by its name, which leads nowhere in a mount namespace that was made since. */
    *out_command = (struct anew_command){.path = "/proc/self/exe"};
    if (emulator && emulator[0] != '\0')
        count = put_emulator(out_command, emulator);
    else
        out_command->words[count++] = program_invocation_name;
    out_command->words[count] = (char *)(uintptr_t)argument;
}

void anew_execute(const char *word)
{
    static char variable[64 * 1024];
    snprintf(variable, sizeof variable, ANEW_VARIABLE "=%s", word);
    if (begun.environment) {
        begun.environment[0] = variable;
        (void)fflush(NULL);
        restore();
        struct anew_command command;
        anew_command_make(&command, NULL);
        (void)execve(command.path, command.words, begun.environment);
    }
    perror("a new process for the tests after a failure");
}
