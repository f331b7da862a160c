/**
 * TLS over a connection: SslStream, in a library of its own, sennit-tls, which is made with
 * OpenSSL 3.
 *
 * A stream is laid over a connection, and one side authenticates as the client, the other as the
 * server. Then both read and write, until each has shut its own direction down. Whatever waits does
 * so in calls of Sennit: time limits, cancels and closes of the connection end it, scopes too
 * (sn_cancellation_enter()), and on a fiber only the fiber waits.
 *
 * Certificates are verified unless the program says otherwise, the name of the host included. TLS
 * 1.2 and 1.3 are spoken. There is no renegotiation and no compression; new keys and session
 * tickets of the peer are handled inside of reads.
 *
 * One call may read while another one writes, from two threads, fibers or callbacks. A second one
 * of the same direction, or any during a handshake, is SN_ERROR_INVALID_OPERATION and changes
 * nothing.
 *
 * What the peer does wrong, and what is wrong with its certificate, is SN_ERROR_AUTHENTICATION;
 * sn_tls_stream_get_error_text() says what it is. From then on the stream is of no use, and each
 * call says so again. The connection that ends without the peer's having said that it will is
 * SN_ERROR_END_OF_STREAM: somebody may have cut off the rest. What the connection itself reports is
 * handed on; after a time limit or a cancel the stream can be used further.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_TLS_H
#define SENNIT_TLS_H

#include <sennit/error.h>
#include <sennit/operation.h>
#include <sennit/stream.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What handshakes are made with: certificate, trust, wishes. Made once, used by many streams. */
typedef struct sn_tls_context sn_tls_context;

/** A connection that is encrypted: .NET's SslStream. */
typedef struct sn_tls_stream sn_tls_stream;

/** The versions, with .NET's numbers; they can be or-ed together. @dotnet SslProtocols */
typedef enum sn_tls_protocols {
    SN_TLS_PROTOCOLS_NONE = 0, /* the library chooses: both */
    SN_TLS_PROTOCOLS_TLS12 = 3072,
    SN_TLS_PROTOCOLS_TLS13 = 12288
} sn_tls_protocols;

/** What is wrong with the peer's certificate, or-ed together. @dotnet SslPolicyErrors */
typedef enum sn_tls_policy_errors {
    SN_TLS_POLICY_ERRORS_NONE = 0,
    SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_NOT_AVAILABLE = 1, /* the client has sent none */
    SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_NAME_MISMATCH = 2, /* it is not for this host */
    SN_TLS_POLICY_ERRORS_REMOTE_CERTIFICATE_CHAIN_ERRORS = 4   /* expired, not trusted, ... */
} sn_tls_policy_errors;

/** What is to be judged; all of it is borrowed for the call. */
typedef struct sn_tls_remote {
    unsigned errors;         /* of sn_tls_policy_errors */
    const char *text;        /* the first of them in words; "" for none */
    sn_buffer certificate;   /* of the peer, DER, to be read; {NULL, 0} if it has sent none */
    const char *target_host; /* of a client: whom it wants to talk to; of a server: "" */
} sn_tls_remote;

/**
 * Judges the peer's certificate, in the handshake, after it was verified. It must not wait: others
 * may be served by this thread. It may be called by several threads at the same time.
 *
 * @param stream   borrowed; only its getters may be called
 * @param remote   borrowed for the call
 * @param context  `callback_context` of the options
 * @return         whether to go on. Without this function that is so when there are no errors
 * @dotnet         RemoteCertificateValidationCallback
 */
typedef bool (*sn_tls_validate)(sn_tls_stream *stream, const sn_tls_remote *remote, void *context);

/**
 * Chooses the certificate of a server by the name that the client has asked for. It must not wait,
 * and may be called by several threads at the same time.
 *
 * @param stream       borrowed; only its getters may be called
 * @param server_name  borrowed for the call; "" where the client has named none
 * @param context      `callback_context` of the options
 * @return             borrowed, of a server, to go on with; NULL: the one that was given
 * @dotnet             ServerOptionsSelectionCallback, ServerCertificateSelectionCallback
 */
typedef sn_tls_context *(*sn_tls_select)(sn_tls_stream *stream, const char *server_name,
                                         void *context);

/**
 * How handshakes are made. All zero is what most clients need; a server has a certificate. Files
 * and memory hold PEM, and nothing is needed any more when the context has been made.
 *
 * @dotnet SslClientAuthenticationOptions, SslServerAuthenticationOptions
 */
