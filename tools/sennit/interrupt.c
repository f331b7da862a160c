#include "interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

static sigset_t endings; /* written before the thread starts, only read afterwards */

/* Whether the program dies of the signal, or comes to its own end; written before as well. */
static bool is_deadly;

/* Release before the close, acquire after a failed call: who sees the failure sees its cause. */
static atomic_bool is_coming;

/*
 * A handler may not close a socket (the call takes locks), so a thread waits for the signals. If it
 * is deadly it dies of the signal itself after the close, and the shell sees the true reason; if
 * not, a second signal is.
 */
static void *wait_for_signal(void *argument)
{
    sn_socket *socket = argument;
    int number = SIGTERM;
    (void)sigwait(&endings, &number);
    atomic_store_explicit(&is_coming, true, memory_order_release);
    sn_socket_close(socket);
    if (!is_deadly)
        (void)sigwait(&endings, &number);
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

static void begin(sn_socket *socket)
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

void interrupt_closes(sn_socket *socket)
{
    is_deadly = true;
    begin(socket);
}

void interrupt_ends(sn_socket *socket)
{
    is_deadly = false;
    begin(socket);
}

bool interrupt_is_coming(void)
{
    return atomic_load_explicit(&is_coming, memory_order_acquire);
}

void interrupt_wait_if_coming(void)
{
    while (interrupt_is_coming())
        (void)pause();
}
