#include "support/clients_support.h"

#include <pthread.h>

void clients_begin(void)
{
    sn_engine *engine = NULL;
    if (sn_engine_default(&engine))
        print_error("the default engine: errno %d\n", sn_error_last_native());
    settle();
}

struct socket_pair pair_unbound(enum transport transport)
{
    struct socket_pair pair = {.listener = socket_listening(transport, 1),
                               .client = socket_make(transport)};
    sn_endpoint address = local_endpoint(pair.listener);
    assert_ok(sn_socket_connect(pair.client, &address));
    assert_ok(sn_socket_accept(pair.listener, &pair.server));
    return pair;
}

/* What was asked for before is done before. */
static void settle_thread(sn_engine *engine)
{
    sn_operation post = {0};
    sn_engine_post_async(engine, &post);
    assert_ok(sn_operation_wait(&post));
}

/* Posts are dealt round robin, so each thread of the engine gets one. */
void settle(void)
{
    sn_engine *engine = NULL;
    assert_ok(sn_engine_default(&engine));
    for (int i = 0; i < sn_engine_get_thread_count(engine); i++)
        settle_thread(engine);
}

sn_error completed(sn_operation *operation)
{
    sn_error error = sn_operation_wait(operation);
    settle();
    return error;
}

/* --- Rows ------------------------------------------------------------------------------------- */

static sn_operation shared_operation;
static pthread_t starter;
static bool is_on_other_thread;

static void called_back(sn_operation *operation)
{
    (void)operation;
    is_on_other_thread = !pthread_equal(pthread_self(), starter);
}

sn_operation *async_waited(void)
{
    shared_operation = (sn_operation){0};
    return &shared_operation;
}

sn_operation *async_called_back(void)
{
    shared_operation = (sn_operation){.completed = called_back};
    starter = pthread_self();
    is_on_other_thread = false;
    return &shared_operation;
}

sn_error async_result(void)
{
    sn_error error = sn_operation_wait(&shared_operation);
    settle(); /* the wait may end before the callback has run */
    /* A fiber is on the thread of the engine. */
    if (shared_operation.completed && !sn_fiber_current())
        row_equal(true, is_on_other_thread);
    return error;
}

sn_socket *socket_of(sn_tcp_client *client)
{
    sn_socket *socket = NULL;
    assert_ok(sn_tcp_client_get_socket(client, &socket));
    return socket;
}
