/*
 * Signals waited for like data: in one call with a socket, and one after the other. The program
 * sends them to itself, so that it ends by itself.
 *
 *     cc signals.c $(pkg-config --cflags --libs sennit)
 */
#include <pthread.h>
#include <sennit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static sn_socket *open_signals(void)
{
    static const int wanted[] = {SIGHUP, SIGTERM, SIGCHLD};
    sigset_t set;
    sn_socket *signals;
    sigemptyset(&set);
    for (int i = 0; i < 3; i++)
        sigaddset(&set, wanted[i]);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* before there are other threads */
    check("signals", sn_signals_open(wanted, 3, &signals));
    return signals;
}

/* A signal or a byte, whichever comes first. */
static bool wait_for_either(sn_socket *signals, sn_socket *socket)
{
    sn_socket *sockets[] = {signals, socket};
    sn_socket_list ready = {.sockets = sockets, .count = 2};
    check("select", sn_socket_select(&ready, NULL, NULL, -1));
    return ready.sockets[0] == signals;
}

static void begin_child(void)
{
    fflush(stdout);
    if (fork() == 0)
        _exit(3);
}

int main(void)
{
    sn_signal signal = {0};
    sn_socket *pair[2], *signals = open_signals();
    check("pair", sn_socket_pair(SN_TYPE_STREAM, pair));

    kill(getpid(), SIGHUP);
    if (!wait_for_either(signals, pair[0]))
        return EXIT_FAILURE;
    check("receive", sn_signals_receive(signals, &signal));
    printf("signal %d from process %u\n", signal.number, (unsigned)signal.process_id);

    begin_child();
    check("receive", sn_signals_receive(signals, &signal));
    printf("a child has ended with %d\n", signal.status);
    if (signal.number != SIGCHLD || signal.status != 3)
        return EXIT_FAILURE;
    waitpid((pid_t)signal.process_id, NULL, 0);

    kill(getpid(), SIGTERM);
    check("receive", sn_signals_receive(signals, &signal));
    printf("signal %d: the end\n", signal.number);
    sn_socket_release(signals);
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
    return signal.number == SIGTERM ? EXIT_SUCCESS : EXIT_FAILURE;
}
