/*
 * Who owns what, and for how long: a socket that two threads use, and an operation that a structure
 * has inside.
 */
#include <pthread.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* --- A socket, shared by threads -------------------------------------------------------------- */

static void *answer_all(void *context)
{
    sn_socket *socket = context; /* a reference of this thread's own */
    char data[64];
    size_t received = 1;
    sn_error error = SN_OK;
    while (!error && received > 0) {
        error = sn_socket_receive(socket, data, sizeof data, SN_FLAG_NONE, &received);
        if (!error)
            error = sn_socket_send(socket, data, received, SN_FLAG_NONE, NULL);
    }
    printf("the thread was ended: %s\n", sn_error_name(error));
    sn_socket_release(socket);
    return NULL;
}

static void share(sn_socket *socket, sn_socket *peer)
{
    pthread_t thread;
    char data[8];
    size_t received;
    if (pthread_create(&thread, NULL, answer_all, sn_socket_retain(socket)) != 0)
        exit(EXIT_FAILURE);
    check(sn_socket_send(peer, "ping", 4, SN_FLAG_NONE, NULL));
    check(sn_socket_receive(peer, data, sizeof data, SN_FLAG_NONE, &received));

    sn_socket_close(socket);    /* ends the receive of the thread, whoever holds a reference */
    pthread_join(thread, NULL); /* the pointer is valid until both have released it */
}

/* --- A record, inside a structure of the program ---------------------------------------------- */

struct request {
    sn_operation operation; /* lent from the start to the completion */
    sn_socket *socket;      /* owned */
    char data[64];          /* lent, too */
};

static void ended(sn_operation *operation)
{
    struct request *request = operation->context;
    sn_socket_release(request->socket);
    free(request); /* the record is ours again, and so it may go */
}

static void begin(sn_socket *socket)
{
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        exit(EXIT_FAILURE);
    request->socket = sn_socket_retain(socket);
    request->operation.completed = ended;
    request->operation.context = request;
    sn_socket_receive_async(socket, request->data, sizeof request->data, SN_FLAG_NONE,
                            &request->operation);
}

/* --- The end of all --------------------------------------------------------------------------- */

static void finish(sn_socket *socket)
{
    sn_operation closing = {0};
    begin(socket);
    sn_socket_close_async(socket, &closing);
    check(sn_operation_wait(&closing)); /* every callback of the socket has run */
}

int main(void)
{
    sn_socket *pair[2];
    check(sn_socket_pair(SN_TYPE_STREAM, pair));
    share(pair[0], pair[1]);
    finish(pair[1]);
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
}
