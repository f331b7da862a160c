/* Steps about the socket itself: making, binding, closing. */
#include "player.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* create NAME FAMILY TYPE PROTOCOL */
static void create(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket;
    sn_error error = sn_socket_create(
        (sn_address_family)value_name(run, step, "family", argument(run, step, 1)),
        (sn_socket_type)value_name(run, step, "type", argument(run, step, 2)),
        (sn_protocol_type)value_name(run, step, "protocol", argument(run, step, 3)), &socket);
    if (!show_failed(out, error))
        value_keep_socket(run, argument(run, step, 0)->text, socket);
}

/* create-dual NAME TYPE PROTOCOL */
static void create_dual(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket;
    sn_error error = sn_socket_create_dual_mode(
        (sn_socket_type)value_name(run, step, "type", argument(run, step, 1)),
        (sn_protocol_type)value_name(run, step, "protocol", argument(run, step, 2)), &socket);
    if (!show_failed(out, error))
        value_keep_socket(run, argument(run, step, 0)->text, socket);
}

/* pair NAME NAME TYPE */
static void pair(struct run *run, const struct step *step, text *out)
{
    sn_socket *both[2];
    sn_error error =
        sn_socket_pair((sn_socket_type)value_name(run, step, "type", argument(run, step, 2)), both);
    if (show_failed(out, error))
        return;
    for (size_t i = 0; i < 2; i++) {
        /* .NET has no pairs and adopts two descriptors, whose peers it asks for at once. */
        sn_endpoint remote;
        (void)!sn_socket_get_remote_endpoint(both[i], &remote);
        value_keep_socket(run, argument(run, step, i)->text, both[i]);
    }
}

/* bind SOCKET ENDPOINT */
static void step_bind(struct run *run, const struct step *step, text *out)
{
    sn_endpoint *local = value_endpoint(run, step, argument(run, step, 1));
    show_error(out, sn_socket_bind(value_socket(run, step, argument(run, step, 0)), local));
    free(local);
}

/* listen SOCKET [BACKLOG] */
static void step_listen(struct run *run, const struct step *step, text *out)
{
    int backlog = INT_MAX;
    if (step->words.count > 1)
        backlog = (int)value_number(run, step, argument(run, step, 1));
    show_error(out, sn_socket_listen(value_socket(run, step, argument(run, step, 0)), backlog));
}

/* shutdown SOCKET HOW */
static void step_shutdown(struct run *run, const struct step *step, text *out)
{
    sn_shutdown how = (sn_shutdown)value_name(run, step, "shutdown", argument(run, step, 1));
    show_error(out, sn_socket_shutdown(value_socket(run, step, argument(run, step, 0)), how));
}

/* A socket that was used asynchronously is closed by its engine, a moment after the call. What
 * other steps see must not depend on that moment: the engine's one thread is asked to do something
 * else and has closed everything by then. */
void run_let_engine_close(const struct run *run)
{
    for (int i = 0; i < 2 && run->style != STYLE_BLOCKING; i++) {
        sn_operation operation = {0};
        sn_engine_post_async(NULL, &operation);
        (void)!sn_operation_wait(&operation);
    }
}

/* close SOCKET */
static void step_close(struct run *run, const struct step *step, text *out)
{
    sn_socket_close(value_socket(run, step, argument(run, step, 0)));
    run_let_engine_close(run);
    show_error(out, SN_OK);
}

/* close-within SOCKET MILLISECONDS */
static void close_within(struct run *run, const struct step *step, text *out)
{
    int timeout_ms = (int)value_number(run, step, argument(run, step, 1));
    sn_socket *socket = value_socket(run, step, argument(run, step, 0));
    sn_error error = sn_socket_close_within(socket, timeout_ms);
    run_let_engine_close(run);
    show_error(out, error);
}

/* The library's own descriptors never wait, .NET's do until they are told otherwise. So that the
 * same is adopted here and there, the descriptor gets the mode that the object speaks of. The
 * object itself does not depend on it. */
