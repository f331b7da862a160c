#include "service.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "arguments/arguments.h"
#include "interrupt.h"
#include "report.h"

/* How long nothing is accepted where another program has what is missing. */
enum { PAUSE_MS = 100 };

struct connection {
    struct service *service; /* which waits for all of them */
    sn_socket *socket;
    sn_cancellation_scope scope, stop_scope;
    char peer[TARGET_PEER_TEXT_SIZE];
};

/* There is one service in the program. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_ended; /* made by service_run() */
static long running;             /* under the lock */
static bool has_failed;          /* the same */

static void note_end(int status)
{
    (void)pthread_mutex_lock(&lock);
    running--;
    has_failed = has_failed || status != EXIT_DONE;
    (void)pthread_cond_broadcast(&has_ended);
    (void)pthread_mutex_unlock(&lock);
}

static int serve(struct connection *connection)
{
    struct service *service = connection->service;
    int status = service->serve(connection->socket, connection->peer, service);
    sn_socket_release(connection->socket);
    return status;
}

static void *serve_on_thread(void *argument)
{
    struct connection *connection = argument;
    interrupt_enter(&connection->scope);
    (void)!sn_cancellation_enter(connection->service->stop, &connection->stop_scope);
    int status = serve(connection);
    (void)sn_cancellation_leave(&connection->stop_scope);
    interrupt_leave(&connection->scope);
    free(connection);
    note_end(status);
    return NULL;
}

int service_begin(struct service *service)
{
    sn_error error = sn_cancellation_create(&service->stop);
    return error ? report_failure("listen", service->target->text, error) : EXIT_DONE;
}

void service_stop(struct service *service)
{
    sn_cancellation_cancel(service->stop);
}

/* Waits until one has ended, and no longer than a while: descriptors have run out. */
static void wait_for_room(void)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PAUSE_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_mutex_lock(&lock);
    (void)pthread_cond_timedwait(&has_ended, &lock, &until);
    (void)pthread_mutex_unlock(&lock);
}

/* The others wait in the listener's queue. */
static void wait_for_place(const struct service *service)
{
    (void)pthread_mutex_lock(&lock);
    while (service->limit > 0 && running >= service->limit && !interrupt_is_coming()) {
        (void)pthread_mutex_unlock(&lock);
        wait_for_room();
        (void)pthread_mutex_lock(&lock);
    }
    (void)pthread_mutex_unlock(&lock);
}

static int accept_next(struct service *service, struct connection **out_connection)
{
    sn_socket *socket = NULL;
    sn_error error;
    while (sn_error_is_transient(error = sn_socket_accept(service->listener, &socket))) {
        /* What is short does not come back by asking again at once. */
        if (error == SN_ERROR_TOO_MANY_OPEN_SOCKETS || error == SN_ERROR_NO_BUFFER_SPACE_AVAILABLE)
            wait_for_room();
    }
    if (error)
        return report_failure("accept", service->target->text, error);
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        sn_socket_release(socket);
        return report_failure("accept", service->target->text, SN_ERROR_OUT_OF_MEMORY);
    }
    connection->service = service;
    connection->socket = socket;
    target_peer_text(service->target, socket, connection->peer);
    if (service->is_verbose)
        fprintf(stderr, "sennit: connection from %s\n", connection->peer);
    *out_connection = connection;
    return EXIT_DONE;
}

static void start(struct connection *connection)
{
    (void)pthread_mutex_lock(&lock);
    running++;
    (void)pthread_mutex_unlock(&lock);
    pthread_t thread;
    int native = pthread_create(&thread, NULL, serve_on_thread, connection);
    if (native == 0) {
        (void)pthread_detach(thread);
        return;
    }
    (void)report_file_failure("starting a thread", native);
    sn_socket_release(connection->socket);
    free(connection);
    note_end(EXIT_FAILED);
}

static void wait_for_all(void)
{
    (void)pthread_mutex_lock(&lock);
    while (running > 0)
        (void)pthread_cond_wait(&has_ended, &lock);
    (void)pthread_mutex_unlock(&lock);
}

static int accept_all(struct service *service)
{
    struct connection *connection = NULL;
    for (long i = 0; service->count == 0 || i < service->count; i++) {
        wait_for_place(service);
        int status = accept_next(service, &connection);
        if (status != EXIT_DONE)
            return status;
        if (i + 1 == service->count) /* others are refused from now on, and a path is free again */
            sn_socket_close(service->listener);
        if (service->count == 1) {
            status = serve(connection);
            free(connection);
            return status;
        }
        start(connection);
    }
    return EXIT_DONE;
}

/* By a clock that nobody sets: else no connection is accepted for as long as that is set back. */
static void make_condition(void)
{
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&has_ended, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
}

int service_run(struct service *service)
{
    make_condition();
    sn_cancellation_scope scope;
    (void)!sn_cancellation_enter(service->stop, &scope);
    int status = accept_all(service);
    (void)sn_cancellation_leave(&scope);
    sn_socket_close(service->listener);
    wait_for_all();
    return service->count > 0 && has_failed ? EXIT_FAILED : status;
}

void service_end(struct service *service)
{
    sn_cancellation_release(service->stop);
}

int service_serve(struct service *service)
{
    int status = service_begin(service);
    if (status == EXIT_DONE)
        status = service_run(service);
    service_end(service);
    return status;
}
