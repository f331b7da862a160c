/*
 * Each verb twice: the blocking function, and its asynchronous form started and waited for in the
 * style of the run.
 *
 * In the driven style the main thread runs the engine, and only it: a call from another thread on a
 * socket that belongs to that engine would wait for somebody who is waiting for it. So other
 * threads call as in the style "wait", on the default engine; and where the socket belongs to the
 * driven engine already, they make the blocking call, which needs no engine.
 */
#include "support/verbs.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum call_style test_style = STYLE_BLOCKING;

static pthread_t main_thread;
static sn_engine *driven_engine; /* lives as long as the program */
static const char *missing;

static const char *const style_names[] = {
#define X(id, name) name,
    CALL_STYLE_TABLE(X)
#undef X
};

static void give_up(const char *what, sn_error error)
{
    fprintf(stderr, "%s: %s (errno %d)\n", what, sn_error_name(error), sn_error_last_native());
    exit(2);
}

bool style_is_blocking(void)
{
    return test_style == STYLE_BLOCKING;
}

const char *style_missing(void)
{
    return missing;
}

/* --- The engines -------------------------------------------------------------------------------
 */

/* Falling back to epoll unnoticed would be a run that tests nothing new. */
static void check_backend(sn_engine *engine)
{
    const char *wanted = getenv("SENNIT_ENGINE");
    if (wanted && strcmp(wanted, sn_engine_backend_name(sn_engine_get_backend(engine))) != 0)
        missing = sn_engine_get_backend_reason(engine);
}

static void make_engines(void)
{
    sn_engine *engine = NULL;
    sn_error error = sn_engine_default(&engine);
    if (error)
        give_up("the default engine", error);
    check_backend(engine);
    if (test_style != STYLE_DRIVEN)
        return;
    error = sn_engine_create(NULL, &driven_engine);
    if (!error)
        error = sn_engine_run(driven_engine, 0, NULL); /* its back-end is made by the first run */
    if (error)
        give_up("the driven engine", error);
}

void verbs_choose_style(void)
{
    const char *wanted = getenv("SENNIT_TEST_STYLE");
    main_thread = pthread_self();
    int style = 0;
    while (wanted && style < STYLE_COUNT && strcmp(wanted, style_names[style]) != 0)
        style++;
    if (style == STYLE_COUNT) {
        fprintf(stderr, "SENNIT_TEST_STYLE=%s: there is no such style of calling\n", wanted);
        exit(2);
    }
    test_style = (enum call_style)style;
    if (!style_is_blocking())
        make_engines();
}

static void run_driven(int timeout_ms)
{
    sn_error error = sn_engine_run(driven_engine, timeout_ms, NULL);
    if (error)
        give_up("running the driven engine", error);
}

void engines_settle(void)
{
    sn_operation post = {0};
    if (style_is_blocking())
        return;
    if (driven_engine)
        run_driven(0);
    sn_engine_post_async(NULL, &post);
    sn_error error = sn_operation_wait(&post);
    if (error)
        give_up("posting to the default engine", error);
}

/* --- One call ----------------------------------------------------------------------------------
 */

struct call {
    sn_operation operation;
    sn_operation wake; /* brings a completion from another thread to the one that drives */
    enum call_style style;
    pthread_t starter;
    bool is_starting;
    bool is_done; /* callback style: under the lock; driven style: the main thread's */
};

/* Not in the call itself: it is gone as soon as its thread has seen `is_done`. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void wrong_thread(void)
{
    fprintf(stderr, "a callback ran on the thread, or inside the call, that started it\n");
    abort();
}

static void completed(sn_operation *operation)
{
    struct call *call = operation->context;
    if (pthread_equal(pthread_self(), call->starter))
        wrong_thread(); /* trap 101 */
    pthread_mutex_lock(&lock);
    call->is_done = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void woken(sn_operation *wake)
{
    struct call *call = wake->context;
    call->is_done = true;
}

/* What no engine could be told of (misuse) ends on a thread of the default one. */
static void completed_driven(sn_operation *operation)
{
    struct call *call = operation->context;
    if (!pthread_equal(pthread_self(), main_thread))
        sn_engine_post_async(driven_engine, &call->wake);
    else if (call->is_starting)
        wrong_thread();
    else
        call->is_done = true;
}

/* How this thread may call with this socket; see above. */
static enum call_style style_for(sn_socket *socket)
{
    if (test_style != STYLE_DRIVEN)
        return test_style;
    bool is_main = pthread_equal(pthread_self(), main_thread);
    sn_error error = sn_socket_set_engine(socket, is_main ? driven_engine : NULL);
    if (is_main)
        return error ? STYLE_WAIT : STYLE_DRIVEN;
    return error ? STYLE_BLOCKING : STYLE_WAIT;
}

