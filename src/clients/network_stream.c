/* A connection as a stream: the socket never changes, so no lock is needed. */
#include "clients/clients.h"

#include <sennit/dotnet.h>
#include <sennit/receive.h>
#include <sennit/transfer.h>

#include "clients/holder.h"

enum { STREAM_READABLE = 1, STREAM_WRITEABLE = 2, STREAM_CLOSED = 4 };

struct sn_network_stream {
    sn_socket *socket; /* owned: one reference */
    bool owns_socket;
    uint32_t state;      /* atomic */
    uint32_t references; /* atomic */
};

static bool stream_is(const sn_network_stream *stream, uint32_t bit)
{
    return stream && (atomic_load_acquire(&stream->state) & bit) != 0;
}

static void stream_mark(sn_network_stream *stream, uint32_t bit, bool value)
{
    if (value)
        atomic_or_acq_rel(&stream->state, bit);
    else
        atomic_and_acq_rel(&stream->state, ~bit);
}

/* --- Making and releasing --------------------------------------------------------------------- */

static sn_error check_socket(sn_socket *socket)
{
    if (!socket)
        return SN_ERROR_ARGUMENT_NULL;
    bool is_fit = sn_socket_is_blocking(socket) && sn_socket_is_connected(socket) &&
                  sn_socket_get_socket_type(socket) == SN_TYPE_STREAM;
    return is_fit ? SN_OK : SN_ERROR_INVALID_OPERATION;
}

/* As in .NET, a number that is neither of the two means both. */
static uint32_t state_for(sn_file_access access)
{
    switch ((int)access) {
    case SN_FILE_ACCESS_READ: return STREAM_READABLE;
    case SN_FILE_ACCESS_WRITE: return STREAM_WRITEABLE;
    default: return STREAM_READABLE | STREAM_WRITEABLE;
    }
}

sn_error sn_network_stream_create(sn_socket *socket, sn_file_access access, bool owns_socket,
                                  sn_network_stream **out_stream)
{
    sn_error error = check_socket(socket);
    if (!error && !out_stream)
        error = SN_ERROR_ARGUMENT_NULL;
    if (error)
        return misuse(error);
    sn_network_stream *stream = memory_zeroed(sizeof *stream);
    if (!stream)
        return misuse(SN_ERROR_OUT_OF_MEMORY);
    stream->socket = sn_socket_retain(socket);
    stream->owns_socket = owns_socket;
    stream->state = state_for(access);
    stream->references = 1;
    *out_stream = stream;
    return SN_OK;
}

sn_network_stream *sn_network_stream_retain(sn_network_stream *stream)
{
    if (stream)
        atomic_add_relaxed(&stream->references, 1u);
    return stream;
}

void sn_network_stream_release(sn_network_stream *stream)
{
    if (!stream || atomic_sub_acq_rel(&stream->references, 1u) > 1)
        return;
    sn_network_stream_close(stream);
    sn_socket_release(stream->socket);
    memory_free(stream);
}

/* The first close only; those that come later find the mark. */
static sn_error close_once(sn_network_stream *stream, sn_milliseconds timeout_ms)
{
    uint32_t before = atomic_or_acq_rel(&stream->state, (uint32_t)STREAM_CLOSED);
    stream_mark(stream, STREAM_READABLE | STREAM_WRITEABLE, false);
    if ((before & STREAM_CLOSED) || !stream->owns_socket)
        return SN_OK;
    (void)!sn_socket_shutdown(stream->socket, SN_SHUTDOWN_BOTH); /* the peer may be gone */
    return sn_socket_close_within(stream->socket, timeout_ms);
}

void sn_network_stream_close(sn_network_stream *stream)
{
    if (stream)
        (void)!close_once(stream, -1); /* -1 is a time limit that is always accepted */
}

sn_error sn_network_stream_close_within(sn_network_stream *stream, sn_milliseconds timeout_ms)
{
    if (!stream)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (timeout_ms < SN_FOREVER)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    return close_once(stream, timeout_ms);
}

