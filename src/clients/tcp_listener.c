/*
 * TcpListener: a socket that listens between start and stop. A stop closes it; what comes after the
 * stop uses a new one, made on first need with the same address and the same wishes (.NET forgets
 * dual mode then, so that a listener of both families comes back with one of them).
 */
#include <sennit/dotnet.h>
#include <sennit/option.h>

#include "clients/tcp_client.h"
#include "sys/sys.h"

struct sn_tcp_listener {
    struct holder holder; /* is_active: started. The socket changes under `starting` too */
    struct lock starting; /* one start or stop at a time; taken before the holder's */
    uint32_t forks;       /* under its guard: the process whose thread may have `starting` */
    sn_endpoint local;    /* as given; never changes */
    bool is_dual_mode;    /* never changes */
    bool is_exclusive;    /* under `starting` */
};

/* --- The socket: the caller holds `starting` -------------------------------------------------- */

static sn_error make_socket(const sn_tcp_listener *listener, sn_socket **out_socket)
{
    sn_socket *socket = NULL;
    sn_error error = sn_socket_create(sn_endpoint_get_family(&listener->local), SN_TYPE_STREAM,
                                      SN_PROTOCOL_TCP, &socket);
    if (!error && listener->is_dual_mode)
        error = sn_socket_set_dual_mode(socket, true);
    if (!error && listener->is_exclusive)
        error = sn_socket_set_exclusive_address_use(socket, true);
    if (error)
        sn_socket_release(socket);
    else
        *out_socket = socket;
    return error;
}

static sn_error need_socket(sn_tcp_listener *listener)
{
    if (listener->holder.socket)
        return SN_OK;
    sn_socket *socket = NULL;
    sn_error error = make_socket(listener, &socket);
    if (!error)
        (void)holder_exchange(&listener->holder, socket); /* there was none */
    return error;
}

static void drop_socket(sn_tcp_listener *listener)
{
    holder_set_active(&listener->holder, false);
    sn_socket *socket = holder_exchange(&listener->holder, NULL);
    sn_socket_close(socket);
    sn_socket_release(socket);
}

/* In a forked child a thread that had it is the parent's, and never ends. */
static void begin(sn_tcp_listener *listener)
{
    guard_acquire(GUARD_CLIENT, &listener->holder);
    if (listener->forks != sys_fork_count())
        lock_init(&listener->starting);
    listener->forks = sys_fork_count();
    guard_release(GUARD_CLIENT, &listener->holder);
    lock_acquire(&listener->starting);
}

static void end(sn_tcp_listener *listener)
{
    lock_release(&listener->starting);
}

/* --- Making and releasing --------------------------------------------------------------------- */

static sn_error create(const sn_endpoint *local, bool is_dual_mode, sn_tcp_listener **out_listener)
{
    sn_tcp_listener *listener = memory_zeroed(sizeof *listener);
    if (!listener)
        return misuse(SN_ERROR_OUT_OF_MEMORY);
    holder_init(&listener->holder, NULL, false);
    lock_init(&listener->starting);
    listener->forks = sys_fork_count();
    listener->local = *local;
    listener->is_dual_mode = is_dual_mode;
    sn_error error = need_socket(listener);
    if (error)
        sn_tcp_listener_release(listener);
    else
        *out_listener = listener;
    return error;
}

sn_error sn_tcp_listener_create(const sn_endpoint *local, sn_tcp_listener **out_listener)
{
    if (!local || sn_endpoint_get_kind(local) == SN_ENDPOINT_NONE || !out_listener)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (sn_endpoint_get_kind(local) != SN_ENDPOINT_IP)
        return misuse(SN_ERROR_ARGUMENT);
    return create(local, false, out_listener);
}

sn_error sn_tcp_listener_create_dual_mode(int port, sn_tcp_listener **out_listener)
{
    bool has_ipv6 = sn_socket_os_supports_ipv6();
    sn_endpoint local;
    if (!out_listener)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_error error = sn_endpoint_from_ip(has_ipv6 ? &SN_IPV6_ANY : &SN_IPV4_ANY, port, &local);
    return error ? misuse(error) : create(&local, has_ipv6, out_listener);
}

sn_tcp_listener *sn_tcp_listener_retain(sn_tcp_listener *listener)
{
    if (listener)
        holder_retain(&listener->holder);
    return listener;
}

void sn_tcp_listener_release(sn_tcp_listener *listener)
{
    if (!listener || !holder_release(&listener->holder))
        return;
    sn_tcp_listener_stop(listener);
    lock_deinit(&listener->starting);
    holder_deinit(&listener->holder);
    memory_free(listener);
}

/* --- Starting and stopping -------------------------------------------------------------------- */

static sn_error start(sn_tcp_listener *listener, int backlog)
{
    if (holder_is_active(&listener->holder))
        return SN_OK;
    sn_error error = need_socket(listener);
    if (!error)
        error = sn_socket_bind(listener->holder.socket, &listener->local);
    if (error)
        return error;
    error = sn_socket_listen(listener->holder.socket, backlog);
    if (error)
        drop_socket(listener);
    else
        holder_set_active(&listener->holder, true);
    return error;
}

sn_error sn_tcp_listener_start(sn_tcp_listener *listener, int backlog)
{
    if (!listener)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (backlog < 0)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    begin(listener);
    sn_error error = start(listener, backlog);
    end(listener);
    return error;
}

