/**
 * Connections that are served at the same time, a thread for each: what arrives on them is printed.
 * A peer that is silent keeps nobody else waiting.
 */
#ifndef TOOLS_SENNIT_CONNECTIONS_H
#define TOOLS_SENNIT_CONNECTIONS_H

#include <sennit.h>

#include "target.h"

/**
 * Prints what arrives on a connection until its end. A connection that fails is reported and ends
 * no other; when standard output fails, the listener is closed.
 *
 * @param target    borrowed, for messages, as long as there are connections
 * @param listener  another reference is taken
 * @param socket    adopted, whatever comes of it
 */
void connections_add(const struct target *target, sn_socket *listener, sn_socket *socket);

/** Waits until a connection has ended, and no longer than a while: descriptors have run out. */
void connections_wait_for_room(void);

/** Waits until all of them have ended. */
void connections_wait_for_all(void);

#endif