typedef sn_error (*timeout_getter)(sn_socket *, int *);

/* False: the blocking function is to be called. */
static bool begin(struct call *call, sn_socket *socket, timeout_getter get_timeout)
{
    *call = (struct call){.style = style_for(socket), .starter = pthread_self()};
    bool is_one_attempt = socket && !sn_socket_get_blocking(socket);
    if (call->style == STYLE_BLOCKING || is_one_attempt)
        return false;
    int timeout_ms = 0;
    if (get_timeout && !get_timeout(socket, &timeout_ms))
        call->operation.timeout_ms = timeout_ms;
    call->operation.context = call->wake.context = call;
    call->wake.completed = woken;
    if (call->style == STYLE_CALLBACK)
        call->operation.completed = completed;
    if (call->style == STYLE_DRIVEN)
        call->operation.completed = completed_driven;
    call->is_starting = true;
    return true;
}

static sn_error end(struct call *call, size_t *out_transferred)
{
    call->is_starting = false;
    sn_error error;
    switch (call->style) {
    case STYLE_CALLBACK:
        pthread_mutex_lock(&lock);
        while (!call->is_done)
            pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
        break;
    case STYLE_DRIVEN:
        while (!call->is_done)
            run_driven(-1);
        break;
    case STYLE_WAIT:
        error = sn_operation_wait(&call->operation);
        if (error != call->operation.error)
            give_up("sn_operation_wait() gave another error than the operation's", error);
        break;
    case STYLE_BLOCKING:
    case STYLE_COUNT: break;
    }
    if (call->operation.error == SN_OK && out_transferred)
        *out_transferred = call->operation.transferred;
    return call->operation.error;
}

/* --- The verbs: where an output that only the blocking form has is missing, that form is asked --
 */

sn_error do_accept(sn_socket *socket, sn_socket **out_socket)
{
    struct call call;
    if (!out_socket || !begin(&call, socket, sn_socket_get_accept_timeout))
        return sn_socket_accept(socket, out_socket);
    sn_socket_accept_async(socket, NULL, &call.operation);
    sn_error error = end(&call, NULL);
    if (!error)
        *out_socket = call.operation.socket;
    return error;
}

sn_error do_connect(sn_socket *socket, const sn_endpoint *remote)
{
    struct call call;
    if (!begin(&call, socket, sn_socket_get_connect_timeout))
        return sn_socket_connect(socket, remote);
    sn_socket_connect_async(socket, remote, &call.operation);
    return end(&call, NULL);
}

sn_error do_connect_host(sn_socket *socket, const char *host, int port)
{
    struct call call;
    if (!begin(&call, socket, sn_socket_get_connect_timeout))
        return sn_socket_connect_host(socket, host, port);
    sn_socket_connect_host_async(socket, host, port, &call.operation);
    return end(&call, NULL);
}

sn_error do_connect_addresses(sn_socket *socket, const sn_ip_address *addresses, size_t count,
                              int port)
{
    struct call call;
    if (!begin(&call, socket, sn_socket_get_connect_timeout))
        return sn_socket_connect_addresses(socket, addresses, count, port);
    sn_socket_connect_addresses_async(socket, addresses, count, port, &call.operation);
    return end(&call, NULL);
}

sn_error do_disconnect(sn_socket *socket, bool reuse)
{
    struct call call;
    if (!begin(&call, socket, NULL))
        return sn_socket_disconnect(socket, reuse);
    sn_socket_disconnect_async(socket, reuse, &call.operation);
    return end(&call, NULL);
}

sn_error do_send(sn_socket *socket, const void *data, size_t size, sn_flags flags, size_t *out_sent)
{
    struct call call;
    if (!begin(&call, socket, sn_socket_get_send_timeout))
        return sn_socket_send(socket, data, size, flags, out_sent);
    sn_socket_send_async(socket, data, size, flags, &call.operation);
    return end(&call, out_sent);
}

