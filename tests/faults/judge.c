/*
 * Which error is right. The first step that fails must give the error that the errno stands for;
 * the few others have a reason each.
 */
#include "faults/child.h"

#include <errno.h>
#include <string.h>

enum { ANY = -1 };

static const struct {
    int point;
    int native;
    sn_error error;
} others[] = {
    /* .NET has no name for it on a socket, where it is SocketError; elsewhere there is one. */
    {ANY, ENOMEM, SN_ERROR_OUT_OF_MEMORY},
    /* No thread can be started: of EAGAIN nobody could make anything. */
    {POINT_sys_thread_start, ANY, SN_ERROR_OUT_OF_MEMORY},
    {POINT_sys_thread_start_detached, ANY, SN_ERROR_OUT_OF_MEMORY},
    /* Whatever there was too little of for a stack. */
    {POINT_sys_stack_map, ANY, SN_ERROR_OUT_OF_MEMORY},
    /* What the resolver says of a name; its own errno are not told apart in .NET. */
    {POINT_sys_resolve, -SYS_RESOLVE_TRY_AGAIN, SN_ERROR_TRY_AGAIN},
    {POINT_sys_resolve, -SYS_RESOLVE_BAD_ARGUMENT, SN_ERROR_INVALID_ARGUMENT},
    {POINT_sys_resolve, -SYS_RESOLVE_FAILED, SN_ERROR_NO_RECOVERY},
    {POINT_sys_resolve, -SYS_RESOLVE_BAD_FAMILY, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
    {POINT_sys_resolve, -SYS_RESOLVE_NOT_FOUND, SN_ERROR_HOST_NOT_FOUND},
    {POINT_sys_resolve, ANY, SN_ERROR_SOCKET_ERROR},
    {POINT_sys_host_name, ANY, SN_ERROR_SOCKET_ERROR},
    /* What passes is told by names that sn_error_is_transient() knows. */
    {POINT_sys_accept, EPROTO, SN_ERROR_CONNECTION_ABORTED},
    {POINT_sys_accept, ENONET, SN_ERROR_CONNECTION_ABORTED},
    {POINT_sys_accept, EOPNOTSUPP, SN_ERROR_CONNECTION_ABORTED},
    {POINT_entry_ACCEPT, EPROTO, SN_ERROR_CONNECTION_ABORTED},
    {POINT_entry_ACCEPT, ENONET, SN_ERROR_CONNECTION_ABORTED},
    {POINT_entry_ACCEPT, EOPNOTSUPP, SN_ERROR_CONNECTION_ABORTED},
    /* Errors of files, which have names of their own (<sennit/packets.h>). */
    {POINT_sys_open_file, ENOENT, SN_ERROR_FILE_NOT_FOUND},
    {POINT_sys_open_file, ENOTDIR, SN_ERROR_DIRECTORY_NOT_FOUND},
    {POINT_sys_open_file, EISDIR, SN_ERROR_ACCESS_DENIED},
    {POINT_sys_file_size, EISDIR, SN_ERROR_ACCESS_DENIED},
    {POINT_sys_file_size, EBADF, SN_ERROR_ARGUMENT},
    {POINT_sys_file_size, ESPIPE, SN_ERROR_NOT_SUPPORTED},
    /* No socket, as far as can be seen. */
    {POINT_sys_is_socket, EBADF, SN_ERROR_NOT_SOCKET},
};

static bool is_shortage(int native)
{
    return native == ENOMEM || native == EMFILE || native == ENFILE;
}

/* A ring that was asked for and does not work: the documented error, but not for what passes. */
static bool is_ring_refused(const struct fault *fault, const char *step, sn_error error)
{
    return error == SN_ERROR_PLATFORM_NOT_SUPPORTED && strcmp(step, "create an engine") == 0 &&
           !is_shortage(fault->native) && scene_backend() == SN_ENGINE_BACKEND_IO_URING;
}

/* Without a descriptor the resolver cannot read its files; what it makes of that is its own. */
static bool is_resolver_short(const struct fault *fault, const char *step, sn_error error)
{
    return fault->point == POINT_DESCRIPTORS &&
           (error == SN_ERROR_SOCKET_ERROR || error == SN_ERROR_HOST_NOT_FOUND ||
            error == SN_ERROR_TRY_AGAIN || error == SN_ERROR_NO_RECOVERY) &&
           (strncmp(step, "look a name up", 14) == 0 ||
            strncmp(step, "connect to a host", 17) == 0);
}

/* Whatever it was that an accept had no memory for, in the kernel. */
static bool is_accept_short(const struct fault *fault, const char *step, sn_error error)
{
    return fault->native == ENOMEM && error == SN_ERROR_NO_BUFFER_SPACE_AVAILABLE &&
           strstr(step, "accept") != NULL;
}

/* A wait that the engine should try again, and that goes on failing for a second: then it ends, and
 * of the errors that ask to try again it makes one that does not. */
static bool is_engine_given_up(const struct fault *fault, sn_error error)
{
    return fault->is_lasting && error == SN_ERROR_OUT_OF_MEMORY &&
           fault->point >= POINT_io_uring_submit &&
           fault->point <= POINT_io_uring_submit_and_wait_timeout &&
           (fault->native == EAGAIN || fault->native == EBUSY);
}

/* The engine of a fiber has ended, by a failure of its wait: its fibers are told that it is over,
 * as by a destroy, whatever they wait in. */
static bool is_fiber_ended(const struct fault *fault, const char *step, sn_error error)
{
    static const char *const waits[] = {"sleep", "poll"};
    bool is_wait = fault->point == POINT_sys_epoll_wait ||
                   fault->point == POINT_entry_POLL_ADD || /* the wake event's */
                   (fault->point >= POINT_io_uring_submit &&
                    fault->point <= POINT_io_uring_submit_and_wait_timeout);
    bool is_one = false;
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
        is_one = is_one || strcmp(step, waits[i]) == 0;
    return is_wait && is_one && error == SN_ERROR_OPERATION_ABORTED;
}

/* Of a send of handles: those mean a handle, and say nothing of the connection. */
static bool is_handle_refused(const struct fault *fault, const char *step, sn_error error)
{
    return fault->point == POINT_sys_send_message && strncmp(step, "send handles", 12) == 0 &&
           ((error == SN_ERROR_ARGUMENT && (fault->native == EBADF || fault->native == EINVAL)) ||
            (error == SN_ERROR_NO_BUFFER_SPACE_AVAILABLE && fault->native == ETOOMANYREFS));
}

static bool is_listed(const struct fault *fault, sn_error error)
{
    /* The resolver's answers mean the same on the way back. */
    int point = fault->point == POINT_sys_reverse ? POINT_sys_resolve : (int)fault->point;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if ((others[i].point == ANY || others[i].point == point) &&
            (others[i].native == ANY || others[i].native == fault->native) &&
            others[i].error == error)
            return true;
    return false;
}

bool judge_allows(const struct fault *fault, const char *step, sn_error error)
{
    return error == sn_error_from_native(fault->native) || is_listed(fault, error) ||
           is_handle_refused(fault, step, error) || is_accept_short(fault, step, error) ||
           is_engine_given_up(fault, error) || is_fiber_ended(fault, step, error) ||
           is_ring_refused(fault, step, error) || is_resolver_short(fault, step, error);
}
