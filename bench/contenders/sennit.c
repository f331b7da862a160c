/*
 * Sennit, as its users write it. The engine is driven by this program, or runs on a thread of its
 * own.
 */
#include "sennit.h"

#include <stdio.h>
#include <unistd.h>

struct acceptor {
    sn_operation operation;
    sn_socket *listener; /* owned */
    sennit_connected *connected;
    const struct service *service;
    struct sennit_care care;
};

static void on_accepted(sn_operation *operation)
{
    struct acceptor *acceptor = operation->context;
    if (!operation->error)
        acceptor->connected(operation->socket, acceptor->service, &acceptor->care);
    else if (!sn_error_is_transient(operation->error))
        return;
    sn_socket_accept_async(acceptor->listener, NULL, operation);
}

/* Keeps the library's own last step: what went wrong is told by its error. */
sn_error sennit_listen(const struct service *service, sn_engine *engine, sn_socket **out_listener)
{
    sn_endpoint local;
    sn_error error = sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, service->port, &local);
    if (!error)
        error = sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, out_listener);
    if (!error && engine)
        error = sn_socket_set_engine(*out_listener, engine);
    if (!error)
        error = sn_socket_set_reuse_address_only(*out_listener, true);
    if (!error)
        error = sn_socket_bind(*out_listener, &local);
    if (!error)
        error = sn_socket_listen(*out_listener, CONTENDER_BACKLOG);
    if (!error)
        error = sn_socket_get_local_endpoint(*out_listener, &local);
    if (!error)
        contender_announce(sn_endpoint_get_port(&local));
    return error;
}

static sn_error accept_all(sn_engine *engine, struct acceptor *acceptor)
{
    sn_error error = sennit_listen(acceptor->service, engine, &acceptor->listener);
    if (error)
        return error;
    acceptor->operation = (sn_operation){.completed = on_accepted, .context = acceptor};
    sn_socket_accept_async(acceptor->listener, NULL, &acceptor->operation);
    return SN_OK;
}

static sennit_connected *const connected[SERVICE_COUNT] = {
    [SERVICE_ECHO] = sennit_echo_connected,
    [SERVICE_PIPELINE] = sennit_pipeline_connected,
    [SERVICE_FILE] = sennit_file_connected,
};

static const char *serve(const struct service *service, const sn_engine_options *options,
                         struct sennit_care care)
{
    static struct acceptor acceptor;
    sn_engine *engine = NULL;
    acceptor.service = service;
    acceptor.care = care;
    acceptor.connected = care.gathers ? sennit_gather_connected : connected[service->kind];
    sn_error error = sn_engine_create(options, &engine);
    if (!error)
        error = service->kind == SERVICE_DATAGRAM ? sennit_datagrams_start(engine, service)
                                                  : accept_all(engine, &acceptor);
    while (!error && options->threads > 0)
        (void)pause();
    while (!error)
        error = sn_engine_run(engine, SN_FOREVER, NULL);
    return sn_error_message(error);
}

/* --- The styles --- */

static const sn_engine_options on_epoll = {.backend = SN_ENGINE_BACKEND_EPOLL};
static const sn_engine_options on_io_uring = {.backend = SN_ENGINE_BACKEND_IO_URING};

static const char *serve_io_uring(const struct service *service)
{
    return serve(service, &on_io_uring, (struct sennit_care){0});
}

static const char *serve_epoll(const struct service *service)
{
    return serve(service, &on_epoll, (struct sennit_care){0});
}

static const char *serve_io_uring_gather(const struct service *service)
{
    return serve(service, &on_io_uring, (struct sennit_care){.gathers = true});
}

static const char *serve_epoll_gather(const struct service *service)
{
    return serve(service, &on_epoll, (struct sennit_care){.gathers = true});
}

static const char *serve_epoll_limit(const struct service *service)
{
    return serve(service, &on_epoll, (struct sennit_care){.limit_ms = 30000});
}

static const char *serve_epoll_handle(const struct service *service)
{
    struct sennit_care care = {0};
    sn_error error = sn_cancellation_create(&care.handle);
    return error ? sn_error_message(error) : serve(service, &on_epoll, care);
}

static const char *serve_io_uring_fiber(const struct service *service)
{
    return sennit_serve_fiber(service, &on_io_uring);
}

static const char *serve_epoll_fiber(const struct service *service)
{
    return sennit_serve_fiber(service, &on_epoll);
}

static const char *serve_thread(const struct service *service)
{
    return serve(service, &(sn_engine_options){.threads = 1}, (struct sennit_care){0});
}

static const struct contender_style styles[] = {
    {"io_uring", {serve_io_uring, serve_io_uring, serve_io_uring, serve_io_uring}},
    {"epoll", {serve_epoll, serve_epoll, serve_epoll, serve_epoll}},
    {"thread", {serve_thread, serve_thread, serve_thread, serve_thread}},
    {"epoll-limit", {[SERVICE_ECHO] = serve_epoll_limit}},
    {"epoll-handle", {[SERVICE_ECHO] = serve_epoll_handle}},
    {"io_uring-fiber", {[SERVICE_ECHO] = serve_io_uring_fiber}},
    {"epoll-fiber", {[SERVICE_ECHO] = serve_epoll_fiber}},
    {"io_uring-gather", {[SERVICE_PIPELINE] = serve_io_uring_gather}},
    {"epoll-gather", {[SERVICE_PIPELINE] = serve_epoll_gather}},
    {"blocking", {[SERVICE_ECHO] = sennit_serve_blocking}},
    {"waiting", {[SERVICE_ECHO] = sennit_serve_waiting}},
};

static const char *version(void)
{
    static char text[32];
    (void)snprintf(text, sizeof text, "Sennit %s", sn_version());
    return text;
}

const struct contender_program contender_program = {version, styles,
                                                    sizeof styles / sizeof *styles};
