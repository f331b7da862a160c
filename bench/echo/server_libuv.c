/*
 * libuv as its users write it: a read callback that answers with uv_write(), or with uv_try_write()
 * where that takes everything at once. The requests of uv_write() are kept for the next time, so
 * that libuv is not charged with malloc(). If the peer does not take its answers, reading stops
 * until it does, so that the connection's buffer is not overwritten.
 */
#include "server.h"

#include <stdlib.h>
#include <uv.h>

struct connection {
    uv_tcp_t stream;
    bool is_reading;
    char buffer[ECHO_BUFFER_SIZE];
};

struct request {
    uv_write_t write;
    struct request *next; /* while it is free */
};

static struct request *free_requests;
static bool tries_first;

static void read_start(struct connection *connection);

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void connection_close(struct connection *connection)
{
    if (!uv_is_closing((uv_handle_t *)&connection->stream))
        uv_close((uv_handle_t *)&connection->stream, on_closed);
}

static void on_written(uv_write_t *write, int status)
{
    struct request *request = write->data;
    struct connection *connection = write->handle->data;
    request->next = free_requests;
    free_requests = request;
    if (status < 0)
        connection_close(connection);
    else if (!connection->is_reading)
        read_start(connection);
}

static void answer(struct connection *connection, char *data, size_t size)
{
    uv_stream_t *stream = (uv_stream_t *)&connection->stream;
    struct request *request = free_requests;
    if (request)
        free_requests = request->next;
    else
        request = malloc(sizeof *request);
    uv_buf_t buffer = uv_buf_init(data, (unsigned)size);
    if (!request || uv_write(&request->write, stream, &buffer, 1, on_written) < 0) {
        free(request);
        connection_close(connection);
        return;
    }
    request->write.data = request;
    if (uv_stream_get_write_queue_size(stream) > 0) {
        connection->is_reading = false;
        (void)uv_read_stop(stream);
    }
}

static void on_read(uv_stream_t *stream, ssize_t received, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;
    char *data = buffer->base;
    if (received < 0) {
        connection_close(connection);
        return;
    }
    if (tries_first && received > 0) {
        uv_buf_t all = uv_buf_init(data, (unsigned)received);
        int sent = uv_try_write(stream, &all, 1);
        if (sent > 0) {
            data += sent;
            received -= sent;
        }
    }
    if (received > 0)
        answer(connection, data, (size_t)received);
}

static void on_buffer_wanted(uv_handle_t *handle, size_t suggested, uv_buf_t *out_buffer)
{
    struct connection *connection = handle->data;
    (void)suggested;
    *out_buffer = uv_buf_init(connection->buffer, sizeof connection->buffer);
}

static void read_start(struct connection *connection)
{
    uv_stream_t *stream = (uv_stream_t *)&connection->stream;
    connection->is_reading = true;
    if (!uv_is_closing((uv_handle_t *)stream))
        (void)uv_read_start(stream, on_buffer_wanted, on_read);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct connection *connection = status < 0 ? NULL : calloc(1, sizeof *connection);
    if (!connection || uv_tcp_init(listener->loop, &connection->stream) < 0) {
        free(connection);
        return;
    }
    connection->stream.data = connection;
    if (uv_accept(listener, (uv_stream_t *)&connection->stream) < 0) {
        connection_close(connection);
        return;
    }
    (void)uv_tcp_nodelay(&connection->stream, 1);
    read_start(connection);
}

static const char *serve(const struct server_place *place)
{
    uv_loop_t loop;
    uv_tcp_t listener;
    int status = uv_loop_init(&loop);
    if (status == 0)
        status = uv_tcp_init(&loop, &listener);
    int handle = server_listen(place);
    if (handle < 0)
        return "it cannot listen";
    if (status == 0)
        status = uv_tcp_open(&listener, handle);
    if (status == 0)
        status = uv_listen((uv_stream_t *)&listener, ECHO_BACKLOG, on_connection);
    if (status == 0)
        status = uv_run(&loop, UV_RUN_DEFAULT);
    return status < 0 ? uv_strerror(status) : "its loop came to an end";
}

const char *serve_libuv(const struct server_place *place)
{
    tries_first = false;
    return serve(place);
}

const char *serve_libuv_try(const struct server_place *place)
{
    tries_first = true;
    return serve(place);
}
