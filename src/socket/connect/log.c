/*
 * The log of attempts: who was tried, from when to when, and what came of it.
 *
 * The record is the program's, and so is its size, so nothing is allocated and nothing can fail. A
 * connect that tries one address after the other has one attempt that goes on, the last; a race has
 * several, and remembers the place of each.
 */
#include "socket/connect/connect.h"

#include "sys/sys.h"

sn_connect_log *connect_log_of(const sn_socket *socket)
{
    sn_connect_options options;
    if (likely(!socket_is(socket, SOCKET_CONNECT_OPTIONS)))
        return NULL;
    connect_options_of(socket, &options);
    return options.log;
}

static sn_connect_attempt *place_of(const sn_connect_log *log, size_t place)
{
    bool is_there = log && log->attempts && place < log->capacity && place < log->count;
    return is_there ? &log->attempts[place] : NULL;
}

size_t connect_log_begin(sn_connect_log *log, const sn_ip_address *address)
{
    if (!log)
        return 0;
    size_t place = log->count++;
    sn_connect_attempt *attempt = place_of(log, place);
    if (attempt)
        *attempt = (sn_connect_attempt){
            .address = *address, .error = SN_ERROR_IN_PROGRESS, .start_ns = sys_now()};
    return place;
}

void connect_log_end(sn_connect_log *log, size_t place, sn_error error, int native_error)
{
    sn_connect_attempt *attempt = place_of(log, place);
    if (!attempt || attempt->error != SN_ERROR_IN_PROGRESS)
        return;
    attempt->error = error;
    attempt->native_error = native_error;
    attempt->end_ns = sys_now();
}

/* --- One after the other ---------------------------------------------------------------------- */

void connect_log_begin_only(const sn_socket *socket, const sn_endpoint *remote)
{
    sn_connect_log *log = connect_log_of(socket);
    sn_ip_address address;
    if (unlikely(log) && sn_endpoint_get_address(remote, &address) == SN_OK)
        (void)connect_log_begin(log, &address);
}

void connect_log_end_only(const sn_socket *socket, sn_error error, int native_error)
{
    sn_connect_log *log = connect_log_of(socket);
    if (unlikely(log) && log->count > 0)
        connect_log_end(log, log->count - 1, error, native_error);
}
