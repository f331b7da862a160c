/* The verbs of <sennit/handles.h>, in the style of calling of this run: see verbs.h. */
#ifndef TESTS_SUPPORT_HANDLE_VERBS_H
#define TESTS_SUPPORT_HANDLE_VERBS_H

#include "support/verbs.h"

SN_MUST_USE sn_error do_detach(sn_socket *socket, bool blocking, sn_handle *out_handle);
SN_MUST_USE sn_error do_send_handles(sn_socket *socket, const void *data, size_t size,
                                     const sn_handle *handles, size_t handle_count, sn_flags flags,
                                     size_t *out_sent);
SN_MUST_USE sn_error do_receive_handles(sn_socket *socket, void *data, size_t size,
                                        sn_handle *handles, size_t room, sn_flags *inout_flags,
                                        size_t *out_handle_count, size_t *out_received);

/* Whether SN_HANDLES_MAX handles fit into what the C library passes on. */
bool handles_all_fit(void);

#endif
