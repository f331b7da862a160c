/**
 * The error queue of a socket: what became of datagrams that were sent. Somebody on the way, or
 * this machine, has refused one; a path takes no packets of that size; the time at which one left.
 *
 * A socket has such a queue always, and something comes into it once it was asked for: refusals by
 * sn_socket_set_reports_errors(), times by sn_socket_set_reports_times(). The kernel keeps as much
 * as fits the receive buffer, and drops what is behind.
 *
 * A refusal is told twice: in the queue, and as the error of the next call on the socket, such as
 * SN_ERROR_CONNECTION_REFUSED of a receive; taking the report away takes that error away, if no
 * call has met it by then. A program that asks for reports empties the queue. As long as something
 * is in it, the kernel calls the socket ready, and a call that waits for something else looks once
 * every millisecond instead of sleeping.
 *
 * Each function gives SN_ERROR_ARGUMENT_NULL for a NULL socket and SN_ERROR_OBJECT_DISPOSED for a
 * closed one, before it looks at anything else. Nothing is allocated.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_REPORT_H
#define SENNIT_REPORT_H

#include <sennit/endpoint.h>
#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Who has reported. The numbers are the kernel's. */
#define SN_REPORT_ORIGIN_TABLE(X)                                                                  \
    X(NONE, 0, "None")          /* the kernel did not say */                                       \
    X(LOCAL, 1, "Local")        /* this machine */                                                 \
    X(ICMP, 2, "Icmp")          /* a host or a router on the way, IPv4 */                          \
    X(ICMPV6, 3, "IcmpV6")      /* the same, IPv6 */                                               \
    X(TIME, 4, "Time")          /* no error: a time that was asked for */                          \
    X(ZERO_COPY, 5, "ZeroCopy") /* no error: memory that was lent to the kernel is free again */   \
    X(SEND_TIME, 6, "SendTime") /* a datagram that missed the time at which it should go */

/** Who has told it. */
typedef enum sn_report_origin {
#define X(id, number, name) SN_REPORT_##id = number,
    SN_REPORT_ORIGIN_TABLE(X)
#undef X
} sn_report_origin;

/**
 * The name of an origin, such as "Icmp".
 *
 * @return  static text; "?" for a number that has no name
 * @dotnet  none
 */
SN_API const char *sn_report_origin_name(sn_report_origin origin);

/** When a time was taken; bits, to ask for and to be told. */
typedef enum sn_report_moment {
    SN_REPORT_SENT = 1 << 0,        /* handed to the network card */
    SN_REPORT_SCHEDULED = 1 << 1,   /* handed to the packet scheduler */
    SN_REPORT_ACKNOWLEDGED = 1 << 2 /* TCP: the peer has acknowledged the last byte of a send */
} sn_report_moment;

/**
 * One report. The program provides the record and the memory, and lends both for the call, or until
 * the operation completes. All zero is fine: then the datagram's own bytes are not wanted.
 */
typedef struct sn_report {
    /* Yours. */
    sn_buffer buffer; /* room for the beginning of the datagram; may be empty */

    /* Results. */
    size_t transferred;       /* bytes of the datagram; a time has none */
    sn_flags flags;           /* SN_FLAG_TRUNCATED, SN_FLAG_CONTROL_DATA_TRUNCATED */
    sn_report_origin origin;  /* who has told it */
    sn_error error;           /* what the datagram met; SN_OK of what is no error */
    int native_error;         /* the same as errno */
    uint8_t icmp_type;        /* ICMP, ICMPV6 */
    uint8_t icmp_code;        /* ICMP, ICMPV6 */
    uint32_t path_mtu;        /* bytes of the largest packet that passes, of SN_ERROR_MESSAGE_SIZE;
                               * 0: not told */
    uint32_t moments;         /* TIME: one sn_report_moment bit */
    uint32_t number;          /* TIME: which send of the socket, from 0; of a stream, which byte */
    int64_t time_ns;          /* TIME: nanoseconds since 1970-01-01 00:00 UTC; 0: not told */
    int64_t hardware_time_ns; /* TIME: the same by the network card's own clock; 0: not told */
    sn_endpoint destination; /* where the datagram was sent to, perhaps without the port, where this
                              * machine has refused it; none: not told */
    sn_endpoint offender;    /* who has refused it, port 0; none: this machine, or not told */

    uint64_t opaque[65]; /* the library's: how the kernel says it */
} sn_report;

