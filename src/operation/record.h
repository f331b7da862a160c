/**
 * The library's part of an operation, and its life: idle -> pending -> completed, and around again.
 * The state word is the only thing that other threads than the worker look at.
 */
#ifndef OPERATION_RECORD_H
#define OPERATION_RECORD_H

#include <sennit/datagram.h>
#include <sennit/endpoint.h>
#include <sennit/operation.h>
#include <sennit/signal.h>

#include <string.h>
#include <sys/socket.h>

#include "base/base.h"
#include "descriptor/descriptor.h"
#include "telemetry/telemetry.h"

struct connect_chain;
struct external_class;
struct packet_list;
struct task_class;
struct verb;

/* What a send keeps in the record. */
struct send_place {
    uint8_t mapped[32]; /* room for an IPv6 address that stands for an IPv4 one */
    uint64_t offset;    /* bytes already sent of the first buffer of a vector */
    void *control;      /* ACTION_SEND_CONTROL: the program's, go with the first byte; or NULL */
    size_t control_size;
};

/* What a connect keeps in the record. */
struct connect_place {
    uint8_t mapped[32];             /* as in a send */
    int64_t until_ns;               /* the end of the time for all attempts; 0: there is no limit */
    struct metrics_source *metrics; /* where its attempt is counted; NULL: at no engine */
    struct connect_chain *chain;    /* NULL: to one end point, and that is all */
};

/* Where the kernel puts the address of an accepted peer. */
struct peer_place {
    _Alignas(8) uint8_t address[48];
    socklen_t size; /* what it would have needed: more than there is room for a long Unix path */
};

/* How far a batch is, see batch.h. */
struct batch_place {
    size_t done;      /* records that have moved */
    size_t offset;    /* bytes of the next one that were sent already, in segments */
    uint16_t refused; /* the segment size that the kernel did not cut last; 0: none */
    bool is_ip;       /* extras can be told */
    bool is_mapping;  /* IPv4 end points are mapped: a dual-mode socket */
    bool may_cut;     /* the kernel cuts datagrams into segments, as far as is known */
    bool is_single;   /* a call for each record */
    bool is_finished; /* its finish step has been done */
};

/* The descriptors beside the bytes of a message: the program's array. */
struct handles_place {
    sn_handle *handles;    /* a send only reads it */
    size_t count;          /* of a send; of a receive: how many there is room for */
    size_t received;       /* how many came, and stand there */
    uint32_t native_flags; /* what the kernel noticed */
};

/* What a receive keeps in the record that goes on until it has enough. */
struct enough_place {
    size_t minimum; /* so many bytes are enough */
    /* If there is one, it decides instead, each time that bytes have come. It starts nothing. */
    bool (*is_enough)(void *context, size_t received);
    void *context;   /* its */
    bool is_reached; /* there is enough */
};

/* What one half of a copy keeps, see splice.h. */
struct splice_place {
    int32_t pipe;
    bool is_refused;
};

/* What a timer that repeats keeps, see loop/repeat.h. */
struct repeat_place {
    void (*ticked)(sn_operation *operation, uint64_t periods);
    int64_t period_ns;
    int64_t last_ns; /* where the last period ended that its function was told of */
    bool is_due;     /* its call waits in the worker's queue of what is completed */
};

/* What a task keeps, see loop/task.h. */
struct task_place {
    const struct task_class *class; /* static */
    void *inbox_next;               /* while a post is on its way to the worker */
    struct list link;               /* in its worker's list of tasks, from its arrival on */
    uint32_t post;                  /* atomic: enum task_post_state */
    bool is_due;                    /* a turn waits in the worker's queue of what is completed */
    bool is_over;
    bool is_stopped; /* it was told that its engine ends */
};

/* What an operation without a descriptor keeps that waits for something outside the kernel, see
 * loop/external.h. */
struct external {
    const struct external_class *class; /* static */
    void *inbox_next;                   /* while the answer is on its way to the worker */
    _Alignas(8) uint8_t own[40];        /* the class's */
};