typedef struct sn_tls_options {
    size_t size; /* sizeof(sn_tls_options); 0: as it was in 0.2. Later ones may have more */

    /* Who this side is: its certificate, and behind it those of the authorities in between. */
    const char *certificate_file; /* NULL: none, or in memory */
    const char *key_file;         /* NULL: in the file of the certificate */
    sn_buffer certificate;        /* the same in memory */
    sn_buffer key;                /* {NULL, 0}: in the memory of the certificate */
    const char *key_password;     /* NULL: the key is not encrypted */

    /* Whom it trusts. With neither of the two: the authorities of the system. */
    const char *trust_file; /* authorities, and lists of revoked certificates; NULL: none */
    sn_buffer trust;        /* the same in memory */

    /* Names such as "h2", 1 to 255 bytes each, the best first. A server takes the first of its own
     * that the client has too; where the client wants others only, the handshake fails. */
    const char *const *application_protocols; /* ALPN; NULL: none */
    size_t application_protocol_count;        /* how many they are */

    unsigned enabled_protocols; /* of sn_tls_protocols */

    bool client_certificate_required; /* of a server: clients say who they are, too */

    sn_tls_validate validate; /* NULL: what has an error is refused */
    sn_tls_select select;     /* of a server; NULL: one certificate for all names */
    void *callback_context;   /* borrowed as long as the context lives: handed to the two */
} sn_tls_options;

/**
 * Makes what clients need. A client that has no special wishes needs none: NULL is one of its own,
 * which trusts whom the system trusts.
 *
 * @param options      borrowed for the call; NULL: all zero
 * @param out_context  owned by the caller: sn_tls_context_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL        out_context is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  the length of a protocol's name, or an unknown version
 * @error   SN_ERROR_ARGUMENT             what is for servers only; a certificate both in a file and
 *                                        in memory; a key or a password without a certificate
 * @error   SN_ERROR_NOT_SUPPORTED        the options have more than this library knows, not zero
 * @error   SN_ERROR_FILE_NOT_FOUND, SN_ERROR_ACCESS_DENIED  a file
 * @error   SN_ERROR_FORMAT               no PEM, the wrong password, a key of another certificate;
 *                                        sn_tls_last_error_text() tells which
 * @error   SN_ERROR_OUT_OF_MEMORY        no memory
 * @dotnet  SslClientAuthenticationOptions()
 */
SN_MUST_USE SN_API sn_error sn_tls_context_create_client(const sn_tls_options *options,
                                                         sn_tls_context **out_context);

/**
 * Makes what servers need.
 *
 * @param options      borrowed for the call; with a certificate, or with `select`
 * @param out_context  owned by the caller: sn_tls_context_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL  a pointer is NULL
 * @error   SN_ERROR_ARGUMENT       there is no certificate
 * @error   otherwise as sn_tls_context_create_client()
 * @dotnet  SslServerAuthenticationOptions(), SslStreamCertificateContext.Create(...)
 */
SN_MUST_USE SN_API sn_error sn_tls_context_create_server(const sn_tls_options *options,
                                                         sn_tls_context **out_context);

/** One more reference; NULL gives NULL. @dotnet none */
SN_API sn_tls_context *sn_tls_context_retain(sn_tls_context *context);
/** Gives a reference back; NULL is fine. Streams keep what they need. @dotnet none */
SN_API void sn_tls_context_release(sn_tls_context *context);

/**
 * Why the last context of this thread could not be made, in English.
 *
 * @return  this thread's, until its next failure; "" if there was none
 * @thread  each has its own
 * @dotnet  AuthenticationException.Message
 */
SN_API const char *sn_tls_last_error_text(void);

/* --- The stream ------------------------------------------------------------------------------- */

/**
 * Lays a stream over another one, which nobody may read or write meanwhile.
 *
 * @param inner              a reference is added, so the caller's stays the caller's
 * @param leaves_inner_open  whether a close of this stream leaves it open
 * @param out_stream         owned by the caller: sn_tls_stream_release()
 *
 * @error   SN_ERROR_ARGUMENT_NULL      a pointer is NULL
 * @error   SN_ERROR_ARGUMENT           `inner` cannot both be read and written, or is closed
 * @error   SN_ERROR_OUT_OF_MEMORY      no memory
 * @dotnet  SslStream(Stream innerStream), SslStream(Stream innerStream, bool
 *          leaveInnerStreamOpen)
 */
SN_MUST_USE SN_API sn_error sn_tls_stream_create(sn_network_stream *inner, bool leaves_inner_open,
                                                 sn_tls_stream **out_stream);

