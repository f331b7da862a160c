#include "interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

static sigset_t endings; /* written before the thread starts, only read afterwards */

/* Release before the close, acquire after a failed call: who sees the failure sees its cause. */
static atomic_bool is_coming;

/*
 * A handler may not close a socket (the call takes locks), so a thread waits for the signals. After
 * the close it dies of the signal itself, and the shell sees the true reason.
 */
static void *wait_for_signal(void *argument)
{
    sn_socket *socket = argument;
    int number = SIGTERM;
    (void)sigwait(&endings, &number);
    atomic_store_explicit(&is_coming, true, memory_order_release);
    sn_socket_close(socket);
    (void)signal(number, SIG_DFL);
    (void)pthread_sigmask(SIG_UNBLOCK, &endings, NULL);
    (void)kill(getpid(), number);
    return NULL;
}

/* What is ignored from the start (nohup, a job in the background) must go on being ignored, but a
 * blocked signal would wake sigwait all the same. */
static void choose_endings(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    sigemptyset(&endings);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction current;
        if (sigaction(numbers[i], NULL, &current) == 0 && current.sa_handler != SIG_IGN)
            sigaddset(&endings, numbers[i]);
    }
}

void interrupt_closes(sn_socket *socket)
{
    sigset_t before;
    choose_endings();
    (void)pthread_sigmask(SIG_BLOCK, &endings, &before);

    pthread_t thread;
    if (pthread_create(&thread, NULL, wait_for_signal, sn_socket_retain(socket)) != 0) {
        sn_socket_release(socket);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        return; /* the signals still work; only a socket file would stay */
    }
    (void)pthread_detach(thread);
}

void interrupt_wait_if_coming(void)
{
    while (atomic_load_explicit(&is_coming, memory_order_acquire))
        (void)pause();
}
