/**
 * The record of one operation: what a call asks for, and how it ended.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#ifndef SENNIT_OPERATION_H
#define SENNIT_OPERATION_H

#include <sennit/address.h>
#include <sennit/error.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The record of an operation, see below. */
typedef struct sn_operation sn_operation;

/** A handle that ends many operations at once: sn_cancellation_create(). */
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
    X(POST, 102, "Post")                                                                           \
    X(CLOSE, 103, "Close")                                                                         \
    X(SEND_BATCH, 104, "SendBatch")                                                                \
    X(RECEIVE_BATCH, 105, "ReceiveBatch")                                                          \
    X(DETACH, 110, "Detach")                                                                       \
    X(SEND_HANDLES, 111, "SendHandles")                                                            \
    X(RECEIVE_HANDLES, 112, "ReceiveHandles")                                                      \
    X(COPY, 120, "Copy")                                                                           \
    X(RELAY, 121, "Relay")                                                                         \
    X(REPEAT, 130, "Repeat")                                                                       \
    X(SIGNAL, 131, "Signal")                                                                       \
    X(RECEIVE_ERROR, 140, "ReceiveError")                                                          \
    X(SEND_MESSAGE, 141, "SendMessage")                                                            \
    X(RECEIVE_MESSAGE, 142, "ReceiveMessage")                                                      \
    X(FIBER, 150, "Fiber")

/** What an operation did last. */
typedef enum sn_operation_kind {
#define X(id, number, name) SN_OPERATION_##id = number,
    SN_OPERATION_KIND_TABLE(X)
#undef X
} sn_operation_kind;

/**
 * Where a datagram was sent to, and where it came in.
 * @dotnet IPPacketInformation, IPPacketInformation.Address, IPPacketInformation.Interface
 */
typedef struct sn_ip_packet_information {
    sn_ip_address address;   /* destination; family 0 (all zero) when not known */
    int32_t interface_index; /* 0 when not known */
} sn_ip_packet_information;

/**
 * Whether both name the same address, scope included, and the same interface.
 *
 * @param a  borrowed
 * @param b  borrowed
 * @return   false if either is NULL
 * @dotnet   IPPacketInformation.Equals(IPPacketInformation), IPPacketInformation.Equals(object),
 * IPPacketInformation.operator ==, IPPacketInformation.operator !=
 */
SN_API bool sn_ip_packet_information_equals(const sn_ip_packet_information *a,
                                            const sn_ip_packet_information *b);

/**
 * A number for hash tables: equal values have equal ones.
 *
 * @param information  borrowed; NULL gives 0
 * @dotnet             IPPacketInformation.GetHashCode()
 */
SN_API uint32_t sn_ip_packet_information_hash(const sn_ip_packet_information *information);

/**
 * One operation. The program provides the record (in its own structure, on its stack, in an array),
 * lends it and the buffers to the library at the start, and has them back at completion.
 *
 * Every function whose name ends in _async tells whether it took the record. True: the operation
 * completes exactly once, misuse included, and may have done so already. False: nothing was
 * started, nothing completes and nobody is called, because the record is NULL or its last start has
 * not completed yet; what is running goes on untouched. A program that knows its records need not
 * look.
 *
 * Before a start the first four members have to be set, by the program or by clearing the record
 * once; a start leaves them as they are. Nothing else needs to be: memory with any bytes in it, of
 * malloc() or of a record that has completed, is an idle record, to all functions here. Only two
 * copies are not: that of a running record counts as running, also the one in a forked child, and
 * that of a completed one as completed. (What looks for uninitialised memory, such as valgrind,
 * wants the record cleared once.)
 *
 * @dotnet SocketAsyncEventArgs.Completed, SocketAsyncEventArgs.UserToken,
 * SocketAsyncEventArgs.ReceiveMessageFromPacketInfo
 */
struct sn_operation {
    /* Yours: set all four before starting; all zero is a good default. */
    void (*completed)(sn_operation *operation); /* NULL: nobody is called; wait for it instead */
    void *context;                              /* borrowed: handed back, never read */
    sn_milliseconds timeout_ms;                 /* 0 and less: no limit */
    sn_cancellation *cancellation;              /* borrowed until completion; NULL: none */

    /* Results: valid once completed. */
    sn_error error;                              /* SN_OK, or what went wrong */
    int native_error;                            /* errno behind it, 0 if none */
    sn_operation_kind kind;                      /* what ran last */
    sn_flags flags;                              /* noticed while receiving */
    size_t transferred;                          /* bytes; of a lookup: addresses, records */
    sn_socket *socket;                           /* accepted or connected socket, owned by you */
    sn_ip_packet_information packet_information; /* of a received message */

