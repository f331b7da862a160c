/**
 * The socket object, and the steps that every verb shares. For this room only.
 */
#ifndef SOCKET_OBJECT_H
#define SOCKET_OBJECT_H

#include <sennit/connect.h>
#include <sennit/operation.h>

#include "engine/engine.h"
#include "socket/object/endpoint_cache.h"
#include "socket/socket.h"
#include "socket/verbs/verb.h"

/* Bits of `state`: what the object remembers of itself. Set and cleared atomically. */
enum socket_state {
    SOCKET_BOUND = 1 << 0,        /* IsBound */
    SOCKET_CONNECTED = 1 << 1,    /* Connected */
    SOCKET_DISCONNECTED = 1 << 2, /* was connected and is not any more */
    SOCKET_LISTENING = 1 << 3,
    SOCKET_NON_BLOCKING = 1 << 4, /* Blocking is false */
    SOCKET_DUAL_MODE = 1 << 5,    /* an IPv6 socket that speaks IPv4, as the kernel sees it */
    SOCKET_DUAL_MODE_WISH =
        1 << 6, /* as the user last set it; binding may switch the kernel's off */
    SOCKET_CONNECT_PENDING = 1 << 7, /* a non-blocking connect may have finished meanwhile */
    SOCKET_CONNECT_FAILED = 1 << 8,  /* the descriptor must be replaced before the next connect */
    SOCKET_IRREPLACEABLE =
        1 << 9, /* ... and cannot be: its handle or an option of its is not ours */
    SOCKET_PACKET_INFORMATION = 1 << 10, /* already switched on, see extras.c */
    SOCKET_BOUND_BY_SEND =
        1 << 11,                 /* bound by an asynchronous send-to that has not succeeded yet */
    SOCKET_ENDED = 1 << 12,      /* Disconnect(false): this descriptor connects no more */
    SOCKET_FILE_STAYS = 1 << 13, /* a Unix socket's file is not removed */
    /* Switched on by batches that wanted it, see extras.c: */
    SOCKET_TELLS_TIME_TO_LIVE = 1 << 14,
    SOCKET_TELLS_TRAFFIC_CLASS = 1 << 15,
    SOCKET_TELLS_TIME = 1 << 16,
    SOCKET_TELLS_SEGMENTS = 1 << 17,
    SOCKET_CONNECT_OPTIONS = 1 << 18, /* how it connects was set: see connect/options.c */
    SOCKET_EXPOSED = 1 << 19,         /* its handle was read: it keeps its file, see replace.c */
    SOCKET_SIGNALS = 1 << 24,         /* no socket: a source of signals, see signals.c */
    SOCKET_TYPE = 7 << 25,            /* see socket_type() */
    SOCKET_TYPE_ONE = 1 << 25,        /* the type is counted in these, from SN_TYPE_UNKNOWN on */
};

struct sn_socket {
    struct descriptor descriptor; /* first: see socket_of() */
    struct endpoint_cache remote; /* under the descriptor's guard */
    uint32_t references;          /* atomic: what sn_socket_retain and _release count */
    uint32_t lives;               /* atomic: one for all references, one until it is closed, and
 one for each socket_hold() */
    uint32_t state;               /* atomic: enum socket_state */
    int32_t family;               /* these two: atomic, see socket_family() */
    int32_t protocol;
    uint64_t tracked_options; /* atomic: rows of the option table that were set, see replace.c */
    int32_t timeouts_ms[TIMEOUT_COUNT]; /* atomic; 0: no limit */
    struct socket_rare *rare; /* owned, made on first need; under the descriptor's guard */
};

/* What few sockets need. */
struct socket_rare {
    struct endpoint_cache local; /* a local end point that was asked for */
    struct unix_file *unix_file; /* owned: what to remove at the close */
    sn_connect_options *connect; /* owned: how it connects; NULL: as all do */
    uint64_t racing; /* one more than the count of forks when its race began; 0: none goes on */
};

/* Under the descriptor's guard: the rare part, NULL when there is no memory for it. */
struct socket_rare *socket_rare(sn_socket *socket);

_Static_assert(sizeof(struct sn_socket) <= 216, "programs hold many of them");
_Static_assert(offsetof(struct sn_socket, remote) % sizeof(void *) == 0 &&
                   offsetof(struct socket_rare, local) % sizeof(void *) == 0,
               "where a pointer could stand, see there");

