/* The sockets that a service manager has started the program with. */
#include <sennit/handles.h>

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "socket/object/inherited_text.h"
#include "socket/object/object.h"
#include "sys/sys.h"

_Static_assert(SN_INHERITED_NAME_SIZE == INHERITED_NAME_SIZE, "what a name can take");

/* The process that has taken them: a second object would close the number of the first. */
static uint32_t taken_by; /* atomic; 0: none */

static bool claim(uint32_t process)
{
    uint32_t before = atomic_load_relaxed(&taken_by);
    return before != process && atomic_replace_acq_rel(&taken_by, &before, process);
}

static void give_up(sn_inherited_socket *sockets, size_t count)
{
    while (count > 0)
        sn_socket_release(sockets[--count].socket);
    atomic_store_relaxed(&taken_by, 0u);
}

/* What came through an exec cannot be close-on-exec. What is so was opened here, by this library
 * say, or has been taken by somebody: a count that is too high must not make it the program's. */
static bool is_inherited(const sn_socket *socket)
{
    uint32_t was = atomic_load_acquire(&socket->descriptor.marks) / DESCRIPTOR_WAS;
    return (was & SYS_WAS_INHERITED) != 0;
}

static sn_error borrow(int32_t handle, sn_socket **out_socket)
{
    sn_socket *socket = NULL;
    sn_error error = sn_socket_from_handle(handle, false, &socket);
    if (!error && !is_inherited(socket)) {
        sn_socket_release(socket);
        return socket_misuse(SN_ERROR_INVALID_OPERATION);
    }
    if (!error)
        *out_socket = socket;
    return error;
}

/* Until all are there, each is borrowed: so one that fails leaves the others as they were found. */
static sn_error borrow_all(sn_inherited_socket *sockets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sn_error error = borrow(INHERITED_FIRST + (int32_t)i, &sockets[i].socket);
        if (error) {
            give_up(sockets, i);
            return error;
        }
    }
    return SN_OK;
}

static void own(sn_socket *socket)
{
    const uint32_t was = (SYS_WAS_BLOCKING | SYS_WAS_INHERITED) * (uint32_t)DESCRIPTOR_WAS;
    atomic_and_acq_rel(&socket->descriptor.marks, ~was);
    atomic_or_acq_rel(&socket->descriptor.marks, (uint32_t)DESCRIPTOR_OWNED);
    socket_clear(socket, SOCKET_IRREPLACEABLE);
}

static sn_error take(const char *names, sn_inherited_socket *sockets, size_t count)
{
    if (!claim(sys_process_id()))
        return socket_misuse(SN_ERROR_INVALID_OPERATION);
    sn_error error = borrow_all(sockets, count);
    for (size_t i = 0; i < count && !error; i++) {
        names = inherited_next_name(names, sockets[i].name);
        own(sockets[i].socket);
    }
    return error;
}

static void unset_all(void)
{
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
}

sn_error sn_inherited_sockets_take(bool unset, sn_inherited_socket *sockets, size_t room,
                                   size_t *out_count)
{
    const struct inherited_texts texts = {.process = secure_getenv("LISTEN_PID"),
                                          .count = secure_getenv("LISTEN_FDS"),
                                          .names = secure_getenv("LISTEN_FDNAMES")};
    size_t count = 0;
    if (!out_count || (!sockets && room > 0))
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = inherited_count(&texts, sys_process_id(), &count);
    if (error)
        return socket_misuse(error);
    if (count > room) {
        *out_count = count;
        return socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    }
    if (count > 0)
        error = take(texts.names, sockets, count);
    if (error)
        return error;
    if (unset)
        unset_all();
    *out_count = count;
    return SN_OK;
}