/*
 * The library's part of an operation. The program sees words without a meaning, so that it is this
 * room's alone; and because it may write to those words (it clears the record), what is read and
 * written here may alias anything.
 *
 * Which member of a union is in use, the action says.
 */
struct MAY_ALIAS record {
    uint32_t state; /* atomic: enum operation_state */
    /* What a start clears begins here, in an order of which fast_fill() makes two stores. */
    uint16_t marks;           /* enum operation_mark */
    uint8_t action;           /* enum operation_action */
    uint8_t direction;        /* enum direction */
    struct descriptor *owner; /* has a reference of it; NULL for one without a descriptor */
    const struct verb *verb;  /* its row; NULL for a fast one, see verb_of() */
    uint32_t native_flags;    /* MSG_ flags */
    uint8_t address_size;     /* of target.address; 0: none */
    uint8_t tries;            /* attempts of a connect; of a receive, see together.c */
    uint8_t stage;            /* the back-end's: where it is while it is submitted */
    uint8_t look;             /* where a byte goes that is only looked at */
    union {
        int64_t native_result; /* bytes, a descriptor, -errno, or an enum outcome */
        void *next_retry;      /* while MARK_RETRYING: in a list of what is tried again */
    };
    struct heap_node deadline; /* its key is set at the start; 0: none */
    union {
        const void *address; /* sends and connects: the native address, or NULL */
        sn_endpoint *from;   /* receives: gets the sender, and the control messages; or NULL */
        sn_socket *into;     /* accepts: the socket that the program gave, or NULL */
        struct packet_list *packets; /* ACTION_SEND_PACKETS */
        struct sn_report *report;    /* ACTION_RECEIVE_ERROR: the program's */
        struct sn_message *message;  /* ACTION_RECEIVE_ANY: the program's */
        struct worker *worker;       /* without a descriptor: whose it is */
    } target;
    union {
        sn_buffer buffer; /* one piece of memory; not cleared, nor what follows but for `room` */
        struct {
            const sn_buffer *first;
            size_t count;
        } vector; /* with MARK_VECTOR: several, which are the program's */
        struct {
            sn_datagram *first;
            size_t count;
        } datagrams;       /* with MARK_BATCH: the program's */
        sn_signal *signal; /* ACTION_SIGNAL: where it goes, the program's */
        sn_socket *made; /* accepts: the object that was made for the new socket, owned; or NULL */
        struct list wait_link; /* ACTION_EXTERNAL: in its worker's `externals` */
    };
    void *next; /* in a queue, a list, or the inbox: an operation's, or another link */
    union {
        /* While OPERATION_LINKED or MARK_TIED: in its handle's list. */
        struct list cancellation_link;
        /* Without a handle, from OPERATION_KEPT on: the process that has started it. */
        uint32_t kept_by;
    };
    sn_operation *cancel_next; /* while OPERATION_CANCELLING: in its worker's list */
    union {
        struct msghdr header; /* receives: once MARK_HEADER is set */
        struct send_place send;
        struct peer_place peer;
        struct connect_place connect;
        struct external external;
        struct batch_place batch;
        struct handles_place handles;
        struct enough_place enough;
        struct splice_place splice;
        struct repeat_place repeat;
        struct task_place task;
    } room;
};

_Static_assert(sizeof(struct record) <= sizeof(((sn_operation *)0)->opaque), "fits");
_Static_assert(_Alignof(struct record) <= _Alignof(sn_operation), "aligned");

/* What a program may only look at, such as a record that is const to it, is so here as well. */
static inline struct record *record_of(const sn_operation *operation)
{
    return (struct record *)(uintptr_t)operation->opaque;
}

static inline sn_operation *record_operation(struct record *record)
{
    return container_of((void *)record, sn_operation, opaque);
}