/* --- What it is ------------------------------------------------------------------------------- */

bool sn_network_stream_can_read(const sn_network_stream *stream)
{
    return stream_is(stream, STREAM_READABLE);
}

bool sn_network_stream_can_write(const sn_network_stream *stream)
{
    return stream_is(stream, STREAM_WRITEABLE);
}

static sn_error set_direction(sn_network_stream *stream, uint32_t direction, bool value)
{
    if (!stream)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (stream_is(stream, STREAM_CLOSED))
        return misuse(SN_ERROR_OBJECT_DISPOSED);
    stream_mark(stream, direction, value);
    return SN_OK;
}

sn_error sn_network_stream_set_readable(sn_network_stream *stream, bool value)
{
    return set_direction(stream, STREAM_READABLE, value);
}

sn_error sn_network_stream_set_writeable(sn_network_stream *stream, bool value)
{
    return set_direction(stream, STREAM_WRITEABLE, value);
}

bool sn_network_stream_can_seek(const sn_network_stream *stream)
{
    (void)stream;
    return false;
}

bool sn_network_stream_can_timeout(const sn_network_stream *stream)
{
    (void)stream;
    return true;
}

sn_socket *sn_network_stream_get_socket(const sn_network_stream *stream)
{
    return stream ? stream->socket : NULL;
}

static sn_error check_open(const sn_network_stream *stream)
{
    if (!stream)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    return stream_is(stream, STREAM_CLOSED) ? misuse(SN_ERROR_OBJECT_DISPOSED) : SN_OK;
}

sn_error sn_network_stream_get_data_available(sn_network_stream *stream, bool *out_available)
{
    size_t available = 0;
    sn_error error = check_open(stream);
    if (!error && !out_available)
        error = misuse(SN_ERROR_ARGUMENT_NULL);
    if (!error)
        error = sn_socket_get_available(stream->socket, &available);
    if (!error)
        *out_available = available != 0;
    return error;
}

/* --- Time limits: 0 in the socket is -1 here -------------------------------------------------- */

typedef sn_error timeout_getter(sn_socket *socket, sn_milliseconds *out_value);
typedef sn_error timeout_setter(sn_socket *socket, sn_milliseconds value);

static sn_error get_timeout(sn_network_stream *stream, timeout_getter *get,
                            sn_milliseconds *out_value)
{
    sn_milliseconds value;
    sn_error error = check_open(stream);
    if (!error && !out_value)
        error = misuse(SN_ERROR_ARGUMENT_NULL);
    if (!error)
        error = get(stream->socket, &value);
    if (!error)
        *out_value = value == 0 ? SN_FOREVER : value;
    return error;
}

static sn_error set_timeout(sn_network_stream *stream, timeout_setter *set, sn_milliseconds value)
{
    sn_error error = check_open(stream);
    if (!error && value <= 0 && value != SN_FOREVER)
        error = misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    return error ? error : set(stream->socket, value);
}

sn_error sn_network_stream_get_read_timeout(sn_network_stream *stream, sn_milliseconds *out_value)
{
    return get_timeout(stream, sn_socket_get_receive_timeout, out_value);
}

sn_error sn_network_stream_set_read_timeout(sn_network_stream *stream, sn_milliseconds value)
{
    return set_timeout(stream, sn_socket_set_receive_timeout, value);
}

sn_error sn_network_stream_get_write_timeout(sn_network_stream *stream, sn_milliseconds *out_value)
{
    return get_timeout(stream, sn_socket_get_send_timeout, out_value);
}

sn_error sn_network_stream_set_write_timeout(sn_network_stream *stream, sn_milliseconds value)
{
    return set_timeout(stream, sn_socket_set_send_timeout, value);
}

/* --- Reading and writing ---------------------------------------------------------------------- */

/* .NET looks at the memory before it looks at the direction. */
static sn_error check_use(const sn_network_stream *stream, uint32_t direction, const void *data,
                          size_t size)
{
    sn_error error = check_open(stream);
    if (!error && !data && size > 0)
        error = misuse(SN_ERROR_ARGUMENT_NULL);
    if (!error && !stream_is(stream, direction))
        error = misuse(SN_ERROR_INVALID_OPERATION);
    return error;
}