void sn_tcp_listener_stop(sn_tcp_listener *listener)
{
    if (!listener)
        return;
    begin(listener);
    drop_socket(listener);
    end(listener);
}

/* --- What it is ------------------------------------------------------------------------------- */

bool sn_tcp_listener_is_active(const sn_tcp_listener *listener)
{
    return listener && holder_is_active(&listener->holder);
}

sn_error sn_tcp_listener_get_socket(sn_tcp_listener *listener, sn_socket **out_socket)
{
    if (!listener || !out_socket)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    begin(listener);
    sn_error error = need_socket(listener);
    if (!error)
        *out_socket = listener->holder.socket;
    end(listener);
    return error;
}

sn_error sn_tcp_listener_get_local_endpoint(sn_tcp_listener *listener, sn_endpoint *out_endpoint)
{
    if (!listener || !out_endpoint)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    sn_socket *socket = holder_is_active(&listener->holder) ? holder_peek(&listener->holder) : NULL;
    if (!socket) {
        *out_endpoint = listener->local;
        return SN_OK;
    }
    sn_error error = sn_socket_get_local_endpoint(socket, out_endpoint);
    sn_socket_release(socket);
    return error;
}

sn_error sn_tcp_listener_get_exclusive_address_use(sn_tcp_listener *listener, bool *out_value)
{
    if (!listener || !out_value)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    begin(listener);
    sn_socket *socket = listener->holder.socket;
    bool value = listener->is_exclusive;
    sn_error error = socket ? sn_socket_get_exclusive_address_use(socket, &value) : SN_OK;
    end(listener);
    if (!error)
        *out_value = value;
    return error;
}

static sn_error set_exclusive(sn_tcp_listener *listener, bool value)
{
    if (holder_is_active(&listener->holder))
        return misuse(SN_ERROR_INVALID_OPERATION);
    sn_socket *socket = listener->holder.socket;
    sn_error error = socket ? sn_socket_set_exclusive_address_use(socket, value) : SN_OK;
    if (!error)
        listener->is_exclusive = value;
    return error;
}

sn_error sn_tcp_listener_set_exclusive_address_use(sn_tcp_listener *listener, bool value)
{
    if (!listener)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    begin(listener);
    sn_error error = set_exclusive(listener, value);
    end(listener);
    return error;
}

sn_error sn_tcp_listener_allow_nat_traversal(sn_tcp_listener *listener, bool allowed)
{
    (void)allowed;
    if (!listener)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (holder_is_active(&listener->holder))
        return misuse(SN_ERROR_INVALID_OPERATION);
    return misuse(SN_ERROR_PLATFORM_NOT_SUPPORTED);
}

/* --- Accepting -------------------------------------------------------------------------------- */

/* The socket of a listener that is started, to be given back with sn_socket_release(). */
static sn_error use(sn_tcp_listener *listener, sn_socket **out_socket)
{
    if (!listener)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (!holder_is_active(&listener->holder))
        return misuse(SN_ERROR_INVALID_OPERATION);
    return holder_use(&listener->holder, out_socket);
}

sn_error sn_tcp_listener_pending(sn_tcp_listener *listener, bool *out_pending)
{
    sn_socket *socket;
    sn_error error = use(listener, &socket);
    if (error)
        return error;
    error = sn_socket_poll(socket, 0, SN_SELECT_READ, out_pending);
    sn_socket_release(socket);
    return error;
}

sn_error sn_tcp_listener_accept_socket(sn_tcp_listener *listener, sn_socket **out_socket)
{
    sn_socket *socket;
    sn_error error = use(listener, &socket);
    if (error)
        return error;
    error = sn_socket_accept(socket, out_socket);
    sn_socket_release(socket);
    return error;
}

bool sn_tcp_listener_accept_socket_async(sn_tcp_listener *listener, sn_operation *operation)
{
    sn_socket *socket;
    sn_error error = use(listener, &socket);
    if (error)
        return complete_now(operation, SN_OPERATION_ACCEPT, error);
    bool is_taken = sn_socket_accept_async(socket, NULL, operation);
    sn_socket_release(socket);
    return is_taken;
}

/* The client is made before the connection is taken, so that a lack of memory loses no connection.
 */
static sn_error accept_client(sn_socket *socket, sn_tcp_client **out_client)
{
    sn_tcp_client *client = out_client ? tcp_client_new(NULL, true) : NULL;
    if (!client)
        return misuse(out_client ? SN_ERROR_OUT_OF_MEMORY : SN_ERROR_ARGUMENT_NULL);
    sn_error error = sn_socket_accept(socket, &client->holder.socket);
    if (error)
        sn_tcp_client_release(client);
    else
        *out_client = client;
    return error;
}

sn_error sn_tcp_listener_accept_tcp_client(sn_tcp_listener *listener, sn_tcp_client **out_client)
{
    sn_socket *socket;
    sn_error error = use(listener, &socket);
    if (error)
        return error;
    error = accept_client(socket, out_client);
    sn_socket_release(socket);
    return error;
}

bool sn_tcp_listener_accept_tcp_client_async(sn_tcp_listener *listener, sn_operation *operation)
{
    return sn_tcp_listener_accept_socket_async(listener, operation);
}