/**
 * Takes one report out of the error queue, and waits for one where there is none. Calls of several
 * threads, and asynchronous ones, get one each, in no order that could be relied on.
 *
 * @param socket  borrowed
 * @param report  caller-provided, with its memory; lent for the call. Its results are written on
 *                success only
 * @param flags   SN_FLAG_NONE, or SN_FLAG_DONT_WAIT
 *
 * @error   SN_ERROR_ARGUMENT_NULL            report is NULL, or its memory is NULL and not empty
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE    a size above SSIZE_MAX
 * @error   SN_ERROR_OPERATION_NOT_SUPPORTED  another flag; a family without such a queue
 * @error   SN_ERROR_WOULD_BLOCK              non-blocking, and there is none
 * @error   SN_ERROR_TIMED_OUT                the receive timeout passed before one came
 * @error   otherwise as sn_socket_receive(), but for those that are told of the connection
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_receive_error(sn_socket *socket, sn_report *report,
                                                    sn_flags flags);

/**
 * Starts taking one report out of the error queue and returns without waiting. It waits beside the
 * receives of the socket, and neither holds up the other.
 *
 * Completes exactly once, through the operation, misuse included. The socket's own timeouts do not
 * apply; operation->timeout_ms does.
 *
 * @param socket     borrowed for the call
 * @param report     lent until completion, with its memory
 * @param flags      SN_FLAG_NONE
 * @param operation  caller-provided and idle; lent until completion
 * @return           whether it took the record, see sn_operation
 *
 * Result in the operation: `error`, of the call and not of the datagram; `transferred` (bytes of
 * the datagram).
 * @error   as sn_socket_receive_error(), and as sn_socket_receive_async()
 * @dotnet  none
 */
SN_API bool sn_socket_receive_error_async(sn_socket *socket, sn_report *report, sn_flags flags,
                                          sn_operation *operation);

/**
 * Whether refusals of datagrams come into the error queue (IP_RECVERR, IPV6_RECVERR). Without a
 * connection too, where no call would be told of them otherwise.
 *
 * @param socket     borrowed; IPv4 or IPv6
 * @param out_value  caller-provided
 *
 * @error   SN_ERROR_ARGUMENT_NULL  out_value is NULL
 * @error   SN_ERROR_NOT_SUPPORTED  another family
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_get_reports_errors(sn_socket *socket, bool *out_value);
/** The counterpart of sn_socket_get_reports_errors(). @dotnet none */
SN_MUST_USE SN_API sn_error sn_socket_set_reports_errors(sn_socket *socket, bool value);

/**
 * Which times of what is sent come into the error queue (SO_TIMESTAMPING).
 *
 * @param socket       borrowed
 * @param out_moments  sn_report_moment bits; 0: none
 *
 * @error   SN_ERROR_ARGUMENT_NULL  out_moments is NULL
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_get_reports_times(sn_socket *socket, uint32_t *out_moments);
/**
 * The counterpart of sn_socket_get_reports_times(). Sends are numbered anew, from 0, when it was
 * off before; a stream has to be connected.
 *
 * @param socket   borrowed
 * @param moments  sn_report_moment bits; 0: none
 *
 * @error   SN_ERROR_ARGUMENT          a bit that has no name here
 * @error   SN_ERROR_INVALID_ARGUMENT  a stream that is not connected
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_socket_set_reports_times(sn_socket *socket, uint32_t moments);

#ifdef __cplusplus
}
#endif

#endif
