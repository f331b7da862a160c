/*
 * Two threads and one socket: the library lets both work on it at once, so neither direction ever
 * waits for the other, and a full pipe on one side cannot stop the other side.
 *
 * The receiving side runs on the caller's thread and decides when the program ends. The sending
 * side sits in read() on standard input, which nothing can interrupt; where the program must end
 * before input does, the process simply exits with that thread still there.
 */
#include "relay.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "arguments/arguments.h"
#include "output.h"
#include "report.h"

enum {
    RECEIVE_PIECE = 64 * 1024, /* the longest datagram fits */
    QUIET_STEP_MS = 100
};

struct sender {
    const struct relay *relay;
    atomic_bool has_ended; /* release after `status`, acquire before reading it */
    int status;
};

static int send_input(const struct relay *relay)
{
    char *piece = malloc(relay->piece_size);
    if (!piece)
        return report_failure("send", relay->text, SN_ERROR_OUT_OF_MEMORY);

    int status = EXIT_DONE;
    while (status == EXIT_DONE) {
        ssize_t size = read(STDIN_FILENO, piece, relay->piece_size);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            status = report_file_failure("reading standard input", errno);
        if (size <= 0)
            break;
        sn_error error = sn_socket_send(relay->socket, piece, (size_t)size, SN_FLAG_NONE, NULL);
        if (error)
            status = report_failure("send", relay->text, error);
    }
    free(piece);
    return status;
}

static void *sender_run(void *argument)
{
    struct sender *sender = argument;
    const struct relay *relay = sender->relay;
    sender->status = send_input(relay);
    if (relay->has_end) {
        /* After a failed send there may be nothing left to shut down; that was reported already. */
        sn_error error = sn_socket_shutdown(relay->socket, SN_SHUTDOWN_SEND);
        if (error && sender->status == EXIT_DONE)
            sender->status = report_failure("shut sending down", relay->text, error);
    }
    atomic_store_explicit(&sender->has_ended, true, memory_order_release);
    return NULL;
}

static bool has_ended(struct sender *sender)
{
    return !sender || atomic_load_explicit(&sender->has_ended, memory_order_acquire);
}

/* Prints until the peer's end. */
static int receive_stream(const struct relay *relay, char *piece)
{
    for (;;) {
        size_t size = 0;
        sn_error error =
            sn_socket_receive(relay->socket, piece, RECEIVE_PIECE, SN_FLAG_NONE, &size);
        if (error)
            return report_failure("receive", relay->text, error);
        if (size == 0)
            return EXIT_DONE;
        if (!output_write(piece, size))
            return EXIT_FAILED;
    }
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Prints until input has ended and then nothing came for a while: datagrams have no end to see. */
static int receive_datagrams(const struct relay *relay, struct sender *sender, char *piece)
{
    int step = relay->wait_ms < QUIET_STEP_MS ? relay->wait_ms : QUIET_STEP_MS;
    sn_error error = sn_socket_set_receive_timeout(relay->socket, step > 0 ? step : 1);
    if (error)
        return report_failure("receive", relay->text, error);

    int64_t quiet_since = now_ms();
    for (;;) {
        size_t size = 0;
        error = sn_socket_receive(relay->socket, piece, RECEIVE_PIECE, SN_FLAG_NONE, &size);
        if (error == SN_ERROR_TIMED_OUT) {
            if (!has_ended(sender))
                quiet_since = now_ms();
            else if (now_ms() - quiet_since >= relay->wait_ms)
                return EXIT_DONE;
            continue;
        }
        if (error)
            return report_failure("receive", relay->text, error);
        if (!output_write(piece, size))
            return EXIT_FAILED;
        quiet_since = now_ms();
    }
}

static int receive_all(const struct relay *relay, struct sender *sender)
{
    char *piece = malloc(RECEIVE_PIECE);
    if (!piece)
        return report_failure("receive", relay->text, SN_ERROR_OUT_OF_MEMORY);
    int status =
        relay->has_end ? receive_stream(relay, piece) : receive_datagrams(relay, sender, piece);
    free(piece);
    return status;
}

int relay_run(const struct relay *relay)
{
    if (relay->is_output_only)
        return receive_all(relay, NULL);

    /* Static: the process may end while the sending thread still uses it. */
    static struct sender sender;
    sender.relay = relay;
    pthread_t thread;
    int native = pthread_create(&thread, NULL, sender_run, &sender);
    if (native != 0)
        return report_file_failure("starting a thread", native);

    int status = receive_all(relay, &sender);
    /* A failed receive ends the program at once. So does the peer's end when input is a terminal:
     * nobody types on for somebody who has left. A file or pipe is still sent to its end, for a
     * peer that has only finished its own half. */
    bool ends_now = status != EXIT_DONE || isatty(STDIN_FILENO);
    if (ends_now && !has_ended(&sender))
        exit(status);
    (void)pthread_join(thread, NULL);
    return status != EXIT_DONE ? status : sender.status;
}