/**
 * Lays a stream over a connected socket: sn_network_stream_create() and sn_tls_stream_create() in
 * one.
 *
 * @param socket       a reference is added, so the caller's stays the caller's
 * @param owns_socket  whether a close of this stream closes it
 * @param out_stream   owned by the caller: sn_tls_stream_release()
 *
 * @error   as sn_network_stream_create()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_tls_stream_create_on_socket(sn_socket *socket, bool owns_socket,
                                                           sn_tls_stream **out_stream);

/** One more reference; NULL gives NULL. @dotnet none */
SN_API sn_tls_stream *sn_tls_stream_retain(sn_tls_stream *stream);

/** Gives a reference back; the last one closes the stream. NULL is fine. @dotnet none */
SN_API void sn_tls_stream_release(sn_tls_stream *stream);

/**
 * Closes the stream, and what is below unless that is left open. Calls that wait in it end: with
 * SN_ERROR_CONNECTION_ABORTED, asynchronous ones with SN_ERROR_OPERATION_ABORTED. The peer is not
 * told; see sn_tls_stream_shutdown().
 *
 * @param stream  borrowed; NULL and a closed stream are fine
 * @dotnet        SslStream.Close(), SslStream.DisposeAsync(), SslStream.Dispose(bool disposing)
 */
SN_API void sn_tls_stream_close(sn_tls_stream *stream);

/* --- Verbs, on this thread -------------------------------------------------------------------- */

/**
 * Makes the handshake as the client. The limits are those of the connection, its read timeout for
 * all that has to come and its write timeout for all that has to go.
 *
 * @param stream       borrowed; on which no handshake was begun
 * @param context      a reference is added; NULL: the default one
 * @param target_host  borrowed for the call; the name, or the address without brackets, that the
 *                     server's certificate must be for. A name is told to the server (SNI). "": no
 *                     name, which is a mismatch of names for whoever judges
 *
 * @error   SN_ERROR_ARGUMENT_NULL      a pointer is NULL
 * @error   SN_ERROR_ARGUMENT           the context is a server's; the name is longer than 255
 *                                      bytes, or not of ASCII
 * @error   SN_ERROR_OBJECT_DISPOSED    the stream was closed
 * @error   SN_ERROR_INVALID_OPERATION  it was authenticated already, or is being so
 * @error   SN_ERROR_AUTHENTICATION     see sn_tls_stream_get_error_text()
 * @error   SN_ERROR_END_OF_STREAM      the peer has gone
 * @error   SN_ERROR_TIMED_OUT, SN_ERROR_OPERATION_CANCELED, SN_ERROR_CONNECTION_ABORTED, ...  as
 *          sn_network_stream_read() and sn_network_stream_write(); the handshake cannot be gone on
 *          with
 * @dotnet  SslStream.AuthenticateAsClient(string targetHost),
 *          SslStream.AuthenticateAsClient(SslClientAuthenticationOptions)
 */
SN_MUST_USE SN_API sn_error sn_tls_stream_authenticate_as_client(sn_tls_stream *stream,
                                                                 sn_tls_context *context,
                                                                 const char *target_host);

/**
 * Makes the handshake as the server.
 *
 * @param stream   borrowed; on which no handshake was begun
 * @param context  a reference is added
 *
 * @error   as sn_tls_stream_authenticate_as_client()
 * @dotnet  SslStream.AuthenticateAsServer(SslServerAuthenticationOptions),
 *          SslStream.AuthenticateAsServer(X509Certificate)
 */
SN_MUST_USE SN_API sn_error sn_tls_stream_authenticate_as_server(sn_tls_stream *stream,
                                                                 sn_tls_context *context);

/**
 * Reads what is there, at least 1 byte.
 *
 * @param stream    borrowed; authenticated
 * @param data      caller-provided, `size` bytes; NULL only with size 0
 * @param size      bytes; 0 waits until something can be read and takes nothing
 * @param out_read  bytes; 0 when the peer has shut its direction down
 *
 * @error   SN_ERROR_ARGUMENT_NULL      a pointer is NULL
 * @error   SN_ERROR_OBJECT_DISPOSED    the stream was closed
 * @error   SN_ERROR_INVALID_OPERATION  it is not authenticated, or is being read
 * @error   SN_ERROR_END_OF_STREAM      the connection has ended, and the peer has not said that it
 *                                      would: what has come may not be all
 * @error   SN_ERROR_AUTHENTICATION     what has come was changed on its way, or the peer has
 *                                      refused this side
 * @error   SN_ERROR_LIMIT_EXCEEDED     the peer asks for answers and takes none
 * @error   SN_ERROR_TIMED_OUT          the read timeout passed; nothing is lost
 * @error   otherwise as sn_network_stream_read()
 * @dotnet  SslStream.Read(byte[] buffer, int offset, int count)
 */
