/* The ends of a relay: what a text means, and how it becomes a socket. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"
#include "interrupt.h"
#include "relay.h"
#include "report.h"

/* The text behind a word that it begins with, or NULL. */
static const char *behind(const char *text, const char *word)
{
    size_t size = strlen(word);
    return strncmp(text, word, size) == 0 ? text + size : NULL;
}

const char *relay_end_parse(const char *text, enum relay_role role, struct relay_end *out_end)
{
    *out_end = (struct relay_end){.text = text, .role = role};
    const char *rest;
    if (strcmp(text, "-") == 0) {
        out_end->role = RELAY_STANDARD;
        return NULL;
    }
    if ((rest = behind(text, "exec:")) != NULL) {
        out_end->role = RELAY_RUNS;
        out_end->command = rest;
        return *rest ? NULL : "the command is missing; write exec:COMMAND";
    }
    if ((rest = behind(text, "listen:")) != NULL)
        out_end->role = RELAY_LISTENS;
    else if ((rest = behind(text, "connect:")) != NULL)
        out_end->role = RELAY_CONNECTS;
    else
        rest = text;
    return out_end->role == RELAY_LISTENS ? target_parse(rest, &out_end->target)
                                          : target_parse_remote(rest, &out_end->target);
}

bool relay_end_is_datagrams(const struct relay_end *end)
{
    return (end->role == RELAY_LISTENS || end->role == RELAY_CONNECTS) &&
           !target_is_connected_kind(&end->target);
}

/* --- Programs --------------------------------------------------------------------------------- */

struct program {
    const char *command;
    sn_socket *socket;
    char peer[TARGET_PEER_TEXT_SIZE];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_ended = PTHREAD_COND_INITIALIZER;
static long running;    /* programs; under the lock */
static bool has_failed; /* the same */

static void note_start(void)
{
    (void)pthread_mutex_lock(&lock);
    running++;
    (void)pthread_mutex_unlock(&lock);
}

static void note_end(int status)
{
    (void)pthread_mutex_lock(&lock);
    running--;
    has_failed = has_failed || status != EXIT_DONE;
    (void)pthread_cond_broadcast(&has_ended);
    (void)pthread_mutex_unlock(&lock);
}

/* Its end is reported where it is no good one; the relay itself sees the end of its output. */
static void *run_program(void *argument)
{
    struct program *program = argument;
    int status = exec_with_socket(program->command, program->socket, program->peer);
    sn_socket_release(program->socket);
    free(program);
    note_end(status);
    return NULL;
}

/* After a signal they are left to themselves: they may have been sent it as well, or not. */
int relay_programs_wait(void)
{
    (void)pthread_mutex_lock(&lock);
    while (running > 0 && !interrupt_is_coming())
        (void)pthread_cond_wait(&has_ended, &lock);
    bool has_any_failed = has_failed;
    (void)pthread_mutex_unlock(&lock);
    return has_any_failed ? EXIT_FAILED : EXIT_DONE;
}

static int start_program(const struct relay_end *end, sn_socket **out_socket)
{
    struct program *program = calloc(1, sizeof *program);
    sn_socket *both[2] = {NULL, NULL};
    sn_error error = program ? sn_socket_pair(SN_TYPE_STREAM, both) : SN_ERROR_OUT_OF_MEMORY;
    if (error) {
        free(program);
        return report_failure("exec", end->command, error);
    }
    program->command = end->command;
    program->socket = both[1];
    snprintf(program->peer, sizeof program->peer, "relay");
    pthread_t thread;
    note_start();
    int native = pthread_create(&thread, NULL, run_program, program);
    if (native != 0) {
        note_end(EXIT_FAILED);
        sn_socket_release(both[0]);
        sn_socket_release(program->socket);
        free(program);
        return report_file_failure("starting a thread", native);
    }
    (void)pthread_detach(thread);
    *out_socket = both[0];
    return EXIT_DONE;
}

/* --- Opening ---------------------------------------------------------------------------------- */

static int accept_one(struct relay_end *end, sn_socket **out_socket)
{
    sn_error error;
    while (sn_error_is_transient(error = sn_socket_accept(end->listener, out_socket)) &&
           !interrupt_is_coming())
        ;
    return error ? report_failure("accept", end->target.text, error) : EXIT_DONE;
}

int relay_end_open(struct relay_end *end, const struct relay_choices *choices, sn_socket *client,
                   sn_socket **out_socket, char out_text[TARGET_PEER_TEXT_SIZE])
{
    int status;
    if (end->role == RELAY_RUNS) {
        snprintf(out_text, TARGET_PEER_TEXT_SIZE, "exec:%.*s", TARGET_PEER_TEXT_SIZE - 6,
                 end->command);
        return start_program(end, out_socket);
    }
    if (end->role == RELAY_LISTENS)
        status = accept_one(end, out_socket);
    else
        status = way_connect(&choices->way, &end->target, "connect", client, out_socket);
    if (status == EXIT_DONE)
        target_peer_text(&end->target, *out_socket, out_text);
    return status;
}
