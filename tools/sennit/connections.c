#include "connections.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "arguments/arguments.h"
#include "output.h"
#include "relay.h"
#include "report.h"

/* How long nothing is accepted where another program has what is missing. */
enum { PAUSE_MS = 100 };

struct connection {
    struct relay relay;
    sn_socket *listener; /* a reference: it may be closed here last */
    char peer[TARGET_PEER_TEXT_SIZE];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_ended = PTHREAD_COND_INITIALIZER;
static unsigned count; /* under the lock */

static void change_count(int change)
{
    (void)pthread_mutex_lock(&lock);
    count += (unsigned)change;
    (void)pthread_cond_broadcast(&has_ended);
    (void)pthread_mutex_unlock(&lock);
}

static void end(struct connection *connection)
{
    sn_socket_release(connection->relay.socket);
    sn_socket_release(connection->listener);
    free(connection);
    change_count(-1);
}

static void *serve(void *argument)
{
    struct connection *connection = argument;
    (void)relay_run(&connection->relay); /* a failure was reported */
    if (output_has_failed())
        sn_socket_close(connection->listener); /* which ends the accept that is under way */
    end(connection);
    return NULL;
}

void connections_add(const struct target *target, sn_socket *listener, sn_socket *socket)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        (void)report_failure("receive", target->text, SN_ERROR_OUT_OF_MEMORY);
        sn_socket_release(socket);
        return;
    }
    target_peer_text(target, socket, connection->peer);
    connection->listener = sn_socket_retain(listener);
    connection->relay = (struct relay){.socket = socket,
                                       .text = connection->peer,
                                       .piece_size = target->piece_size,
                                       .has_end = true,
                                       .is_output_only = true};
    change_count(1);
    pthread_t thread;
    int native = pthread_create(&thread, NULL, serve, connection);
    if (native != 0) {
        (void)report_file_failure("starting a thread", native);
        end(connection);
        return;
    }
    (void)pthread_detach(thread);
}

void connections_wait_for_room(void)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += PAUSE_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_mutex_lock(&lock);
    (void)pthread_cond_timedwait(&has_ended, &lock, &until);
    (void)pthread_mutex_unlock(&lock);
}

void connections_wait_for_all(void)
{
    (void)pthread_mutex_lock(&lock);
    while (count > 0)
        (void)pthread_cond_wait(&has_ended, &lock);
    (void)pthread_mutex_unlock(&lock);
}