static sn_handle handle_to_adopt(struct run *run, const struct step *step)
{
    sn_socket *socket = value_socket(run, step, argument(run, step, 1));
    sn_handle handle = sn_socket_get_handle(socket);
    int flags = fcntl(handle, F_GETFL);
    if (flags >= 0 && sn_socket_is_blocking(socket))
        fcntl(handle, F_SETFL, flags & ~O_NONBLOCK);
    return handle;
}

/* adopt NAME SOCKET: another object for the same descriptor, which it does not own */
static void adopt(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket;
    sn_handle handle = handle_to_adopt(run, step);
    if (!show_failed(out, sn_socket_from_handle(handle, false, &socket)))
        value_keep_socket(run, argument(run, step, 0)->text, socket);
}

/* adopt-copy NAME SOCKET: an object for a copy of the descriptor, which it owns */
static void adopt_copy(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket;
    int copy = dup(handle_to_adopt(run, step));
    if (!show_failed(out, sn_socket_from_handle(copy, true, &socket)))
        value_keep_socket(run, argument(run, step, 0)->text, socket);
    else if (copy >= 0)
        close(copy);
}

/* adopt-number NAME NUMBER: a number under which nothing need be open */
static void adopt_number(struct run *run, const struct step *step, text *out)
{
    sn_socket *socket;
    sn_handle handle = (sn_handle)value_number(run, step, argument(run, step, 1));
    if (!show_failed(out, sn_socket_from_handle(handle, false, &socket)))
        value_keep_socket(run, argument(run, step, 0)->text, socket);
}

/* adopt-pipe READER WRITER: both ends of a pipe */
static void adopt_pipe(struct run *run, const struct step *step, text *out)
{
    int ends[2];
    sn_socket *sockets[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        run_broken(run, step, "no pipe");
    for (size_t i = 0; i < 2; i++) {
        sn_error error = sn_socket_from_handle(ends[i], true, &sockets[i]);
        if (i == 0 || error != SN_OK)
            show_error(out, error);
        if (error == SN_OK)
            value_keep_socket(run, argument(run, step, i)->text, sockets[i]);
    }
}

/* adopt-kernel NAME FAMILY TYPE PROTOCOL: a descriptor of the kernel's own numbers */
static void adopt_kernel(struct run *run, const struct step *step, text *out)
{
    sn_socket *made;
    int handle = socket((int)value_number(run, step, argument(run, step, 1)),
                        (int)value_number(run, step, argument(run, step, 2)) | SOCK_CLOEXEC,
                        (int)value_number(run, step, argument(run, step, 3)));
    if (!show_failed(out, sn_socket_from_handle(handle, true, &made)))
        value_keep_socket(run, argument(run, step, 0)->text, made);
}

/* os-supports IPv4|IPv6|UnixDomainSockets */
static void os_supports(struct run *run, const struct step *step, text *out)
{
    const word *what = argument(run, step, 0);
    show_error(out, SN_OK);
    if (word_is(what, "IPv4"))
        show_bool(out, sn_socket_os_supports_ipv4());
    else if (word_is(what, "IPv6"))
        show_bool(out, sn_socket_os_supports_ipv6());
    else if (word_is(what, "UnixDomainSockets"))
        show_bool(out, sn_socket_os_supports_unix());
    else
        run_broken(run, step, "unknown family: %s", what->text);
}

const struct verb socket_verbs[] = {
    {"create", 4, 4, create, NULL, false},
    {"create-dual", 3, 3, create_dual, NULL, false},
    {"pair", 3, 3, pair, NULL, false},
    {"bind", 2, 2, step_bind, NULL, false},
    {"listen", 1, 2, step_listen, NULL, false},
    {"shutdown", 2, 2, step_shutdown, NULL, false},
    {"close", 1, 1, step_close, NULL, false},
    {"close-within", 2, 2, close_within, NULL, false},
    {"adopt", 2, 2, adopt, NULL, false},
    {"adopt-copy", 2, 2, adopt_copy, NULL, false},
    {"adopt-number", 2, 2, adopt_number, NULL, false},
    {"adopt-pipe", 2, 2, adopt_pipe, NULL, false},
    {"adopt-kernel", 4, 4, adopt_kernel, NULL, false},
    {"os-supports", 1, 1, os_supports, NULL, false},
    {0},
};
