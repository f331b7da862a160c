/*
 * GIO as its reference recommends: a GSocketService accepts in the main loop, and each connection
 * reads with g_input_stream_read_async() and answers with g_output_stream_write_all_async(). A
 * stream takes one write at a time, so the answers to several requests go out as one
 * g_output_stream_writev_all_async(), a vector each. The blocking style is a thread for each
 * connection (GThreadedSocketService) with g_socket_receive() and g_socket_send().
 */
#include "contender.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

struct connection {
    GSocketConnection *stream; /* owned */
    size_t filled, taken;
    GOutputVector vectors[CONTENDER_PIECES_MAX];
    char buffer[];
};

static const struct service *service;

static void start_read(struct connection *connection);

static void connection_destroy(struct connection *connection)
{
    g_object_unref(connection->stream);
    g_free(connection);
}

static void on_written(GObject *source, GAsyncResult *result, gpointer context)
{
    GOutputStream *output = G_OUTPUT_STREAM(source);
    gboolean is_ok = service->kind == SERVICE_ECHO
                         ? g_output_stream_write_all_finish(output, result, NULL, NULL)
                         : g_output_stream_writev_all_finish(output, result, NULL, NULL);
    if (is_ok)
        start_read(context);
    else
        connection_destroy(context);
}

static void start_write(struct connection *connection)
{
    GOutputStream *output = g_io_stream_get_output_stream(G_IO_STREAM(connection->stream));
    size_t whole = contender_whole(service, connection->filled);
    if (service->kind == SERVICE_ECHO) {
        connection->taken = whole;
        g_output_stream_write_all_async(output, connection->buffer, whole, G_PRIORITY_DEFAULT, NULL,
                                        on_written, connection);
        return;
    }
    size_t count = 0;
    connection->taken = 0;
    for (; connection->taken < whole && count < CONTENDER_PIECES_MAX; count++) {
        connection->vectors[count].buffer = connection->buffer + connection->taken;
        connection->vectors[count].size = service->message_size;
        connection->taken += service->message_size;
    }
    if (count == 0)
        start_read(connection);
    else
        g_output_stream_writev_all_async(output, connection->vectors, count, G_PRIORITY_DEFAULT,
                                         NULL, on_written, connection);
}

static void on_read(GObject *source, GAsyncResult *result, gpointer context)
{
    struct connection *connection = context;
    gssize received = g_input_stream_read_finish(G_INPUT_STREAM(source), result, NULL);
    if (received <= 0) {
        connection_destroy(connection);
        return;
    }
    connection->filled += (size_t)received;
    start_write(connection);
}

static void start_read(struct connection *connection)
{
    connection->filled -= connection->taken;
    memmove(connection->buffer, connection->buffer + connection->taken, connection->filled);
    connection->taken = 0;
    g_input_stream_read_async(g_io_stream_get_input_stream(G_IO_STREAM(connection->stream)),
                              connection->buffer + connection->filled,
                              service->buffer_size - connection->filled, G_PRIORITY_DEFAULT, NULL,
                              on_read, connection);
}

static gboolean on_incoming(GSocketService *listener, GSocketConnection *stream, GObject *source,
                            gpointer context)
{
    struct connection *connection = g_malloc0(sizeof *connection + service->buffer_size);
    (void)listener;
    (void)source;
    (void)context;
    connection->stream = g_object_ref(stream);
    contender_no_delay(g_socket_get_fd(g_socket_connection_get_socket(stream)));
    start_read(connection);
    return TRUE;
}

/* On a thread of its own. */
static gboolean on_run(GThreadedSocketService *listener, GSocketConnection *stream, GObject *source,
                       gpointer context)
{
    GSocket *socket = g_socket_connection_get_socket(stream);
    gchar *buffer = g_malloc(service->buffer_size);
    gssize size;
    (void)listener;
    (void)source;
    (void)context;
    contender_no_delay(g_socket_get_fd(socket));
    while ((size = g_socket_receive(socket, buffer, service->buffer_size, NULL, NULL)) > 0) {
        if (g_socket_send(socket, buffer, (gsize)size, NULL, NULL) != size)
            break;
    }
    g_free(buffer);
    return TRUE;
}

static const char *run(GSocketService *listener)
{
    int handle = contender_listen(service);
    GSocket *socket = handle < 0 ? NULL : g_socket_new_from_fd(handle, NULL);
    if (!socket || !g_socket_listener_add_socket(G_SOCKET_LISTENER(listener), socket, NULL, NULL))
        return "it cannot listen";
    g_socket_service_start(listener);
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
    return "its loop came to an end";
}

static const char *serve(const struct service *wanted)
{
    service = wanted;
    GSocketService *listener = g_socket_service_new();
    (void)g_signal_connect(listener, "incoming", G_CALLBACK(on_incoming), NULL);
    return run(listener);
}

static const char *serve_blocking(const struct service *wanted)
{
    service = wanted;
    GSocketService *listener = g_threaded_socket_service_new(-1);
    (void)g_signal_connect(listener, "run", G_CALLBACK(on_run), NULL);
    return run(listener);
}

/* --- Datagrams --- */

static gboolean on_datagram(GSocket *socket, GIOCondition condition, gpointer buffer)
{
    GSocketAddress *from = NULL;
    (void)condition;
    gssize size = g_socket_receive_from(socket, &from, buffer, service->buffer_size, NULL, NULL);
    if (size >= 0)
        (void)g_socket_send_to(socket, from, buffer, (gsize)size, NULL, NULL);
    g_clear_object(&from);
    return G_SOURCE_CONTINUE;
}

static const char *serve_datagrams(const struct service *wanted)
{
    service = wanted;
    int handle = contender_bind(service);
    GSocket *socket = handle < 0 ? NULL : g_socket_new_from_fd(handle, NULL);
    if (!socket)
        return "it cannot bind";
    g_socket_set_blocking(socket, FALSE);
    GSource *source = g_socket_create_source(socket, G_IO_IN, NULL);
    g_source_set_callback(source, G_SOURCE_FUNC(on_datagram), g_malloc(service->buffer_size), NULL);
    (void)g_source_attach(source, NULL);
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
    return "its loop came to an end";
}

static const char *version(void)
{
    static char text[48];
    (void)snprintf(text, sizeof text, "GLib %u.%u.%u", glib_major_version, glib_minor_version,
                   glib_micro_version);
    return text;
}

static const struct contender_style styles[] = {
    {"async",
     {[SERVICE_ECHO] = serve, [SERVICE_PIPELINE] = serve, [SERVICE_DATAGRAM] = serve_datagrams}},
    {"blocking", {[SERVICE_ECHO] = serve_blocking}},
};

const struct contender_program contender_program = {version, styles,
                                                    sizeof styles / sizeof *styles};
