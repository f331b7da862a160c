/*
 * Descriptors of the system's own, and sockets around them: for the tests of adoption.
 */
#ifndef TESTS_CONFORMANCE_ADOPTIONS_H
#define TESTS_CONFORMANCE_ADOPTIONS_H

#include "support/run.h"

static inline sn_socket *adopt(int handle)
{
    sn_socket *adopted = NULL;
    assert_true(handle >= 0);
    assert_ok(sn_socket_from_handle(handle, true, &adopted));
    return adopted;
}

#endif