/*
 * Its link in a queue of limits, see loop/limits.h. It stands in a result that is nothing before
 * the finish step, when no limit runs any more, and saves each connection 16 bytes (decision 0046).
 * The result is cleared before and afterwards, by memset(): so a compiler that takes the two types
 * for different memory keeps their order all the same.
 */
static inline struct list *operation_limit_link(sn_operation *operation)
{
    return (struct list *)(void *)&operation->packet_information;
}

static inline sn_operation *operation_of_limit_link(struct list *link)
{
    return container_of((void *)link, sn_operation, packet_information);
}

_Static_assert(sizeof(struct list) <= sizeof(sn_ip_packet_information), "fits");
_Static_assert(offsetof(sn_operation, packet_information) % _Alignof(struct list) == 0, "aligned");

/*
 * The phase in `state` says where the operation is; the other bits are marks of who is interested.
 * A record is the program's memory and may never have been cleared, so the two phases that the
 * library writes have a number in them that other bytes do not have by chance: whatever is neither
 * is idle.
 */
enum operation_state {
    OPERATION_PENDING = 0x534e6c01, /* "SNl" */
    OPERATION_COMPLETED = 0x534e6c02,
    OPERATION_PHASE = 0x7ffffc03, /* the mask of the phase */
    OPERATION_WAITED = 4,         /* a thread sleeps on the word */
    OPERATION_WAITED_ANY = 8,     /* a thread sleeps until any of several completes */
    OPERATION_CANCELLING = 16,    /* in its worker's list of operations to cancel */
    OPERATION_HANDED = 32,        /* a worker has it, or will soon */
    OPERATION_ARRIVED = 64,       /* it has come out of the worker's inbox */
    OPERATION_LINKED = 128,       /* in the list of its cancellation handle */
    OPERATION_KEPT = 256,         /* no worker has it: who waits carries it, see loop/kept.h */
    OPERATION_CARRIED = 512,      /* a kept one that a thread has claimed */
};

/* Cancelled before it arrived. The sign, which a processor tests for nothing. */
#define OPERATION_CANCEL_EARLY 0x80000000u

static inline bool operation_is_pending(const sn_operation *operation)
{
    return (atomic_load_acquire(&record_of(operation)->state) & OPERATION_PHASE) ==
           OPERATION_PENDING;
}

/* The results of the last run. In pieces of 64 bytes at most, which compilers clear with a few
 * stores; beyond, gcc makes a string instruction of it, which costs more than all the rest. */
static HOT void operation_clear_results(sn_operation *operation)
{
    const size_t results = offsetof(sn_operation, error);
    memset((char *)operation + results, 0, offsetof(sn_operation, opaque) - results);
}

/* All that the last run has left, without what is always written before it is read. */
static inline void operation_clear(sn_operation *operation)
{
    const size_t marks = offsetof(struct record, marks);
    struct record *record = record_of(operation);
    operation_clear_results(operation);
    memset((char *)record + marks, 0, offsetof(struct record, buffer) - marks);
    memset(&record->room, 0, sizeof record->room);
}

/* Whether it can be started. */
static inline bool operation_is_free(const sn_operation *operation)
{
    return operation && !operation_is_pending(operation);
}

/* Claims the record for a new run. False: there is none, or it is in progress, which is the
 * caller's mistake; the running operation is left alone. */
static HOT bool operation_claim(sn_operation *operation)
{
    if (unlikely(!operation))
        return false;
    uint32_t *word = &record_of(operation)->state;
    uint32_t state = atomic_load_relaxed(word);
    /* Most have been run before, which is one comparison. */
    if (unlikely(state != (uint32_t)OPERATION_COMPLETED) &&
        unlikely((state & OPERATION_PHASE) == OPERATION_PENDING))
        return false;
    /* A state that is no longer so: another thread has been quicker. */
    return likely(atomic_replace_acq_rel(word, &state, (uint32_t)OPERATION_PENDING));
}

