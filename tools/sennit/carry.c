/*
 * Two threads and one socket: the library lets both work on it at once, so neither direction ever
 * waits for the other, and a full pipe on one side cannot stop the other side.
 *
 * The receiving side runs on the caller's thread and decides when the program ends. The sending
 * side sits in read() on standard input, which nothing can interrupt; where the program must end
 * before input does, the process simply exits with that thread still there.
 */
#include "carry.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "arguments/arguments.h"
#include "clock.h"
#include "hex.h"
#include "interrupt.h"
#include "output.h"
#include "report.h"

enum {
    RECEIVE_PIECE = 64 * 1024, /* the longest datagram fits */
    QUIET_STEP_MS = 100
};

struct session {
    const struct carry *carry;
    atomic_int_fast64_t moved_ms; /* when something moved last, in either direction */
    sn_cancellation_scope scope;  /* of the sending thread */
    atomic_bool has_ended;        /* release after `status`, acquire before reading it */
    int status;                   /* of sending */
};

static void note_move(struct session *session)
{
    atomic_store(&session->moved_ms, clock_now_ms());
}

static int send_piece(struct session *session, const char *piece, size_t size, uint64_t offset)
{
    const struct carry *carry = session->carry;
    sn_error error = sn_socket_send(carry->socket, piece, size, SN_FLAG_NONE, NULL);
    if (error)
        return report_failure("send", carry->text, error);
    note_move(session);
    return carry->is_hex && !hex_write('>', offset, piece, size) ? EXIT_FAILED : EXIT_DONE;
}

static int send_input(struct session *session)
{
    const struct carry *carry = session->carry;
    char *piece = malloc(carry->piece_size);
    if (!piece)
        return report_failure("send", carry->text, SN_ERROR_OUT_OF_MEMORY);

    int status = EXIT_DONE;
    uint64_t offset = 0;
    while (status == EXIT_DONE) {
        ssize_t size = read(STDIN_FILENO, piece, carry->piece_size);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            status = report_file_failure("reading standard input", errno);
        if (size <= 0)
            break;
        status = send_piece(session, piece, (size_t)size, offset);
        offset += (uint64_t)size;
    }
    free(piece);
    return status;
}

static void *sender_run(void *argument)
{
    struct session *session = argument;
    const struct carry *carry = session->carry;
    interrupt_enter(&session->scope);
    session->status = send_input(session);
    if (carry->has_end) {
        /* After a failed send there may be nothing left to shut down; that was reported already. */
        sn_error error = sn_socket_shutdown(carry->socket, SN_SHUTDOWN_SEND);
        if (error && session->status == EXIT_DONE)
            session->status = report_failure("shut sending down", carry->text, error);
    }
    interrupt_leave(&session->scope);
    atomic_store_explicit(&session->has_ended, true, memory_order_release);
    return NULL;
}

static bool has_ended(struct session *session)
{
    return atomic_load_explicit(&session->has_ended, memory_order_acquire);
}

static int64_t idle_left_ms(struct session *session)
{
    return atomic_load(&session->moved_ms) + session->carry->idle_ms - clock_now_ms();
}

static bool print(struct session *session, const char *piece, size_t size, uint64_t *offset)
{
    note_move(session);
    bool is_written =
        session->carry->is_hex ? hex_write('<', *offset, piece, size) : output_write(piece, size);
    *offset += size;
    return is_written;
}

static int report_receive(const struct carry *carry, sn_error error)
{
    if (error == SN_ERROR_TIMED_OUT && carry->idle_ms > 0)
        return report_words("receive", carry->text,
                            "TimedOut: nothing has moved for as long as --idle allows");
    return report_failure("receive", carry->text, error);
}

/* What was sent meanwhile counts as well, so a receive that has waited long enough may go on. */
static sn_error receive_in_time(struct session *session, char *piece, size_t *out_size)
{
    const struct carry *carry = session->carry;
    if (carry->idle_ms == 0)
        return sn_socket_receive(carry->socket, piece, RECEIVE_PIECE, SN_FLAG_NONE, out_size);
    sn_error error = SN_ERROR_TIMED_OUT;
    int64_t left_ms;
    while (error == SN_ERROR_TIMED_OUT && (left_ms = idle_left_ms(session)) > 0) {
        error = sn_socket_set_receive_timeout(carry->socket, left_ms);
        if (!error)
            error = sn_socket_receive(carry->socket, piece, RECEIVE_PIECE, SN_FLAG_NONE, out_size);
    }
    return error;
}

/* Prints until the peer's end. */
static int receive_stream(struct session *session, char *piece)
{
    uint64_t offset = 0;
    for (;;) {
        size_t size = 0;
        sn_error error = receive_in_time(session, piece, &size);
        if (error)
            return report_receive(session->carry, error);
        if (size == 0)
            return EXIT_DONE;
        if (!print(session, piece, size, &offset))
            return EXIT_FAILED;
    }
}

/* Prints until input has ended and then nothing came for a while: datagrams have no end to see. */
static int receive_datagrams(struct session *session, char *piece)
{
    const struct carry *carry = session->carry;
    int step = carry->wait_ms < QUIET_STEP_MS ? carry->wait_ms : QUIET_STEP_MS;
    sn_error error = sn_socket_set_receive_timeout(carry->socket, step > 0 ? step : 1);
    if (error)
        return report_failure("receive", carry->text, error);

    uint64_t offset = 0;
    long answers = 0;
    int64_t quiet_since = clock_now_ms();
    for (;;) {
        size_t size = 0;
        error = sn_socket_receive(carry->socket, piece, RECEIVE_PIECE, SN_FLAG_NONE, &size);
        if (error && error != SN_ERROR_TIMED_OUT)
            return report_failure("receive", carry->text, error);
        if (error && carry->idle_ms > 0 && idle_left_ms(session) <= 0)
            return report_receive(carry, error);
        if (!error && !print(session, piece, size, &offset))
            return EXIT_FAILED;
        if (!error && ++answers == carry->answers)
            return EXIT_DONE;
        if (!error || !has_ended(session))
            quiet_since = clock_now_ms();
        else if (clock_now_ms() - quiet_since >= carry->wait_ms)
            return EXIT_DONE;
    }
}

static int receive_all(struct session *session)
{
    char *piece = malloc(RECEIVE_PIECE);
    if (!piece)
        return report_failure("receive", session->carry->text, SN_ERROR_OUT_OF_MEMORY);
    note_move(session);
    int status = session->carry->has_end ? receive_stream(session, piece)
                                         : receive_datagrams(session, piece);
    free(piece);
    return status;
}

int carry_run(const struct carry *carry)
{
    if (carry->is_output_only) {
        struct session session = {.carry = carry, .has_ended = true};
        return receive_all(&session);
    }
    /* Static: the process may end while the sending thread still uses it. */
    static struct session session;
    session.carry = carry;
    note_move(&session);
    pthread_t thread;
    int native = pthread_create(&thread, NULL, sender_run, &session);
    if (native != 0)
        return report_file_failure("starting a thread", native);

    int status = receive_all(&session);
    /* A failed receive ends the program at once, and so does the last answer. So does the peer's
     * end when input is a terminal: nobody types on for somebody who has left. A file or pipe is
     * still sent to its end, for a peer that has only finished its own half. */
    bool ends_now = status != EXIT_DONE || !carry->has_end || isatty(STDIN_FILENO);
    if (ends_now && !has_ended(&session)) {
        (void)pthread_detach(thread);
        interrupt_die_if_due();
        exit(status);
    }
    (void)pthread_join(thread, NULL);
    return status != EXIT_DONE ? status : session.status;
}
