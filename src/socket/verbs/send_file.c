/* SendFile: memory, a file, memory, as one send (contract B.11). */
#include "socket/verbs/packets.h"

/* What is to be sent. */
struct file_send {
    const char *path; /* NULL: none is named by a path */
    bool has_file;    /* one is named by its descriptor */
    sn_handle file;
    int64_t offset, count;
    const void *pre, *post;
    size_t pre_size, post_size;
    sn_transmit_flags flags;
};

/* `allowed` are the flags that the form of the call takes. */
static sn_error check(sn_socket *socket, const struct file_send *send, sn_transmit_flags allowed)
{
    sn_error error = transfer_check_data(send->pre, send->pre_size);
    if (!error)
        error = transfer_check_data(send->post, send->post_size);
    if (error)
        return socket_misuse(error);
    socket_discover_connect(socket);
    if (socket_type(socket) != SN_TYPE_STREAM || !socket_is(socket, SOCKET_CONNECTED))
        return socket_misuse(SN_ERROR_NOT_SUPPORTED);
    if (send->flags & ~allowed)
        return socket_misuse(SN_ERROR_PLATFORM_NOT_SUPPORTED);
    return SN_OK;
}

static sn_error add_all(struct packet_list *list, const struct file_send *send)
{
    sn_error error = packets_add_memory(list, send->pre, send->pre_size);
    if (!error && send->path)
        error = packets_add_path(list, send->path, 0, 0);
    else if (!error && send->has_file)
        error = packets_add_handle(list, send->file, send->offset, send->count);
    if (!error)
        error = packets_add_memory(list, send->post, send->post_size);
    return error;
}

static sn_error prepare(sn_operation *operation, sn_socket *socket, const struct file_send *send,
                        sn_transmit_flags allowed)
{
    sn_error error = check(socket, send, allowed);
    if (error)
        return error;
    struct packet_list *list = packets_new(3);
    if (!list)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    return packets_prepare(operation, socket, list, add_all(list, send), send->flags);
}

/* What has gone is told after an error too, unlike with sn_socket_send(): a file is long, and
 * whoever goes on with it has to know where. */
static sn_error run(sn_socket *socket, const struct file_send *send, size_t *out_sent)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation = verb_operation(&packets_verb);
    error = prepare(&operation, socket, send, SN_TRANSMIT_USE_DEFAULT_WORKER_THREAD);
    if (!error) {
        error = socket_run_blocking(socket, &operation);
        (void)packets_finish(socket, &operation);
        if (out_sent)
            *out_sent = operation.transferred;
    }
    socket_unref(socket);
    return error;
}

static bool start(sn_socket *socket, const struct file_send *send, sn_operation *operation)
{
    if (!socket_begin_async(operation, &packets_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare(operation, socket, send, ~(sn_transmit_flags)0);
    socket_start_async(socket, operation, error);
    return true;
}

/* The two public forms differ in what stands between the two pieces of memory: an empty path is no
 * file, as in .NET; a negative descriptor is a wrong one, and not the absence of one. */
#define MEMORY_AND_FLAGS                                                                           \
    .pre = pre, .pre_size = pre_size, .post = post, .post_size = post_size, .flags = flags

sn_error sn_socket_send_file(sn_socket *socket, const char *path, const void *pre, size_t pre_size,
                             const void *post, size_t post_size, sn_transmit_flags flags,
                             size_t *out_sent)
{
    const struct file_send send = {.path = path && path[0] ? path : NULL, MEMORY_AND_FLAGS};
    return run(socket, &send, out_sent);
}

bool sn_socket_send_file_async(sn_socket *socket, const char *path, const void *pre,
                               size_t pre_size, const void *post, size_t post_size,
                               sn_transmit_flags flags, sn_operation *operation)
{
    const struct file_send send = {.path = path && path[0] ? path : NULL, MEMORY_AND_FLAGS};
    return start(socket, &send, operation);
}

sn_error sn_socket_send_file_range(sn_socket *socket, sn_handle file, int64_t offset, int64_t count,
                                   const void *pre, size_t pre_size, const void *post,
                                   size_t post_size, sn_transmit_flags flags, size_t *out_sent)
{
    const struct file_send send = {
        .has_file = true, .file = file, .offset = offset, .count = count, MEMORY_AND_FLAGS};
    return run(socket, &send, out_sent);
}

bool sn_socket_send_file_range_async(sn_socket *socket, sn_handle file, int64_t offset,
                                     int64_t count, const void *pre, size_t pre_size,
                                     const void *post, size_t post_size, sn_transmit_flags flags,
                                     sn_operation *operation)
{
    const struct file_send send = {
        .has_file = true, .file = file, .offset = offset, .count = count, MEMORY_AND_FLAGS};
    return start(socket, &send, operation);
}
