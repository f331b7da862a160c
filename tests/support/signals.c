/*
 * With SENNIT_TEST_SIGNALS=1 every thread of a test program gets a SIGALRM each millisecond, whose
 * handler does nothing and does not ask for system calls to be restarted. No test may end
 * differently for it.
 *
 * A timer of the process would signal the main thread almost always, and the threads that sit in
 * blocking calls never. So a thread of its own goes through the list of threads and signals each.
 */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void test_signals_begin(void);

static void do_nothing(int number)
{
    (void)number;
}

static void signal_all(DIR *tasks, pid_t process, pid_t self)
{
    rewinddir(tasks);
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        pid_t task = (pid_t)atoi(entry->d_name);
        if (task > 0 && task != self)
            (void)syscall(SYS_tgkill, process, task, SIGALRM); /* it may have ended: no matter */
    }
}

static void *signaller(void *tasks)
{
    pid_t process = getpid(), self = (pid_t)syscall(SYS_gettid);
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (;;) {
        next.tv_nsec += 1000000;
        if (next.tv_nsec >= 1000000000) {
            next.tv_nsec -= 1000000000;
            next.tv_sec++;
        }
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
        signal_all(tasks, process, self);
    }
    return NULL;
}

/* Linked into every test program (see tests/CMakeLists.txt) and run before its main function. */
__attribute__((constructor)) void test_signals_begin(void)
{
    const char *wanted = getenv("SENNIT_TEST_SIGNALS");
    if (!wanted || strcmp(wanted, "1") != 0)
        return;
    struct sigaction action = {.sa_handler = do_nothing};
    pthread_t thread;
    sigset_t all, before;
    DIR *tasks = opendir("/proc/self/task");
    sigfillset(&all); /* it sends, and takes none that a test sends to its process */
    if (!tasks || sigaction(SIGALRM, &action, NULL) != 0 ||
        pthread_sigmask(SIG_SETMASK, &all, &before) != 0 ||
        pthread_create(&thread, NULL, signaller, tasks) != 0 ||
        pthread_sigmask(SIG_SETMASK, &before, NULL) != 0) {
        perror("SENNIT_TEST_SIGNALS");
        exit(2);
    }
    pthread_detach(thread);
}
