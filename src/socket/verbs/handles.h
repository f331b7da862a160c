/**
 * What the two verbs of handles share. For this room only.
 */
#ifndef SOCKET_HANDLES_H
#define SOCKET_HANDLES_H

#include <sennit/handles.h>

#include "socket/verbs/transfer.h"

/* The first steps of a prepare: everything but the handles. */
sn_error handles_prepare(sn_operation *operation, sn_socket *socket, const void *data, size_t size,
                         sn_flags flags, sn_flags allowed);

#endif
