/* The accept loop as it is documented: after a passing error it goes on. And accepts of a ring for
 * which no descriptor was left to wait for them otherwise, one into a socket that was made before.
 */
#include "faults/scenarios/all.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { CLIENTS = 3, PATIENCE = 4 };

static struct {
    sn_socket *listener, *into;
    struct op accept;
    unsigned accepted, errors;
    bool has_started;
} room;

static void go_on(void);

static void accepted(struct op *op)
{
    sn_error error = op->operation.error;
    must(!error == (op->operation.socket != NULL), "an accept without a socket, or the reverse");
    if (!error) {
        keep(op->operation.socket);
        note(&room.accepted);
        go_on();
    } else if (sn_error_is_transient(error) && room.errors++ < PATIENCE) {
        go_on();
    } else if (!is_stopped()) {
        (void)step("accept", error);
        stop();
    }
}

static void go_on(void)
{
    sn_socket_accept_async(room.listener, NULL, op_ready(&room.accept, accepted));
}

void play_accept_loop(void)
{
    sn_endpoint address;
    memset(&room, 0, sizeof room);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if ((room.listener = listener_open(engine, &address)) != NULL) {
        go_on();
        bool is_fine = true;
        for (int i = 0; is_fine && i < CLIENTS; i++) {
            sn_socket *client = client_open(NULL);
            is_fine = client && step("connect", sn_socket_connect(client, &address));
        }
        if (is_fine)
            wait_for(NULL, &room.accepted, CLIENTS);
    }
    engine_end(engine, 1);
}

/* --- Without the descriptor that accepts wait by ---------------------------------------------- */

static struct op entry, lifting;
static struct rlimit usual;

static void limit_descriptors(int limit)
{
    struct rlimit limits = usual;
    limits.rlim_cur = (rlim_t)limit;
    (void)setrlimit(RLIMIT_NOFILE, &limits);
}

static void lift(struct op *op)
{
    (void)op; /* it is lifted in any case, see below */
    (void)setrlimit(RLIMIT_NOFILE, &usual);
}

static void start_entry(void);

static void entry_ended(struct op *op)
{
    sn_error error = op->operation.error;
    /* Later a failure may have used the connection up, and there is no other. */
    if (!room.has_started && sn_error_is_transient(error) && room.errors++ < PATIENCE) {
        start_entry();
    } else {
        if (!step("accept into a socket", error))
            stop();
        note(&room.accepted);
    }
}

static void start_entry(void)
{
    sn_socket_accept_async(room.listener, room.into, op_ready(&entry, entry_ended));
}

/* The first run makes the back-end: a ring gets one descriptor then, and none beside it. The accept
 * finds none either and becomes an entry of the ring, which the kernel sees after the callback that
 * lifts the limit. (On epoll one is all it needs, and the accept is the one that is short.) */
static bool start_with_one_descriptor(sn_engine *engine)
{
    (void)getrlimit(RLIMIT_NOFILE, &usual);
    int next = dup(STDIN_FILENO); /* where none is left it stays so */
    if (next >= 0) {
        (void)close(next);
        limit_descriptors(next + 1);
    }
    bool is_fine = step("run", sn_engine_run(engine, 0, NULL));
    if (is_fine) {
        start_entry();
        sn_engine_post_async(engine, op_ready(&lifting, lift));
        is_fine = step("run again", sn_engine_run(engine, 0, NULL));
    }
    (void)setrlimit(RLIMIT_NOFILE, &usual);
    room.has_started = true;
    return is_fine;
}

void play_accept_entry(void)
{
    sn_endpoint address;
    memset(&room, 0, sizeof room);
    memset(&entry, 0, sizeof entry);
    memset(&lifting, 0, sizeof lifting);
    sn_engine *engine = engine_open(0);
    if (!engine)
        return;
    room.listener = listener_open(engine, &address);
    sn_socket *client = room.listener ? client_open(NULL) : NULL;
    room.into = client ? client_open(NULL) : NULL;
    if (room.into && start_with_one_descriptor(engine) &&
        step("connect", sn_socket_connect(client, &address)))
        wait_for(engine, &room.accepted, 1);
    engine_end(engine, 0);
}