static inline sn_socket *socket_of(struct descriptor *descriptor)
{
    return container_of(descriptor, struct sn_socket, descriptor);
}

static inline bool socket_is(const sn_socket *socket, uint32_t bits)
{
    return (atomic_load_acquire(&socket->state) & bits) != 0;
}

static inline void socket_set(sn_socket *socket, uint32_t bits)
{
    atomic_or_acq_rel(&socket->state, bits);
}

static inline void socket_clear(sn_socket *socket, uint32_t bits)
{
    atomic_and_acq_rel(&socket->state, ~bits);
}

/* What kind of socket it is. A socket that a connection is accepted into takes over the listener's
 * kind, and one that is made for a connect by name becomes one of each family in turn; any thread
 * may look meanwhile. Each of the three is right for itself; whoever needs them to fit each other
 * is the verb that changes them. */
static inline sn_address_family socket_family(const sn_socket *socket)
{
    return (sn_address_family)atomic_load_relaxed(&socket->family);
}

static inline sn_socket_type socket_type(const sn_socket *socket)
{
    uint32_t counted = (atomic_load_relaxed(&socket->state) & SOCKET_TYPE) / SOCKET_TYPE_ONE;
    return (sn_socket_type)((int)counted + SN_TYPE_UNKNOWN);
}

static inline sn_protocol_type socket_protocol(const sn_socket *socket)
{
    return (sn_protocol_type)atomic_load_relaxed(&socket->protocol);
}

static inline void socket_set_type(sn_socket *socket, sn_socket_type type)
{
    uint32_t state = atomic_load_relaxed(&socket->state), fresh;
    assert(type >= SN_TYPE_UNKNOWN && type <= SN_TYPE_SEQPACKET);
    do
        fresh = (state & ~(uint32_t)SOCKET_TYPE) |
                (uint32_t)((int)type - SN_TYPE_UNKNOWN) * SOCKET_TYPE_ONE;
    while (!atomic_replace_acq_rel(&socket->state, &state, fresh));
}

static inline void socket_set_identity(sn_socket *socket, sn_address_family family,
                                       sn_socket_type type, sn_protocol_type protocol)
{
    atomic_store_relaxed(&socket->family, (int32_t)family);
    socket_set_type(socket, type);
    atomic_store_relaxed(&socket->protocol, (int32_t)protocol);
}

static inline void socket_set_listening(sn_socket *socket)
{
    socket_set(socket, SOCKET_LISTENING);
    atomic_or_acq_rel(&socket->descriptor.marks, (uint32_t)DESCRIPTOR_LISTENING);
}

/* Somebody may ask for control messages, or may have: said before that takes effect. */
static inline void socket_expect_control(sn_socket *socket)
{
    atomic_or_acq_rel(&socket->descriptor.marks, (uint32_t)DESCRIPTOR_CONTROL);
}

/* The kernel's handle; the caller has a reference. */
static inline int32_t socket_handle(const sn_socket *socket)
{
    return atomic_load_relaxed(&socket->descriptor.handle);
}

/* An object around an open descriptor, or NULL when there is no memory (the descriptor stays open).
 */
sn_socket *socket_new(int32_t handle, bool owned, sn_address_family family, sn_socket_type type,
                      sn_protocol_type protocol);

void socket_closed(struct descriptor *descriptor);
bool socket_detached(struct descriptor *descriptor, int32_t handle); /* unix_file.c */
/* The record lives until nobody refers to it and its descriptor is closed, whichever comes last. */
void socket_drop_life(sn_socket *socket);

/* --- The steps of a verb --------------------------------------------------------------------- */

/* Why it cannot be used. */
COLD sn_error socket_cannot_ref(const sn_socket *socket);

/* SN_OK: the caller has a reference until socket_unref(), for which the handle stays open. */
static inline sn_error socket_ref(sn_socket *socket)
{
    if (unlikely(!socket) || unlikely(!descriptor_ref(&socket->descriptor)))
        return socket_cannot_ref(socket);
    return SN_OK;
}

static inline void socket_unref(sn_socket *socket)
{
    descriptor_unref(&socket->descriptor);
}

/* The record stays until socket_let_go(), for whoever must not hold up its close. */
sn_socket *socket_hold(sn_socket *socket);
void socket_let_go(sn_socket *socket);