sn_error sn_network_stream_read(sn_network_stream *stream, void *data, size_t size,
                                size_t *out_read)
{
    sn_error error = check_use(stream, STREAM_READABLE, data, size);
    return error ? error : sn_socket_receive(stream->socket, data, size, SN_FLAG_NONE, out_read);
}

bool sn_network_stream_read_async(sn_network_stream *stream, void *data, size_t size,
                                  sn_operation *operation)
{
    sn_error error = check_use(stream, STREAM_READABLE, data, size);
    if (error)
        return complete_now(operation, SN_OPERATION_RECEIVE, error);
    return sn_socket_receive_async(stream->socket, data, size, SN_FLAG_NONE, operation);
}

sn_error sn_network_stream_read_at_least(sn_network_stream *stream, void *data, size_t size,
                                         size_t minimum, size_t *out_read)
{
    sn_error error = check_use(stream, STREAM_READABLE, data, size);
    return error ? error
                 : sn_socket_receive_at_least(stream->socket, data, size, minimum, out_read);
}

bool sn_network_stream_read_at_least_async(sn_network_stream *stream, void *data, size_t size,
                                           size_t minimum, sn_operation *operation)
{
    sn_error error = check_use(stream, STREAM_READABLE, data, size);
    if (error)
        return complete_now(operation, SN_OPERATION_RECEIVE, error);
    return sn_socket_receive_at_least_async(stream->socket, data, size, minimum, operation);
}

sn_error sn_network_stream_read_exactly(sn_network_stream *stream, void *data, size_t size,
                                        size_t *out_read)
{
    return sn_network_stream_read_at_least(stream, data, size, size, out_read);
}

bool sn_network_stream_read_exactly_async(sn_network_stream *stream, void *data, size_t size,
                                          sn_operation *operation)
{
    return sn_network_stream_read_at_least_async(stream, data, size, size, operation);
}

sn_error sn_network_stream_read_byte(sn_network_stream *stream, int *out_byte)
{
    uint8_t byte;
    size_t received;
    sn_error error = check_use(stream, STREAM_READABLE, out_byte, 1);
    if (!error)
        error = sn_socket_receive(stream->socket, &byte, 1, SN_FLAG_NONE, &received);
    if (!error)
        *out_byte = received == 0 ? SN_FOREVER : byte;
    return error;
}

sn_error sn_network_stream_write(sn_network_stream *stream, const void *data, size_t size)
{
    sn_error error = check_use(stream, STREAM_WRITEABLE, data, size);
    const char *rest = data;
    size_t sent = 0;
    if (error)
        return error;
    /* A blocking socket sends all at once; this one may have been made non-blocking since. */
    do {
        error = sn_socket_send(stream->socket, rest, size, SN_FLAG_NONE, &sent);
        if (error)
            return error;
        rest = rest ? rest + sent : NULL;
        size -= sent;
    } while (size > 0);
    return SN_OK;
}

bool sn_network_stream_write_async(sn_network_stream *stream, const void *data, size_t size,
                                   sn_operation *operation)
{
    sn_error error = check_use(stream, STREAM_WRITEABLE, data, size);
    if (error)
        return complete_now(operation, SN_OPERATION_SEND, error);
    return sn_socket_send_async(stream->socket, data, size, SN_FLAG_NONE, operation);
}

sn_error sn_network_stream_write_byte(sn_network_stream *stream, uint8_t byte)
{
    return sn_network_stream_write(stream, &byte, 1);
}

sn_error sn_network_stream_flush(sn_network_stream *stream)
{
    return stream ? SN_OK : misuse(SN_ERROR_ARGUMENT_NULL);
}

bool sn_network_stream_flush_async(sn_network_stream *stream, sn_operation *operation)
{
    return complete_now(operation, SN_OPERATION_NONE, sn_network_stream_flush(stream));
}
