/*
 * Threads that tests let block in a call; where the tests run on fibers, fibers of another engine.
 * No test sleeps: a thread counts as blocked once the kernel says that it waits inside poll.
 */
#ifndef TESTS_SUPPORT_THREADS_H
#define TESTS_SUPPORT_THREADS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <sennit.h>

/* Returns the result that thread_join() hands on. cmocka's asserts belong to the main thread. */
typedef sn_error (*thread_function)(void *context);

struct thread {
    pthread_t id;
    sn_fiber *fiber; /* owned, instead of a thread: where the tests run on fibers */
    thread_function run;
    void *context;   /* borrowed until thread_join() */
    sn_error result; /* valid once `is_done` */
    atomic_int task; /* the kernel's number; 0 until the thread runs */
    atomic_bool is_done;
    atomic_bool is_in_call; /* an operation of its call is started, and it waits for the end */
};

/* Lets others have their turn: threads, or what is on the thread of a fiber. */
void give_way(void);

void thread_start(struct thread *thread, thread_function run, void *context);
/* Starts it, and returns when it is blocked. The test fails if it ends instead. */
void thread_start_blocked(struct thread *thread, thread_function run, void *context);
/* Waits until it is blocked in the kernel; false if it ends instead. In the asynchronous styles any
 * sleep counts, also one on its way to the call. */
bool thread_wait_blocked(struct thread *thread);
/* The same, and only sleeping in poll or in a call of verbs.h counts. */
bool thread_wait_in_call(struct thread *thread);
bool thread_is_done(struct thread *thread);
sn_error thread_join(struct thread *thread);

#endif
