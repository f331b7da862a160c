/* How a socket connects, as its program has set it. */
#include "socket/connect/connect.h"

#include <string.h>

#include "sys/sys.h"

/* The record of 0.2: what `size` 0 means for ever, and the least that there is. */
#define SIZE_OF_0_2 (offsetof(sn_connect_options, log) + sizeof(sn_connect_log *))

#define DELAY_MS_MIN 10 /* of RFC 8305, section 8: below it attempts are as good as at once */

/* --- Reading the program's record ------------------------------------------------------------- */

static sn_error check(const sn_connect_options *options)
{
    if (options->algorithm != SN_CONNECT_DEFAULT && options->algorithm != SN_CONNECT_PARALLEL)
        return SN_ERROR_ARGUMENT; /* .NET's ArgumentException */
    if (options->attempt_delay_ms != 0 && options->attempt_delay_ms < DELAY_MS_MIN)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    return SN_OK;
}

sn_error connect_options_read(const sn_connect_options *given, sn_connect_options *out)
{
    switch (sized_read(given, SIZE_OF_0_2, out, sizeof *out)) {
    case SIZED_OK: return check(out);
    case SIZED_TOO_SMALL: break;
    case SIZED_UNKNOWN: return SN_ERROR_NOT_SUPPORTED;
    }
    return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}

/* --- The socket's own ------------------------------------------------------------------------- */

void connect_options_of(const sn_socket *socket, sn_connect_options *out)
{
    *out = (sn_connect_options){0};
    if (!socket_is(socket, SOCKET_CONNECT_OPTIONS))
        return;
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    if (socket->rare && socket->rare->connect)
        *out = *socket->rare->connect;
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
}

/* Under the guard. */
static bool remember(sn_socket *socket, const sn_connect_options *options)
{
    struct socket_rare *rare = socket_rare(socket);
    if (rare && !rare->connect)
        rare->connect = memory_zeroed(sizeof *rare->connect);
    if (!rare || !rare->connect)
        return false;
    *rare->connect = *options;
    return true;
}

static bool is_default(const sn_connect_options *options)
{
    return options->algorithm == SN_CONNECT_DEFAULT && options->attempt_delay_ms == 0 &&
           !options->log;
}

sn_error connect_options_set(sn_socket *socket, const sn_connect_options *options)
{
    if (is_default(options)) {
        connect_options_forget(socket);
        return SN_OK;
    }
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    bool is_remembered = remember(socket, options);
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    if (!is_remembered)
        return SN_ERROR_OUT_OF_MEMORY;
    socket_set(socket, SOCKET_CONNECT_OPTIONS);
    return SN_OK;
}

void connect_options_forget(sn_socket *socket)
{
    socket_clear(socket, SOCKET_CONNECT_OPTIONS);
}

bool connect_is_race(const sn_socket *socket)
{
    sn_connect_options options;
    /* A handle that was read keeps its file, which the winner's would replace. */
    if (socket_type(socket) != SN_TYPE_STREAM || socket_is(socket, SOCKET_EXPOSED))
        return false;
    connect_options_of(socket, &options);
    return options.algorithm == SN_CONNECT_PARALLEL;
}

/* A race that is under way in the process that has forked this one is none here. */
bool connect_race_claim(sn_socket *socket)
{
    const uint64_t ours = (uint64_t)sys_fork_count() + 1;
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    struct socket_rare *rare = socket->rare; /* it is there: its options say that it races */
    bool is_free = rare && rare->racing != ours;
    if (is_free)
        rare->racing = ours;
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    return is_free;
}

void connect_race_give_back(sn_socket *socket)
{
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    socket->rare->racing = 0;
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
}

/* --- The program's calls ---------------------------------------------------------------------- */

sn_error sn_socket_set_connect_options(sn_socket *socket, const sn_connect_options *options)
{
    sn_connect_options known;
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = connect_options_read(options, &known);
    if (!error)
        error = connect_options_set(socket, &known);
    socket_unref(socket);
    return error ? socket_misuse(error) : SN_OK;
}

sn_error sn_socket_get_connect_options(sn_socket *socket, sn_connect_options *out_options,
                                       size_t size)
{
    sn_connect_options options;
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    connect_options_of(socket, &options);
    socket_unref(socket);
    if (!out_options)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    size_t known = size < sizeof options ? size : sizeof options;
    options.size = known;
    memcpy(out_options, &options, known);
    memset((char *)out_options + known, 0, size - known);
    return SN_OK;
}