    uint64_t opaque[22]; /* the library's, with room for later versions */
};

/* --- Waiting: for operations whose `completed` is NULL, and any other ------------------------ */

/**
 * Waits until the operation has completed. A receive without a callback, a time limit and a
 * cancellation handle is carried out by the thread that waits for it, without an engine.
 *
 * @param operation  borrowed; started
 *
 * @return  the operation's own error
 * @error   SN_ERROR_INVALID_OPERATION  it was never started, whatever its bytes
 * @error   SN_ERROR_ARGUMENT_NULL      there is none
 * @error   SN_ERROR_INTERRUPTED        a signal came, and the hook ends the wait; the operation is
 *                                      pending still
 * @error   SN_ERROR_OPERATION_CANCELED, SN_ERROR_TIMED_OUT  the scope that the thread is inside has
 *                                      ended (sn_cancellation_enter()); the operation is pending
 *                                      still, which sn_operation_is_completed() tells from its own
 * @thread  any but the operation's own engine thread, which would wait for itself
 * @dotnet  Socket.EndReceive(IAsyncResult) and the other End members, IAsyncResult.AsyncWaitHandle
 */
SN_MUST_USE SN_API sn_error sn_operation_wait(sn_operation *operation);

/**
 * Waits until the operation has completed, but not longer than a time. The operation itself is not
 * touched when the time passes; sn_operation_cancel() ends it.
 *
 * @param operation   borrowed; started
 * @param timeout_ms  0: only look; SN_FOREVER: no limit
 *
 * @error   SN_ERROR_TIMED_OUT               it is still pending
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE   less than SN_FOREVER
 * @error   otherwise as sn_operation_wait()
 * @thread  as sn_operation_wait()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_operation_wait_for(sn_operation *operation,
                                                  sn_milliseconds timeout_ms);

/**
 * Waits until one of several operations has completed.
 *
 * @param operations  borrowed, `count` of them, all started
 * @param count       at least 1
 * @param timeout_ms  0: only look; SN_FOREVER: no limit
 * @param out_index   which one; the lowest if several have
 *
 * @error   SN_ERROR_TIMED_OUT          all are still pending
 * @error   SN_ERROR_INVALID_OPERATION  one was never started
 * @thread  as sn_operation_wait()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_operation_wait_any(sn_operation *const *operations, size_t count,
                                                  sn_milliseconds timeout_ms, size_t *out_index);

/**
 * Waits until all of several operations have completed; each keeps its own error.
 *
 * @param operations  borrowed, `count` of them, all started
 * @param count       may be 0
 * @param timeout_ms  0: only look; SN_FOREVER: no limit
 *
 * @error   SN_ERROR_TIMED_OUT          at least one is still pending
 * @error   SN_ERROR_INVALID_OPERATION  one was never started
 * @thread  as sn_operation_wait()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_operation_wait_all(sn_operation *const *operations, size_t count,
                                                  sn_milliseconds timeout_ms);

/**
 * Whether the operation has completed, and so belongs to the program again. Who asks instead of
 * waiting has an engine carry it out.
 *
 * @param operation  borrowed
 * @return           false for one that was never started or is running, and for NULL
 * @dotnet           IAsyncResult.IsCompleted
 */
SN_API bool sn_operation_is_completed(const sn_operation *operation);

/* --- Cancelling ------------------------------------------------------------------------------- */

/**
 * Asks for the end of an operation. It completes as always, exactly once: with
 * SN_ERROR_OPERATION_CANCELED, or as it would have if it was quicker; bytes that have moved are
 * never hidden. Calling it before the start, twice, after the completion or from the operation's
 * own callback is harmless.
 *
 * @param operation  borrowed; the record must exist for the whole call
 * @dotnet           Socket.CancelConnectAsync(SocketAsyncEventArgs)
 */
SN_API void sn_operation_cancel(sn_operation *operation);

/**
 * Makes a handle that cancels many operations at once: those whose `cancellation` it is.
 *
 * @param out_cancellation  owned by the caller: sn_cancellation_release()
 *
 * @error   SN_ERROR_OUT_OF_MEMORY  no memory
 * @dotnet  CancellationTokenSource
 */
SN_MUST_USE SN_API sn_error sn_cancellation_create(sn_cancellation **out_cancellation);

/**
 * Cancels every operation that has this handle, and each one that is started with it from now on.
 *
 * @param cancellation  borrowed; NULL is fine
 * @dotnet              CancellationTokenSource.Cancel()
 */
SN_API void sn_cancellation_cancel(sn_cancellation *cancellation);

