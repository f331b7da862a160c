/**
 * What stands between two streams while bytes go from the one to the other: a pipe, through which
 * the kernel moves them, or memory where that cannot be. For this room only.
 *
 *     in   one receive fills it, when it is empty
 *     out  one send empties it
 */
#ifndef SOCKET_CONDUIT_H
#define SOCKET_CONDUIT_H

#include "socket/object/object.h"

struct conduit {
    int32_t pipe[2]; /* to read from, to write to; -1: none */
    uint8_t *buffer; /* owned; NULL: the pipe is used */
    size_t start;    /* in `buffer` */
    size_t held;     /* bytes in it */
};

extern const struct verb conduit_in_verb, conduit_out_verb;

/* For conduit_close() at any time. */
void conduit_init(struct conduit *conduit);
sn_error conduit_open(struct conduit *conduit);
void conduit_close(struct conduit *conduit);

/* The operation of a verb above fills it from the socket, or empties it into the socket. */
void conduit_prepare_in(struct conduit *conduit, sn_operation *operation, const sn_socket *socket);
void conduit_prepare_out(struct conduit *conduit, sn_operation *operation, const sn_socket *socket);

/* After such an operation, however it has ended: counts what it has moved. */
void conduit_note_in(struct conduit *conduit, const sn_operation *operation);
void conduit_note_out(struct conduit *conduit, const sn_operation *operation);
/* Whether the kernel refuses the pipe, with nothing moved; then memory takes its place, with what
 * is in it. */
bool conduit_is_refused(const struct conduit *conduit, const sn_operation *operation);
sn_error conduit_use_buffer(struct conduit *conduit);

#endif