SN_MUST_USE SN_API sn_error sn_tls_stream_read(sn_tls_stream *stream, void *data, size_t size,
                                               size_t *out_read);

/**
 * Writes all of it.
 *
 * @param stream       borrowed; authenticated
 * @param data         borrowed for the call; NULL only with size 0
 * @param size         bytes; 0 does nothing
 * @param out_written  bytes that were taken; may be NULL. After an error it is written too: so many
 *                     are on their way, or go out before whatever is written next
 *
 * @error   SN_ERROR_ARGUMENT_NULL      a pointer is NULL
 * @error   SN_ERROR_OBJECT_DISPOSED    the stream was closed
 * @error   SN_ERROR_INVALID_OPERATION  it is not authenticated, or is being written
 * @error   SN_ERROR_SHUTDOWN           sn_tls_stream_shutdown() was called
 * @error   SN_ERROR_TIMED_OUT          the write timeout passed
 * @error   otherwise as sn_network_stream_write()
 * @dotnet  SslStream.Write(byte[] buffer, int offset, int count), SslStream.Write(byte[] buffer)
 */
SN_MUST_USE SN_API sn_error sn_tls_stream_write(sn_tls_stream *stream, const void *data,
                                                size_t size, size_t *out_written);

/**
 * Tells the peer that nothing more will be written, so that it can tell this end from a connection
 * that was cut. What the peer still writes can be read. The connection is left as it is.
 *
 * @param stream  borrowed; authenticated. A second call does nothing
 * @error   as sn_tls_stream_write()
 * @dotnet  SslStream.ShutdownAsync()
 */
SN_MUST_USE SN_API sn_error sn_tls_stream_shutdown(sn_tls_stream *stream);

/* --- The same verbs, asynchronous ------------------------------------------------------------- */

/** What is started, see below. */
typedef struct sn_tls_operation sn_tls_operation;

/**
 * One asynchronous call of a stream. The program provides the record, all zero at first, and lends
 * it and the buffer from the start until `completed` is called, which happens exactly once, misuse
 * included, on the thread of the engine that the connection belongs to, and never inside of the
 * start. In it the record is the program's again and may be started anew. What a callback of
 * Sennit may do it may do.
 *
 * It is a record of its own, because only Sennit itself completes an sn_operation. Who wants to
 * wait uses the blocking form, on a fiber where there are many.
 *
 * @dotnet Task
 */
struct sn_tls_operation {
    /* Yours: set before starting. */
    void (*completed)(sn_tls_operation *operation); /* there has to be one */
    void *context;                                  /* borrowed: handed back, never read */
    sn_milliseconds timeout_ms;                     /* 0 and less: no limit; for the whole of it */
    sn_cancellation *cancellation;                  /* borrowed until completion; NULL: none */

    /* Results. */
    sn_error error;     /* SN_OK, or what went wrong */
    size_t transferred; /* bytes read; bytes taken of a write, also after an error */

    sn_operation inner;  /* the library's: what it does at the moment */
    uint64_t opaque[24]; /* the library's */
};

/**
 * Starts the handshake as the client. See sn_tls_stream_authenticate_as_client().
 *
 * @param stream       borrowed for the call
 * @param context      a reference is added; NULL: the default one
 * @param target_host  borrowed for the call
 * @param operation    lent until completion
 * @return             whether it took the record: false for NULL, for one that is running, and for
 *                     one without a callback; then nobody is called
 *
 * Result in the operation: `error`.
 * @error   SN_ERROR_OPERATION_ABORTED   the stream was closed meanwhile, or its engine destroyed
 * @error   SN_ERROR_OPERATION_CANCELED  it was cancelled
 * @error   SN_ERROR_TIMED_OUT           its timeout_ms passed
 * @error   otherwise as the blocking form
 * @dotnet  SslStream.AuthenticateAsClientAsync(SslClientAuthenticationOptions, CancellationToken)
 */
SN_API bool sn_tls_stream_authenticate_as_client_async(sn_tls_stream *stream,
                                                       sn_tls_context *context,
                                                       const char *target_host,
                                                       sn_tls_operation *operation);

/**
 * Starts the handshake as the server, otherwise as
 * sn_tls_stream_authenticate_as_client_async().
 *
 * @param stream     borrowed for the call
 * @param context    a reference is added
 * @param operation  lent until completion
 * @return           whether it took the record
 * @dotnet  SslStream.AuthenticateAsServerAsync(SslServerAuthenticationOptions, CancellationToken)
 */
SN_API bool sn_tls_stream_authenticate_as_server_async(sn_tls_stream *stream,
                                                       sn_tls_context *context,
                                                       sn_tls_operation *operation);

