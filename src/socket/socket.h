/**
 * socket: the Socket object, its verbs and its options.
 *
 * A verb is one file, in the order things happen: prepare checks the arguments and fills an
 * operation, start runs it here or hands it to the engine, finish turns the native result into an
 * sn_error and updates what the object knows of itself. This room must never make a system call
 * that waits, and never know which back-end runs an operation.
 *
 * The rooms above use the public interface only; so this door opens on that.
 */
#ifndef SOCKET_SOCKET_H
#define SOCKET_SOCKET_H

#include <sennit/option.h>
#include <sennit/socket.h>
#include <sennit/transfer.h>

#endif
