/*
 * What the tests of the clients share. Their blocking and their asynchronous functions are tested
 * side by side, so the default engine is there from the beginning.
 */
#ifndef TESTS_SUPPORT_CLIENTS_SUPPORT_H
#define TESTS_SUPPORT_CLIENTS_SUPPORT_H

#include "support/run.h"
#include "support/threads.h"
#include "support/transfer_support.h"

/* As pair_connected(), but by blocking calls in every style: in the driven one a socket would
 * belong to an engine that nobody runs while a test waits for an operation of its own. */
struct socket_pair pair_unbound(enum transport transport);

/* Makes the default engine, so that no test has its descriptors to account for. */
void clients_begin(void);

/* Waits for the operation, and lets the engine finish the closes that it was asked for. */
SN_MUST_USE sn_error completed(sn_operation *operation);
void settle(void);

/* Starts the call twice: waited for, and with a callback. Both must give the same error. */
#define row_async(expected, call)                                                                  \
    do {                                                                                           \
        sn_operation *operation = async_waited();                                                  \
        call;                                                                                      \
        row_error(expected, async_result());                                                       \
        operation = async_called_back();                                                           \
        call;                                                                                      \
        row_error(expected, async_result());                                                       \
    } while (0)

/* The operation of row_async(): idle, without and with a callback, and how it ended. */
sn_operation *async_waited(void);
sn_operation *async_called_back(void);
sn_error async_result(void);

/* The socket inside. */
sn_socket *socket_of(sn_tcp_client *client);

#endif
