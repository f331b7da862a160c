#include "socket/verbs/packets.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/base.h"
#include "error/error.h"
#include "sys/sys.h"

struct packet_list *packets_new(size_t capacity)
{
    if (capacity > (SIZE_MAX - sizeof(struct packet_list)) / sizeof(struct packet))
        return NULL;
    return memory_zeroed(sizeof(struct packet_list) + capacity * sizeof(struct packet));
}

sn_error packets_add_memory(struct packet_list *list, const void *data, size_t size)
{
    sn_error error = transfer_check_data(data, size);
    if (error)
        return socket_misuse(error);
    if (size > 0)
        list->packets[list->count++] = (struct packet){.data = data, .rest = (int64_t)size};
    return SN_OK;
}

/* What the system says of a file is no error of the socket, and does not end Connected. */
static sn_error file_error(int32_t native)
{
    error_set_last_native(-native);
    switch (-native) {
    case ENOENT: return SN_ERROR_FILE_NOT_FOUND;
    case ENOTDIR: return SN_ERROR_DIRECTORY_NOT_FOUND;
    case EISDIR: return SN_ERROR_ACCESS_DENIED; /* as .NET */
    case ESPIPE: return SN_ERROR_NOT_SUPPORTED;
    case EBADF: return SN_ERROR_ARGUMENT;
    default: return sn_error_from_native(-native);
    }
}

/* ENOENT says the same of both. The slash at its end makes the name a folder's, and follows links.
 */
static bool is_folder_missing(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) + 1 : 0;
    if (size == 0 || size >= sizeof folder)
        return false;
    memcpy(folder, path, size);
    folder[size] = '\0';
    struct sys_identity identity;
    int32_t result = sys_identify(folder, &identity);
    return result == -ENOENT || result == -ENOTDIR;
}

/* The files of /proc say that they have 0 bytes, those of /sys 4096: the last byte tells. */
static bool is_size_wrong(const struct packet *file, int64_t size)
{
    char byte;
    int64_t got = sys_read_at(file->file, &byte, 1, size > 0 ? size - 1 : 0);
    return got >= 0 && (got > 0) != (size > 0);
}

static sn_error add_file(struct packet_list *list, const struct packet *file, int64_t count)
{
    int64_t size = 0;
    int32_t result = sys_file_size(file->file, &size);
    if (result < 0)
        return file_error(result);
    bool is_unknown = is_size_wrong(file, size);
    if (is_unknown)
        size = PACKET_REST_UNKNOWN;
    if (file->offset > size || count > size - file->offset)
        return socket_misuse(SN_ERROR_INVALID_ARGUMENT);
    struct packet *packet = &list->packets[list->count];
    *packet = *file;
    packet->is_whole = is_unknown && count == 0;
    packet->rest = count > 0 ? count : size - file->offset;
    if (packet->rest > 0)
        list->count++;
    return SN_OK;
}

sn_error packets_add_handle(struct packet_list *list, sn_handle file, int64_t offset, int64_t count)
{
    if (offset < 0 || count < 0)
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    const struct packet packet = {.file = file, .offset = offset};
    return add_file(list, &packet, count);
}

sn_error packets_add_path(struct packet_list *list, const char *path, int64_t offset, int64_t count)
{
    if (!path)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (path[0] == '\0')
        return socket_misuse(SN_ERROR_ARGUMENT);
    if (offset < 0 || count < 0)
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    int32_t file = sys_open_file(path);
    if (file == -ENOENT && is_folder_missing(path))
        file = -ENOTDIR;
    if (file < 0)
        return file_error(file);
    const struct packet packet = {.file = file, .is_owned = true, .offset = offset};
    size_t before = list->count;
    sn_error error = add_file(list, &packet, count);
    if (list->count == before)
        (void)sys_close(file); /* an empty one, or one that cannot be sent */
    return error;
}

/* Where messages are kept apart a file is one message, which must be in memory as a whole. */
static sn_error make_room(struct packet_list *list, sn_socket *socket)
{
    int64_t largest = 0;
    if (socket_type(socket) == SN_TYPE_STREAM)
        return SN_OK;
    for (size_t i = 0; i < list->count; i++) {
        const struct packet *packet = &list->packets[i];
        int64_t size = packet->is_whole ? PACKET_MESSAGE_MAX : packet->rest;
        if (!packet->data && size > largest)
            largest = size;
    }
    if (largest == 0)
        return SN_OK;
    if (largest > PACKET_MESSAGE_MAX)
        return socket_result(socket, -EMSGSIZE);
    list->message = memory_zeroed((size_t)largest);
    return list->message ? SN_OK : socket_misuse(SN_ERROR_OUT_OF_MEMORY);
}

sn_error packets_prepare(sn_operation *operation, sn_socket *socket, struct packet_list *list,
                         sn_error error, sn_transmit_flags flags)
{
    if (!error)
        error = make_room(list, socket);
    if (error) {
        if (error == SN_ERROR_INVALID_ARGUMENT)
            socket_note_error(socket, error); /* a part beyond the file: as .NET */
        packet_list_destroy(list);
        return error;
    }
    list->flags = flags;
    record_of(operation)->target.packets = list;
    record_of(operation)->action = ACTION_SEND_PACKETS;
    record_of(operation)->marks |= MARK_ALL; /* all of them, and nobody in between */
    return SN_OK;
}

/* The list may be gone already: a blocking call that queued was finished by the worker. */
bool packets_finish(sn_socket *socket, sn_operation *operation)
{
    struct packet_list *list = record_of(operation)->target.packets;
    if (!list)
        return true;
    bool is_sent = !operation->error && list->index == list->count;
    sn_transmit_flags flags = list->flags;
    packet_list_destroy(list);
    record_of(operation)->target.packets = NULL;
    if (!is_sent || !(flags & (SN_TRANSMIT_DISCONNECT | SN_TRANSMIT_REUSE_SOCKET)))
        return true;
    sn_error error = socket_disconnect(socket, (flags & SN_TRANSMIT_REUSE_SOCKET) != 0);
    if (!error || error == SN_ERROR_OBJECT_DISPOSED)
        return true; /* a close that came first has disconnected it too */
    operation->error = error;
    operation->native_error = sn_error_last_native();
    return true;
}

const struct verb packets_verb = {
    .kind = SN_OPERATION_SEND_PACKETS,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_SEND,
    .transfers = TRANSFERS_OUT,
    .finish = packets_finish,
};