sn_error do_send_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count, sn_flags flags,
                         size_t *out_sent)
{
    struct call call;
    if (!begin(&call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_buffers(socket, buffers, count, flags, out_sent);
    sn_socket_send_buffers_async(socket, buffers, count, flags, &call.operation);
    return end(&call, out_sent);
}

sn_error do_send_to(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                    const sn_endpoint *to, size_t *out_sent)
{
    struct call call;
    if (!begin(&call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_to(socket, data, size, flags, to, out_sent);
    sn_socket_send_to_async(socket, data, size, flags, to, &call.operation);
    return end(&call, out_sent);
}

sn_error do_receive(sn_socket *socket, void *data, size_t size, sn_flags flags,
                    size_t *out_received)
{
    struct call call;
    if (!out_received || !begin(&call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive(socket, data, size, flags, out_received);
    sn_socket_receive_async(socket, data, size, flags, &call.operation);
    return end(&call, out_received);
}

sn_error do_receive_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                            sn_flags flags, size_t *out_received)
{
    struct call call;
    if (!out_received || !begin(&call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_buffers(socket, buffers, count, flags, out_received);
    sn_socket_receive_buffers_async(socket, buffers, count, flags, &call.operation);
    return end(&call, out_received);
}

sn_error do_receive_from(sn_socket *socket, void *data, size_t size, sn_flags flags,
                         sn_endpoint *out_from, size_t *out_received)
{
    struct call call;
    if (!out_received || !begin(&call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_from(socket, data, size, flags, out_from, out_received);
    sn_socket_receive_from_async(socket, data, size, flags, out_from, &call.operation);
    return end(&call, out_received);
}

/* What a receive of a message notices comes in the operation. */
static sn_error end_message(struct call *call, sn_flags *flags,
                            sn_ip_packet_information *information, size_t *out_received)
{
    sn_error error = end(call, out_received);
    if (!error) {
        *flags = call->operation.flags;
        *information = call->operation.packet_information;
    }
    return error;
}

sn_error do_receive_message_from(sn_socket *socket, void *data, size_t size, sn_flags *inout_flags,
                                 sn_endpoint *out_from, sn_ip_packet_information *out_information,
                                 size_t *out_received)
{
    struct call call;
    if (!inout_flags || !out_information || !out_received ||
        !begin(&call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_message_from(socket, data, size, inout_flags, out_from,
                                              out_information, out_received);
    sn_socket_receive_message_from_async(socket, data, size, *inout_flags, out_from,
                                         &call.operation);
    return end_message(&call, inout_flags, out_information, out_received);
}

sn_error do_receive_message_from_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                         sn_flags *inout_flags, sn_endpoint *out_from,
                                         sn_ip_packet_information *out_information,
                                         size_t *out_received)
{
    struct call call;
    if (!inout_flags || !out_information || !out_received ||
        !begin(&call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_message_from_buffers(socket, buffers, count, inout_flags, out_from,
                                                      out_information, out_received);
    sn_socket_receive_message_from_buffers_async(socket, buffers, count, *inout_flags, out_from,
                                                 &call.operation);
    return end_message(&call, inout_flags, out_information, out_received);
}

/* How much of a file went is told after an error too, unless nothing was begun. */
static sn_error end_file(struct call *call, size_t *out_sent)
{
    sn_error error = end(call, NULL);
    if (out_sent && (!error || call->operation.transferred > 0))
        *out_sent = call->operation.transferred;
    return error;
}

sn_error do_send_file(sn_socket *socket, const char *path, const void *pre, size_t pre_size,
                      const void *post, size_t post_size, sn_transmit_flags flags, size_t *out_sent)
{
    struct call call;
    if (!begin(&call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_file(socket, path, pre, pre_size, post, post_size, flags, out_sent);
    sn_socket_send_file_async(socket, path, pre, pre_size, post, post_size, flags, &call.operation);
    return end_file(&call, out_sent);
}

sn_error do_send_file_range(sn_socket *socket, sn_handle file, int64_t offset, int64_t count,
                            const void *pre, size_t pre_size, const void *post, size_t post_size,
                            sn_transmit_flags flags, size_t *out_sent)
{
    struct call call;
    if (!begin(&call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_file_range(socket, file, offset, count, pre, pre_size, post,
                                         post_size, flags, out_sent);
    sn_socket_send_file_range_async(socket, file, offset, count, pre, pre_size, post, post_size,
                                    flags, &call.operation);
    return end_file(&call, out_sent);
}

sn_error do_send_packets(sn_socket *socket, const sn_send_packets_element *elements, size_t count,
                         sn_transmit_flags flags, size_t *out_sent)
{
    struct call call;
    if (!begin(&call, socket, sn_socket_get_send_timeout)) {
        memset(&call, 0, sizeof call);
        call.style = STYLE_WAIT;
    }
    sn_socket_send_packets_async(socket, elements, count, flags, &call.operation);
    return end_file(&call, out_sent);
}
