/*
 * A pair of connected stream sockets that several threads use, cancel, close and release at random
 * while each of the two streams carries a counted pattern: the byte at place p is the pattern's
 * byte p, so that a byte which is lost, doubled or out of order is noticed by the next receive.
 *
 * What completes is put in order first: the operations of one direction are looked at in the order
 * in which they were started, whichever thread was told of each. A send that was ended early may
 * have moved a part; so after a send that may be ended nothing more is started in its direction
 * until it has completed, and the next one goes on from where it came to.
 */
#ifndef TESTS_STRESS_STREAM_H
#define TESTS_STRESS_STREAM_H

#include <pthread.h>

#include "stress/stress.h"

enum { RECORDS_MAX = 3, RECEIVE_MAX = 4096, SEND_MAX = 32768 };

struct stream_pair;

/* One operation, and what is known of it. All under the pair's lock, but for what the library has
 * of the operation while it is pending. */
struct record {
    sn_operation operation;
    struct stream_pair *pair; /* the one it belongs to */
    uint32_t size;
    uint8_t end; /* whose socket it is */
    bool is_send;
    bool is_busy;     /* started and not looked at yet */
    bool is_complete; /* but not looked at yet */
    bool may_end;     /* it may be ended early */
    bool is_waited;   /* a thread waits for it: it has no callback */
    unsigned char data[RECEIVE_MAX];
};

/* The operations of one direction, in the order they were started. */
struct line {
    struct record records[RECORDS_MAX];
    uint32_t first, count;
    bool is_held;  /* nothing is started until the line is empty */
    bool is_short; /* a send has moved less than it was asked for */
};

struct flow {
    uint64_t sent, planned, received; /* bytes: confirmed, with those under way, looked at */
    uint32_t begin;                   /* where in the pattern */
};

struct stream_pair {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    sn_socket *ends[2]; /* NULL: released */
    struct line sends[2], receives[2];
    struct flow flows[2]; /* from the end of this number to the other */
    uint32_t pending;     /* records that are busy */
    bool is_open;         /* may be used */
    bool is_broken;       /* an end was closed: bytes may be missing, and errors are right */
    struct randomness randomness;
};

/* What went on in the whole run. Atomic. */
struct tally {
    uint64_t started, completed, blocking, bytes, canceled, timed_out, aborted, pairs, partial;
};
extern struct tally tally;

void pattern_prepare(void);

void stream_pair_init(struct stream_pair *pair, struct randomness randomness);
/* The pair takes both sockets over. */
void stream_pair_open(struct stream_pair *pair, sn_socket *ends[2]);
/* Ends it, orderly (every byte that was sent has to arrive) or by closing, and releases both. */
void stream_pair_end(struct stream_pair *pair, struct randomness *randomness);

bool stream_pair_is_open(struct stream_pair *pair);

/* One random step of the thread that owns the pair. */
void stream_pair_step(struct stream_pair *pair, struct randomness *randomness,
                      sn_cancellation *cancellation);
/* One random interference, by any thread. */
void stream_pair_disturb(struct stream_pair *pair, struct randomness *randomness);

#endif
