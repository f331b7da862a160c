/* One attempt of a connect, to one end point; and what every connect asks first. */
#include "socket/connect/connect.h"

#include <errno.h>
#include <sys/socket.h>

#include "socket/verbs/transfer.h"
#include "sys/sys.h"

/* --- What is asked first --------------------------------------------------------------------- */

bool is_ip_socket(const sn_socket *socket)
{
    return socket_family(socket) == SN_FAMILY_IPV4 || socket_family(socket) == SN_FAMILY_IPV6;
}

sn_error connect_check_state(const sn_socket *socket)
{
    if (socket_is(socket, SOCKET_DISCONNECTED) || socket_is(socket, SOCKET_LISTENING))
        return SN_ERROR_INVALID_OPERATION;
    if (socket_type(socket) == SN_TYPE_STREAM && socket_is(socket, SOCKET_CONNECTED))
        return SN_ERROR_IS_CONNECTED;
    return SN_OK;
}

sn_error connect_check_async(const sn_socket *socket)
{
    if (socket_is(socket, SOCKET_LISTENING))
        return SN_ERROR_INVALID_OPERATION;
    /* After a disconnect that did not renew the descriptor .NET answers so before it asks the
     * kernel. */
    bool is_taken = socket_type(socket) == SN_TYPE_STREAM && socket_is(socket, SOCKET_CONNECTED);
    return is_taken || socket_is(socket, SOCKET_ENDED) ? SN_ERROR_IS_CONNECTED : SN_OK;
}

/* --- The attempt ----------------------------------------------------------------------------- */

/* An asynchronous attempt lasts at its engine, so the socket gets one now and not only when the
 * operation is handed over. The place is remembered: the attempt has to end where it began. */
static void begin_attempt(sn_socket *socket, sn_operation *operation)
{
    int32_t native;
    struct worker *worker = NULL;
    if (operation_is_pending(operation))
        worker = descriptor_bind(&socket->descriptor, NULL, &native);
    record_of(operation)->room.connect.metrics = worker ? &worker->metrics : NULL;
    metrics_add_attempt(record_of(operation)->room.connect.metrics, 1);
}

sn_error connect_prepare(sn_operation *operation, sn_socket *socket, const sn_endpoint *remote)
{
    sn_error error = transfer_set_destination(operation, socket, remote);
    if (error)
        return socket_misuse(error);
    /* A descriptor on which a connect has failed cannot be used for another one. */
    if (socket_is(socket, SOCKET_CONNECT_FAILED)) {
        error = socket_replace_descriptor(socket);
        if (error)
            return error;
    }
    record_of(operation)->action = ACTION_CONNECT;
    record_of(operation)->tries = 0;
    begin_attempt(socket, operation);
    connect_log_begin_only(socket, remote);
    return SN_OK;
}

/* A socket that was made for this connect gets a descriptor of the address's family, under its
 * number. A mapped address is reached over IPv4. */
sn_error connect_become(sn_socket *socket, const sn_ip_address *address)
{
    if (address->family != socket_family(socket)) {
        socket_set_identity(socket, address->family, socket_type(socket), socket_protocol(socket));
        sn_error error = socket_replace_descriptor(socket);
        if (error)
            return error;
    }
    if (!sn_ip_address_is_ipv4_mapped_to_ipv6(address))
        return SN_OK;
    return sn_socket_set_dual_mode(socket, true);
}

/* With the lookup of a name before the first attempt the operation's time is counted already. */
int64_t connect_deadline(const sn_socket *socket, sn_operation *operation)
{
    int64_t *until_ns = &record_of(operation)->room.connect.until_ns;
    if (operation->timeout_ms > 0 && *until_ns == 0)
        *until_ns = record_of(operation)->deadline.key ? record_of(operation)->deadline.key
                                                       : deadline_after(operation->timeout_ms);
    int32_t limit_ms = atomic_load_relaxed(&socket->timeouts_ms[TIMEOUT_CONNECT]);
    int64_t at_ns = limit_ms > 0 ? deadline_after(limit_ms) : 0;
    bool is_later = at_ns == 0 || at_ns > *until_ns;
    return *until_ns != 0 && is_later ? *until_ns : at_ns;
}

/* The kernel goes on trying after a time limit, a cancel or a signal; a shutdown makes it stop. */
static void abandon_attempt(sn_socket *socket, int64_t native_result)
{
    bool keeps_file = socket_is(socket, SOCKET_EXPOSED);
    if (keeps_file && socket_family(socket) == SN_FAMILY_UNIX)
        return; /* nothing goes on there, and it would stay shut down */
    if (native_result == OUTCOME_TIMED_OUT || native_result == OUTCOME_CANCELED ||
        native_result == OUTCOME_INTERRUPTED || native_result == OUTCOME_OVERDUE ||
        native_result == OUTCOME_RECALLED)
        (void)sys_shutdown(socket_handle(socket), SHUT_RDWR);
}

void connect_note_attempt(sn_socket *socket, sn_operation *operation)
{
    /* Without an address it was the lookup of one that ended, or a race, and no attempt. */
    if (record_of(operation)->address_size > 0) {
        metrics_add_attempt(record_of(operation)->room.connect.metrics, -1);
        if (operation->error != SN_ERROR_WOULD_BLOCK)
            connect_log_end_only(socket, operation->error, operation->native_error);
    }
    if (operation->error == SN_OK)
        metrics_add(METRIC_CONNECTIONS_OUT, 1);
    switch ((int)operation->error) {
    case SN_OK: socket_set_connected(socket); break;
    case SN_ERROR_WOULD_BLOCK:
        /* A Unix listener's full queue (EAGAIN) has begun nothing that could finish by itself. */
        if (operation->native_error == EINPROGRESS)
            socket_set(socket, SOCKET_CONNECT_PENDING);
        break;
    case SN_ERROR_ALREADY_IN_PROGRESS: break; /* the earlier connect is not touched by this one */
    default:
        abandon_attempt(socket, record_of(operation)->native_result);
        socket_clear(socket, SOCKET_CONNECT_PENDING);
        socket_set(socket, SOCKET_CONNECT_FAILED);
        break;
    }
}

/* --- Blocking -------------------------------------------------------------------------------- */

/* Without a finish step: the calling thread notes the attempt, also when a worker has finished the
 * operation because it queued behind others. */
static const struct verb blocking_verb = {
    .kind = SN_OPERATION_CONNECT,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_CONNECT,
    .error_at_close = SN_ERROR_NOT_SOCKET,
};

sn_error connect_endpoint(sn_socket *socket, const sn_endpoint *remote)
{
    sn_operation operation;
    verb_begin(&operation, &blocking_verb);
    sn_error error = connect_prepare(&operation, socket, remote);
    if (error)
        return error;
    error = socket_run_blocking(socket, &operation);
    connect_note_attempt(socket, &operation);
    return error;
}
