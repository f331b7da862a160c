/*
 * A byte of urgent data: for the tests of what tells of it.
 */
#ifndef TESTS_CONFORMANCE_URGENT_H
#define TESTS_CONFORMANCE_URGENT_H

#include "support/run.h"

#include "support/verbs.h"

static inline void send_urgent(sn_socket *socket)
{
    size_t sent;
    assert_ok(do_send(socket, "!", 1, SN_FLAG_OUT_OF_BAND, &sent));
}

#endif
