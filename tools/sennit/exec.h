/** Programs that talk to a peer by their standard input and output. */
#ifndef TOOLS_SENNIT_EXEC_H
#define TOOLS_SENNIT_EXEC_H

#include <sennit.h>

/**
 * Before the first command: a signal that ends the program ends what they have started, too.
 */
void exec_prepare(void);

/**
 * Runs a command of the shell with the socket as its standard input and output, and waits for its
 * end. SENNIT_PEER in its environment is who it talks to.
 *
 * @param command  borrowed
 * @param socket   borrowed; its descriptor is taken out of it
 * @param peer     borrowed
 * @return         EXIT_DONE, or EXIT_FAILED after a report: it could not be started, or ended with
 *                 another status than 0
 */
int exec_with_socket(const char *command, sn_socket *socket, const char *peer);

/**
 * Runs a command of the shell with bytes as its standard input, and waits for its end.
 *
 * @param data        borrowed, `size` bytes
 * @param answer      caller-provided, room for `room` bytes of its standard output
 * @param out_answer  how many those are; written on success
 * @return            as exec_with_socket(); also EXIT_FAILED where the output has no room
 */
int exec_with_bytes(const char *command, const void *data, size_t size, const char *peer,
                    void *answer, size_t room, size_t *out_answer);

#endif
