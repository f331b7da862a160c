/* Threads, processors and forks of this process. */
#include "sys/sys.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/thread_mask.h"

uint32_t sys_forks;

static void count_fork(void)
{
    sys_forks++;
}

/* Before anything else runs, so that no fork is missed. */
__attribute__((constructor)) static void watch_forks(void)
{
    (void)sys_on_fork(NULL, NULL, count_fork);
}

int32_t sys_on_fork(void (*before)(void), void (*parent)(void), void (*child)(void))
{
    return -pthread_atfork(before, parent, child);
}

uint32_t sys_process_id(void)
{
    return (uint32_t)getpid();
}

uint64_t sys_thread_number(void)
{
    static uint64_t last;
    static _Thread_local uint64_t number;
    if (number == 0)
        number = atomic_add_relaxed(&last, 1u) + 1;
    return number;
}

uint32_t sys_processor_count(void)
{
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors) < 0)
        return 1;
    return (uint32_t)CPU_COUNT(&processors); /* the one that this runs on is among them */
}

int32_t sys_thread_start(pthread_t *out_thread, void *(*run)(void *), void *argument)
{
    sigset_t mask, old;
    thread_mask_fill(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, &old);
    int failed = pthread_create(out_thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return -failed;
}
