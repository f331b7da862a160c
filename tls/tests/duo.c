#include "duo.h"

#include <string.h>

/* --- Contexts --------------------------------------------------------------------------------- */

sn_tls_options options_of(const struct identity *identity)
{
    return (sn_tls_options){.certificate = identity->certificate_pem, .key = identity->key_pem};
}

sn_tls_options options_trusting(void)
{
    return (sn_tls_options){.trust = the_authority()->certificate_pem};
}

sn_tls_context *client_context_of(const sn_tls_options *options)
{
    sn_tls_context *context;
    assert_ok(sn_tls_context_create_client(options, &context));
    return context;
}

sn_tls_context *server_context_of(const sn_tls_options *options)
{
    sn_tls_context *context;
    assert_ok(sn_tls_context_create_server(options, &context));
    return context;
}

sn_tls_context *client_context_make(void)
{
    const sn_tls_options options = options_trusting();
    return client_context_of(&options);
}

sn_tls_context *server_context_make(void)
{
    const sn_tls_options options = options_of(the_server());
    return server_context_of(&options);
}

/* --- Streams ---------------------------------------------------------------------------------- */

void duo_init(struct duo *duo, sn_tls_context *client, sn_tls_context *server)
{
    *duo = (struct duo){.pair = pair_connected(TCP_IPV4), .host = "localhost"};
    duo->client_context = client ? client : client_context_make();
    duo->server_context = server ? server : server_context_make();
    assert_ok(sn_tls_stream_create_on_socket(duo->pair.client, true, &duo->client));
    assert_ok(sn_tls_stream_create_on_socket(duo->pair.server, true, &duo->server));
}

static sn_error serve(void *context)
{
    struct duo *duo = context;
    duo->server_error = do_server(duo->server, duo->server_context);
    return SN_OK;
}

void duo_meet(struct duo *duo)
{
    thread_start(&duo->thread, serve, duo);
    duo->client_error = do_client(duo->client, duo->client_context, duo->host);
    assert_ok(thread_join(&duo->thread));
}

void duo_open(struct duo *duo)
{
    duo_init(duo, NULL, NULL);
    duo_meet(duo);
    assert_text("", duo->client);
    assert_ok(duo->client_error);
    assert_ok(duo->server_error);
}

void duo_free(struct duo *duo)
{
    sn_tls_stream_release(duo->client);
    sn_tls_stream_release(duo->server);
    sn_tls_context_release(duo->client_context);
    sn_tls_context_release(duo->server_context);
    pair_release(&duo->pair);
}

/* --- Verbs ------------------------------------------------------------------------------------ */

static sn_milliseconds operation_limit_ms;

void limit_calls(sn_tls_stream *stream, sn_milliseconds timeout_ms)
{
    sn_network_stream *inner = sn_tls_stream_get_inner(stream);
    operation_limit_ms = timeout_ms > 0 ? timeout_ms : 0;
    assert_ok(sn_network_stream_set_read_timeout(inner, timeout_ms));
    assert_ok(sn_network_stream_set_write_timeout(inner, timeout_ms));
}

struct asked {
    sn_tls_operation operation; /* first: the callback finds the rest by it */
    int completions;            /* under the lock */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void completed(sn_tls_operation *operation)
{
    struct asked *asked = (struct asked *)operation;
    (void)pthread_mutex_lock(&lock);
    asked->completions++;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

static void ask(struct asked *asked)
{
    memset(asked, 0, sizeof *asked);
    asked->operation.completed = completed;
    asked->operation.timeout_ms = operation_limit_ms;
}

static sn_error answer(struct asked *asked, bool is_taken)
{
    if (!is_taken)
        return SN_ERROR_FAULT;
    (void)pthread_mutex_lock(&lock);
    while (asked->completions == 0)
        (void)pthread_cond_wait(&changed, &lock);
    (void)pthread_mutex_unlock(&lock);
    return asked->operation.error;
}

static bool is_async(void)
{
    return test_style == STYLE_CALLBACK;
}

sn_error do_client(sn_tls_stream *stream, sn_tls_context *context, const char *host)
{
    struct asked asked;
    if (!is_async())
        return sn_tls_stream_authenticate_as_client(stream, context, host);
    ask(&asked);
    return answer(&asked, sn_tls_stream_authenticate_as_client_async(stream, context, host,
                                                                     &asked.operation));
}

sn_error do_server(sn_tls_stream *stream, sn_tls_context *context)
{
    struct asked asked;
    if (!is_async())
        return sn_tls_stream_authenticate_as_server(stream, context);
    ask(&asked);
    return answer(&asked,
                  sn_tls_stream_authenticate_as_server_async(stream, context, &asked.operation));
}

sn_error do_read(sn_tls_stream *stream, void *data, size_t size, size_t *out_read)
{
    struct asked asked;
    if (!is_async())
        return sn_tls_stream_read(stream, data, size, out_read);
    ask(&asked);
    sn_error error = answer(&asked, sn_tls_stream_read_async(stream, data, size, &asked.operation));
    *out_read = asked.operation.transferred;
    return error;
}

sn_error do_write(sn_tls_stream *stream, const void *data, size_t size, size_t *out_written)
{
    struct asked asked;
    if (!is_async())
        return sn_tls_stream_write(stream, data, size, out_written);
    ask(&asked);
    sn_error error =
        answer(&asked, sn_tls_stream_write_async(stream, data, size, &asked.operation));
    if (out_written)
        *out_written = asked.operation.transferred;
    return error;
}

sn_error do_shutdown(sn_tls_stream *stream)
{
    struct asked asked;
    if (!is_async())
        return sn_tls_stream_shutdown(stream);
    ask(&asked);
    return answer(&asked, sn_tls_stream_shutdown_async(stream, &asked.operation));
}

sn_error do_read_all(sn_tls_stream *stream, void *data, size_t size)
{
    size_t done = 0, count = 1;
    sn_error error = SN_OK;
    while (!error && done < size && count > 0) {
        error = do_read(stream, (char *)data + done, size - done, &count);
        done += error ? 0 : count;
    }
    return error || done == size ? error : SN_ERROR_END_OF_STREAM;
}

/* --- What others do meanwhile ----------------------------------------------------------------- */

sn_error cancel_client(struct duo *duo, struct thread *thread)
{
    do {
        sn_socket_cancel(duo->pair.client);
        give_way();
    } while (!thread_is_done(thread));
    return thread_join(thread);
}

void wait_taken(struct duo *duo)
{
    size_t count = 1;
    while (count > 0) {
        give_way();
        assert_ok(sn_socket_get_available(duo->pair.client, &count));
    }
    if (!is_async())
        return;
    for (int turns = 0; turns < 2; turns++) {
        sn_operation turn = {.timeout_ms = 0};
        sn_socket_post_async(duo->pair.client, &turn);
        assert_ok(sn_operation_wait(&turn));
    }
}
