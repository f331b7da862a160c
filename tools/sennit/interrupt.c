/*
 * The signals are the library's own operations: a handler may not take a lock, and a thread that
 * sits in sigwait() would be one more. The cancel ends what waits, wherever that is: in an accept,
 * a lookup, a connect by any of several addresses.
 */
#include "interrupt.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

/* For coming to an end; what sits in a write to a pipe that nobody reads never does. */
enum { GRACE_MS = 2000 };

static sn_cancellation *cancellation;
static sn_cancellation_scope first_scope;
static sn_socket *source;
static sn_signal arrived;
static sn_operation operation;
static sigset_t mask_before;

static void (*_Atomic tell_others)(int number); /* NULL: nobody */
static atomic_int number;                       /* of the signal that came; 0: none */
static bool is_forgiven;
static atomic_bool is_at_end; /* what is left to be done takes no time that is to be limited */

static void tell(int what)
{
    void (*others)(int) = atomic_load(&tell_others);
    if (others)
        others(what);
}

static void die(int by)
{
    sigset_t set;
    tell(SIGKILL);
    sigemptyset(&set);
    sigaddset(&set, by);
    (void)signal(by, SIG_DFL);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    (void)kill(getpid(), by);
    _exit(128 + by); /* not reached, but for a signal that a debugger takes away */
}

/* Runs on a thread of the engine. */
static void take_signal(sn_operation *done)
{
    int first = atomic_load(&number);
    if (done->error && (done->error != SN_ERROR_TIMED_OUT || atomic_load(&is_at_end)))
        return;
    if (first != 0)
        die(done->error ? first : arrived.number);
    atomic_store(&number, arrived.number);
    sn_cancellation_cancel(cancellation);
    tell(arrived.number);
    done->timeout_ms = GRACE_MS;
    (void)sn_signals_receive_async(source, &arrived, done);
}

static size_t choose(int *out_numbers)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    size_t count = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction current;
        if (sigaction(numbers[i], NULL, &current) == 0 && current.sa_handler != SIG_IGN)
            out_numbers[count++] = numbers[i];
    }
    return count;
}

void interrupt_begin(void)
{
    int numbers[4];
    sigset_t set;
    size_t count = choose(numbers);
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++)
        sigaddset(&set, numbers[i]);
    (void)pthread_sigmask(SIG_BLOCK, &set, &mask_before);
    if (count == 0)
        return;
    sn_error error = sn_cancellation_create(&cancellation);
    if (!error)
        error = sn_signals_open(numbers, count, &source);
    if (error) { /* the signals still work; only a socket's file would stay */
        (void)pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
        return;
    }
    operation.completed = take_signal;
    (void)sn_signals_receive_async(source, &arrived, &operation);
    interrupt_enter(&first_scope);
}

void interrupt_enter(sn_cancellation_scope *scope)
{
    if (cancellation)
        (void)!sn_cancellation_enter(cancellation, scope);
}

void interrupt_leave(sn_cancellation_scope *scope)
{
    if (cancellation)
        (void)sn_cancellation_leave(scope);
}

bool interrupt_is_coming(void)
{
    return atomic_load(&number) != 0;
}

sn_cancellation *interrupt_cancellation(void)
{
    return cancellation;
}

const sigset_t *interrupt_mask_before(void)
{
    return &mask_before;
}

void interrupt_tell(void (*others)(int number))
{
    atomic_store(&tell_others, others);
}

void interrupt_forgive(void)
{
    is_forgiven = true;
}

void interrupt_die_if_due(void)
{
    int by = atomic_load(&number);
    atomic_store(&is_at_end, true);
    if (by != 0 && !is_forgiven)
        die(by);
}
