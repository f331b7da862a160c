/* Signals as something to read. */
#include "sys/sys.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "sys/retry.h"

/* False: one is no signal, or none that can be waited for. */
static bool fill(const int *numbers, size_t count, sigset_t *out_set)
{
    sigemptyset(out_set);
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == SIGKILL || numbers[i] == SIGSTOP || sigaddset(out_set, numbers[i]) < 0)
            return false;
    return true;
}

int32_t sys_signals_are_blocked(const int *numbers, size_t count)
{
    sigset_t wanted, blocked;
    if (!fill(numbers, count, &wanted))
        return -EINVAL;
    int failed = pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    if (failed)
        return -failed;
    for (size_t i = 0; i < count; i++)
        if (!sigismember(&blocked, numbers[i]))
            return 0;
    return 1;
}

int32_t sys_signals_open(const int *numbers, size_t count)
{
    sigset_t wanted;
    if (!fill(numbers, count, &wanted))
        return -EINVAL;
    return SYS_RETRY(int32_t, signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
}

int32_t sys_signals_read(int32_t handle, struct sys_signal *out_signal)
{
    struct signalfd_siginfo told;
    int64_t result = SYS_RETRY(int64_t, read(handle, &told, sizeof told));
    if (result < 0)
        return (int32_t)result;
    *out_signal = (struct sys_signal){
        .number = (int32_t)told.ssi_signo,
        .code = told.ssi_code,
        .process_id = told.ssi_pid,
        .user_id = told.ssi_uid,
        .status = told.ssi_status,
        .value = told.ssi_int,
        .pointer = told.ssi_ptr,
        .address = told.ssi_addr,
    };
    return 0;
}
