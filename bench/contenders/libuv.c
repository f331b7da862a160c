/*
 * libuv as its guide writes a TCP echo server: a read callback that answers with uv_write(), or
 * with uv_try_write() where that takes everything at once (the documentation recommends it for
 * small data). The requests of uv_write() are kept for the next time, so that libuv is not charged
 * with malloc(). If the peer does not take its answers, reading stops until it does, so that the
 * connection's buffer is not overwritten.
 */
#include "contender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct connection {
    uv_tcp_t stream;
    bool is_reading;
    size_t pending; /* answers under way */
    size_t filled;  /* of the buffer: what is no whole request yet, while it is read into */
    size_t taken;   /* of what is filled: answered */
    char buffer[];
};

struct request {
    uv_write_t write;
    struct request *next; /* while it is free */
};

static const struct service *service;
static struct request *free_requests;
static bool tries_first, gathers;

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

static void keep_rest(struct connection *connection)
{
    connection->filled -= connection->taken;
    memmove(connection->buffer, connection->buffer + connection->taken, connection->filled);
    connection->taken = 0;
}

static void on_written(uv_write_t *write, int status)
{
    struct request *request = write->data;
    struct connection *connection = write->handle->data;
    request->next = free_requests;
    free_requests = request;
    connection->pending--;
    if (status < 0)
        connection_close(connection);
    else if (!connection->is_reading && connection->pending == 0)
        read_start(connection);
}

static struct request *take_request(void)
{
    struct request *request = free_requests;
    if (request)
        free_requests = request->next;
    else
        request = malloc(sizeof *request);
    return request;
}

static bool write_buffers(struct connection *connection, const uv_buf_t *buffers, unsigned count)
{
    struct request *request = take_request();
    if (!request || uv_write(&request->write, (uv_stream_t *)&connection->stream, buffers, count,
                             on_written) < 0) {
        free(request);
        return false;
    }
    connection->pending++;
    request->write.data = request;
    return true;
}

/* uv_write() tries at once, so what is queued afterwards is what the peer did not take. */
static bool answer(struct connection *connection, char *data, size_t size)
{
    if (tries_first) {
        uv_buf_t all = uv_buf_init(data, (unsigned)size);
        int sent = uv_try_write((uv_stream_t *)&connection->stream, &all, 1);
        if (sent > 0) {
            data += sent;
            size -= (size_t)sent;
        }
    }
    uv_buf_t left = uv_buf_init(data, (unsigned)size);
    return size == 0 || write_buffers(connection, &left, 1);
}

/* All requests by one write. */
static bool answer_together(struct connection *connection)
{
    uv_buf_t answers[CONTENDER_PIECES_MAX];
    unsigned count = 0;
    while (connection->filled - connection->taken >= service->message_size &&
           count < CONTENDER_PIECES_MAX) {
        answers[count++] =
            uv_buf_init(connection->buffer + connection->taken, (unsigned)service->message_size);
        connection->taken += service->message_size;
    }
    return count == 0 || write_buffers(connection, answers, count);
}

/* Each request by a write of its own. */
static bool answer_all(struct connection *connection)
{
    if (gathers)
        return answer_together(connection);
    size_t whole = contender_whole(service, connection->filled);
    size_t piece = service->kind == SERVICE_ECHO ? whole : service->message_size;
    bool is_ok = true;
    for (; is_ok && connection->taken < whole; connection->taken += piece)
        is_ok = answer(connection, connection->buffer + connection->taken, piece);
    return is_ok;
}

static void on_read(uv_stream_t *stream, ssize_t received, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;
    (void)buffer;
    if (received > 0)
        connection->filled += (size_t)received;
    if (received < 0 || !answer_all(connection)) {
        connection_close(connection);
        return;
    }
    if (uv_stream_get_write_queue_size(stream) == 0) {
        keep_rest(connection);
    } else {
        connection->is_reading = false;
        (void)uv_read_stop(stream);
    }
}

static void on_buffer_wanted(uv_handle_t *handle, size_t suggested, uv_buf_t *out_buffer)
{
    struct connection *connection = handle->data;
    (void)suggested;
    *out_buffer = uv_buf_init(connection->buffer + connection->filled,
                              (unsigned)(service->buffer_size - connection->filled));
}

static void read_start(struct connection *connection)
{
    uv_stream_t *stream = (uv_stream_t *)&connection->stream;
    connection->is_reading = true;
    keep_rest(connection);
    if (!uv_is_closing((uv_handle_t *)stream))
        (void)uv_read_start(stream, on_buffer_wanted, on_read);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct connection *connection =
        status < 0 ? NULL : calloc(1, sizeof *connection + service->buffer_size);
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

static const char *serve(const struct service *wanted)
{
    uv_loop_t loop;
    uv_tcp_t listener;
    service = wanted;
    int status = uv_loop_init(&loop);
    if (status == 0)
        status = uv_tcp_init(&loop, &listener);
    int handle = contender_listen(service);
    if (handle < 0)
        return "it cannot listen";
    if (status == 0)
        status = uv_tcp_open(&listener, handle);
    if (status == 0)
        status = uv_listen((uv_stream_t *)&listener, CONTENDER_BACKLOG, on_connection);
    if (status == 0)
        status = uv_run(&loop, UV_RUN_DEFAULT);
    return status < 0 ? uv_strerror(status) : "its loop came to an end";
}

static const char *serve_try(const struct service *wanted)
{
    tries_first = true;
    return serve(wanted);
}

static const char *serve_gather(const struct service *wanted)
{
    gathers = true;
    return serve(wanted);
}

/* --- Datagrams: answered with uv_udp_try_send(), which needs no request --- */

static void on_datagram_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *out_buffer)
{
    (void)suggested;
    *out_buffer = uv_buf_init(handle->data, (unsigned)service->buffer_size);
}

static void on_datagram(uv_udp_t *socket, ssize_t size, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags)
{
    (void)flags;
    if (size > 0 && from) {
        uv_buf_t answer = uv_buf_init(buffer->base, (unsigned)size);
        (void)uv_udp_try_send(socket, &answer, 1, from);
    }
}

static const char *serve_datagrams(const struct service *wanted)
{
    uv_loop_t loop;
    uv_udp_t socket;
    service = wanted;
    int handle = contender_bind(service);
    int status = uv_loop_init(&loop);
    if (status == 0)
        status = uv_udp_init(&loop, &socket);
    socket.data = malloc(service->buffer_size);
    if (handle < 0 || !socket.data)
        return "it cannot bind";
    if (status == 0)
        status = uv_udp_open(&socket, handle);
    if (status == 0)
        status = uv_udp_recv_start(&socket, on_datagram_buffer, on_datagram);
    if (status == 0)
        status = uv_run(&loop, UV_RUN_DEFAULT);
    return status < 0 ? uv_strerror(status) : "its loop came to an end";
}

static const char *version(void)
{
    static char text[32];
    (void)snprintf(text, sizeof text, "libuv %s", uv_version_string());
    return text;
}

static const struct contender_style styles[] = {
    {"write",
     {[SERVICE_ECHO] = serve, [SERVICE_PIPELINE] = serve, [SERVICE_DATAGRAM] = serve_datagrams}},
    {"try", {[SERVICE_ECHO] = serve_try, [SERVICE_PIPELINE] = serve_try}},
    {"gather", {[SERVICE_PIPELINE] = serve_gather}},
};

const struct contender_program contender_program = {version, styles,
                                                    sizeof styles / sizeof *styles};
