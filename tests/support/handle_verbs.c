#include "support/handle_verbs.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"

struct detach {
    struct call call;
    sn_socket *socket;
    sn_handle *out_handle;
    bool blocking;
};

static void start_detach(void *arguments)
{
    struct detach *detach = arguments;
    sn_socket_detach_async(detach->socket, detach->blocking, detach->out_handle,
                           &detach->call.operation);
}

sn_error do_detach(sn_socket *socket, bool blocking, sn_handle *out_handle)
{
    struct detach detach = {.socket = socket, .blocking = blocking, .out_handle = out_handle};
    if (!call_begin(&detach.call, socket, NULL))
        return sn_socket_detach(socket, blocking, out_handle);
    call_start(&detach.call, start_detach, &detach);
    return call_end(&detach.call, NULL);
}

struct transfer {
    struct call call;
    sn_socket *socket;
    void *data;
    size_t size;
    sn_handle *handles;
    size_t count;
    sn_flags flags;
};

static void start_send(void *arguments)
{
    struct transfer *send = arguments;
    sn_socket_send_handles_async(send->socket, send->data, send->size, send->handles, send->count,
                                 send->flags, &send->call.operation);
}

sn_error do_send_handles(sn_socket *socket, const void *data, size_t size, const sn_handle *handles,
                         size_t handle_count, sn_flags flags, size_t *out_sent)
{
    struct transfer send = {.socket = socket,
                            .data = (void *)(uintptr_t)data,
                            .size = size,
                            .handles = (sn_handle *)(uintptr_t)handles,
                            .count = handle_count,
                            .flags = flags};
    if (!call_begin(&send.call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_handles(socket, data, size, handles, handle_count, flags, out_sent);
    call_start(&send.call, start_send, &send);
    return call_end(&send.call, out_sent);
}

static void start_receive(void *arguments)
{
    struct transfer *receive = arguments;
    sn_socket_receive_handles_async(receive->socket, receive->data, receive->size, receive->handles,
                                    receive->count, receive->flags, &receive->call.operation);
}

sn_error do_receive_handles(sn_socket *socket, void *data, size_t size, sn_handle *handles,
                            size_t room, sn_flags *inout_flags, size_t *out_handle_count,
                            size_t *out_received)
{
    struct transfer receive = {
        .socket = socket, .data = data, .size = size, .handles = handles, .count = room};
    if (!inout_flags || !out_handle_count || !out_received ||
        !call_begin(&receive.call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_handles(socket, data, size, handles, room, inout_flags,
                                         out_handle_count, out_received);
    receive.flags = *inout_flags;
    call_start(&receive.call, start_receive, &receive);
    sn_error error = call_end(&receive.call, out_received);
    if (!error) {
        *inout_flags = receive.call.operation.flags;
        *out_handle_count = sn_operation_get_handle_count(&receive.call.operation);
    }
    return error;
}

/* musl copies control messages, and before 1.2.4 has room for 1024 bytes of them. */
bool handles_all_fit(void)
{
    int ends[2];
    char byte = 'x';
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(SN_HANDLES_MAX * sizeof(int))];
    } control = {.header = {.cmsg_len = (socklen_t)CMSG_LEN(SN_HANDLES_MAX * sizeof(int)),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS}};
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control.bytes};
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    for (size_t i = 0; i < SN_HANDLES_MAX; i++)
        memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &ends[0], sizeof ends[0]);
    bool is_refused = sendmsg(ends[0], &message, 0) < 0 && errno == ENOMEM;
    close(ends[0]);
    close(ends[1]);
    return !is_refused;
}
