/*
 * Mistakes in asynchronous calls come through the operation too, on a thread of an engine (B.17):
 * wrong arguments, wrong states, a record that is in use. Traps 25, 34, 65, 98, 101.
 */
#include "support/async.h"

#include <limits.h>

/* --- Every verb, called wrongly --------------------------------------------------------------- */

static char data[4];
static sn_buffer buffers[2] = {{data, 2}, {NULL, 2}};
static sn_endpoint from, nobody;

#define V (&p->operation)
#define MISTAKE_TABLE(X)                                                                           \
    X(ARGUMENT_NULL, receive_async(s, NULL, 1, 0, V))                                              \
    X(ARGUMENT_OUT_OF_RANGE, receive_async(s, data, SIZE_MAX, 0, V))                               \
    X(OPERATION_NOT_SUPPORTED, receive_async(s, data, 1, 1 << 20, V))                              \
    X(ARGUMENT_NULL, receive_async(NULL, data, 1, 0, V))                                           \
    X(NOT_CONNECTED, receive_async(s, data, 1, 0, V))                                              \
    X(ARGUMENT_NULL, receive_buffers_async(s, NULL, 1, 0, V))                                      \
    X(ARGUMENT, receive_buffers_async(s, buffers, 0, 0, V))                                        \
    X(ARGUMENT_NULL, receive_buffers_async(s, buffers, 2, 0, V))                                   \
    X(ARGUMENT_NULL, receive_from_async(s, data, 1, 0, NULL, V))                                   \
    X(INVALID_OPERATION, receive_from_async(s, data, 1, 0, &from, V))                              \
    X(ARGUMENT_NULL, send_async(s, NULL, 1, 0, V))                                                 \
    X(OPERATION_NOT_SUPPORTED, send_async(s, data, 1, 1 << 20, V))                                 \
    X(SHUTDOWN, send_async(s, data, 1, 0, V))                                                      \
    X(ARGUMENT, send_buffers_async(s, buffers, 0, 0, V))                                           \
    X(ARGUMENT_NULL, send_to_async(s, data, 1, 0, NULL, V))                                        \
    X(ARGUMENT_NULL, send_to_async(s, data, 1, 0, &nobody, V))                                     \
    X(INVALID_OPERATION, accept_async(s, NULL, V))                                                 \
    X(ARGUMENT_NULL, connect_async(s, NULL, V))                                                    \
    X(ARGUMENT_NULL, connect_async(s, &nobody, V))                                                 \
    X(ARGUMENT_NULL, connect_host_async(s, NULL, 1, V))                                            \
    X(ARGUMENT, connect_host_async(s, "", 1, V))                                                   \
    X(ARGUMENT_OUT_OF_RANGE, connect_host_async(s, "localhost", 65536, V))                         \
    X(NOT_SUPPORTED, connect_host_async(s, "::1", 1, V))                                           \
    X(ARGUMENT_NULL, connect_addresses_async(s, NULL, 1, 1, V))                                    \
    X(ARGUMENT, connect_addresses_async(s, &SN_IPV4_LOOPBACK, 0, 1, V))                            \
    X(ARGUMENT_OUT_OF_RANGE, connect_addresses_async(s, &SN_IPV4_LOOPBACK, 1, INT_MAX, V))         \
    X(NOT_SUPPORTED, connect_addresses_async(s, &SN_IPV6_LOOPBACK, 1, 1, V))                       \
    X(NOT_CONNECTED, disconnect_async(s, false, V))

static void make_mistake(size_t which, sn_socket *s, struct pending *p)
{
    size_t row = 0;
#define X(error, call)                                                                             \
    if (row++ == which)                                                                            \
        sn_socket_##call;
    MISTAKE_TABLE(X)
#undef X
}

static const struct {
    const char *call;
    sn_error error;
} mistakes[] = {
#define X(error, call) {#call, SN_ERROR_##error},
    MISTAKE_TABLE(X)
#undef X
};

TEST(a_mistake_is_told_by_the_callback_on_a_thread_of_an_engine)
{
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        struct pending pending;
        row_begin("%s", mistakes[i].call);
        pending_init(&pending);
        make_mistake(i, socket, &pending);
        pending_wait(&pending);
        row_error(mistakes[i].error, pending.operation.error);
        row_equal(1, pending_count(&pending));
        row_equal(true, pending.is_foreign);
        row_equal(true, pending.operation.socket == NULL);
        row_equal(0, pending.operation.transferred);
        sn_socket_release(socket);
    }
    rows_end();
}

/* Where nobody is to be called it is over at once. */
TEST(a_mistake_without_a_callback_is_told_before_the_call_returns)
{
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        struct pending pending;
        row_begin("%s", mistakes[i].call);
        pending_init(&pending);
        pending.operation.completed = NULL;
        make_mistake(i, socket, &pending);
        row_error(mistakes[i].error, sn_operation_wait(&pending.operation));
        sn_socket_release(socket);
    }
    rows_end();
}

TEST(what_is_not_a_socket_call_has_its_mistakes_too)
{
    struct pending delay, made;
    pending_init(&delay);
    pending_init(&made);
    sn_engine_delay_async(NULL, -2, &delay.operation);
    assert_pending(SN_ERROR_ARGUMENT_OUT_OF_RANGE, &delay);
    sn_socket_create_connected_async(SN_TYPE_STREAM, SN_PROTOCOL_TCP, NULL, &made.operation);
    assert_pending(SN_ERROR_ARGUMENT, &made);
    assert_null(made.operation.socket);
}

/* --- A record that is in use (trap 98) -------------------------------------------------------- */

TEST(starting_an_operation_that_is_in_progress_leaves_the_running_one_alone)
{
    struct socket_pair pair = pair_plain(TCP_IPV4), other = pair_plain(TCP_IPV4);
    struct pending receive;
    char byte = 0, unused = 'u';
    pending_init(&receive);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive.operation);
    send_plain(other.client, "y", 1);
    sn_socket_receive_async(other.server, &unused, 1, SN_FLAG_NONE, &receive.operation);
    sn_socket_send_async(pair.server, "z", 1, SN_FLAG_NONE, &receive.operation);
    sn_socket_connect_async(pair.server, NULL, &receive.operation);
    sn_engine_post_async(NULL, &receive.operation);
    assert_int_equal(0, pending_count(&receive));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_destroy(&receive.operation));
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &receive);
    assert_int_equal('x', byte);
    assert_int_equal('u', unused);
    receive_plain(other.server, &byte, 1); /* nobody has taken it */
    assert_int_equal('y', byte);
    assert_int_equal(0, available(pair.client));
    pair_release(&pair);
    pair_release(&other);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_mistake_is_told_by_the_callback_on_a_thread_of_an_engine),
        CASE(a_mistake_without_a_callback_is_told_before_the_call_returns),
        CASE(what_is_not_a_socket_call_has_its_mistakes_too),
        CASE(starting_an_operation_that_is_in_progress_leaves_the_running_one_alone),
    };
    return RUN(cases);
}
