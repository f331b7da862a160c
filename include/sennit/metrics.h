/**
 * What the library has done so far: the counters of .NET's event source System.Net.Sockets.
 *
 * They count for the whole process, from its start, whatever the engine and whether the calls are
 * blocking or asynchronous; sn_engine_get_metrics() tells what one engine has done. Reading them is
 * cheap, and counting costs one addition, so they are always on.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_METRICS_H
#define SENNIT_METRICS_H

#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** X(ID, field, .NET's name). All but the first are running totals. */
#define SN_METRICS_TABLE(X)                                                                        \
    X(CONNECT_ATTEMPTS, current_outgoing_connect_attempts, "current-outgoing-connect-attempts")    \
    X(CONNECTIONS_OUT, outgoing_connections_established, "outgoing-connections-established")       \
    X(CONNECTIONS_IN, incoming_connections_established, "incoming-connections-established")        \
    X(BYTES_RECEIVED, bytes_received, "bytes-received")                                            \
    X(BYTES_SENT, bytes_sent, "bytes-sent")                                                        \
    X(DATAGRAMS_RECEIVED, datagrams_received, "datagrams-received")                                \
    X(DATAGRAMS_SENT, datagrams_sent, "datagrams-sent")

/**
 * A snapshot.
 *
 * A connection counts for each address that was connected to, of any socket type; an attempt counts
 * while it lasts. Bytes count for each send and receive that succeeded, peeking included; of
 * sockets of type SN_TYPE_DATAGRAM the number of sends and receives counts too.
 */
typedef struct sn_metrics {
#define X(id, field, name) int64_t field;
    SN_METRICS_TABLE(X)
#undef X
} sn_metrics;

/**
 * Reads the counters. What other threads do meanwhile may be in one of them and not yet in another.
 *
 * @param out_metrics  caller-provided; NULL is fine
 * @param size         sizeof(sn_metrics) as the program knows it: a later library writes no more
 *                     than that, an earlier one fills the rest with zero
 * @dotnet             none
 */
SN_API void sn_metrics_get(sn_metrics *out_metrics, size_t size);

#ifdef __cplusplus
}
#endif

#endif
