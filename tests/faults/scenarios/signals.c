/* A source of signals: opened, waited for in both forms, and released with a wait pending. */
#include "faults/scenarios/all.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct op receiving;

/* One that nobody sends but this. It stays blocked, and what is left of it is harmless. */
static int wanted(void)
{
    return SIGRTMIN + 4;
}

static bool send_one(void)
{
    return step("send a signal", kill(getpid(), wanted()) == 0 ? SN_OK : SN_ERROR_SOCKET_ERROR);
}

static void wait_here(sn_socket *signals)
{
    sn_signal told = {0};
    if (send_one() && step("wait for a signal", sn_signals_receive(signals, &told)))
        must(told.number == wanted(), "another signal came than was sent");
}

static void wait_async(sn_engine *engine, sn_socket *signals)
{
    static sn_signal told;
    memset(&told, 0, sizeof told);
    if (!step("set the engine", sn_socket_set_engine(signals, engine)))
        return;
    sn_signals_receive_async(signals, &told, op_ready(&receiving, NULL));
    if (send_one() && step("wait for it", sn_operation_wait(&receiving.operation)))
        must(told.number == wanted(), "another signal came asynchronously");
}

void play_signals(void)
{
    const int numbers[] = {wanted()};
    sigset_t set;
    sn_socket *signals = NULL;
    sigemptyset(&set);
    sigaddset(&set, numbers[0]);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    memset(&receiving, 0, sizeof receiving);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (step("open a source", sn_signals_open(numbers, 1, &signals))) {
        keep(signals);
        wait_here(signals);
        wait_async(engine, signals);
    }
    engine_end(engine, 1);
    while (sigtimedwait(&set, NULL, &(struct timespec){0}) > 0)
        continue; /* what a wait that failed has left */
}
