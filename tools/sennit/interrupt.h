/**
 * Ctrl-C for a listener: the socket is closed before the program dies, so that no socket file stays
 * behind.
 */
#ifndef TOOLS_SENNIT_INTERRUPT_H
#define TOOLS_SENNIT_INTERRUPT_H

#include <sennit.h>

/**
 * From now on SIGINT, SIGTERM and SIGHUP close the socket first. Call it before any other thread is
 * started, and once.
 *
 * @param socket  another reference is taken, for the life of the program; so close it when done
 */
void interrupt_closes(sn_socket *socket);

/**
 * To be asked when a call on the socket failed: if it was such a signal, the program is about to
 * die of it, and this never returns.
 */
void interrupt_wait_if_coming(void);

#endif
