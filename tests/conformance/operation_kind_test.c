/* What an operation says of itself after the start (contract B.17, LastOperation), misuse included.
 */
#include "support/clients_support.h"

/* X(kind, call) */
#define START_TABLE(X)                                                                             \
    X(SN_OPERATION_ACCEPT, sn_socket_accept_async(NULL, NULL, &operation))                         \
    X(SN_OPERATION_CONNECT, sn_socket_connect_async(NULL, NULL, &operation))                       \
    X(SN_OPERATION_DISCONNECT, sn_socket_disconnect_async(NULL, false, &operation))                \
    X(SN_OPERATION_RECEIVE, sn_socket_receive_async(NULL, NULL, 0, 0, &operation))                 \
    X(SN_OPERATION_RECEIVE_FROM, sn_socket_receive_from_async(NULL, NULL, 0, 0, NULL, &operation)) \
    X(SN_OPERATION_RECEIVE_MESSAGE_FROM,                                                           \
      sn_socket_receive_message_from_async(NULL, NULL, 0, 0, NULL, &operation))                    \
    X(SN_OPERATION_RECEIVE, sn_socket_receive_exactly_async(NULL, NULL, 0, &operation))            \
    X(SN_OPERATION_RECEIVE, sn_reader_read_exactly_async(NULL, NULL, 0, &operation))               \
    X(SN_OPERATION_COPY, sn_socket_copy_to_async(NULL, NULL, 1, NULL, &operation))                 \
    X(SN_OPERATION_RELAY, sn_socket_relay_async(NULL, NULL, 1, NULL, &operation))                  \
    X(SN_OPERATION_SEND, sn_socket_send_async(NULL, NULL, 0, 0, &operation))                       \
    X(SN_OPERATION_SEND_PACKETS, sn_socket_send_packets_async(NULL, NULL, 0, 0, &operation))       \
    X(SN_OPERATION_SEND_TO, sn_socket_send_to_async(NULL, NULL, 0, 0, NULL, &operation))           \
    X(SN_OPERATION_SEND_BATCH, sn_socket_send_batch_async(NULL, NULL, 0, 0, &operation))           \
    X(SN_OPERATION_RECEIVE_BATCH, sn_socket_receive_batch_async(NULL, NULL, 0, 0, &operation))     \
    X(SN_OPERATION_DETACH, sn_socket_detach_async(NULL, false, NULL, &operation))                  \
    X(SN_OPERATION_SEND_HANDLES,                                                                   \
      sn_socket_send_handles_async(NULL, NULL, 0, NULL, 0, 0, &operation))                         \
    X(SN_OPERATION_RECEIVE_HANDLES,                                                                \
      sn_socket_receive_handles_async(NULL, NULL, 0, NULL, 0, 0, &operation))                      \
    X(SN_OPERATION_SIGNAL, sn_signals_receive_async(NULL, NULL, &operation))                       \
    X(SN_OPERATION_POST, sn_socket_post_async(NULL, &operation))                                   \
    X(SN_OPERATION_REPEAT, sn_engine_repeat_async(NULL, 1, NULL, &operation))

TEST(an_operation_tells_what_was_started_last)
{
    sn_operation operation = {0};
    row_begin("never started");
    row_equal(SN_OPERATION_NONE, sn_operation_get_kind(&operation));
#define X(kind, call)                                                                              \
    row_begin(#kind);                                                                              \
    call;                                                                                          \
    row_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(&operation));                              \
    row_equal(kind, sn_operation_get_kind(&operation));
    START_TABLE(X)
#undef X
    rows_end();
}

static void note_context(sn_operation *operation)
{
    *(sn_operation **)operation->context = operation;
}

TEST(the_callback_gets_the_operation_and_with_it_the_program_s_own_pointer)
{
    sn_operation *seen = NULL;
    sn_operation operation = {.completed = note_context, .context = &seen};
    sn_socket_send_async(NULL, NULL, 0, 0, &operation);
    assert_error(SN_ERROR_ARGUMENT_NULL, completed(&operation));
    assert_ptr_equal(&operation, seen);
    assert_ptr_equal(&seen, operation.context);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(an_operation_tells_what_was_started_last),
        CASE(the_callback_gets_the_operation_and_with_it_the_program_s_own_pointer),
    };
    clients_begin();
    return RUN(cases);
}
