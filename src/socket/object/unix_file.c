#include "socket/object/unix_file.h"

#include <string.h>

#include "address/address.h"
#include "sys/sys.h"

struct unix_file {
    struct sys_identity identity; /* as it was right after the bind */
    uint32_t forks, process;      /* the process that has bound */
    char path[];                  /* ends with a NUL */
};

bool unix_file_is_made(const sn_endpoint *endpoint)
{
    size_t size = 0;
    const char *path = sn_endpoint_get_unix_path(endpoint, &size);
    return path && size > 0 && path[0] != '\0';
}

/* The full path as of now, since the working directory may change until the close. */
static struct unix_file *with_full_path(const sn_endpoint *endpoint)
{
    size_t size = 0, used = 0;
    const char *path = sn_endpoint_get_unix_path(endpoint, &size);
    char folder[4096 + 1];
    /* Where the directory cannot be told, the path as it is is the best that can be done. */
    if (path[0] != '/' && sys_working_directory(folder, sizeof folder - 1) >= 0) {
        used = strlen(folder);
        folder[used++] = '/';
    }
    struct unix_file *file = memory_zeroed(sizeof *file + used + size + 1);
    if (file) {
        memcpy(file->path, folder, used);
        memcpy(file->path + used, path, size);
    }
    return file;
}

struct unix_file *unix_file_prepare(sn_socket *socket, const sn_endpoint *endpoint)
{
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    bool has_room = socket_rare(socket) != NULL;
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    return has_room ? with_full_path(endpoint) : NULL;
}

static struct unix_file *exchange(sn_socket *socket, struct unix_file *file)
{
    struct unix_file *before = NULL;
    guard_acquire(GUARD_DESCRIPTOR, &socket->descriptor);
    if (socket->rare) {
        before = socket->rare->unix_file;
        socket->rare->unix_file = file;
    }
    guard_release(GUARD_DESCRIPTOR, &socket->descriptor);
    return before;
}

void unix_file_made(sn_socket *socket, struct unix_file *file)
{
    file->forks = sys_fork_count();
    file->process = sys_process_id();
    if (sys_identify(file->path, &file->identity) < 0) {
        memory_free(file); /* somebody else has removed it already */
        return;
    }
    /* A second bind of one descriptor fails, and a new descriptor begins without a file. */
    struct unix_file *before = exchange(socket, file);
    assert(!before);
    memory_free(before);
    /* A close that has begun meanwhile may have found none. Who detaches it has no use for it. */
    uint32_t marks = atomic_load_acquire(&socket->descriptor.marks);
    if (descriptor_is_closing(&socket->descriptor) && !(marks & DESCRIPTOR_DETACHED))
        unix_file_remove(socket);
}

static bool is_still_ours(const struct unix_file *file)
{
    struct sys_identity now;
    return file->forks == sys_fork_count() && file->process == sys_process_id() &&
           sys_identify(file->path, &now) >= 0 && now.device == file->identity.device &&
           now.number == file->identity.number;
}

void unix_file_remove(sn_socket *socket)
{
    struct unix_file *file = exchange(socket, NULL);
    if (file && !socket_is(socket, SOCKET_FILE_STAYS) && is_still_ours(file))
        (void)sys_unlink(file->path);
    memory_free(file);
}

/* After a detach the file stays; where nobody wants the handle any more it is closed after all, and
 * its file goes with it. */
bool socket_detached(struct descriptor *descriptor, int32_t handle)
{
    bool is_wanted = closing_deliver(descriptor, handle);
    if (!is_wanted)
        unix_file_remove(socket_of(descriptor));
    return is_wanted;
}

sn_error sn_socket_get_unlink_on_close(sn_socket *socket, bool *out_value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (!out_value)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    else
        *out_value = !socket_is(socket, SOCKET_FILE_STAYS);
    socket_unref(socket);
    return error;
}

sn_error sn_socket_set_unlink_on_close(sn_socket *socket, bool value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (value)
        socket_clear(socket, SOCKET_FILE_STAYS);
    else
        socket_set(socket, SOCKET_FILE_STAYS);
    socket_unref(socket);
    return SN_OK;
}
