/* The load: connections to a server that sends everything back, each with a thread or two. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "clock.h"
#include "interrupt.h"
#include "report.h"

enum {
    PIECE = 64 * 1024,
    /* A datagram that has not come back by then is lost; a stream loses nothing. */
    LOST_MS = 200
};

struct worker {
    const struct bench_choices *choices;
    const struct target *target;
    sn_socket *socket;
    int64_t until_ns;
    pthread_t thread;
    sn_cancellation_scope scope;
    struct histogram times;
    uint64_t lost, bytes;
    sn_error error;
};

/* --- Latency ---------------------------------------------------------------------------------- */

static sn_error receive_back(struct worker *worker, char *data, size_t size)
{
    size_t got = 0;
    if (worker->target->type == SN_TYPE_STREAM)
        return sn_socket_receive_exactly(worker->socket, data, size, NULL);
    do { /* what was given up before may come still */
        sn_error error = sn_socket_receive(worker->socket, data, size, SN_FLAG_NONE, &got);
        if (error)
            return error;
        if (got == 0 && target_is_connected_kind(worker->target))
            return SN_ERROR_END_OF_STREAM;
    } while (got != size);
    return SN_OK;
}

static sn_error go_round(struct worker *worker, char *data, size_t size)
{
    while (clock_now_ns() < worker->until_ns && !interrupt_is_coming()) {
        int64_t begin_ns = clock_now_ns();
        sn_error error = sn_socket_send(worker->socket, data, size, SN_FLAG_NONE, NULL);
        if (!error)
            error = receive_back(worker, data, size);
        if (error == SN_ERROR_TIMED_OUT && !target_is_connected_kind(worker->target))
            worker->lost++;
        else if (error)
            return error;
        else
            histogram_add(&worker->times, clock_now_ns() - begin_ns);
    }
    return SN_OK;
}

static void *run_latency(void *argument)
{
    struct worker *worker = argument;
    size_t size = (size_t)worker->choices->size;
    char *data = calloc(1, size);
    interrupt_enter(&worker->scope);
    worker->error = data ? SN_OK : SN_ERROR_OUT_OF_MEMORY;
    if (!worker->error && !target_is_connected_kind(worker->target))
        worker->error = sn_socket_set_receive_timeout(worker->socket, LOST_MS);
    if (!worker->error)
        worker->error = go_round(worker, data, size);
    interrupt_leave(&worker->scope);
    free(data);
    return NULL;
}

/* --- Throughput ------------------------------------------------------------------------------- */

/* What is on its way at the end comes back still, and counts: so does the time for it. */
static void *run_receiver(void *argument)
{
    struct worker *worker = argument;
    sn_cancellation_scope scope;
    char *data = malloc(PIECE);
    size_t size = 1;
    interrupt_enter(&scope);
    sn_error error = data ? SN_OK : SN_ERROR_OUT_OF_MEMORY;
    while (!error && size > 0) {
        error = sn_socket_receive(worker->socket, data, PIECE, SN_FLAG_NONE, &size);
        worker->bytes += error ? 0 : size;
    }
    interrupt_leave(&scope);
    free(data);
    worker->error = error;
    return NULL;
}

static void *run_throughput(void *argument)
{
    static const char data[PIECE];
    struct worker *worker = argument;
    pthread_t receiver;
    if (pthread_create(&receiver, NULL, run_receiver, worker) != 0) {
        worker->error = SN_ERROR_OUT_OF_MEMORY;
        return NULL;
    }
    interrupt_enter(&worker->scope);
    sn_error error = SN_OK;
    while (!error && clock_now_ns() < worker->until_ns && !interrupt_is_coming())
        error = sn_socket_send(worker->socket, data, sizeof data, SN_FLAG_NONE, NULL);
    if (!error)
        error = sn_socket_shutdown(worker->socket, SN_SHUTDOWN_SEND);
    interrupt_leave(&worker->scope);
    if (error)
        sn_socket_close(worker->socket); /* or the receiver would wait */
    (void)pthread_join(receiver, NULL);
    if (error)
        worker->error = error;
    return NULL;
}

/* --- Many of them ----------------------------------------------------------------------------- */

static int open_all(struct worker *workers, const struct bench_choices *choices,
                    const struct target *target)
{
    for (long i = 0; i < choices->connections; i++) {
        workers[i].choices = choices;
        workers[i].target = target;
        if (way_connect(&choices->way, target, "bench", NULL, &workers[i].socket) != EXIT_DONE)
            return EXIT_FAILED;
    }
    return EXIT_DONE;
}

static int run_all(struct worker *workers, const struct bench_choices *choices,
                   const struct target *target, void *(*run)(void *argument), double *out_seconds)
{
    long started = 0;
    int64_t begin_ns = clock_now_ns();
    int native = 0;
    for (; native == 0 && started < choices->connections; started++) {
        workers[started].until_ns = begin_ns + choices->duration_ms * INT64_C(1000000);
        native = pthread_create(&workers[started].thread, NULL, run, &workers[started]);
        if (native != 0)
            break;
    }
    int status = native == 0 ? EXIT_DONE : report_file_failure("starting a thread", native);
    for (long i = 0; i < started; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        if (workers[i].error && status == EXIT_DONE)
            status = report_failure("bench", target->text, workers[i].error);
    }
    *out_seconds = (double)(clock_now_ns() - begin_ns) / 1e9;
    return interrupt_is_coming() ? EXIT_FAILED : status;
}

static int load(const struct bench_choices *choices, const struct target *target,
                void *(*run)(void *argument), double *out_seconds, struct worker **out_workers)
{
    struct worker *workers = calloc((size_t)choices->connections, sizeof *workers);
    *out_workers = workers;
    if (!workers)
        return report_failure("bench", target->text, SN_ERROR_OUT_OF_MEMORY);
    int status = open_all(workers, choices, target);
    if (status == EXIT_DONE)
        status = run_all(workers, choices, target, run, out_seconds);
    for (long i = 0; i < choices->connections; i++)
        sn_socket_release(workers[i].socket);
    return status;
}

int bench_measure_latency(const struct bench_choices *choices, const struct target *target,
                          struct bench_latency *out_latency)
{
    struct worker *workers;
    int status = load(choices, target, run_latency, &out_latency->seconds, &workers);
    for (long i = 0; status == EXIT_DONE && i < choices->connections; i++) {
        histogram_join(&out_latency->times, &workers[i].times);
        out_latency->lost += workers[i].lost;
    }
    free(workers);
    return status;
}

int bench_measure_throughput(const struct bench_choices *choices, const struct target *target,
                             struct bench_throughput *out_throughput)
{
    struct worker *workers;
    int status = load(choices, target, run_throughput, &out_throughput->seconds, &workers);
    for (long i = 0; status == EXIT_DONE && i < choices->connections; i++)
        out_throughput->bytes += workers[i].bytes;
    free(workers);
    return status;
}