/**
 * Cancels after a time. A later call replaces an earlier one. What is ended so ends with
 * SN_ERROR_TIMED_OUT, which tells it from what sn_cancellation_cancel() ends; whichever comes first
 * stands. A program that wants .NET's way, where both are the same, calls sn_cancellation_cancel()
 * in the callback of sn_engine_delay_async().
 *
 * @param cancellation  borrowed
 * @param delay_ms      0: at once; SN_FOREVER: never, which takes an earlier call back
 *
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  less than SN_FOREVER
 * @error   as sn_engine_default(), whose thread counts the time
 * @dotnet  CancellationTokenSource.CancelAfter(int)
 */
SN_MUST_USE SN_API sn_error sn_cancellation_cancel_after(sn_cancellation *cancellation,
                                                         sn_milliseconds delay_ms);

/**
 * Whether it was cancelled, by the program or because its time was over.
 *
 * @param cancellation  borrowed; NULL gives false
 * @since               0.2
 * @dotnet              CancellationToken.IsCancellationRequested
 */
SN_API bool sn_cancellation_is_canceled(const sn_cancellation *cancellation);

/**
 * Why it was cancelled: what its operations end with.
 *
 * @param cancellation  borrowed; NULL gives SN_OK
 *
 * @return  SN_OK: it was not; SN_ERROR_OPERATION_CANCELED: by sn_cancellation_cancel();
 *          SN_ERROR_TIMED_OUT: by its time, see sn_cancellation_cancel_after()
 * @since   0.2
 * @dotnet  none
 */
SN_API sn_error sn_cancellation_get_reason(const sn_cancellation *cancellation);

/**
 * What a thread is inside of while a handle ends its blocking calls. The program provides the
 * record, usually on the stack, and lends it from sn_cancellation_enter() to
 * sn_cancellation_leave(). Any bytes in it will do.
 *
 * @dotnet none
 */
typedef struct sn_cancellation_scope {
    uint64_t opaque[8]; /* the library's */
} sn_cancellation_scope;

/**
 * Has a handle end what this thread waits for, from now on until sn_cancellation_leave(): so one
 * time limit holds for a whole exchange, and another thread can end it, whatever it is waiting in.
 *
 * Ended are the blocking calls of every socket and client, sn_socket_poll() and
 * sn_socket_select(), lookups of names, and the waits for operations: with
 * SN_ERROR_OPERATION_CANCELED after sn_cancellation_cancel(), and with SN_ERROR_TIMED_OUT when the
 * handle's time is over. The sockets live on. A wait for an operation ends, the operation itself
 * does not: its record must stay. Not ended are closes and sn_engine_run().
 *
 * A call looks at the handle when it has to wait, and not before: what is there already is received
 * also when the time is over, and costs what it did without a scope.
 *
 * A thread may be inside several scopes, one inside the other: each of their handles ends its
 * calls. Asynchronous operations know nothing of it; they have a handle of their own.
 *
 * @param cancellation  the scope keeps what it needs of it: it may be released inside
 * @param scope         caller-provided; lent until it is left, by this thread
 *
 * @error   SN_ERROR_ARGUMENT_NULL      one of them is NULL
 * @error   SN_ERROR_INVALID_OPERATION  the thread is inside this scope already
 * @since   0.2
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_cancellation_enter(sn_cancellation *cancellation,
                                                  sn_cancellation_scope *scope);

/**
 * Leaves a scope, the last one that this thread has entered.
 *
 * @param scope  the caller's again
 *
 * @error   SN_ERROR_ARGUMENT_NULL      there is none
 * @error   SN_ERROR_INVALID_OPERATION  it is not the last one that this thread has entered; nothing
 *                                      has changed
 * @thread  the one that has entered it, before it ends
 * @since   0.2
 * @dotnet  none
 */
SN_API sn_error sn_cancellation_leave(sn_cancellation_scope *scope);

/**
 * Whether the scopes that this thread is inside still let it wait: for what takes long without
 * waiting.
 *
 * @return  SN_OK, or what its next wait would end with
 * @since   0.2
 * @dotnet  none
 */
SN_API sn_error sn_cancellation_check(void);

/**
 * Gives the handle back. Operations that still have it keep what they need of it until they
 * complete.
 *
 * @param cancellation  NULL is fine; not to be used for new operations afterwards
 * @dotnet              CancellationTokenSource.Dispose()
 */
SN_API void sn_cancellation_release(sn_cancellation *cancellation);

/* --- For other languages: records made, filled and read by functions ------------------------- */

/**
 * Makes an idle operation.
 *
 * @param out_operation  owned by the caller: sn_operation_destroy()
 * @error   SN_ERROR_OUT_OF_MEMORY  no memory
 * @dotnet  SocketAsyncEventArgs()
 */
