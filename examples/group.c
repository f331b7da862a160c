/*
 * A relay whose two ends share what they count, without a lock: one socket has joined the other, so
 * their callbacks run on one thread, whichever of the engine's that is.
 *
 *     cc group.c $(pkg-config --cflags --libs sennit) -pthread
 */
#include <semaphore.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

struct relay;

struct end {
    sn_operation operation;
    sn_socket *socket; /* owned */
    struct end *other;
    struct relay *relay;
    char data[4096];
};

struct relay {
    struct end ends[2];
    size_t moved; /* by both directions */
    int open;     /* directions that have not ended */
    sem_t done;
};

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void received(sn_operation *operation);

static void sent(sn_operation *operation)
{
    struct end *end = operation->context;
    operation->completed = received;
    sn_socket_receive_async(end->socket, end->data, sizeof end->data, SN_FLAG_NONE, operation);
}

static void received(sn_operation *operation)
{
    struct end *end = operation->context;
    if (operation->error || operation->transferred == 0) {
        sn_socket_shutdown(end->other->socket, SN_SHUTDOWN_SEND);
        if (--end->relay->open == 0)
            sem_post(&end->relay->done);
        return;
    }
    end->relay->moved += operation->transferred;
    operation->completed = sent;
    sn_socket_send_async(end->other->socket, end->data, operation->transferred, SN_FLAG_NONE,
                         operation);
}

static void start(struct relay *relay, sn_engine *engine, sn_socket *left, sn_socket *right)
{
    relay->open = 2;
    sem_init(&relay->done, 0, 0);
    check("engine", sn_socket_set_engine(left, engine));
    check("join", sn_socket_join(right, left)); /* before their first asynchronous calls */
    for (int i = 0; i < 2; i++) {
        struct end *end = &relay->ends[i];
        end->socket = i == 0 ? left : right;
        end->other = &relay->ends[1 - i];
        end->relay = relay;
        end->operation.context = end;
        end->operation.completed = received;
    }
    for (int i = 0; i < 2; i++)
        sn_socket_receive_async(relay->ends[i].socket, relay->ends[i].data,
                                sizeof relay->ends[i].data, SN_FLAG_NONE,
                                &relay->ends[i].operation);
}

static char say(sn_socket *from, char byte, sn_socket *to)
{
    char heard = 0;
    size_t received;
    check("send", sn_socket_send(from, &byte, 1, SN_FLAG_NONE, NULL));
    check("receive", sn_socket_receive(to, &heard, 1, SN_FLAG_NONE, &received));
    return heard;
}

int main(void)
{
    static struct relay relay;
    sn_engine *engine;
    sn_engine_options options = {.threads = 4};
    sn_socket *left[2], *right[2];
    check("engine", sn_engine_create(&options, &engine));
    check("pair", sn_socket_pair(SN_TYPE_STREAM, left));
    check("pair", sn_socket_pair(SN_TYPE_STREAM, right));
    start(&relay, engine, left[1], right[1]);
    bool is_heard = true;
    for (int i = 0; i < 1000; i++)
        is_heard =
            is_heard && say(left[0], 'l', right[0]) == 'l' && say(right[0], 'r', left[0]) == 'r';
    sn_socket_release(left[0]);
    sn_socket_release(right[0]);
    while (sem_wait(&relay.done) != 0)
        continue;
    printf("%zu bytes\n", relay.moved);
    for (int i = 0; i < 2; i++)
        sn_socket_release(relay.ends[i].socket);
    check("destroy", sn_engine_destroy(engine));
    sem_destroy(&relay.done);
    return is_heard && relay.moved == 2000 ? EXIT_SUCCESS : EXIT_FAILURE;
}
