/**
 * A TCP connection over the loopback interface, each end either raw (a blocking descriptor and the
 * system's own calls) or a Sennit socket.
 *
 * The transfers below have one body for each kind, so that no kind pays for the other's choice.
 */
#ifndef BENCH_CONNECTION_H
#define BENCH_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include <sennit.h>

/* One end: a Sennit socket, or a raw descriptor if `socket` is NULL. */
struct bench_end {
    sn_socket *socket; /* owned */
    int raw;           /* owned */
};

struct connection {
    struct bench_end near; /* connected */
    struct bench_end far;  /* accepted */
};

/**
 * Connects the two ends; both send small pieces at once (no delay).
 *
 * @return false after saying on standard error what failed
 */
bool connection_open(struct connection *connection, bool near_is_sennit, bool far_is_sennit);

/** Ends a connection: the peer, blocked in a receive, sees the end of the stream. */
void bench_end_shutdown(struct bench_end *end);

void connection_close(struct connection *connection);

/** Sends all. @return false if it failed */
bool bench_end_send(const struct bench_end *end, const void *data, size_t size);

/** Receives what there is. @return bytes, 0 at the end and after a failure */
size_t bench_end_receive(const struct bench_end *end, void *data, size_t size);

#endif
