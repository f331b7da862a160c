/* The verbs of <sennit/handles.h>, in the style of calling of this run: see verbs.h. */
#ifndef TESTS_SUPPORT_HANDLE_VERBS_H
#define TESTS_SUPPORT_HANDLE_VERBS_H

#include "support/verbs.h"

SN_MUST_USE sn_error do_detach(sn_socket *socket, bool blocking, sn_handle *out_handle);

#endif
