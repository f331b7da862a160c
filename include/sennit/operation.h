/**
 * The record of one operation: what a call asks for, and how it ended.
 */
#ifndef SENNIT_OPERATION_H
#define SENNIT_OPERATION_H

#include <sennit/address.h>
#include <sennit/error.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sn_operation sn_operation;
typedef struct sn_cancellation sn_cancellation;

/** @dotnet SocketAsyncOperation */
#define SN_OPERATION_KIND_TABLE(X)                                                                 \
    X(NONE, 0, "None")                                                                             \
    X(ACCEPT, 1, "Accept")                                                                         \
    X(CONNECT, 2, "Connect")                                                                       \
    X(DISCONNECT, 3, "Disconnect")                                                                 \
    X(RECEIVE, 4, "Receive")                                                                       \
    X(RECEIVE_FROM, 5, "ReceiveFrom")                                                              \
    X(RECEIVE_MESSAGE_FROM, 6, "ReceiveMessageFrom")                                               \
    X(SEND, 7, "Send")                                                                             \
    X(SEND_PACKETS, 8, "SendPackets")                                                              \
    X(SEND_TO, 9, "SendTo")                                                                        \
    X(RESOLVE, 100, "Resolve")                                                                     \
    X(DELAY, 101, "Delay")                                                                         \
    X(POST, 102, "Post")

/** What an operation did last. */
typedef enum sn_operation_kind {
#define X(id, number, name) SN_OPERATION_##id = number,
    SN_OPERATION_KIND_TABLE(X)
#undef X
} sn_operation_kind;

/** Where a datagram was sent to, and where it came in. @dotnet IPPacketInformation */
typedef struct sn_ip_packet_information {
    sn_ip_address address; /* destination; family 0 (all zero) when not known */
    int32_t interface_index; /* 0 when not known */
} sn_ip_packet_information;

/** The library's part of an operation. Nothing here is for the program. */
struct sn_operation_private {
    struct {
        void *next;
        void *previous;
    } link, cancellation_link;
    int64_t deadline_ns;
    uint32_t deadline_index;
    uint32_t native_flags;
    void (*finish)(sn_operation *operation);
    void *owner;
    void *detail;
    sn_buffer buffer;
    int64_t native_result;
    uint8_t action;
    uint8_t direction;
    uint8_t marks;
    uint8_t tries;
    uint32_t spare;
    uint64_t message[7];
};

/**
 * One operation. The program provides the record (in its own structure, on its stack, in an array),
 * lends it and the buffers to the library at the start, and has them back at completion.
 */
struct sn_operation {
    /* Yours: set before starting; all zero is a good default. */
    void (*completed)(sn_operation *operation); /* NULL: nobody is called; wait for it instead */
    void *context;                              /* borrowed: handed back, never read */
    int64_t timeout_ms;                         /* 0: no limit */
    sn_cancellation *cancellation;              /* borrowed until completion; NULL: none */

    /* Results: valid once completed. */
    sn_error error;
    int native_error;       /* errno behind it, 0 if none */
    sn_operation_kind kind; /* what ran last */
    sn_flags flags;         /* noticed while receiving */
    size_t transferred;     /* bytes */
    sn_socket *socket;      /* accepted or connected socket, owned by you */
    sn_ip_packet_information packet_information;

    /* The library's. */
    uint32_t state;
    struct sn_operation_private internal;
};

#ifdef __cplusplus
}
#endif

#endif
