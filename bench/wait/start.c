/*
 * Handing an operation to an engine whose thread is awake: a push into its queue, without a
 * wake-up.
 *
 * The engine has one thread, on another processor where there is one, and is kept awake by an
 * operation that posts itself again from its own callback. This thread starts operations in
 * batches, reads its own processor time, and lets the batch complete before the next one.
 */
#include "parts.h"

#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../connection.h"
#include "../measure.h"

enum {
    BATCH = 256, /* starts measured together */
    BATCHES_A_ROUND = 16,
    CACHE_LINE = 64
};

/* What the two threads write lies apart, or they would be measured fighting for a cache line. */
struct pool {
    sn_engine *engine; /* owned */
    size_t started;
    struct connection connections[BATCH];

    alignas(CACHE_LINE) sn_operation busy; /* posts itself until told otherwise */
    alignas(CACHE_LINE) atomic_bool is_stopping;
    alignas(CACHE_LINE) atomic_size_t completed; /* written by the engine's thread */
    atomic_bool has_stopped;
    alignas(CACHE_LINE) sn_operation operations[BATCH];
    char bytes[BATCH];
};

static double thread_cpu_ns(void)
{
    struct timespec used = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e9 + (double)used.tv_nsec;
}

/* --- What runs on the engine's thread --- */

static void on_busy(sn_operation *operation)
{
    struct pool *pool = operation->context;
    if (operation->error || atomic_load(&pool->is_stopping))
        atomic_store(&pool->has_stopped, true);
    else
        sn_engine_post_async(pool->engine, operation);
}

static void on_completed(sn_operation *operation)
{
    struct pool *pool = operation->context;
    atomic_fetch_add_explicit(&pool->completed, 1, memory_order_release);
}

/* --- What runs here --- */

static bool wait_for_all(struct pool *pool)
{
    uint64_t end_ns = measure_clock_ns() + 10000000000;
    while (atomic_load_explicit(&pool->completed, memory_order_acquire) < pool->started) {
        if (measure_clock_ns() > end_ns)
            return false;
        (void)sched_yield();
    }
    return true;
}

static double post_batch(struct pool *pool)
{
    double begin_ns = thread_cpu_ns();
    for (size_t i = 0; i < BATCH; i++)
        sn_engine_post_async(pool->engine, &pool->operations[i]);
    return thread_cpu_ns() - begin_ns;
}

static double receive_batch(struct pool *pool)
{
    double begin_ns = thread_cpu_ns();
    for (size_t i = 0; i < BATCH; i++)
        sn_socket_receive_async(pool->connections[i].near.socket, &pool->bytes[i], 1, SN_FLAG_NONE,
                                &pool->operations[i]);
    double used_ns = thread_cpu_ns() - begin_ns;
    for (size_t i = 0; i < BATCH; i++) {
        if (!bench_end_send(&pool->connections[i].far, "x", 1))
            return -1;
    }
    return used_ns;
}

/* The median cost of one start; < 0: failed. */
static double measure_batches(struct pool *pool, double (*batch)(struct pool *), size_t count)
{
    double *costs = calloc(count, sizeof *costs), median = -1;
    if (!costs)
        abort();
    bool is_ok = true;
    for (size_t i = 0; is_ok && i < count; i++) {
        costs[i] = batch(pool) / BATCH;
        pool->started += BATCH;
        is_ok = costs[i] >= 0 && wait_for_all(pool);
    }
    if (is_ok)
        median = measure_percentile(costs, count, 50);
    free(costs);
    return median;
}

/* The engine's thread inherits the processor that this thread has at the moment. */
static bool make_engine(struct pool *pool)
{
    size_t own_core = measure_core(0), engine_core = measure_core(1);
    if (own_core == engine_core)
        printf("only one processor: the engine's thread shares it\n");
    (void)measure_pin(engine_core);
    const sn_engine_options options = {.threads = 1};
    sn_error error = sn_engine_create(&options, &pool->engine);
    (void)measure_pin(own_core);
    if (error)
        fprintf(stderr, "wait: no engine: %s\n", sn_error_message(error));
    return !error;
}

static size_t open_connections(struct pool *pool)
{
    size_t count = 0;
    while (count < BATCH && connection_open(&pool->connections[count], true, false)) {
        if (sn_socket_set_engine(pool->connections[count].near.socket, pool->engine))
            fprintf(stderr, "wait: a socket did not take its engine\n");
        count++;
    }
    return count;
}

static void prepare_operations(struct pool *pool)
{
    for (size_t i = 0; i < BATCH; i++)
        pool->operations[i] = (sn_operation){.completed = on_completed, .context = pool};
    pool->busy = (sn_operation){.completed = on_busy, .context = pool};
    sn_engine_post_async(pool->engine, &pool->busy);
}

static void stop(struct pool *pool)
{
    atomic_store(&pool->is_stopping, true);
    while (!atomic_load(&pool->has_stopped))
        (void)sched_yield();
}

/* The first batches of each kind also pay for what is done once for a socket or an engine. */
static bool measure_both(struct pool *pool, size_t batch_count)
{
    double post = measure_batches(pool, post_batch, 1);
    if (post >= 0)
        post = measure_batches(pool, post_batch, batch_count);
    double receive = measure_batches(pool, receive_batch, 1);
    if (receive >= 0)
        receive = measure_batches(pool, receive_batch, batch_count);
    if (post < 0 || receive < 0) {
        fprintf(stderr, "wait: operations started from another thread did not complete\n");
        return false;
    }
    printf("(%s; processor time of the thread that starts; median of %zu batches of %d)\n",
           sn_engine_backend_name(sn_engine_get_backend(pool->engine)), batch_count, BATCH);
    printf("value start_post_ns %.1f\nvalue start_receive_ns %.1f\n", post, receive);
    return true;
}

bool start_measure(size_t round_count)
{
    struct pool *pool = aligned_alloc(alignof(struct pool), sizeof *pool);
    size_t count = 0;
    if (!pool)
        abort();
    memset(pool, 0, sizeof *pool);
    bool is_ok = make_engine(pool);
    if (is_ok) {
        count = open_connections(pool);
        prepare_operations(pool);
        is_ok = count == BATCH && measure_both(pool, round_count * BATCHES_A_ROUND);
        stop(pool);
    }
    for (size_t i = 0; i < count; i++)
        connection_close(&pool->connections[i]);
    is_ok = is_ok && sn_engine_destroy(pool->engine) == SN_OK;
    if (is_ok) /* else something may still be under way */
        free(pool);
    return is_ok;
}
