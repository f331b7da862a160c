/**
 * Ctrl-C: for a listener the socket is closed before the program dies, so that no socket file stays
 * behind; for a program that has something to say at its end, the close is how it learns of it.
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
 * The same for a program that does not die of the signal: its calls on the socket fail from then
 * on, and it comes to its end by itself. A second signal kills it.
 */
void interrupt_ends(sn_socket *socket);

/** Whether such a signal came. */
bool interrupt_is_coming(void);

/**
 * To be asked when a call on the socket failed: if it was such a signal, the program is about to
 * die of it, and this never returns.
 */
void interrupt_wait_if_coming(void);

#endif