/**
 * Starts reading, see sn_tls_stream_read().
 *
 * @param stream     borrowed for the call
 * @param data       lent until completion
 * @param size       bytes; 0 waits until something can be read
 * @param operation  lent until completion
 * @return           whether it took the record
 *
 * Result in the operation: `error`, `transferred` (bytes).
 * @dotnet  SslStream.ReadAsync(Memory<byte> buffer, CancellationToken)
 */
SN_API bool sn_tls_stream_read_async(sn_tls_stream *stream, void *data, size_t size,
                                     sn_tls_operation *operation);

/**
 * Starts writing all of it, see sn_tls_stream_write().
 *
 * @param stream     borrowed for the call
 * @param data       lent until completion
 * @param size       bytes
 * @param operation  lent until completion
 * @return           whether it took the record
 *
 * Result in the operation: `error`, `transferred` (bytes that were taken).
 * @dotnet  SslStream.WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken)
 */
SN_API bool sn_tls_stream_write_async(sn_tls_stream *stream, const void *data, size_t size,
                                      sn_tls_operation *operation);

/**
 * Starts telling the peer that nothing more will be written, see sn_tls_stream_shutdown().
 *
 * @param stream     borrowed for the call
 * @param operation  lent until completion
 * @return           whether it took the record
 * @dotnet  SslStream.ShutdownAsync()
 */
SN_API bool sn_tls_stream_shutdown_async(sn_tls_stream *stream, sn_tls_operation *operation);

/**
 * Asks for the end of an operation, which completes as always, exactly once. Before its start,
 * after its completion, and for NULL, it does nothing.
 *
 * @param operation  borrowed; the record must exist for the whole call
 * @dotnet           CancellationTokenSource.Cancel()
 */
SN_API void sn_tls_operation_cancel(sn_tls_operation *operation);

/* --- What it is ------------------------------------------------------------------------------- */

/** What is below, borrowed as long as the stream lives. @dotnet SslStream.InnerStream */
SN_API sn_network_stream *sn_tls_stream_get_inner(const sn_tls_stream *stream);

/**
 * What the peer did wrong, or what is wrong with its certificate: "certificate verify failed:
 * certificate has expired (host www.example.org)". English, no full stop.
 *
 * @param stream  borrowed
 * @return        borrowed as long as the stream lives; "" where nothing was wrong
 * @dotnet        AuthenticationException.Message
 */
SN_API const char *sn_tls_stream_get_error_text(const sn_tls_stream *stream);

/** Whether the handshake was made. @dotnet SslStream.IsAuthenticated, SslStream.IsEncrypted */
SN_API bool sn_tls_stream_is_authenticated(const sn_tls_stream *stream);
/** Whether both sides have shown a certificate. @dotnet SslStream.IsMutuallyAuthenticated */
SN_API bool sn_tls_stream_is_mutually_authenticated(const sn_tls_stream *stream);
/** Whether it authenticates as the server. @dotnet SslStream.IsServer */
SN_API bool sn_tls_stream_is_server(const sn_tls_stream *stream);
/** The version; SN_TLS_PROTOCOLS_NONE before the handshake. @dotnet SslStream.SslProtocol */
SN_API sn_tls_protocols sn_tls_stream_get_protocol(const sn_tls_stream *stream);
/** IANA's number of the cipher suite; 0 before. @dotnet SslStream.NegotiatedCipherSuite */
SN_API uint16_t sn_tls_stream_get_cipher_suite(const sn_tls_stream *stream);
/** Its name, such as "TLS_AES_256_GCM_SHA384", static; "" before. @dotnet TlsCipherSuite */
SN_API const char *sn_tls_stream_get_cipher_suite_name(const sn_tls_stream *stream);
/**
 * What both have agreed on (ALPN), borrowed as long as the stream lives; "" for nothing.
 * @dotnet SslStream.NegotiatedApplicationProtocol
 */
SN_API const char *sn_tls_stream_get_application_protocol(const sn_tls_stream *stream);
/**
 * Of a client: as it was given; of a server: the name that the client has asked for. Borrowed as
 * long as the stream lives; "" for none.
 * @dotnet SslStream.TargetHostName
 */
SN_API const char *sn_tls_stream_get_target_host(const sn_tls_stream *stream);
/**
 * The peer's certificate, DER, to be read; borrowed as long as the stream lives. {NULL, 0}: none.
 * @dotnet SslStream.RemoteCertificate
 */
SN_API sn_buffer sn_tls_stream_get_remote_certificate(const sn_tls_stream *stream);

#ifdef __cplusplus
}
#endif

#endif