SN_MUST_USE SN_API sn_error sn_operation_create(sn_operation **out_operation);

/**
 * Frees an operation that sn_operation_create() made.
 *
 * @param operation  NULL is fine
 * @error   SN_ERROR_INVALID_OPERATION  it is in progress; nothing was freed
 * @dotnet  SocketAsyncEventArgs.Dispose()
 */
SN_API sn_error sn_operation_destroy(sn_operation *operation);

/**
 * How large a record is, for what makes room for them itself; one that this library makes is as
 * large. Aligned as a pointer and a 64-bit number are.
 *
 * @since   0.2
 * @dotnet  none
 */
SN_API size_t sn_operation_size(void);

/**
 * Who is called when it completes. This and the three below set what a program writes into the
 * record itself; a start leaves them as they are.
 *
 * @param operation  borrowed; idle
 * @param completed  NULL: nobody, somebody waits for it
 *
 * @error   SN_ERROR_ARGUMENT_NULL      there is no record
 * @error   SN_ERROR_INVALID_OPERATION  it is in progress, and was not changed
 * @thread  one at a time, as the record is one thread's while it is idle
 * @since   0.2
 * @dotnet  SocketAsyncEventArgs.Completed
 */
SN_API sn_error sn_operation_set_completed(sn_operation *operation,
                                           void (*completed)(sn_operation *operation));

/**
 * What is handed back to the program.
 *
 * @param operation  borrowed; idle
 * @param context    borrowed: never read
 * @error   as sn_operation_set_completed()
 * @since   0.2
 * @dotnet  SocketAsyncEventArgs.UserToken
 */
SN_API sn_error sn_operation_set_context(sn_operation *operation, void *context);

/**
 * The operation's own time limit.
 *
 * @param operation   borrowed; idle
 * @param timeout_ms  0 and less: no limit
 * @error   as sn_operation_set_completed()
 * @since   0.2
 * @dotnet  none
 */
SN_API sn_error sn_operation_set_timeout(sn_operation *operation, sn_milliseconds timeout_ms);

/**
 * The handle that cancels it, among others.
 *
 * @param operation     borrowed; idle
 * @param cancellation  borrowed until completion; NULL: none
 * @error   as sn_operation_set_completed()
 * @since   0.2
 * @dotnet  none
 */
SN_API sn_error sn_operation_set_cancellation(sn_operation *operation,
                                              sn_cancellation *cancellation);

/** NULL for no record. @since 0.2 @dotnet SocketAsyncEventArgs.UserToken */
SN_API void *sn_operation_get_context(const sn_operation *operation);
/** As it was set; 0 for no record. @since 0.2 @dotnet none */
SN_API sn_milliseconds sn_operation_get_timeout(const sn_operation *operation);
/** As it was set, borrowed; NULL for no record. @since 0.2 @dotnet none */
SN_API sn_cancellation *sn_operation_get_cancellation(const sn_operation *operation);

/** SN_OK, or what went wrong. @dotnet SocketAsyncEventArgs.SocketError */
SN_API sn_error sn_operation_get_error(const sn_operation *operation);
/** The errno behind the error, 0 if none. @dotnet none */
SN_API int sn_operation_get_native_error(const sn_operation *operation);
/** What ran last. @dotnet SocketAsyncEventArgs.LastOperation */
SN_API sn_operation_kind sn_operation_get_kind(const sn_operation *operation);
/** Bytes. @dotnet SocketAsyncEventArgs.BytesTransferred */
SN_API size_t sn_operation_get_transferred(const sn_operation *operation);
/** Noticed while receiving. @dotnet SocketAsyncEventArgs.SocketFlags */
SN_API sn_flags sn_operation_get_flags(const sn_operation *operation);
/**
 * The accepted or connected socket, owned by you; NULL if none.
 * @dotnet SocketAsyncEventArgs.AcceptSocket, SocketAsyncEventArgs.ConnectSocket
 */
SN_API sn_socket *sn_operation_get_socket(const sn_operation *operation);
/** Of a batch: how many of its records have moved; else 0. @since 0.2 @dotnet none */
SN_API size_t sn_operation_get_datagram_count(const sn_operation *operation);
/** Of a receive of handles: how many came; else 0. @since 0.2 @dotnet none */
SN_API size_t sn_operation_get_handle_count(const sn_operation *operation);
/** All zero when not known. @dotnet SocketAsyncEventArgs.ReceiveMessageFromPacketInfo */
SN_API sn_ip_packet_information sn_operation_get_packet_information(const sn_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
