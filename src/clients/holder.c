#include "clients/holder.h"

#include "engine/engine.h"
#include "error/error.h"

void holder_init(struct holder *holder, sn_socket *socket, bool is_active)
{
    holder->socket = socket;
    holder->is_active = is_active;
    holder->is_closed = false;
    holder->references = 1;
}

void holder_deinit(struct holder *holder)
{
    sn_socket_release(holder->socket);
    holder->socket = NULL;
}

void holder_retain(struct holder *holder)
{
    atomic_add_relaxed(&holder->references, 1u);
}

bool holder_release(struct holder *holder)
{
    /* Acquire and release: what other threads did with the object happened before it goes. */
    uint32_t before = atomic_sub_acq_rel(&holder->references, 1u);
    assert(before > 0);
    return before == 1;
}

sn_error holder_use(struct holder *holder, sn_socket **out_socket)
{
    sn_error error = SN_OK;
    guard_acquire(GUARD_CLIENT, holder);
    if (holder->is_closed)
        error = SN_ERROR_OBJECT_DISPOSED;
    else if (!holder->socket)
        error = SN_ERROR_INVALID_OPERATION;
    else
        *out_socket = sn_socket_retain(holder->socket);
    guard_release(GUARD_CLIENT, holder);
    return error ? misuse(error) : SN_OK;
}

sn_socket *holder_peek(const struct holder *holder)
{
    guard_acquire(GUARD_CLIENT, holder);
    sn_socket *socket = holder->is_closed ? NULL : sn_socket_retain(holder->socket);
    guard_release(GUARD_CLIENT, holder);
    return socket;
}

bool holder_is_empty(const struct holder *holder)
{
    guard_acquire(GUARD_CLIENT, holder);
    bool is_empty = !holder->is_closed && !holder->socket;
    guard_release(GUARD_CLIENT, holder);
    return is_empty;
}

void holder_fill(struct holder *holder, sn_socket *socket)
{
    guard_acquire(GUARD_CLIENT, holder);
    if (!holder->is_closed && !holder->socket) {
        holder->socket = socket;
        socket = NULL;
    }
    guard_release(GUARD_CLIENT, holder);
    sn_socket_release(socket);
}

sn_socket *holder_borrow(const struct holder *holder)
{
    guard_acquire(GUARD_CLIENT, holder);
    sn_socket *socket = holder->is_closed ? NULL : holder->socket;
    guard_release(GUARD_CLIENT, holder);
    return socket;
}

sn_socket *holder_exchange(struct holder *holder, sn_socket *socket)
{
    guard_acquire(GUARD_CLIENT, holder);
    sn_socket *before = holder->socket;
    holder->socket = socket;
    guard_release(GUARD_CLIENT, holder);
    return before;
}

sn_error holder_replace(struct holder *holder, sn_socket *socket)
{
    sn_socket *before = NULL;
    guard_acquire(GUARD_CLIENT, holder);
    bool is_closed = holder->is_closed;
    if (!is_closed) {
        before = holder->socket;
        holder->socket = socket;
    }
    guard_release(GUARD_CLIENT, holder);
    sn_socket_release(before);
    return is_closed ? misuse(SN_ERROR_OBJECT_DISPOSED) : SN_OK;
}

sn_socket *holder_close(struct holder *holder)
{
    guard_acquire(GUARD_CLIENT, holder);
    sn_socket *socket = holder->is_closed ? NULL : holder->socket;
    holder->is_closed = true;
    guard_release(GUARD_CLIENT, holder);
    return socket;
}

bool holder_is_active(const struct holder *holder)
{
    guard_acquire(GUARD_CLIENT, holder);
    bool is_active = holder->is_active;
    guard_release(GUARD_CLIENT, holder);
    return is_active;
}

void holder_set_active(struct holder *holder, bool is_active)
{
    guard_acquire(GUARD_CLIENT, holder);
    holder->is_active = is_active;
    guard_release(GUARD_CLIENT, holder);
}

void close_gracefully(sn_socket *socket)
{
    if (!socket)
        return;
    (void)!sn_socket_shutdown(socket, SN_SHUTDOWN_BOTH); /* it may never have been connected */
    sn_socket_close(socket);
}

sn_error misuse(sn_error error)
{
    error_set_last_native(0);
    return error;
}

bool complete_now(sn_operation *operation, sn_operation_kind kind, sn_error error)
{
    if (!operation_begin(operation, kind))
        return false;
    operation->error = error;
    operation_refuse(NULL, operation);
    return true;
}
