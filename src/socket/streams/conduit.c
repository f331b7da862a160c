#include "socket/streams/conduit.h"

#include "error/error.h"
#include "socket/verbs/transfer.h"
#include "sys/sys.h"

const struct verb conduit_in_verb = {
    .kind = SN_OPERATION_RECEIVE,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_RECEIVE,
    .transfers = TRANSFERS_IN,
};

const struct verb conduit_out_verb = {
    .kind = SN_OPERATION_SEND,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_SEND,
    .transfers = TRANSFERS_OUT,
};

/* --- Its life --------------------------------------------------------------------------------- */

void conduit_init(struct conduit *conduit)
{
    *conduit = (struct conduit){.pipe = {-1, -1}};
}

static void close_pipe(struct conduit *conduit)
{
    for (int i = 0; i < 2; i++) {
        if (conduit->pipe[i] >= 0)
            (void)sys_close(conduit->pipe[i]);
        conduit->pipe[i] = -1;
    }
}

sn_error conduit_open(struct conduit *conduit)
{
    int32_t pipe[2];
    conduit_init(conduit);
    if (sys_pipe(pipe) < 0) /* no descriptor is free: memory does as well */
        return conduit_use_buffer(conduit);
    conduit->pipe[0] = pipe[0];
    conduit->pipe[1] = pipe[1];
    return SN_OK;
}

void conduit_close(struct conduit *conduit)
{
    close_pipe(conduit);
    memory_free(conduit->buffer);
    conduit->buffer = NULL;
}

/* --- In and out ------------------------------------------------------------------------------- */

static void set_file(sn_operation *operation, const sn_socket *socket)
{
    if (atomic_load_relaxed(&socket->descriptor.marks) & DESCRIPTOR_NOT_SOCKET)
        record_of(operation)->marks |= MARK_NOT_SOCKET;
}

static void use_pipe(sn_operation *operation, int32_t pipe, size_t size)
{
    record_of(operation)->room.splice = (struct splice_place){.pipe = pipe};
    transfer_set_data(operation, NULL, size);
}

void conduit_prepare_in(struct conduit *conduit, sn_operation *operation, const sn_socket *socket)
{
    assert(conduit->held == 0);
    set_file(operation, socket);
    record_of(operation)->action = conduit->buffer ? ACTION_RECEIVE : ACTION_SPLICE_IN;
    if (conduit->buffer)
        transfer_set_data(operation, conduit->buffer, SPLICE_SIZE);
    else
        use_pipe(operation, conduit->pipe[1], SPLICE_SIZE);
}

void conduit_prepare_out(struct conduit *conduit, sn_operation *operation, const sn_socket *socket)
{
    assert(conduit->held > 0);
    set_file(operation, socket);
    record_of(operation)->marks |= MARK_ALL;
    record_of(operation)->action = conduit->buffer ? ACTION_SEND : ACTION_SPLICE_OUT;
    if (conduit->buffer)
        transfer_set_data(operation, conduit->buffer + conduit->start, conduit->held);
    else
        use_pipe(operation, conduit->pipe[0], conduit->held);
}

void conduit_note_in(struct conduit *conduit, const sn_operation *operation)
{
    conduit->start = 0;
    conduit->held = operation->transferred;
}

void conduit_note_out(struct conduit *conduit, const sn_operation *operation)
{
    assert(operation->transferred <= conduit->held);
    conduit->start += operation->transferred;
    conduit->held -= operation->transferred;
}

/* --- Where the kernel does not do it ---------------------------------------------------------- */

bool conduit_is_refused(const struct conduit *conduit, const sn_operation *operation)
{
    return !conduit->buffer && !operation->error && record_of(operation)->room.splice.is_refused;
}

static int64_t drain(struct conduit *conduit)
{
    size_t size = 0;
    while (size < conduit->held) {
        const struct iovec piece = {conduit->buffer + size, conduit->held - size};
        int64_t result = sys_read(conduit->pipe[0], &piece, 1);
        if (result < 0)
            return result;
        size += (size_t)result;
    }
    return 0;
}

sn_error conduit_use_buffer(struct conduit *conduit)
{
    conduit->buffer = memory_zeroed(SPLICE_SIZE);
    if (!conduit->buffer)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    conduit->start = 0;
    int64_t result = drain(conduit);
    close_pipe(conduit);
    if (result == 0)
        return SN_OK;
    error_set_last_native((int)-result);
    return sn_error_from_native((int)-result);
}
