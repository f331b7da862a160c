/**
 * The insides of sennit-tls. Its public header is <sennit/tls.h>; of Sennit it knows the public
 * headers only.
 *
 *     context.c   what handshakes are made with: an SSL_CTX and the program's callbacks
 *     material.c  certificates, keys and authorities, out of files or memory
 *     verify.c    the judgement of the peer's certificate
 *     stream.c    the object and its life
 *     look.c      what can be asked of it
 *     handshake.c, step.c  what a call does next, without waiting: the only code that calls SSL_...
 *     blocking.c  carries a call's steps out on the calling thread, or fiber
 *     async.c     the same by callbacks
 *     text.c      what went wrong, in words
 *
 * OpenSSL never sees the connection. It reads from one piece of memory and writes into another, and
 * a step says what is to be moved next. So a transport waits where everything of Sennit waits, and
 * both ways of calling share all that matters.
 *
 * An SSL object is one thread's at a time: the stream's lock is held around SSL_ calls and never
 * while something waits. During the handshake the stream belongs to the one call that makes it,
 * without the lock, since the program's callbacks run inside.
 */
#ifndef TLS_TLS_H
#define TLS_TLS_H

#include <pthread.h>
#include <stdatomic.h>

#include <openssl/ssl.h>

#include <sennit.h>
#include <sennit/tls.h>

enum {
    TLS_TEXT_SIZE = 400,
    TLS_NAME_MAX = 255,         /* of a host, of a protocol */
    TLS_RECORD_SIZE = 16 << 10, /* the most that one record holds */
    TLS_IN_SIZE = 32 << 10,     /* what one receive can take */
    TLS_OUT_SIZE = 34 << 10,    /* two full records, encrypted */
    TLS_OUT_LIMIT = 256 << 10   /* of what waits to be sent because the peer takes nothing */
};

/* --- Contexts --------------------------------------------------------------------------------- */

struct sn_tls_context {
    _Atomic uint32_t references;
    SSL_CTX *ssl; /* owned */
    bool is_server;
    bool requires_certificate;
    sn_tls_validate validate;
    sn_tls_select select;
    void *callback_context;   /* borrowed */
    unsigned char *protocols; /* owned: each with its length before it */
    size_t protocols_size;
};

/* The one of clients that have none; a reference. */
sn_error tls_context_default(sn_tls_context **out_context);
/* Reads what the options name into the context. */
sn_error tls_material_load(sn_tls_context *context, const sn_tls_options *options);
/* Has the peers of the context judged by the functions of verify.c. */
void tls_verify_use(sn_tls_context *context);
/* Whether a client may stay that has shown no certificate although it should. */
bool tls_verify_absent(sn_tls_stream *stream);

/* --- Texts ------------------------------------------------------------------------------------ */

