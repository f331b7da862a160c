/**
 * The file that a bind of a Unix socket makes, and that its close removes. For this room only.
 *
 * It is removed inside the call of close, since whoever has called that may bind to the path or end
 * the process afterwards. Only the process that has bound removes it: a forked child has a copy of
 * the record and not of the right. And only the very file that the bind has made: what else stands
 * at the path by then is somebody else's.
 */
#ifndef SOCKET_UNIX_FILE_H
#define SOCKET_UNIX_FILE_H

#include "socket/object/object.h"

struct unix_file;

/* Whether a bind to this end point makes a file. */
bool unix_file_is_made(const sn_endpoint *endpoint);
/* Before the bind, so that a file that is made can always be remembered. NULL without memory.
 * Owned; freed by the caller if the bind fails. */
struct unix_file *unix_file_prepare(sn_socket *socket, const sn_endpoint *endpoint);
/* After the bind, which has succeeded. */
void unix_file_made(sn_socket *socket, struct unix_file *file);
/* The socket's file goes, if it has one. */
void unix_file_remove(sn_socket *socket);

#endif