static inline bool operation_begin(sn_operation *operation, sn_operation_kind kind)
{
    if (!operation_claim(operation))
        return false;
    operation_clear(operation);
    operation->kind = kind;
    return true;
}

/*
 * For a thread that has no reference to its descriptor: one that waits, or asks whether it has
 * completed. True: it is this thread's alone now, and its descriptor has a reference of it. One
 * that was kept before a fork stays pending in the child, like those that a worker of the parent
 * has.
 */
static inline bool operation_claim_kept(sn_operation *operation)
{
    uint32_t *word = &record_of(operation)->state;
    uint32_t state = atomic_load_acquire(word);
    while (unlikely(state & OPERATION_KEPT) &&
           (state & (OPERATION_PHASE | OPERATION_CARRIED)) == OPERATION_PENDING &&
           record_of(operation)->kept_by == sys_fork_count())
        if (atomic_replace_acq_rel(word, &state, state | OPERATION_CARRIED))
            return true;
    return false;
}

/* Who waits for it is told; by its address alone, since the record may be gone. `state` is what it
 * was until now. */
void operation_wake_waiters(const sn_operation *operation, uint32_t state);

/* Everybody who waits for one of several, or in a scope, looks again. */
void operation_wake_any(void);
/* The same as sn_operation_wait(), and nothing but its end ends it. */
void operation_await_end(sn_operation *operation);

/* The finish step of an operation without a descriptor. */
void operation_finish_detached(sn_operation *operation);

/* --- A FIFO: the last one, whose link leads back to the first -------------------------------- */

static inline sn_operation *queue_first(const struct operation_queue *queue)
{
    return queue->last ? record_of(queue->last)->next : NULL;
}

static inline void queue_append(struct operation_queue *queue, sn_operation *operation)
{
    record_of(operation)->next = operation;
    if (queue->last) {
        record_of(operation)->next = record_of(queue->last)->next;
        record_of(queue->last)->next = operation;
    }
    queue->last = operation;
}

static inline void queue_prepend(struct operation_queue *queue, sn_operation *operation)
{
    sn_operation *last = queue->last;
    queue_append(queue, operation);
    if (last)
        queue->last = last; /* behind the last one comes the first */
}

/* The queue is empty. */
static inline void queue_set_only(struct operation_queue *queue, sn_operation *operation)
{
    record_of(operation)->next = operation;
    queue->last = operation;
}

/* The first ones, up to `last`. */
static inline void queue_remove_front(struct operation_queue *queue, const sn_operation *last)
{
    if (queue->last == last)
        queue->last = NULL;
    else
        record_of(queue->last)->next = record_of(last)->next;
}

/* It is in the queue. Most are the first; a search is only for one that is cancelled while it
 * waits. */
static inline void queue_remove(struct operation_queue *queue, sn_operation *operation)
{
    sn_operation *before = queue->last;
    while (record_of(before)->next != operation)
        before = record_of(before)->next;
    record_of(before)->next = record_of(operation)->next;
    if (queue->last == operation)
        queue->last = before == operation ? NULL : before;
}

/* --- A FIFO that is only ever taken as a whole ------------------------------------------------ */

struct operation_list {
    void *first;
    void **end; /* where the next one goes */
};

static inline void operation_list_init(struct operation_list *list)
{
    list->end = &list->first;
}

static inline bool operation_list_is_empty(const struct operation_list *list)
{
    return list->end == &list->first;
}

static inline void operation_list_append(struct operation_list *list, sn_operation *operation)
{
    *list->end = operation;
    list->end = &record_of(operation)->next;
}

/* From `first` to `last`, which are linked already. */
static inline void operation_list_append_several(struct operation_list *list, sn_operation *first,
                                                 sn_operation *last)
{
    *list->end = first;
    list->end = &record_of(last)->next;
}

/* The first one; the last one's link is NULL. */
static inline sn_operation *operation_list_take(struct operation_list *list)
{
    *list->end = NULL;
    list->end = &list->first;
    return list->first;
}

#endif
