/* Closing, releasing and cancelling (contract A.9, architecture 3). */
#include "socket/object/object.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "socket/object/unix_file.h"
#include "sys/sys.h"

static void make_abortive(sn_socket *socket)
{
    atomic_or_acq_rel(&socket->descriptor.marks, (uint32_t)DESCRIPTOR_ABORTIVE);
}

/*
 * Whether the peer has taken everything and finished within the time, and nothing of it is left
 * unread. The socket is closing already, so nobody else receives from it.
 */
static bool peer_finishes(sn_socket *socket, sn_milliseconds timeout_ms)
{
    /* What somebody was sending has gone in part only, and the end of the stream would hide that.
     * In this order: a send that the close has ended is marked so before it leaves the lane. */
    if (atomic_load_acquire(&socket->descriptor.lanes[DIRECTION_OUT]) != 0 ||
        (atomic_load_acquire(&socket->descriptor.marks) & DESCRIPTOR_SEND_CUT))
        return false;
    if (sys_shutdown(socket_handle(socket), SHUT_WR) < 0)
        return false;
    struct sys_poll poll = {.handle = socket_handle(socket), .events = POLLIN};
    if (closing_poll(&poll, 1, deadline_after(timeout_ms)) <= 0)
        return false;
    char byte;
    int unread = 0;
    return sys_receive(poll.handle, &byte, 1, MSG_PEEK) == 0 &&
           sys_available(poll.handle, &unread) >= 0 && unread == 0;
}

static void begin_close(sn_socket *socket, sn_milliseconds timeout_ms)
{
    if (descriptor_begin_close(&socket->descriptor)) {
        socket_clear(socket, SOCKET_CONNECTED);
        unix_file_remove(socket);
        bool is_owned = (atomic_load_acquire(&socket->descriptor.marks) & DESCRIPTOR_OWNED) != 0;
        if (is_owned && timeout_ms >= 0 && (timeout_ms == 0 || !peer_finishes(socket, timeout_ms)))
            make_abortive(socket);
        socket_unref(socket);
    }
}

static void close_socket(sn_socket *socket, sn_milliseconds timeout_ms)
{
    begin_close(socket, timeout_ms);
    descriptor_wait_closed(&socket->descriptor);
}

void sn_socket_close(sn_socket *socket)
{
    if (socket)
        close_socket(socket, SN_FOREVER);
}

sn_error sn_socket_close_within(sn_socket *socket, sn_milliseconds timeout_ms)
{
    if (!socket)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (timeout_ms < SN_FOREVER)
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    close_socket(socket, timeout_ms);
    return SN_OK;
}

void sn_socket_release(sn_socket *socket)
{
    if (!socket || atomic_sub_acq_rel(&socket->references, 1u) > 1)
        return;
    sn_socket_close(socket);
    socket_let_go(socket);
}

bool sn_socket_close_async(sn_socket *socket, sn_operation *operation)
{
    if (!operation_begin(operation, SN_OPERATION_CLOSE))
        return false;
    if (!socket) {
        socket_refuse_async(NULL, operation, socket_misuse(SN_ERROR_ARGUMENT_NULL));
        return true;
    }
    /* The program may give its reference back as soon as the operation completes. */
    sn_socket *held = sn_socket_retain(socket);
    descriptor_notice_fork(&held->descriptor);
    atomic_or_acq_rel(&held->descriptor.marks, (uint32_t)DESCRIPTOR_NO_WAIT);
    closing_start(&held->descriptor, operation);
    begin_close(held, SN_FOREVER);
    sn_socket_release(held);
    return true;
}

void sn_socket_cancel(sn_socket *socket)
{
    if (!socket || !descriptor_ref(&socket->descriptor))
        return;
    descriptor_cancel(&socket->descriptor);
    socket_unref(socket);
}