/* How long a blocking verb may wait, as the engine wants it. */
static inline int32_t socket_timeout_ms(const sn_socket *socket, enum socket_timeout timeout)
{
    return unlikely(socket_is(socket, SOCKET_NON_BLOCKING))
               ? BLOCKING_NEVER
               : atomic_load_relaxed(&socket->timeouts_ms[timeout]);
}

/* The start of a blocking verb and its finish: runs the operation and translates its result. */
sn_error socket_run_blocking(sn_socket *socket, sn_operation *operation);
/* The same for a message of which the first attempt was made without an operation, with `result`,
 * and has moved nothing. `cancels` is descriptor->cancels from before. */
COLD sn_error socket_run_on(sn_socket *socket, sn_operation *operation, uint32_t cancels,
                            int64_t result);
/* The same, and the verb's own finish step, which a worker that has carried it out has done. */
sn_error socket_run_to_end(sn_socket *socket, sn_operation *operation);

/* The beginning of an asynchronous verb, see operation_begin(). */
bool socket_begin_async(sn_operation *operation, const struct verb *verb);
/* Then it takes a reference. False: the socket cannot be used, and the operation has its end. */
static HOT bool socket_ref_async(sn_socket *socket, sn_operation *operation);
/* Its start. `error` is what its checks said. The caller's reference is gone. */
void socket_start_async(sn_socket *socket, sn_operation *operation, sn_error error);
/* Instead of a start, without a reference. The socket may be closed, or NULL. */
void socket_refuse_async(sn_socket *socket, sn_operation *operation, sn_error error);
/* Instead of a start: it is NULL, or closed and there is a reference. */
COLD void socket_refuse_entry(sn_socket *socket, sn_operation *operation);

static HOT bool socket_ref_async(sn_socket *socket, sn_operation *operation)
{
    if (likely(socket && descriptor_ref_here(&socket->descriptor)))
        return true;
    socket_refuse_entry(socket, operation);
    return false;
}

/* The finish step of every asynchronous verb, called by the worker (async.c). */
extern const struct descriptor_class socket_class;

/* The finish on its own: from record_of(operation)->native_result to operation->error. */
sn_error socket_finish(sn_socket *socket, sn_operation *operation);

/* Translates the result of a plain system call (negative: -errno), and applies the rule of
 * Connected. */
sn_error socket_result(sn_socket *socket, int64_t native_result);

/* The rule of Connected (contract A.6): most errors mean that the connection is gone. */
void socket_note_error(sn_socket *socket, sn_error error);

/* The caller's mistake: no system call was made. */
sn_error socket_misuse(sn_error error);

/* Whether the socket can talk to addresses of this family. */
bool socket_can_try(const sn_socket *socket, sn_address_family family);

/* The end point as the socket's kernel side wants it: IPv4 mapped on a dual-mode socket.
 * SN_ERROR_ARGUMENT_ NULL and SN_ERROR_ARGUMENT for none and for a DNS end point. */
sn_error socket_convert_endpoint(const sn_socket *socket, const sn_endpoint *endpoint,
                                 sn_endpoint *converted);

/* The state after a connection came about; the local end point is read anew if it was a wildcard.
 */
void socket_set_connected(sn_socket *socket);
/* Looks whether a non-blocking connect has finished. */
void socket_discover_connect(sn_socket *socket);

/* Ends the connection for both sides (disconnect.c). */
sn_error socket_disconnect(sn_socket *socket, bool reuse);

/* Before a connect after a failed one: a fresh descriptor with the same options (replace.c). */
sn_error socket_replace_descriptor(sn_socket *socket);
/* The same without asking whether that may be done. */
sn_error socket_renew_descriptor(sn_socket *socket);
bool socket_is_replaceable(const sn_socket *socket);
/* Its two halves: another descriptor with the options that were set, of the socket's kind but for
 * the family; the caller's, or -errno. And: the socket's handle names the file of `fresh` from now
 * on, which is closed in any case; 0 or -errno. */
int32_t socket_open_alike(const sn_socket *socket, sn_address_family family, bool is_dual_mode);
int32_t socket_take_file(sn_socket *socket, int32_t fresh);

/* D.5: from SN_FLAG_ bits to MSG_ bits; false for a bit that cannot be given. And back. */
bool flags_to_native(sn_flags flags, uint32_t *out_native);
sn_flags flags_from_native(uint32_t native);

#endif
