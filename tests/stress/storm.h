/*
 * What the storm is made of: sockets that all threads use at once, engines that are destroyed while
 * they are busy, and children that are forked at any moment.
 */
#ifndef TESTS_STRESS_STORM_H
#define TESTS_STRESS_STORM_H

#include <pthread.h>

#include "stress/stress.h"

enum { STORM_THREADS = 3, SLOT_COUNT = 16, TASK_COUNT = 24, HEIRLOOM_COUNT = 4 };
enum { ENGINE_WITH_THREADS, ENGINE_DRIVEN, ENGINE_COUNT };

/* One operation at a time. */
struct task {
    sn_operation operation; /* first: the callback finds the rest by it */
    uint32_t is_busy;       /* atomic */
    uint32_t restarts;      /* how often its callback starts it again */
    sn_socket *socket;      /* held while it is busy */
    sn_socket *into;        /* of an accept: held too, or NULL */
    char data[512];
};

struct storm_thread {
    pthread_t id;
    struct randomness randomness;
    struct task tasks[TASK_COUNT]; /* started by this thread alone */
};

struct storm {
    struct {
        pthread_mutex_t lock; /* never held during a call of the library */
        sn_socket *socket;
    } slots[SLOT_COUNT];
    pthread_rwlock_t engines_lock; /* read: who starts something; write: who destroys an engine */
    sn_engine *engines[ENGINE_COUNT];
    pthread_mutex_t limit_lock; /* who lowers the limit of descriptors, or cannot do with that */
    pthread_t driver;
    uint32_t is_driven; /* atomic: the driver is there, and is to stay */
    sn_socket *accepting, *refusing;
    sn_tcp_listener *listener; /* is stopped and started */
    sn_endpoint address, refused;
    uint32_t steps; /* atomic: of all threads */
    uint32_t steps_max;
    struct storm_thread threads[STORM_THREADS];
};

extern struct storm storm;

/* What went on in the whole run. Atomic. */
struct storm_tally {
    uint32_t started, completed, failed, forks, engines, renewals, stops, shortages;
};
extern struct storm_tally storm_tally;

/* A random socket of all, with a reference for the caller; NULL: the slot was empty. */
sn_socket *storm_take(struct randomness *randomness);
/* The same, and it leaves its slot. */
sn_socket *storm_take_out(struct randomness *randomness);
/* Puts it in a random slot, and releases what was there. The reference goes over. */
void storm_put(struct randomness *randomness, sn_socket *socket);
/* Callbacks may put something in meanwhile. */
void storm_empty_slots(void);

void storm_step(struct storm_thread *thread);
/* Whether it is over; gives back what it held, if it has no callback. */
bool task_is_over(struct task *task);

/* Destroys an engine with whatever is pending, and makes another one. */
void storm_replace_engine(struct storm_thread *thread);

/* Forks; the child uses some of the sockets, and the caller waits for its end. */
void storm_fork(struct storm_thread *thread);

#endif
