/**
 * The record of one datagram in a batch: its bytes, who sent it or who gets it, what is known of it
 * beside its bytes, and what came of it. The calls are in <sennit/batch.h>.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_DATAGRAM_H
#define SENNIT_DATAGRAM_H

#include <sennit/address.h>
#include <sennit/endpoint.h>
#include <sennit/error.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What can be known of a datagram beside its bytes: bits for `wanted` and `present`. */
typedef enum sn_datagram_extra {
    SN_DATAGRAM_ADDRESS = 1 << 0,       /* of this machine: sent from, received at */
    SN_DATAGRAM_INTERFACE = 1 << 1,     /* it leaves by, or came in at */
    SN_DATAGRAM_TIME_TO_LIVE = 1 << 2,  /* or hop limit */
    SN_DATAGRAM_TRAFFIC_CLASS = 1 << 3, /* or type of service; its two lowest bits are ECN's */
    SN_DATAGRAM_TIME = 1 << 4,          /* when the kernel received it; cannot be sent */
    SN_DATAGRAM_SEGMENT_SIZE = 1 << 5   /* several datagrams in one record */
} sn_datagram_extra;

/**
 * The most that one datagram can bring where segments are received together: a record that wants
 * SN_DATAGRAM_SEGMENT_SIZE has one buffer of at least so many bytes.
 */
#define SN_DATAGRAM_SEGMENTS_SIZE_MAX 65535

/**
 * What is known of one datagram beside its bytes. Cleared once before the first use. A record has
 * its own; records that are sent to one family may share one.
 *
 * To send: set `present` and what it names. To receive: set `wanted`; the kernel is asked for it
 * from then on, see sn_socket_receive_batch(). Afterwards `present` says what was told.
 *
 * A segment size, when sending, cuts the record's bytes into datagrams of so many, the last of
 * which may be shorter. When receiving, it is told of several datagrams that came together, all of
 * that size but the last: sn_datagram_next_segment() takes them apart.
 */
typedef struct sn_datagram_extras {
    uint32_t wanted;         /* sn_datagram_extra bits */
    uint32_t present;        /* sn_datagram_extra bits */
    sn_ip_address address;   /* of an IPv4 datagram on a dual-mode socket plain IPv4 */
    int32_t interface_index; /* to send: 1 and up */
    int32_t time_to_live;    /* 0 to 255 */
    int32_t traffic_class;   /* 0 to 255 */
    int64_t time_ns;         /* nanoseconds since 1970-01-01 00:00 UTC */
    size_t segment_size;     /* bytes, 1 and up */
    uint64_t opaque[33];     /* the library's: how the kernel says it */
} sn_datagram_extras;

/**
 * One datagram of a batch. The program provides the record and what it points to, and lends both to
 * the library for the call, or until the operation completes. All zero is an empty datagram to the
 * peer.
 */
typedef struct sn_datagram {
    /* Yours. */
    sn_buffer buffer;           /* the bytes, or room for them; where `buffer_count` is 0 */
    const sn_buffer *buffers;   /* several pieces instead, up to 1024, in this order */
    size_t buffer_count;        /* 0: `buffer` */
    sn_endpoint *endpoint;      /* sent to, NULL: the peer; or gets the sender, NULL: not wanted */
    sn_datagram_extras *extras; /* NULL: none */

    /* Results. */
    size_t transferred; /* bytes */
    sn_error error;     /* SN_OK but where this record is to blame for how the batch has ended */
    sn_flags flags;     /* received: SN_FLAG_TRUNCATED, SN_FLAG_CONTROL_DATA_TRUNCATED */
} sn_datagram;

/**
 * The next of the datagrams that came together in one record. Where the record tells no segment
 * size it is one, all of it; so a loop over every received record finds every datagram:
 *
 *     sn_buffer segment = {0};
 *     while (sn_datagram_next_segment(datagram, &segment))
 *         use(segment.data, segment.size);
 *
 * A program that counts nanoseconds may step through `buffer` by `segment_size` itself.
 *
 * @param datagram       borrowed; received, into one buffer
 * @param inout_segment  in: all zero for the first, then what the last call has written. Out: a
 *                       piece of the record's buffer
 * @return               false, and nothing written, behind the last one; and where `buffer_count`
 *                       is not 0, or there is no memory
 * @dotnet               none
 */
SN_API bool sn_datagram_next_segment(const sn_datagram *datagram, sn_buffer *inout_segment);

#ifdef __cplusplus
}
#endif

#endif
