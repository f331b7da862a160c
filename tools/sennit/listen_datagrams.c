/* Datagrams of many peers on one socket, and answers to them. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exec.h"
#include "hex.h"
#include "interrupt.h"
#include "listen.h"
#include "output.h"
#include "report.h"

enum {
    DATAGRAM_SIZE_MAX = 256 * 1024 /* Unix datagrams may be longer than UDP's 64 KiB */
};

struct conversation {
    sn_socket *socket;
    const struct target *target;
    const struct listen_choices *choices;
    uint64_t offset;

    pthread_mutex_t lock;
    pthread_cond_t has_come;
    bool has_peer;    /* under the lock */
    sn_endpoint peer; /* the same: whoever sent the last datagram */
};

/* --- Standard input as answers ---------------------------------------------------------------- */

static sn_endpoint wait_for_peer(struct conversation *conversation)
{
    (void)pthread_mutex_lock(&conversation->lock);
    while (!conversation->has_peer)
        (void)pthread_cond_wait(&conversation->has_come, &conversation->lock);
    sn_endpoint peer = conversation->peer;
    (void)pthread_mutex_unlock(&conversation->lock);
    return peer;
}

static void note_peer(struct conversation *conversation, const sn_endpoint *peer)
{
    (void)pthread_mutex_lock(&conversation->lock);
    conversation->peer = *peer;
    conversation->has_peer = true;
    (void)pthread_cond_signal(&conversation->has_come);
    (void)pthread_mutex_unlock(&conversation->lock);
}

static void report_answer(const struct conversation *conversation, const sn_endpoint *peer,
                          sn_error error)
{
    char text[TARGET_PEER_TEXT_SIZE];
    target_format(conversation->target, peer, text);
    (void)report_failure("send", text, error);
}

/* Input is read when somebody is there to get it: a pipe's bytes wait for the first datagram. */
static void *send_input(void *argument)
{
    static char piece[32 * 1024];
    struct conversation *conversation = argument;
    size_t room = conversation->target->piece_size < sizeof piece ? conversation->target->piece_size
                                                                  : sizeof piece;
    (void)wait_for_peer(conversation);
    for (;;) {
        ssize_t size = read(STDIN_FILENO, piece, room);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            break;
        sn_endpoint peer = wait_for_peer(conversation);
        sn_error error =
            sn_socket_send_to(conversation->socket, piece, (size_t)size, SN_FLAG_NONE, &peer, NULL);
        if (error)
            report_answer(conversation, &peer, error);
    }
    return NULL;
}

static int start_input(struct conversation *conversation)
{
    pthread_t thread;
    int native = pthread_create(&thread, NULL, send_input, conversation);
    if (native != 0)
        return report_file_failure("starting a thread", native);
    (void)pthread_detach(thread);
    return EXIT_DONE;
}

/* --- Commands as answers ---------------------------------------------------------------------- */

/* One after the other: the order of the answers is that of the questions. */
static void answer(struct conversation *conversation, const char *data, size_t size,
                   const sn_endpoint *from)
{
    static char text[64 * 1024];
    char peer[TARGET_PEER_TEXT_SIZE];
    size_t answer_size = 0;
    target_format(conversation->target, from, peer);
    if (exec_with_bytes(conversation->choices->command, data, size, peer, text, sizeof text,
                        &answer_size) != EXIT_DONE ||
        answer_size == 0)
        return;
    sn_error error =
        sn_socket_send_to(conversation->socket, text, answer_size, SN_FLAG_NONE, from, NULL);
    if (error)
        report_answer(conversation, from, error);
}

/* --- What comes ------------------------------------------------------------------------------- */

static int take(struct conversation *conversation, const char *data, size_t size,
                const sn_endpoint *from)
{
    const struct listen_choices *choices = conversation->choices;
    char peer[TARGET_PEER_TEXT_SIZE];
    if (choices->is_verbose) {
        target_format(conversation->target, from, peer);
        fprintf(stderr, "sennit: datagram from %s\n", peer);
    }
    if (choices->command) {
        answer(conversation, data, size, from);
        return EXIT_DONE;
    }
    note_peer(conversation, from);
    bool is_written = choices->is_hex ? hex_write('<', conversation->offset, data, size)
                                      : output_write(data, size);
    conversation->offset += size;
    return is_written ? EXIT_DONE : EXIT_FAILED;
}

static int receive(struct conversation *conversation, char *data)
{
    const struct listen_choices *choices = conversation->choices;
    int status = choices->command ? EXIT_DONE : start_input(conversation);
    for (long i = 0; status == EXIT_DONE && (choices->count == 0 || i < choices->count); i++) {
        sn_endpoint from;
        size_t size = 0;
        sn_error error = sn_socket_receive_from(conversation->socket, data, DATAGRAM_SIZE_MAX,
                                                SN_FLAG_NONE, &from, &size);
        if (error == SN_ERROR_CONNECTION_REFUSED || error == SN_ERROR_CONNECTION_RESET) {
            i--; /* about an answer that nobody was there for any more */
            continue;
        }
        status = error ? report_failure("receive", choices->endpoint, error)
                       : take(conversation, data, size, &from);
    }
    return status;
}

int listen_to_datagrams(sn_socket *socket, const struct target *target,
                        const struct listen_choices *choices)
{
    /* Static: the thread that reads input may still be in it at the end of the program. */
    static struct conversation conversation = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                               .has_come = PTHREAD_COND_INITIALIZER};
    conversation.socket = sn_socket_retain(socket);
    conversation.target = target;
    conversation.choices = choices;
    char *data = malloc(DATAGRAM_SIZE_MAX);
    if (!data)
        return report_failure("receive", choices->endpoint, SN_ERROR_OUT_OF_MEMORY);
    int status = receive(&conversation, data);
    free(data);
    sn_socket_close(socket);
    return status;
}
