/*
 * libevent as its book writes an echo server ("Bufferevents: concepts and basics" and
 * "Evconnlistener"): a listener, a bufferevent for each connection, and a read callback that moves
 * what came from the input buffer to the output buffer, which needs no copy. Answers that gather in
 * the output buffer leave by one call. A file is a segment that the output buffer refers to, as the
 * book's chapter on evbuffers recommends where a file is sent more than once.
 */
#include "contender.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdio.h>

static const struct service *service;
static struct evbuffer_file_segment *segment; /* of the file that is sent */

static void answer(struct evbuffer *input, struct evbuffer *output)
{
    switch (service->kind) {
    case SERVICE_ECHO: (void)evbuffer_add_buffer(output, input); break;
    case SERVICE_PIPELINE:
        while (evbuffer_get_length(input) >= service->message_size)
            (void)evbuffer_remove_buffer(input, output, service->message_size);
        break;
    case SERVICE_FILE:
        while (evbuffer_get_length(input) >= service->message_size) {
            (void)evbuffer_drain(input, service->message_size);
            (void)evbuffer_add_file_segment(output, segment, 0, -1);
        }
        break;
    case SERVICE_DATAGRAM:
    case SERVICE_COUNT: break;
    }
}

static void on_read(struct bufferevent *connection, void *context)
{
    (void)context;
    answer(bufferevent_get_input(connection), bufferevent_get_output(connection));
}

static void on_event(struct bufferevent *connection, short events, void *context)
{
    (void)context;
    if (events & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        bufferevent_free(connection);
}

static void on_accepted(struct evconnlistener *listener, evutil_socket_t handle,
                        struct sockaddr *address, int size, void *context)
{
    struct event_base *base = evconnlistener_get_base(listener);
    struct bufferevent *connection = bufferevent_socket_new(base, handle, BEV_OPT_CLOSE_ON_FREE);
    (void)address;
    (void)size;
    (void)context;
    if (!connection) {
        (void)evutil_closesocket(handle);
        return;
    }
    contender_no_delay(handle);
    bufferevent_setcb(connection, on_read, NULL, on_event, NULL);
    (void)bufferevent_enable(connection, EV_READ | EV_WRITE);
}

static const char *serve(const struct service *wanted)
{
    service = wanted;
    if (service->kind == SERVICE_FILE) {
        int file = open(service->file, O_RDONLY | O_CLOEXEC);
        segment = file < 0 ? NULL : evbuffer_file_segment_new(file, 0, -1, EVBUF_FS_CLOSE_ON_FREE);
        if (!segment)
            return "it cannot read the file";
    }
    struct event_base *base = event_base_new();
    int handle = contender_listen(service);
    if (!base || handle < 0 || evutil_make_socket_nonblocking(handle) != 0)
        return "it cannot listen";
    if (!evconnlistener_new(base, on_accepted, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
                            0, handle))
        return "it cannot watch its listener";
    (void)event_base_dispatch(base);
    return "its loop came to an end";
}

static const char *version(void)
{
    static char text[48];
    (void)snprintf(text, sizeof text, "libevent %s", event_get_version());
    return text;
}

static const struct contender_style styles[] = {
    {"bufferevent", {[SERVICE_ECHO] = serve, [SERVICE_PIPELINE] = serve, [SERVICE_FILE] = serve}},
};

const struct contender_program contender_program = {version, styles,
                                                    sizeof styles / sizeof *styles};
