/*
 * One time limit for a whole exchange of blocking calls, and a way to end it from outside: a thread
 * inside the scope of a cancellation handle.
 *
 *     cc deadline.c $(pkg-config --cflags --libs sennit) -pthread
 */
#include <pthread.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* Any number of calls, and none of them knows of a limit. */
static sn_error receive_line(sn_socket *socket, char *line, size_t size)
{
    size_t used = 0, received = 0;
    while (used < size && (used == 0 || line[used - 1] != '\n')) {
        sn_error error =
            sn_socket_receive(socket, line + used, size - used, SN_FLAG_NONE, &received);
        if (error)
            return error;
        if (received == 0)
            return SN_ERROR_SHUTDOWN; /* the peer has gone */
        used += received;
    }
    return SN_OK;
}

static sn_error exchange(sn_socket *socket, sn_cancellation *cancellation)
{
    char line[80];
    sn_cancellation_scope scope;
    check("enter", sn_cancellation_enter(cancellation, &scope));
    sn_error error = sn_socket_send(socket, "who is there?\n", 14, SN_FLAG_NONE, NULL);
    if (!error)
        error = receive_line(socket, line, sizeof line);
    sn_cancellation_leave(&scope);
    return error;
}

struct job {
    sn_socket *socket;             /* borrowed */
    sn_cancellation *cancellation; /* borrowed */
    sn_error error;
};

static void *run(void *context)
{
    struct job *job = context;
    job->error = exchange(job->socket, job->cancellation);
    return NULL;
}

/* A peer that says half a line and no more, as a slow one would. */
static void begin_answer(sn_socket *peer)
{
    check("answer", sn_socket_send(peer, "it is ", 6, SN_FLAG_NONE, NULL));
}

static sn_error within(sn_socket *socket, sn_milliseconds limit_ms)
{
    sn_cancellation *cancellation;
    check("cancellation", sn_cancellation_create(&cancellation));
    check("limit", sn_cancellation_cancel_after(cancellation, limit_ms));
    sn_error error = exchange(socket, cancellation);
    sn_cancellation_release(cancellation);
    return error;
}

static sn_error until_cancelled(sn_socket *socket)
{
    pthread_t thread;
    struct job job = {.socket = socket};
    check("cancellation", sn_cancellation_create(&job.cancellation));
    if (pthread_create(&thread, NULL, run, &job) != 0)
        exit(EXIT_FAILURE);
    sn_cancellation_cancel(job.cancellation); /* whatever it waits in, now or next */
    pthread_join(thread, NULL);
    sn_cancellation_release(job.cancellation);
    return job.error;
}

int main(void)
{
    sn_socket *pair[2];
    check("pair", sn_socket_pair(SN_TYPE_STREAM, pair));
    begin_answer(pair[1]);
    sn_error late = within(pair[0], 20);
    printf("after the limit: %s\n", sn_error_name(late));
    sn_error cancelled = until_cancelled(pair[0]);
    printf("after the cancel: %s\n", sn_error_name(cancelled));
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
    return late == SN_ERROR_TIMED_OUT && cancelled == SN_ERROR_OPERATION_CANCELED ? EXIT_SUCCESS
                                                                                  : EXIT_FAILURE;
}