/* Of this thread's last context. */
void tls_text_set_last(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* OpenSSL's oldest error of this thread in words; the others are forgotten. */
const char *tls_text_of_openssl(void);

/* --- Streams ---------------------------------------------------------------------------------- */

enum tls_state {
    STATE_NEW,
    STATE_AUTHENTICATING,
    STATE_AUTHENTICATED,
    STATE_BROKEN /* the handshake did not come to its end */
};

struct sn_tls_stream {
    _Atomic uint32_t references;
    sn_network_stream *inner; /* owned: a reference */
    sn_socket *socket;        /* borrowed from it */
    bool leaves_inner_open;
    bool owns_socket;         /* where `inner` was made for this stream, and does not */
    sn_cancellation *closing; /* owned: ends what waits, at the close */

    pthread_mutex_t lock; /* for all that follows, if nothing else is said */
    _Atomic int state;    /* enum tls_state; written under the lock */
    bool is_closed, is_reading, is_writing, has_shut_down;
    bool is_receiving; /* a call fills `in_buffer` */
    bool is_server;
    sn_error failure; /* of TLS, for good */
    char text[TLS_TEXT_SIZE];
    _Atomic bool has_text;
    SSL *ssl;                /* owned; of the handshake's call until it is over */
    BIO *in, *out;           /* the SSL object's: what has come, what is to go */
    sn_tls_context *context; /* owned: a reference */
    uint8_t *in_buffer;      /* owned; of the call that receives */
    uint8_t *out_buffer;     /* owned; of the call that sends, without one under the lock */
    size_t out_start, out_end;

    sn_tls_operation *running[2]; /* asynchronous calls that read, that write */
    struct call *waiting;         /* for what another call receives */
    sn_semaphore progress;        /* where it does, if it is a blocking one */

    /* Written in the handshake, and not any more when it is over. */
    unsigned policy_errors;
    char problem[TLS_TEXT_SIZE]; /* the first of them in words */
    char target_host[TLS_NAME_MAX + 1];
    char protocol[TLS_NAME_MAX + 1];
    int version;
    const SSL_CIPHER *cipher;
    bool has_shown;             /* this side a certificate, too */
    unsigned char *certificate; /* of the peer; owned, of OpenSSL's memory */
    size_t certificate_size;
};

static inline void tls_lock(sn_tls_stream *stream)
{
    (void)pthread_mutex_lock(&stream->lock);
}

static inline void tls_unlock(sn_tls_stream *stream)
{
    (void)pthread_mutex_unlock(&stream->lock);
}

static inline bool stream_is(const sn_tls_stream *stream, enum tls_state state)
{
    return atomic_load_explicit(&stream->state, memory_order_acquire) == (int)state;
}

/* Both keep the words of the first failure. With the lock, or in the handshake. */
void tls_stream_explain_openssl(sn_tls_stream *stream);
void tls_stream_explain(sn_tls_stream *stream, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- Calls ------------------------------------------------------------------------------------ */

enum call_kind { CALL_HANDSHAKE, CALL_READ, CALL_WRITE, CALL_SHUTDOWN };

struct call {
    sn_tls_stream *stream; /* borrowed, or a reference of an operation */
    enum call_kind kind;
    sn_error error;
    bool is_ended;               /* the handshake: all but the last bytes that go out */
    bool receives;               /* it fills the stream's `in_buffer` */
    sn_tls_operation *operation; /* NULL: it is a blocking one */
    void *data;                  /* caller-provided; of a write never written to */
    size_t size, done;           /* bytes */
};

/* What a call needs next. */
enum need {
    NEED_NOTHING, /* it is over, and the stream free for the next one */
    NEED_RECEIVE, /* bytes into `in_buffer`, then tls_call_received() */
    NEED_SEND,    /* what is in `out_buffer`, then tls_call_sent() */
    NEED_PROGRESS /* of the call that receives: it wakes this one, unless it has already */
};

/* What a handshake is begun with. */
struct introduction {
    bool is_server;
    sn_tls_context *context;
    const char *target_host;
};

/* Each claims the stream for the call; an error is in the call as well. */
sn_error tls_call_begin(struct call *call);
sn_error tls_handshake_begin(struct call *call, const struct introduction *introduction);
enum need tls_call_step(struct call *call);
enum need tls_handshake_step(struct call *call);
/* `size` bytes have come; 0: the connection has ended, and so has the call. */
bool tls_call_received(struct call *call, size_t size);
void tls_call_sent(struct call *call, size_t size);
/* It ends with what the transport says. */
void tls_call_fail(struct call *call, sn_error error);

/* For these two files: with the lock. */
enum need tls_call_end(struct call *call, sn_error error);
enum need tls_call_refused(struct call *call);
/* Whether something is to be sent; it is in `out_buffer` then. */
bool tls_output_take(sn_tls_stream *stream);

/* With the lock: one that waits for progress goes on; those that are under way are ended. */
void tls_async_wake(sn_tls_operation *operation);
void tls_async_close(sn_tls_stream *stream);

#endif
