#include "support/async.h"

#include "support/threads.h"

#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int places;

static void completed(sn_operation *operation)
{
    struct pending *pending = (struct pending *)operation;
    pthread_mutex_lock(&lock);
    pending->place = ++places;
    pending->is_foreign = !pthread_equal(pthread_self(), pending->starter);
    pthread_mutex_unlock(&lock);
    if (pending->then)
        pending->then(pending);
    pthread_mutex_lock(&lock);
    pending->completions++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void pending_init(struct pending *pending)
{
    *pending = (struct pending){.operation.completed = completed, .starter = pthread_self()};
}

void pending_init_all(struct pending *pending, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pending_init(&pending[i]);
}

int pending_count(struct pending *pending)
{
    pthread_mutex_lock(&lock);
    int count = pending->completions;
    pthread_mutex_unlock(&lock);
    return count;
}

void pending_wait_count(struct pending *pending, int count)
{
    while (sn_fiber_current() && pending_count(pending) < count)
        give_way(); /* the callback may be due on its thread */
    pthread_mutex_lock(&lock);
    while (pending->completions < count)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

void pending_wait(struct pending *pending)
{
    pending_wait_count(pending, 1);
}

void assert_pending(sn_error expected, struct pending *pending)
{
    pending_wait(pending);
    assert_error(expected, pending->operation.error);
    assert_int_equal(1, pending_count(pending));
    /* A fiber is on the thread of an engine. */
    assert_true(pending->is_foreign || sn_fiber_current());
}

void places_reset(void)
{
    pthread_mutex_lock(&lock);
    places = 0;
    pthread_mutex_unlock(&lock);
}

/* --- Engines ---------------------------------------------------------------------------------- */

sn_engine *engine_make(int threads)
{
    sn_engine *engine = NULL;
    assert_ok(sn_engine_create(&(sn_engine_options){.threads = threads}, &engine));
    return engine;
}

void engine_destroy(sn_engine *engine)
{
    assert_ok(sn_engine_destroy(engine));
}

void run_until(sn_engine *engine, struct pending *pending)
{
    while (pending_count(pending) == 0)
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
}

/* --- Steps ------------------------------------------------------------------------------------ */

void send_plain(sn_socket *socket, const void *data, size_t size)
{
    size_t sent = 0;
    assert_ok(sn_socket_send(socket, data, size, SN_FLAG_NONE, &sent));
    assert_int_equal(size, sent);
}

void receive_plain(sn_socket *socket, void *data, size_t size)
{
    for (size_t total = 0, received = 0; total < size; total += received) {
        assert_ok(
            sn_socket_receive(socket, (char *)data + total, size - total, SN_FLAG_NONE, &received));
        assert_true(received > 0);
    }
}

struct socket_pair pair_plain(enum transport transport)
{
    struct socket_pair pair = {0};
    if (!transport_listens(transport)) {
        pair.client = socket_bound(transport);
        pair.server = socket_bound(transport);
        sn_endpoint client = local_endpoint(pair.client), server = local_endpoint(pair.server);
        assert_ok(sn_socket_connect(pair.client, &server));
        assert_ok(sn_socket_connect(pair.server, &client));
        return pair;
    }
    pair.listener = socket_listening(transport, 16);
    pair.client = socket_make(transport);
    sn_endpoint address = local_endpoint(pair.listener);
    assert_ok(sn_socket_connect(pair.client, &address));
    assert_ok(sn_socket_accept(pair.listener, &pair.server));
    return pair;
}

static unsigned char pattern_at(size_t place)
{
    return (unsigned char)(place * 31 + (place >> 8) * 7 + (place >> 16));
}

void fill_pattern(unsigned char *data, size_t size, size_t offset)
{
    for (size_t i = 0; i < size; i++)
        data[i] = pattern_at(offset + i);
}

bool is_pattern(const unsigned char *data, size_t size, size_t offset)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] != pattern_at(offset + i))
            return false;
    return true;
}
